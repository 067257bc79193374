// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must always hold for the controller, on random inputs. XN_SEED repeats a run; a case that
 * fails is printed with all its inputs.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "algorithm1.h"
#include "core/conformity.h"
#include "reference.h"

#define CASES 10000
#define RUNS  10000 /* of whole long intervals */

/* Compared with the capacity. */
#define EPSILON 1e-9

static struct controller_case c;
static struct reference ref;
static double eps;

/* A promise about one decision: true if network i keeps it; or, at i == n, all together. */
struct promise {
	bool (*kept)(size_t i);
	struct case_limits limits;
	bool xnetmon; /* holds for that policy too */
};

static void require(bool kept, size_t i)
{
	if (kept)
		return;
	case_print(&c);
	fail_msg("network %zu of case %zu, XN_SEED=%llu", i, c.number, (unsigned long long)c.seed);
}

/* --- one decision --- */

static void check_promise(void **state)
{
	const struct promise *promise = *state;
	bool fits;

	for (size_t number = 0; number < CASES; number++) {
		case_fill(&c, case_seed(), number, &promise->limits);
		if (promise->xnetmon && number % 4 == 3)
			c.res.policy = XN_POLICY_XNETMON;
		eps = EPSILON * c.res.capacity;
		reference_decide(&c, &ref);
		fits = xn_decide(&c.res, c.shares, c.order, c.n);
		require(fits == ref.fits, c.n);
		for (size_t i = 0; i <= c.n; i++)
			require(promise->kept(i), i);
	}
}

static bool weights_are_1_or_0(size_t i)
{
	double sum = 0, any = 0;

	if (i < c.n)
		return c.shares[i].weight >= 0 && c.shares[i].weight <= 1;
	for (i = 0; i < c.n; i++) {
		sum += c.shares[i].weight;
		any += ref.s[i];
	}
	return any > 0 ? fabs(sum - 1) < EPSILON : sum == 0;
}

static bool guarantee_kept(size_t i)
{
	const struct xn_share *s = &c.shares[i];

	return i == c.n || !ref.fits ||
	       s->allowed >= fmin(s->demand, xn_sla_guarantee(&s->sla)) - eps;
}

/* Of what was sold only the part that fits is guaranteed: the same part for everybody. */
static bool degrades_in_proportion(size_t i)
{
	double sold = 0;

	if (i == c.n || ref.fits)
		return true;
	for (size_t j = 0; j < c.n; j++)
		sold += xn_sla_guarantee(&c.shares[j].sla);
	return c.shares[i].allowed >= fmin(c.shares[i].demand, xn_sla_guarantee(&c.shares[i].sla) *
								       c.res.capacity / sold) -
					      eps;
}

static bool capacity_kept(size_t i)
{
	double sum = 0;

	if (i < c.n)
		return true;
	for (i = 0; i < c.n; i++)
		sum += fmax(c.shares[i].allowed, ref.re[i]);
	return sum <= c.res.capacity + eps;
}

static bool restricted_kept(size_t i)
{
	return i == c.n || !c.shares[i].sla.restricted || c.shares[i].allowed <= ref.g[i] + eps;
}

static bool no_right_held_back(size_t i)
{
	double idle = c.res.capacity;

	if (i == c.n || ref.s[i] == 0)
		return true;
	for (size_t j = 0; j < c.n; j++)
		idle -= fmax(c.shares[j].allowed, ref.re[j]);
	return c.shares[i].allowed >= ref.cap[i] - eps || idle <= eps;
}

static bool as_by_bisection(size_t i)
{
	return i == c.n || (fabs(c.shares[i].allowed - ref.allowed[i]) <= eps &&
			    fabs(c.shares[i].weight - ref.weight[i]) <= EPSILON);
}

/* Without a maximum above Rl round B is idle. */
static bool nothing_above_long_term(size_t i)
{
	if (i == c.n)
		return true;
	for (size_t j = 0; j < c.n; j++)
		if (c.shares[j].sla.rmax > c.shares[j].sla.rl)
			return true;
	return c.shares[i].allowed <= ref.cap[i] + eps;
}

