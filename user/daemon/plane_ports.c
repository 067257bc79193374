// SPDX-License-Identifier: GPL-2.0-or-later
/* The bridged ports of a network: their macvlans, the router's MACs, what is diverted at their uplinks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/claim.h"
#include "daemon/log.h"
#include "daemon/plane_impl.h"
#include "daemon/tree.h"

#define LOWER_MAX	8	      /* devices on devices */
#define PATIENCE_NS	1000000000ULL /* with next hops that do not say their MACs */
#define LOOK_AGAIN_USEC 5000

static const struct xn_device *device_at(const struct xn_plane *p, uint32_t ifindex)
{
	return ifindex ? xn_devices_at(p->planes->daemon->devices, ifindex) : NULL;
}

/* --- ports --- */

/*
 * A bridge that looks at VLANs would send what a macvlan sends into its own VLAN, not the port's:
 * there the router goes on forwarding.
 */
static uint32_t bridge_of(const struct xn_plane *p, uint32_t port)
{
	const struct xn_device *device = device_at(p, port);
	const struct xn_device *bridge = device ? device_at(p, device->master) : NULL;

	return bridge && bridge->bridge && !bridge->vlan_aware ? bridge->ifindex : 0;
}

static bool is_own(const struct xn_plane *p, uint32_t ifindex)
{
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].macvlan == ifindex)
			return true;
	return ifindex == p->vrf;
}

static unsigned int free_number(const struct xn_plane *p)
{
	unsigned int number = 0;

	for (size_t i = 0; i < p->n_ports; i++) {
		if (p->ports[i].number != number)
			continue;
		number++;
		i = -1;
	}
	return number;
}

static int need_vrf(struct xn_plane *p, struct xn_err *err)
{
	int rc;

	if (p->vrf)
		return 0;
	rc = xn_vrf_create(p->planes->netreq, p->slot, p->network, &p->vrf, err);
	if (rc)
		p->vrf = 0;
	return rc ? rc : xn_plane_open_table(p, err);
}

static void add_port(struct xn_plane *p, const struct xn_device *device, uint32_t bridge)
{
	struct xn_plane_port port = { .port = device->ifindex, .bridge = bridge };
	struct xn_err err;

	if (p->n_ports == XN_VRF_PORTS)
		return;
	port.number = free_number(p);
	snprintf(port.name, sizeof(port.name), "%s", device->name);
	if (!need_vrf(p, &err) && !xn_vrf_add_port(p->planes->netreq, p->slot, port.number, p->vrf,
						   bridge, port.name, &port.macvlan, &err))
		p->ports[p->n_ports++] = port;
	else
		xn_log(SD_ERR, "network %s: data path split: %s", p->network, err.text);
}

static struct xn_plane_port *port_at(struct xn_plane *p, const struct xn_device *device)
{
	for (size_t i = 0; i < p->n_ports; i++) {
		struct xn_plane_port *port = &p->ports[i];

		/* one that a former xnetmand left is known by its name only */
		if (port->port == device->ifindex ||
		    (!port->port && !strcmp(port->name, device->name)))
			return port;
	}
	return NULL;
}

static void follow_port(struct xn_plane *p, uint32_t ifindex, bool *there)
{
	const struct xn_device *device = device_at(p, ifindex);
	uint32_t bridge = bridge_of(p, ifindex);
	struct xn_plane_port *port;

	if (!bridge || is_own(p, ifindex))
		return;
	port = port_at(p, device);
	if (!port) {
		there[p->n_ports] = true;
		add_port(p, device, bridge);
	} else if (port->bridge == bridge) {
		port->port = ifindex;
		there[port - p->ports] = true;
	}
}

void xn_plane_follow_ports(struct xn_plane *p)
{
	const struct xn_state *s = p->planes->daemon->state;
	bool there[XN_VRF_PORTS + 1] = { false };
	long net = xn_state_net(s, p->network);

	for (size_t i = 0; i < s->n_ports && net >= 0; i++)
		if (s->ports[i].net == (size_t)net && s->ports[i].want)
			follow_port(p, s->ports[i].want, there);
	for (size_t i = 0; i < p->n_ports; i++)
		if (!there[i] || !device_at(p, p->ports[i].port))
			p->ports[i].port = 0;
}

