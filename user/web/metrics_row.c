// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links and resources, and what networks get of them. Labels are the same everywhere: resource (bandwidth, cpu, memory),
 * link (of bandwidth), network, direction as the network's virtual machine sees it.
 */
#include "core/resource.h"
#include "ctl/output.h"
#include "web/metrics_impl.h"

/* Where a sample comes from. */
struct place {
	const char *resource, *link, *row, *network;
	enum xn_resource_kind kind;
};

static const char *unless(bool not, const char *text)
{
	return not ? "" : text;
}

static struct place place_of(const json_t *row, const json_t *network)
{
	enum xn_resource_kind kind = xn_ctl_resource(row);
	const char *name = xn_ctl_text(row, "name");

	return (struct place){
		.resource = xn_quantities[kind].name,
		.link = unless(kind != XN_BANDWIDTH, name),
		.row = name,
		.network = network ? xn_ctl_text(network, "name") : "",
		.kind = kind,
	};
}

/* With one label of the family's own; @value "": without. */
static void put(struct xn_om *om, double value, const struct place *place, const char *label,
		const char *text)
{
	const struct xn_om_label labels[] = {
		{ "resource", place->resource },
		{ "link", place->link },
		{ "network", place->network },
		{ label, text },
	};

	xn_om_sample(om, value, labels, N(labels));
}

/* Of a rate there is a family for each kind of resource, each in its base unit. */
struct rate {
	struct xn_om_family families[XN_RESOURCES];
	struct {
		const char *key, *parameter;
	} members[4]; /* ended by one without key */
};

static const double base_units[XN_RESOURCES] = {
	[XN_BANDWIDTH] = 1 / 8.0, /* bits to bytes */
	[XN_CPU] = 1,
	[XN_MEMORY] = 1,
};

#define RATE_FAMILIES(name, help)                                                        \
	{                                                                                \
		[XN_BANDWIDTH] = { name "_bytes_per_second", "bytes_per_second", help }, \
		[XN_CPU] = { name "_cores", "cores", help },                             \
		[XN_MEMORY] = { name "_routes", "routes", help },                        \
	}

static const struct rate row_rates[] = {
	{ RATE_FAMILIES("xnetman_capacity", "What there is to share."), { { "capacity", NULL } } },
	{ RATE_FAMILIES("xnetman_throughput", "What all networks got together in the last tick."),
	  { { "throughput", NULL } } },
};

static const struct rate network_rates[] = {
	{ RATE_FAMILIES("xnetman_network_demand", "What the network asked for in the last tick."),
	  { { "demand", NULL } } },
	{ RATE_FAMILIES("xnetman_network_throughput", "What was let through in the last tick."),
	  { { "throughput", NULL } } },
	{ RATE_FAMILIES("xnetman_network_allowed", "What it may have until the next tick."),
	  { { "allowed", NULL } } },
	{ RATE_FAMILIES("xnetman_network_sold",
			"Its SLA now in force: short-term reservation rc, exclusive re, long-term "
			"rl, maximum rmax."),
	  { { "rc", "rc" }, { "re", "re" }, { "rl", "rl" }, { "rmax", "rmax" } } },
};

static const struct xn_metric_source row_sources[] = {
	{ XN_GAUGE("xnetman_link_up", "", "1: the link has a carrier and is up."), "up" },
	{ XN_GAUGE("xnetman_utilisation_ratio", "ratio", "Throughput by capacity."),
	  "utilisation" },
	{ XN_GAUGE("xnetman_oversold", "", "1: guarantees do not fit the capacity."), "oversold" },
};

static const struct xn_metric_source network_sources[] = {
	{ XN_GAUGE("xnetman_network_punishment_ratio", "ratio",
		   "Share of its packets that is dropped (of memory: of its routes that is left "
		   "out)."),
	  "ratio" },
	{ XN_GAUGE("xnetman_network_weight_ratio", "ratio",
		   "Adaptive weight: its share of all long-term volume not spent yet."),
	  "weight" },
	{ XN_GAUGE("xnetman_network_short_term_error_ratio", "ratio",
		   "Ec of the last tick: how much of the guarantee was missed."),
	  "ec" },
	{ XN_GAUGE("xnetman_network_long_term_error_ratio", "ratio",
		   "El of the last closed long interval."),
	  "el" },
	{ XN_GAUGE("xnetman_network_conformity_ratio", "ratio",
		   "Conformity to the SLA in the last closed long interval; 1 is all."),
	  "conformity" },
	{ XN_COUNTER("xnetman_network_offered_bytes", "bytes",
		     "On the wire, offered to the link before any drop."),
	  "offered_bytes", "direction", "transmit" },
	{ XN_COUNTER("xnetman_network_offered_packets", "packets", "Offered to the link."),
	  "offered_packets", "direction", "transmit" },
	{ XN_COUNTER("xnetman_network_dropped_bytes", "bytes",
		     "Of these, dropped as punishment for bandwidth."),
	  "dropped_bytes", "direction", "transmit" },
	{ XN_COUNTER("xnetman_network_dropped_packets", "packets",
		     "Of these, dropped as punishment for bandwidth."),
	  "dropped_packets", "direction", "transmit" },
};

/* Volume of this long interval; keys as in xn_quantities. */
static const struct xn_om_family used_families[XN_RESOURCES] = {
	[XN_BANDWIDTH] = { "xnetman_network_used_bytes", "bytes", "Used in this long interval." },
	[XN_CPU] = { "xnetman_network_used_core_seconds", "core_seconds",
		     "Used in this long interval." },
	[XN_MEMORY] = { "xnetman_network_used_route_seconds", "route_seconds",
			"Used in this long interval." },
};

