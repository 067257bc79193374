/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the provider does with a network's packets besides its SLA: shapers delay, limiters drop (SPEC section 5). */
#ifndef XN_CORE_QOS_H
#define XN_CORE_QOS_H

#include <stdbool.h>
#include <stdint.h>

#define XN_QOS_PRIORITY_MAX 7		/* highest */
#define XN_QOS_DELAY	    50000000ULL /* of a shaper by default, ns */

/* Sends at most @rate; what comes faster waits, at most @delay, and is dropped if that is not enough. */
struct xn_shaper {
	double rate; /* bit/s; 0: there is no shaper */
	double burst; /* bytes that may go at once after a pause; 0: as the link needs (core/tree.h) */
	uint64_t delay; /* ns */
};

/* Drops at once what comes faster than @rate. */
struct xn_limiter {
	double rate;  /* bit/s; 0: there is no limiter */
	double burst; /* bytes that may come at once after a pause; 0: default */
};

struct xn_limits {
	struct xn_shaper shaper;
	struct xn_limiter limiter;
};

static inline bool xn_limits_any(const struct xn_limits *limits)
{
	return limits->shaper.rate > 0 || limits->limiter.rate > 0;
}

/**
 * xn_limits_check() - can this be?
 * @guarantee: what the network was guaranteed there, bit/s; 0: nothing
 * @key: out, on error: the key at fault ("shaper.rate")
 *
 * Return: NULL if it can, otherwise one clause that says what is wrong and what to do, good until this thread
 * checks again.
 */
const char *xn_limits_check(const struct xn_limits *limits, double guarantee, const char **key);

#endif
