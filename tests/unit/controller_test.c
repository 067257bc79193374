// SPDX-License-Identifier: GPL-2.0-or-later
/* The controller, and the paper's Algorithm 1, on examples worked out by hand; rules of SLAs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "algorithm1.h"
#include "core/controller.h"

#define MOST 4

struct net {
	struct xn_sla sla;
	double demand, used;
	double allowed, ratio, weight; /* expected */
};

struct example {
	const char *what;
	struct xn_resource res;
	bool oversold; /* expected */
	struct net nets[MOST];
	size_t n;
};

#define SECONDS(tau) .ic = 1, .il = 15, .elapsed = (tau)
#define SLA(rc, re, rl, rmax)           \
	{                               \
		rc, re, rl, rmax, false \
	}
#define RESTRICTED(rc, re, rl)       \
	{                            \
		rc, re, rl, rl, true \
	}

static const struct example examples[] = {
	{ "Algorithm 1: the pool goes by unspent volume (7500 : 1500)",
	  { 1000, SECONDS(0) },
	  .n = 2,
	  .nets = { { SLA(100, 0, 600, 600), 1000, 0, 100 + 800 * 5 / 6., 7 / 30., 5 / 6. },
		    { SLA(100, 0, 200, 200), 1000, 0, 100 + 800 / 6., 23 / 30., 1 / 6. } } },
	{ "what one can't use goes to the others by weight (2 : 3)",
	  { 600, SECONDS(0) },
	  .n = 3,
	  .nets = { { SLA(0, 0, 100, 100), 50, 0, 50, 0, 1 / 6. },
		    { SLA(0, 0, 200, 200), 1000, 0, 220, .78, 1 / 3. },
		    { SLA(0, 0, 300, 300), 1000, 0, 330, .67, 1 / 2. } } },
	{ "and again, when that is too much for the next",
	  { 600, SECONDS(0) },
	  .n = 4,
	  .nets = { { SLA(0, 0, 100, 100), 30, 0, 30, 0, .25 },
		    { SLA(0, 0, 100, 100), 180, 0, 180, 0, .25 },
		    { SLA(0, 0, 100, 100), 195, 0, 195, 0, .25 },
		    { SLA(0, 0, 100, 100), 390, 0, 195, .5, .25 } } },
	{ "an idle short-term guarantee is lent",
	  { 1000, SECONDS(0) },
	  .n = 2,
	  .nets = { { SLA(400, 0, 400, 400), 100, 0, 100, 0, 0 },
		    { SLA(100, 0, 950, 950), 1000, 0, 900, .1, 1 } } },
	{ "an idle exclusive guarantee is not",
	  { 1000, SECONDS(0) },
	  .n = 2,
	  .nets = { { SLA(0, 400, 400, 400), 100, 0, 100, 0, 0 },
		    { SLA(100, 0, 950, 950), 1000, 0, 600, .4, 1 } } },
	{ "of a mixed guarantee the exclusive part stays",
	  { 1000, SECONDS(0) },
	  .n = 2,
	  .nets = { { SLA(300, 100, 400, 400), 0, 0, 0, 0, 0 },
		    { SLA(100, 0, 950, 950), 1000, 0, 900, .1, 1 } } },
	{ "restricted: never above the guarantee, even alone",
	  { 1000, SECONDS(0) },
	  .n = 1,
	  .nets = { { RESTRICTED(60, 40, 500), 400, 0, 100, .75, 1 } } },
	{ "the long-term volume beyond the guarantees to come may go at once",
	  { 10000, SECONDS(0) },
	  .n = 1,
	  .nets = { { SLA(50, 0, 100, 100), 8000, 0, 800, .9, 1 } } },
	{ "and then the guarantee remains, weight 0",
	  { 10000, SECONDS(1) },
	  .n = 1,
	  .nets = { { SLA(50, 0, 100, 100), 500, 800, 50, .9, 0 } } },
	{ "the last of the volume in the last tick",
	  { 1000, SECONDS(14) },
	  .n = 1,
	  .nets = { { SLA(0, 0, 100, 100), 1000, 1400, 100, .9, 1 } } },
	{ "volume is not rate: Ic of 2 s",
	  { 1000, .ic = 2, .il = 4, .elapsed = 2 },
	  .n = 1,
	  .nets = { { SLA(0, 0, 100, 100), 1000, 200, 100, .9, 1 } } },
	{ "more used than the long term gives: the guarantee remains",
	  { 1000, SECONDS(3) },
	  .n = 1,
	  .nets = { { SLA(50, 0, 100, 100), 100, 5000, 50, .5, 0 } } },
	{ "what rounding leaves of a spent volume is nothing",
	  { 1000, SECONDS(14) },
	  .n = 1,
	  .nets = { { SLA(0, 0, 100, 100), 100, 1500 * (1 - 1e-15), 0, 1, 0 } } },
	{ "idle so far: S is at most (Rl - G) x Il",
	  { 1000, SECONDS(10) },
	  .n = 2,
	  .nets = { { SLA(100, 0, 200, 200), 0, 0, 0, 0, .5 },
		    { SLA(0, 0, 100, 100), 0, 0, 0, 0, .5 } } },
	{ "Rmax: idle capacity beyond Rl, weight 0",
	  { 1000, SECONDS(7) },
	  .n = 1,
	  .nets = { { SLA(0, 0, 100, 200), 500, 1500, 500, 0, 0 } } },
	{ "Rmax: until its volume is spent",
	  { 1000, SECONDS(14) },
	  .n = 1,
	  .nets = { { SLA(0, 0, 100, 200), 500, 2900, 100, .8, 0 } } },
	{ "Rmax: the guarantees to come are kept back",
	  { 1000, SECONDS(13) },
	  .n = 1,
	  .nets = { { SLA(100, 0, 100, 200), 1000, 2700, 200, .8, 0 } } },
	{ "Rmax: by unspent maximum (3000 : 1000)",
	  { 300, SECONDS(5) },
	  .n = 2,
	  .nets = { { SLA(0, 0, 0, 200), 1000, 0, 225, .775, 0 },
		    { SLA(0, 0, 0, 200), 1000, 2000, 75, .925, 0 } } },
	{ "Rmax: only what the long term leaves",
	  { 300, SECONDS(5) },
	  .n = 2,
	  .nets = { { SLA(0, 0, 0, 300), 1000, 0, 50, .95, 0 },
		    { SLA(0, 0, 100, 100), 250, 0, 250, 0, 1 } } },
	{ "Rmax: does not lift a restriction",
	  { 1000, SECONDS(0) },
	  .n = 1,
	  .nets = { { { 100, 0, 100, 500, true }, 400, 0, 100, .75, 0 } } },
	{ "guarantees that do not fit are scaled",
	  { 100, SECONDS(0) },
	  .oversold = true,
	  .n = 2,
	  .nets = { { SLA(100, 0, 100, 100), 1000, 0, 25, .975, .25 },
		    { SLA(200, 100, 300, 300), 1000, 0, 75, .925, .75 } } },
	{ "and what is idle of them is still lent, but Re",
	  { 100, SECONDS(0) },
	  .oversold = true,
	  .n = 2,
	  .nets = { { SLA(40, 60, 100, 100), 0, 0, 0, 0, .25 },
		    { SLA(300, 0, 300, 300), 1000, 0, 85, .915, .75 } } },
	{ "nothing sold, nothing allowed",
	  { 1000, SECONDS(0) },
	  .n = 1,
	  .nets = { { SLA(0, 0, 0, 0), 10, 0, 0, 1, 0 } } },
	{ "no demand, no punishment",
	  { 1000, SECONDS(0) },
	  .n = 1,
	  .nets = { { SLA(0, 0, 0, 0), 0, 0, 0, 0, 0 } } },
	{ "no capacity",
	  { 0, SECONDS(0) },
	  .oversold = true,
	  .n = 1,
	  .nets = { { SLA(100, 0, 100, 100), 10, 0, 0, 1, 1 } } },
	{ "xnetmon: the pool by fixed weights ~ Rc, no long term",
	  { 1000, SECONDS(5), XN_POLICY_XNETMON },
	  .n = 3,
	  .nets = { { SLA(100, 0, 100, 100), 1000, 9e9, 250, .75, .25 },
		    { SLA(300, 0, 300, 300), 1000, 0, 750, .25, .75 },
		    { SLA(0, 0, 900, 900), 1000, 0, 0, 1, 0 } } },
	{ "xnetmon: up to demand; restricted and exclusive hold",
	  { 1000, SECONDS(5), XN_POLICY_XNETMON },
	  .n = 3,
	  .nets = { { RESTRICTED(200, 0, 900), 1000, 0, 200, .8, .4 },
		    { SLA(300, 0, 300, 300), 1000, 0, 700, .3, .6 },
		    { SLA(0, 100, 900, 900), 50, 0, 50, 0, 0 } } },
	{ "off: count, never punish",
	  { 1000, SECONDS(5), XN_POLICY_OFF },
	  .n = 2,
	  .nets = { { SLA(100, 0, 100, 100), 900, 0, 900, 0, 0 },
		    { RESTRICTED(300, 0, 300), 5000, 9e9, 5000, 0, 0 } } },
};

