// SPDX-License-Identifier: GPL-2.0-or-later
/* The cost model: what was spent, what would have been, and the ratio that makes one the other. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "core/cost.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Powers of two apart, so that what is counted where shows in the figures. */
static const struct xn_cost_model model = {
	.path = {
		[XN_COST_RX] = { 16, 0.25 },
		[XN_COST_FORWARD] = { 32, 0.25 },
		[XN_COST_TX] = { 64, 0.25 },
		[XN_COST_LINK] = { 8, 0.5 },
		[XN_COST_DROP] = { 4, 0 },
	},
};

#define FLOW(p)                \
	{                      \
		(p), 4.0 * (p) \
	} /* of packets of 4 bytes */
#define IN(worker, path, p, d) .in[worker][path] = { FLOW(p), FLOW(d) }

static const struct {
	const char *what;
	struct xn_usage usage;
	double through, demand, floor;
} table[] = {
	{ "nothing", { .napi = 0 }, 0, 0, 0 },
	{ "through Dom0 to a link",
	  { IN(XN_COST_SOFTIRQ, XN_COST_RX, 10, 0), .link = FLOW(10) },
	  10 * (17 + 10),
	  270,
	  40 },
	{ "half dropped at the input",
	  { IN(XN_COST_SOFTIRQ, XN_COST_RX, 10, 5), .link = FLOW(5) },
	  5 * 27 + 5 * 4,
	  270,
	  40 },
	{ "all dropped: it had gone where it goes",
	  { IN(XN_COST_SOFTIRQ, XN_COST_RX, 10, 10) },
	  40,
	  270,
	  40 },
	{ "forwarded by Dom0",
	  { IN(XN_COST_SOFTIRQ, XN_COST_FORWARD, 10, 0), .link = FLOW(10) },
	  10 * (33 + 10),
	  430,
	  40 },
	{ "to the network, a quarter dropped",
	  { IN(XN_COST_SOFTIRQ, XN_COST_TX, 8, 2) },
	  6 * 65 + 8,
	  8 * 65,
	  32 },
	{ "a link that drops half: what it does not send costs nothing there",
	  { IN(XN_COST_SOFTIRQ, XN_COST_RX, 10, 0), .link = FLOW(5), .to_links = FLOW(10) },
	  170 + 50,
	  220,
	  40 },
	/* a thread does it all: what it ran counts, whatever the model says of these packets */
	{ "measured",
	  { IN(XN_COST_THREAD, XN_COST_RX, 10, 0), .link = FLOW(10), .to_links = FLOW(10),
	    .napi = 27 },
	  27,
	  27,
	  4 },
	{ "measured, half dropped",
	  { IN(XN_COST_THREAD, XN_COST_RX, 10, 5), .link = FLOW(5), .to_links = FLOW(5),
	    .napi = 155 },
	  155,
	  270,
	  40 },
	{ "measured at twice the model, half dropped",
	  { IN(XN_COST_THREAD, XN_COST_RX, 10, 5), .link = FLOW(5), .to_links = FLOW(5),
	    .napi = 310 },
	  310,
	  540,
	  80 },
	{ "from one port of the network to another by a thread: not counted again at the other",
	  { IN(XN_COST_THREAD, XN_COST_RX, 10, 0), IN(XN_COST_SOFTIRQ, XN_COST_TX, 10, 0),
	    .napi = 500 },
	  500,
	  500,
	  500 * 80 / (170.0 + 650.0) },
	{ "in by a thread to a link, and out to the network from elsewhere: both",
	  { IN(XN_COST_THREAD, XN_COST_RX, 10, 0), IN(XN_COST_SOFTIRQ, XN_COST_TX, 10, 0),
	    .link = FLOW(4), .to_links = FLOW(10), .napi = 500 },
	  500 + 650,
	  500 + 650,
	  500 * 40 / (170.0 + 40.0) + 40 },
	{ "a thread that ran without packets", { .napi = 3 }, 3, 3, 3 },
	{ "netback copies on top of the model",
	  { IN(XN_COST_SOFTIRQ, XN_COST_TX, 10, 5), .copy = 7 },
	  5 * 65 + 20 + 7,
	  650 + 14,
	  40 },
	{ "one port with a thread, one without: links' work is each one's part",
	  { IN(XN_COST_THREAD, XN_COST_RX, 30, 0), IN(XN_COST_SOFTIRQ, XN_COST_RX, 10, 0),
	    .link = FLOW(40), .to_links = FLOW(40), .napi = 81 },
	  81 + 270,
	  81 + 270,
	  12 + 40 },
};

