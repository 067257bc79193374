// SPDX-License-Identifier: GPL-2.0-or-later
/* Trimming: which routes are held when not all may be, and that it stays so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/trim.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
#define NONE	    XN_TRIM_NONE
#define CASES	    3000
#define MOST	    200

/* A route: what covers it, its use, and whether it is held; then whether it shall be. */
struct row {
	size_t above;
	double use;
	bool held, barred, free;
	bool want;
};

static const struct {
	const char *promise;
	size_t limit, n;
	struct row rows[6];
} cases[] = {
	{ "all are held if there is room",
	  3,
	  3,
	  { { NONE, 0, .want = 1 }, { NONE, 9, .want = 1 }, { NONE, 0, .want = 1 } } },
	{ "without a limit, too", SIZE_MAX, 2, { { NONE, 0, .want = 1 }, { NONE, 0, .want = 1 } } },
	{ "a limit of 0 holds none", 0, 2, { { NONE, 5 }, { NONE, 7, .held = 1 } } },
	{ "the least used goes",
	  2,
	  3,
	  { { NONE, 5, .want = 1 }, { NONE, 1 }, { NONE, 3, .want = 1 } } },
	{ "among equals the lower address goes",
	  1,
	  3,
	  { { NONE, 1 }, { NONE, 1 }, { NONE, 1, .want = 1 } } },
	{ "one that is held stays for one not clearly busier",
	  1,
	  2,
	  { { NONE, 10, .held = 1, .want = 1 }, { NONE, 21 } } },
	{ "and goes for one that is", 1, 2, { { NONE, 10, .held = 1 }, { NONE, 23, .want = 1 } } },
	{ "unused ones do not change places",
	  1,
	  2,
	  { { NONE, 0 }, { NONE, 0, .held = 1, .want = 1 } } },
	{ "what covers another goes with or before it",
	  2,
	  3,
	  { { NONE, 1 }, { 0, 5, .want = 1 }, { 0, 1, .want = 1 } } },
	{ "a busy one keeps an idle one below it",
	  2,
	  3,
	  { { NONE, 100, .want = 1 }, { 0, 0, .want = 1 }, { NONE, 3 } } },
	{ "but not if that takes the room of busier ones",
	  2,
	  5,
	  { { NONE, 8 }, { 0, 0 }, { 0, 0 }, { NONE, 6, .want = 1 }, { NONE, 7, .want = 1 } } },
	{ "a default route is held with everything",
	  2,
	  3,
	  { { NONE, 9, .free = 1, .want = 1 }, { 0, 0, .want = 1 }, { 0, 0, .want = 1 } } },
	{ "and with nothing less", 1, 3, { { NONE, 9, .free = 1 }, { 0, 0 }, { 0, 1, .want = 1 } } },
	{ "a default route alone is held with a limit of 0",
	  0,
	  1,
	  { { NONE, 9, .free = 1, .want = 1 } } },
	{ "its use is nobody else's",
	  1,
	  3,
	  { { NONE, 99, .free = 1 }, { 0, 1 }, { 0, 2, .want = 1 } } },
	{ "what is barred takes all along that covers it",
	  9,
	  5,
	  { { NONE, 1, .free = 1 },
	    { 0, 9 },
	    { 1, 9, .barred = 1 },
	    { 2, 1, .want = 1 },
	    { 0, 1, .want = 1 } } },
	{ "and leaves its room to others",
	  1,
	  2,
	  { { NONE, 9, .barred = 1 }, { NONE, 1, .want = 1 } } },
};

static void table_of_choices(void **state)
{
	(void)state;
	for (size_t c = 0; c < N_OF(cases); c++) {
		struct xn_trim_item items[6];
		double scratch[6];
		size_t n = cases[c].n;

		for (size_t i = 0; i < n; i++)
			items[i] = (struct xn_trim_item){ .above = cases[c].rows[i].above,
							  .use = cases[c].rows[i].use,
							  .held = cases[c].rows[i].held,
							  .barred = cases[c].rows[i].barred,
							  .free = cases[c].rows[i].free };
		xn_trim(items, n, cases[c].limit, scratch);
		for (size_t i = 0; i < n; i++)
			if (items[i].held != cases[c].rows[i].want)
				fail_msg("%s: route %zu is %sheld", cases[c].promise, i,
					 items[i].held ? "" : "not ");
	}
}

/* --- properties --- */

static size_t dice(size_t sides)
{
	return (size_t)rand() % sides;
}

