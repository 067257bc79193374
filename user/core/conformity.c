// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures by which an SLA is judged (SPEC section 4). */
#include <math.h>

#include "conformity.h"

double xn_error(double reserved, double demand, double through)
{
	double due = fmin(reserved, demand);

	if (!(due > 0) || through >= due)
		return 0;
	return through > 0 ? 1 - through / due : 1;
}

double xn_account_add(struct xn_account *acc, double rc, double offered, double through,
		      double seconds)
{
	double ec = xn_error(rc, offered / seconds, through / seconds);

	acc->offered += offered;
	acc->used += through;
	acc->ec_sum += ec;
	acc->ticks++;
	return ec;
}

struct xn_verdict xn_account_close(struct xn_account *acc, double rl, double seconds)
{
	struct xn_verdict verdict = {
		.demand = acc->offered / seconds,
		.through = acc->used / seconds,
		.ec_mean = acc->ticks ? acc->ec_sum / acc->ticks : 0,
	};

	verdict.el = xn_error(rl, verdict.demand, verdict.through);
	verdict.conformity = 1 - verdict.ec_mean / 2 - verdict.el / 2;
	*acc = (struct xn_account){};
	return verdict;
}
