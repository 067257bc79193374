// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One step after the other, each safe to end at: what is gone is un-diverted first; then devices, routes and
 * rules are made; and only when all is there, packets are diverted. So no packet comes where there is nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/nft.h"
#include "daemon/plane_impl.h"
#include "daemon/rules.h"

#define FLUSH_MOST 256 /* messages before the event loop has its turn */

/* --- which there are --- */

static bool is_split(const struct xn_daemon *d, const char *network)
{
	long net = xn_state_net(d->state, network);

	return net >= 0 && d->state->nets[net].def->path == XN_PATH_SPLIT;
}

static struct xn_plane *plane_in(const struct xn_planes *planes, unsigned int slot)
{
	for (struct xn_plane *p = planes->first; p; p = p->next)
		if (p->slot == slot)
			return p;
	return NULL;
}

/* 0: all are taken. */
static unsigned int free_slot(const struct xn_planes *planes)
{
	for (unsigned int slot = 1; slot <= XN_VRF_SLOTS; slot++)
		if (!plane_in(planes, slot))
			return slot;
	return 0;
}

static struct xn_plane *add_plane(struct xn_planes *planes, const char *network, unsigned int slot)
{
	struct xn_plane *p = slot ? xn_plane_new(planes, network, slot) : NULL;

	if (!p) {
		xn_log(SD_ERR, "network %s: no room for its data plane", network);
		return NULL;
	}
	p->next = planes->first;
	planes->first = p;
	return p;
}

static void add_missing(struct xn_planes *planes)
{
	const struct xn_state *s = planes->daemon->state;

	for (size_t i = 0; i < s->n_nets; i++)
		if (s->nets[i].def->path == XN_PATH_SPLIT &&
		    !xn_plane_of(planes->daemon, s->nets[i].def->name))
			add_plane(planes, s->nets[i].def->name, free_slot(planes));
}

static void remove_rules(const struct xn_plane *p)
{
	char table[XN_RULES_TABLE];
	json_t *commands;
	struct xn_err err;

	xn_plane_rules_table(p, table);
	commands = xn_rules_remove(table);
	if (xn_nft_run(commands, &err))
		xn_log(SD_ERR, "network %s: %s", p->network, err.text);
	json_decref(commands);
}

/* --- how many routes --- */

static void say_hold_error(struct xn_plane *p, int rc, const struct xn_err *err)
{
	if (rc && rc != p->hold_error)
		xn_log(SD_ERR, "network %s: its routes are not limited: %s", p->network, err->text);
	p->hold_error = rc;
}

static void hold(struct xn_plane *p)
{
	struct xn_daemon *d = p->planes->daemon;
	long net = xn_state_net(d->state, p->network);
	struct xn_err err;

	if (net < 0 || !d->kernel || !p->table)
		return;
	say_hold_error(p,
		       xn_holding_tick(&p->holding, d->kernel, d->state, net, p->table,
				       xn_plane_table_id(p), p->n_rules, &err),
		       &err);
	if (!xn_table_stats(p->table).left)
		return;
	p->settled = false;
	xn_planes_poke(p->planes);
}

void xn_planes_tick(struct xn_planes *planes)
{
	for (struct xn_plane *p = planes ? planes->first : NULL; p; p = p->next)
		hold(p);
}

static void hold_no_more(struct xn_plane *p)
{
	struct xn_daemon *d = p->planes->daemon;
	long net = xn_state_net(d->state, p->network);
	struct xn_err err;

	if (net >= 0 && d->kernel)
		say_hold_error(p, xn_holding_end(&p->holding, d->kernel, d->state, net, &err),
			       &err);
}

/* --- the end of one --- */

