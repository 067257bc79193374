// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was told is kept as the bytes it came in: a hundredth of what it takes as a value. On a link goes the tree of
 * the first interface that leads there and has one; a second is refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel/cursor.h"
#include "channel/message.h"
#include "channel/qos.h"
#include "daemon/log.h"
#include "daemon/operator.h"
#include "daemon/operator_check.h"
#include "daemon/operator_device.h"
#include "daemon/operator_tree.h"
#include "daemon/plane_impl.h"

/* The configuration of one interface. */
struct told {
	uint32_t interface;
	uint64_t version;
	uint8_t *bytes;
	size_t n;
	bool seen;    /* in this sync */
	bool root;    /* it has a root qdisc */
	bool filters; /* it has filters at ingress or egress */
};

/* A macvlan, and what is in force there. */
struct place {
	struct xn_operator_device device;
	uint64_t version; /* of what was told; 0: nothing */
};

struct xn_operator {
	struct told told[XN_GUEST_INTERFACES_MAX];
	size_t n_told;
	struct xn_operator_tree *trees;
	struct place places[XN_VRF_PORTS];
	size_t n_places;
	uint64_t version;
	bool wanted;	  /* the links are to have leaves: from the first tree on, for good */
	char failed[256]; /* why something is not in force; logged once */
};

struct xn_operators {
	struct xn_planes *planes;
	struct xn_majors *majors;
	sd_event_source *drain;
	uint8_t bytes[XN_BODY_MAX]; /* scratch: one configuration */
	struct xn_qos qos;	    /* likewise, as a value */
};

static struct xn_operator_tools tools_of(const struct xn_plane *p)
{
	return (struct xn_operator_tools){
		.netreq = p->planes->netreq,
		.majors = p->planes->operators->majors,
		.mark_mask = p->planes->daemon->state->config->machine.mark_mask,
	};
}

static struct xn_trees *trees_of(const struct xn_plane *p)
{
	return p->planes->daemon->trees;
}

static struct xn_operator *operator_of(struct xn_plane *p)
{
	if (!p->qos)
		p->qos = calloc(1, sizeof(*p->qos));
	return p->qos;
}

/* --- what was told --- */

static struct told *told_of(struct xn_operator *o, uint32_t interface)
{
	for (size_t i = 0; i < o->n_told; i++)
		if (o->told[i].interface == interface)
			return &o->told[i];
	return NULL;
}

static size_t encode(struct xn_operators *all, const struct xn_qos *qos)
{
	struct xn_writer w = { all->bytes, all->bytes + sizeof(all->bytes), false };

	xn_encode_qos(&w, 0, qos);
	return w.bad ? 0 : w.at - all->bytes;
}

/* Return: it was encoded here, so it is good. */
static const struct xn_qos *decode(struct xn_operators *all, const struct told *told)
{
	struct xn_reader r = { told->bytes, told->bytes + told->n, false };
	uint32_t serial;

	xn_decode_qos(&r, &serial, &all->qos);
	return &all->qos;
}

static int store(struct xn_operator *o, struct told *told, const struct xn_qos *qos,
		 const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, n);
	if (!told) {
		told = &o->told[o->n_told++];
		*told = (struct told){ .interface = qos->interface };
	}
	free(told->bytes);
	told->bytes = copy;
	told->n = n;
	told->version = o->version;
	told->seen = true;
	told->root = xn_operator_root(qos);
	told->filters = xn_operator_on_device(qos);
	return 0;
}

/* --- which links --- */

static const char *link_of(const struct xn_plane *p, const struct xn_plane_uplink *uplink)
{
	const struct xn_daemon *d = p->planes->daemon;

	return xn_plane_link(d, xn_devices_at(d->devices, uplink->diversion.uplink));
}

/* Does the port, of that interface, lead to the link? */
static bool leads_to(const struct xn_plane *p, const struct xn_plane_port *port, const char *link)
{
	for (size_t i = 0; i < port->n_uplinks && port->mapped; i++) {
		const char *name = link_of(p, &port->uplinks[i]);

		if (name && !strcmp(name, link))
			return true;
	}
	return false;
}

static bool interface_leads_to(const struct xn_plane *p, uint32_t interface, const char *link)
{
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].index == interface && leads_to(p, &p->ports[i], link))
			return true;
	return false;
}

