// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All rates are made of the kernel's own time stamps of the records, so a late
 * tick is only late, never wrong.
 */
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/measure.h"
#include "daemon/module.h"

static void on_restart(void *arg)
{
	struct xn_state *s = arg;

	for (size_t i = 0; i < s->n_links * s->n_nets; i++)
		s->pairs[i].fresh = false;
}

static void read_share(struct xn_state *s, const struct xn_record *record)
{
	struct xn_pair *pair = xn_state_pair_of(s, record->net_id, record->ifindex);

	if (!pair)
		return;
	pair->now = xn_counts_of(record);
	pair->fresh = true;
}

static void read_link(struct xn_state *s, const struct xn_record *record)
{
	uint32_t at = xn_idmap_get(&s->link_by_ifindex, record->ifindex);

	if (at == XN_IDMAP_NONE)
		return;
	s->links[at].now = record->time;
	s->links[at].now_bytes = record->offered_bytes;
}

static void read_port(struct xn_state *s, const struct xn_record *record)
{
	uint32_t at = xn_idmap_get(&s->port_by_ifindex, record->ifindex);
	struct xn_port *port = &s->ports[at];

	if (at == XN_IDMAP_NONE)
		return;
	port->rx_bytes = record->rx_bytes;
	port->rx_packets = record->rx_packets;
	port->tx_bytes = record->tx_bytes;
	port->tx_packets = record->tx_packets;
}

static void on_record(const struct xn_record *record, void *arg)
{
	switch (record->kind) {
	case XNETMAN_KIND_SHARE:
		read_share(arg, record);
		break;
	case XNETMAN_KIND_LINK:
		read_link(arg, record);
		break;
	case XNETMAN_KIND_PORT:
		read_port(arg, record);
		break;
	default:
		break;
	}
}

int xn_measure_read(struct xn_daemon *d)
{
	struct xn_err err;
	int rc = xn_kernel_counters(d->kernel, on_restart, on_record, d->state, &err);

	if (rc && !xn_module_gone(d, rc))
		xn_log(SD_ERR, "counters: %s", err.text);
	return rc;
}

/* --- measure --- */

static void measure_pair(struct xn_daemon *d, size_t l, size_t n)
{
	struct xn_pair *pair = xn_state_pair(d->state, l, n);
	struct xn_share *share = xn_state_share(d->state, l, n);
	struct xn_counts delta;
	double seconds, offered, through;

	xn_pair_delta(pair, d->state->nets[n].id, d->state->links[l].ifindex, &delta);
	if (!delta.time)
		return;
	seconds = delta.time / 1e9;
	offered = delta.offered_bytes * 8.0;
	through = (delta.offered_bytes - delta.dropped_bytes) * 8.0;
	share->demand = offered / seconds;
	pair->through_bps = through / seconds;
	pair->ec = xn_account_add(&pair->acc, share->sla.rc, offered, through, seconds);
	pair->punished += share->ratio > 0;
	pair->last = pair->now;
	pair->net_id = d->state->nets[n].id;
	pair->ifindex = d->state->links[l].ifindex;
}

/* What Dom0 itself sent. */
static void measure_link(struct xn_link *link)
{
	uint64_t bytes = link->now_bytes;

	if (!link->ifindex) {
		link->host_bps = 0;
		return;
	}
	if (link->now <= link->time)
		return;
	if (bytes >= link->host_bytes)
		bytes -= link->host_bytes;
	link->host_bps = bytes * 8e9 / (link->now - link->time);
	link->host_bytes = link->now_bytes;
	link->time = link->now;
}

size_t xn_measure(struct xn_daemon *d)
{
	struct xn_state *s = d->state;
	size_t missing = 0;

	for (size_t l = 0; l < s->n_links; l++) {
		struct xn_link *link = &s->links[l];

		measure_link(link);
		link->through_bps = link->host_bps;
		for (size_t n = 0; n < s->n_nets; n++) {
			struct xn_pair *pair = xn_state_pair(s, l, n);

			if (pair->fresh) {
				measure_pair(d, l, n);
				link->through_bps += pair->through_bps;
				continue;
			}
			xn_state_share(s, l, n)->demand = 0;
			pair->through_bps = 0;
			pair->ec = 0;
			missing += link->ifindex && s->nets[n].id;
		}
	}
	return missing;
}
