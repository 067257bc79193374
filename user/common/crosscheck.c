// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules between definitions: links that exist, ports and domains owned once, guarantees that fit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crosscheck.h"
#include "common/definition.h"
#include "common/machine.h"
#include "common/schema.h"
#include "core/owner.h"
#include "core/units.h"

/* Sums of rates people wrote as decimals: far above rounding, far below a bit/s that matters. */
#define ROUNDING (1 + 1e-9)

/* --- links named by networks --------------------------------------------------------------- */

static void err_unknown_link(const struct xn_machine *machine, const struct xn_source *source,
			     const char *key, const char *link, struct xn_err *err)
{
	char known[128] = "";
	size_t len = 0;

	for (size_t i = 0; i < machine->n_links && len < sizeof(known) - 32; i++)
		len += snprintf(known + len, sizeof(known) - len, "%s, ", machine->links[i].name);
	xn_source_err(source, err, key,
		      "\"%s\" is not a link of xnetman.yaml: add it there, or write one of %sany",
		      link, known);
}

static bool check_links(const struct xn_machine *machine, const struct xn_definition *def,
			const struct xn_source *source, struct xn_err *err)
{
	char key[XN_KEY_MAX];

	for (size_t i = 0; i < def->n_bandwidth; i++) {
		const char *link = def->bandwidth[i].link;

		if (!strcmp(link, "any") || xn_machine_link(machine, link))
			continue;
		snprintf(key, sizeof(key), "bandwidth[%zu].link", i);
		err_unknown_link(machine, source, key, link, err);
		return false;
	}
	return true;
}

/* --- guarantees -------------------------------------------------------------------------------- */

/* One network's SLA against the resource it is of. */
struct sale {
	enum xn_resource_kind resource;
	const char *row; /* link, or name of the resource */
	double capacity; /* in the resource's unit */
	const struct xn_sla *sla;
	const struct xn_source *source;
	size_t entry; /* of bandwidth */
	double sold;  /* to the networks before it */
};

/* The parameter to blame for a guarantee: the one that was written. */
static const char *guarantee_key(const struct xn_sla *sla)
{
	return sla->rc >= sla->re ? "rc" : "re";
}

static const char *sale_key(const struct sale *sale, const char *param, char *key)
{
	if (sale->resource == XN_BANDWIDTH)
		snprintf(key, XN_KEY_MAX, "bandwidth[%zu].%s", sale->entry, param);
	else
		snprintf(key, XN_KEY_MAX, "%s.%s", sale->row, param);
	return key;
}

static const char *amount(const struct sale *sale, double figure, char *text)
{
	return xn_quantities[sale->resource].format(figure, text, XN_UNIT_TEXT);
}

static bool fail_sale(const struct sale *sale, const char *param, const char *why, double figure,
		      struct xn_err *err)
{
	char key[XN_KEY_MAX], what[XN_UNIT_TEXT], capacity[XN_UNIT_TEXT];

	xn_source_err(sale->source, err, sale_key(sale, param, key),
		      "%s %s, more than the capacity of %s, %s: lower it, or correct the "
		      "capacity in xnetman.yaml",
		      why, amount(sale, figure, what), sale->row,
		      amount(sale, sale->capacity, capacity));
	return false;
}

static bool fail_sum(const struct sale *sale, struct xn_err *err)
{
	char sold[XN_UNIT_TEXT], room[XN_UNIT_TEXT], key[XN_KEY_MAX], own[XN_UNIT_TEXT];
	double left = sale->capacity - sale->sold;
	char capacity[XN_UNIT_TEXT];

	xn_source_err(sale->source, err, sale_key(sale, guarantee_key(sale->sla), key),
		      "rc + re = %s does not fit on %s any more: %s of its %s are guaranteed to "
		      "others: write at most %s, or lower theirs",
		      amount(sale, xn_sla_guarantee(sale->sla), own), sale->row,
		      amount(sale, sale->sold, sold), amount(sale, sale->capacity, capacity),
		      amount(sale, left > 0 ? left : 0, room));
	return false;
}

static bool check_sale(const struct sale *sale, struct xn_err *err)
{
	double guarantee = xn_sla_guarantee(sale->sla), most = sale->capacity * ROUNDING;

	if (guarantee > most)
		return fail_sale(sale, guarantee_key(sale->sla), "rc + re is", guarantee, err);
	if (sale->sla->rl > most)
		return fail_sale(sale, "rl", "rl is", sale->sla->rl, err);
	if (sale->sold + guarantee > most)
		return fail_sum(sale, err);
	return true;
}

