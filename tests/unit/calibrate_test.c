// SPDX-License-Identifier: GPL-2.0-or-later
/* From measurements to the cost model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ctl/calibrate.h"

/* Per packet: drop 100, bridge 300, sending 150 more, route 400 ns; per byte: sending 0.1, bridge 0.2. */
#define AT(packet, byte)                                                               \
	{                                                                              \
		(packet) * 1e-9 + 60 * (byte)*1e-9, (packet)*1e-9 + 1514 * (byte)*1e-9 \
	}

static void each_path_gets_what_it_adds(void **state)
{
	static const double seconds[XN_BENCH_WAYS][2] = {
		[XN_BENCH_DROP] = AT(100, 0),
		[XN_BENCH_BRIDGE] = AT(300, 0.2),
		[XN_BENCH_BRIDGE_SEND] = AT(450, 0.3),
		[XN_BENCH_ROUTE] = AT(400, 0.25),
	};
	static const double wanted[XN_COST_PATHS][2] = {
		[XN_COST_DROP] = { 100, 0 },   [XN_COST_RX] = { 300, 0.2 },
		[XN_COST_LINK] = { 150, 0.1 }, [XN_COST_FORWARD] = { 400, 0.25 },
		[XN_COST_TX] = { 450, 0.3 },
	};
	struct xn_cost_model model;

	(void)state;
	xn_calibrate_solve(seconds, &model);
	for (int path = 0; path < XN_COST_PATHS; path++) {
		assert_float_equal(model.path[path].packet * 1e9, wanted[path][0], 1e-6);
		assert_float_equal(model.path[path].byte * 1e9, wanted[path][1], 1e-6);
	}
}

/* A big packet was seen to cost less than a small one, and sending less than nothing. */
static void noise_gives_no_time_back(void **state)
{
	static const double seconds[XN_BENCH_WAYS][2] = {
		[XN_BENCH_DROP] = { 200e-9, 100e-9 },
		[XN_BENCH_BRIDGE] = { 300e-9, 20000e-9 },
		[XN_BENCH_BRIDGE_SEND] = { 250e-9, 250e-9 },
		[XN_BENCH_ROUTE] = { 400e-9, 400e-9 },
	};
	struct xn_cost_model model;

	(void)state;
	xn_calibrate_solve(seconds, &model);
	for (int path = 0; path < XN_COST_PATHS; path++)
		assert_true(model.path[path].packet >= 0 && model.path[path].byte >= 0);
	assert_float_equal(model.path[XN_COST_DROP].packet, 200e-9, 1e-15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_gets_what_it_adds),
		cmocka_unit_test(noise_gives_no_time_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
