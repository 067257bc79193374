// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Admission: the sums of random books of networks, at every instant, against a search that looks at every quarter
 * of an hour by libc's clock.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/zones.h"
#include "contract_case.h"
#include "core/admission.h"
#include "core/date.h"

#define NETWORKS  6
#define ROWS	  2
#define TERMS_MAX (ROWS * (CASE_ENTRIES + 1))
#define BOOKS	  10000

struct network {
	int zone;
	size_t n_entries;
	struct case_entry entries[CASE_ENTRIES];
	struct xn_when when[CASE_ENTRIES];
	struct xn_term terms[TERMS_MAX];
};

struct book {
	struct network networks[NETWORKS];
	struct xn_member members[NETWORKS];
	double capacity[ROWS][XN_FIGURES];
	struct xn_book book;
};

static const struct xn_zone *zones[CASE_ZONES];

static int64_t utc(int year, int month, int day)
{
	return (int64_t)xn_day_of((struct xn_date){ year, month, day }) * XN_DAY_SECONDS;
}

/* --- books ----------------------------------------------------------------------------------- */

static void draw_terms(struct case_rng *rng, struct network *net, struct xn_member *member)
{
	size_t n = 0;

	for (size_t row = 0; row < ROWS; row++)
		for (int entry = XN_ENTRY_ALWAYS; entry < (int)net->n_entries; entry++) {
			double g = case_random(rng, 4) * 10e6;

			if (case_random(rng, 4) == 0)
				continue;
			net->terms[n++] = (struct xn_term){ row,
							    entry,
							    { g, g + case_random(rng, 5) * 10e6 } };
		}
	member->terms = net->terms;
	member->n_terms = n;
}

/* Contracts with the same dates and times are kept together: some networks have those of the one before. */
static void draw_entries(struct case_rng *rng, struct network *net, const struct network *before,
			 enum case_kind kind)
{
	bool same = before && case_random(rng, 3) == 0;

	if (same) {
		*net = *before;
		for (size_t j = 0; j < net->n_entries; j++)
			if (case_random(rng, 2))
				case_redraw_limits(rng, kind, &net->entries[j], &net->when[j]);
		return;
	}
	net->n_entries = case_random(rng, CASE_ENTRIES + 1);
	for (size_t j = 0; j < net->n_entries; j++)
		case_draw(rng, kind, &net->entries[j], &net->when[j]);
}

/* @zones: how many of case_zones; who asks: the last one, which may take the place of the first. */
static void draw_book(struct case_rng *rng, struct book *b, enum case_kind kind, int n_zones)
{
	size_t n = 2 + case_random(rng, NETWORKS - 1);

	memset(b, 0, sizeof(*b));
	for (size_t i = 0; i < n; i++) {
		struct network *net = &b->networks[i];
		struct xn_member *member = &b->members[i];

		net->zone = case_random(rng, n_zones);
		draw_entries(rng, net, i ? net - 1 : NULL, kind);
		member->schedule =
			(struct xn_schedule){ zones[net->zone], net->when, net->n_entries };
		member->counts = true;
		draw_terms(rng, net, member);
	}
	b->members[n - 1].asks = 1;
	if (n > 2 && case_random(rng, 3) == 0) {
		b->members[0].asks = -1;
		b->members[0].counts = false;
	}
	for (size_t row = 0; row < ROWS; row++)
		for (int f = 0; f < XN_FIGURES; f++)
			b->capacity[row][f] =
				case_random(rng, 10) ? (1 + case_random(rng, 20)) * 10e6 : INFINITY;
	b->book = (struct xn_book){ b->members, n, b->capacity, ROWS };
}

/* --- by search ------------------------------------------------------------------------------- */

/* Walls of all zones at the instants searched, found once. */
struct instants {
	int64_t begin;
	size_t n, step;
	struct case_wall *walls[CASE_ZONES];
};

static void instants_init(struct instants *in, int64_t begin, int64_t end, size_t step, int n_zones)
{
	in->begin = begin;
	in->step = step;
	in->n = (end - begin) / step;
	for (int z = 0; z < n_zones; z++) {
		in->walls[z] = calloc(in->n, sizeof(*in->walls[z]));
		assert_non_null(in->walls[z]);
		for (size_t i = 0; i < in->n; i++)
			in->walls[z][i] = case_wall(z, begin + (int64_t)(i * step));
	}
}

static void instants_exit(struct instants *in)
{
	for (int z = 0; z < CASE_ZONES; z++)
		free(in->walls[z]);
}