/* Packets first go to the router again; then all is removed that was made. */
static void remove_plane(struct xn_plane *p)
{
	struct xn_err err;

	xn_plane_undivert(p, false);
	xn_operator_remove(p);
	for (size_t i = 0; i < p->n_ports; i++)
		p->ports[i].port = 0;
	if (p->vrf)
		remove_rules(p);
	hold_no_more(p);
	xn_table_close(p->table);
	p->table = NULL;
	xn_plane_drop_ports(p);
	if (p->vrf && xn_vrf_destroy(p->planes->netreq, p->slot, p->vrf, &err))
		xn_log(SD_ERR, "network %s: %s", p->network, err.text);
	xn_log(SD_INFO, "network %s: its packets are forwarded by its router", p->network);
	xn_plane_free(p);
}

static void remove_unwanted(struct xn_planes *planes)
{
	struct xn_plane **at = &planes->first;

	while (*at) {
		struct xn_plane *p = *at;

		if (is_split(planes->daemon, p->network)) {
			at = &p->next;
			continue;
		}
		*at = p->next;
		remove_plane(p);
	}
}

/* --- one MAC, one network --- */

struct claimed {
	uint8_t mac[6];
	struct xn_plane *plane;
	struct xn_plane_port *port;
};

static int compare_claimed(const void *a, const void *b)
{
	return memcmp(((const struct claimed *)a)->mac, ((const struct claimed *)b)->mac, 6);
}

static size_t collect(const struct xn_planes *planes, struct claimed *claims)
{
	size_t n = 0;

	for (struct xn_plane *p = planes->first; p; p = p->next)
		for (size_t i = 0; i < p->n_ports; i++) {
			p->ports[i].contested = false;
			if (!p->ports[i].claimed)
				continue;
			claims[n] = (struct claimed){ .plane = p, .port = &p->ports[i] };
			memcpy(claims[n++].mac, p->ports[i].mac, 6);
		}
	return n;
}

static void contest(const struct claimed *a, const struct claimed *b)
{
	const uint8_t *m = a->mac;

	a->port->contested = b->port->contested = true;
	if (!a->plane->told || !b->plane->told)
		xn_log(SD_WARNING,
		       "networks %s and %s: both have a router with MAC "
		       "%02x:%02x:%02x:%02x:%02x:%02x: Dom0 forwards for neither there; give one "
		       "another MAC",
		       a->plane->network, b->plane->network, m[0], m[1], m[2], m[3], m[4], m[5]);
	a->plane->told = b->plane->told = true;
}

/* What is over may be told again when it comes again. */
static void forget_told(struct xn_plane *p)
{
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].contested)
			return;
	p->told = false;
}

static void settle_claims(struct xn_planes *planes)
{
	size_t n = 0;
	struct claimed *claims;

	for (struct xn_plane *p = planes->first; p; p = p->next)
		n += p->n_ports;
	claims = calloc(n + 1, sizeof(*claims));
	if (!claims)
		return;
	n = collect(planes, claims);
	qsort(claims, n, sizeof(*claims), compare_claimed);
	for (size_t i = 1; i < n; i++)
		if (!compare_claimed(&claims[i - 1], &claims[i]) &&
		    claims[i - 1].plane != claims[i].plane)
			contest(&claims[i - 1], &claims[i]);
	for (struct xn_plane *p = planes->first; p; p = p->next)
		forget_told(p);
	free(claims);
}

/* --- what stays at uplinks --- */

void xn_planes_note_uplink(struct xn_planes *planes, uint32_t ifindex)
{
	uint32_t *more;

	for (size_t i = 0; i < planes->n_ours; i++)
		if (planes->ours[i] == ifindex)
			return;
	more = reallocarray(planes->ours, planes->n_ours + 1, sizeof(*more));
	if (!more)
		return;
	planes->ours = more;
	more[planes->n_ours++] = ifindex;
}

static void release_uplinks(struct xn_planes *planes)
{
	const struct xn_daemon *d = planes->daemon;
	size_t kept = 0;

	for (size_t i = 0; i < planes->n_ours; i++) {
		uint32_t ifindex = planes->ours[i];

		if (xn_plane_link(d, xn_devices_at(d->devices, ifindex)))
			planes->ours[kept++] = ifindex;
		else
			xn_divert_release(planes->netreq, ifindex);
	}
	planes->n_ours = kept;
}

