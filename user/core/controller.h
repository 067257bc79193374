/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The controller: who may use how much of one resource in the next Ic (SPEC
 * section 3; Algorithm 1 of the XNetMan paper with its "extended version").
 *
 * Pure: no I/O, no clock, no allocation, no randomness. The same functions
 * serve the daemon, `xnetman-ctl simulate` and the tests.
 */
#ifndef XN_CORE_CONTROLLER_H
#define XN_CORE_CONTROLLER_H

#include <stdbool.h>
#include <stddef.h>

#include "sla.h"

enum xn_policy {
	XN_POLICY_XNETMAN, /* reservations, adaptive weights (the paper's) */
	XN_POLICY_XNETMON, /* Rc guaranteed, idle capacity by fixed weights ~ Rc */
	XN_POLICY_OFF,	   /* count, never punish */
};

/* Name as people write it ("xnetman", "xnetmon", "off"), and back (-1: none). */
const char *xn_policy_name(enum xn_policy policy);
int xn_policy_parse(const char *name);

/* One resource at one tick. */
struct xn_resource {
	double capacity; /* R, unit/s, >= 0 */
	double ic;	 /* short interval, s, > 0 */
	double il;	 /* long interval, s, a multiple of ic */
	double elapsed;	 /* tau: seconds of this Il gone, 0 <= tau < il */
	enum xn_policy policy;
	bool entitle; /* what everybody is entitled to is wanted, too */
};

/*
 * An SLA that is not the same all of an Il: integrals over some of the Il of what was or will be in force, less what is in
 * force now, units. All 0 if it is the same.
 */
struct xn_shift {
	double g;    /* of rc + re */
	double rl;   /* of rl */
	double rmax; /* of rmax */
};

/* One network's part in it. The first block is input, the second output. */
struct xn_share {
	struct xn_sla sla;
	double demand;	       /* D: offered in the last Ic, unit/s; estimate of the next */
	double used;	       /* let through so far in this Il, units */
	struct xn_shift past;  /* over what is gone of this Il */
	struct xn_shift ahead; /* over what is to come of it */

	double weight;	 /* w, 0..1; sum over all networks is 1 or 0 */
	double allowed;	 /* may use in the next Ic, unit/s */
	double ratio;	 /* punishment, 0..1 */
	double entitled; /* would be allowed if everybody asked for all, unit/s; 0 if not wanted */

	/* scratch of xn_decide(): what a round may still give, and its weight */
	double want;
	double claim;
};

/**
 * xn_decide() - decide one resource for the next Ic
 * @res: the resource
 * @shares: every network on it; output fields are filled in
 * @order: caller's scratch for @n pointers, so that nothing is allocated
 * @n: number of networks
 *
 * O(n log n). The result for a network does not depend on the order of @shares.
 *
 * Return: true if the guarantees fit (sum G <= R); false if they were scaled
 * down in proportion because capacity shrank below what was sold.
 */
bool xn_decide(const struct xn_resource *res, struct xn_share *shares, struct xn_share **order,
	       size_t n);

/**
 * xn_idle() - capacity that is left after xn_decide(), unit/s
 *
 * What nobody asked for and nobody keeps: R - sum max(allowed, Re).
 */
double xn_idle(const struct xn_resource *res, const struct xn_share *shares, size_t n);

/**
 * xn_ceiling() - what a network could be sure to have, had it asked for all
 * @res: with entitle
 * @share: after xn_decide()
 * @idle: of xn_idle()
 *
 * Return: unit/s; for one that is punished what it is allowed, else that, what it is entitled to, or what is idle in
 * addition, as far as its rights go.
 */
double xn_ceiling(const struct xn_resource *res, const struct xn_share *share, double idle);

#endif