static double sold(const struct network *net, size_t n_terms, size_t row, int figure,
		   const struct case_wall *wall)
{
	double value = 0;

	for (size_t i = 0; i < n_terms; i++) {
		const struct xn_term *term = &net->terms[i];

		if (term->row == row && (term->entry == XN_ENTRY_ALWAYS ||
					 case_holds(&net->entries[term->entry], wall)))
			value = term->figures[figure];
	}
	return value;
}

static void search(const struct book *b, const struct instants *in,
		   struct xn_tightest (*tightest)[XN_FIGURES], size_t row, int f)
{
	struct xn_tightest *best = &tightest[row][f];

	for (size_t at = 0; at < in->n; at++) {
		double sum = 0, asked = 0;

		for (size_t i = 0; i < b->book.n_members; i++) {
			const struct network *net = &b->networks[i];
			const struct xn_member *m = &b->members[i];
			double value = sold(net, m->n_terms, row, f, &in->walls[net->zone][at]);

			sum += m->counts ? value : 0;
			asked += m->asks * value;
		}
		if (asked <= 0 || (best->asked && b->capacity[row][f] - sum >= best->room))
			continue;
		*best = (struct xn_tightest){ true, in->begin + (int64_t)(at * in->step), sum,
					      b->capacity[row][f] - sum };
	}
}

static void tell(const struct book *b)
{
	for (size_t i = 0; i < b->book.n_members; i++) {
		const struct network *net = &b->networks[i];

		print_message("# %zu: %s%s%s", i, case_zones[net->zone],
			      b->members[i].asks > 0 ? " asks" : "",
			      b->members[i].asks < 0 ? " gives back" : "");
		for (size_t j = 0; j < net->n_entries; j++)
			print_message(" \"%s\" %lld..%lld", net->entries[j].text,
				      (long long)net->entries[j].first,
				      (long long)net->entries[j].last);
		for (size_t j = 0; j < b->members[i].n_terms; j++)
			print_message(" [%zu %d %.0f %.0f]", net->terms[j].row, net->terms[j].entry,
				      net->terms[j].figures[0], net->terms[j].figures[1]);
		print_message("\n");
	}
}

static void check_book(const struct book *b, const struct instants *in, size_t *admitted)
{
	struct xn_tightest found[ROWS][XN_FIGURES], want[ROWS][XN_FIGURES];
	bool fits = true;

	memset(want, 0, sizeof(want));
	assert_int_equal(xn_book_check(&b->book, in->begin, found), 0);
	for (size_t row = 0; row < ROWS; row++)
		for (int f = 0; f < XN_FIGURES; f++) {
			const struct xn_tightest *is = &found[row][f], *is_to = &want[row][f];

			if (isinf(b->capacity[row][f])) {
				assert_false(is->asked);
				continue;
			}
			search(b, in, want, row, f);
			fits = fits && (!is->asked || is->room >= 0);
			if (is->asked == is_to->asked && is->at == is_to->at &&
			    fabs(is->room - is_to->room) < 1 && fabs(is->sold - is_to->sold) < 1)
				continue;
			tell(b);
			fail_msg("row %zu figure %d: %d at %lld sold %.0f room %.0f, not %d at "
				 "%lld sold %.0f room %.0f",
				 row, f, is->asked, (long long)is->at, is->sold, is->room,
				 is_to->asked, (long long)is_to->at, is_to->sold, is_to->room);
		}
	*admitted += fits;
}

/* --- tests ----------------------------------------------------------------------------------- */

static void check_books(enum case_kind kind, int n_zones, size_t n, const struct instants *in,
			uint64_t seed)
{
	struct case_rng rng = { seed };
	struct book *b = malloc(sizeof(*b));
	size_t admitted = 0;

	assert_non_null(b);
	for (size_t i = 0; i < n; i++) {
		draw_book(&rng, b, kind, n_zones);
		check_book(b, in, &admitted);
	}
	free(b);
	print_message("%zu books, %zu of them admitted\n", n, admitted);
	if (n >= 1000) /* both must come */
		assert_in_range(admitted, n / 20, n - n / 20);
}

/* Everything of them is within four weeks, in which clocks change in the north and in the south. */
static void test_limited_books(void **state)
{
	struct instants in = { 0 };

	(void)state;
	instants_init(&in, utc(2027, 3, 12), utc(2027, 4, 7), CASE_STEP, CASE_ZONES);
	check_books(CASE_LIMITED, CASE_ZONES, BOOKS, &in, 1);
	instants_exit(&in);
}