/* --- step by step --- */

/* Routes that wait go to the kernel bit by bit, between the daemon's other work. */
static void flush(struct xn_plane *p)
{
	struct xn_err err;
	long left = p->table && !p->settled ? xn_table_flush(p->table, FLUSH_MOST, &err) : 0;

	if (left < 0)
		xn_log(SD_ERR, "network %s: routes: %s", p->network, err.text);
	p->settled = left == 0;
	if (left > 0)
		xn_planes_poke(p->planes);
}

/* Dom0 as a whole forwards IPv6 or does not; that is for its owner to say. */
static bool forwards_ip6(void)
{
	char text = '0';
	int fd = open("/proc/sys/net/ipv6/conf/all/forwarding", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, &text, 1) != 1)
		text = '0';
	close(fd);
	return text != '0';
}

static void look_at_ip6(struct xn_planes *planes)
{
	bool ip6 = forwards_ip6();

	if (ip6 != planes->ip6)
		planes->version += 1ULL << 32;
	planes->ip6 = ip6;
}

static void update_plane(struct xn_plane *p)
{
	bool changed = xn_plane_decide(p);

	xn_plane_undivert(p, true);
	if (!p->holding.told)
		hold(p); /* before the first route */
	if (changed)
		xn_plane_map(p);
	flush(p);
	if (!p->settled)
		return;
	xn_plane_divert(p);
	xn_operator_update(p);
	xn_plane_drop_ports(p);
}

void xn_planes_update(struct xn_planes *planes)
{
	if (!planes || planes->updating)
		return;
	planes->updating = true;
	look_at_ip6(planes);
	remove_unwanted(planes);
	add_missing(planes);
	for (struct xn_plane *p = planes->first; p; p = p->next) {
		xn_plane_follow_ports(p);
		xn_plane_claim(p);
	}
	settle_claims(planes);
	for (struct xn_plane *p = planes->first; p; p = p->next)
		update_plane(p);
	release_uplinks(planes);
	planes->updating = false;
}

void xn_planes_poke(struct xn_planes *planes)
{
	if (planes && planes->work)
		sd_event_source_set_enabled(planes->work, SD_EVENT_ONESHOT);
}

static int on_work(sd_event_source *source, void *arg)
{
	(void)source;
	xn_planes_update(arg);
	return 0;
}

static int on_later(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)usec;
	return on_work(source, arg);
}

void xn_planes_poke_later(struct xn_planes *planes, uint64_t usec)
{
	sd_event_source_set_time_relative(planes->later, usec);
	sd_event_source_set_enabled(planes->later, SD_EVENT_ONESHOT);
}

static void on_own_changed(void *arg)
{
	struct xn_planes *planes = arg;

	planes->version++;
	xn_planes_poke(planes);
}

void xn_planes_devices(const struct xn_planes *planes,
		       void (*each)(size_t net, uint32_t ifindex, void *arg), void *arg)
{
	for (const struct xn_plane *p = planes ? planes->first : NULL; p; p = p->next) {
		long net = xn_state_net(planes->daemon->state, p->network);

		if (net < 0 || !p->vrf)
			continue;
		each(net, p->vrf, arg);
		for (size_t i = 0; i < p->n_ports; i++)
			each(net, p->ports[i].macvlan, arg);
	}
}

/* --- taking over --- */

static void adopt_vrf(const struct xn_vrf_found *found, void *arg)
{
	struct xn_planes *planes = arg;
	struct xn_plane *p;

	if (found->number >= 0 || plane_in(planes, found->slot))
		return;
	p = add_plane(planes, found->name, found->slot);
	if (p)
		p->vrf = found->ifindex;
}

static void adopt_port(const struct xn_vrf_found *found, void *arg)
{
	struct xn_plane *p = plane_in(arg, found->slot);
	struct xn_plane_port *port;

	if (found->number < 0 || !p || p->vrf != found->master || p->n_ports == XN_VRF_PORTS)
		return;
	port = &p->ports[p->n_ports++];
	port->number = found->number;
	port->macvlan = found->ifindex;
	port->bridge = found->lower;
	snprintf(port->name, sizeof(port->name), "%s", found->name);
}

