// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shapers and limiters at arrival: on the vifs by which packets go to a network's router. Nobody else is there, so
 * the tree is one class.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/tree_impl.h"

#define FRAME	 1518
#define THE_ONLY (XN_TREE_ARRIVAL | 1)

static struct xn_arrival *arrival_at(struct xn_trees *t, uint32_t ifindex)
{
	for (struct xn_arrival *a = t->arrivals; a; a = a->next)
		if (a->ifindex == ifindex)
			return a;
	return NULL;
}

static struct xn_arrival *add_arrival(struct xn_trees *t, uint32_t ifindex)
{
	struct xn_arrival *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->ifindex = ifindex;
	a->next = t->arrivals;
	t->arrivals = a;
	return a;
}

static void put_limiter(struct xn_trees *t, const struct xn_arrival *a,
			const struct xn_limits *limits)
{
	if (limits->limiter.rate > 0)
		xn_qdiscs_put_limiter(t->qdiscs, a->ifindex, XN_TREE_ARRIVAL, THE_ONLY,
				      &limits->limiter);
	else
		xn_qdiscs_drop_limiter(t->qdiscs, a->ifindex, XN_TREE_ARRIVAL);
}

/* Until its class is there, an HTB lets everything pass at once. */
static int make(struct xn_trees *t, struct xn_arrival *a, const struct xn_limits *limits,
		bool there, struct xn_err *err)
{
	struct xn_tree_class class = xn_tree_alone(limits, FRAME);
	int rc;

	if (!there)
		xn_qdiscs_put_root(t->qdiscs, a->ifindex, XN_TREE_ARRIVAL, 1);
	xn_qdiscs_put_class(t->qdiscs, a->ifindex, THE_ONLY, XN_TREE_ARRIVAL, &class);
	if (there)
		xn_qdiscs_set_queue(t->qdiscs, a->ifindex, THE_ONLY, class.limit);
	else
		xn_qdiscs_put_queue(t->qdiscs, a->ifindex, THE_ONLY, class.limit);
	put_limiter(t, a, limits);
	rc = xn_qdiscs_flush(t->qdiscs, err);
	a->known = !rc;
	a->limits = *limits;
	return rc;
}

/* Told once: as long as it stays like that it is no news. */
static int refuse(struct xn_arrival *a, const char *what, struct xn_err *err)
{
	struct xn_err why;

	xn_err_set(&why, "network %s: arrival at %s: %s", a->network, a->port, what);
	if (!strcmp(why.text, a->why.text))
		return 0;
	a->why = *err = why;
	return -EINVAL;
}

static int update_arrival(struct xn_trees *t, struct xn_arrival *a, const struct xn_limits *limits,
			  struct xn_err *err)
{
	const struct xn_root *root = xn_trees_root(t, a->ifindex);
	bool there = root && root->handle == XN_TREE_ARRIVAL && !strcmp(root->kind, "htb");
	char what[128];

	if (!there && root && root->handle) {
		snprintf(what, sizeof(what),
			 "somebody's qdisc %s %x: is at its root: remove it (tc qdisc del dev %s "
			 "root)",
			 root->kind, root->handle >> 16, a->port);
		return refuse(a, what, err);
	}
	a->why.text[0] = '\0';
	if (there && a->known && !memcmp(limits, &a->limits, sizeof(*limits)))
		return 0;
	return make(t, a, limits, there, err);
}

/* Devices that xnetmand made for a data plane do not lead to the router. */
static bool leads_to_router(const struct xn_state *s, size_t port)
{
	return port < s->n_listed || s->ports[port].by_domain;
}

static int update_port(struct xn_trees *t, size_t i, struct xn_err *err)
{
	const struct xn_state *s = t->daemon->state;
	const struct xn_port *port = &s->ports[i];
	const struct xn_definition *def = s->nets[port->net].def;
	struct xn_arrival *a;

	if (!port->ifindex || !xn_limits_any(&def->arrival) || !leads_to_router(s, i))
		return 0;
	a = arrival_at(t, port->ifindex);
	if (!a)
		a = add_arrival(t, port->ifindex);
	if (!a) {
		xn_err_set(err, "port %s: no memory", port->device);
		return -ENOMEM;
	}
	a->wanted = true;
	snprintf(a->network, sizeof(a->network), "%s", def->name);
	snprintf(a->port, sizeof(a->port), "%s", port->device);
	if (xn_idmap_get(&s->link_by_ifindex, port->ifindex) != XN_IDMAP_NONE)
		return refuse(a, "the device is a link, which has a tree of its own", err);
	return update_arrival(t, a, &def->arrival, err);
}

static void remove_unwanted(struct xn_trees *t)
{
	struct xn_arrival **at = &t->arrivals;

	for (size_t i = 0; i < t->n_roots; i++) {
		const struct xn_arrival *a = arrival_at(t, t->roots[i].ifindex);

		if (t->roots[i].handle == XN_TREE_ARRIVAL && (!a || !a->wanted))
			xn_qdiscs_drop_root(t->qdiscs, t->roots[i].ifindex, XN_TREE_ARRIVAL);
	}
	while (*at) {
		struct xn_arrival *a = *at;

		if (a->wanted) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		free(a);
	}
}

int xn_arrivals_update(struct xn_trees *t, struct xn_err *err)
{
	struct xn_err what;
	int rc, first = 0;

	for (struct xn_arrival *a = t->arrivals; a; a = a->next)
		a->wanted = false;
	for (size_t i = 0; i < t->daemon->state->n_ports; i++) {
		rc = update_port(t, i, &what);
		if (rc)
			xn_log(SD_WARNING, "%s", what.text);
		if (rc && !first) {
			first = rc;
			*err = what;
		}
	}
	remove_unwanted(t);
	return first;
}

void xn_arrivals_free(struct xn_trees *t)
{
	while (t->arrivals) {
		struct xn_arrival *a = t->arrivals;

		t->arrivals = a->next;
		free(a);
	}
}
