// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sweep over days. For each time zone in use there are the sums of its networks on a Monday, a Tuesday ... of
 * its own wall clock, which change only with the few networks whose schedules have dates; a day of UTC adds up
 * the zones' days, shifted by their offsets. What such a day depends on makes its digest: a day of which the digest is
 * known already has nothing new, and its sums are not even brought up to date.
 *
 * Days are cut in slots, as long as the edges of all schedules and the offsets allow.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "admission.h"
#include "date.h"

#define WEEK	   7
#define LANES	   8 /* figures of rows that are swept at once */
#define EDGES_MAX  (2 * XN_SCHEDULE_MAX + 2)
#define YEAR_KINDS 14
#define NO_DAY	   INT32_MIN
#define LAST_DAY   (INT32_MAX / 2)
#define SEEN_MAX   65536

/* Sums of many rates, some taken off again: far above rounding, far below what anybody sells. */
#define LEAST_ASKED 1e-6

enum sum {
	SUM_SOLD,
	SUM_ASKED,
	SUMS,
};

/* One figure of one row. */
struct lane {
	size_t row;
	enum xn_figure figure;
	double capacity;
	double always[SUMS]; /* of what every network has while no entry holds */
};

/* A day on which somebody's schedule begins or has ended. */
struct event {
	int32_t day;
	uint32_t of; /* index in zone_days.members */
};

/* Entries with the same dates. */
struct pattern {
	const struct xn_when *when;
	uint32_t first, n; /* in zone_days.dated */
	int32_t last;	   /* no entry of them begins after it */
	bool wraps;	   /* some entry of them reaches into the day after */
	uint16_t days; /* bit 0: zone_days.pattern_day is one of its days; bit 1: the day before ... */
	uint8_t built[WEEK]; /* likewise, bits 0 and 1 of the day that each weekday's sums are of */
};

struct dated {
	const struct xn_when *when;
	uint32_t of;
};

/* One network in one weekday's sums: entries of that day, and of the day before; bits. */
struct held {
	uint32_t today, yesterday;
};

/* The networks of one time zone. */
struct zone_days {
	const struct xn_zone *zone;
	const struct xn_member **members;
	struct held (*held)[WEEK];
	size_t n;
	struct event *events;
	size_t n_events;
	struct dated *dated;
	size_t n_dated;
	struct pattern *patterns;
	size_t n_patterns;
	int32_t pattern_day;

	int32_t day[WEEK];   /* that the sums are of */
	uint8_t dirty[WEEK]; /* lanes whose @values are old */
	int32_t known[2];    /* days that @digests are of */
	uint64_t digests[2]; /* of all that the sums of such a day depend on */
	double *steps;	     /* [weekday][lane][sum][slot]: less the slot before */
	double *values;	     /* likewise: the sums */

	/* of the instants looked at last */
	int64_t since, until;
	int32_t offset;
};

/* A part of a UTC day in which no zone changes its day or offset. */
struct piece {
	int begin, end; /* slots */
};

/* What a zone's clock shows. */
struct wall {
	int32_t day;
	int slot;
};

