// SPDX-License-Identifier: GPL-2.0-or-later
/* The tick grid: drift-free, and unmoved by late ticks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/grid.h"

#define S 1000000000ULL

static void next_tick_is_on_the_grid(void **state)
{
	static const struct {
		uint64_t now, gap, next;
	} table[] = {
		{ 100 * S, 0, 101 * S }, /* exactly on a tick: the next one */
		{ 100 * S + 1, 0, 101 * S },
		{ 101 * S - 1, 0, 101 * S },
		{ 103 * S + S / 3, 0, 104 * S }, /* ticks were missed */
		{ 100 * S + S / 4, S / 2, 101 * S },
		{ 100 * S + S * 3 / 4, S / 2, 102 * S }, /* too near: the one after */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(xn_grid_next(100 * S, S, table[i].now, table[i].gap),
				 table[i].next);
}

static void late_ticks_do_not_move_the_grid(void **state)
{
	uint64_t start = 7, now = 7;

	(void)state;
	for (int k = 1; k <= 10000; k++) {
		now = xn_grid_next(start, S, now, 0);
		assert_int_equal(now, start + k * S);
		now += (k * 7919) % (S - 1); /* late, by less than an Ic */
	}
}

static void interval_starts_stay_on_the_grid(void **state)
{
	(void)state;
	assert_int_equal(xn_grid_interval(100 * S, 15 * S, 99 * S), 100 * S);
	assert_int_equal(xn_grid_interval(100 * S, 15 * S, 115 * S - 1), 100 * S);
	assert_int_equal(xn_grid_interval(100 * S, 15 * S, 115 * S), 115 * S);
	/* the boundary tick came late, or not at all */
	assert_int_equal(xn_grid_interval(100 * S, 15 * S, 117 * S + 1), 115 * S);
	assert_int_equal(xn_grid_interval(100 * S, 15 * S, 161 * S), 160 * S);
}

static void elapsed_is_real_time_below_il(void **state)
{
	(void)state;
	assert_true(xn_grid_elapsed(100 * S, 15 * S, 90 * S) == 0);
	assert_true(xn_grid_elapsed(100 * S, 15 * S, 103 * S + S / 2) == 3.5);
	assert_true(xn_grid_elapsed(100 * S, 15 * S, 115 * S) < 15);
	assert_true(xn_grid_elapsed(100 * S, 15 * S, 900 * S) < 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_tick_is_on_the_grid),
		cmocka_unit_test(late_ticks_do_not_move_the_grid),
		cmocka_unit_test(interval_starts_stay_on_the_grid),
		cmocka_unit_test(elapsed_is_real_time_below_il),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
