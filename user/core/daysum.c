// SPDX-License-Identifier: GPL-2.0-or-later
/* The sums of a day: what each network adds to the tables, and the pools. */
#include <string.h>

#include "daysum_impl.h"

/* --- one network --------------------------------------------------------------------------- */

/* Terms of one row, from @i on. */
static size_t row_end(const struct xn_member *m, size_t i)
{
	size_t end = i + 1;

	while (end < m->n_terms && m->terms[end].row == m->terms[i].row)
		end++;
	return end;
}

/* What counts of them. Return: NULL: nothing was sold. */
static const struct xn_term *in_force(const struct xn_member *m, size_t i, size_t end,
				      uint32_t held)
{
	const struct xn_term *found = NULL;

	for (; i < end; i++)
		if (m->terms[i].entry == XN_ENTRY_ALWAYS || (held >> m->terms[i].entry & 1))
			found = &m->terms[i];
	return found;
}

static double figure_of(const struct xn_term *term, enum xn_figure figure)
{
	return term ? term->figures[figure] : 0;
}

double xn_member_figure(const struct xn_member *m, size_t row, enum xn_figure figure, uint32_t held)
{
	size_t i = 0;

	while (i < m->n_terms && m->terms[i].row != row)
		i++;
	return i < m->n_terms ? figure_of(in_force(m, i, row_end(m, i), held), figure) : 0;
}

/* Few, and nearly in order. */
static void insert_edge(uint16_t *edges, size_t *n, uint16_t edge)
{
	size_t i = (*n)++;

	for (; i && edges[i - 1] > edge; i--)
		edges[i] = edges[i - 1];
	edges[i] = edge;
}

/*
 * Slots at which what holds may change while some entry of @changed does. Of those that are held outside these times nothing
 * counts.
 */
static size_t edges_of(const struct xn_daysum *z, const struct network *net, struct held held,
		       struct held changed, uint16_t *edges)
{
	size_t n = 0;

	for (uint32_t left = held.today | held.yesterday; left; left &= left - 1) {
		int i = __builtin_ctz(left);
		const struct entry *e = &net->entries[i];

		if (held.today >> i & 1)
			insert_edge(edges, &n, e->begin);
		if (e->wraps && (changed.today >> i & 1))
			insert_edge(edges, &n, z->slots);
		if (e->wraps && (changed.yesterday >> i & 1))
			insert_edge(edges, &n, 0);
		insert_edge(edges, &n, e->end);
	}
	return n;
}

/* Entries that hold from a slot on, to the next edge. */
static uint32_t held_at(const struct network *net, struct held held, int slot)
{
	uint32_t bits = 0;

	for (uint32_t left = held.today | held.yesterday; left; left &= left - 1) {
		int i = __builtin_ctz(left);
		const struct entry *e = &net->entries[i];
		bool holds = (held.today >> i & 1) && slot >= e->begin &&
			     (e->wraps || slot < e->end);

		holds |= (held.yesterday >> i & 1) && slot < e->end;
		bits |= (uint32_t)holds << i;
	}
	return bits;
}

static bool may_begin(const struct entry *e, int32_t day, int weekday)
{
	return (e->weekdays >> weekday & 1) && day >= e->first && day <= e->last;
}

/* Entries that begin on a day, and those of the day before that reach into it; of those with dates only @dated. */
static struct held held_on(const struct network *net, int32_t day, int weekday, struct held dated)
{
	int before = weekday ? weekday - 1 : WEEK - 1;
	struct held held = { 0 };

	for (uint32_t i = 0; i < net->n; i++) {
		const struct entry *e = &net->entries[i];

		held.today |= (uint32_t)may_begin(e, day, weekday) << i;
		if (e->wraps)
			held.yesterday |= (uint32_t)may_begin(e, day - 1, before) << i;
	}
	held.today &= ~net->dated | dated.today;
	held.yesterday &= ~net->dated | dated.yesterday;
	return held;
}

static bool is_same(struct held a, struct held b)
{
	return a.today == b.today && a.yesterday == b.yesterday;
}

/* --- dates ----------------------------------------------------------------------------------- */

/* Of the day set, as in pattern.built. */
static uint8_t pattern_bits(const struct xn_daysum *z, const struct pattern *p, int32_t day)
{
	uint8_t bits = 0;

	if (day <= p->last)
		bits |= xn_when_is_date(p->when, z->date);
	if (p->wraps && day <= p->last + 1)
		bits |= xn_when_is_date(p->when, z->before) << 1;
	return bits;
}

/* Entries with dates that the day set is one of, or the day before. */
static struct held dated_on(const struct xn_daysum *z, const struct network *net)
{
	struct held dated = { 0 };