static void adopt_diversion(const struct xn_diversion *found, void *arg)
{
	struct xn_plane *p = plane_in(arg, found->slot);
	struct xn_diversion stray = *found;

	for (size_t i = 0; p && i < p->n_ports; i++) {
		struct xn_plane_port *port = &p->ports[i];

		if (port->number != found->number || port->n_uplinks == XN_UPLINKS)
			continue;
		port->uplinks[port->n_uplinks++].diversion = *found;
		memcpy(port->mac, found->mac, 6);
		port->claimed = true;
		return;
	}
	xn_undivert(((struct xn_planes *)arg)->netreq, &stray);
}

/* Found first, acted upon then: a dump must not be cut in by other requests. */
struct found_list {
	struct xn_diversion *found;
	size_t n;
};

static void note_diversion(const struct xn_diversion *found, void *arg)
{
	struct found_list *list = arg;
	struct xn_diversion *more = reallocarray(list->found, list->n + 1, sizeof(*more));

	if (!more)
		return;
	list->found = more;
	more[list->n++] = *found;
}

static void adopt(struct xn_planes *planes)
{
	size_t n;
	const struct xn_device *devices = xn_devices_all(planes->daemon->devices, &n);
	struct found_list list = { 0 };
	struct xn_err err;

	xn_vrf_find(planes->netreq, adopt_vrf, planes);
	xn_vrf_find(planes->netreq, adopt_port, planes);
	for (size_t i = 0; i < n; i++) {
		if (!devices[i].master)
			continue;
		xn_divert_find(planes->netreq, devices[i].ifindex, note_diversion, &list);
		if (xn_divert_is_ours(planes->netreq, devices[i].ifindex))
			xn_planes_note_uplink(planes, devices[i].ifindex);
	}
	for (size_t i = 0; i < list.n; i++)
		adopt_diversion(&list.found[i], planes);
	free(list.found);
	for (struct xn_plane *p = planes->first; p; p = p->next)
		if (xn_plane_open_table(p, &err))
			xn_log(SD_ERR, "network %s: %s", p->network, err.text);
}

struct xn_planes *xn_planes_open(struct xn_daemon *d, struct xn_err *err)
{
	struct xn_planes *planes = calloc(1, sizeof(*planes));
	int rc;

	if (!planes) {
		xn_err_set(err, "data planes: no memory");
		return NULL;
	}
	planes->daemon = d;
	planes->version = 1;
	planes->ip6 = forwards_ip6();
	planes->netreq = xn_netreq_open(err);
	if (planes->netreq)
		planes->own = xn_own_open(d->event, planes->netreq, on_own_changed, planes, err);
	if (planes->own)
		planes->operators = xn_operators_open(planes, err);
	if (!planes->operators)
		goto err_planes;
	rc = sd_event_add_defer(d->event, &planes->work, on_work, planes);
	if (rc >= 0)
		rc = sd_event_add_time_relative(d->event, &planes->later, CLOCK_MONOTONIC, 0, 1000,
						on_later, planes);
	if (rc < 0) {
		xn_err_set(err, "data planes: %s", strerror(-rc));
		goto err_planes;
	}
	adopt(planes);
	return planes;

err_planes:
	xn_planes_close(planes);
	return NULL;
}

void xn_planes_close(struct xn_planes *planes)
{
	if (!planes)
		return;
	while (planes->first) {
		struct xn_plane *p = planes->first;

		planes->first = p->next;
		xn_plane_free(p);
	}
	sd_event_source_disable_unref(planes->work);
	sd_event_source_disable_unref(planes->later);
	xn_operators_close(planes->operators);
	xn_own_close(planes->own);
	xn_netreq_close(planes->netreq);
	free(planes->ours);
	free(planes);
}