static void near(const char *what, size_t net, const char *field, double got, double wanted)
{
	if (fabs(got - wanted) > 1e-9 * fmax(1, fabs(wanted)))
		fail_msg("%s: net%zu: %s is %.12g, not %.12g", what, net + 1, field, got, wanted);
}

static void check_example(void **state)
{
	const struct example *e = *state;
	struct xn_share shares[MOST] = {}, *order[MOST];

	for (size_t i = 0; i < e->n; i++) {
		shares[i].sla = e->nets[i].sla;
		shares[i].demand = e->nets[i].demand;
		shares[i].used = e->nets[i].used;
		shares[i].allowed = shares[i].ratio = shares[i].weight = -1;
	}
	assert_int_equal(xn_decide(&e->res, shares, order, e->n), !e->oversold);
	for (size_t i = 0; i < e->n; i++) {
		near(e->what, i, "allowed", shares[i].allowed, e->nets[i].allowed);
		near(e->what, i, "ratio", shares[i].ratio, e->nets[i].ratio);
		near(e->what, i, "weight", shares[i].weight, e->nets[i].weight);
	}
}

static void no_networks(void **state)
{
	const struct xn_resource res = { 1000, SECONDS(0) };

	(void)state;
	assert_true(xn_decide(&res, NULL, NULL, 0));
}