struct sweep {
	const struct xn_book *book;
	int64_t now;
	int slot;  /* minutes */
	int slots; /* a day */
	struct lane lanes[LANES];
	size_t n_lanes;
	int8_t (*lane_of)[XN_FIGURES]; /* of a row; -1: none now */
	struct zone_days *zones;
	size_t n_zones;
	uint64_t *seen; /* digests of the days that were looked at; 0: free */
	size_t n_seen;
	struct wall *walls;   /* of each zone, while looking */
	const double **at;    /* of each zone, while looking */
	struct piece *pieces; /* of a day; 8 for each zone and 2 */
	int *cuts;	      /* as many */
	struct xn_tightest (*tightest)[XN_FIGURES];
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

/* Minutes at which what holds may change on a day, with its begin and its end. */
static size_t edges_of(const struct xn_schedule *s, uint32_t today, uint32_t yesterday,
		       uint16_t *edges)
{
	size_t n = 0;

	insert_edge(edges, &n, 0);
	insert_edge(edges, &n, XN_DAY_MINUTES);
	for (size_t i = 0; i < s->n; i++) {
		if (today >> i & 1)
			insert_edge(edges, &n, s->entries[i].begin);
		if ((today | yesterday) >> i & 1)
			insert_edge(edges, &n, s->entries[i].end);
	}
	return n;
}

/* --- sums of a weekday ----------------------------------------------------------------------- */

static double *lane_at(const struct sweep *w, double *table, int weekday, size_t lane, enum sum sum)
{
	return table + (((size_t)weekday * LANES + lane) * SUMS + sum) * (w->slots + 1);
}

static void add_step(struct sweep *w, struct zone_days *z, int weekday, size_t lane,
		     const struct xn_member *m, const uint16_t *edge, double value)
{
	int begin = edge[0] / w->slot, end = edge[1] / w->slot;
	double *steps;

	z->dirty[weekday] |= 1u << lane;
	if (m->counts) {
		steps = lane_at(w, z->steps, weekday, lane, SUM_SOLD);
		steps[begin] += value;
		steps[end] -= value;
	}
	if (m->asks) {
		steps = lane_at(w, z->steps, weekday, lane, SUM_ASKED);
		steps[begin] += m->asks * value;
		steps[end] -= m->asks * value;
	}
}

/* One part of a day in which other entries hold than before. */
static void add_part(struct sweep *w, struct zone_days *z, int weekday, const struct xn_member *m,
		     uint32_t before, uint32_t now, const uint16_t *edge)
{
	for (size_t i = 0, end; i < m->n_terms; i = end) {
		const int8_t *lanes = w->lane_of[m->terms[i].row];
		const struct xn_term *old, *new;

		end = row_end(m, i);
		if (lanes[XN_GUARANTEE] < 0 && lanes[XN_LONG_TERM] < 0)
			continue;
		old = in_force(m, i, end, before);
		new = in_force(m, i, end, now);
		for (int f = 0; f < XN_FIGURES && old != new; f++) {
			double value = figure_of(new, f) - figure_of(old, f);

			if (lanes[f] >= 0 && value != 0)
				add_step(w, z, weekday, lanes[f], m, edge, value);
		}
	}
}

/* Entries that begin on a day, and those of the day before that reach into it. */
static struct held held_on(const struct xn_schedule *s, int32_t day)
{
	struct held held = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		const struct xn_when *when = &s->entries[i];

		held.today |= (uint32_t)xn_when_on(when, day) << i;
		if (xn_when_wraps(when))
			held.yesterday |= (uint32_t)xn_when_on(when, day - 1) << i;
	}
	return held;
}

/* Bring what one network adds to a weekday's sums to @day. */
static void examine(struct sweep *w, struct zone_days *z, size_t of, int32_t day)
{
	const struct xn_schedule *s = &z->members[of]->schedule;
	int wd = xn_weekday(day);
	struct held was = z->held[of][wd], is = held_on(s, day);
	uint16_t edges[EDGES_MAX];
	size_t n;

	if (was.today == is.today && was.yesterday == is.yesterday)
		return;
	z->held[of][wd] = is;
	n = edges_of(s, was.today | is.today, was.yesterday | is.yesterday, edges);
	for (size_t i = 0; i + 1 < n; i++) {
		uint32_t before, now;

		if (edges[i] == edges[i + 1])
			continue;
		before = xn_schedule_in(s, was.today, was.yesterday, edges[i]);
		now = xn_schedule_in(s, is.today, is.yesterday, edges[i]);
		if (before != now)
			add_part(w, z, wd, z->members[of], before, now, &edges[i]);
	}
}

/* The first of the events from a day on. */
static size_t first_event(const struct zone_days *z, int32_t day)
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

/* Those whose first day, or the day after whose last one, came since a day of the same weekday. */
static void examine_events(struct sweep *w, struct zone_days *z, int32_t since, int32_t day)
{
	size_t i = first_event(z, since);

	for (; i < z->n_events && z->events[i].day <= day; i++)
		examine(w, z, z->events[i].of, day);
}

/* Which of the last days each pattern has, up to @day. */
static void follow_patterns(struct zone_days *z, int32_t day)
{
	int32_t from = day == z->pattern_day + 1 ? day : day - WEEK - 1;

	for (; from <= day; from++) {
		struct xn_date date = xn_date_of(from);

		for (size_t p = 0; p < z->n_patterns; p++) {
			struct pattern *pattern = &z->patterns[p];

			pattern->days = pattern->days << 1 | xn_when_is_date(pattern->when, date);
		}
	}
	z->pattern_day = day;
}

