// SPDX-License-Identifier: GPL-2.0-or-later
/* A search tree to find them, a list to walk; an entry is as long as its hops are many. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/routes.h"

struct told {
	struct told *next, **at; /* at: what points here */
	struct xn_address destination;
	uint32_t metric;
	unsigned int round; /* of the sync that last told it */
	uint8_t length, type, n_hops;
	struct xn_guest_hop hops[];
};

struct xn_routes {
	void *tree;
	struct told *first;
	size_t n;
	unsigned int round;
};

static int compare(const void *a, const void *b)
{
	const struct told *x = a, *y = b;
	int d = memcmp(&x->destination, &y->destination, sizeof(x->destination));

	if (!d)
		d = (x->length > y->length) - (x->length < y->length);
	return d ? d : (x->metric > y->metric) - (x->metric < y->metric);
}

static struct told *find(const struct xn_routes *routes, const struct xn_guest_route *route)
{
	struct told key = {
		.destination = route->destination,
		.length = route->length,
		.metric = route->metric,
	};
	struct told **node = tfind(&key, &routes->tree, compare);

	return node ? *node : NULL;
}

struct xn_routes *xn_routes_new(void)
{
	return calloc(1, sizeof(struct xn_routes));
}

static void drop(struct xn_routes *routes, struct told *entry)
{
	tdelete(entry, &routes->tree, compare);
	*entry->at = entry->next;
	if (entry->next)
		entry->next->at = entry->at;
	routes->n--;
	free(entry);
}

void xn_routes_free(struct xn_routes *routes)
{
	if (!routes)
		return;
	while (routes->first)
		drop(routes, routes->first);
	free(routes);
}

static struct told *make(const struct xn_guest_route *route)
{
	struct told *entry = malloc(sizeof(*entry) + route->n_hops * sizeof(*route->hops));

	if (!entry)
		return NULL;
	*entry = (struct told){
		.destination = route->destination,
		.metric = route->metric,
		.length = route->length,
		.type = route->type,
		.n_hops = route->n_hops,
	};
	memcpy(entry->hops, route->hops, route->n_hops * sizeof(*route->hops));
	return entry;
}

int xn_routes_set(struct xn_routes *routes, const struct xn_guest_route *route)
{
	struct told *was = find(routes, route), *entry;

	if (!was && routes->n == XN_ROUTES_MAX)
		return -ENOSPC;
	entry = make(route);
	if (!entry)
		return -ENOMEM;
	if (was)
		drop(routes, was);
	if (!tsearch(entry, &routes->tree, compare)) {
		free(entry);
		return -ENOMEM;
	}
	entry->round = routes->round;
	entry->next = routes->first;
	entry->at = &routes->first;
	if (routes->first)
		routes->first->at = &entry->next;
	routes->first = entry;
	routes->n++;
	return 0;
}

bool xn_routes_remove(struct xn_routes *routes, const struct xn_guest_route *route)
{
	struct told *entry = find(routes, route);

	if (entry)
		drop(routes, entry);
	return entry;
}

static void tell(const struct told *entry, xn_routes_fn fn, void *arg)
{
	struct xn_guest_route route = {
		.destination = entry->destination,
		.length = entry->length,
		.type = entry->type,
		.metric = entry->metric,
		.n_hops = entry->n_hops,
	};

	memcpy(route.hops, entry->hops, entry->n_hops * sizeof(*route.hops));
	fn(&route, arg);
}

void xn_routes_sync_begin(struct xn_routes *routes)
{
	routes->round++;
}

void xn_routes_sync_end(struct xn_routes *routes, xn_routes_fn gone, void *arg)
{
	struct told *next;

	for (struct told *entry = routes->first; entry; entry = next) {
		next = entry->next;
		if (entry->round == routes->round)
			continue;
		tell(entry, gone, arg);
		drop(routes, entry);
	}
}

void xn_routes_each(const struct xn_routes *routes, xn_routes_fn each, void *arg)
{
	for (const struct told *entry = routes->first; entry; entry = entry->next)
		tell(entry, each, arg);
}
