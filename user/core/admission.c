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
#include "daysum.h"

#define WEEK	   7
#define YEAR_KINDS 14
#define SEEN_MAX   65536

/* Sums of many rates, some taken off again: far above rounding, far below what anybody sells. */
#define LEAST_ASKED 1e-6

/* A later instant is tighter only if it is by more than rounding. */
#define ROUNDING 1e-12

/* One figure of one row. */
struct lane {
	size_t row;
	enum xn_figure figure;
	double capacity;
};

/* The networks of one time zone. */
struct zone {
	const struct xn_zone *zone;
	struct xn_daysum *sums;

	/* of the instants looked at last */
	int64_t since, until;
	int32_t offset;

	/* of the piece looked at: what its clock shows at the begin, and the sums from there on */
	int32_t day;
	int slot;
	const double *values;
	size_t cells; /* of each slot */
};

/* A part of a UTC day in which no zone changes its day or offset. */
struct piece {
	int begin, end; /* slots */
};

struct sweep {
	const struct xn_book *book;
	int64_t now;
	int slot;  /* minutes */
	int slots; /* a day */
	struct lane lanes[XN_LANES];
	size_t n_lanes;
	struct xn_lanes in_use;
	double always[XN_CELLS]; /* what every network has while no entry holds */
	double most[XN_LANES];	 /* sold at the tightest instant so far: less is of no interest */
	struct zone *zones;
	size_t n_zones;
	uint64_t *seen; /* digests of the days that were looked at; 0: free */
	size_t n_seen;
	struct piece *pieces; /* of a day; 8 for each zone and 2 */
	size_t n_pieces;
	int64_t pieces_until; /* as long as no zone's offset changes they are the same every day */
	int *cuts;	      /* as many */
	struct xn_tightest (*tightest)[XN_FIGURES];
};

/* --- a day of UTC ---------------------------------------------------------------------------- */

static int32_t offset_at(struct zone *z, int64_t time)
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
static size_t cuts_of(const struct sweep *w, struct zone *z, int64_t begin, int *cuts)
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

static void note_tightest(struct sweep *w, size_t lane, int64_t at, double sold)
{
	const struct lane *l = &w->lanes[lane];

	w->most[lane] = sold + fabs(sold) * ROUNDING;
	w->tightest[l->row][l->figure] = (struct xn_tightest){
		.asked = true,
		.at = at > w->now ? at : w->now,
		.sold = sold,
		.room = l->capacity - sold,
	};
}

/* Four at a time, so that a compiler makes vectors of them. */
static inline void add_slot(double *restrict sums, const double *restrict values, size_t cells)
{
	for (size_t i = 0; i < cells; i += 4)
		for (size_t j = 0; j < 4; j++)
			sums[i + j] += values[i + j];
}

static void look_at_slots(struct sweep *w, const struct piece *piece, int64_t begin)
{
	size_t asked = w->in_use.n;
	double sums[XN_CELLS];

	for (int i = 0; i < piece->end - piece->begin; i++) {
		memcpy(sums, w->always, sizeof(sums));
		for (size_t z = 0; z < w->n_zones; z++)
			add_slot(sums, w->zones[z].values + i * w->zones[z].cells,
				 w->zones[z].cells);
		for (size_t lane = 0; lane < w->n_lanes; lane++)
			if (sums[lane] > w->most[lane] && sums[asked + lane] > LEAST_ASKED)
				note_tightest(w, lane,
					      begin + (int64_t)(piece->begin + i) * w->slot * 60,
					      sums[lane]);
	}
}

/* Finds each zone's wall at the begin of a piece. */
static void find_walls(struct sweep *w, const struct piece *piece, int64_t begin)
{
	int64_t time = begin + (int64_t)piece->begin * w->slot * 60;

	for (size_t i = 0; i < w->n_zones; i++) {
		struct zone *z = &w->zones[i];
		int64_t local = time + offset_at(z, time);

		z->day = xn_floor_div(local, XN_DAY_SECONDS);
		z->slot = slot_of(w, local);
	}
}