/* Whose tree is to be on the link. */
static struct told *source_of(const struct xn_plane *p, const char *link)
{
	for (size_t i = 0; i < p->n_ports; i++) {
		struct told *told = told_of(p->qos, p->ports[i].index);

		if (told && told->root && leads_to(p, &p->ports[i], link))
			return told;
	}
	return NULL;
}

static const char *name_of(const struct xn_plane *p, uint32_t interface)
{
	for (size_t i = 0; i < p->n_interfaces; i++)
		if (p->interfaces[i].index == interface)
			return p->interfaces[i].name;
	return "an interface that was not told of";
}

/* --- trees as links come and go --- */

static struct xn_operator_tree *tree_of(struct xn_operator *o, const char *link)
{
	struct xn_operator_tree *tree;

	for (tree = o->trees; tree; tree = tree->next)
		if (!strcmp(tree->link, link))
			return tree;
	tree = calloc(1, sizeof(*tree));
	if (!tree)
		return NULL;
	snprintf(tree->link, sizeof(tree->link), "%s", link);
	tree->next = o->trees;
	o->trees = tree;
	return tree;
}

static void follow_leaf(const struct xn_plane *p, struct xn_operator_tree *tree)
{
	struct xn_operator_tools tools = tools_of(p);
	struct xn_leaf leaf = { 0 };

	if (!trees_of(p) || xn_trees_leaf(trees_of(p), p->network, tree->link, &leaf))
		leaf = (struct xn_leaf){ 0 };
	if (leaf.ifindex != tree->leaf.ifindex || leaf.parent != tree->leaf.parent)
		xn_operator_forget(&tools, tree);
	tree->leaf = leaf;
}

static void follow_links(const struct xn_plane *p)
{
	for (size_t i = 0; i < p->n_ports; i++)
		for (size_t j = 0; j < p->ports[i].n_uplinks && p->ports[i].mapped; j++) {
			const char *link = link_of(p, &p->ports[i].uplinks[j]);

			if (link)
				tree_of(p->qos, link);
		}
	for (struct xn_operator_tree *tree = p->qos->trees; tree; tree = tree->next)
		follow_leaf(p, tree);
}

/* --- emptying what is not in force any more --- */

static void drain_later(struct xn_operators *all, uint64_t time)
{
	uint64_t now = xn_now();
	int on;

	if (sd_event_source_get_enabled(all->drain, &on) > 0 && on)
		return;
	sd_event_source_set_time_relative(all->drain, time > now ? (time - now) / 1000 + 1 : 1);
	sd_event_source_set_enabled(all->drain, SD_EVENT_ONESHOT);
}

static int on_drain(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_operators *all = arg;
	uint64_t now = xn_now(), next = UINT64_MAX;

	(void)source;
	(void)usec;
	for (struct xn_plane *p = all->planes->first; p; p = p->next) {
		struct xn_operator_tools tools = tools_of(p);
		struct xn_operator_tree *tree = p->qos ? p->qos->trees : NULL;

		for (; tree; tree = tree->next) {
			if (tree->drained && tree->drained <= now)
				xn_operator_drain(&tools, tree);
			if (tree->drained && tree->drained < next)
				next = tree->drained;
		}
	}
	if (next != UINT64_MAX)
		drain_later(all, next);
	return 0;
}

static int commit_tree(const struct xn_plane *p, struct xn_operator_tree *tree, uint32_t interface,
		       uint64_t version, struct xn_err *err)
{
	struct xn_operator_tools tools = tools_of(p);
	int rc = xn_operator_commit(&tools, tree, err);

	if (rc)
		return rc;
	tree->interface = interface;
	tree->version = version;
	drain_later(p->planes->operators, tree->drained);
	return 0;
}

/* --- putting in force: first all is made, then all is switched --- */

static struct place *place_of(struct xn_operator *o, uint32_t ifindex)
{
	for (size_t i = 0; i < o->n_places; i++)
		if (o->places[i].device.ifindex == ifindex)
			return &o->places[i];
	if (o->n_places == XN_VRF_PORTS)
		return NULL;
	o->places[o->n_places] = (struct place){ .device.ifindex = ifindex };
	return &o->places[o->n_places++];
}

