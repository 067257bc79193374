// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For each weekday there is a table of the sum's steps from slot to slot. Of one week to the next it changes only with
 * the networks that have an entry of which the first day came or the last one went (events), or a date (patterns).
 *
 * Many contracts have the same dates, as the last of each month, and all of them would go into the tables and out of them
 * again and again. So networks with the same dates are a pool: the tables have what they are sold on days that
 * are none of these dates, and each pool has tables of the difference on days that are, which are added as a whole.
 */
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "daysum.h"

#define WEEK	      7
#define EDGES_MAX     (4 * XN_SCHEDULE_MAX)
#define NO_DAY	      INT32_MIN
#define LAST_DAY      (INT32_MAX / 2)
#define NO_POOL	      UINT32_MAX
#define NO_PATTERN    UINT32_MAX
#define POOL_PATTERNS 3
#define POOLS_MAX     64
#define POOL_BYTES    (32 << 20) /* of all pools' tables at most */

/* One entry of a schedule, as it is needed most often. */
struct entry {
	int32_t first, last; /* days on which it may begin */
	uint32_t pattern;    /* NO_PATTERN: it has no date */
	uint16_t begin, end; /* slots */
	uint8_t weekdays;    /* bit 0: Monday */
	bool wraps;
};

struct network {
	const struct xn_member *member;
	const struct entry *entries;
	uint32_t n;
	uint32_t dated; /* bits of entries with a date */
	uint32_t pool;	/* NO_POOL: by itself */
};

/* A day on which somebody's entry begins or has ended. */
struct event {
	int32_t day;
	uint32_t of; /* network */
};

/* Entries with the same dates. */
struct pattern {
	const struct xn_when *when;
	uint32_t first, n; /* in xn_daysum.dated: networks that are by themselves */
	int32_t last;	   /* no entry of them begins after it */
	bool wraps;	   /* some entry of them reaches into the day after */
	uint64_t key;	   /* for digests */
	uint8_t built[WEEK]; /* bit 0: the day that the weekday's table is of is one of its dates; bit 1: the day before is */
};

struct dated {
	const struct xn_when *when;
	uint32_t entry; /* in xn_daysum.entries */
	uint32_t of;	/* network */
};

/* One network on one day: entries of that day, and of the day before; bits. */
struct held {
	uint32_t today, yesterday;
};

/* What a pool has more on days that are such of its dates: steps. */
struct variant {
	struct variant *next;
	uint32_t state; /* two bits of each pattern, as pattern.built */
	uint32_t version;
	int32_t day;		   /* that it is of */
	struct held *plain, *with; /* of each network: without its dates, with them */
	double *steps;
};

/* Networks with the same set of patterns. */
struct pool {
	uint32_t first, n; /* networks */
	uint32_t patterns[POOL_PATTERNS];
	uint32_t n_patterns;
	struct variant *variants[WEEK];
};

/* Digests of the patterns that are in force in a year: by the day of the month, from its begin and from its end. */
struct calendar {
	int year;
	uint64_t alive; /* digest of who is in it */
	uint64_t days[13][32], last_days[13][32];
};

struct xn_daysum {
	const struct xn_zone *zone;
	const struct xn_lanes *lanes;
	int slot, slots; /* minutes; a day */
	bool asks;	 /* somebody asks or gives back */

	struct network *networks;
	size_t n;
	struct entry *entries;
	struct event *events;
	size_t n_events;
	struct dated *dated;
	size_t n_dated;
	struct pattern *patterns;
	size_t n_patterns;
	struct pool *pools;
	size_t n_pools;
	char *arena; /* of variants */
	size_t arena_used;

	int32_t day[WEEK];    /* that the tables are of */
	bool dirty[WEEK];     /* its values are old */
	uint64_t added[WEEK]; /* digest of the pools' tables that are in its values */
	struct held (*held)[WEEK];
	double *steps;	/* of each weekday, slot and cell: less the slot before */
	double *values; /* likewise: the sums */

	struct calendar today,
		yesterday; /* of the day's year, of the day before's: who reaches into the day */
	int32_t known[2];  /* days that @digests are of */
	uint64_t digests[2];

	int32_t date_of;	     /* the day that is looked at */
	struct xn_date date, before; /* of it, of the one before */
};

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

static void set_date(struct xn_daysum *z, int32_t day)
{
	if (day == z->date_of)
		return;
	z->before = day == z->date_of + 1 ? z->date : xn_date_of(day - 1);
	z->date = xn_date_after(z->before);
	z->date_of = day;
}

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

