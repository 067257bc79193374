// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of the long interval's account when a contract changes within it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "contract_case.h"
#include "daemon_fixture.h"
#include "core/controller.h"
#include "daemon/contract.h"
#include "daemon/state.h"

#define NETS  3
#define TICKS 15
#define R     1e9

/* SLAs of every tick of an Il; they fit at each of them. */
static void draw_slas(struct case_rng *rng, struct xn_sla slas[NETS][TICKS])
{
	for (size_t n = 0; n < NETS; n++)
		for (size_t k = 0; k < TICKS; k++) {
			struct xn_sla *sla = &slas[n][k];

			if (k && case_random(rng, 4)) {
				*sla = slas[n][k - 1];
				continue;
			}
			sla->rc = case_random(rng, 4) * R / 40;
			sla->re = case_random(rng, 2) * R / 40;
			sla->rl = sla->rc + sla->re + case_random(rng, 5) * R / 40;
			sla->rmax = sla->rl;
		}
}

static struct xn_shift ahead_of(const struct xn_sla *slas, size_t k)
{
	struct xn_shift ahead = { 0 };

	for (size_t i = k + 1; i < TICKS; i++) {
		ahead.g += xn_sla_guarantee(&slas[i]) - xn_sla_guarantee(&slas[k]);
		ahead.rl += slas[i].rl - slas[k].rl;
		ahead.rmax += slas[i].rmax - slas[k].rmax;
	}
	return ahead;
}

static double integral(const struct xn_sla *slas)
{
	double sum = 0;

	for (size_t k = 0; k < TICKS; k++)
		sum += slas[k].rl;
	return sum;
}

/* One Il; who is asked for what is always asked for more. */
static void run_interval(const struct xn_sla slas[NETS][TICKS], struct xn_pair *pairs)
{
	struct xn_share shares[NETS] = { 0 }, *order[NETS];
	struct xn_resource res = { .capacity = R, .ic = 1, .il = TICKS };

	for (size_t k = 0; k < TICKS; k++) {
		res.elapsed = k;
		for (size_t n = 0; n < NETS; n++) {
			xn_contract_switch(&pairs[n], &slas[n][k], XN_NS, (k + 1) * XN_NS);
			shares[n].sla = slas[n][k];
			shares[n].demand = 2 * R;
			shares[n].used = pairs[n].acc.used;
			shares[n].past = pairs[n].past;
			shares[n].ahead = ahead_of(slas[n], k);
		}
		assert_true(xn_decide(&res, shares, order, NETS));
		for (size_t n = 0; n < NETS; n++) {
			double g = xn_sla_guarantee(&slas[n][k]);

			assert_true(shares[n].allowed >= g * (1 - 1e-9));
			pairs[n].acc.used += shares[n].allowed;
		}
	}
}

/* Whatever changes when, each gets the integral of its rl over the Il, no more and no less. */
static void test_integral(void **state)
{
	static struct xn_sla slas[NETS][TICKS];
	struct case_rng rng = { 77 };

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct xn_pair pairs[NETS] = { 0 };

		draw_slas(&rng, slas);
		run_interval(slas, pairs);
		for (size_t n = 0; n < NETS; n++) {
			double used = pairs[n].acc.used, right = integral(slas[n]);

			if (fabs(used - right) > 1e-6 * R)
				fail_msg("case %d, network %zu: %.0f, not %.0f", i, n, used, right);
			assert_true(fabs(slas[n][TICKS - 1].rl * TICKS + pairs[n].past.rl - right) <
				    1e-6 * R);
		}
	}
}

/* The SLA that an account begins with is that of the whole Il; one that comes back shifts nothing. */
static void test_switches(void **state)
{
	const struct xn_sla day = { .rc = 10, .rl = 100, .rmax = 200 },
			    night = { .rl = 40, .rmax = 40 };
	struct xn_pair pair = { .since = 5 * XN_NS };

	(void)state;
	assert_true(xn_contract_switch(&pair, &day, 5 * XN_NS, 9 * XN_NS));
	assert_true(pair.past.rl == 0);
	assert_false(xn_contract_switch(&pair, &day, 5 * XN_NS, 10 * XN_NS));
	assert_true(pair.past.rl == 0);
	assert_true(xn_contract_switch(&pair, &night, 5 * XN_NS, 10 * XN_NS)); /* 5 s of day */
	assert_true(pair.past.rl == 300 && pair.past.g == 50 && pair.past.rmax == 800);
	assert_true(xn_contract_switch(&pair, &day, 5 * XN_NS, 11 * XN_NS)); /* 1 s of night */
	assert_true(pair.past.rl == -60 && pair.past.g == -10 && pair.past.rmax == -160);
}

/* An account that comes with a network is of all of the Il, and so is what its schedule had in it. */
static void test_extend(void **state)
{
	static const int64_t noon = 1767268800; /* 2026-01-01 12:00 UTC */
	static const struct {
		uint64_t begin, since; /* s; it is 100 */
		int64_t time;
		double rl; /* what the past shifts, Mbit */
	} cases[] = {
		{ 70, 95, noon + 10, 20 * -30 }, /* 20 s of the morning, and 5 of the afternoon */
		{ 70, 95, noon + 40, 0 },	 { 70, 0, noon + 10, 20 * -30 },
		{ 70, 75, noon + 25, 5 * -30 },	 { 70, 70, noon + 10, 0 },
		{ 70, 60, noon + 10, 0 },	 { 40, 95, noon - 1, 0 },
	};

	(void)state;
	fixture_write("xnetman.yaml", "links: [{name: eth0, capacity: 1Gbit}]\n");
	fixture_write("networks.d/net1.yaml", "name: net1\ntimezone: UTC\n"
					      "bandwidth: [{link: eth0, rl: 40Mbit}]\nschedule:\n"
					      "  - when: 00:00..12:00\n"
					      "    bandwidth: [{link: eth0, rl: 10Mbit}]\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xn_state *s = fixture_state(NULL);
		struct xn_pair *pair = xn_state_pair(s, 0, 0);
		bool morning = cases[i].time < noon;
		uint64_t kept = cases[i].since && cases[i].since < cases[i].begin ? cases[i].since
										  : cases[i].begin;

		pair->since = cases[i].since * XN_NS;
		pair->sla = xn_state_sla_in(s, 0, 0, morning);
		/* again: nothing more */
		for (int k = 0; k < 2; k++)
			xn_contract_extend(s, 0, 0, cases[i].begin * XN_NS, 100 * XN_NS,
					   cases[i].time);
		if (fabs(pair->past.rl - cases[i].rl * 1e6) > 1 || pair->since != kept * XN_NS)
			fail_msg("case %zu: %g, %g", i, pair->past.rl, pair->since / 1e9);
		xn_state_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_integral),
		cmocka_unit_test(test_extend),
	};

	return cmocka_run_group_tests_name("contracts", tests, NULL, fixture_exit);
}
