// SPDX-License-Identifier: GPL-2.0-or-later
/* The controller: reservations and demand -> what each may use next (SPEC section 3). */
#include <string.h>

#include "bounds.h"
#include "controller.h"
#include "sum.h"
#include "waterfill.h"

/* What is below is nothing, what is above is this: keeps products and quotients finite. */
#define SMALLEST 1e-30
#define LARGEST	 1e30

/* Volumes this small, of what was promised, are rounding: who spent all has weight 0. */
#define ROUNDING 1e-12

/* Demand this little above what is allowed is not punished. */
#define TOLERANCE 1e-9

/* The tick, in the terms of SPEC section 3. */
struct tick {
	double capacity; /* R */
	double ic, il;	 /* s */
	double rho;	 /* s of this Il to come, this tick included */
	double fit;	 /* guarantees are scaled by it: 1, or R / sum G if they do not fit */
	enum xn_policy policy;
	bool all; /* everybody is taken to ask for the whole resource */
};

/* One network's input, clean and scaled. */
struct terms {
	double re, g; /* what is kept for it even if idle; the guarantee */
	double rl, rmax;
	double demand, used;
	struct xn_shift whole; /* over all of this Il */
	double ahead;	       /* of the guarantee, over what is to come */
	bool restricted;
};

static const char *const policy_names[] = {
	[XN_POLICY_XNETMAN] = "xnetman",
	[XN_POLICY_XNETMON] = "xnetmon",
	[XN_POLICY_OFF] = "off",
};

#define N_POLICIES (sizeof(policy_names) / sizeof(policy_names[0]))

const char *xn_policy_name(enum xn_policy policy)
{
	return (size_t)policy < N_POLICIES ? policy_names[policy] : "unknown";
}

int xn_policy_parse(const char *name)
{
	for (size_t i = 0; i < N_POLICIES; i++)
		if (!strcmp(name, policy_names[i]))
			return i;
	return -1;
}

/* Not a number, negative: 0. */
static double clean(double value)
{
	return value >= SMALLEST ? xn_least(value, LARGEST) : 0;
}

/* The same, and what is negative stays so. */
static double clean_shift(double value)
{
	return value < 0 ? -clean(-value) : clean(value);
}

static double clamp(double value, double low, double high)
{
	return xn_most(low, xn_least(value, high));
}

static struct tick tick_of(const struct xn_resource *res)
{
	struct tick t = {
		.capacity = clean(res->capacity),
		.ic = clamp(clean(res->ic), 1e-9, 1e9),
		.policy = res->policy,
		.fit = 1,
	};

	t.il = clamp(clean(res->il), t.ic, 1e9);
	t.rho = t.il - xn_least(clean(res->elapsed), t.il);
	return t;
}

static struct terms terms_of(const struct tick *t, const struct xn_share *s)
{
	struct terms n = {
		.re = clean(s->sla.re) * t->fit,
		.rl = clean(s->sla.rl),
		.rmax = clean(s->sla.rmax),
		.demand = t->all ? t->capacity : clean(s->demand),
		.used = clean(s->used),
		.whole = { clean_shift(s->past.g + s->ahead.g),
			   clean_shift(s->past.rl + s->ahead.rl),
			   clean_shift(s->past.rmax + s->ahead.rmax) },
		.ahead = clean_shift(s->ahead.g),
		.restricted = s->sla.restricted,
	};

	n.g = clean(s->sla.rc) * t->fit + n.re;
	return n;
}

/*
 * Volume of an average @rate not spent yet, beyond what the guarantee will itself take: S, U. What the whole Il gives a
 * right to is the integral of the rate over it.
 */
static double unspent(const struct tick *t, const struct terms *n, double rate, double shift)
{
	double right = rate * t->il + shift;
	double volume = right - n->used - (n->g * t->rho + n->ahead);

	volume = xn_least(volume, (rate - n->g) * t->il + (shift - n->whole.g));
	return volume > xn_most(0, ROUNDING * right) ? volume : 0;
}

/* The most a network may have in this tick, when it has @volume beyond its guarantee. */
static double cap(const struct tick *t, const struct terms *n, double volume)
{
	double rmax =
		(n->rmax * t->il + n->whole.rmax - n->used - (n->g * (t->rho - t->ic) + n->ahead)) /
		t->ic;

	if (n->restricted)
		return xn_least(n->demand, n->g);
	if (t->policy == XN_POLICY_XNETMON)
		return n->demand;
	return xn_least(n->demand, xn_least(n->g + volume / t->ic, xn_most(n->g, rmax)));
}

static double sum_guarantees(const struct tick *t, const struct xn_share *shares, size_t n)
{
	double largest = t->capacity;
	struct xn_sum sum;

	for (size_t i = 0; i < n; i++)
		largest = xn_most(largest, terms_of(t, &shares[i]).g);
	sum = xn_sum_for(largest);
	for (size_t i = 0; i < n; i++)
		xn_sum_add(&sum, terms_of(t, &shares[i]).g);
	return xn_sum_value(&sum);
}

