// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemon's side of core/cost.h. */
#include <math.h>

#include "daemon/cpu.h"
#include "daemon/daemon.h"

/* Of a device that was made anew under the same number all counts are new. */
static uint64_t since(uint64_t now, uint64_t last)
{
	return now < last ? now : now - last;
}

static void add(struct xn_flow *to, uint64_t packets, uint64_t bytes)
{
	to->packets += packets;
	to->bytes += bytes;
}

/* @last: up to where it was counted already. */
static void add_counts(struct xn_usage *usage, const struct xn_port *port,
		       const struct xn_port_counts *last)
{
	const struct xn_port_counts *now = &port->now;
	enum xn_cost_worker worker = port->threaded ? XN_COST_THREAD : XN_COST_SOFTIRQ;
	enum xn_cost_path path = port->forwards ? XN_COST_FORWARD : XN_COST_RX;
	uint64_t packets = since(now->tx_dropped_packets, last->tx_dropped_packets);
	uint64_t bytes = since(now->tx_dropped_bytes, last->tx_dropped_bytes);

	add(&usage->in[worker][path].offered, since(now->rx_packets, last->rx_packets),
	    since(now->rx_bytes, last->rx_bytes));
	add(&usage->in[worker][path].dropped,
	    since(now->rx_dropped_packets, last->rx_dropped_packets),
	    since(now->rx_dropped_bytes, last->rx_dropped_bytes));
	/* what a VRF or a sub-interface sends leaves Dom0 by the link below, which counts it */
	if (port->forwards)
		return;
	add(&usage->in[XN_COST_SOFTIRQ][XN_COST_TX].offered,
	    since(now->tx_packets, last->tx_packets) + packets,
	    since(now->tx_bytes, last->tx_bytes) + bytes);
	add(&usage->in[XN_COST_SOFTIRQ][XN_COST_TX].dropped, packets, bytes);
}

void xn_cpu_add_port(struct xn_state *s, struct xn_port *port)
{
	if (port->ifindex && port->counted == port->ifindex)
		add_counts(&s->nets[port->net].usage, port, &port->last);
	port->last = port->now;
	port->counted = port->ifindex;
}

void xn_cpu_add_link(struct xn_net *net, const struct xn_counts *passed)
{
	add(&net->usage.to_links, passed->offered_packets, passed->offered);
	add(&net->usage.link, since(passed->offered_packets, passed->dropped_packets),
	    since(passed->offered, passed->dropped));
}

static struct xn_flow plus(struct xn_flow a, struct xn_flow b)
{
	return (struct xn_flow){ a.packets + b.packets, a.bytes + b.bytes };
}

/* What it cost by the model alone, as if no thread were measured, ns. */
static uint64_t by_model(const struct xn_cost_model *model, struct xn_usage usage,
			 struct xn_cost_memory memory)
{
	for (int path = 0; path < XN_COST_PATHS; path++) {
		usage.in[XN_COST_SOFTIRQ][path].offered =
			plus(usage.in[XN_COST_SOFTIRQ][path].offered,
			     usage.in[XN_COST_THREAD][path].offered);
		usage.in[XN_COST_SOFTIRQ][path].dropped =
			plus(usage.in[XN_COST_SOFTIRQ][path].dropped,
			     usage.in[XN_COST_THREAD][path].dropped);
		usage.in[XN_COST_THREAD][path].offered = (struct xn_flow){ 0 };
		usage.in[XN_COST_THREAD][path].dropped = (struct xn_flow){ 0 };
	}
	usage.napi = usage.copy = 0;
	return llround(xn_cost(model, &usage, &memory).through * 1e9);
}

void xn_cpu_count(struct xn_daemon *d, size_t n)
{
	struct xn_net *net = &d->state->nets[n];
	struct xn_pair *pair = xn_state_pair(d->state, xn_state_cpu(d->state), n);
	struct xn_cost cost = xn_cost(&d->model, &net->usage, &net->memory);
	double seconds = (net->time - pair->last.time) / 1e9;

	pair->now = pair->last;
	pair->now.time = net->time;
	pair->now.offered += llround(cost.demand * 1e9);
	pair->now.dropped += llround(fmin(cost.demand - cost.through, cost.demand) * 1e9);
	pair->total += by_model(&d->model, net->usage, net->memory);
	if (seconds > 0)
		pair->floor = cost.floor / seconds;
}

void xn_cpu_adopt(struct xn_daemon *d, size_t n, const struct xn_record *record)
{
	static const struct xn_port_counts nothing;
	struct xn_state *s = d->state;
	struct xn_pair *pair = xn_state_pair(s, xn_state_cpu(s), n);
	struct xn_net so_far = { 0 };

	for (size_t p = 0; p < s->n_ports; p++)
		if (s->ports[p].net == n && s->ports[p].ifindex)
			add_counts(&so_far.usage, &s->ports[p], &nothing);
	for (size_t l = 0; l < s->n_links; l++)
		if (s->links[l].ifindex)
			xn_cpu_add_link(&so_far, &xn_state_pair(s, l, n)->last);
	xn_pair_restart(pair, 0, 0, record->time);
	pair->total = by_model(&d->model, so_far.usage, so_far.memory);
	pair->told = (double)record->ratio / XNETMAN_RATIO_ONE;
	xn_state_share(s, xn_state_cpu(s), n)->ratio = pair->told;
}