/* For ever, every week: all that can meet does so within a year of each kind of offsets. */
static void test_weekly_books(void **state)
{
	struct instants in = { 0 };

	(void)state;
	instants_init(&in, utc(2026, 12, 30) + 5 * 3600, utc(2028, 1, 10), CASE_STEP, CASE_ZONES);
	check_books(CASE_WEEKLY, CASE_ZONES, 20, &in, 2);
	instants_exit(&in);
}

/* For ever, with dates: the calendar's years come again after 28, or 40 over a century's end. */
static void test_dated_books(void **state)
{
	struct instants in = { 0 };

	(void)state;
	instants_init(&in, utc(2026, 11, 21), utc(2061, 1, 1), CASE_STEP, 1);
	check_books(CASE_DATED, 1, 2, &in, 3);
	instants_exit(&in);
}

/* Dates of a year and a quarter, and their ends. */
static void test_ending_books(void **state)
{
	struct instants in = { 0 };

	(void)state;
	instants_init(&in, utc(2026, 12, 31), utc(2028, 4, 3), CASE_STEP, 1);
	check_books(CASE_ENDING, 1, 150, &in, 4);
	instants_exit(&in);
}

/* --- by hand --------------------------------------------------------------------------------- */

static struct xn_when when(const char *text)
{
	struct xn_when parsed;

	if (xn_when_parse(text, &parsed))
		fail_msg("%s", text);
	return parsed;
}

/* Two networks that share a link, one by day and one by night, of one wall or of two. */
static void test_day_and_night(void **state)
{
	struct xn_when day = when("08:00..20:00"), night = when("20:00..08:00");
	const struct xn_term terms[] = { { 0, 0, { 100e6, 100e6 } } };
	struct xn_member members[] = {
		{ .schedule = { zones[1], &day, 1 }, .terms = terms, .n_terms = 1, .counts = true },
		{ .schedule = { zones[1], &night, 1 },
		  .terms = terms,
		  .n_terms = 1,
		  .counts = true,
		  .asks = 1 },
	};
	const double capacity[1][XN_FIGURES] = { { 100e6, 100e6 } };
	struct xn_book book = { members, 2, capacity, 1 };
	struct xn_tightest tightest[1][XN_FIGURES];

	(void)state;
	assert_int_equal(xn_book_check(&book, utc(2026, 11, 21), tightest), 0);
	assert_true(tightest[0][XN_GUARANTEE].asked);
	assert_true(tightest[0][XN_GUARANTEE].room == 0);
	members[1].schedule.zone =
		&xn_zone_utc; /* an hour behind: both have 19:00 to 20:00 UTC ... */
	assert_int_equal(xn_book_check(&book, utc(2026, 11, 21), tightest), 0);
	assert_true(tightest[0][XN_LONG_TERM].room == -100e6);
	assert_int_equal(tightest[0][XN_LONG_TERM].at, utc(2026, 11, 21) + 7 * 3600);
}

/* The first time that 29 February is a Sunday is far away; it is found. */
static void test_rare_day(void **state)
{
	struct xn_when rare = when("Sun *-02-29 12:00..12:15"), sundays = when("Sun");
	const struct xn_term terms[] = { { 0, 0, { 60e6, 60e6 } } };
	struct xn_member members[] = {
		{ .schedule = { zones[1], &rare, 1 }, .terms = terms, .n_terms = 1, .counts = true },
		{ .schedule = { zones[1], &sundays, 1 },
		  .terms = terms,
		  .n_terms = 1,
		  .counts = true,
		  .asks = 1 },
	};
	const double capacity[1][XN_FIGURES] = { { 100e6, INFINITY } };
	struct xn_book book = { members, 2, capacity, 1 };
	struct xn_tightest tightest[1][XN_FIGURES];

	(void)state;
	assert_int_equal(xn_book_check(&book, utc(2026, 11, 21), tightest), 0);
	assert_true(tightest[0][XN_GUARANTEE].room == -20e6);
	assert_int_equal(tightest[0][XN_GUARANTEE].at, utc(2032, 2, 29) + 11 * 3600);
	assert_int_equal(xn_book_check(&book, utc(2088, 3, 1), tightest), 0);
	assert_int_equal(tightest[0][XN_GUARANTEE].at, utc(2128, 2, 29) + 11 * 3600);
}

static int init(void **state)
{
	const char *why;

	(void)state;
	for (int z = 0; z < CASE_ZONES; z++)
		zones[z] = xn_zone_get(case_zones[z], &why);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_day_and_night), cmocka_unit_test(test_rare_day),
		cmocka_unit_test(test_limited_books), cmocka_unit_test(test_weekly_books),
		cmocka_unit_test(test_ending_books),  cmocka_unit_test(test_dated_books),
	};

	return cmocka_run_group_tests_name("admission", tests, init, NULL);
}
