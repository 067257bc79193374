// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All rates are made of the kernel's own time stamps of the records, so a late
 * tick is only late, never wrong.
 */
#include "daemon/cpu.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/measure.h"
#include "daemon/memory.h"
#include "daemon/module.h"
#include "daemon/threads.h"
#include "daemon/watch.h"

static void on_restart(void *arg)
{
	struct xn_state *s = arg;

	for (size_t i = 0; i < s->n_rows * s->n_nets; i++)
		s->pairs[i].fresh = false;
	for (size_t i = 0; i < s->n_nets; i++)
		s->nets[i].fresh = false;
}

static void read_network(struct xn_state *s, const struct xn_record *record)
{
	uint32_t at = xn_idmap_get(&s->net_by_id, record->net_id);

	if (at == XN_IDMAP_NONE)
		return;
	s->nets[at].time = record->time;
	s->nets[at].fresh = true;
	s->nets[at].table = record->table;
	s->nets[at].routes = record->routes;
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

	if (at != XN_IDMAP_NONE)
		s->ports[at].now = xn_port_counts_of(record);
}

static void on_record(const struct xn_record *record, void *arg)
{
	switch (record->kind) {
	case XNETMAN_KIND_NETWORK:
		read_network(arg, record);
		break;
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

/* @net_id, @ifindex: the share that its counters are of now. */
static void measure_pair(struct xn_daemon *d, size_t r, size_t n, uint32_t net_id, uint32_t ifindex)
{
	struct xn_pair *pair = xn_state_pair(d->state, r, n);
	struct xn_share *share = xn_state_share(d->state, r, n);
	double unit = xn_quantities[d->state->rows[r].kind].per_count;
	double seconds, offered, through;
	struct xn_counts delta;

	xn_pair_delta(pair, net_id, ifindex, &delta);
	if (d->state->rows[r].kind == XN_BANDWIDTH)
		xn_cpu_add_link(&d->state->nets[n], &delta);
	if (!delta.time)
		return;
	seconds = delta.time / 1e9;
	if (d->state->rows[r].down)
		delta.dropped = delta.offered;
	offered = delta.offered * unit;
	through = (delta.offered - delta.dropped) * unit;
	share->demand = offered / seconds;
	pair->through = through / seconds;
	pair->refused = delta.refused * unit / seconds;
	pair->ec = xn_account_add(&pair->acc, share->sla.rc, offered, through, seconds);
	xn_watch_measured(d, r, n, seconds, offered, through);
	pair->last = pair->now;
	pair->net_id = net_id;
	pair->ifindex = ifindex;
}

/* There is no such share now. */
static void forget_pair(struct xn_state *s, size_t r, size_t n)
{
	struct xn_pair *pair = xn_state_pair(s, r, n);

	xn_state_share(s, r, n)->demand = 0;
	pair->through = 0;
	pair->refused = 0;
	pair->ec = 0;
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

/* Return: networks without a share of this link. */
static size_t measure_row_of_link(struct xn_daemon *d, size_t l)
{
	struct xn_state *s = d->state;
	struct xn_link *link = &s->links[l];
	size_t missing = 0;

	measure_link(link);
	s->rows[l].down = link->ifindex && !xn_devices_up(d->devices, link->def->name);
	s->rows[l].through = link->host_bps;
	for (size_t n = 0; n < s->n_nets; n++) {
		if (xn_state_pair(s, l, n)->fresh)
			measure_pair(d, l, n, s->nets[n].id, link->ifindex);
		else
			forget_pair(s, l, n);
		missing += !xn_state_pair(s, l, n)->fresh && link->ifindex && s->nets[n].id;
		s->rows[l].through += xn_state_pair(s, l, n)->through;
	}
	return missing;
}

/* CPU and memory: counters are made here, at the time of the network's record. */
static void measure_own(struct xn_daemon *d, size_t r, size_t n)
{
	struct xn_state *s = d->state;
	struct xn_pair *pair = xn_state_pair(s, r, n);

	if (!s->nets[n].fresh) {
		forget_pair(s, r, n);
		return;
	}
	if (!pair->known) {
		xn_pair_restart(pair, 0, 0, s->nets[n].time);
		return;
	}
	if (s->rows[r].kind == XN_CPU)
		xn_cpu_count(d, n);
	else
		xn_memory_count(s, n);
	measure_pair(d, r, n, 0, 0);
}

size_t xn_measure(struct xn_daemon *d)
{
	struct xn_state *s = d->state;
	size_t missing = 0;

	for (size_t n = 0; n < s->n_nets; n++)
		s->nets[n].usage = (struct xn_usage){ 0 };
	xn_threads_read(d->threads, d);
	for (size_t p = 0; p < s->n_ports; p++)
		xn_cpu_add_port(s, &s->ports[p]);
	for (size_t l = 0; l < s->n_links; l++)
		missing += measure_row_of_link(d, l);
	for (size_t r = s->n_links; r < s->n_rows; r++) {
		s->rows[r].through = 0;
		for (size_t n = 0; n < s->n_nets; n++) {
			measure_own(d, r, n);
			s->rows[r].through += xn_state_pair(s, r, n)->through;
		}
	}
	return missing;
}