void xn_plane_drop_ports(struct xn_plane *p)
{
	struct xn_err err;
	size_t kept = 0;

	for (size_t i = 0; i < p->n_ports; i++) {
		if (p->ports[i].port) {
			p->ports[kept++] = p->ports[i];
			continue;
		}
		if (xn_vrf_remove(p->planes->netreq, p->ports[i].macvlan, &err))
			xn_log(SD_ERR, "network %s: %s", p->network, err.text);
		if (p->table)
			xn_table_check(p->table); /* routes by it went with it */
	}
	p->n_ports = kept;
}

/* --- whose MAC --- */

static void claim(struct xn_plane *p, struct xn_plane_port *port)
{
	bool same = false;

	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct xn_guest_interface *told = &p->interfaces[i];

		/* a bridge may forget a MAC that was silent for minutes */
		same = port->claimed && !memcmp(told->mac, port->mac, 6);
		if (!same &&
		    !xn_claim_good(p->planes->daemon, p->planes->netreq, port->port, told->mac))
			continue;
		port->claimed = true;
		port->index = told->index;
		memcpy(port->mac, told->mac, 6);
		snprintf(port->guest, sizeof(port->guest), "%s", told->name);
		return;
	}
	port->claimed = false;
}

void xn_plane_claim(struct xn_plane *p)
{
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].port && p->interfaces)
			claim(p, &p->ports[i]);
		else if (!p->ports[i].port)
			p->ports[i].claimed = false;
}

bool xn_plane_decide(struct xn_plane *p)
{
	bool changed = false;

	for (size_t i = 0; i < p->n_ports; i++) {
		struct xn_plane_port *port = &p->ports[i];
		bool mapped = port->port && port->claimed && !port->contested && p->interfaces;

		changed |= port->mapped != mapped;
		port->mapped = mapped;
		changed |= mapped && !p->way;
		changed |= mapped && port->macvlan == p->way && memcmp(port->mac, p->way_mac, 6);
		if (mapped && port->macvlan == p->way)
			memcpy(p->way_mac, port->mac, 6);
	}
	return changed;
}

/* --- uplinks --- */

const char *xn_plane_link(const struct xn_daemon *d, const struct xn_device *device)
{
	for (size_t i = 0; i < LOWER_MAX && device; i++) {
		if (xn_state_link(d->state, device->name) >= 0)
			return device->name;
		device = xn_devices_at(d->devices, device->lower);
	}
	return NULL;
}

static struct xn_plane_uplink *uplink_at(struct xn_plane *p, struct xn_plane_port *port,
					 uint32_t ifindex)
{
	for (size_t i = 0; i < port->n_uplinks; i++)
		if (port->uplinks[i].diversion.uplink == ifindex)
			return &port->uplinks[i];
	if (port->n_uplinks == XN_UPLINKS)
		return NULL;
	port->uplinks[port->n_uplinks] = (struct xn_plane_uplink){
		.diversion = { .uplink = ifindex, .slot = p->slot, .number = port->number },
	};
	return &port->uplinks[port->n_uplinks++];
}

static void follow_uplinks(struct xn_plane *p, struct xn_plane_port *port)
{
	size_t n;
	const struct xn_device *devices = xn_devices_all(p->planes->daemon->devices, &n);
	struct xn_plane_uplink *uplink;

	for (size_t i = 0; i < port->n_uplinks; i++)
		port->uplinks[i].wanted = false;
	for (size_t i = 0; i < n; i++) {
		if (devices[i].master != port->bridge || devices[i].ifindex == port->port ||
		    !xn_plane_link(p->planes->daemon, &devices[i]))
			continue;
		uplink = uplink_at(p, port, devices[i].ifindex);
		if (uplink)
			uplink->wanted = true;
	}
}

/* The router's addresses, then Dom0's. Return: how many, 0 without memory. */
static size_t pass_list(const struct xn_plane *p, struct xn_prefix **list)
{
	size_t n_own, n = 0;
	const struct xn_prefix *own = xn_own_prefixes(p->planes->own, &n_own);

	for (size_t i = 0; i < p->n_interfaces; i++)
		n += p->interfaces[i].n_addresses;
	*list = calloc(n + n_own, sizeof(**list));
	if (!*list)
		return 0;
	n = 0;
	for (size_t i = 0; i < p->n_interfaces; i++)
		for (size_t j = 0; j < p->interfaces[i].n_addresses; j++, n++) {
			(*list)[n].address = p->interfaces[i].addresses[j];
			(*list)[n].length = (*list)[n].address.family == AF_INET ? 32 : 128;
		}
	memcpy(*list + n, own, n_own * sizeof(*own));
	return n + n_own;
}

