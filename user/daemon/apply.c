// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First look at everything the kernel has, adopt what is ours, remove what is
 * nobody's, then make what is missing. Nothing that stays is ever touched.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/apply.h"
#include "daemon/cpu.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/module.h"
#include "daemon/plan.h"
#include "daemon/threads.h"

/* What the kernel has. */
struct seen {
	struct xn_record record;
	char name[XNETMAN_NAME_MAX + 1];
	bool ours;
};

struct view {
	struct seen *seen;
	size_t n, max;
	bool no_memory;
};

static void view_restart(void *arg)
{
	((struct view *)arg)->n = 0;
}

static void view_record(const struct xn_record *record, void *arg)
{
	struct view *view = arg;
	struct seen *seen;

	if (view->n == view->max) {
		size_t max = view->max ? 2 * view->max : 64;

		seen = reallocarray(view->seen, max, sizeof(*seen));
		if (!seen) {
			view->no_memory = true;
			return;
		}
		view->seen = seen;
		view->max = max;
	}
	seen = &view->seen[view->n++];
	seen->record = *record;
	seen->record.name = NULL;
	seen->ours = false;
	snprintf(seen->name, sizeof(seen->name), "%s", record->name ? record->name : "");
}

static int look(struct xn_daemon *d, struct view *view, struct xn_err *err)
{
	int rc = xn_kernel_counters(d->kernel, view_restart, view_record, view, err);

	if (!rc && view->no_memory) {
		xn_err_set(err, "no memory for %zu records of the kernel", view->n);
		rc = -ENOMEM;
	}
	return rc;
}

/* First error is told, all are logged. */
static void note(struct xn_daemon *d, int rc, const struct xn_err *what, int *first,
		 struct xn_err *err)
{
	if (!rc || xn_module_gone(d, rc))
		return;
	xn_log(SD_WARNING, "%s", what->text);
	if (*first)
		return;
	*first = rc;
	*err = *what;
}

/* --- what is there already --- */

static void adopt_networks(struct xn_state *s, struct view *view)
{
	for (size_t i = 0; i < s->n_nets; i++)
		s->nets[i].id = 0;
	for (size_t i = 0; i < view->n; i++) {
		struct seen *seen = &view->seen[i];
		long net;

		if (seen->record.kind != XNETMAN_KIND_NETWORK)
			continue;
		net = xn_state_net(s, seen->name);
		if (net < 0)
			continue;
		s->nets[net].id = seen->record.net_id;
		seen->ours = true;
	}
}

static void adopt_links(struct xn_daemon *d, struct view *view)
{
	struct xn_state *s = d->state;

	for (size_t l = 0; l < s->n_links; l++) {
		struct xn_link *link = &s->links[l];
		uint32_t want = xn_devices_index(d->devices, link->def->name);

		link->ifindex = 0;
		for (size_t i = 0; i < view->n; i++) {
			struct seen *seen = &view->seen[i];

			if (seen->record.kind != XNETMAN_KIND_LINK || seen->record.ifindex != want)
				continue;
			seen->ours = true;
			link->ifindex = want;
			if (!link->time)
				link->host_bytes = seen->record.offered_bytes;
			if (!link->time)
				link->time = seen->record.time;
		}
	}
}

static bool forwards(const struct xn_daemon *d, uint32_t ifindex)
{
	const struct xn_device *device = xn_devices_at(d->devices, ifindex);

	return device && device->forwards;
}

/* What a port counted before it was ours to see is where we begin. */
static void adopt_counts(struct xn_daemon *d, struct xn_port *port, const struct xn_record *record)
{
	port->forwards = forwards(d, record->ifindex);
	if (port->counted == record->ifindex)
		return;
	port->now = port->last = xn_port_counts_of(record);
	port->counted = record->ifindex;
}

