// SPDX-License-Identifier: GPL-2.0-or-later
/* Ec, El, C on examples worked out by hand, and the series in which they are written down. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/conformity.h"
#include "core/series.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static void near(double got, double wanted)
{
	if (!(fabs(got - wanted) <= 1e-12))
		fail_msg("%.17g, not %.17g", got, wanted);
}

static const struct {
	double reserved, demand, through, error;
} errors[] = {
	{ 100, 300, 100, 0 }, { 100, 300, 75, 0.25 }, { 100, 50, 50, 0 },
	{ 100, 50, 25, 0.5 }, { 100, 300, 300, 0 },   { 100, 300, 0, 1 },
	{ 100, 0, 0, 0 },     { 0, 300, 0, 0 },	      { 1e12, 4e11, 3e11, .25 },
};

static void error_formula(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(errors); i++)
		near(xn_error(errors[i].reserved, errors[i].demand, errors[i].through),
		     errors[i].error);
}

/*
 * Rc 100, Rl 200, Il of 4 s. V: 100, 50, 300, 0 of D: 400, 400, 400, 0, in ticks of 1 s.
 * Ec: 0, 1/2, 0, 0. D = 300, V = 112.5 on average, so El = 1 - 112.5 / 200 = 0.4375.
 */
static void long_interval(void **state)
{
	static const double through[] = { 100, 50, 300, 0 }, demand[] = { 400, 400, 400, 0 };
	static const double ec[] = { 0, 0.5, 0, 0 };
	struct xn_account acc = {};
	struct xn_verdict verdict;

	(void)state;
	for (size_t k = 0; k < 4; k++)
		near(xn_account_add(&acc, 100, demand[k], through[k], 1), ec[k]);
	near(acc.used, 450);
	near(acc.offered, 1200);
	verdict = xn_account_close(&acc, 200, 4);
	near(verdict.demand, 300);
	near(verdict.through, 112.5);
	near(verdict.ec_mean, 0.125);
	near(verdict.el, 0.4375);
	near(verdict.conformity, 1 - 0.0625 - 0.21875);
	near(acc.used + acc.offered + acc.ec_sum + acc.ticks, 0);
}

/* Units in a tick of half a second are half the rate. */
static void rates_over_real_time(void **state)
{
	struct xn_account acc = {};

	(void)state;
	near(xn_account_add(&acc, 100, 200, 40, 0.5), 0.2);
	near(xn_account_close(&acc, 100, 0.5).through, 80);
}

/* Figure 5(b) at best: net2 is idle for 12 s, then gets 900 of 1000 Mbit/s for 3 s. */
static void floor_of_figure_5b(void **state)
{
	struct xn_account acc = {};

	(void)state;
	for (size_t k = 0; k < 15; k++)
		near(xn_account_add(&acc, 100e6, k < 12 ? 0 : 1e9, k < 12 ? 0 : 900e6, 1), 0);
	near(xn_account_close(&acc, 200e6, 15).el, 0.1);
}

static void nothing_measured(void **state)
{
	struct xn_account acc = {};

	(void)state;
	near(xn_account_close(&acc, 100, 15).conformity, 1);
}

static void series_shape(void **state)
{
	const struct xn_share share = { .allowed = 100, .ratio = 0.5, .weight = 0.25 };
	const struct xn_verdict verdict = { .el = 0.25, .conformity = 0.875, .ec_mean = 0 };
	json_t *series = xn_series_new(), *wanted;

	(void)state;
	assert_int_equal(xn_series_tick_add(xn_series_tick(series, 1), "a", XN_BANDWIDTH, 200, 100,
					    &share, 0.125),
			 0);
	assert_int_equal(xn_series_interval_add(xn_series_interval(series, 15), "a", &verdict), 0);
	wanted = json_loads(
		"{\"ticks\": [{\"t\": 1.0, \"networks\": [{\"name\": \"a\","
		"\"demand_bps\": 200.0, \"throughput_bps\": 100.0, \"allowed_bps\": 100.0,"
		"\"ratio\": 0.5, \"weight\": 0.25, \"ec\": 0.125}]}], \"intervals\":"
		"[{\"t\": 15.0, \"networks\": [{\"name\": \"a\", \"el\": 0.25,"
		"\"conformity\": 0.875}]}]}",
		0, NULL);
	assert_non_null(wanted);
	assert_true(json_equal(series, wanted));
	json_decref(wanted);
	json_decref(series);
}

/* What JSON can't say is refused, not written. */
static void series_refuses(void **state)
{
	const struct xn_share share = { .allowed = 100 };
	json_t *series = xn_series_new(), *tick = xn_series_tick(series, 1);

	(void)state;
	assert_int_equal(xn_series_tick_add(tick, "a", XN_BANDWIDTH, NAN, 0, &share, 0), -1);
	assert_int_equal(xn_series_tick_add(tick, "\xff", XN_BANDWIDTH, 0, 0, &share, 0), -1);
	assert_int_equal(xn_series_tick_add(NULL, "a", XN_BANDWIDTH, 0, 0, &share, 0), -1);
	assert_null(xn_series_tick(NULL, 1));
	assert_int_equal(json_array_size(json_object_get(tick, "networks")), 0);
	json_decref(series);
}

#define TEST(text, function)                        \
	{                                           \
		.name = text, .test_func = function \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("error = 1 - V / min(reserved, D), 0 without demand", error_formula),
		TEST("Ec, El and C of a long interval", long_interval),
		TEST("rates are over the real length of a tick", rates_over_real_time),
		TEST("El of figure 5(b) is 0.1 at best", floor_of_figure_5b),
		TEST("an interval without ticks conforms", nothing_measured),
		TEST("the series has the documented shape", series_shape),
		TEST("the series refuses what JSON can't say", series_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