/* Nobody gets of round B while somebody still waits for what is his in round A. */
static bool maximum_waits_for_long_term(size_t i)
{
	if (i == c.n || c.shares[i].allowed <= ref.cap[i] + eps)
		return true;
	for (size_t j = 0; j < c.n; j++)
		if (ref.s[j] > 0 && c.shares[j].allowed < ref.cap[j] - eps)
			return false;
	return true;
}

static bool ratio_takes_back(size_t i)
{
	const struct xn_share *s = &c.shares[i];

	if (i == c.n)
		return true;
	if (s->ratio == 0)
		return s->demand <= s->allowed * (1 + 2 * EPSILON);
	return s->ratio > 0 && s->ratio <= 1 && s->demand > s->allowed &&
	       fabs(s->demand * (1 - s->ratio) - s->allowed) <= EPSILON * s->demand;
}

/* --- one decision against another --- */

static struct xn_share before[CASE_NETWORKS];

static void check_order(void **state)
{
	static size_t from[CASE_NETWORKS];
	struct rng rng = rng_for(case_seed(), CASES);

	(void)state;
	for (size_t number = 0; number < CASES; number++) {
		case_fill(&c, case_seed(), number, &(struct case_limits){});
		xn_decide(&c.res, c.shares, c.order, c.n);
		memcpy(before, c.shares, c.n * sizeof(before[0]));
		for (size_t i = 0; i < c.n; i++) {
			size_t j = rng_below(&rng, i + 1);

			from[i] = from[j];
			from[j] = i;
		}
		for (size_t i = 0; i < c.n; i++)
			c.shares[i] = before[from[i]];
		xn_decide(&c.res, c.shares, c.order, c.n);
		for (size_t i = 0; i < c.n; i++)
			require(c.shares[i].allowed == before[from[i]].allowed &&
					c.shares[i].weight == before[from[i]].weight &&
					c.shares[i].ratio == before[from[i]].ratio,
				i);
	}
}

static void scale_case(double factor)
{
	c.res.capacity *= factor;
	for (size_t i = 0; i < c.n; i++) {
		struct xn_share *s = &c.shares[i];

		s->sla.rc *= factor;
		s->sla.re *= factor;
		s->sla.rl *= factor;
		s->sla.rmax *= factor;
		s->demand *= factor;
		s->used *= factor;
	}
}

/*
 * To the last bit by powers of two. Else volumes that are within rounding of nothing (1e-12 of what
 * was promised) may be taken for nothing on one side only.
 */
static void check_scale(void **state)
{
	struct rng rng = rng_for(case_seed(), CASES + 1);

	(void)state;
	for (size_t number = 0; number < CASES; number++) {
		bool exact = number % 2;
		double factor = exact ? ldexp(1, (int)rng_below(&rng, 40) - 20)
				      : pow(10, rng_between(&rng, -6, 6));
		double blur = 0, largest = 0;

		case_fill(&c, case_seed(), number, &(struct case_limits){});
		xn_decide(&c.res, c.shares, c.order, c.n);
		memcpy(before, c.shares, c.n * sizeof(before[0]));
		scale_case(factor);
		xn_decide(&c.res, c.shares, c.order, c.n);
		for (size_t i = 0; i < c.n; i++)
			largest = fmax(largest, c.shares[i].sla.rmax);
		if (!exact)
			blur = EPSILON * c.res.capacity + 1e-11 * largest * c.res.il / c.res.ic;
		for (size_t i = 0; i < c.n; i++)
			require(fabs(c.shares[i].allowed - factor * before[i].allowed) <= blur, i);
	}
}

/* --- garbage --- */

static double draw_garbage(struct rng *rng, double sane)
{
	static const double garbage[] = { NAN,	-1,    -1e300, INFINITY, -INFINITY, 0,
					  -0.0, 1e308, 5e-324, 1e-40,	 1,	    1e18 };

	return rng_below(rng, 3) ? sane
				 : garbage[rng_below(rng, sizeof(garbage) / sizeof(garbage[0]))];
}

