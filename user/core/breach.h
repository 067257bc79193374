/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a network was punished, whether a guarantee was broken, and what did it. Pure: the daemon measures, this
 * judges.
 */
#ifndef XN_CORE_BREACH_H
#define XN_CORE_BREACH_H

#include <stdbool.h>

#include "controller.h"

/* An error above this is a breach. */
#define XN_BREACH_ERROR 0.01

/* Why it may not have all that it asks for. */
enum xn_why {
	XN_WHY_UNSOLD,	   /* nothing of the resource was sold to it */
	XN_WHY_OVERSOLD,   /* guarantees were scaled down: they do not fit */
	XN_WHY_RESTRICTED, /* it may never have more than its short-term guarantee */
	XN_WHY_SPENT,	   /* its long-term volume is spent */
	XN_WHY_SHARED,	   /* others are entitled to the rest */
	XN_WHYS,
};

/* "unsold" ..., as in records. */
const char *xn_why_name(enum xn_why why);

/**
 * xn_why() - of a share that is punished
 * @res: the resource as it was decided
 * @share: as decided, with its output
 * @fits: what xn_decide() returned
 */
enum xn_why xn_why(const struct xn_resource *res, const struct xn_share *share, bool fits);

/* What kept a network from what it was promised. In this order one is blamed before the other. */
enum xn_cause {
	XN_CAUSE_NONE,
	XN_CAUSE_LINK_DOWN, /* the link has no carrier, or is not up */
	XN_CAUSE_LATE,	    /* the daemon missed ticks: an old decision stayed in force */
	XN_CAUSE_OVERSOLD,  /* more was sold than there is */
	XN_CAUSE_REACTION,  /* the demand changed: decisions are for the demand of one Ic before */
	XN_CAUSE_OTHERS,    /* more was dropped than this daemon decided */
	XN_CAUSE_CROWDED, /* others were entitled to the rest at the same time (long interval only) */
	XN_CAUSE_BURST, /* more was asked for at once than was promised, and less before: no breach */
	XN_CAUSES,
};

/* "link-down" ..., as in records; "" of NONE. XN_CAUSES if there is no such name. */
const char *xn_cause_name(enum xn_cause cause);
enum xn_cause xn_cause_named(const char *name);

/* One sentence without a full stop, for people. */
const char *xn_cause_text(enum xn_cause cause);

/* Whose fault it is: "provider", or "operator" (then it is no breach). */
const char *xn_cause_fault(enum xn_cause cause);

/* One short interval of one network on one resource. */
struct xn_moment {
	struct xn_sla sla;	/* in force then */
	double demand, through; /* D and V, unit/s */
	double seconds;		/* its real length */
	double ic;		/* what it should have been, s */
	double ratio;		/* punishment that was decided for it */
	bool exact;		/* V is D x (1 - ratio) and nothing else: of links */
	bool down;		/* link without carrier */
	bool oversold;		/* guarantees do not fit */
	bool overbooked;	/* long-term reservations do not fit */
};

/* Error of the short-term guarantee: xn_error() with rc + re. */
double xn_moment_error(const struct xn_moment *moment);

/* What broke it, or would have. Not CROWDED, not BURST. */
enum xn_cause xn_moment_cause(const struct xn_moment *moment);

/* What is known of a long interval so far. Zeroed, it begins. Numbers all, so that it can be kept in a file. */
struct xn_tally {
	double seconds;		 /* of moments */
	double within;		 /* demand within the contract: the integral of min(D, rl), units */
	double rc, rl;		 /* integrals of what was sold, units */
	double ec_max;		 /* worst Ec */
	double broken;		 /* seconds with a short-term breach */
	double ratio, ratio_max; /* sum over punished moments, and the highest */
	double punished;	 /* moments with a punishment */
	double why[XN_WHYS];	 /* of these, by reason */
	double breaches;	 /* short-term ones that began */
	double lost[XN_CAUSES];	 /* units within the contract that were not let through, by cause */
};

#define XN_TALLY_FIGURES (sizeof(struct xn_tally) / sizeof(double))

/* @ec: Ec of the moment; @why: of its punishment, if there is one. */
void xn_tally_add(struct xn_tally *tally, const struct xn_moment *moment, double ec,
		  enum xn_why why);

/**
 * xn_tally_cause() - of a long-term error above XN_BREACH_ERROR
 * @through: V of the whole interval, units
 * @seconds: its length; moments that nobody saw are the daemon's fault
 *
 * BURST: what was let through is what a network with the same demand, that never asked for more than rl at a time,
 * would have got.
 */
enum xn_cause xn_tally_cause(const struct xn_tally *tally, double through, double seconds);

/* A breach of the short-term guarantee, from its first moment to its last. */
struct xn_episode {
	bool on;
	enum xn_cause cause;
	double seconds;
	double worst, sum; /* of the error; the mean is sum / ticks */
	unsigned int ticks;
};

enum xn_turn {
	XN_TURN_NONE,
	XN_TURN_BEGINS,	 /* @episode is the new one */
	XN_TURN_ENDS,	 /* @ended was it */
	XN_TURN_CHANGES, /* one ends and another begins: the cause is another */
};

/* Take in the next moment, whose error is @error. @ended: filled in when one ends. */
enum xn_turn xn_episode_step(struct xn_episode *episode, const struct xn_moment *moment,
			     double error, struct xn_episode *ended);

#endif