/* Just above what is allowed is noise of the measurement, not more. */
static void noise_is_not_punished(void **state)
{
	const struct xn_resource res = { 1e9, SECONDS(0) };
	struct xn_share share = { .sla = RESTRICTED(1e8, 0, 1e8), .demand = 1e8 + 0.05 }, *order[1];

	(void)state;
	xn_decide(&res, &share, order, 1);
	assert_true(share.ratio == 0);
	share.demand = 1e8 + 1;
	xn_decide(&res, &share, order, 1);
	assert_true(share.ratio > 0.9e-8 && share.ratio < 1.1e-8);
}

/*
 * The paper's figure 4, tick by tick: net1 rises in weight as net3 spends its long-term volume of
 * 3750 Mbit in 12 s at 300 Mbit/s and one at 150; net2 has nothing beyond its guarantee.
 */
static void fig4(void **state)
{
	struct xn_share shares[3] = {
		{ .sla = SLA(50e6, 0, 350e6, 350e6), .demand = 300e6 },
		{ .sla = SLA(100e6, 0, 100e6, 100e6), .demand = 300e6 },
		{ .sla = SLA(0, 0, 250e6, 250e6), .demand = 300e6 },
	};
	struct xn_share *order[3];

	(void)state;
	for (size_t k = 0; k < 15; k++) {
		const struct xn_resource res = { 1e9, SECONDS(k) };
		double s1 = 4500 - 250. * k, s3 = k <= 12 ? 3750 - 300. * k : 0;
		double net3 = k < 12 ? 300e6 : k == 12 ? 150e6 : 0;

		assert_true(xn_decide(&res, shares, order, 3));
		near("fig4", 0, "allowed", shares[0].allowed, 300e6);
		near("fig4", 1, "allowed", shares[1].allowed, 100e6);
		near("fig4", 2, "allowed", shares[2].allowed, net3);
		near("fig4", 0, "weight", shares[0].weight, s1 / (s1 + s3));
		assert_true(shares[1].weight == 0);
		near("fig4", 2, "weight", shares[2].weight, s3 / (s1 + s3));
		near("fig4", 0, "ratio", shares[0].ratio, 0);
		near("fig4", 1, "ratio", shares[1].ratio, 2 / 3.);
		near("fig4", 2, "ratio", shares[2].ratio, 1 - net3 / 300e6);
		for (size_t i = 0; i < 3; i++)
			shares[i].used += shares[i].demand * (1 - shares[i].ratio) * res.ic;
	}
}