/* Macvlans that went took their filters along. */
static void forget_places(const struct xn_plane *p)
{
	struct xn_operator *o = p->qos;
	size_t kept = 0;

	for (size_t i = 0; i < o->n_places; i++)
		for (size_t j = 0; j < p->n_ports; j++)
			if (p->ports[j].macvlan == o->places[i].device.ifindex) {
				o->places[kept++] = o->places[i];
				break;
			}
	o->n_places = kept;
}

static int prepare_tree(const struct xn_plane *p, struct xn_operator_tree *tree,
			const struct xn_qos *qos, const struct xn_qos *before, struct xn_err *err)
{
	struct xn_operator_tools tools = tools_of(p);

	if (before && tree->interface == qos->interface &&
	    xn_operator_change(&tools, tree, before, qos)) {
		tree->version = p->qos->version;
		return 0;
	}
	tree->version = 0; /* perhaps half changed: if this fails it is made anew */
	return xn_operator_prepare(&tools, tree, qos, err);
}

static int prepare(const struct xn_plane *p, const struct xn_qos *qos, const struct xn_qos *before,
		   struct xn_err *err)
{
	struct xn_operator *o = p->qos;
	int rc = 0;

	for (struct xn_operator_tree *tree = o->trees; tree && !rc; tree = tree->next)
		if (tree->leaf.ifindex && xn_operator_root(qos) &&
		    interface_leads_to(p, qos->interface, tree->link))
			rc = prepare_tree(p, tree, qos, before, err);
	for (size_t i = 0; i < p->n_ports && !rc; i++) {
		struct place *place =
			p->ports[i].mapped && p->ports[i].index == qos->interface ? place_of(
											    o,
											    p->ports[i]
												    .macvlan)
										  : NULL;

		if (place && xn_operator_on_device(qos))
			rc = xn_operator_device_prepare(p->planes->netreq, &place->device, qos,
							err);
	}
	return rc;
}

static void abandon(const struct xn_plane *p)
{
	struct xn_operator_tools tools = tools_of(p);

	for (struct xn_operator_tree *tree = p->qos->trees; tree; tree = tree->next)
		xn_operator_abort(&tools, tree);
	for (size_t i = 0; i < p->qos->n_places; i++)
		xn_operator_device_abort(p->planes->netreq, &p->qos->places[i].device);
}

static int commit(const struct xn_plane *p, uint32_t interface, struct xn_err *err)
{
	struct xn_operator *o = p->qos;
	int rc = 0;

	for (struct xn_operator_tree *tree = o->trees; tree && !rc; tree = tree->next)
		if (tree->prepared)
			rc = commit_tree(p, tree, interface, o->version, err);
	for (size_t i = 0; i < o->n_places && !rc; i++) {
		if (!o->places[i].device.prepared)
			continue;
		rc = xn_operator_device_commit(p->planes->netreq, &o->places[i].device, err);
		if (!rc)
			o->places[i].version = o->version;
	}
	return rc;
}

static int put(const struct xn_plane *p, const struct xn_qos *qos, const struct xn_qos *before,
	       struct xn_err *err)
{
	int rc = prepare(p, qos, before, err);

	if (!rc)
		rc = commit(p, qos->interface, err);
	if (rc)
		abandon(p);
	return rc;
}

/* --- what a router tells --- */

/* Two trees on one link would need to know whose a packet is, which at the link nobody can tell. */
static int check_conflict(const struct xn_plane *p, const struct xn_qos *qos, struct xn_err *err)
{
	for (const struct xn_operator_tree *tree = p->qos->trees; tree; tree = tree->next) {
		const struct told *other = source_of(p, tree->link);

		if (!xn_operator_root(qos) || !other || other->interface == qos->interface ||
		    !interface_leads_to(p, qos->interface, tree->link))
			continue;
		xn_err_set(err, "%s leads to the same link and has a root qdisc already",
			   name_of(p, other->interface));
		return -EINVAL;
	}
	return 0;
}

static bool any_root(const struct xn_operator *o)
{
	for (size_t i = 0; i < o->n_told; i++)
		if (o->told[i].root)
			return true;
	return false;
}

static void note_failure(const struct xn_plane *p, const char *where, const struct xn_err *err)
{
	struct xn_operator *o = p->qos;

	if (strncmp(o->failed, err->text, sizeof(o->failed) - 1))
		xn_log(SD_ERR, "network %s: tc of its router on %s: %s", p->network, where,
		       err->text);
	snprintf(o->failed, sizeof(o->failed), "%.255s", err->text);
}

