// SPDX-License-Identifier: GPL-2.0-or-later
/* State as records. */
#include <time.h>

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

	return json_pack("{ss ss ss sf sf sf ss sI sI sf ss sf sf sf}", "version", XN_VERSION,
			 "module_version", d->kernel ? d->module_version : "", "policy",
			 xn_policy_name(machine->policy), "short_interval", machine->ic / 1e9,
			 "long_interval", machine->il / 1e9, "lease", machine->lease / 1e9,
			 "sampler", sampler_name(machine->sampler), "generation",
			 (json_int_t)d->generation, "ticks", (json_int_t)d->ticks, "uptime",
			 (xn_now() - d->started) / 1e9, "config", d->options.config, "tick_dump",
			 d->cost.dump / 1e9, "tick_decide", d->cost.decide / 1e9, "tick_push",
			 d->cost.push / 1e9);
}

static json_t *share_json(const struct xn_daemon *d, size_t l, size_t n)
{
	const struct xn_pair *pair = xn_state_pair(d->state, l, n);
	const struct xn_share *share = xn_state_share(d->state, l, n);
	const struct xn_sla *sla = &share->sla;
	json_t *json = json_pack("{ss sf sf sf sf sf sf sf sf sf sf sf sI sI sI sI}", "name",
				 d->state->nets[n].def->name, "demand_bps", share->demand,
				 "throughput_bps", pair->through_bps, "allowed_bps", share->allowed,
				 "ratio", share->ratio, "weight", share->weight, "ec", pair->ec,
				 "used_bits", pair->acc.used, "rc_bps", sla->rc, "re_bps", sla->re,
				 "rl_bps", sla->rl, "rmax_bps", sla->rmax, "offered_bytes",
				 (json_int_t)pair->last.offered_bytes, "offered_packets",
				 (json_int_t)pair->last.offered_packets, "dropped_bytes",
				 (json_int_t)pair->last.dropped_bytes, "dropped_packets",
				 (json_int_t)pair->last.dropped_packets);

	if (json && pair->judged) {
		json_object_set_new(json, "el", json_real(pair->verdict.el));
		json_object_set_new(json, "conformity", json_real(pair->verdict.conformity));
	}
	return json;
}

static json_t *link_status(const struct xn_daemon *d, size_t l)
{
	const struct xn_link *link = &d->state->links[l];
	double capacity = link->def->capacity;
	json_t *networks = json_array();

	for (size_t n = 0; n < d->state->n_nets; n++)
		json_array_append_new(networks, share_json(d, l, n));
	return json_pack("{ss sb sf sf sf sf sb so}", "name", link->def->name, "up",
			 xn_devices_up(d->devices, link->def->name), "capacity_bps", capacity,
			 "throughput_bps", link->through_bps, "utilisation",
			 capacity > 0 ? link->through_bps / capacity : 0.0, "host_bps",
			 link->host_bps, "oversold", link->oversold, "networks", networks);
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
	json_t *links = json_array();

	for (size_t l = 0; l < d->state->n_links; l++)
		json_array_append_new(links, link_status(d, l));
	return json_pack("{sf sI sf sf so}", "time", realtime_at(moment), "tick",
			 (json_int_t)d->ticks, "elapsed",
			 xn_grid_elapsed(d->base.start, il, moment), "long_interval", il / 1e9,
			 "links", links);
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

		json_array_append_new(list, json_pack("{ss sf sb sI}", "name", link->def->name,
						      "capacity_bps", link->def->capacity, "up",
						      xn_devices_up(d->devices, link->def->name),
						      "ifindex", (json_int_t)link->ifindex));
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

static json_t *port_json(const struct xn_daemon *d, const struct xn_port *port)
{
	json_t *json = json_pack(
		"{ss ss ss sI sI sI sI sI}", "device", port->device, "network",
		d->state->nets[port->net].def->name, "by", port->by_domain ? "domain" : "device",
		"ifindex", (json_int_t)port->ifindex, "rx_bytes", (json_int_t)port->rx_bytes,
		"rx_packets", (json_int_t)port->rx_packets, "tx_bytes", (json_int_t)port->tx_bytes,
		"tx_packets", (json_int_t)port->tx_packets);

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