static size_t table_size(const struct xn_daysum *z)
{
	return ((size_t)z->slots + 1) * (z->asks ? XN_CELLS : XN_LANES);
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
	add_change(z, z->steps + weekday * table_size(z), net, *held, is, 1);
	*held = is;
	z->dirty[weekday] = true;
}

/* The first of the events from a day on. */
static size_t first_event(const struct xn_daysum *z, int32_t day)
{
	size_t low = 0, high = z->n_events;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->events[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Those whose first day, or the day after whose last one, came since a day of the same weekday, or a day before. */
static void examine_events(struct xn_daysum *z, int32_t since, int32_t day, int weekday)
{
	for (size_t i = first_event(z, since); i < z->n_events && z->events[i].day <= day; i++)
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

static size_t variant_bytes(const struct xn_daysum *z, uint32_t n)
{
	return sizeof(struct variant) + 2 * n * sizeof(struct held) +
	       table_size(z) * sizeof(double);
}

/* The arena has room for all that there can be. */
static struct variant *new_variant(struct xn_daysum *z, uint32_t n, uint32_t state)
{
	struct variant *v = (struct variant *)(z->arena + z->arena_used);

	z->arena_used += variant_bytes(z, n);
	*v = (struct variant){ .state = state, .day = NO_DAY };
	v->steps = (double *)(v + 1);
	v->plain = (struct held *)(v->steps + table_size(z));
	v->with = v->plain + n;
	memset(v->steps, 0, table_size(z) * sizeof(*v->steps));
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
		for (size_t i = first_event(z, v->day); i < z->n_events && z->events[i].day <= day;
		     i++)
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

static uint64_t mix(uint64_t digest, uint64_t value)
{
	digest = (digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return digest ^ digest >> 32;
}

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
	const double *steps = z->steps + weekday * table_size(z), *before = nothing;
	double *values = z->values + weekday * table_size(z);

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
		*digest = mix(*digest, (uintptr_t)added[n]);
		*digest = mix(*digest, added[n++]->version);
	}
	return n;
}

const double *xn_daysum_values(struct xn_daysum *z, int32_t day)
{
	int weekday = xn_weekday(day);
	const double *values = z->values + weekday * table_size(z);
	struct variant *added[POOLS_MAX];
	uint64_t digest;
	size_t n;

	if (z->day[weekday] == day)
		return values;
	set_date(z, day);
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

/* --- digests --------------------------------------------------------------------------------- */

/* Is any of its dates in the year, and some entry of it left? */
static bool is_alive(const struct pattern *p, int32_t first_day, int year)
{
	return first_day <= p->last + 1 && xn_when_in_year(p->when, year);
}

static void note_pattern(struct calendar *c, const struct pattern *p)
{
	bool from_end = p->when->last_days;
	uint32_t days = from_end ? p->when->last_days : p->when->days;
	uint64_t(*table)[32] = from_end ? c->last_days : c->days;

	for (int month = 1; month <= 12; month++)
		for (uint32_t left = p->when->months >> month & 1 ? days : 0; left;
		     left &= left - 1)
			table[month][__builtin_ctz(left)] ^= p->key;
}

/* @wraps: only patterns of which an entry reaches into the day after */
static void make_calendar(const struct xn_daysum *z, struct calendar *c, int year, bool wraps)
{
	int32_t first = xn_day_of((struct xn_date){ year, 1, 1 });
	uint64_t alive = 1;

	c->year = year;
	for (size_t p = 0; p < z->n_patterns; p++)
		if (is_alive(&z->patterns[p], first, year) && (z->patterns[p].wraps || !wraps))
			alive += z->patterns[p].key;
	if (alive == c->alive)
		return;
	*c = (struct calendar){ .year = year, .alive = alive };
	for (size_t p = 0; p < z->n_patterns; p++)
		if (is_alive(&z->patterns[p], first, year) && (z->patterns[p].wraps || !wraps))
			note_pattern(c, &z->patterns[p]);
}

static uint64_t look_up(const struct calendar *c, struct xn_date date)
{
	int left = xn_month_length(date.year, date.month) - date.day + 1;

	return c->days[date.month][date.day] ^ c->last_days[date.month][left];
}

static uint64_t dates_digest(struct xn_daysum *z, int32_t day)
{
	set_date(z, day);
	if (z->today.year != z->date.year)
		make_calendar(z, &z->today, z->date.year, false);
	if (z->yesterday.year != z->before.year)
		make_calendar(z, &z->yesterday, z->before.year, true);
	return mix(mix(1, look_up(&z->today, z->date)), look_up(&z->yesterday, z->before));
}

uint64_t xn_daysum_digest(struct xn_daysum *z, int32_t day)
{
	size_t i = day & 1;
	uint64_t digest = 1;

	if (z->known[i] == day)
		return z->digests[i];
	if (z->n_events) {
		/* what begins or has ended counts on its day, and on the day after */
		digest = mix(digest, first_event(z, day));
		digest = mix(digest, first_event(z, day + 1));
	}
	if (z->n_patterns)
		digest = mix(digest, dates_digest(z, day));
	z->known[i] = day;
	z->digests[i] = digest;
	return digest;
}

/* --- what comes ------------------------------------------------------------------------------ */

const struct xn_zone *xn_daysum_zone(const struct xn_daysum *z)
{
	return z->zone;
}

int xn_daysum_last_year(const struct xn_daysum *z, int year)
{
	if (z->n_events) {
		int last = xn_date_of(z->events[z->n_events - 1].day + WEEK).year;

		year = last > year ? last : year;
	}
	for (size_t p = 0; p < z->n_patterns; p++) {
		const struct xn_when *when = z->patterns[p].when;

		for (size_t i = 0; i < when->n_years; i++)
			year = when->years[i].to > year ? when->years[i].to : year;
	}
	return year;
}

/* The next day of which the dates are not as a week before. */
static int32_t next_of_dates(struct xn_daysum *z, int32_t day, int32_t none)
{
	uint64_t week[WEEK], digest;

	for (int32_t before = day - WEEK; before < day; before++)
		week[xn_weekday(before)] = dates_digest(z, before);
	for (int weekday = xn_weekday(day); day < none; day++) {
		digest = dates_digest(z, day);
		if (digest != week[weekday])
			return day;
		weekday = weekday < WEEK - 1 ? weekday + 1 : 0;
	}
	return none;
}

int32_t xn_daysum_next_change(struct xn_daysum *z, int32_t day, int32_t none)
{
	size_t e = first_event(z, day);

	if (e < z->n_events && z->events[e].day < none)
		none = z->events[e].day;
	return z->n_patterns ? next_of_dates(z, day, none) : none;
}

/* --- setting up: networks and their entries -------------------------------------------------- */

static void put_entry(const struct xn_daysum *z, struct entry *entry, const struct xn_when *when)
{
	*entry = (struct entry){
		.first = when->first_day, /* XN_DAY_NEVER: before all others */
		.last = when->last_day == XN_DAY_NEVER ? LAST_DAY : when->last_day,
		.pattern = NO_PATTERN,
		.begin = when->begin / z->slot,
		.end = when->end / z->slot,
		.weekdays = when->weekdays,
		.wraps = xn_when_wraps(when),
	};
}

static void put_network(struct xn_daysum *z, const struct xn_member *m, uint32_t *n_entries)
{
	struct network *net = &z->networks[z->n++];

	*net = (struct network){ m, z->entries + *n_entries, m->schedule.n, .pool = NO_POOL };
	for (uint32_t i = 0; i < net->n; i++) {
		const struct xn_when *when = &m->schedule.entries[i];

		put_entry(z, &z->entries[*n_entries], when);
		if (xn_when_is_dated(when)) {
			net->dated |= UINT32_C(1) << i;
			z->dated[z->n_dated++] = (struct dated){ when, *n_entries };
		}
		++*n_entries;
	}
}

/* By their dates alone. */
static int compare_dated(const void *a, const void *b)
{
	const struct xn_when *x = ((const struct dated *)a)->when;
	const struct xn_when *y = ((const struct dated *)b)->when;

	if (x->months != y->months)
		return x->months < y->months ? -1 : 1;
	if (x->days != y->days)
		return x->days < y->days ? -1 : 1;
	if (x->last_days != y->last_days)
		return x->last_days < y->last_days ? -1 : 1;
	if (x->n_years != y->n_years)
		return x->n_years < y->n_years ? -1 : 1;
	return memcmp(x->years, y->years, sizeof(x->years));
}

static void find_patterns(struct xn_daysum *z)
{
	qsort(z->dated, z->n_dated, sizeof(*z->dated), compare_dated);
	for (size_t i = 0; i < z->n_dated; i++) {
		struct entry *entry = &z->entries[z->dated[i].entry];
		struct pattern *p;

		if (!i || compare_dated(&z->dated[i - 1], &z->dated[i]))
			z->patterns[z->n_patterns++] =
				(struct pattern){ z->dated[i].when, .last = entry->last,
						  .key = mix(mix(i + 1, 0), 1) };
		entry->pattern = z->n_patterns - 1;
		p = &z->patterns[entry->pattern];
		p->wraps |= entry->wraps;
		p->last = entry->last > p->last ? entry->last : p->last;
	}
}

/* --- setting up: pools ------------------------------------------------------------------------ */

/* The patterns of one network, the smallest first, and then NO_PATTERN. */
struct set {
	uint32_t patterns[POOL_PATTERNS];
	uint32_t of;
};

/* Networks with the same set: in an array of sets. */
struct group {
	uint32_t first, n;
};

/* Return: false: it has none, or too many. */
static bool find_set(const struct network *net, struct set *set)
{
	size_t n = 0, i, j;

	for (uint32_t left = net->dated; left; left &= left - 1) {
		uint32_t pattern = net->entries[__builtin_ctz(left)].pattern;

		for (i = 0; i < n && set->patterns[i] < pattern; i++)
			;
		if (i < n && set->patterns[i] == pattern)
			continue;
		if (n == POOL_PATTERNS)
			return false;
		for (j = n++; j > i; j--)
			set->patterns[j] = set->patterns[j - 1];
		set->patterns[i] = pattern;
	}
	for (i = n; i < POOL_PATTERNS; i++)
		set->patterns[i] = NO_PATTERN;
	return n;
}

static int compare_sets(const void *a, const void *b)
{
	const struct set *x = a, *y = b;

	for (size_t i = 0; i < POOL_PATTERNS; i++)
		if (x->patterns[i] != y->patterns[i])
			return x->patterns[i] < y->patterns[i] ? -1 : 1;
	return 0;
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->n > y->n ? -1 : x->n < y->n;
}

static size_t find_groups(const struct set *sets, size_t n, struct group *groups)
{
	size_t n_groups = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!i || compare_sets(&sets[i - 1], &sets[i]))
			groups[n_groups++] = (struct group){ i, 0 };
		groups[n_groups - 1].n++;
	}
	qsort(groups, n_groups, sizeof(*groups), compare_groups);
	return n_groups;
}

/* Of all variants that a pool may come to have. */
static size_t pool_bytes(const struct xn_daysum *z, const struct pool *pool)
{
	size_t states = 1;

	for (uint32_t i = 0; i < pool->n_patterns; i++)
		states *= z->patterns[pool->patterns[i]].wraps ? 4 : 2;
	return WEEK * (states - 1) * variant_bytes(z, pool->n);
}

/* A group becomes a pool, if there is memory for it. Return: bytes. */
static size_t make_pool(struct xn_daysum *z, const struct set *sets, const struct group *group,
			uint32_t first, size_t left)
{
	struct pool *pool = &z->pools[z->n_pools];
	size_t bytes;

	*pool = (struct pool){ .first = first, .n = group->n };
	memcpy(pool->patterns, sets[group->first].patterns, sizeof(pool->patterns));
	while (pool->n_patterns < POOL_PATTERNS && pool->patterns[pool->n_patterns] != NO_PATTERN)
		pool->n_patterns++;
	bytes = pool_bytes(z, pool);
	if (bytes > left)
		return 0;
	for (uint32_t i = 0; i < group->n; i++)
		z->networks[sets[group->first + i].of].pool = z->n_pools;
	z->n_pools++;
	return bytes;
}

static int compare_networks(const void *a, const void *b)
{
	const struct network *x = a, *y = b;

	return x->pool < y->pool ? -1 : x->pool > y->pool;
}

/* The largest groups become pools, and their networks come first. */
static bool make_pools(struct xn_daysum *z)
{
	struct set *sets = calloc(z->n, sizeof(*sets));
	struct group *groups = calloc(z->n, sizeof(*groups));
	size_t n = 0, n_groups, bytes = 0;
	uint32_t first = 0;

	for (uint32_t i = 0; sets && i < z->n; i++)
		if (find_set(&z->networks[i], &sets[n]))
			sets[n++].of = i;
	if (sets && groups) {
		qsort(sets, n, sizeof(*sets), compare_sets);
		n_groups = find_groups(sets, n, groups);
		for (size_t i = 0; i < n_groups && groups[i].n > 1 && z->n_pools < POOLS_MAX; i++) {
			size_t more = make_pool(z, sets, &groups[i], first, POOL_BYTES - bytes);

			bytes += more;
			first += more ? groups[i].n : 0;
		}
		qsort(z->networks, z->n, sizeof(*z->networks), compare_networks);
		z->arena = malloc(bytes + 1);
	}
	free(sets);
	free(groups);
	return z->arena;
}

/* --- setting up: events and the dates of networks by themselves ------------------------------ */

static int compare_events(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->day < y->day ? -1 : x->day > y->day;
}

static void find_events(struct xn_daysum *z)
{
	for (uint32_t i = 0; i < z->n; i++)
		for (uint32_t j = 0; j < z->networks[i].n; j++) {
			const struct entry *e = &z->networks[i].entries[j];

			if (e->first != XN_DAY_NEVER)
				z->events[z->n_events++] = (struct event){ e->first, i };
			if (e->last != LAST_DAY)
				z->events[z->n_events++] = (struct event){ e->last + 1, i };
		}
	qsort(z->events, z->n_events, sizeof(*z->events), compare_events);
}

/* Which networks by themselves have entries of each pattern. */
static void list_networks(struct xn_daysum *z)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < z->n; i++)
		for (uint32_t left = z->networks[i].pool == NO_POOL ? z->networks[i].dated : 0;
		     left; left &= left - 1)
			z->patterns[z->networks[i].entries[__builtin_ctz(left)].pattern].n++;
	for (size_t p = 0; p < z->n_patterns; p++) {
		z->patterns[p].first = first;
		first += z->patterns[p].n;
		z->patterns[p].n = 0;
	}
	for (uint32_t i = 0; i < z->n; i++)
		for (uint32_t left = z->networks[i].pool == NO_POOL ? z->networks[i].dated : 0;
		     left; left &= left - 1) {
			struct pattern *p =
				&z->patterns[z->networks[i].entries[__builtin_ctz(left)].pattern];

			z->dated[p->first + p->n++].of = i;
		}
}

