// SPDX-License-Identifier: GPL-2.0-or-later
/* State as records. */
#include <time.h>

#include "common/machine.h"
#include "daemon/daemon.h"
#include "daemon/grid.h"
#include "daemon/show.h"

static const char *sampler_name(unsigned int sampler)
{
	static const char *const names[] = {
		[XNETMAN_SAMPLER_SYSTEMATIC] = "systematic",
		[XNETMAN_SAMPLER_BERNOULLI] = "bernoulli",
	};

	return sampler < sizeof(names) / sizeof(names[0]) ? names[sampler] : "unknown";
}

json_t *xn_show_info(const struct xn_daemon *d)
{
	const struct xn_machine *machine = &d->state->config->machine;

	return json_pack("{ss ss ss sf sf sf ss sI sI sf ss sb sf sf sf}", "version", XN_VERSION,
			 "module_version", d->kernel ? d->module_version : "", "policy",
			 xn_policy_name(machine->policy), "short_interval", machine->ic / 1e9,
			 "long_interval", machine->il / 1e9, "lease", machine->lease / 1e9,
			 "sampler", sampler_name(machine->sampler), "generation",
			 (json_int_t)d->generation, "ticks", (json_int_t)d->ticks, "uptime",
			 (xn_now() - d->started) / 1e9, "config", d->options.config, "calibrated",
			 d->calibrated, "tick_dump", d->cost.dump / 1e9, "tick_decide",
			 d->cost.decide / 1e9, "tick_push", d->cost.push / 1e9);
}

/* A rate in the resource's unit, which its key names. */
static void put_rate(json_t *json, enum xn_resource_kind kind, const char *what, double rate)
{
	char key[XN_RESOURCE_KEY];

	json_object_set_new(json, xn_resource_key(kind, what, key), json_real(rate));
}

static void put_sla(json_t *json, enum xn_resource_kind kind, const struct xn_sla *sla)
{
	put_rate(json, kind, "rc", sla->rc);
	put_rate(json, kind, "re", sla->re);
	put_rate(json, kind, "rl", sla->rl);
	put_rate(json, kind, "rmax", sla->rmax);
}

/* What the kernel has of it. */
static void put_counters(json_t *json, const struct xn_counts *counts)
{
	json_object_set_new(json, "offered_bytes", json_integer(counts->offered));
	json_object_set_new(json, "offered_packets", json_integer(counts->offered_packets));
	json_object_set_new(json, "dropped_bytes", json_integer(counts->dropped));
	json_object_set_new(json, "dropped_packets", json_integer(counts->dropped_packets));
	json_object_set_new(json, "guard_dropped_bytes", json_integer(counts->refused));
	json_object_set_new(json, "guard_dropped_packets", json_integer(counts->refused_packets));
	json_object_set_new(json, "guard_marked_bytes", json_integer(counts->marked));
	json_object_set_new(json, "guard_marked_packets", json_integer(counts->marked_packets));
}

static json_t *share_json(const struct xn_daemon *d, size_t r, size_t n)
{
	enum xn_resource_kind kind = d->state->rows[r].kind;
	const struct xn_pair *pair = xn_state_pair(d->state, r, n);
	const struct xn_share *share = xn_state_share(d->state, r, n);
	json_t *json = json_pack("{ss ss sf sf sf sf}", "name", d->state->nets[n].def->name,
				 "resource", xn_quantities[kind].name, "ratio", share->ratio,
				 "weight", share->weight, "ec", pair->ec, xn_quantities[kind].used,
				 pair->acc.used);

	put_rate(json, kind, "demand", share->demand);
	put_rate(json, kind, "throughput", pair->through);
	put_rate(json, kind, "allowed", share->allowed);
	put_sla(json, kind, &share->sla);
	if (kind == XN_BANDWIDTH) {
		put_rate(json, kind, "entitled", share->entitled);
		put_rate(json, kind, "guarded", pair->refused);
		put_counters(json, &pair->last);
	}
	if (json && pair->judged) {
		json_object_set_new(json, "el", json_real(pair->verdict.el));
		json_object_set_new(json, "conformity", json_real(pair->verdict.conformity));
	}
	return json;
}

static json_t *row_status(const struct xn_daemon *d, size_t r)
{
	const struct xn_row *row = &d->state->rows[r];
	json_t *networks = json_array(), *json;

	for (size_t n = 0; n < d->state->n_nets; n++)
		json_array_append_new(networks, share_json(d, r, n));
	json = json_pack("{ss ss sb so}", "name", row->name, "resource",
			 xn_quantities[row->kind].name, "oversold", row->oversold, "networks",
			 networks);
	put_rate(json, row->kind, "throughput", row->through);
	if (row->capacity > 0) {
		put_rate(json, row->kind, "capacity", row->capacity);
		json_object_set_new(json, "utilisation", json_real(row->through / row->capacity));
	}
	if (row->kind == XN_CPU)
		json_object_set_new(json, "calibrated", json_boolean(d->calibrated));
	return json;
}

