// SPDX-License-Identifier: GPL-2.0-or-later
/* A level, integrated over time so that it is accounted as the flows are. */
#include <math.h>

#include "daemon/memory.h"

#define MSEC 1000000 /* ns */

void xn_memory_report(struct xn_state *s, size_t net, size_t wanted, size_t held)
{
	s->nets[net].routes_wanted = wanted;
	s->nets[net].routes_held = held < wanted ? held : wanted;
}

size_t xn_memory_limit(const struct xn_state *s, size_t net)
{
	const struct xn_row *row = &s->rows[xn_state_memory(s)];
	const struct xn_share *share = xn_state_share(s, xn_state_memory(s), net);
	double most = share->allowed;

	if (!(row->capacity > 0) || s->config->machine.policy == XN_POLICY_OFF)
		return SIZE_MAX;
	if (share->ratio <= 0)
		most = fmin(fmax(most, share->sla.rmax), row->capacity);
	return floor(most + 1e-6); /* 4000 may have become a little less on its way */
}

void xn_memory_count(struct xn_state *s, size_t n)
{
	const struct xn_net *net = &s->nets[n];
	struct xn_pair *pair = xn_state_pair(s, xn_state_memory(s), n);
	double ms = (double)(net->time - pair->last.time) / MSEC;

	pair->now = pair->last;
	pair->now.time = net->time;
	pair->now.offered += llround(net->routes_wanted * ms);
	pair->now.dropped += llround((net->routes_wanted - net->routes_held) * ms);
}