static int adopt_ports(struct xn_daemon *d, struct view *view)
{
	struct xn_state *s = d->state;
	struct xn_idmap wanted;

	if (xn_idmap_init(&wanted, s->n_ports))
		return -ENOMEM;
	for (size_t i = 0; i < s->n_ports; i++) {
		s->ports[i].ifindex = 0;
		if (s->ports[i].want)
			xn_idmap_put(&wanted, s->ports[i].want, i);
	}
	for (size_t i = 0; i < view->n; i++) {
		struct seen *seen = &view->seen[i];
		uint32_t at;

		if (seen->record.kind != XNETMAN_KIND_PORT)
			continue;
		at = xn_idmap_get(&wanted, seen->record.ifindex);
		if (at == XN_IDMAP_NONE || s->nets[s->ports[at].net].id != seen->record.net_id)
			continue;
		s->ports[at].ifindex = seen->record.ifindex;
		adopt_counts(d, &s->ports[at], &seen->record);
		seen->ours = true;
	}
	xn_idmap_exit(&wanted);
	return 0;
}

/* Shares that were here before us: what they counted so far is where we begin. */
static void adopt_shares(struct xn_state *s, const struct view *view)
{
	for (size_t i = 0; i < view->n; i++) {
		const struct xn_record *record = &view->seen[i].record;
		struct xn_pair *pair;

		if (record->kind != XNETMAN_KIND_SHARE)
			continue;
		pair = xn_state_pair_of(s, record->net_id, record->ifindex);
		if (!pair || pair->known)
			continue;
		xn_pair_restart(pair, record->net_id, record->ifindex, record->time);
		pair->last = xn_counts_of(record);
		pair->told = pair->standing = (double)record->ratio / XNETMAN_RATIO_ONE;
		s->shares[pair - s->pairs].ratio = pair->told;
	}
}

/* Likewise, of networks: CPU begins at what these counters say it has cost so far. */
static void adopt_cpu(struct xn_daemon *d, const struct view *view)
{
	struct xn_state *s = d->state;

	for (size_t i = 0; i < view->n; i++) {
		const struct xn_record *record = &view->seen[i].record;
		uint32_t net;

		if (record->kind != XNETMAN_KIND_NETWORK)
			continue;
		net = xn_idmap_get(&s->net_by_id, record->net_id);
		if (net != XN_IDMAP_NONE && !xn_state_pair(s, xn_state_cpu(s), net)->known)
			xn_cpu_adopt(d, net, record);
	}
}

/* --- what is nobody's --- */

static int remove_one(struct xn_daemon *d, const struct xn_record *record, struct xn_err *err)
{
	switch (record->kind) {
	case XNETMAN_KIND_NETWORK:
		return xn_kernel_del_network(d->kernel, record->net_id, err);
	case XNETMAN_KIND_LINK:
		return xn_kernel_del_link(d->kernel, record->ifindex, err);
	case XNETMAN_KIND_PORT:
		return xn_kernel_del_port(d->kernel, record->ifindex, err);
	default:
		return 0;
	}
}

/* Ports before the networks they would go with. */
static void remove_rest(struct xn_daemon *d, const struct view *view, int *first,
			struct xn_err *err)
{
	for (size_t i = view->n; i-- && d->kernel;) {
		struct xn_err what;
		int rc;

		if (view->seen[i].ours)
			continue;
		rc = remove_one(d, &view->seen[i].record, &what);
		if (rc != -ENOENT)
			note(d, rc, &what, first, err);
	}
}

/* --- what is missing --- */

static void set_config(struct xn_daemon *d, int *first, struct xn_err *err)
{
	const struct xn_machine *machine = &d->state->config->machine;
	struct xn_kernel_info info;
	struct xn_err what;
	int rc = xn_kernel_info(d->kernel, &info, &what);

	if (!rc && (info.sampler != machine->sampler || info.mark_mask != machine->mark_mask))
		rc = xn_kernel_config(d->kernel, machine->sampler, machine->mark_mask, &what);
	note(d, rc, &what, first, err);
}