static void check_garbage(void **state)
{
	struct rng rng = rng_for(case_seed(), CASES + 2);

	(void)state;
	for (size_t number = 0; number < CASES; number++) {
		double sum = 0;

		case_fill(&c, case_seed(), number, &(struct case_limits){ .networks = 200 });
		c.res.capacity = draw_garbage(&rng, c.res.capacity);
		c.res.ic = draw_garbage(&rng, c.res.ic);
		c.res.il = draw_garbage(&rng, c.res.il);
		c.res.elapsed = draw_garbage(&rng, c.res.elapsed);
		c.res.policy = rng_below(&rng, 3);
		for (size_t i = 0; i < c.n; i++) {
			struct xn_share *s = &c.shares[i];

			s->sla.rc = draw_garbage(&rng, s->sla.rc);
			s->sla.re = draw_garbage(&rng, s->sla.re);
			s->sla.rl = draw_garbage(&rng, s->sla.rl);
			s->sla.rmax = draw_garbage(&rng, s->sla.rmax);
			s->demand = draw_garbage(&rng, s->demand);
			s->used = draw_garbage(&rng, s->used);
		}
		xn_decide(&c.res, c.shares, c.order, c.n);
		for (size_t i = 0; i < c.n; i++) {
			const struct xn_share *s = &c.shares[i];

			require(isfinite(s->allowed) && s->allowed >= 0 && s->weight >= 0 &&
					s->weight <= 1 && s->ratio >= 0 && s->ratio <= 1,
				i);
			sum += s->allowed;
		}
		require(c.res.policy == XN_POLICY_OFF || !(c.res.capacity > 0) ||
				sum <= c.res.capacity * (1 + EPSILON),
			c.n);
	}
}

/* --- Algorithm 1 of the paper --- */

static struct {
	double rc[CASE_NETWORKS], rl[CASE_NETWORKS], peso[CASE_NETWORKS];
	double utilizado[CASE_NETWORKS], d[CASE_NETWORKS];
	double proximo_liberado[CASE_NETWORKS], punicao[CASE_NETWORKS];
} paper;

/* Run it on the case, with our weights. */
static void run_algorithm1(bool capped)
{
	struct algorithm1 in = {
		.rt = c.res.capacity,
		.n = c.n,
		.ic = c.res.ic,
		.il = c.res.il,
		.rc = paper.rc,
		.rl = paper.rl,
		.peso = paper.peso,
		.utilizado = paper.utilizado,
		.d = paper.d,
	};

	for (size_t i = 0; i < c.n; i++) {
		const struct xn_share *s = &c.shares[i];

		paper.rc[i] = s->sla.rc;
		paper.rl[i] = s->sla.rl;
		paper.peso[i] = s->weight;
		paper.utilizado[i] = s->used;
		paper.d[i] = capped ? fmin(s->demand, ref.g[i] + ref.s[i] / c.res.ic) : s->demand;
	}
	require(algorithm1(&in, paper.proximo_liberado, paper.punicao), c.n);
}

/* What Algorithm 1 lets through: it does not bring proximo_liberado down to D at its end. */
static void compare_algorithm1(void)
{
	for (size_t i = 0; i < c.n; i++) {
		double allowed = fmin(paper.proximo_liberado[i], paper.d[i]);

		require(fabs(c.shares[i].allowed - allowed) <= eps, i);
		require(fabs(paper.d[i] * (1 - paper.punicao[i]) - allowed) <=
				EPSILON * paper.d[i] + eps,
			i);
	}
}

static void decide_for_paper(size_t number)
{
	case_fill(&c, case_seed(), number, &(struct case_limits){ .paper = true });
	eps = EPSILON * c.res.capacity;
	reference_decide(&c, &ref);
	xn_decide(&c.res, c.shares, c.order, c.n);
}

/* The paper's loop does not look at how much of the long term is left: let its D know. */
static void check_algorithm1(void **state)
{
	(void)state;
	for (size_t number = 0; number < CASES; number++) {
		decide_for_paper(number);
		run_algorithm1(true);
		compare_algorithm1();
	}
}