/* Why a link can't be given a tree is for the machine's owner, not for the operator. */
static void want_leaves(const struct xn_plane *p, bool wanted)
{
	struct xn_err err;

	if (p->qos->wanted == wanted || !trees_of(p))
		return;
	p->qos->wanted = wanted;
	if (xn_trees_want(trees_of(p), p->network, wanted, &err))
		note_failure(p, "its links", &err);
}

static int check(const struct xn_plane *p, const struct told *told, const struct xn_qos *qos,
		 size_t n, struct xn_err *err)
{
	struct xn_operator_tools tools = tools_of(p);
	int rc = xn_operator_check(qos, tools.mark_mask, err);

	if (!rc && !n) {
		xn_err_set(err, "is too long");
		rc = -EINVAL;
	}
	if (!rc && !told && p->qos->n_told == XN_GUEST_INTERFACES_MAX) {
		xn_err_set(err, "the qdiscs of at most %d interfaces are carried",
			   XN_GUEST_INTERFACES_MAX);
		rc = -EINVAL;
	}
	return rc ? rc : check_conflict(p, qos, err);
}

static void note_error(const struct xn_plane *p, uint32_t interface, struct xn_err *err)
{
	struct xn_err why = *err;

	xn_err_set(err, "tc of %s: %s", name_of(p, interface), why.text);
}

int xn_plane_qos(struct xn_plane *p, const struct xn_qos *qos, struct xn_err *err)
{
	struct xn_operators *all = p->planes->operators;
	struct xn_operator *o = operator_of(p);
	struct told *told = o ? told_of(o, qos->interface) : NULL;
	size_t n = encode(all, qos);
	int rc;

	if (!o) {
		xn_err_set(err, "no memory");
		return -ENOMEM;
	}
	if (told)
		told->seen = true;
	if (told && told->n == n && !memcmp(told->bytes, all->bytes, n))
		return 0;
	rc = check(p, told, qos, n, err);
	o->version++;
	if (!rc) {
		if (xn_operator_root(qos))
			want_leaves(p, true);
		follow_links(p);
		rc = put(p, qos, told ? decode(all, told) : NULL, err);
	}
	if (!rc)
		rc = store(o, told, qos, all->bytes, n);
	if (rc)
		note_error(p, qos->interface, err);
	xn_planes_poke(p->planes);
	return rc;
}

void xn_operator_sync_begin(struct xn_plane *p)
{
	for (size_t i = 0; p->qos && i < p->qos->n_told; i++)
		p->qos->told[i].seen = false;
}

void xn_operator_sync_end(struct xn_plane *p)
{
	struct xn_operator *o = operator_of(p);
	size_t kept = 0;

	for (size_t i = 0; o && i < o->n_told; i++) {
		if (o->told[i].seen)
			o->told[kept++] = o->told[i];
		else
			free(o->told[i].bytes);
	}
	if (o)
		o->n_told = kept;
}

/* --- when ports or leaves are others --- */

/* Also what a former xnetmand left, of what the router has no more. */
static void reset(const struct xn_plane *p, struct xn_operator_tree *tree)
{
	struct xn_operator_tools tools = tools_of(p);
	struct xn_err err;

	if (!tree->switch_major)
		tree->switch_major = xn_majors_found(tools.majors, tree->leaf.ifindex,
						     tree->leaf.parent, &tree->band);
	if (!tree->switch_major)
		return;
	if (xn_trees_reset_leaf(trees_of(p), p->network, tree->link, &err))
		note_failure(p, tree->link, &err);
	xn_operator_forget(&tools, tree);
	xn_trees_poke(trees_of(p)); /* perhaps the link needs no tree now */
}

static void update_tree(const struct xn_plane *p, struct xn_operator_tree *tree)
{
	struct xn_operator_tools tools = tools_of(p);
	const struct told *told = source_of(p, tree->link);
	struct xn_err err;
	int rc;

	if (!tree->leaf.ifindex || !p->synced)
		return;
	if (!told) {
		reset(p, tree);
		return;
	}
	if (tree->interface == told->interface && tree->version == told->version)
		return;
	rc = xn_operator_prepare(&tools, tree, decode(p->planes->operators, told), &err);
	if (!rc)
		rc = commit_tree(p, tree, told->interface, told->version, &err);
	if (rc)
		note_failure(p, tree->link, &err);
}

