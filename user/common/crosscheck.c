// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules between definitions: links that exist, ports and domains owned once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/crosscheck.h"
#include "common/definition.h"
#include "common/machine.h"
#include "common/schema.h"
#include "core/owner.h"

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

/* @within: "", or "schedule[0]." */
static bool check_list(const struct xn_machine *machine, const struct xn_source *source,
		       const char *within, const struct xn_bandwidth *list, size_t n,
		       struct xn_err *err)
{
	char key[XN_KEY_MAX];

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(list[i].link, "any") || xn_machine_link(machine, list[i].link))
			continue;
		snprintf(key, sizeof(key), "%sbandwidth[%zu].link", within, i);
		err_unknown_link(machine, source, key, list[i].link, err);
		return false;
	}
	return true;
}

bool xn_crosscheck_links(const struct xn_machine *machine, const struct xn_definition *def,
			 const struct xn_source *source, struct xn_err *err)
{
	char within[32];

	for (size_t i = 0; i < def->n_periods; i++) {
		const struct xn_period *period = &def->periods[i];

		snprintf(within, sizeof(within), "schedule[%zu].", i);
		if (!check_list(machine, source, within, period->bandwidth, period->n_bandwidth,
				err))
			return false;
	}
	return check_list(machine, source, "", def->bandwidth, def->n_bandwidth, err);
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
		if (!xn_crosscheck_links(machine, config->networks[i], sources[i], err))
			return false;
	return check_ports(config, sources, err) && check_domains(config, sources, err);
}
