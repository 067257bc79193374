// SPDX-License-Identifier: GPL-2.0-or-later
/* What one router tells, kept as it was told, and put into Dom0's terms. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/nft.h"
#include "daemon/plane_impl.h"
#include "daemon/rules.h"

#define ZONES 0x7000 /* of connection tracking: ZONES + slot */

struct xn_plane *xn_plane_of(const struct xn_daemon *d, const char *network)
{
	for (struct xn_plane *p = d->planes ? d->planes->first : NULL; p; p = p->next)
		if (!strcmp(p->network, network))
			return p;
	return NULL;
}

struct xn_plane *xn_plane_new(struct xn_planes *planes, const char *network, unsigned int slot)
{
	struct xn_plane *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->planes = planes;
	p->slot = slot;
	p->network = strdup(network);
	p->routes = xn_routes_new();
	if (p->network && p->routes)
		return p;
	xn_plane_free(p);
	return NULL;
}

void xn_plane_free(struct xn_plane *p)
{
	xn_table_leave(p->table);
	xn_routes_free(p->routes);
	xn_operator_free(p->qos);
	free(p->interfaces);
	free(p->rules);
	free(p->network);
	free(p);
}

int xn_plane_open_table(struct xn_plane *p, struct xn_err *err)
{
	p->table = xn_table_open(xn_vrf_table(p->slot), err);
	if (!p->table)
		return -EIO;
	xn_table_sync_begin(p->table);
	return 0;
}

/* --- routes --- */

static const struct xn_guest_interface *interface_of(const struct xn_plane *p, uint32_t index)
{
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].index == index)
			return &p->interfaces[i];
	return NULL;
}

static const struct xn_plane_port *port_of(const struct xn_plane *p, uint32_t index)
{
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].mapped && p->ports[i].index == index)
			return &p->ports[i];
	return NULL;
}

/* What Dom0 cannot send itself, the router does. */
static void way_to_router(const struct xn_plane *p, struct xn_route *route)
{
	route->n_hops = p->way ? 1 : 0; /* none: the table leaves it to the last resort */
	route->hops[0] = (struct xn_hop){
		.ifindex = p->way,
		.weight = 1,
		.gateway = xn_vrf_gateway(route->destination.family),
	};
}

static bool is_way(const struct xn_address *address)
{
	struct xn_address way = xn_vrf_gateway(address->family);

	return !memcmp(&way, address, sizeof(way));
}

/*
 * Packets wait in the kernel while a next hop's MAC is found out, but not many of them: so it is asked for as soon
 * as there is a route.
 */
static void ask(struct xn_plane *p, uint32_t ifindex, const struct xn_address *address)
{
	if (is_way(address))
		return; /* it is known, and asking would make it forgettable */
	for (size_t i = 0; i < p->n_asked; i++)
		if (p->asked[i].ifindex == ifindex &&
		    !memcmp(&p->asked[i].address, address, sizeof(*address)))
			return;
	if (p->n_asked == XN_PLANE_ASKED)
		return;
	p->asked[p->n_asked++] = (struct xn_plane_asked){ ifindex, *address, false };
	p->asked_at = xn_now();
	xn_vrf_ask(p->planes->netreq, ifindex, address);
}

static void ask_hops(struct xn_plane *p, const struct xn_route *route)
{
	for (size_t i = 0; i < route->n_hops; i++)
		if (route->hops[i].gateway.family)
			ask(p, route->hops[i].ifindex, &route->hops[i].gateway);
}

static void resolve(const struct xn_plane *p, const struct xn_guest_route *told,
		    struct xn_route *route)
{
	*route = (struct xn_route){
		.destination = told->destination,
		.length = told->length,
		.type = told->type,
		.metric = told->metric,
		.n_hops = told->n_hops,
	};
	for (size_t i = 0; i < told->n_hops; i++) {
		const struct xn_plane_port *port = port_of(p, told->hops[i].interface);

		if (!port) {
			way_to_router(p, route);
			return;
		}
		route->hops[i] = (struct xn_hop){
			.ifindex = port->macvlan,
			.weight = told->hops[i].weight,
			.gateway = told->hops[i].gateway,
		};
	}
}

static void put_route(const struct xn_guest_route *told, void *arg)
{
	struct xn_plane *p = arg;
	struct xn_route route;

	resolve(p, told, &route);
	ask_hops(p, &route);
	if (p->table && xn_table_set(p->table, &route))
		xn_log(SD_ERR, "network %s: no memory for a route", p->network);
}

static void drop_route(const struct xn_guest_route *told, void *arg)
{
	struct xn_plane *p = arg;
	struct xn_route route;

	resolve(p, told, &route);
	if (p->table)
		xn_table_remove(p->table, &route);
}

