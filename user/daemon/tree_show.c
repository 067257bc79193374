// SPDX-License-Identifier: GPL-2.0-or-later
/* Live figures of trees as records: doc/dbus.md, GetQos. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tree_impl.h"

/* Of one device: its classes, and the qdiscs that are their queues. */
struct figures {
	struct xn_qdisc_record *classes, *queues;
	size_t n_classes, max_classes, n_queues, max_queues;
	char (*kinds)[16]; /* of the queues */
	uint32_t ifindex;
};

static bool room(struct xn_qdisc_record **table, size_t n, size_t *max)
{
	size_t more = *max ? 2 * *max : 64;
	struct xn_qdisc_record *grown;

	if (n < *max)
		return true;
	grown = reallocarray(*table, more, sizeof(*grown));
	if (!grown)
		return false;
	*table = grown;
	*max = more;
	return true;
}

static void take_class(const struct xn_qdisc_record *record, void *arg)
{
	struct figures *f = arg;

	if (room(&f->classes, f->n_classes, &f->max_classes))
		f->classes[f->n_classes++] = *record;
}

static void take_queue(const struct xn_qdisc_record *record, void *arg)
{
	struct figures *f = arg;
	char(*kinds)[16];

	if (record->ifindex != f->ifindex || record->parent == TC_H_ROOT)
		return;
	kinds = reallocarray(f->kinds, f->n_queues + 1, sizeof(*kinds));
	if (!kinds)
		return;
	f->kinds = kinds;
	if (!room(&f->queues, f->n_queues, &f->max_queues))
		return;
	snprintf(kinds[f->n_queues], sizeof(*kinds), "%s", record->kind ? record->kind : "");
	f->queues[f->n_queues++] = *record;
}

static int read_figures(struct xn_trees *t, uint32_t ifindex, struct figures *f)
{
	int rc;

	*f = (struct figures){ .ifindex = ifindex };
	rc = xn_qdiscs_classes(t->qdiscs, ifindex, take_class, f);
	return rc ? rc : xn_qdiscs_all(t->qdiscs, take_queue, f);
}

static void free_figures(struct figures *f)
{
	free(f->classes);
	free(f->queues);
	free(f->kinds);
}

static const struct xn_qdisc_record *class_of(const struct figures *f, uint32_t classid)
{
	for (size_t i = 0; i < f->n_classes; i++)
		if (f->classes[i].handle == classid)
			return &f->classes[i];
	return NULL;
}

static size_t queue_of(const struct figures *f, uint32_t classid)
{
	for (size_t i = 0; i < f->n_queues; i++)
		if (f->queues[i].parent == classid)
			return i;
	return SIZE_MAX;
}

/* --- one class --- */

static void put_delay(json_t *json, const double delay[3])
{
	static const char *const keys[] = { "delay_mean", "delay_peak", "delay_least" };

	for (size_t i = 0; i < 3; i++)
		if (delay[i] >= 0)
			json_object_set_new(json, keys[i], json_real(delay[i]));
}

/* What waits is what is in the queue; what was dropped there for want of room, the class counts. */
static void put_counters(json_t *json, const struct figures *f, uint32_t classid)
{
	const struct xn_qdisc_record *class = class_of(f, classid);
	size_t queue = queue_of(f, classid);
	bool known = queue != SIZE_MAX;

	json_object_set_new(json, "sent_bytes", json_integer(class ? class->bytes : 0));
	json_object_set_new(json, "sent_packets", json_integer(class ? class->packets : 0));
	json_object_set_new(json, "dropped_packets", json_integer(class ? class->dropped : 0));
	json_object_set_new(json, "backlog_packets",
			    json_integer(class ? class->backlog_packets : 0));
	json_object_set_new(json, "backlog_bytes",
			    json_integer(known	 ? f->queues[queue].backlog_bytes
					 : class ? class->backlog_bytes
						 : 0));
	json_object_set_new(json, "queue", json_string(known ? f->kinds[queue] : ""));
	if (known)
		put_delay(json, f->queues[queue].delay);
}

static void put_class(json_t *json, uint32_t classid, const struct xn_tree_class *class)
{
	char text[16];

	snprintf(text, sizeof(text), "%x:%x", classid >> 16, classid & 0xffff);
	json_object_set_new(json, "class", json_string(text));
	json_object_set_new(json, "priority", json_integer(XN_QOS_PRIORITY_MAX - class->prio));
	json_object_set_new(json, "rate_bps", json_real(class->rate * 8.0));
	json_object_set_new(json, "ceil_bps", json_real(class->ceil * 8.0));
	json_object_set_new(json, "queue_bytes", json_integer(class->limit));
}

static void put_limiter(json_t *json, struct xn_trees *t, uint32_t ifindex, uint32_t parent,
			const struct xn_limiter *limiter)
{
	uint64_t dropped;

	json_object_set_new(json, "limiter_bps", json_real(limiter->rate));
	if (!xn_qdiscs_limiter(t->qdiscs, ifindex, parent, &dropped))
		json_object_set_new(json, "limiter_dropped_packets", json_integer(dropped));
}