static bool allocate(struct xn_daysum *z, size_t n, size_t entries)
{
	z->networks = calloc(n, sizeof(*z->networks));
	z->entries = calloc(entries, sizeof(*z->entries));
	z->events = calloc(2 * entries, sizeof(*z->events));
	z->dated = calloc(entries, sizeof(*z->dated));
	z->patterns = calloc(entries, sizeof(*z->patterns));
	z->pools = calloc(POOLS_MAX, sizeof(*z->pools));
	z->held = calloc(n, sizeof(*z->held));
	z->steps = calloc(WEEK * table_size(z), sizeof(*z->steps));
	z->values = calloc(WEEK * table_size(z), sizeof(*z->values));
	return z->networks && z->entries && z->events && z->dated && z->patterns && z->pools &&
	       z->held && z->steps && z->values;
}

struct xn_daysum *xn_daysum_create(const struct xn_member *const *members, size_t n, int slot)
{
	struct xn_daysum *z = calloc(1, sizeof(*z));
	size_t entries = 0;
	uint32_t n_entries = 0;

	if (!z)
		return NULL;
	z->zone = members[0]->schedule.zone;
	z->slot = slot;
	z->slots = XN_DAY_MINUTES / slot;
	z->date_of = NO_DAY;
	for (size_t i = 0; i < n; i++) {
		entries += members[i]->schedule.n;
		z->asks |= members[i]->asks;
	}
	if (!allocate(z, n, entries))
		goto destroy;
	for (size_t i = 0; i < n; i++)
		put_network(z, members[i], &n_entries);
	find_patterns(z);
	if (!make_pools(z))
		goto destroy;
	find_events(z);
	list_networks(z);
	return z;
destroy:
	xn_daysum_destroy(z);
	return NULL;
}

void xn_daysum_destroy(struct xn_daysum *z)
{
	if (!z)
		return;
	free(z->networks);
	free(z->entries);
	free(z->events);
	free(z->dated);
	free(z->patterns);
	free(z->pools);
	free(z->arena);
	free(z->held);
	free(z->steps);
	free(z->values);
	free(z);
}

void xn_daysum_reset(struct xn_daysum *z, const struct xn_lanes *lanes)
{
	z->lanes = lanes;
	z->arena_used = 0;
	z->known[0] = z->known[1] = NO_DAY;
	memset(z->held, 0, z->n * sizeof(*z->held));
	memset(z->steps, 0, WEEK * table_size(z) * sizeof(*z->steps));
	for (size_t p = 0; p < z->n_patterns; p++)
		memset(z->patterns[p].built, 0, sizeof(z->patterns[p].built));
	for (size_t p = 0; p < z->n_pools; p++)
		memset(z->pools[p].variants, 0, sizeof(z->pools[p].variants));
	for (int weekday = 0; weekday < WEEK; weekday++) {
		z->day[weekday] = NO_DAY;
		z->dirty[weekday] = true;
	}
}