	for (uint32_t left = net->dated; left; left &= left - 1) {
		int i = __builtin_ctz(left);
		const struct xn_when *when = z->patterns[net->entries[i].pattern].when;

		dated.today |= (uint32_t)xn_when_is_date(when, z->date) << i;
		dated.yesterday |= (uint32_t)xn_when_is_date(when, z->before) << i;
	}
	return dated;
}

/* --- tables ---------------------------------------------------------------------------------- */

size_t xn_daysum_cells(const struct xn_daysum *z)
{
	return z->asks ? 2 * z->lanes->n : z->lanes->n;
}

/* Where the steps of a part of a day are. */
struct part {
	double *begin, *end;
	size_t asked; /* so far behind */
};

static void add_step(const struct part *part, const struct xn_member *m, int lane, double value)
{
	double sold = m->counts ? value : 0;

	part->begin[lane] += sold;
	part->end[lane] -= sold;
	if (!m->asks)
		return;
	part->begin[part->asked + lane] += m->asks * value;
	part->end[part->asked + lane] -= m->asks * value;
}

/* One part of a day in which other entries hold. */
static void add_part(const struct xn_daysum *z, const struct part *part, const struct xn_member *m,
		     uint32_t before, uint32_t now, double sign)
{
	for (size_t i = 0, end; i < m->n_terms; i = end) {
		const int8_t *lanes = z->lanes->of[m->terms[i].row];
		const struct xn_term *old, *new;

		end = row_end(m, i);
		if (lanes[XN_GUARANTEE] < 0 && lanes[XN_LONG_TERM] < 0)
			continue;
		old = in_force(m, i, end, before);
		new = in_force(m, i, end, now);
		for (int f = 0; f < XN_FIGURES && old != new; f++) {
			double value = figure_of(new, f) - figure_of(old, f);

			if (lanes[f] >= 0 && value != 0)
				add_step(part, m, lanes[f], sign * value);
		}
	}
}

/* Add, @sign times, what a network has more while @is is held than while @was is. */
static void add_change(const struct xn_daysum *z, double *steps, const struct network *net,
		       struct held was, struct held is, double sign)
{
	struct held held = { was.today | is.today, was.yesterday | is.yesterday };
	struct held changed = { was.today ^ is.today, was.yesterday ^ is.yesterday };
	size_t cells = xn_daysum_cells(z), n;
	uint16_t edges[EDGES_MAX];

	n = edges_of(z, net, held, changed, edges);
	for (size_t i = 0; i + 1 < n; i++) {
		struct part part = { steps + edges[i] * cells, steps + edges[i + 1] * cells,
				     z->lanes->n };
		uint32_t before, now;

		if (edges[i] == edges[i + 1] || !held_at(net, changed, edges[i]))
			continue;
		before = held_at(net, was, edges[i]);
		now = held_at(net, is, edges[i]);
		if (before != now)
			add_part(z, &part, net->member, before, now, sign);
	}
}

/* Bring what one network adds to a weekday's table to the day set. */
static void examine(struct xn_daysum *z, size_t of, int32_t day, int weekday)
{
	const struct network *net = &z->networks[of];
	struct held *held = &z->held[of][weekday], dated = { 0 }, is;

	if (net->dated && net->pool == NO_POOL)
		dated = dated_on(z, net);
	is = held_on(net, day, weekday, dated);
	if (is_same(*held, is))
		return;
	add_change(z, z->steps + weekday * xn_daysum_table(z), net, *held, is, 1);
	*held = is;
	z->dirty[weekday] = true;
}

/* Those whose first day, or the day after whose last one, came since a day of the same weekday, or a day before. */
static void examine_events(struct xn_daysum *z, int32_t since, int32_t day, int weekday)
{
	for (size_t i = xn_daysum_first_event(z, since); i < z->n_events && z->events[i].day <= day;
	     i++)
		examine(z, z->events[i].of, day, weekday);
}

static void examine_patterns(struct xn_daysum *z, int32_t day, int weekday)
{
	for (size_t p = 0; p < z->n_patterns; p++) {
		struct pattern *pattern = &z->patterns[p];
		uint8_t bits;

		if (!pattern->n)
			continue;
		bits = pattern_bits(z, pattern, day);
		if (bits == pattern->built[weekday])
			continue;
		pattern->built[weekday] = bits;
		for (size_t i = 0; i < pattern->n; i++)
			examine(z, z->dated[pattern->first + i].of, day, weekday);
	}
}

/* --- pools ----------------------------------------------------------------------------------- */

/* The arena has room for all that there can be. */
static struct variant *new_variant(struct xn_daysum *z, uint32_t n, uint32_t state)
{
	struct variant *v = (struct variant *)(z->arena + z->arena_used);

	z->arena_used += xn_daysum_variant_bytes(z, n);
	*v = (struct variant){ .state = state, .day = NO_DAY };
	v->steps = (double *)(v + 1);
	v->plain = (struct held *)(v->steps + xn_daysum_table(z));
	v->with = v->plain + n;
	memset(v->steps, 0, xn_daysum_table(z) * sizeof(*v->steps));
	memset(v->plain, 0, 2 * n * sizeof(*v->plain));
	return v;
}