static bool is_zero(const uint8_t *bytes, size_t from, size_t bits)
{
	for (size_t bit = from; bit < bits; bit++)
		if (bytes[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

/* "10.0.0.0/8" */
static const char *route_text(const struct xn_guest_route *route, char *buf, size_t size)
{
	char address[64] = "?";

	if (route->destination.family == AF_INET || route->destination.family == AF_INET6)
		inet_ntop(route->destination.family, route->destination.bytes, address,
			  sizeof(address));
	snprintf(buf, size, "%s/%u", address, route->length);
	return buf;
}

static const char *check_hop(const struct xn_plane *p, const struct xn_guest_route *route,
			     const struct xn_guest_hop *hop)
{
	if (!hop->weight || hop->weight > 256)
		return "has a next hop whose weight is not 1 to 256";
	if (hop->gateway.family && hop->gateway.family != route->destination.family)
		return "has a gateway of another family";
	if (hop->gateway.family && is_way(&hop->gateway))
		return "has a gateway that is kept for the way to the router";
	if (!interface_of(p, hop->interface))
		return "goes out by an interface that the router has not told of";
	return NULL;
}

static const char *check_route(const struct xn_plane *p, const struct xn_guest_route *route)
{
	size_t bits = route->destination.family == AF_INET ? 32 : 128;

	if (route->destination.family != AF_INET && route->destination.family != AF_INET6)
		return "is neither IPv4 nor IPv6";
	if (route->length > bits || !is_zero(route->destination.bytes, route->length, 128))
		return "has bits behind its length";
	if (route->type != RTN_UNICAST && route->type != RTN_BLACKHOLE &&
	    route->type != RTN_UNREACHABLE && route->type != RTN_PROHIBIT)
		return "is of a type that Dom0 does not carry";
	if (route->metric >= XN_VRF_LAST_RESORT)
		return "has the metric of the route to the router: choose a lower one";
	if (route->n_hops > XN_ROUTE_HOPS_MAX || !route->n_hops != (route->type != RTN_UNICAST))
		return "has the wrong number of next hops";
	for (size_t i = 0; i < route->n_hops; i++) {
		const char *why = check_hop(p, route, &route->hops[i]);

		if (why)
			return why;
	}
	return NULL;
}

int xn_plane_route(struct xn_plane *p, bool add, const struct xn_guest_route *route,
		   struct xn_err *err)
{
	const char *why = add ? check_route(p, route) : NULL;
	char text[80];
	int rc = 0;

	if (why) {
		xn_err_set(err, "route %s %s", route_text(route, text, sizeof(text)), why);
		return -EINVAL;
	}
	if (add)
		rc = xn_routes_set(p->routes, route);
	if (rc) {
		xn_err_set(err, "route %s: %s", route_text(route, text, sizeof(text)),
			   rc == -ENOSPC ? "the router has too many" : "no memory");
		return rc;
	}
	if (add)
		put_route(route, p);
	else if (xn_routes_remove(p->routes, route))
		drop_route(route, p);
	p->settled = false;
	xn_planes_poke(p->planes);
	return 0;
}

void xn_plane_sync_begin(struct xn_plane *p)
{
	xn_routes_sync_begin(p->routes);
	xn_operator_sync_begin(p);
}

void xn_plane_sync_end(struct xn_plane *p)
{
	xn_routes_sync_end(p->routes, drop_route, p);
	xn_operator_sync_end(p);
	if (p->table && !p->synced)
		xn_table_sync_end(p->table);
	p->synced = true;
	p->settled = false;
	xn_planes_poke(p->planes);
}

/* --- interfaces --- */

static const char *check_interface(const struct xn_guest_interface *interface)
{
	if (!memchr(interface->name, 0, sizeof(interface->name)) || !*interface->name)
		return "has no name";
	if (!interface->index)
		return "has no index";
	if (interface->n_addresses > XN_GUEST_ADDRESSES_MAX)
		return "has too many addresses";
	for (size_t i = 0; i < interface->n_addresses; i++)
		if (interface->addresses[i].family != AF_INET &&
		    interface->addresses[i].family != AF_INET6)
			return "has an address that is neither IPv4 nor IPv6";
	return NULL;
}

static int check_interfaces(const struct xn_guest_interface *interfaces, size_t n,
			    struct xn_err *err)
{
	if (n > XN_GUEST_INTERFACES_MAX) {
		xn_err_set(err, "%zu interfaces: at most %d", n, XN_GUEST_INTERFACES_MAX);
		return -EINVAL;
	}
	for (size_t i = 0; i < n; i++) {
		const char *why = check_interface(&interfaces[i]);

		for (size_t j = 0; j < i && !why; j++)
			if (interfaces[i].index == interfaces[j].index)
				why = "has the index of another";
		if (!why)
			continue;
		xn_err_set(err, "interface %.15s %s", interfaces[i].name, why);
		return -EINVAL;
	}
	return 0;
}

int xn_plane_interfaces(struct xn_plane *p, const struct xn_guest_interface *interfaces, size_t n,
			struct xn_err *err)
{
	struct xn_guest_interface *copy;
	int rc = check_interfaces(interfaces, n, err);

	if (rc)
		return rc;
	copy = calloc(n + 1, sizeof(*copy));
	if (!copy) {
		xn_err_set(err, "no memory for interfaces");
		return -ENOMEM;
	}
	memcpy(copy, interfaces, n * sizeof(*copy));
	free(p->interfaces);
	p->interfaces = copy;
	p->n_interfaces = n;
	p->version++;
	xn_planes_update(p->planes);
	return 0;
}

/* --- rules --- */

void xn_plane_rules_table(const struct xn_plane *p, char name[XN_RULES_TABLE])
{
	snprintf(name, XN_RULES_TABLE, "xnetman-%s", p->network);
}

static size_t names_of(const struct xn_plane *p, struct xn_rules_name *names,
		       char devices[][IFNAMSIZ])
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_ports; i++) {
		if (!p->ports[i].mapped)
			continue;
		xn_vrf_port_name(p->slot, p->ports[i].number, devices[n]);
		names[n] = (struct xn_rules_name){ p->ports[i].guest, devices[n] };
		n++;
	}
	return n;
}

static int put_rules(struct xn_plane *p, const char *json, size_t length, struct xn_err *err)
{
	char devices[XN_VRF_PORTS][IFNAMSIZ], vrf[IFNAMSIZ], table[XN_RULES_TABLE];
	struct xn_rules_name names[XN_VRF_PORTS];
	struct xn_rules_target target = {
		.table = table,
		.vrf = vrf,
		.gateway4 = xn_vrf_gateway_text(AF_INET),
		.gateway6 = xn_vrf_gateway_text(AF_INET6),
		.zone = ZONES + p->slot,
		.names = names,
		.n_names = names_of(p, names, devices),
	};
	json_t *commands;
	size_t n_rules;
	int rc;

	xn_vrf_name(p->slot, vrf);
	xn_plane_rules_table(p, table);
	commands = xn_rules_translate(json, length, &target, &n_rules, err);
	if (!commands)
		return -EINVAL;
	rc = xn_nft_run(commands, err);
	json_decref(commands);
	if (!rc)
		p->n_rules = n_rules;
	return rc;
}

static void refuse(struct xn_plane *p, const struct xn_err *err)
{
	if (!p->refused)
		xn_log(SD_WARNING,
		       "network %s: its router's filter rules are not taken: %s; its packets go "
		       "through the router until it has rules that are",
		       p->network, err->text);
	p->refused = true;
}

int xn_plane_rules(struct xn_plane *p, const char *json, size_t length, struct xn_err *err)
{
	char *copy = strndup(json, length);
	struct xn_err why;
	int rc = copy ? put_rules(p, json, length, &why) : -ENOMEM;

	if (!copy)
		xn_err_set(&why, "no memory");
	if (rc) {
		free(copy);
		refuse(p, &why);
		*err = why;
	} else {
		free(p->rules);
		p->rules = copy;
		p->refused = false;
	}
	xn_planes_poke(p->planes);
	return rc;
}

uint32_t xn_plane_table_id(const struct xn_plane *p)
{
	return p->vrf ? xn_vrf_table(p->slot) : 0;
}

/* --- when the ports are others --- */

static void move_way(struct xn_plane *p)
{
	struct xn_err err;

	p->way = 0;
	for (size_t i = 0; i < p->n_ports && !p->way; i++) {
		struct xn_plane_port *port = &p->ports[i];

		if (!port->mapped)
			continue;
		if (xn_vrf_last_resort(p->planes->netreq, p->slot, port->macvlan, port->mac,
				       &err)) {
			xn_log(SD_ERR, "network %s: %s", p->network, err.text);
			continue;
		}
		p->way = port->macvlan;
		memcpy(p->way_mac, port->mac, sizeof(p->way_mac));
	}
}

void xn_plane_map(struct xn_plane *p)
{
	struct xn_err err;

	move_way(p);
	p->n_asked = 0;
	xn_routes_each(p->routes, put_route, p);
	p->settled = false;
	if (p->rules && put_rules(p, p->rules, strlen(p->rules), &err))
		refuse(p, &err);
}
