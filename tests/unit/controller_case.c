// SPDX-License-Identifier: GPL-2.0-or-later
/* Random inputs of the controller. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "controller_case.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

uint64_t case_seed(void)
{
	static uint64_t seed;
	const char *wanted = getenv("XN_SEED");

	if (seed)
		return seed;
	if (wanted)
		seed = strtoull(wanted, NULL, 0);
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		abort();
	seed = seed ? seed : 1;
	printf("# XN_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	return seed;
}

/* splitmix64 */
uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

struct rng rng_for(uint64_t seed, uint64_t number)
{
	struct rng rng = { .state = seed };

	rng.state = rng_next(&rng) + number * 0xd1342543de82ef95;
	return rng;
}

double rng_unit(struct rng *rng)
{
	return (rng_next(rng) >> 11) * 0x1p-53;
}

double rng_between(struct rng *rng, double low, double high)
{
	return low + (high - low) * rng_unit(rng);
}

size_t rng_below(struct rng *rng, size_t n)
{
	return rng_next(rng) % n;
}

static bool chance(struct rng *rng, double p)
{
	return rng_unit(rng) < p;
}

static double pick(struct rng *rng, const double *of, size_t n)
{
	return of[rng_below(rng, n)];
}

void case_init(struct controller_case *c)
{
	*c = (struct controller_case){
		.shares = calloc(CASE_NETWORKS, sizeof(*c->shares)),
		.order = calloc(CASE_NETWORKS, sizeof(struct xn_share *)),
	};
	if (!c->shares || !c->order)
		abort();
}

void case_exit(struct controller_case *c)
{
	free(c->shares);
	free(c->order);
}

/* Few, some, many. */
static size_t draw_networks(struct rng *rng, size_t most)
{
	double kind = rng_unit(rng);
	size_t n = 1 + rng_below(rng, kind < 0.7 ? 8 : kind < 0.995 ? 64 : CASE_NETWORKS);

	if (!most)
		return kind > 0.9993 ? CASE_NETWORKS : n;
	return n < most ? n : most;
}

static void draw_resource(struct rng *rng, struct xn_resource *res)
{
	static const double capacities[] = { 1e9, 1e9, 10e9, 400e9, 1, 1e4 };
	static const double intervals[] = { 1, 1, 0.1, 0.5, 2, 60, 0.3 };
	static const double ticks[] = { 15, 15, 1, 2, 4, 60, 600 };
	double n = pick(rng, ticks, N_OF(ticks));

	res->capacity = chance(rng, 0.5) ? pick(rng, capacities, N_OF(capacities))
					 : pow(10, rng_between(rng, 3, 12));
	if (chance(rng, 0.01))
		res->capacity = 0;
	res->ic = pick(rng, intervals, N_OF(intervals));
	res->il = res->ic * n;
	res->elapsed = res->ic * rng_below(rng, n);
	/* ticks are late now and then */
	if (chance(rng, 0.2))
		res->elapsed = fmin(res->elapsed + res->ic * rng_unit(rng), res->il * 0.999);
	res->policy = XN_POLICY_XNETMAN;
}

/* Parts of 1, even, uneven or extremely uneven; @zero of them nothing. */
static void draw_parts(struct rng *rng, double *parts, size_t n)
{
	double decades = chance(rng, 0.6) ? 0.5 : chance(rng, 0.8) ? 3 : 12;
	double zero = chance(rng, 0.5) ? 0 : rng_unit(rng), sum = 0;

	for (size_t i = 0; i < n; i++) {
		parts[i] = chance(rng, zero) ? 0 : pow(10, -decades * rng_unit(rng));
		sum += parts[i];
	}
	for (size_t i = 0; i < n && sum > 0; i++)
		parts[i] /= sum;
}

