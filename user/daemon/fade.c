// SPDX-License-Identifier: GPL-2.0-or-later
/* A punishment fades: a little of the ratio stays for some ticks, and counts above what the network would be allowed. */
#include "core/bounds.h"
#include "core/guard.h"
#include "daemon/fade.h"

/* What a sender heeds that is above its right: more would throw one TCP flow far below it. */
#define MOST 0.02
/* Of that, after each tick; less than LEAST is gone: after four ticks at most. */
#define STAYS 0.8
#define LEAST 0.01

static double faded(double standing, double ratio)
{
	double rest = xn_least(standing * STAYS, MOST);

	return rest > ratio && rest >= LEAST ? rest : ratio;
}

/* Who is entitled to nothing, or allowed nothing, has no queue in the module: his ratio counts always. */
static bool has_queue(const struct xn_share *share, double ceiling)
{
	return xn_guard_rate(share->entitled) && xn_guard_rate(ceiling);
}

void xn_fade(struct xn_state *s, size_t r, const struct xn_resource *res, bool spared)
{
	const struct xn_share *shares = xn_state_share(s, r, 0);
	double idle = spared ? xn_idle(res, shares, s->n_nets) : 0;

	for (size_t n = 0; n < s->n_nets; n++) {
		struct xn_pair *pair = xn_state_pair(s, r, n);
		double standing = spared ? faded(pair->standing, shares[n].ratio) : 0;

		pair->ceiling = standing > 0 ? xn_ceiling(res, &shares[n], idle) : 0;
		pair->standing = has_queue(&shares[n], pair->ceiling) ? standing : shares[n].ratio;
	}
}
