// SPDX-License-Identifier: GPL-2.0-or-later
/* Sums over time, and where periods begin. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "figures.h"

struct xn_figures xn_figures_of(const struct xn_verdict *verdict, const struct xn_tally *tally,
				size_t ticks, double seconds, enum xn_cause cause)
{
	struct xn_figures p = {
		.seconds = seconds,
		.offered = verdict->demand * seconds,
		.through = verdict->through * seconds,
		.rc = tally->rc,
		.rl = tally->rl,
		.ec = verdict->ec_mean * ticks,
		.ec_max = tally->ec_max,
		.el = verdict->el,
		.el_max = verdict->el,
		.c = verdict->conformity,
		.c_min = verdict->conformity,
		.ratio = tally->ratio,
		.ratio_max = tally->ratio_max,
		.broken = tally->broken,
		.intervals = 1,
		.ticks = ticks,
		.punished = tally->punished,
		.breaches_short = tally->breaches,
		.breaches_long = cause && cause != XN_CAUSE_BURST,
		.excused = cause == XN_CAUSE_BURST,
	};

	for (size_t i = 0; i < XN_WHYS; i++)
		p.why[i] = tally->why[i];
	return p;
}

void xn_figures_add(struct xn_figures *sum, const struct xn_figures *more)
{
	struct xn_figures was = *sum;
	double *to = (double *)sum;
	const double *from = (const double *)more;

	for (size_t i = 0; i < XN_FIGURES_COUNT; i++)
		to[i] += from[i];
	sum->ec_max = fmax(was.ec_max, more->ec_max);
	sum->el_max = fmax(was.el_max, more->el_max);
	sum->ratio_max = fmax(was.ratio_max, more->ratio_max);
	sum->c_min = was.intervals > 0 ? fmin(was.c_min, more->c_min) : more->c_min;
}

bool xn_figures_valid(const struct xn_figures *p)
{
	const double *figures = (const double *)p;

	for (size_t i = 0; i < XN_FIGURES_COUNT; i++)
		if (!isfinite(figures[i]) || figures[i] < 0)
			return false;
	return p->intervals >= 1 && p->seconds > 0 && p->ec_max <= 1 && p->el_max <= 1 &&
	       p->c_min <= 1 && p->ratio_max <= 1;
}

static double mean(double sum, double n, double nothing)
{
	return n > 0 ? sum / n : nothing;
}

double xn_figures_demand(const struct xn_figures *p)
{
	return mean(p->offered, p->seconds, 0);
}

double xn_figures_through(const struct xn_figures *p)
{
	return mean(p->through, p->seconds, 0);
}

double xn_figures_ec(const struct xn_figures *p)
{
	return mean(p->ec, p->ticks, 0);
}

double xn_figures_el(const struct xn_figures *p)
{
	return mean(p->el, p->intervals, 0);
}

double xn_figures_c(const struct xn_figures *p)
{
	return mean(p->c, p->intervals, 1);
}

double xn_figures_punished(const struct xn_figures *p)
{
	return mean(p->punished, p->ticks, 0);
}

double xn_figures_depth(const struct xn_figures *p)
{
	return mean(p->ratio, p->punished, 0);
}

/* --- where periods begin --- */

static const char *const names[XN_LEVELS] = {
	[XN_LEVEL_INTERVAL] = "interval", [XN_LEVEL_HOUR] = "hour",   [XN_LEVEL_DAY] = "day",
	[XN_LEVEL_WEEK] = "week",	  [XN_LEVEL_MONTH] = "month",
};

const char *xn_level_name(enum xn_level level)
{
	return level < XN_LEVELS ? names[level] : "";
}

enum xn_level xn_level_named(const char *name)
{
	enum xn_level level = XN_LEVEL_INTERVAL;

	while (level < XN_LEVELS && strcmp(names[level], name))
		level++;
	return level;
}

/* An hour is counted back from @time rather than made of the clock's: one clock hour may be there twice. */
static time_t hour_of(time_t time, const struct tm *tm)
{
	return time - 60 * tm->tm_min - (tm->tm_sec < 60 ? tm->tm_sec : 59);
}

/* Midnight @days and @months from that of @tm. */
static time_t midnight(const struct tm *tm, int days, int months)
{
	struct tm at = {
		.tm_year = tm->tm_year,
		.tm_mon = tm->tm_mon + months,
		.tm_mday = tm->tm_mday + days,
		.tm_isdst = -1,
	};

	return mktime(&at);
}

static double edge(enum xn_level level, double time, bool next)
{
	time_t seconds = (time_t)floor(time);
	struct tm tm;

	localtime_r(&seconds, &tm);
	switch (level) {
	case XN_LEVEL_HOUR:
		return hour_of(seconds, &tm) + (next ? 3600 : 0);
	case XN_LEVEL_DAY:
		return midnight(&tm, next, 0);
	case XN_LEVEL_WEEK:
		return midnight(&tm, (next ? 7 : 0) - (tm.tm_wday + 6) % 7, 0);
	case XN_LEVEL_MONTH:
		return midnight(&tm, 1 - tm.tm_mday, next);
	default:
		return time;
	}
}

double xn_level_start(enum xn_level level, double time)
{
	return edge(level, time, false);
}

double xn_level_next(enum xn_level level, double time)
{
	return edge(level, time, true);
}
