// SPDX-License-Identifier: GPL-2.0-or-later
/* Building the state from definitions, carrying over what lives on, and finding things in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/state.h"

static size_t count_ports(const struct xn_config *config)
{
	size_t n = 0;

	for (size_t i = 0; i < config->n_networks; i++)
		n += config->networks[i]->n_ports;
	return n;
}

/* calloc() that may be asked for nothing. */
static void *table(size_t n, size_t size)
{
	return calloc(n ? n : 1, size);
}

static int state_alloc(struct xn_state *s, const struct xn_config *config)
{
	size_t pairs;

	s->n_nets = config->n_networks;
	s->n_links = config->machine.n_links;
	s->n_rows = s->n_links + XN_RESOURCES - XN_CPU;
	s->n_listed = s->n_ports = s->max_ports = count_ports(config);
	pairs = s->n_nets * s->n_rows;
	s->nets = table(s->n_nets, sizeof(*s->nets));
	s->links = table(s->n_links, sizeof(*s->links));
	s->rows = table(s->n_rows, sizeof(*s->rows));
	s->ports = table(s->n_ports, sizeof(*s->ports));
	s->named = table(s->n_nets, sizeof(*s->named));
	s->pairs = table(pairs, sizeof(*s->pairs));
	s->shares = table(pairs, sizeof(*s->shares));
	s->order = table(s->n_nets, sizeof(*s->order));
	s->ratios = table(pairs, sizeof(*s->ratios));
	s->guards = table(pairs + s->n_links, sizeof(*s->guards));
	if (!s->nets || !s->links || !s->rows || !s->ports || !s->named || !s->pairs ||
	    !s->shares || !s->order || !s->ratios || !s->guards)
		return -1;
	if (xn_idmap_init(&s->net_by_id, s->n_nets) ||
	    xn_idmap_init(&s->link_by_ifindex, s->n_links) ||
	    xn_idmap_init(&s->port_by_ifindex, s->n_ports))
		return -1;
	return 0;
}

static void fill_nets(struct xn_state *s, const struct xn_state *old)
{
	for (size_t i = 0; i < s->n_nets; i++) {
		struct xn_net *net = &s->nets[i];
		long was;

		was = old ? xn_state_net(old, s->config->networks[i]->name) : -1;
		if (was >= 0)
			*net = old->nets[was];
		net->def = s->config->networks[i];
		net->held = 0;
	}
}

static void fill_links(struct xn_state *s, const struct xn_state *old)
{
	for (size_t i = 0; i < s->n_links; i++) {
		const struct xn_link_def *def = &s->config->machine.links[i];
		long was = old ? xn_state_link(old, def->name) : -1;

		if (was >= 0)
			s->links[i] = old->links[was];
		s->links[i].def = def;
	}
}

static struct xn_row row_of(const struct xn_state *s, size_t r)
{
	enum xn_resource_kind kind = XN_CPU + (r - s->n_links);

	if (r >= s->n_links)
		return (struct xn_row){ kind, xn_quantities[kind].name,
					s->config->machine.capacity[kind] };
	return (struct xn_row){ XN_BANDWIDTH, s->links[r].def->name, s->links[r].def->capacity };
}

static void fill_rows(struct xn_state *s, const struct xn_state *old)
{
	for (size_t r = 0; r < s->n_rows; r++) {
		struct xn_row *row = &s->rows[r];
		long was;

		*row = row_of(s, r);
		was = old ? xn_state_row(old, row->name) : -1;
		if (was < 0)
			continue;
		row->through = old->rows[was].through;
		row->oversold = old->rows[was].oversold;
	}
}

static void fill_named(struct xn_state *s)
{
	for (size_t i = 0; i < s->n_nets; i++) {
		const char *domain = s->nets[i].def->domain;

		if (domain && *domain)
			s->named[s->n_named++] = (struct xn_named){ domain, i };
	}
	qsort(s->named, s->n_named, sizeof(*s->named), xn_named_compare);
}

static void fill_listed(struct xn_state *s)
{
	struct xn_port *port = s->ports;

	for (size_t i = 0; i < s->n_nets; i++) {
		const struct xn_definition *def = s->nets[i].def;

		s->nets[i].first_port = port - s->ports;
		for (size_t j = 0; j < def->n_ports; j++, port++) {
			snprintf(port->device, sizeof(port->device), "%s", def->ports[j]);
			port->net = i;
		}
	}
}