/* A forest in the order of a walk, with a default route above all or none. */
static size_t random_items(struct xn_trim_item *items)
{
	size_t n = 1 + dice(MOST);
	bool root = dice(2);

	for (size_t i = 0; i < n; i++) {
		size_t above = i ? i - 1 : NONE;

		while (above != NONE && dice(3))
			above = items[above].above;
		if (root && i && above == NONE)
			above = 0;
		items[i] = (struct xn_trim_item){ .above = above,
						  .use = dice(4) ? dice(50) : 0,
						  .held = dice(2),
						  .barred = !dice(20),
						  .free = root && !i };
	}
	return n;
}

static size_t count(const struct xn_trim_item *items, size_t n)
{
	size_t held = 0;

	for (size_t i = 0; i < n; i++)
		held += items[i].held && !items[i].free;
	return held;
}

static void packets_never_go_by_what_covers(void **state)
{
	struct xn_trim_item items[MOST];
	double scratch[MOST];

	(void)state;
	for (int c = 0; c < CASES; c++) {
		size_t n = random_items(items);

		xn_trim(items, n, dice(n + 2), scratch);
		for (size_t i = 0; i < n; i++)
			if (!items[i].held && items[i].above != NONE)
				assert_false(items[items[i].above].held);
	}
}

static void limit_is_filled_and_kept(void **state)
{
	struct xn_trim_item items[MOST];
	double scratch[MOST];

	(void)state;
	for (int c = 0; c < CASES; c++) {
		size_t n = random_items(items), limit = dice(n + 2), able = 0, told;
		struct xn_trim_item before[MOST];

		memcpy(before, items, sizeof(before));
		told = xn_trim(items, n, limit, scratch);
		for (size_t i = 0; i < n; i++) {
			assert_false(before[i].barred && items[i].held);
			able += !items[i].barred && !items[i].free;
		}
		assert_int_equal(told, count(items, n));
		assert_int_equal(told, able < limit ? able : limit);
	}
}

static bool same_choice(const struct xn_trim_item *a, const struct xn_trim_item *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].held != b[i].held)
			return false;
	return true;
}

/* With the same use it comes to rest, as being held only ever speaks for a route. */
static void choice_settles(void **state)
{
	struct xn_trim_item items[MOST], before[MOST];
	double scratch[MOST];

	(void)state;
	for (int c = 0; c < CASES; c++) {
		size_t n = random_items(items), limit = dice(n + 2);
		int passes = 0;

		do {
			memcpy(before, items, sizeof(items));
			xn_trim(items, n, limit, scratch);
		} while (!same_choice(before, items, n) && ++passes < 20);
		assert_true(passes < 20);
	}
}

/* Noise within the margin moves nothing; the most used come back when there is room. */
static void no_flapping_and_best_return(void **state)
{
	struct xn_trim_item items[MOST];
	double scratch[MOST], least_back = 1e9, most_out = -1;
	bool held[MOST];

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		items[i] = (struct xn_trim_item){ .above = NONE, .use = i };
	assert_int_equal(xn_trim(items, MOST, 50, scratch), 50);
	for (int c = 0; c < 100; c++) {
		for (size_t i = 0; i < MOST; i++) {
			held[i] = items[i].held;
			items[i].use = i * (0.8 + dice(40) / 100.0);
		}
		xn_trim(items, MOST, 50, scratch);
		for (size_t i = 0; i < MOST; i++)
			assert_int_equal(items[i].held, held[i]);
	}
	for (size_t i = 0; i < MOST; i++)
		items[i].use = i;
	xn_trim(items, MOST, 120, scratch);
	for (size_t i = 0; i < MOST; i++) {
		if (items[i].held && !held[i] && items[i].use < least_back)
			least_back = items[i].use;
		if (!items[i].held && items[i].use > most_out)
			most_out = items[i].use;
	}
	assert_true(least_back > most_out);
}

static void limit_falls_at_once_and_rises_late(void **state)
{
	static const struct {
		size_t limit, room;
	} steps[] = { { 100, 100 }, { 50, 50 },	      { 90, 50 }, { 90, 50 },
		      { 90, 50 },   { 90, 50 },	      { 80, 80 }, { 90, 80 },
		      { 10, 10 },   { SIZE_MAX, 10 }, { 20, 10 }, { 30, 10 },
		      { 40, 10 },   { 50, 20 },	      { 60, 20 }, { 70, 30 } };
	struct xn_trim_room room = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < N_OF(steps); i++)
		assert_int_equal(xn_trim_room(&room, steps[i].limit), steps[i].room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_of_choices),
		cmocka_unit_test(packets_never_go_by_what_covers),
		cmocka_unit_test(limit_is_filled_and_kept),
		cmocka_unit_test(choice_settles),
		cmocka_unit_test(no_flapping_and_best_return),
		cmocka_unit_test(limit_falls_at_once_and_rises_late),
	};

	srand(4);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