static void same(const char *what, const char *figure, double is, double should)
{
	if (!(fabs(is - should) <= 1e-9 * fmax(1, should)))
		fail_msg("%s: %s is %.12g, not %.12g", what, figure, is, should);
}

static void counts_each_path_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(table); i++) {
		struct xn_cost_memory memory = { 0 };
		struct xn_cost cost = xn_cost(&model, &table[i].usage, &memory);

		same(table[i].what, "V", cost.through, table[i].through);
		same(table[i].what, "D", cost.demand, table[i].demand);
		same(table[i].what, "floor", cost.floor, table[i].floor);
	}
}

/* A network that floods itself: a link sends one of ten. Punished to nothing its demand is the same. */
static void demand_is_remembered_when_nothing_passes(void **state)
{
	const struct xn_usage some = { IN(XN_COST_SOFTIRQ, XN_COST_RX, 10, 0), .link = FLOW(1) };
	const struct xn_usage none = { IN(XN_COST_SOFTIRQ, XN_COST_RX, 10, 10) };
	struct xn_cost_memory memory = { 0 };
	double before = xn_cost(&model, &some, &memory).demand;

	(void)state;
	same("punished to nothing", "D", xn_cost(&model, &none, &memory).demand, before);
}

/* Whatever the ratio in force, demand is the same, and the ratio pushed spends what is allowed. */
static void ratio_spends_what_is_allowed(void **state)
{
	(void)state;
	for (int dropped = 0; dropped <= 9; dropped++) {
		const struct xn_usage usage = { IN(XN_COST_SOFTIRQ, XN_COST_RX, 1000,
						   100 * dropped),
						.link = FLOW(1000 - 100 * dropped) };
		struct xn_cost_memory memory = { 0 };
		struct xn_cost cost = xn_cost(&model, &usage, &memory);
		double ratio = xn_cost_ratio(cost.demand, 10000, cost.floor);

		same("any ratio", "D", cost.demand, 27000);
		same("the new ratio", "V", (1 - ratio) * 27000 + ratio * 4000, 10000);
	}
	assert_true(xn_cost_ratio(10, 10, 5) == 0);
	assert_true(xn_cost_ratio(0, 0, 0) == 0);
	assert_true(xn_cost_ratio(10, 0, 0) == 1);
	assert_true(xn_cost_ratio(10, 3, 5) == 1);
	assert_true(xn_cost_ratio(10, 5, 0) == 0.5);
}

/* Counters are read one after the other: what was dropped may be more than what was offered. */
static void figures_stay_sane(void **state)
{
	const struct xn_usage usage = { IN(XN_COST_THREAD, XN_COST_RX, 1, 2), .link = FLOW(9),
					.napi = 1 };
	struct xn_cost_memory memory = { 0 };
	struct xn_cost cost = xn_cost(&model, &usage, &memory);

	(void)state;
	assert_true(isfinite(cost.through) && isfinite(cost.demand) && isfinite(cost.floor));
	assert_true(cost.through >= 0 && cost.demand >= 0 && cost.floor >= 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_each_path_once),
		cmocka_unit_test(demand_is_remembered_when_nothing_passes),
		cmocka_unit_test(ratio_spends_what_is_allowed),
		cmocka_unit_test(figures_stay_sane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