/* On a VLAN of a link packets can't be held: there those of some ms are lost, once. */
static int prepare(struct xn_plane *p, uint32_t uplink, struct xn_err *err)
{
	struct xn_trees *trees = p->planes->daemon->trees;
	int rc;

	if (xn_divert_is_prepared(p->planes->netreq, uplink))
		return 0;
	xn_trees_hold(trees, uplink);
	rc = xn_divert_prepare(p->planes->netreq, uplink, err);
	xn_trees_let_go(trees, uplink);
	return rc;
}

static void divert(struct xn_plane *p, struct xn_plane_port *port, struct xn_plane_uplink *uplink)
{
	const struct xn_device *device = device_at(p, uplink->diversion.uplink);
	uint64_t version = p->version + p->planes->version;
	bool was = uplink->diversion.chain;
	struct xn_prefix *pass;
	struct xn_err err;
	size_t n;

	if (uplink->diversion.chain && uplink->version == version &&
	    !memcmp(uplink->diversion.mac, port->mac, 6))
		return;
	n = pass_list(p, &pass);
	if (!n)
		return;
	if (prepare(p, uplink->diversion.uplink, &err) ||
	    xn_divert(p->planes->netreq, &uplink->diversion, port->mac, port->macvlan, pass, n,
		      p->planes->ip6, &err))
		xn_log(SD_ERR, "network %s: %s: %s", p->network, device ? device->name : "?",
		       err.text);
	else
		uplink->version = version;
	xn_planes_note_uplink(p->planes, uplink->diversion.uplink);
	if (!was && uplink->diversion.chain)
		xn_log(SD_INFO, "network %s: Dom0 forwards what comes in at %s", p->network,
		       device ? device->name : "?");
	free(pass);
}

static void undivert(struct xn_plane *p, struct xn_plane_uplink *uplink)
{
	if (uplink->diversion.chain)
		xn_undivert(p->planes->netreq, &uplink->diversion);
}

/* A macvlan is a port in the kernel before a packet comes to it: all are counted. */
static bool is_bound(const struct xn_plane *p, uint32_t ifindex)
{
	const struct xn_daemon *d = p->planes->daemon;

	return !d->kernel || xn_idmap_get(&d->state->port_by_ifindex, ifindex) != XN_IDMAP_NONE;
}

/* One that does not answer in time would lose packets either way. */
static bool has_answers(struct xn_plane *p)
{
	bool all = true;

	for (size_t i = 0; i < p->n_asked; i++) {
		struct xn_plane_asked *asked = &p->asked[i];

		if (!asked->answered)
			asked->answered =
				xn_vrf_answered(p->planes->netreq, asked->ifindex, &asked->address);
		all = all && asked->answered;
	}
	if (all || xn_now() - p->asked_at >= PATIENCE_NS)
		return true;
	xn_planes_poke_later(p->planes, LOOK_AGAIN_USEC);
	return false;
}

static bool is_ready(struct xn_plane *p)
{
	if (!p->synced || p->refused || !p->settled || !is_bound(p, p->vrf))
		return false;
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].mapped && !is_bound(p, p->ports[i].macvlan))
			return false;
	return has_answers(p);
}

static void drop_uplinks(struct xn_plane *p, struct xn_plane_port *port)
{
	size_t kept = 0;

	for (size_t i = 0; i < port->n_uplinks; i++) {
		if (port->uplinks[i].wanted)
			port->uplinks[kept++] = port->uplinks[i];
		else
			undivert(p, &port->uplinks[i]);
	}
	port->n_uplinks = kept;
}

/* Once diverted it stays so while routes change: each change is whole in itself. */
void xn_plane_divert(struct xn_plane *p)
{
	bool ready = is_ready(p);

	for (size_t i = 0; i < p->n_ports; i++) {
		struct xn_plane_port *port = &p->ports[i];

		if (!port->mapped)
			continue;
		follow_uplinks(p, port);
		drop_uplinks(p, port);
		for (size_t j = 0; j < port->n_uplinks; j++)
			if (ready)
				divert(p, port, &port->uplinks[j]);
			else if (p->refused)
				undivert(p, &port->uplinks[j]);
	}
}

void xn_plane_undivert(struct xn_plane *p, bool only_gone)
{
	for (size_t i = 0; i < p->n_ports; i++) {
		struct xn_plane_port *port = &p->ports[i];

		if (only_gone && port->port && (port->mapped || !p->interfaces) && !port->contested)
			continue;
		for (size_t j = 0; j < port->n_uplinks; j++)
			undivert(p, &port->uplinks[j]);
		port->n_uplinks = 0;
	}
}