/* Lowest free id from @from on: low ones fit narrow mark masks. */
static uint32_t free_id(const struct xn_state *s, uint32_t from)
{
	while (xn_idmap_get(&s->net_by_id, from) != XN_IDMAP_NONE)
		from++;
	return from;
}

/* Of a network that is new in the kernel. */
static void start_shares(struct xn_state *s, size_t n)
{
	for (size_t l = 0; l < s->n_links; l++)
		if (s->links[l].ifindex)
			xn_pair_restart(xn_state_pair(s, l, n), s->nets[n].id, s->links[l].ifindex,
					xn_now());
	for (size_t r = s->n_links; r < s->n_rows; r++)
		if (!xn_state_pair(s, r, n)->known)
			xn_pair_restart(xn_state_pair(s, r, n), 0, 0, xn_now());
}

static void make_networks(struct xn_daemon *d, int *first, struct xn_err *err)
{
	struct xn_state *s = d->state;
	uint32_t id = 0;

	for (size_t n = 0; n < s->n_nets && d->kernel; n++) {
		struct xn_err what;
		int rc;

		if (s->nets[n].id)
			continue;
		id = free_id(s, id + 1);
		rc = xn_kernel_new_network(d->kernel, id, s->nets[n].def->name, &what);
		if (rc) {
			note(d, rc, &what, first, err);
			continue;
		}
		s->nets[n].id = id;
		start_shares(s, n);
	}
	xn_state_index(s);
}

/* --- devices --- */

/* Another port of the same network that is to have the device now. */
static struct xn_port *heir_of(const struct xn_state *s, const struct xn_port *port)
{
	for (size_t i = 0; i < s->n_ports; i++) {
		struct xn_port *heir = &s->ports[i];

		if (heir != port && heir->want == port->ifindex && heir->net == port->net &&
		    !heir->ifindex)
			return heir;
	}
	return NULL;
}

/* In the kernel nothing changes for a device that stays with its network. */
static void let_go_port(struct xn_daemon *d, struct xn_port *port)
{
	struct xn_port *heir = heir_of(d->state, port);
	struct xn_err err;

	if (!heir) {
		xn_kernel_del_port(d->kernel, port->ifindex, &err);
	} else {
		heir->ifindex = port->ifindex;
		heir->now = port->now;
		heir->last = port->last;
		heir->counted = port->counted;
	}
	port->ifindex = 0;
}

/*
 * Devices that were renamed, and vifs whose domains were: they may be somebody else's now, so
 * this comes first.
 */
static void let_go(struct xn_daemon *d)
{
	struct xn_state *s = d->state;
	struct xn_err err;

	for (size_t i = 0; i < s->n_ports; i++)
		if (s->ports[i].ifindex && s->ports[i].ifindex != s->ports[i].want)
			let_go_port(d, &s->ports[i]);
	xn_state_drop_ports(s);
	for (size_t i = 0; i < s->n_links; i++) {
		struct xn_link *link = &s->links[i];

		if (!link->ifindex ||
		    link->ifindex == xn_devices_index(d->devices, link->def->name))
			continue;
		xn_kernel_del_link(d->kernel, link->ifindex, &err);
		link->ifindex = 0;
	}
}

/* @again: also ask for a device that was refused already; then a refusal is no news. */
static int bind_link(struct xn_daemon *d, size_t at, bool again, struct xn_err *err)
{
	struct xn_state *s = d->state;
	struct xn_link *link = &s->links[at];
	uint32_t want = xn_devices_index(d->devices, link->def->name);
	bool told = link->refused == want;
	int rc;

	if (!want && !link->waiting)
		xn_log(SD_NOTICE, "link %s: no such device: waiting for it", link->def->name);
	link->waiting = !want;
	if (!want || link->ifindex || (told && !again))
		return 0;
	rc = xn_kernel_new_link(d->kernel, want, err);
	link->refused = rc && rc != -ENXIO ? want : 0;
	if (rc)
		return told ? 0 : rc;
	link->ifindex = want;
	link->time = xn_now();
	link->host_bytes = 0;
	for (size_t n = 0; n < s->n_nets; n++)
		if (s->nets[n].id)
			xn_pair_restart(xn_state_pair(s, at, n), s->nets[n].id, want, link->time);
	return 0;
}