static json_t *link_status(const struct xn_daemon *d, size_t l)
{
	const struct xn_link *link = &d->state->links[l];
	json_t *json = row_status(d, l);

	json_object_set_new(json, "up", json_boolean(xn_devices_up(d->devices, link->def->name)));
	json_object_set_new(json, "host_bps", json_real(link->host_bps));
	return json;
}

/* Realtime clock at a moment of CLOCK_MONOTONIC, s. */
static double realtime_at(uint64_t moment)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec + now.tv_nsec / 1e9 - (xn_now() - moment) / 1e9;
}

json_t *xn_show_status(const struct xn_daemon *d)
{
	uint64_t il = d->state->config->machine.il;
	uint64_t moment = d->ticks ? d->reading : d->started;
	json_t *links = json_array(), *resources = json_array();

	for (size_t l = 0; l < d->state->n_links; l++)
		json_array_append_new(links, link_status(d, l));
	for (size_t r = d->state->n_links; r < d->state->n_rows; r++)
		json_array_append_new(resources, row_status(d, r));
	return json_pack("{sf sI sf sf so so}", "time", realtime_at(moment), "tick",
			 (json_int_t)d->ticks, "elapsed",
			 xn_grid_elapsed(d->base.start, il, moment), "long_interval", il / 1e9,
			 "links", links, "resources", resources);
}

json_t *xn_show_network(const struct xn_daemon *d, size_t n)
{
	const struct xn_net *net = &d->state->nets[n];
	json_t *json = xn_definition_json(net->def);

	if (json)
		json_object_set_new(json, "id", json_integer(net->id));
	return json;
}

json_t *xn_show_networks(const struct xn_daemon *d)
{
	json_t *list = json_array();

	for (size_t n = 0; n < d->state->n_nets; n++)
		json_array_append_new(list, xn_show_network(d, n));
	return list;
}

json_t *xn_show_links(const struct xn_daemon *d)
{
	json_t *list = json_array();

	for (size_t l = 0; l < d->state->n_links; l++) {
		const struct xn_link *link = &d->state->links[l];

		json_array_append_new(list,
				      json_pack("{ss sf sb sI ss ss}", "name", link->def->name,
						"capacity_bps", link->def->capacity, "up",
						xn_devices_up(d->devices, link->def->name),
						"ifindex", (json_int_t)link->ifindex, "qos",
						xn_link_qos_name(link->def->qos), "guard",
						xn_link_guard_name(link->def->guard)));
	}
	return list;
}

/* Of a port that is bound to a vif: what of, as far as it is known. */
static void add_domain(json_t *json, const struct xn_daemon *d, const struct xn_port *port)
{
	const struct xn_device *device = xn_devices_find(d->devices, port->device);
	const struct xn_identity *identity;

	if (!device || device->kind != XN_DEVICE_VIF || device->ifindex != port->ifindex)
		return;
	json_object_set_new(json, "domid", json_integer(device->vif.domid));
	json_object_set_new(json, "devid", json_integer(device->vif.devid));
	if (!d->domains ||
	    xn_domains_get(d->domains, device->ifindex, &identity) != XN_DOMAIN_KNOWN)
		return;
	json_object_set_new(json, "domain", json_string(identity->name));
	json_object_set_new(json, "uuid", json_string(identity->uuid));
}

static const char *reason(const struct xn_daemon *d, const struct xn_port *port)
{
	bool listed = port < d->state->ports + d->state->n_listed;

	return port->by_domain ? "domain" : listed ? "device" : "plane";
}

static json_t *port_json(const struct xn_daemon *d, const struct xn_port *port)
{
	const struct xn_port_counts *counts = &port->now;
	json_t *json = json_pack(
		"{ss ss ss sI sI sI sI sI sI sI sI sI}", "device", port->device, "network",
		d->state->nets[port->net].def->name, "by", reason(d, port), "ifindex",
		(json_int_t)port->ifindex, "rx_bytes", (json_int_t)counts->rx_bytes, "rx_packets",
		(json_int_t)counts->rx_packets, "tx_bytes", (json_int_t)counts->tx_bytes,
		"tx_packets", (json_int_t)counts->tx_packets, "rx_dropped_bytes",
		(json_int_t)counts->rx_dropped_bytes, "rx_dropped_packets",
		(json_int_t)counts->rx_dropped_packets, "tx_dropped_bytes",
		(json_int_t)counts->tx_dropped_bytes, "tx_dropped_packets",
		(json_int_t)counts->tx_dropped_packets);

	if (json)
		add_domain(json, d, port);
	return json;
}

json_t *xn_show_ports(const struct xn_daemon *d)
{
	json_t *list = json_array();

	for (size_t p = 0; p < d->state->n_ports; p++)
		json_array_append_new(list, port_json(d, &d->state->ports[p]));
	return list;
}