/* Of a day that was followed to, or of the day before. */
static uint8_t pattern_bits(const struct zone_days *z, const struct pattern *pattern, int32_t day)
{
	if (day > pattern->last + 1)
		return 0;
	return pattern->days >> (z->pattern_day - day) & (pattern->wraps ? 3 : 1);
}

static void examine_patterns(struct sweep *w, struct zone_days *z, int wd, int32_t day)
{
	for (size_t p = 0; p < z->n_patterns; p++) {
		struct pattern *pattern = &z->patterns[p];
		uint8_t bits = pattern_bits(z, pattern, day);

		if (bits == pattern->built[wd])
			continue;
		pattern->built[wd] = bits;
		for (size_t i = 0; i < pattern->n; i++)
			examine(w, z, z->dated[pattern->first + i].of, day);
	}
}

static void add_up(struct sweep *w, struct zone_days *z, int wd)
{
	for (size_t lane = 0; lane < w->n_lanes; lane++) {
		if (!(z->dirty[wd] >> lane & 1))
			continue;
		for (int sum = 0; sum < SUMS; sum++) {
			const double *steps = lane_at(w, z->steps, wd, lane, sum);
			double *values = lane_at(w, z->values, wd, lane, sum), value = 0;

			for (int i = 0; i < w->slots; i++)
				values[i] = value += steps[i];
		}
	}
	z->dirty[wd] = 0;
}

/* Bring the sums to a day of the zone's wall, if they are not of that day. */
static void need_day(struct sweep *w, struct zone_days *z, int32_t day)
{
	int wd = xn_weekday(day);
	bool first = z->day[wd] == NO_DAY;

	if (z->day[wd] == day)
		return;
	for (size_t i = 0; first && i < z->n; i++)
		examine(w, z, i, day);
	if (!first)
		examine_events(w, z, z->day[wd], day);
	examine_patterns(w, z, wd, day);
	z->day[wd] = day;
	if (z->dirty[wd])
		add_up(w, z, wd);
}

