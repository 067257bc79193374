// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module's guard is told: rates and bursts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <linux/xnetman.h>

#include "core/guard.h"

static const struct {
	double bps;
	uint64_t rate; /* bytes/s */
	uint32_t burst, limit;
} figures[] = {
	{ 0, 0, 3028, 48448 },
	{ -1, 0, 3028, 48448 },
	{ NAN, 0, 3028, 48448 },
	{ 7.9, 0, 3028, 48448 },
	{ 8, 1, 3028, 48448 },
	{ 10e6, 1250000, 4278, 48448 },
	{ 1e9, 125000000, 128028, 500000 },
	{ 400e9, 50000000000, 50003028, 200000000 },
	{ 1e30, XNETMAN_RATE_MAX, XNETMAN_BURST_MAX, XNETMAN_BURST_MAX },
	{ INFINITY, XNETMAN_RATE_MAX, XNETMAN_BURST_MAX, XNETMAN_BURST_MAX },
};

static void figures_of_rates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		assert_int_equal(xn_guard_rate(figures[i].bps), figures[i].rate);
		assert_int_equal(xn_guard_burst(figures[i].rate), figures[i].burst);
		assert_int_equal(xn_guard_limit(figures[i].rate), figures[i].limit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_of_rates),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