static void update_port(const struct xn_plane *p, const struct xn_plane_port *port)
{
	struct xn_netreq *netreq = p->planes->netreq;
	const struct told *told = told_of(p->qos, port->index);
	struct place *place = place_of(p->qos, port->macvlan);
	uint64_t version = told && told->filters ? told->version : 0;
	struct xn_err err;
	int rc;

	if (!place || (place->version && place->version == version))
		return;
	if (!version) {
		if (place->version != UINT64_MAX)
			xn_operator_device_clear(netreq, &place->device);
		place->version = UINT64_MAX; /* known to be without */
		return;
	}
	rc = xn_operator_device_prepare(netreq, &place->device, decode(p->planes->operators, told),
					&err);
	if (!rc)
		rc = xn_operator_device_commit(netreq, &place->device, &err);
	if (rc)
		note_failure(p, port->guest, &err);
	else
		place->version = version;
}

void xn_operator_update(struct xn_plane *p)
{
	struct xn_operator *o = operator_of(p);

	if (!o || !trees_of(p))
		return;
	if (p->synced && any_root(o))
		want_leaves(p, true);
	follow_links(p);
	for (struct xn_operator_tree *tree = o->trees; tree; tree = tree->next)
		update_tree(p, tree);
	forget_places(p);
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].mapped && p->synced)
			update_port(p, &p->ports[i]);
}

static void on_leaf(const char *network, const char *link, const struct xn_leaf *leaf, void *arg)
{
	struct xn_operators *all = arg;
	struct xn_plane *p = xn_plane_of(all->planes->daemon, network);
	struct xn_operator_tree *tree = p && p->qos ? p->qos->trees : NULL;
	struct xn_operator_tools tools;

	for (; tree; tree = tree->next) {
		if (leaf || strcmp(tree->link, link))
			continue;
		tools = tools_of(p);
		xn_operator_forget(&tools, tree);
		tree->leaf = (struct xn_leaf){ 0 };
	}
	xn_planes_poke(all->planes);
}

/* --- life --- */

void xn_operator_remove(struct xn_plane *p)
{
	if (!p->qos || !trees_of(p))
		return;
	for (struct xn_operator_tree *tree = p->qos->trees; tree; tree = tree->next) {
		follow_leaf(p, tree);
		if (tree->leaf.ifindex)
			reset(p, tree);
	}
	want_leaves(p, false);
}

void xn_operator_free(struct xn_operator *o)
{
	for (size_t i = 0; o && i < o->n_told; i++)
		free(o->told[i].bytes);
	while (o && o->trees) {
		struct xn_operator_tree *tree = o->trees;

		o->trees = tree->next;
		free(tree);
	}
	free(o);
}

json_t *xn_operator_show(const struct xn_plane *p)
{
	json_t *list = json_array();

	for (size_t i = 0; p->qos && i < p->qos->n_told; i++) {
		const struct told *told = &p->qos->told[i];
		json_t *links = json_array();

		for (struct xn_operator_tree *t = p->qos->trees; t; t = t->next)
			if (told->root && t->interface == told->interface)
				json_array_append_new(links, json_string(t->link));
		json_array_append_new(list, json_pack("{ss sb sb so}", "interface",
						      name_of(p, told->interface), "qdiscs",
						      (int)told->root, "filters",
						      (int)told->filters, "links", links));
	}
	return list;
}

struct xn_operators *xn_operators_open(struct xn_planes *planes, struct xn_err *err)
{
	struct xn_operators *all = calloc(1, sizeof(*all));
	int rc = -ENOMEM;

	if (all)
		all->majors = xn_majors_new(planes->netreq);
	if (all && all->majors)
		rc = sd_event_add_time_relative(planes->daemon->event, &all->drain, CLOCK_MONOTONIC,
						0, 1000, on_drain, all);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(all->drain, SD_EVENT_OFF);
	if (rc >= 0) {
		all->planes = planes;
		xn_trees_follow(planes->daemon->trees, on_leaf, all);
		return all;
	}
	xn_err_set(err, "operators' QoS: %s", strerror(-rc));
	xn_operators_close(all);
	return NULL;
}

void xn_operators_close(struct xn_operators *all)
{
	if (!all)
		return;
	sd_event_source_disable_unref(all->drain);
	xn_majors_free(all->majors);
	free(all);
}