static uint64_t mix(uint64_t digest, uint64_t value)
{
	digest = (digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return digest ^ digest >> 32;
}

static uint64_t make_digest(struct zone_days *z, int32_t day)
{
	uint64_t digest = mix(1, xn_weekday(day));

	if (day > z->pattern_day)
		follow_patterns(z, day);
	/* what begins or has ended counts on its day, and on the day after */
	digest = mix(digest, first_event(z, day));
	digest = mix(digest, first_event(z, day + 1));
	for (size_t p = 0; p < z->n_patterns; p++)
		digest = mix(digest, pattern_bits(z, &z->patterns[p], day));
	return digest;
}

/* Of all that the sums of a day of the zone's wall depend on. */
static uint64_t day_digest(struct zone_days *z, int32_t day)
{
	size_t i = day & 1;

	if (z->known[i] != day) {
		z->known[i] = day;
		z->digests[i] = make_digest(z, day);
	}
	return z->digests[i];
}

/* --- a day of UTC ---------------------------------------------------------------------------- */

static int32_t offset_at(struct zone_days *z, int64_t time)
{
	if (time < z->since || time >= z->until) {
		z->offset = xn_zone_offset(z->zone, time, &z->until);
		z->since = time;
	}
	return z->offset;
}

static int compare_cuts(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int slot_of(const struct sweep *w, int64_t time)
{
	return xn_floor_mod(time, XN_DAY_SECONDS) / 60 / w->slot;
}

/* Where a zone's day or offset changes within a day of UTC. Return: how many. */
static size_t cuts_of(const struct sweep *w, struct zone_days *z, int64_t begin, int *cuts)
{
	int64_t end = begin + XN_DAY_SECONDS, time = begin;
	size_t n = 0;

	while (time < end && n < 8) {
		int32_t offset = offset_at(z, time);
		int64_t stop = z->until < end ? z->until : end;
		int64_t midnight =
			(xn_floor_div(time + offset, XN_DAY_SECONDS) + 1) * XN_DAY_SECONDS - offset;

		if (midnight < stop)
			cuts[n++] = slot_of(w, midnight);
		if (stop < end)
			cuts[n++] = slot_of(w, stop);
		time = stop;
	}
	return n;
}

static void look_at_slots(struct sweep *w, const struct piece *piece, int64_t begin, size_t lane)
{
	const struct lane *l = &w->lanes[lane];
	struct xn_tightest *tightest = &w->tightest[l->row][l->figure];
	size_t asked = (size_t)w->slots + 1; /* behind what was sold, see lane_at() */

	for (int i = 0; i < piece->end - piece->begin; i++) {
		double sums[SUMS] = { l->always[SUM_SOLD], l->always[SUM_ASKED] };
		int64_t at = begin + (int64_t)(piece->begin + i) * w->slot * 60;

		for (size_t z = 0; z < w->n_zones; z++) {
			sums[SUM_SOLD] += w->at[z][i];
			sums[SUM_ASKED] += w->at[z][asked + i];
		}
		if (sums[SUM_ASKED] <= LEAST_ASKED)
			continue;
		if (tightest->asked && l->capacity - sums[SUM_SOLD] >= tightest->room)
			continue;
		*tightest = (struct xn_tightest){
			.asked = true,
			.at = at > w->now ? at : w->now,
			.sold = sums[SUM_SOLD],
			.room = l->capacity - sums[SUM_SOLD],
		};
	}
}

/* Finds each zone's wall at the begin of a piece. */
static void find_walls(struct sweep *w, const struct piece *piece, int64_t begin)
{
	int64_t time = begin + (int64_t)piece->begin * w->slot * 60;

	for (size_t i = 0; i < w->n_zones; i++) {
		int64_t local = time + offset_at(&w->zones[i], time);

		w->walls[i].day = xn_floor_div(local, XN_DAY_SECONDS);
		w->walls[i].slot = slot_of(w, local);
	}
}

static void look_at_piece(struct sweep *w, const struct piece *piece, int64_t begin)
{
	find_walls(w, piece, begin);
	for (size_t i = 0; i < w->n_zones; i++)
		need_day(w, &w->zones[i], w->walls[i].day);
	for (size_t lane = 0; lane < w->n_lanes; lane++) {
		for (size_t i = 0; i < w->n_zones; i++) {
			const struct wall *wall = &w->walls[i];

			w->at[i] = lane_at(w, w->zones[i].values, xn_weekday(wall->day), lane,
					   SUM_SOLD) +
				   wall->slot;
		}
		look_at_slots(w, piece, begin, lane);
	}
}

/* Digest of all that the sums of a piece depend on. */
static uint64_t digest_piece(struct sweep *w, const struct piece *piece, int64_t begin,
			     uint64_t digest)
{
	find_walls(w, piece, begin);
	digest = mix(digest, piece->begin * 65536 + piece->end);
	for (size_t i = 0; i < w->n_zones; i++) {
		digest = mix(digest, day_digest(&w->zones[i], w->walls[i].day));
		digest = mix(digest, w->walls[i].slot);
	}
	return digest;
}

/* Return: how many. */
static size_t pieces_of(struct sweep *w, int64_t begin)
{
	size_t n = 0, n_pieces = 0;
	int *cuts = w->cuts;

	cuts[n++] = w->now > begin ? slot_of(w, w->now) : 0;
	cuts[n++] = w->slots;
	for (size_t z = 0; z < w->n_zones; z++)
		n += cuts_of(w, &w->zones[z], begin, cuts + n);
	qsort(cuts, n, sizeof(*cuts), compare_cuts);
	for (size_t i = 0; i + 1 < n; i++)
		if (cuts[i] < cuts[i + 1] && begin + (int64_t)cuts[i + 1] * w->slot * 60 > w->now)
			w->pieces[n_pieces++] = (struct piece){ cuts[i], cuts[i + 1] };
	return n_pieces;
}

/* Return: is it new? Forgetting is no harm: then a day is looked at once more. */
static bool note_seen(struct sweep *w, uint64_t digest)
{
	size_t i = digest >> 20 & (SEEN_MAX - 1);

	for (; w->seen[i]; i = (i + 1) & (SEEN_MAX - 1))
		if (w->seen[i] == digest)
			return false;
	if (++w->n_seen > SEEN_MAX / 2) {
		memset(w->seen, 0, SEEN_MAX * sizeof(*w->seen));
		w->n_seen = 1;
		i = digest >> 20 & (SEEN_MAX - 1);
	}
	w->seen[i] = digest;
	return true;
}

/* Return: was there something new in it? */
static bool look_at_day(struct sweep *w, int32_t day)
{
	int64_t begin = (int64_t)day * XN_DAY_SECONDS;
	size_t n = pieces_of(w, begin);
	uint64_t digest = 1;

	for (size_t i = 0; i < n; i++)
		digest = digest_piece(w, &w->pieces[i], begin, digest);
	if (!note_seen(w, mix(digest, xn_weekday(day)) | 1))
		return false;
	for (size_t i = 0; i < n; i++)
		look_at_piece(w, &w->pieces[i], begin);
	return true;
}

/* --- all days -------------------------------------------------------------------------------- */

/* The last year in which something is not as in every other year of its kind. */
static int last_year(const struct sweep *w)
{
	int year = xn_date_of(xn_floor_div(w->now, XN_DAY_SECONDS)).year;

	for (size_t z = 0; z < w->n_zones; z++) {
		const struct zone_days *zone = &w->zones[z];

		year = zone->zone->regular > year ? zone->zone->regular : year;
		if (zone->n_events) {
			int last = xn_date_of(zone->events[zone->n_events - 1].day + WEEK).year;

			year = last > year ? last : year;
		}
		for (size_t p = 0; p < zone->n_patterns; p++) {
			const struct xn_when *when = zone->patterns[p].when;

			for (size_t i = 0; i < when->n_years; i++)
				year = when->years[i].to > year ? when->years[i].to : year;
		}
	}
	return year;
}

static int32_t first_of(int year)
{
	return xn_day_of((struct xn_date){ year, 1, 1 });
}

/* The next day that is none of a pattern's while the one a week before was one, or the other way round. */
static int32_t next_of_pattern(const struct pattern *pattern, int32_t day, int32_t none)
{
	if (none > pattern->last + WEEK + 2)
		none = pattern->last + WEEK + 2;
	while (day < none &&
	       xn_when_on_date(pattern->when, day) == xn_when_on_date(pattern->when, day - WEEK))
		day++;
	return day;
}

static int32_t next_of_patterns(const struct zone_days *z, int32_t day, int32_t none)
{
	for (size_t p = 0; p < z->n_patterns; p++) {
		int32_t next = next_of_pattern(&z->patterns[p], day, none);

		if (next < none && next <= z->patterns[p].last + WEEK + 1)
			none = next;
	}
	return none;
}

/* The next day from which on something may be another than a week before; @none if there is none. */
static int32_t next_change(const struct sweep *w, int32_t day, int32_t none)
{
	for (size_t i = 0; i < w->n_zones; i++) {
		const struct zone_days *z = &w->zones[i];
		size_t e = first_event(z, day);
		int64_t until;

		if (e < z->n_events && z->events[e].day < none)
			none = z->events[e].day;
		xn_zone_offset(z->zone, (int64_t)day * XN_DAY_SECONDS, &until);
		if (until / XN_DAY_SECONDS < none)
			none = until / XN_DAY_SECONDS;
		none = next_of_patterns(z, day, none);
	}
	return none;
}

/* After a week without anything new there is none until something changes. Return: days left out. */
static int32_t leave_out(struct sweep *w, int32_t day, int32_t end)
{
	int32_t days = next_change(w, day - 2, end) - day - 2;

	return days > 0 ? days : 0;
}

static int32_t look_at_days(struct sweep *w, int32_t day, int32_t end)
{
	int quiet = 0;

	while (day < end) {
		quiet = look_at_day(w, day++) ? 0 : quiet + 1;
		if (quiet == WEEK) {
			day += leave_out(w, day, end);
			quiet = 0;
		}
	}
	return day;
}

static void look_at_years(struct sweep *w)
{
	int32_t day = xn_floor_div(w->now, XN_DAY_SECONDS);
	int year = last_year(w) + 1, kinds = 0;
	bool known[YEAR_KINDS] = { false };

	day = look_at_days(w, day, first_of(year));
	for (; w->n_zones && kinds < YEAR_KINDS; year++) {
		int kind = 2 * xn_weekday(first_of(year)) + (xn_month_length(year, 2) == 29);

		kinds += !known[kind];
		known[kind] = true;
		day = look_at_days(w, day, first_of(year + 1));
	}
}

/* --- setting up ------------------------------------------------------------------------------ */

static int compare_members(const void *a, const void *b)
{
	const struct xn_member *const *x = a, *const *y = b;
	uintptr_t p = (uintptr_t)(*x)->schedule.zone, q = (uintptr_t)(*y)->schedule.zone;

	return p < q ? -1 : p > q;
}

static int compare_events(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->day < y->day ? -1 : x->day > y->day;
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

static void note_entry(struct zone_days *z, uint32_t of, const struct xn_when *when)
{
	if (when->first_day != XN_DAY_NEVER)
		z->events[z->n_events++] = (struct event){ when->first_day, of };
	if (when->last_day != XN_DAY_NEVER)
		z->events[z->n_events++] = (struct event){ when->last_day + 1, of };
	if (xn_when_is_dated(when))
		z->dated[z->n_dated++] = (struct dated){ when, of };
}

static void group_dated(struct zone_days *z)
{
	qsort(z->dated, z->n_dated, sizeof(*z->dated), compare_dated);
	for (uint32_t i = 0; i < z->n_dated; i++) {
		const struct xn_when *when = z->dated[i].when;
		int32_t last = when->last_day == XN_DAY_NEVER ? LAST_DAY : when->last_day;
		struct pattern *p;

		if (!i || compare_dated(&z->dated[i - 1], &z->dated[i]))
			z->patterns[z->n_patterns++] = (struct pattern){ when, i, .last = last };
		p = &z->patterns[z->n_patterns - 1];
		p->n++;
		p->wraps |= xn_when_wraps(when);
		p->last = last > p->last ? last : p->last;
	}
}

static int zone_init(struct sweep *w, struct zone_days *z, const struct xn_member **members,
		     size_t n)
{
	size_t entries = 0, size = (size_t)WEEK * LANES * SUMS * (w->slots + 1);

	for (size_t i = 0; i < n; i++)
		entries += members[i]->schedule.n;
	*z = (struct zone_days){ .zone = members[0]->schedule.zone, .members = members, .n = n };
	z->held = calloc(n, sizeof(*z->held));
	z->events = calloc(2 * entries, sizeof(*z->events));
	z->dated = calloc(entries, sizeof(*z->dated));
	z->patterns = calloc(entries, sizeof(*z->patterns));
	z->steps = calloc(size, sizeof(*z->steps));
	z->values = calloc(size, sizeof(*z->values));
	if (!z->held || !z->events || !z->dated || !z->patterns || !z->steps || !z->values)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < members[i]->schedule.n; j++)
			note_entry(z, i, &members[i]->schedule.entries[j]);
	qsort(z->events, z->n_events, sizeof(*z->events), compare_events);
	group_dated(z);
	z->pattern_day = NO_DAY;
	for (int wd = 0; wd < WEEK; wd++)
		z->day[wd] = NO_DAY;
	return 0;
}

static void zone_exit(struct zone_days *z)
{
	free(z->held);
	free(z->events);
	free(z->dated);
	free(z->patterns);
	free(z->steps);
	free(z->values);
}

/* Sums begin anew, for other lanes. */
static void zone_reset(const struct sweep *w, struct zone_days *z)
{
	size_t size = (size_t)WEEK * LANES * SUMS * (w->slots + 1);

	memset(z->held, 0, z->n * sizeof(*z->held));
	memset(z->steps, 0, size * sizeof(*z->steps));
	memset(z->values, 0, size * sizeof(*z->values));
	for (size_t p = 0; p < z->n_patterns; p++)
		memset(z->patterns[p].built, 0, sizeof(z->patterns[p].built));
	z->known[0] = z->known[1] = NO_DAY;
	z->pattern_day = NO_DAY;
	memset(z->dirty, 0, sizeof(z->dirty));
	z->pattern_day = NO_DAY;
	for (int wd = 0; wd < WEEK; wd++)
		z->day[wd] = NO_DAY;
}

static int gcd(int a, int b)
{
	while (b) {
		int rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static int zone_slot(const struct xn_zone *zone, int64_t now, int slot)
{
	int64_t time = now;

	while (time < INT64_MAX && slot > 1) {
		int64_t until;
		int offset = xn_zone_offset(zone, time, &until);

		slot = gcd(slot, abs(offset) / 60);
		if (until < INT64_MAX)
			slot = gcd(slot, xn_floor_mod(until, XN_DAY_SECONDS) / 60);
		time = until;
	}
	return slot;
}

/* The longest time of which everything is a multiple, minutes. */
static int slot_length(const struct xn_member *const *members, size_t n, int64_t now)
{
	int slot = XN_DAY_MINUTES;

	for (size_t i = 0; i < n; i++) {
		const struct xn_schedule *s = &members[i]->schedule;

		if (!i || s->zone != members[i - 1]->schedule.zone)
			slot = zone_slot(s->zone, now, slot);
		for (size_t j = 0; j < s->n; j++)
			slot = gcd(gcd(slot, s->entries[j].begin), s->entries[j].end);
	}
	return slot;
}

static int make_zones(struct sweep *w, const struct xn_member **members, size_t n)
{
	size_t begin = 0;

	w->slot = slot_length(members, n, w->now);
	w->slots = XN_DAY_MINUTES / w->slot;
	w->zones = calloc(n + 1, sizeof(*w->zones));
	w->at = calloc(n + 1, sizeof(*w->at));
	w->walls = calloc(n + 1, sizeof(*w->walls));
	w->seen = calloc(SEEN_MAX, sizeof(*w->seen));
	w->pieces = calloc(8 * n + 2, sizeof(*w->pieces));
	w->cuts = calloc(8 * n + 2, sizeof(*w->cuts));
	if (!w->zones || !w->walls || !w->at || !w->seen || !w->pieces || !w->cuts)
		return -ENOMEM;
	for (size_t i = 1; i <= n; i++) {
		if (i < n && members[i]->schedule.zone == members[begin]->schedule.zone)
			continue;
		if (zone_init(w, &w->zones[w->n_zones++], members + begin, i - begin))
			return -ENOMEM;
		begin = i;
	}
	return 0;
}

/* Somebody asks for something of this row at some time. */
static bool is_asked(const struct xn_book *book, size_t row)
{
	for (size_t i = 0; i < book->n_members; i++)
		for (size_t j = 0; book->members[i].asks > 0 && j < book->members[i].n_terms; j++)
			if (book->members[i].terms[j].row == row)
				return true;
	return false;
}

static void add_always(struct lane *lane, const struct xn_book *book)
{
	for (size_t i = 0; i < book->n_members; i++) {
		const struct xn_member *m = &book->members[i];
		double figure = xn_member_figure(m, lane->row, lane->figure, 0);

		lane->always[SUM_SOLD] += m->counts ? figure : 0;
		lane->always[SUM_ASKED] += m->asks * figure;
	}
}

static void sweep_lanes(struct sweep *w)
{
	if (!w->n_lanes)
		return;
	for (size_t z = 0; z < w->n_zones; z++)
		zone_reset(w, &w->zones[z]);
	memset(w->seen, 0, SEEN_MAX * sizeof(*w->seen));
	w->n_seen = 0;
	look_at_years(w);
	for (size_t i = 0; i < w->n_lanes; i++)
		w->lane_of[w->lanes[i].row][w->lanes[i].figure] = -1;
	w->n_lanes = 0;
}

static void sweep_rows(struct sweep *w)
{
	const struct xn_book *book = w->book;

	for (size_t row = 0; row < book->n_rows; row++) {
		if (!is_asked(book, row))
			continue;
		for (int f = 0; f < XN_FIGURES; f++) {
			struct lane lane = { row, f, book->capacity[row][f] };

			if (isinf(lane.capacity))
				continue;
			add_always(&lane, book);
			w->lane_of[row][f] = w->n_lanes;
			w->lanes[w->n_lanes++] = lane;
			if (w->n_lanes == LANES)
				sweep_lanes(w);
		}
	}
	sweep_lanes(w);
}

int xn_book_check(const struct xn_book *book, int64_t now,
		  struct xn_tightest (*tightest)[XN_FIGURES])
{
	struct sweep w = { .book = book, .now = now, .tightest = tightest };
	const struct xn_member **members = calloc(book->n_members + 1, sizeof(*members));
	int ret = -ENOMEM;
	size_t n = 0;

	memset(tightest, 0, book->n_rows * sizeof(*tightest));
	w.lane_of = malloc((book->n_rows + 1) * sizeof(*w.lane_of));
	if (!members || !w.lane_of)
		goto free_all;
	memset(w.lane_of, -1, (book->n_rows + 1) * sizeof(*w.lane_of));
	for (size_t i = 0; i < book->n_members; i++)
		if (book->members[i].schedule.n)
			members[n++] = &book->members[i];
	qsort(members, n, sizeof(*members), compare_members);
	ret = make_zones(&w, members, n);
	if (!ret)
		sweep_rows(&w);
free_all:
	for (size_t z = 0; z < w.n_zones; z++)
		zone_exit(&w.zones[z]);
	free(w.zones);
	free(w.seen);
	free(w.walls);
	free(w.at);
	free(w.pieces);
	free(w.cuts);
	free(w.lane_of);
	free(members);
	return ret;
}