/* With the D that was measured, wherever that makes no difference. */
static void check_algorithm1_raw(void **state)
{
	size_t compared = 0;

	(void)state;
	for (size_t number = 0; compared < CASES; number++) {
		bool bound = false;

		assert_true(number < 50 * CASES);
		decide_for_paper(number);
		run_algorithm1(false);
		for (size_t i = 0; i < c.n; i++)
			bound |= paper.proximo_liberado[i] > ref.g[i] + ref.s[i] / c.res.ic;
		if (bound)
			continue;
		compare_algorithm1();
		for (size_t i = 0; i < c.n; i++)
			require(fabs(c.shares[i].ratio - paper.punicao[i]) <= 2 * EPSILON ||
					fabs(c.shares[i].allowed - paper.proximo_liberado[i]) <=
						eps,
				i);
		compared++;
	}
}

/* --- whole long intervals --- */

static struct xn_account accounts[CASE_NETWORKS];

/* One tick with the demand that was estimated. */
static void tick(size_t k)
{
	c.res.elapsed = k * c.res.ic;
	for (size_t i = 0; i < c.n; i++)
		c.shares[i].used = accounts[i].used;
	xn_decide(&c.res, c.shares, c.order, c.n);
	for (size_t i = 0; i < c.n; i++) {
		const struct xn_share *s = &c.shares[i];
		double through = s->demand * (1 - s->ratio);

		xn_account_add(&accounts[i], s->sla.rc, s->demand * c.res.ic, through * c.res.ic,
			       c.res.ic);
	}
}

static size_t start_run(size_t number, bool fits)
{
	size_t ticks;

	case_fill(&c, case_seed(), number, &(struct case_limits){ .networks = 40, .fits = fits });
	ticks = lround(c.res.il / c.res.ic);
	if (ticks > 60)
		c.res.il = c.res.ic * (ticks = 20);
	memset(accounts, 0, sizeof(accounts));
	return ticks;
}

/* Demand jumps about, but the estimate is right. */
static void check_nobody_passes(void **state)
{
	struct rng rng = rng_for(case_seed(), CASES + 3);

	(void)state;
	for (size_t number = 0; number < RUNS; number++) {
		size_t ticks = start_run(number, false);
		bool jumps = number % 2;

		for (size_t k = 0; k < ticks; k++) {
			for (size_t i = 0; i < c.n && jumps; i++)
				c.shares[i].demand =
					c.res.capacity * rng_unit(&rng) * rng_below(&rng, 3);
			tick(k);
		}
		for (size_t i = 0; i < c.n; i++) {
			const struct xn_sla *sla = &c.shares[i].sla;
			double most = fmax(fmax(sla->rl, sla->rmax), xn_sla_guarantee(sla));

			require(accounts[i].used <= (most + EPSILON * c.res.capacity) * c.res.il *
							    (1 + EPSILON),
				i);
		}
	}
}

/*
 * If all that was promised fits, it is delivered. By induction over the ticks: at the level 1 / rho
 * who wants more than Rl on average gets S / rho, which is at most Rl - G, and the others all they
 * want. That fits, so the real level is never below it, and S <= (Rl - G) rho stays true.
 */
static void check_delivered(void **state)
{
	(void)state;
	for (size_t number = 0; number < RUNS; number++) {
		size_t ticks = start_run(number, true);

		for (size_t k = 0; k < ticks; k++)
			tick(k);
		for (size_t i = 0; i < c.n; i++) {
			const struct xn_share *s = &c.shares[i];
			double right = s->sla.restricted ? xn_sla_guarantee(&s->sla) : s->sla.rl;
			double due = fmin(s->demand, right) * c.res.il;

			require(accounts[i].used >= due - EPSILON * c.res.capacity * c.res.il, i);
			require(accounts[i].ec_sum * s->sla.rc <= EPSILON * c.res.capacity * ticks,
				i);
		}
	}
}

static int setup(void **state)
{
	(void)state;
	case_seed();
	case_init(&c);
	return 0;
}

/* --- entitlements --- */

static double entitled[CASE_NETWORKS], allowed[CASE_NETWORKS];

static void check_entitled_sum(void)
{
	double sum = 0;

	for (size_t i = 0; i < c.n; i++)
		sum += entitled[i];
	require(sum <= c.res.capacity + eps, c.n);
}