/* Sets what @def was sold of it. Return: false: nothing. */
static bool find_sale(const struct xn_definition *def, struct sale *sale)
{
	ssize_t entry;

	if (sale->resource != XN_BANDWIDTH) {
		sale->sla = &def->sold[sale->resource].sla;
		return def->sold[sale->resource].given;
	}
	entry = xn_definition_entry(def, sale->row);
	if (entry < 0)
		return false;
	sale->entry = entry;
	sale->sla = &def->bandwidth[entry].sla;
	return true;
}

static bool check_sales(const struct xn_config *config, struct sale sale,
			struct xn_source *const *sources, struct xn_err *err)
{
	for (size_t i = 0; i < config->n_networks; i++) {
		if (!find_sale(config->networks[i], &sale))
			continue;
		sale.source = sources[i];
		if (!check_sale(&sale, err))
			return false;
		sale.sold += xn_sla_guarantee(sale.sla);
	}
	return true;
}

static bool check_all_sales(const struct xn_config *config, struct xn_source *const *sources,
			    struct xn_err *err)
{
	const struct xn_machine *machine = &config->machine;

	for (size_t i = 0; i < machine->n_links; i++) {
		const struct xn_link_def *link = &machine->links[i];
		struct sale sale = { XN_BANDWIDTH, link->name, link->capacity };

		if (!check_sales(config, sale, sources, err))
			return false;
	}
	for (size_t r = XN_CPU; r < XN_RESOURCES; r++) {
		struct sale sale = { r, xn_quantities[r].name, machine->capacity[r] };

		/* what has no capacity is not controlled: anything may be written for later */
		if (sale.capacity > 0 && !check_sales(config, sale, sources, err))
			return false;
	}
	return true;
}

/* --- ports --------------------------------------------------------------------------------- */

struct claim {
	const char *port;
	size_t network, index;
};

/* By port; the same port: in the order in which networks and their ports are read. */
static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = strcmp(x->port, y->port);

	if (order)
		return order;
	if (x->network != y->network)
		return x->network < y->network ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static size_t collect_claims(const struct xn_config *config, struct claim *claims)
{
	size_t n = 0;

	for (size_t i = 0; i < config->n_networks; i++)
		for (size_t j = 0; j < config->networks[i]->n_ports; j++, n++)
			if (claims)
				claims[n] = (struct claim){ config->networks[i]->ports[j], i, j };
	return n;
}

static bool check_ports(const struct xn_config *config, struct xn_source *const *sources,
			struct xn_err *err)
{
	size_t n = collect_claims(config, NULL);
	struct claim *claims = calloc(n + 1, sizeof(*claims));
	char key[XN_KEY_MAX];
	bool ok = true;

	if (!claims) {
		xn_err_set(err, "networks.d: out of memory");
		return false;
	}
	collect_claims(config, claims);
	qsort(claims, n, sizeof(*claims), compare_claims);
	for (size_t i = 1; i < n && ok; i++) {
		ok = strcmp(claims[i - 1].port, claims[i].port);
		if (ok)
			continue;
		snprintf(key, sizeof(key), "ports[%zu]", claims[i].index);
		xn_source_err(sources[claims[i].network], err, key,
			      "%s is a port of network %s already: remove it from one of the two",
			      claims[i].port, config->networks[claims[i - 1].network]->name);
	}
	free(claims);
	return ok;
}

/* --- domains ------------------------------------------------------------------------------- */

static size_t collect_named(const struct xn_config *config, struct xn_named *named)
{
	size_t n = 0;

	for (size_t i = 0; i < config->n_networks; i++)
		if (config->networks[i]->domain && *config->networks[i]->domain)
			named[n++] = (struct xn_named){ config->networks[i]->domain, i };
	return n;
}

static bool check_domains(const struct xn_config *config, struct xn_source *const *sources,
			  struct xn_err *err)
{
	struct xn_named *named = calloc(config->n_networks + 1, sizeof(*named));
	bool ok = true;
	size_t n;

	if (!named) {
		xn_err_set(err, "networks.d: out of memory");
		return false;
	}
	n = collect_named(config, named);
	qsort(named, n, sizeof(*named), xn_named_compare);
	for (size_t i = 1; i < n && ok; i++) {
		ok = xn_domain_compare(named[i - 1].domain, named[i].domain);
		if (!ok)
			xn_source_err(sources[named[i].net], err, "domain",
				      "%s is the domain of network %s already: remove it from one "
				      "of the two",
				      named[i].domain, config->networks[named[i - 1].net]->name);
	}
	free(named);
	return ok;
}

bool xn_crosscheck(const struct xn_config *config, struct xn_source *const *sources,
		   struct xn_err *err)
{
	const struct xn_machine *machine = &config->machine;

	for (size_t i = 0; i < config->n_networks; i++)
		if (!check_links(machine, config->networks[i], sources[i], err))
			return false;
	return check_all_sales(config, sources, err) && check_ports(config, sources, err) &&
	       check_domains(config, sources, err);
}