struct xn_port *xn_state_listed(const struct xn_state *s, size_t net, const char *device)
{
	struct xn_port *ports = &s->ports[s->nets[net].first_port];

	for (size_t i = 0; i < s->nets[net].def->n_ports; i++)
		if (!strcmp(ports[i].device, device))
			return &ports[i];
	return NULL;
}

/* A port that changes hands is bound anew, and counts from zero. */
static int fill_ports(struct xn_state *s, const struct xn_state *old)
{
	fill_listed(s);
	for (size_t i = 0; old && i < old->n_ports; i++) {
		const struct xn_port *was = &old->ports[i];
		long net = xn_state_net(s, old->nets[was->net].def->name);
		struct xn_port *port;

		if (net < 0)
			continue;
		port = xn_state_listed(s, net, was->device);
		if (!port && i >= old->n_listed) {
			port = xn_state_add_port(s, net);
			if (!port)
				return -1;
		}
		if (!port || port->ifindex)
			continue;
		*port = *was;
		port->net = net;
	}
	return 0;
}

struct xn_sla xn_state_sla_in(const struct xn_state *s, size_t r, size_t n, uint32_t held)
{
	static const struct xn_sla nothing;
	const struct xn_sla *sla =
		xn_definition_sla_in(s->nets[n].def, s->rows[r].kind, s->rows[r].name, held);

	return sla ? *sla : nothing;
}

struct xn_sla xn_state_sla(const struct xn_state *s, size_t r, size_t n)
{
	return xn_state_sla_in(s, r, n, s->nets[n].held);
}

static void fill_pair(struct xn_state *s, size_t r, size_t n, const struct xn_state *old)
{
	long old_r = old ? xn_state_row(old, s->rows[r].name) : -1;
	long old_n = old ? xn_state_net(old, s->nets[n].def->name) : -1;

	if (old_r >= 0 && old_n >= 0) {
		*xn_state_pair(s, r, n) = *xn_state_pair(old, old_r, old_n);
		*xn_state_share(s, r, n) = *xn_state_share(old, old_r, old_n);
	}
	xn_state_share(s, r, n)->sla = xn_state_sla(s, r, n);
}

struct xn_state *xn_state_new(struct xn_config *config, const struct xn_state *old)
{
	struct xn_state *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (state_alloc(s, config)) {
		xn_state_free(s);
		return NULL;
	}
	s->config = config;
	fill_nets(s, old);
	fill_named(s);
	fill_links(s, old);
	fill_rows(s, old);
	if (fill_ports(s, old)) {
		s->config = NULL; /* stays the caller's */
		xn_state_free(s);
		return NULL;
	}
	for (size_t r = 0; r < s->n_rows; r++)
		for (size_t n = 0; n < s->n_nets; n++)
			fill_pair(s, r, n, old);
	xn_state_index(s);
	return s;
}

void xn_state_free(struct xn_state *s)
{
	if (!s)
		return;
	xn_idmap_exit(&s->net_by_id);
	xn_idmap_exit(&s->link_by_ifindex);
	xn_idmap_exit(&s->port_by_ifindex);
	free(s->nets);
	free(s->links);
	free(s->rows);
	free(s->ports);
	free(s->named);
	free(s->pairs);
	free(s->shares);
	free(s->order);
	free(s->ratios);
	free(s->guards);
	if (s->config)
		xn_config_free(s->config);
	free(s);
}

struct xn_port *xn_state_add_port(struct xn_state *s, size_t net)
{
	if (s->n_ports == s->max_ports) {
		size_t max = s->max_ports ? 2 * s->max_ports : 16;
		struct xn_port *ports = reallocarray(s->ports, max, sizeof(*ports));
		struct xn_idmap map;

		if (!ports)
			return NULL;
		s->ports = ports;
		if (xn_idmap_init(&map, max))
			return NULL;
		xn_idmap_exit(&s->port_by_ifindex);
		s->port_by_ifindex = map;
		s->max_ports = max;
		xn_state_index(s);
	}
	s->ports[s->n_ports] = (struct xn_port){ .net = net, .by_domain = true };
	return &s->ports[s->n_ports++];
}

void xn_state_drop_ports(struct xn_state *s)
{
	size_t kept = s->n_listed;

	for (size_t i = s->n_listed; i < s->n_ports; i++)
		if (s->ports[i].want)
			s->ports[kept++] = s->ports[i];
	s->n_ports = kept;
}