/* The transcription itself: of R 600 the first wants 50, and the last has spent its long term. */
static void algorithm1_by_hand(void **state)
{
	const double rc[] = { 0, 100, 100 }, rl[] = { 100, 200, 300 }, peso[] = { .2, .3, .5 };
	const double utilizado[] = { 0, 10, 4500 }, d[] = { 50, 1000, 400 };
	const struct algorithm1 in = { 600, 3, 1, 15, rc, rl, peso, utilizado, d };
	double liberado[3], punicao[3];

	(void)state;
	/*
	 * Lines 2 to 6: 0 + 400 x .2 = 80; 100 + 400 x .3 = 220; 100, for it is spent. Lines 10
	 * to 13: 80 -> 50, only the second shares in 600 - 50 - 220 - 100 = 230.
	 */
	assert_true(algorithm1(&in, liberado, punicao));
	near("algorithm 1", 0, "allowed", liberado[0], 50);
	near("algorithm 1", 1, "allowed", liberado[1], 450);
	near("algorithm 1", 2, "allowed", liberado[2], 100);
	near("algorithm 1", 0, "ratio", punicao[0], 0);
	near("algorithm 1", 1, "ratio", punicao[1], .55);
	near("algorithm 1", 2, "ratio", punicao[2], .75);
}

static void policy_names(void **state)
{
	(void)state;
	for (int i = XN_POLICY_XNETMAN; i <= XN_POLICY_OFF; i++)
		assert_int_equal(xn_policy_parse(xn_policy_name(i)), i);
	assert_string_equal(xn_policy_name(XN_POLICY_XNETMON), "xnetmon");
	assert_int_equal(xn_policy_parse("xnet"), -1);
	assert_int_equal(xn_policy_parse(""), -1);
	assert_string_equal(xn_policy_name(99), "unknown");
}

/* capacity 1000; key NULL: it is right */
static const struct {
	struct xn_sla sla;
	const char *key, *why;
} rules[] = {
	{ SLA(0, 0, 0, 0), NULL, NULL },
	{ SLA(400, 600, 1000, 1000), NULL, NULL },
	{ SLA(50, 0, 350, 2000), NULL, NULL },
	{ SLA(900, 200, 1100, 1100), "rc", "above the capacity" },
	{ SLA(100, 901, 1001, 1001), "re", "above the capacity" },
	{ SLA(0, 0, 1001, 1001), "rl", "above the capacity" },
	{ SLA(100, 50, 149, 149), "rl", "below rc + re" },
	{ SLA(0, 0, 100, 99), "rmax", "below rl" },
	{ SLA(-1, 0, 100, 100), "rc", "negative" },
	{ SLA(0, -1, 100, 100), "re", "negative" },
	{ SLA(0, 0, -1, 100), "rl", "negative" },
	{ SLA(0, 0, 0, -1), "rmax", "negative" },
	{ SLA(NAN, 0, 0, 0), "rc", "finite" },
	{ SLA(0, 0, 0, INFINITY), "rmax", "finite" },
};

static void sla_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *key = NULL, *why = xn_sla_check(&rules[i].sla, 1000, &key);

		if (!rules[i].key && why)
			fail_msg("rule %zu: %s: %s", i, key, why);
		if (rules[i].key &&
		    (!why || strcmp(key, rules[i].key) || !strstr(why, rules[i].why)))
			fail_msg("rule %zu: not \"%s: ... %s\" but %s: %s", i, rules[i].key,
				 rules[i].why, key, why ? why : "accepted");
	}
}

#define N_EXAMPLES (sizeof(examples) / sizeof(examples[0]))

int main(void)
{
	struct CMUnitTest tests[N_EXAMPLES + 6] = {
		{ .name = "no networks, no harm", .test_func = no_networks },
		{ .name = "measuring noise is not punished", .test_func = noise_is_not_punished },
		{ .name = "figure 4, tick by tick", .test_func = fig4 },
		{ .name = "Algorithm 1's transcription, by hand", .test_func = algorithm1_by_hand },
		{ .name = "policies have names", .test_func = policy_names },
		{ .name = "rules of an SLA name key and remedy", .test_func = sla_rules },
	};

	for (size_t i = 0; i < N_EXAMPLES; i++)
		tests[6 + i] = (struct CMUnitTest){ .name = examples[i].what,
						    .test_func = check_example,
						    .initial_state = (void *)&examples[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