/* What everybody would be allowed if everybody asked for all; and asking changes nothing of the rest. */
static void check_entitled(void **state)
{
	const struct case_limits limits = { .networks = 64 };

	(void)state;
	for (size_t number = 0; number < CASES; number++) {
		case_fill(&c, case_seed(), number, &limits);
		eps = EPSILON * c.res.capacity;
		xn_decide(&c.res, c.shares, c.order, c.n);
		for (size_t i = 0; i < c.n; i++)
			allowed[i] = c.shares[i].allowed;
		c.res.entitle = true;
		reference_decide(&c, &ref);
		xn_decide(&c.res, c.shares, c.order, c.n);
		for (size_t i = 0; i < c.n; i++) {
			entitled[i] = c.shares[i].entitled;
			require(c.shares[i].allowed == allowed[i], i);
			require(!ref.fits || entitled[i] >= ref.g[i] - eps, i);
			c.shares[i].demand = c.res.capacity;
		}
		check_entitled_sum();
		xn_decide(&c.res, c.shares, c.order, c.n);
		for (size_t i = 0; i < c.n; i++)
			require(c.shares[i].allowed == entitled[i], i);
	}
}

/* What it can count on if it asks for all: it gets that much, and one that is punished has it already. */
static void check_ceiling(void **state)
{
	const struct case_limits limits = { .networks = 64 };
	double ceiling, had;
	bool fits;

	(void)state;
	for (size_t number = 0; number < CASES; number++) {
		case_fill(&c, case_seed(), number, &limits);
		size_t i = number % c.n;

		eps = EPSILON * c.res.capacity;
		c.res.entitle = true;
		xn_decide(&c.res, c.shares, c.order, c.n);
		had = c.shares[i].allowed;
		ceiling = xn_ceiling(&c.res, &c.shares[i], xn_idle(&c.res, c.shares, c.n));
		require(ceiling >= had, i);
		require(c.shares[i].ratio > 0 || ceiling >= c.shares[i].entitled, i);
		require(c.shares[i].ratio == 0 || ceiling == had, i);
		c.shares[i].demand = c.res.capacity;
		fits = xn_decide(&c.res, c.shares, c.order, c.n);
		require(!fits || c.shares[i].allowed >= ceiling - eps, i);
	}
}

static int teardown(void **state)
{
	(void)state;
	case_exit(&c);
	return 0;
}

#define PROMISE(text, ...)                                                                   \
	{                                                                                    \
		.name = text, .test_func = check_promise, .initial_state = &(struct promise) \
		{                                                                            \
			__VA_ARGS__                                                          \
		}                                                                            \
	}
#define TEST(text, function)                        \
	{                                           \
		.name = text, .test_func = function \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE("sum of weights is 1 or 0", weights_are_1_or_0, .xnetmon = true),
		PROMISE("guarantees are kept while they fit", guarantee_kept, .xnetmon = true),
		PROMISE("guarantees that do not fit degrade in proportion", degrades_in_proportion),
		PROMISE("what is allowed or exclusive never passes the capacity", capacity_kept,
			.xnetmon = true),
		PROMISE("restricted networks stay within their guarantee", restricted_kept,
			.xnetmon = true),
		PROMISE("no right with demand is held back while capacity is idle",
			no_right_held_back, .xnetmon = true),
		PROMISE("the division is that of bisection", as_by_bisection, .xnetmon = true),
		PROMISE("with Rmax = Rl nobody passes the long-term right",
			nothing_above_long_term),
		PROMISE("Rmax waits until every long-term right is served",
			maximum_waits_for_long_term),
		PROMISE("the ratio takes demand back to what is allowed", ratio_takes_back,
			.xnetmon = true),
		TEST("the order of networks does not matter, to the last bit", check_order),
		TEST("scaling all rates scales what is allowed", check_scale),
		TEST("garbage gives neither NaN nor negative nor too much", check_garbage),
		TEST("equals Algorithm 1 where the long-term right is in D", check_algorithm1),
		TEST("equals Algorithm 1 as it is where that makes no difference",
		     check_algorithm1_raw),
		TEST("nobody's use passes max(Rl, Rmax, G) x Il", check_nobody_passes),
		TEST("what was promised is delivered if it fits", check_delivered),
		TEST("entitled: what is allowed if everybody asks for all", check_entitled),
		TEST("ceiling: what one could count on that asks for all", check_ceiling),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