static json_t *branch_json(struct xn_trees *t, const struct xn_tree *tree,
			   const struct xn_branch *branch, const struct figures *f)
{
	json_t *json = json_pack("{ss}", "network", branch->network);

	put_class(json, branch->leaf.parent, &branch->class);
	put_counters(json, f, branch->leaf.parent);
	if (branch->limited)
		put_limiter(json, t, tree->ifindex, xn_branch_entry(branch->id, true),
			    &branch->limiter);
	return json;
}

static json_t *host_json(const struct xn_tree *tree, const struct figures *f)
{
	struct xn_tree_class class = xn_tree_host(&tree->figures);
	json_t *json = json_pack("{ss}", "network", "");

	put_class(json, XN_TREE_LINK | XN_TREE_HOST, &class);
	put_counters(json, f, XN_TREE_LINK | XN_TREE_HOST);
	return json;
}

/* --- links --- */

static const char *state_of(const struct xn_tree *tree)
{
	static const char *const names[] = { "off", "on", "refused" };

	return names[tree->state];
}

static bool matches(const char *wanted, const char *name)
{
	return !*wanted || !strcmp(wanted, name);
}

/* Of all networks in the order of their names; Dom0's own comes last. */
static json_t *classes_json(struct xn_trees *t, const struct xn_tree *tree, const char *network)
{
	const struct xn_state *s = t->daemon->state;
	json_t *classes = json_array();
	struct figures f;

	read_figures(t, tree->ifindex, &f);
	for (size_t n = 0; n < s->n_nets; n++) {
		uint32_t id = s->nets[n].id;
		const struct xn_branch *branch = id && id <= XN_TREE_IDS ? tree->branches[id - 1]
									 : NULL;

		if (branch && branch->told && matches(network, s->nets[n].def->name))
			json_array_append_new(classes, branch_json(t, tree, branch, &f));
	}
	if (!*network)
		json_array_append_new(classes, host_json(tree, &f));
	free_figures(&f);
	return classes;
}

static json_t *link_json(struct xn_trees *t, const struct xn_tree *tree, const char *network)
{
	struct xn_tree_class capacity = xn_tree_capacity(&tree->figures);
	json_t *json = json_pack("{ss ss}", "link", tree->link, "state", state_of(tree));

	if (tree->state == XN_TREE_REFUSED)
		json_object_set_new(json, "why", json_string(tree->why.text));
	if (tree->state != XN_TREE_THERE)
		return json;
	json_object_set_new(json, "ceil_bps", json_real(capacity.ceil * 8.0));
	json_object_set_new(json, "classes", classes_json(t, tree, network));
	return json;
}

static const struct xn_tree *tree_named(const struct xn_trees *t, const char *link)
{
	for (const struct xn_tree *tree = t->first; tree; tree = tree->next)
		if (!strcmp(tree->link, link))
			return tree;
	return NULL;
}

/* --- at arrival --- */

static json_t *arrival_json(struct xn_trees *t, const struct xn_arrival *a)
{
	struct xn_tree_class class = xn_tree_alone(&a->limits, 0);
	json_t *json = json_pack("{ss ss ss}", "network", a->network, "port", a->port, "state",
				 *a->why.text ? "refused" : "on");
	struct figures f;

	if (*a->why.text) {
		json_object_set_new(json, "why", json_string(a->why.text));
		return json;
	}
	if (a->limits.shaper.rate > 0)
		json_object_set_new(json, "shaper_bps", json_real(class.ceil * 8.0));
	read_figures(t, a->ifindex, &f);
	put_counters(json, &f, XN_TREE_ARRIVAL | 1);
	free_figures(&f);
	if (a->limits.limiter.rate > 0)
		put_limiter(json, t, a->ifindex, XN_TREE_ARRIVAL, &a->limits.limiter);
	return json;
}

/* --- all --- */

json_t *xn_trees_show(struct xn_trees *t, const char *network, const char *link, struct xn_err *err)
{
	const struct xn_state *s = t->daemon->state;
	json_t *links = json_array(), *arrivals = json_array();

	if (*network && xn_state_net(s, network) < 0) {
		xn_err_set(err, "network %s: no such network", network);
		goto not_found;
	}
	if (*link && xn_state_link(s, link) < 0) {
		xn_err_set(err, "link %s: no such link", link);
		goto not_found;
	}
	for (size_t i = 0; i < s->n_links; i++) {
		const struct xn_tree *tree = tree_named(t, s->links[i].def->name);

		if (tree && matches(link, tree->link))
			json_array_append_new(links, link_json(t, tree, network));
	}
	for (const struct xn_arrival *a = t->arrivals; a && !*link; a = a->next)
		if (matches(network, a->network))
			json_array_append_new(arrivals, arrival_json(t, a));
	return json_pack("{so so}", "links", links, "arrivals", arrivals);

not_found:
	json_decref(links);
	json_decref(arrivals);
	return NULL;
}