static struct variant *get_variant(struct xn_daysum *z, struct pool *pool, int weekday,
				   uint32_t state)
{
	struct variant **v = &pool->variants[weekday];

	while (*v && (*v)->state != state)
		v = &(*v)->next;
	if (!*v)
		*v = new_variant(z, pool->n, state);
	return *v;
}

static void examine_variant(struct xn_daysum *z, const struct pool *pool, struct variant *v,
			    uint32_t of, int32_t day)
{
	const struct network *net = &z->networks[pool->first + of];
	int weekday = xn_weekday(day);
	struct held plain = held_on(net, day, weekday, (struct held){ 0 });
	struct held with = held_on(net, day, weekday, dated_on(z, net));

	if (is_same(plain, v->plain[of]) && is_same(with, v->with[of]))
		return;
	add_change(z, v->steps, net, v->plain[of], v->with[of], -1);
	add_change(z, v->steps, net, plain, with, 1);
	v->plain[of] = plain;
	v->with[of] = with;
	v->version++;
}

/* Bring it to the day set, on which its pool has its state. */
static void need_variant(struct xn_daysum *z, const struct pool *pool, struct variant *v,
			 int32_t day)
{
	if (v->day == NO_DAY)
		for (uint32_t i = 0; i < pool->n; i++)
			examine_variant(z, pool, v, i, day);
	else
		for (size_t i = xn_daysum_first_event(z, v->day);
		     i < z->n_events && z->events[i].day <= day; i++)
			if (z->events[i].of - pool->first < pool->n)
				examine_variant(z, pool, v, z->events[i].of - pool->first, day);
	v->day = day;
}

static uint32_t pool_state(const struct xn_daysum *z, const struct pool *pool, int32_t day)
{
	uint32_t state = 0;

	for (uint32_t i = 0; i < pool->n_patterns; i++)
		state = state << 2 | pattern_bits(z, &z->patterns[pool->patterns[i]], day);
	return state;
}

/* --- sums ------------------------------------------------------------------------------------ */

/* Four cells at a time, so that a compiler makes vectors of them. */
static inline void add_cells(double *restrict to, const double *restrict from, size_t cells)
{
	for (size_t i = 0; i < cells; i += 4)
		for (size_t j = 0; j < 4; j++)
			to[i + j] += from[i + j];
}

/* Each slot is the one before it and its steps. */
static void add_up(struct xn_daysum *z, int weekday, struct variant *const *added, size_t n)
{
	static const double nothing[XN_CELLS];
	size_t cells = xn_daysum_cells(z);
	const double *steps = z->steps + weekday * xn_daysum_table(z), *before = nothing;
	double *values = z->values + weekday * xn_daysum_table(z);

	for (size_t i = 0; i < z->slots * cells; i += cells) {
		for (size_t j = 0; j < cells; j += 4)
			for (size_t k = 0; k < 4; k++)
				values[i + j + k] = before[j + k] + steps[i + j + k];
		for (size_t j = 0; j < n; j++)
			add_cells(values + i, added[j]->steps + i, cells);
		before = values + i;
	}
	z->dirty[weekday] = false;
}

/* The pools' tables of the day set. Return: how many. */
static size_t find_added(struct xn_daysum *z, int32_t day, int weekday, struct variant **added,
			 uint64_t *digest)
{
	size_t n = 0;

	*digest = 1;
	for (size_t p = 0; p < z->n_pools; p++) {
		struct pool *pool = &z->pools[p];
		uint32_t state = pool_state(z, pool, day);

		if (!state)
			continue;
		added[n] = get_variant(z, pool, weekday, state);
		need_variant(z, pool, added[n], day);
		*digest = xn_daysum_mix(*digest, (uintptr_t)added[n]);
		*digest = xn_daysum_mix(*digest, added[n++]->version);
	}
	return n;
}

const double *xn_daysum_values(struct xn_daysum *z, int32_t day)
{
	int weekday = xn_weekday(day);
	const double *values = z->values + weekday * xn_daysum_table(z);
	struct variant *added[POOLS_MAX];
	uint64_t digest;
	size_t n;

	if (z->day[weekday] == day)
		return values;
	xn_daysum_set_date(z, day);
	if (z->day[weekday] == NO_DAY)
		for (size_t i = 0; i < z->n; i++)
			examine(z, i, day, weekday);
	else
		examine_events(z, z->day[weekday], day, weekday);
	examine_patterns(z, day, weekday);
	z->day[weekday] = day;
	n = find_added(z, day, weekday, added, &digest);
	if (z->dirty[weekday] || digest != z->added[weekday])
		add_up(z, weekday, added, n);
	z->added[weekday] = digest;
	return values;
}
