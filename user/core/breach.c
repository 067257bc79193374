// SPDX-License-Identifier: GPL-2.0-or-later
/* Causes of punishments and of breaches. */
#include <math.h>
#include <string.h>

#include "breach.h"
#include "conformity.h"

#define LATE	 1.5  /* Ic: a moment this long had a tick left out */
#define CLOSE	 0.01 /* measured and decided drops differ by less */
#define ROUNDING 1e-6
#define SEEN	 0.9 /* of a long interval, at least, to judge it by its moments */

/* --- punishments --- */

const char *xn_why_name(enum xn_why why)
{
	static const char *const names[XN_WHYS] = {
		[XN_WHY_UNSOLD] = "unsold", [XN_WHY_OVERSOLD] = "oversold",
		[XN_WHY_SPENT] = "spent",   [XN_WHY_RESTRICTED] = "restricted",
		[XN_WHY_SHARED] = "shared",
	};

	return why < XN_WHYS ? names[why] : "";
}

/* Most that its maximum lets it have now: what the controller's round B stops at. */
static double most(const struct xn_resource *res, const struct xn_share *share)
{
	double g = xn_sla_guarantee(&share->sla), rmax = share->sla.rmax;
	double shift = share->past.rmax + share->ahead.rmax;
	double volume = fmin(rmax * res->il + shift - share->used - g * (res->il - res->elapsed) -
				     share->ahead.g,
			     (rmax - g) * res->il + shift - share->past.g - share->ahead.g);

	return g + fmax(0, volume) / res->ic;
}

enum xn_why xn_why(const struct xn_resource *res, const struct xn_share *share, bool fits)
{
	double enough = 1 - ROUNDING;

	if (!(share->sla.rmax > 0) && !(xn_sla_guarantee(&share->sla) > 0))
		return XN_WHY_UNSOLD;
	if (!fits)
		return XN_WHY_OVERSOLD;
	if (share->sla.restricted && share->allowed >= xn_sla_guarantee(&share->sla) * enough)
		return XN_WHY_RESTRICTED;
	if (res->policy == XN_POLICY_XNETMAN && share->allowed >= most(res, share) * enough)
		return XN_WHY_SPENT;
	return XN_WHY_SHARED;
}

/* --- causes --- */

static const struct {
	const char *name, *text, *fault;
} causes[XN_CAUSES] = {
	[XN_CAUSE_NONE] = { "", "", "" },
	[XN_CAUSE_LINK_DOWN] = { "link-down", "the link was down", "provider" },
	[XN_CAUSE_LATE] = { "late", "xnetmand missed ticks, an old decision stayed in force",
			    "provider" },
	[XN_CAUSE_OVERSOLD] = { "oversold", "more was sold than there is", "provider" },
	[XN_CAUSE_REACTION] = { "reaction",
				"the demand changed, and decisions are one short interval old",
				"provider" },
	[XN_CAUSE_OTHERS] = { "others", "something dropped more than xnetmand decided",
			      "provider" },
	[XN_CAUSE_CROWDED] = { "crowded", "others were entitled to the rest at the same time",
			       "provider" },
	[XN_CAUSE_BURST] = { "burst", "more was asked for at once than was promised", "operator" },
};

const char *xn_cause_name(enum xn_cause cause)
{
	return cause < XN_CAUSES ? causes[cause].name : "";
}

enum xn_cause xn_cause_named(const char *name)
{
	enum xn_cause cause = XN_CAUSE_NONE;

	while (cause < XN_CAUSES && strcmp(causes[cause].name, name))
		cause++;
	return cause;
}

const char *xn_cause_text(enum xn_cause cause)
{
	return cause < XN_CAUSES ? causes[cause].text : "";
}

const char *xn_cause_fault(enum xn_cause cause)
{
	return cause < XN_CAUSES ? causes[cause].fault : "";
}

double xn_moment_error(const struct xn_moment *moment)
{
	return xn_error(xn_sla_guarantee(&moment->sla), moment->demand, moment->through);
}

enum xn_cause xn_moment_cause(const struct xn_moment *moment)
{
	double decided = moment->demand * (1 - moment->ratio);

	if (moment->down)
		return XN_CAUSE_LINK_DOWN;
	if (moment->seconds > LATE * moment->ic)
		return XN_CAUSE_LATE;
	if (moment->oversold)
		return XN_CAUSE_OVERSOLD;
	if (moment->exact && moment->through < decided - CLOSE * moment->demand)
		return XN_CAUSE_OTHERS;
	return XN_CAUSE_REACTION;
}

/* --- the long interval --- */

/* What a moment's loss is put down to, if it was within the long-term contract. */
static enum xn_cause loss_cause(const struct xn_moment *moment)
{
	enum xn_cause cause = xn_moment_cause(moment);

	if (cause != XN_CAUSE_REACTION)
		return cause;
	if (moment->overbooked)
		return XN_CAUSE_OVERSOLD;
	return xn_moment_error(moment) > XN_BREACH_ERROR ? cause : XN_CAUSE_CROWDED;
}

void xn_tally_add(struct xn_tally *tally, const struct xn_moment *moment, double ec,
		  enum xn_why why)
{
	double due = fmin(moment->demand, moment->sla.rl);
	double lost = fmax(0, due - moment->through) * moment->seconds;

	tally->seconds += moment->seconds;
	tally->within += due * moment->seconds;
	tally->rc += moment->sla.rc * moment->seconds;
	tally->rl += moment->sla.rl * moment->seconds;
	tally->ec_max = fmax(tally->ec_max, ec);
	tally->lost[loss_cause(moment)] += lost;
	if (xn_moment_error(moment) > XN_BREACH_ERROR)
		tally->broken += moment->seconds;
	if (!(moment->ratio > 0))
		return;
	tally->punished++;
	tally->ratio += moment->ratio;
	tally->ratio_max = fmax(tally->ratio_max, moment->ratio);
	tally->why[why]++;
}

enum xn_cause xn_tally_cause(const struct xn_tally *tally, double through, double seconds)
{
	enum xn_cause worst = XN_CAUSE_CROWDED;

	if (tally->seconds < SEEN * seconds)
		return XN_CAUSE_LATE;
	if (through >= tally->within * (1 - XN_BREACH_ERROR))
		return XN_CAUSE_BURST;
	for (enum xn_cause c = XN_CAUSE_LINK_DOWN; c < XN_CAUSES; c++)
		if (tally->lost[c] > tally->lost[worst])
			worst = c;
	return worst;
}

/* --- episodes --- */

static void extend(struct xn_episode *episode, const struct xn_moment *moment, double error)
{
	episode->seconds += moment->seconds;
	episode->worst = fmax(episode->worst, error);
	episode->sum += error;
	episode->ticks++;
}

enum xn_turn xn_episode_step(struct xn_episode *episode, const struct xn_moment *moment,
			     double error, struct xn_episode *ended)
{
	enum xn_cause cause = error > XN_BREACH_ERROR ? xn_moment_cause(moment) : XN_CAUSE_NONE;
	bool was = episode->on;

	if (!was && !cause)
		return XN_TURN_NONE;
	if (was && cause == episode->cause) {
		extend(episode, moment, error);
		return XN_TURN_NONE;
	}
	*ended = *episode;
	*episode = (struct xn_episode){ .on = cause, .cause = cause };
	if (!cause)
		return XN_TURN_ENDS;
	extend(episode, moment, error);
	return was ? XN_TURN_CHANGES : XN_TURN_BEGINS;
}