static double number(const json_t *value)
{
	return json_is_boolean(value) ? json_is_true(value) : json_number_value(value);
}

typedef void (*visit_fn)(struct xn_om *om, const json_t *row, const json_t *network,
			 const void *arg);

static void each_in(struct xn_om *om, const json_t *rows, bool networks, visit_fn visit,
		    const void *arg)
{
	const json_t *row, *network;
	size_t i, j;

	json_array_foreach((json_t *)rows, i, row) {
		if (!networks)
			visit(om, row, NULL, arg);
		else
			json_array_foreach(json_object_get(row, "networks"), j, network)
				visit(om, row, network, arg);
	}
}

/* Every link and resource, or every network on each. */
static void each(struct xn_om *om, const json_t *status, bool networks, visit_fn visit,
		 const void *arg)
{
	each_in(om, json_object_get(status, "links"), networks, visit, arg);
	each_in(om, json_object_get(status, "resources"), networks, visit, arg);
}

static void visit_source(struct xn_om *om, const json_t *row, const json_t *network,
			 const void *arg)
{
	const struct xn_metric_source *source = arg;
	const json_t *value = json_object_get(network ? network : row, source->key);
	struct place place = place_of(row, network);

	if (value)
		put(om, number(value), &place, source->label ? source->label : "",
		    source->text ? source->text : "");
}

static void write_sources(struct xn_om *om, const json_t *status, bool networks,
			  const struct xn_metric_source *sources, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		xn_om_begin(om, &sources[i].family);
		each(om, status, networks, visit_source, &sources[i]);
	}
}

struct rate_visit {
	const struct rate *rate;
	enum xn_resource_kind kind;
};

static void visit_rate(struct xn_om *om, const json_t *row, const json_t *network, const void *arg)
{
	const struct rate_visit *visit = arg;
	const struct rate *rate = visit->rate;
	struct place place = place_of(row, network);
	char key[XN_RESOURCE_KEY];

	for (size_t i = 0; place.kind == visit->kind && i < N(rate->members); i++) {
		const json_t *value;

		if (!rate->members[i].key)
			break;
		value = json_object_get(network ? network : row,
					xn_resource_key(place.kind, rate->members[i].key, key));
		if (value)
			put(om, json_number_value(value) * base_units[place.kind], &place,
			    "parameter",
			    rate->members[i].parameter ? rate->members[i].parameter : "");
	}
}

static void write_rates(struct xn_om *om, const json_t *status, bool networks,
			const struct rate *rates, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (int kind = 0; kind < XN_RESOURCES; kind++) {
			const struct rate_visit visit = { &rates[i], kind };

			xn_om_begin(om, &rates[i].families[kind]);
			each(om, status, networks, visit_rate, &visit);
		}
	}
}

static void visit_used(struct xn_om *om, const json_t *row, const json_t *network, const void *arg)
{
	const enum xn_resource_kind *kind = arg;
	struct place place = place_of(row, network);

	if (place.kind == *kind)
		put(om, xn_ctl_number(network, xn_quantities[*kind].used) * base_units[*kind],
		    &place, "", "");
}

static void write_used(struct xn_om *om, const json_t *status)
{
	for (enum xn_resource_kind kind = 0; kind < XN_RESOURCES; kind++) {
		xn_om_begin(om, &used_families[kind]);
		each(om, status, true, visit_used, &kind);
	}
}

static void visit_host(struct xn_om *om, const json_t *row, const json_t *network, const void *arg)
{
	const json_t *bps = json_object_get(row, "host_bps");
	struct place place = place_of(row, network);

	(void)arg;
	if (bps)
		put(om, json_number_value(bps) * base_units[XN_BANDWIDTH], &place, "", "");
}

static void write_host(struct xn_om *om, const json_t *status)
{
	static const struct xn_om_family family =
		XN_GAUGE("xnetman_link_host_bytes_per_second", "bytes_per_second",
			 "What Dom0 itself sent on the link in the last tick.");

	xn_om_begin(om, &family);
	each(om, status, false, visit_host, NULL);
}

static void visit_breaches(struct xn_om *om, const json_t *row, const json_t *network,
			   const void *arg)
{
	struct place place = place_of(row, network);
	struct xn_breach_count count = xn_breaches_get(arg, place.network, place.row);

	put(om, count.terms[0], &place, "term", "short");
	put(om, count.terms[1], &place, "term", "long");
}

static void visit_broken(struct xn_om *om, const json_t *row, const json_t *network,
			 const void *arg)
{
	struct place place = place_of(row, network);

	put(om, xn_breaches_get(arg, place.network, place.row).broken, &place, "", "");
}

static void write_breaches(struct xn_om *om, const json_t *status,
			   const struct xn_breaches *breaches)
{
	static const struct xn_om_family total =
		XN_COUNTER("xnetman_network_breaches", "",
			   "Breaches of the SLA that were not of the network's own making, since "
			   "xnetman-web started.");
	static const struct xn_om_family broken = XN_GAUGE(
		"xnetman_network_broken", "", "1: a breach of its short-term guarantee goes on.");

	xn_om_begin(om, &total);
	each(om, status, true, visit_breaches, breaches);
	xn_om_begin(om, &broken);
	each(om, status, true, visit_broken, breaches);
}

void xn_metrics_rows(struct xn_om *om, const json_t *status, const struct xn_breaches *breaches)
{
	write_rates(om, status, false, row_rates, N(row_rates));
	write_sources(om, status, false, row_sources, N(row_sources));
	write_host(om, status);
	write_rates(om, status, true, network_rates, N(network_rates));
	write_used(om, status);
	write_sources(om, status, true, network_sources, N(network_sources));
	write_breaches(om, status, breaches);
}
