// SPDX-License-Identifier: GPL-2.0-or-later
/* What shapers and limiters may say. */
#include <stdio.h>

#include "core/qos.h"
#include "core/units.h"

#define RATE_MIN  8e3 /* bit/s: a full frame in 1.5 s */
#define RATE_MAX  1e12
#define BURST_MIN 2048.0 /* bytes: a full frame */
#define BURST_MAX (1 << 30)
#define DELAY_MIN 1000000ULL /* ns */
#define DELAY_MAX 10000000000ULL

static const char *check_rate(double rate, double guarantee)
{
	static _Thread_local char clause[160];
	char own[XN_UNIT_TEXT];

	if (rate < RATE_MIN || rate > RATE_MAX)
		return "is out of range: write 8kbit to 1Tbit";
	if (rate >= guarantee)
		return NULL;
	snprintf(clause, sizeof(clause),
		 "is below rc + re, %s, which could not be sent: raise it, or lower those",
		 xn_format_rate(guarantee, own, sizeof(own)));
	return clause;
}

/* The kernel keeps it as the time that it takes to send. */
static const char *check_burst(double burst, double rate)
{
	if (burst == 0)
		return NULL;
	if (burst < BURST_MIN || burst > BURST_MAX)
		return "is out of range: write 2KiB to 1GiB";
	return burst * 8 > rate * 60 ? "is more than a minute of the rate: lower it" : NULL;
}

static const char *check_shaper(const struct xn_shaper *shaper, double guarantee, const char **key)
{
	const char *why;

	*key = "shaper.rate";
	why = check_rate(shaper->rate, guarantee);
	if (why)
		return why;
	*key = "shaper.burst";
	why = check_burst(shaper->burst, shaper->rate);
	if (why)
		return why;
	*key = "shaper.delay";
	if (shaper->delay < DELAY_MIN || shaper->delay > DELAY_MAX)
		return "is out of range: write 1ms to 10s";
	return NULL;
}

static const char *check_limiter(const struct xn_limiter *limiter, double guarantee,
				 const char **key)
{
	const char *why;

	*key = "limiter.rate";
	why = check_rate(limiter->rate, guarantee);
	if (why)
		return why;
	*key = "limiter.burst";
	return check_burst(limiter->burst, limiter->rate);
}

const char *xn_limits_check(const struct xn_limits *limits, double guarantee, const char **key)
{
	const char *why = NULL;

	if (limits->shaper.rate > 0)
		why = check_shaper(&limits->shaper, guarantee, key);
	if (!why && limits->limiter.rate > 0)
		why = check_limiter(&limits->limiter, guarantee, key);
	return why;
}