void xn_state_index(struct xn_state *s)
{
	xn_idmap_clear(&s->net_by_id);
	xn_idmap_clear(&s->link_by_ifindex);
	xn_idmap_clear(&s->port_by_ifindex);
	for (size_t i = 0; i < s->n_nets; i++)
		if (s->nets[i].id)
			xn_idmap_put(&s->net_by_id, s->nets[i].id, i);
	for (size_t i = 0; i < s->n_links; i++)
		if (s->links[i].ifindex)
			xn_idmap_put(&s->link_by_ifindex, s->links[i].ifindex, i);
	for (size_t i = 0; i < s->n_ports; i++)
		if (s->ports[i].ifindex)
			xn_idmap_put(&s->port_by_ifindex, s->ports[i].ifindex, i);
}

static int compare_net(const void *name, const void *net)
{
	return strcmp(name, ((const struct xn_net *)net)->def->name);
}

long xn_state_net(const struct xn_state *s, const char *name)
{
	const struct xn_net *net = bsearch(name, s->nets, s->n_nets, sizeof(*s->nets), compare_net);

	return net ? net - s->nets : -1;
}

long xn_state_row(const struct xn_state *s, const char *name)
{
	for (size_t i = 0; i < s->n_rows; i++)
		if (!strcmp(s->rows[i].name, name))
			return i;
	return -1;
}

long xn_state_link(const struct xn_state *s, const char *name)
{
	for (size_t i = 0; i < s->n_links; i++)
		if (!strcmp(s->links[i].def->name, name))
			return i;
	return -1;
}

long xn_state_port(const struct xn_state *s, const char *device)
{
	for (size_t i = 0; i < s->n_ports; i++)
		if (!strcmp(s->ports[i].device, device))
			return i;
	return -1;
}

struct xn_pair *xn_state_pair_of(const struct xn_state *s, uint32_t net_id, uint32_t ifindex)
{
	uint32_t net = xn_idmap_get(&s->net_by_id, net_id);
	uint32_t link = xn_idmap_get(&s->link_by_ifindex, ifindex);

	if (net == XN_IDMAP_NONE || link == XN_IDMAP_NONE)
		return NULL;
	return xn_state_pair(s, link, net);
}

void xn_pair_restart(struct xn_pair *pair, uint32_t net_id, uint32_t ifindex, uint64_t time)
{
	pair->net_id = net_id;
	pair->ifindex = ifindex;
	pair->last = (struct xn_counts){ .time = time };
	pair->known = true;
	if (!pair->since)
		pair->since = time;
}

void xn_pair_delta(const struct xn_pair *pair, uint32_t net_id, uint32_t ifindex,
		   struct xn_counts *delta)
{
	const struct xn_counts *was = &pair->last;
	bool same = pair->net_id == net_id && pair->ifindex == ifindex &&
		    pair->now.offered >= was->offered && pair->now.dropped >= was->dropped;

	*delta = pair->now;
	delta->time -= was->time < delta->time ? was->time : delta->time;
	if (!same)
		return;
	delta->offered -= was->offered;
	delta->offered_packets -= was->offered_packets;
	delta->dropped -= was->dropped;
	delta->dropped_packets -= was->dropped_packets;
	delta->refused -= was->refused;
	delta->refused_packets -= was->refused_packets;
	delta->marked -= was->marked;
	delta->marked_packets -= was->marked_packets;
}

struct xn_counts xn_counts_of(const struct xn_record *record)
{
	return (struct xn_counts){
		.time = record->time,
		.offered = record->offered_bytes,
		.offered_packets = record->offered_packets,
		.dropped = record->dropped_bytes,
		.dropped_packets = record->dropped_packets,
		.refused = record->refused_bytes,
		.refused_packets = record->refused_packets,
		.marked = record->marked_bytes,
		.marked_packets = record->marked_packets,
	};
}

struct xn_port_counts xn_port_counts_of(const struct xn_record *record)
{
	return (struct xn_port_counts){
		.rx_bytes = record->rx_bytes,
		.rx_packets = record->rx_packets,
		.tx_bytes = record->tx_bytes,
		.tx_packets = record->tx_packets,
		.rx_dropped_bytes = record->rx_dropped_bytes,
		.rx_dropped_packets = record->rx_dropped_packets,
		.tx_dropped_bytes = record->tx_dropped_bytes,
		.tx_dropped_packets = record->tx_dropped_packets,
	};
}
