// SPDX-License-Identifier: GPL-2.0-or-later
/* A data plane as a record. */
#include <stdio.h>

#include "daemon/plane_impl.h"

/* How many uplinks are there to divert at; returns how many of them are. */
static size_t diverted(const struct xn_plane *p, size_t *total)
{
	size_t n = 0;

	*total = 0;
	for (size_t i = 0; i < p->n_ports; i++)
		for (size_t j = 0; j < p->ports[i].n_uplinks; j++) {
			++*total;
			n += p->ports[i].uplinks[j].diversion.chain != 0;
		}
	return n;
}

static const char *state_of(const struct xn_plane *p)
{
	size_t total, n = diverted(p, &total);

	if (!p->vrf)
		return "no port in a bridge";
	if (p->refused)
		return "rules refused";
	if (!n)
		return p->synced ? "through the router" : "waiting for the router";
	if (!p->synced)
		return "forwarding, waiting for the router";
	return n == total ? "forwarding" : "forwarding in part";
}

static json_t *uplinks_of(const struct xn_plane *p, const struct xn_plane_port *port)
{
	json_t *list = json_array();

	for (size_t i = 0; i < port->n_uplinks; i++) {
		const struct xn_diversion *diversion = &port->uplinks[i].diversion;
		const struct xn_device *device =
			xn_devices_at(p->planes->daemon->devices, diversion->uplink);

		if (diversion->chain && device)
			json_array_append_new(list, json_string(device->name));
	}
	return list;
}

static json_t *port_of(const struct xn_plane *p, const struct xn_plane_port *port)
{
	char macvlan[IFNAMSIZ], mac[18] = "";
	const uint8_t *m = port->mac;

	xn_vrf_port_name(p->slot, port->number, macvlan);
	if (port->claimed)
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
			 m[4], m[5]);
	return json_pack("{ss ss ss ss sb so}", "port", port->name, "device", macvlan, "interface",
			 port->claimed ? port->guest : "", "mac", mac, "contested",
			 (int)port->contested, "uplinks", uplinks_of(p, port));
}

json_t *xn_plane_show(const struct xn_plane *p)
{
	struct xn_table_stats stats = { .limit = SIZE_MAX };
	json_t *ports = json_array();
	char vrf[IFNAMSIZ] = "";
	json_t *json;

	if (p->vrf)
		xn_vrf_name(p->slot, vrf);
	if (p->table)
		stats = xn_table_stats(p->table);
	for (size_t i = 0; i < p->n_ports; i++)
		json_array_append_new(ports, port_of(p, &p->ports[i]));
	json = json_pack("{ss ss ss sI sI sI sI so}", "network", p->network, "state", state_of(p),
			 "vrf", vrf, "table", (json_int_t)xn_plane_table_id(p), "routes_wanted",
			 (json_int_t)stats.wanted, "routes_held", (json_int_t)stats.held, "rules",
			 (json_int_t)p->n_rules, "ports", ports);
	if (json)
		json_object_set_new(json, "qos", xn_operator_show(p));
	if (json && stats.limit != SIZE_MAX)
		json_object_set_new(json, "route_limit", json_integer(stats.limit));
	return json;
}
