// SPDX-License-Identifier: GPL-2.0-or-later
/* Accounts that travel. */
#include <math.h>

#include "daemon/grid.h"
#include "daemon/travel.h"

#define UNLIMITED 1e15 /* of a resource that is not controlled */

static double elapsed(const struct xn_daemon *d)
{
	return xn_grid_elapsed(d->base.start, d->state->config->machine.il, xn_now());
}

double xn_travel_average(const struct xn_daemon *d, size_t r, size_t n)
{
	double seconds = elapsed(d);

	return seconds > 0 ? xn_state_pair(d->state, r, n)->acc.used / seconds : 0;
}

bool xn_travel_plausible(const struct xn_daemon *d, size_t r, double average)
{
	double capacity = d->state->rows[r].capacity;

	return isfinite(average) && average >= 0 &&
	       average <= (capacity > 0 ? capacity : UNLIMITED);
}

void xn_travel_take(struct xn_daemon *d, size_t r, size_t n, double average)
{
	struct xn_account *acc = &xn_state_pair(d->state, r, n)->acc;

	xn_contract_extend(d->state, r, n, d->base.start, xn_now(), xn_realtime());
	acc->used = fmax(acc->used, average * elapsed(d));
	acc->offered = fmax(acc->offered, acc->used);
}