static int bind_port(struct xn_daemon *d, struct xn_port *port, bool again, struct xn_err *err)
{
	uint32_t want = port->want;
	uint32_t net_id = d->state->nets[port->net].id;
	bool told = port->refused == want;
	int rc;

	if (!want || !net_id || port->ifindex || (told && !again))
		return 0;
	rc = xn_kernel_new_port(d->kernel, want, net_id, err);
	port->refused = rc && rc != -ENXIO ? want : 0;
	if (!rc) {
		port->ifindex = port->counted = want;
		xn_threads_look(d->threads);
		port->now = port->last = (struct xn_port_counts){ 0 };
		port->forwards = forwards(d, want);
	}
	return told ? 0 : rc;
}

/* A device may be gone before its messages have come: -ENXIO then is no error. */
static int bind_all(struct xn_daemon *d, bool again, struct xn_err *err)
{
	struct xn_state *s = d->state;
	struct xn_err why, what;
	int rc, first = 0;

	let_go(d);
	for (size_t i = 0; i < s->n_links && d->kernel; i++) {
		rc = bind_link(d, i, again, &why);
		if (rc != -ENXIO)
			note(d, rc, &why, &first, err);
	}
	for (size_t i = 0; i < s->n_ports && d->kernel; i++) {
		struct xn_port *port = &s->ports[i];

		rc = bind_port(d, port, again, &why);
		if (!rc)
			continue;
		xn_err_set(&what, "network %s: %s", s->nets[port->net].def->name, why.text);
		if (rc != -ENXIO)
			note(d, rc, &what, &first, err);
	}
	xn_state_index(s);
	return first;
}

int xn_bind(struct xn_daemon *d, struct xn_err *err)
{
	xn_plan_ports(d);
	return bind_all(d, false, err);
}

void xn_unbind(struct xn_daemon *d, uint32_t ifindex)
{
	struct xn_state *s = d->state;
	uint32_t link, port;

	if (!s)
		return;
	link = xn_idmap_get(&s->link_by_ifindex, ifindex);
	port = xn_idmap_get(&s->port_by_ifindex, ifindex);
	if (link != XN_IDMAP_NONE)
		s->links[link].ifindex = 0;
	if (port != XN_IDMAP_NONE)
		s->ports[port].ifindex = 0;
	if (link != XN_IDMAP_NONE || port != XN_IDMAP_NONE)
		xn_state_index(s);
}

int xn_apply(struct xn_daemon *d, struct xn_err *err)
{
	struct view view = { 0 };
	int rc;

	if (!d->kernel)
		return 0;
	rc = look(d, &view, err);
	if (rc) {
		if (xn_module_gone(d, rc))
			rc = 0;
		goto out_view;
	}
	adopt_networks(d->state, &view);
	adopt_links(d, &view);
	xn_plan_ports(d);
	rc = adopt_ports(d, &view);
	if (rc) {
		xn_err_set(err, "no memory");
		goto out_view;
	}
	xn_state_index(d->state);
	adopt_shares(d->state, &view);
	adopt_cpu(d, &view);
	remove_rest(d, &view, &rc, err);
	if (d->kernel)
		set_config(d, &rc, err);
	make_networks(d, &rc, err);
	if (d->kernel) {
		struct xn_err what;
		int bound = bind_all(d, true, &what);

		if (bound && !rc) {
			rc = bound;
			*err = what;
		}
	}
out_view:
	free(view.seen);
	return rc;
}