/* Guarantees first. Return: what is left for round A. */
static double guarantee(const struct tick *t, struct xn_share *shares, size_t n)
{
	struct xn_sum aside = xn_sum_for(t->capacity);

	for (size_t i = 0; i < n; i++) {
		struct xn_share *s = &shares[i];
		struct terms net = terms_of(t, s);
		double volume = unspent(t, &net, net.rl, net.whole.rl);

		s->want = cap(t, &net, volume);
		s->claim = t->policy == XN_POLICY_XNETMON ? clean(s->sla.rc) : volume;
		s->allowed = xn_least(s->want, net.g);
		xn_sum_add(&aside, xn_most(s->allowed, net.re));
	}
	return xn_most(0, t->capacity - xn_sum_value(&aside));
}

/* The adaptive weight: a network's part of all that is unspent. */
static void weigh(struct xn_share *shares, size_t n)
{
	double largest = 0, total;
	struct xn_sum sum;

	for (size_t i = 0; i < n; i++)
		largest = xn_most(largest, shares[i].claim);
	sum = xn_sum_for(largest);
	for (size_t i = 0; i < n; i++)
		xn_sum_add(&sum, shares[i].claim);
	total = xn_sum_value(&sum);
	for (size_t i = 0; i < n; i++)
		shares[i].weight = total > 0 ? shares[i].claim / total : 0;
}

/* Divide @left among those who want more. Return: what nobody may have. */
static double share_out(struct xn_share *shares, struct xn_share **order, size_t n, double left)
{
	size_t takers = 0;

	for (size_t i = 0; i < n; i++)
		if (shares[i].want > shares[i].allowed && shares[i].claim > 0)
			order[takers++] = &shares[i];
	return xn_waterfill(order, takers, left);
}

/* Round B: up to the maximum, by unspent maximum. */
static void aim_at_maximum(const struct tick *t, struct xn_share *shares, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct terms net = terms_of(t, &shares[i]);

		shares[i].claim = unspent(t, &net, net.rmax, net.whole.rmax);
		shares[i].want = cap(t, &net, shares[i].claim);
	}
}

/* Both rounds: the capacity among those who ask for it. */
static void divide(const struct tick *t, struct xn_share *shares, struct xn_share **order, size_t n)
{
	double left = guarantee(t, shares, n);

	weigh(shares, n);
	left = share_out(shares, order, n, left);
	if (left > 0 && t->policy == XN_POLICY_XNETMAN) {
		aim_at_maximum(t, shares, n);
		share_out(shares, order, n, left);
	}
}

/* Sum over networks: at most the capacity, as whoever asks for all is never lent what others leave. */
static void entitle(const struct tick *tick, struct xn_share *shares, struct xn_share **order,
		    size_t n)
{
	struct tick t = *tick;

	t.all = true;
	divide(&t, shares, order, n);
	for (size_t i = 0; i < n; i++)
		shares[i].entitled = shares[i].allowed;
}

static void punish(struct xn_share *s)
{
	double demand = clean(s->demand);

	s->ratio = demand <= s->allowed * (1 + TOLERANCE) ? 0 : 1 - s->allowed / demand;
}

static void let_be(struct xn_share *shares, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		shares[i].allowed = clean(shares[i].demand);
		shares[i].weight = 0;
		shares[i].ratio = 0;
		shares[i].entitled = 0;
	}
}

bool xn_decide(const struct xn_resource *res, struct xn_share *shares, struct xn_share **order,
	       size_t n)
{
	struct tick t = tick_of(res);
	double sold = sum_guarantees(&t, shares, n);
	bool fits = sold <= t.capacity * (1 + ROUNDING);

	if (t.policy == XN_POLICY_OFF) {
		let_be(shares, n);
		return fits;
	}
	if (!fits)
		t.fit = t.capacity / sold;
	if (res->entitle)
		entitle(&t, shares, order, n);
	divide(&t, shares, order, n);
	for (size_t i = 0; i < n; i++)
		punish(&shares[i]);
	for (size_t i = 0; i < n && !res->entitle; i++)
		shares[i].entitled = 0;
	return fits;
}

/* What nobody else may have as long as it is allowed so much. */
static double kept(const struct xn_share *s)
{
	return xn_most(s->allowed, clean(s->sla.re));
}

double xn_idle(const struct xn_resource *res, const struct xn_share *shares, size_t n)
{
	double capacity = clean(res->capacity);
	struct xn_sum aside = xn_sum_for(capacity);

	for (size_t i = 0; i < n; i++)
		xn_sum_add(&aside, xn_least(kept(&shares[i]), capacity));
	return xn_most(0, capacity - xn_sum_value(&aside));
}

double xn_ceiling(const struct xn_resource *res, const struct xn_share *share, double idle)
{
	struct tick t = tick_of(res);
	struct terms n;
	double right;

	if (share->ratio > 0)
		return share->allowed;
	t.all = true;
	n = terms_of(&t, share);
	right = unspent(&t, &n, n.rl, n.whole.rl);
	if (t.policy == XN_POLICY_XNETMAN)
		right = xn_most(right, unspent(&t, &n, n.rmax, n.whole.rmax));
	return xn_most(xn_most(share->allowed, share->entitled),
		       xn_least(cap(&t, &n, right), kept(share) + idle));
}
