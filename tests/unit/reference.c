// SPDX-License-Identifier: GPL-2.0-or-later
/* The controller written for plainness: formulas of SPEC section 3, division by bisection. */
#include <math.h>

#include "reference.h"

/* Give floor + min(rest, level * claim) with the level that uses up what is left. */
static double divide(double *floor, const double *rest, const double *claim, size_t n, double left)
{
	double low = 0, high = 0, given = 0;

	for (size_t i = 0; i < n; i++)
		if (rest[i] > 0 && claim[i] > 0)
			high = fmax(high, rest[i] / claim[i]);
	for (int step = 0; step < 220; step++) {
		double level = step ? (low + high) / 2 : high;

		given = 0;
		for (size_t i = 0; i < n; i++)
			given += rest[i] > 0 ? fmin(rest[i], level * claim[i]) : 0;
		if (given <= left)
			low = level;
		else
			high = level;
		if (!step && given <= left)
			break;
	}
	for (size_t i = 0; i < n; i++)
		if (rest[i] > 0)
			floor[i] += fmin(rest[i], low * claim[i]);
	return given <= left ? left - given : 0;
}

static double clamp(double value, double low, double high)
{
	return fmax(low, fmin(value, high));
}

/* Unspent volume of a rate; a difference that is only rounding is none. */
static double unspent(const struct xn_resource *res, double rate, double used, double g)
{
	double rho = res->il - res->elapsed;
	double volume = clamp(rate * res->il - used - g * rho, 0, fmax(0, rate - g) * res->il);

	return volume <= 1e-12 * rate * res->il ? 0 : volume;
}

static double cap_of(const struct xn_resource *res, const struct xn_share *s, double g,
		     double volume)
{
	double rho = res->il - res->elapsed;
	double cap = s->demand;

	if (s->sla.restricted)
		cap = fmin(cap, g);
	if (res->policy == XN_POLICY_XNETMON)
		return cap;
	cap = fmin(cap, g + volume / res->ic);
	return fmin(cap,
		    fmax(g, (s->sla.rmax * res->il - s->used - g * (rho - res->ic)) / res->ic));
}

static void weigh(struct reference *ref, size_t n)
{
	double total = 0;

	for (size_t i = 0; i < n; i++)
		total += ref->s[i];
	for (size_t i = 0; i < n; i++)
		ref->weight[i] = total > 0 ? ref->s[i] / total : 0;
}

void reference_decide(const struct controller_case *c, struct reference *ref)
{
	static double rest[CASE_NETWORKS], claim[CASE_NETWORKS];
	const struct xn_resource *res = &c->res;
	double sum_g = 0, left = res->capacity, fit;

	for (size_t i = 0; i < c->n; i++)
		sum_g += xn_sla_guarantee(&c->shares[i].sla);
	ref->fits = sum_g <= res->capacity * (1 + 1e-12);
	fit = ref->fits ? 1 : res->capacity / sum_g;
	for (size_t i = 0; i < c->n; i++) {
		const struct xn_share *s = &c->shares[i];

		ref->re[i] = s->sla.re * fit;
		ref->g[i] = s->sla.rc * fit + ref->re[i];
		ref->s[i] = unspent(res, s->sla.rl, s->used, ref->g[i]);
		ref->cap[i] = cap_of(res, s, ref->g[i], ref->s[i]);
		if (res->policy == XN_POLICY_XNETMON)
			ref->s[i] = s->sla.rc;
		ref->allowed[i] = fmin(ref->cap[i], ref->g[i]);
		rest[i] = ref->cap[i] - ref->allowed[i];
		left -= fmax(ref->allowed[i], ref->re[i]);
	}
	weigh(ref, c->n);
	left = divide(ref->allowed, rest, ref->s, c->n, fmax(0, left));
	if (res->policy != XN_POLICY_XNETMAN)
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct xn_share *s = &c->shares[i];

		claim[i] = unspent(res, s->sla.rmax, s->used, ref->g[i]);
		rest[i] = cap_of(res, s, ref->g[i], claim[i]) - ref->allowed[i];
	}
	divide(ref->allowed, rest, claim, c->n, left);
}