static void look_at_piece(struct sweep *w, const struct piece *piece, int64_t begin)
{
	find_walls(w, piece, begin);
	for (size_t i = 0; i < w->n_zones; i++) {
		struct zone *z = &w->zones[i];

		z->cells = xn_daysum_cells(z->sums);
		z->values = xn_daysum_values(z->sums, z->day) + z->slot * z->cells;
	}
	look_at_slots(w, piece, begin);
}

static uint64_t mix(uint64_t digest, uint64_t value)
{
	digest = (digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return digest ^ digest >> 32;
}

/* Digest of all that the sums of a piece depend on. */
static uint64_t digest_piece(struct sweep *w, const struct piece *piece, int64_t begin,
			     uint64_t digest)
{
	find_walls(w, piece, begin);
	digest = mix(digest, piece->begin * 65536 + piece->end);
	for (size_t i = 0; i < w->n_zones; i++) {
		const struct zone *z = &w->zones[i];

		digest = mix(digest, xn_daysum_digest(z->sums, z->day));
		digest = mix(digest, xn_weekday(z->day) * 65536 + z->slot);
	}
	return digest;
}

/* Until when no offset is another than at @begin. */
static int64_t offsets_until(struct sweep *w, int64_t begin)
{
	int64_t until = INT64_MAX;

	for (size_t z = 0; z < w->n_zones; z++) {
		offset_at(&w->zones[z], begin);
		if (w->zones[z].until < until)
			until = w->zones[z].until;
	}
	return until;
}

static void find_pieces(struct sweep *w, int64_t begin)
{
	bool whole = w->now <= begin;
	size_t n = 0;
	int *cuts = w->cuts;

	if (whole && begin + XN_DAY_SECONDS <= w->pieces_until)
		return;
	w->n_pieces = 0;
	w->pieces_until = whole ? offsets_until(w, begin) : 0;
	cuts[n++] = whole ? 0 : slot_of(w, w->now);
	cuts[n++] = w->slots;
	for (size_t z = 0; z < w->n_zones; z++)
		n += cuts_of(w, &w->zones[z], begin, cuts + n);
	qsort(cuts, n, sizeof(*cuts), compare_cuts);
	for (size_t i = 0; i + 1 < n; i++)
		if (cuts[i] < cuts[i + 1] && begin + (int64_t)cuts[i + 1] * w->slot * 60 > w->now)
			w->pieces[w->n_pieces++] = (struct piece){ cuts[i], cuts[i + 1] };
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
	uint64_t digest = 1;

	find_pieces(w, begin);
	for (size_t i = 0; i < w->n_pieces; i++)
		digest = digest_piece(w, &w->pieces[i], begin, digest);
	if (!note_seen(w, mix(digest, xn_weekday(day)) | 1))
		return false;
	for (size_t i = 0; i < w->n_pieces; i++)
		look_at_piece(w, &w->pieces[i], begin);
	return true;
}

/* --- all days -------------------------------------------------------------------------------- */

/* The last year in which something is not as in every other year of its kind. */
static int last_year(const struct sweep *w)
{
	int year = xn_date_of(xn_floor_div(w->now, XN_DAY_SECONDS)).year;

	for (size_t z = 0; z < w->n_zones; z++) {
		const struct zone *zone = &w->zones[z];

		year = zone->zone->regular > year ? zone->zone->regular : year;
		year = xn_daysum_last_year(zone->sums, year);
	}
	return year;
}

static int32_t first_of(int year)
{
	return xn_day_of((struct xn_date){ year, 1, 1 });
}

/* The next day from which on something may be another than a week before; @none if there is none. */
static int32_t next_change(const struct sweep *w, int32_t day, int32_t none)
{
	for (size_t i = 0; i < w->n_zones; i++) {
		const struct zone *z = &w->zones[i];
		int64_t until;

		xn_zone_offset(z->zone, (int64_t)day * XN_DAY_SECONDS, &until);
		if (until / XN_DAY_SECONDS < none)
			none = until / XN_DAY_SECONDS;
		none = xn_daysum_next_change(z->sums, day, none);
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

		if (known[kind])
			continue;
		known[kind] = true;
		kinds++;
		look_at_days(w, day > first_of(year) ? day : first_of(year), first_of(year + 1));
	}
}

/* --- setting up ------------------------------------------------------------------------------ */

/* By zone; in each who asks or gives back, who are few, come by themselves: others need less sums. */
static int compare_members(const void *a, const void *b)
{
	const struct xn_member *const *x = a, *const *y = b;
	uintptr_t p = (uintptr_t)(*x)->schedule.zone, q = (uintptr_t)(*y)->schedule.zone;

	if (p != q)
		return p < q ? -1 : 1;
	return !!(*x)->asks - !!(*y)->asks;
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

static int zone_init(const struct sweep *w, struct zone *z, const struct xn_member **members,
		     size_t n)
{
	z->zone = members[0]->schedule.zone;
	z->sums = xn_daysum_create(members, n, w->slot);
	return z->sums ? 0 : -ENOMEM;
}

static int make_zones(struct sweep *w, const struct xn_member **members, size_t n)
{
	size_t begin = 0;

	w->slot = slot_length(members, n, w->now);
	w->slots = XN_DAY_MINUTES / w->slot;
	w->zones = calloc(n + 1, sizeof(*w->zones));
	w->seen = calloc(SEEN_MAX, sizeof(*w->seen));
	w->pieces = calloc(8 * n + 2, sizeof(*w->pieces));
	w->cuts = calloc(8 * n + 2, sizeof(*w->cuts));
	if (!w->zones || !w->seen || !w->pieces || !w->cuts)
		return -ENOMEM;
	for (size_t i = 1; i <= n; i++) {
		if (i < n && !compare_members(&members[i], &members[begin]))
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

static void add_always(struct sweep *w, size_t lane)
{
	const struct lane *l = &w->lanes[lane];

	for (size_t i = 0; i < w->book->n_members; i++) {
		const struct xn_member *m = &w->book->members[i];
		double figure = xn_member_figure(m, l->row, l->figure, 0);

		w->always[lane] += m->counts ? figure : 0;
		w->always[w->in_use.n + lane] += m->asks * figure;
	}
}

static void add_lane(struct sweep *w, size_t row, enum xn_figure figure)
{
	w->lanes[w->n_lanes] = (struct lane){ row, figure, w->book->capacity[row][figure] };
	w->most[w->n_lanes] = -INFINITY;
	w->in_use.of[row][figure] = w->n_lanes++;
}

static void sweep_lanes(struct sweep *w)
{
	if (!w->n_lanes)
		return;
	w->in_use.n = (w->n_lanes + 3) / 4 * 4;
	memset(w->always, 0, sizeof(w->always));
	for (size_t lane = 0; lane < w->n_lanes; lane++)
		add_always(w, lane);
	for (size_t z = 0; z < w->n_zones; z++)
		xn_daysum_reset(w->zones[z].sums, &w->in_use);
	memset(w->seen, 0, SEEN_MAX * sizeof(*w->seen));
	w->n_seen = 0;
	w->pieces_until = 0;
	look_at_years(w);
	for (size_t i = 0; i < w->n_lanes; i++)
		w->in_use.of[w->lanes[i].row][w->lanes[i].figure] = -1;
	w->n_lanes = 0;
}

static void sweep_rows(struct sweep *w)
{
	const struct xn_book *book = w->book;

	for (size_t row = 0; row < book->n_rows; row++) {
		if (!is_asked(book, row))
			continue;
		for (int f = 0; f < XN_FIGURES; f++) {
			if (isinf(book->capacity[row][f]))
				continue;
			add_lane(w, row, f);
			if (w->n_lanes == XN_LANES)
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
	w.in_use.of = malloc((book->n_rows + 1) * sizeof(*w.in_use.of));
	if (!members || !w.in_use.of)
		goto free_all;
	memset(w.in_use.of, -1, (book->n_rows + 1) * sizeof(*w.in_use.of));
	for (size_t i = 0; i < book->n_members; i++)
		if (book->members[i].schedule.n)
			members[n++] = &book->members[i];
	qsort(members, n, sizeof(*members), compare_members);
	ret = make_zones(&w, members, n);
	if (!ret)
		sweep_rows(&w);
free_all:
	for (size_t z = 0; z < w.n_zones; z++)
		xn_daysum_destroy(w.zones[z].sums);
	free(w.zones);
	free(w.seen);
	free(w.pieces);
	free(w.cuts);
	free(w.in_use.of);
	free(members);
	return ret;
}
