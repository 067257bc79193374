/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How one network fared with one resource over a time: a long interval, or an hour, a day, a month of them. All are
 * sums and extremes, so a longer period is made of shorter ones by adding.
 */
#ifndef XN_CORE_FIGURES_H
#define XN_CORE_FIGURES_H

#include "breach.h"
#include "conformity.h"

struct xn_figures {
	double seconds; /* judged: less than the period if the daemon did not run, or not yet */
	double offered, through; /* in the resource's unit x s */
	double rc, rl;		 /* what was sold, the same */
	double ec, ec_max;	 /* sum of Ec over ticks; the highest */
	double el, el_max;	 /* sum of El over long intervals; the highest */
	double c, c_min;	 /* sum of C over long intervals; the lowest */
	double ratio, ratio_max; /* sum over punished ticks; the highest */
	double broken;		 /* seconds with a short-term breach */
	double intervals;	 /* counts, from here on */
	double ticks, punished;
	double why[XN_WHYS]; /* punished ticks, by reason */
	double breaches_short, breaches_long;
	double excused; /* long-term errors that were the demand's */
};

/* All of it as numbers, in this order: for files. */
#define XN_FIGURES_COUNT (sizeof(struct xn_figures) / sizeof(double))

/* A long interval that was judged. @cause: of its long-term error, NONE if there is none to speak of. */
struct xn_figures xn_figures_of(const struct xn_verdict *verdict, const struct xn_tally *tally,
				size_t ticks, double seconds, enum xn_cause cause);

/* Add @more to @sum, which is all zeros at first. */
void xn_figures_add(struct xn_figures *sum, const struct xn_figures *more);

/* Do these figures make sense together? What comes out of a damaged file may not. */
bool xn_figures_valid(const struct xn_figures *period);

/* Means; of nothing: demand, error and punishment 0, conformity 1. */
double xn_figures_demand(const struct xn_figures *period);  /* unit/s */
double xn_figures_through(const struct xn_figures *period); /* unit/s */
double xn_figures_ec(const struct xn_figures *period);
double xn_figures_el(const struct xn_figures *period);
double xn_figures_c(const struct xn_figures *period);
double xn_figures_punished(const struct xn_figures *period); /* share of ticks */
double xn_figures_depth(const struct xn_figures *period);    /* mean ratio while punished */

enum xn_level {
	XN_LEVEL_INTERVAL,
	XN_LEVEL_HOUR,
	XN_LEVEL_DAY,
	XN_LEVEL_MONTH,
	XN_LEVELS_KEPT, /* so many are stored; of what follows there are only reports */
	XN_LEVEL_WEEK = XN_LEVELS_KEPT,
	XN_LEVELS,
};

/* "interval", "hour", "day", "week", "month". */
const char *xn_level_name(enum xn_level level);
/* XN_LEVELS: there is none of that name. */
enum xn_level xn_level_named(const char *name);

/*
 * Start of the hour, day, week (from Monday) or month that @time is in, and of the next one: local time, so a day may have 23 or
 * 25 hours. Seconds since 1970; of an interval @time itself.
 */
double xn_level_start(enum xn_level level, double time);
double xn_level_next(enum xn_level level, double time);

#endif