static void draw_slas(struct rng *rng, struct controller_case *c, const struct case_limits *limits)
{
	/* sum G / R, and sum (Rl - G) / R */
	static const double sold[] = { 0, 0.1, 0.5, 0.9, 0.999, 1, 1.0001, 1.7, 40 };
	static const double promised[] = { 0, 0.1, 0.5, 1, 3, 100 };
	static double g[CASE_NETWORKS], l[CASE_NETWORKS];
	double all_g = pick(rng, sold, limits->paper || limits->fits ? 5 : N_OF(sold));
	double all_l = limits->fits ? rng_unit(rng) * (1 - all_g)
				    : pick(rng, promised, N_OF(promised));
	double exclusive = chance(rng, 0.5) ? 0 : rng_unit(rng);
	double restricted = chance(rng, 0.6) ? 0 : rng_unit(rng);
	double above = chance(rng, 0.5) ? 0 : rng_unit(rng);

	draw_parts(rng, g, c->n);
	draw_parts(rng, l, c->n);
	for (size_t i = 0; i < c->n; i++) {
		struct xn_sla *sla = &c->shares[i].sla;
		double guarantee = g[i] * all_g * c->res.capacity;

		sla->re = chance(rng, exclusive) ? guarantee * rng_unit(rng) : 0;
		sla->re = chance(rng, exclusive / 4) ? guarantee : sla->re;
		sla->restricted = chance(rng, restricted);
		if (limits->paper) {
			sla->re = 0;
			sla->restricted = false;
		}
		sla->rc = guarantee - sla->re;
		sla->rl = xn_sla_guarantee(sla) + l[i] * all_l * c->res.capacity;
		sla->rmax = sla->rl;
		if (!limits->paper && chance(rng, above))
			sla->rmax += rng_unit(rng) * c->res.capacity;
	}
}

static double draw_demand(struct rng *rng, const struct xn_sla *sla, double capacity)
{
	const double around[] = { 0, xn_sla_guarantee(sla), sla->rl, sla->rmax, capacity, sla->re };
	double demand = pick(rng, around, N_OF(around));

	if (chance(rng, 0.1))
		return demand;
	if (chance(rng, 0.1))
		return 1000 * capacity;
	return chance(rng, 0.5) ? demand * rng_between(rng, 0.5, 1.5) : capacity * rng_unit(rng);
}

static double draw_used(struct rng *rng, const struct xn_sla *sla, const struct xn_resource *res)
{
	const double around[] = { 0, sla->rl * res->il, sla->rmax * res->il, sla->rl * res->elapsed,
				  xn_sla_guarantee(sla) * res->elapsed };
	double used = pick(rng, around, N_OF(around));

	return chance(rng, 0.3) ? used : used * rng_between(rng, 0, 1.1);
}

void case_fill(struct controller_case *c, uint64_t seed, size_t number,
	       const struct case_limits *limits)
{
	struct rng rng = rng_for(seed, number);
	double idle;

	c->seed = seed;
	c->number = number;
	c->n = draw_networks(&rng, limits->networks);
	draw_resource(&rng, &c->res);
	for (size_t i = 0; i < c->n; i++)
		c->shares[i] = (struct xn_share){};
	draw_slas(&rng, c, limits);
	idle = chance(&rng, 0.6) ? 0 : rng_unit(&rng);
	for (size_t i = 0; i < c->n; i++) {
		struct xn_share *s = &c->shares[i];

		s->demand = draw_demand(&rng, &s->sla, c->res.capacity);
		if (chance(&rng, idle))
			s->demand = 0;
		s->used = draw_used(&rng, &s->sla, &c->res);
	}
}

void case_print(const struct controller_case *c)
{
	printf("# XN_SEED=%llu, case %zu: R %.17g Ic %.17g Il %.17g tau %.17g policy %s\n",
	       (unsigned long long)c->seed, c->number, c->res.capacity, c->res.ic, c->res.il,
	       c->res.elapsed, xn_policy_name(c->res.policy));
	for (size_t i = 0; i < c->n; i++) {
		const struct xn_share *s = &c->shares[i];

		printf("#  %zu: rc %.17g re %.17g rl %.17g rmax %.17g%s D %.17g used %.17g"
		       " -> w %.17g allowed %.17g ratio %.17g\n",
		       i, s->sla.rc, s->sla.re, s->sla.rl, s->sla.rmax,
		       s->sla.restricted ? " restricted" : "", s->demand, s->used, s->weight,
		       s->allowed, s->ratio);
	}
	fflush(stdout);
}
