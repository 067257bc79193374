// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A tree is made beside the traffic: packets get their classes first, which mean nothing to the qdisc that is there;
 * then the tree takes its place. An HTB lets pass at once what it has no class for, and the class for the rest,
 * Dom0's, is made last: until then nothing waits, so nothing overtakes. What is there already is changed in place.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/tree_impl.h"

#define DRAIN_MOST  (XN_NS / 5)
#define RETIRE_MOST (2 * XN_NS) /* a queue that does not empty by then is not served */

static uint32_t minor(uint32_t which)
{
	return XN_TREE_LINK | which;
}

static bool same_class(const struct xn_tree_class *a, const struct xn_tree_class *b)
{
	return a->rate == b->rate && a->ceil == b->ceil && a->burst == b->burst &&
	       a->cburst == b->cburst && a->quantum == b->quantum && a->prio == b->prio;
}

static bool same_figures(const struct xn_tree_link *a, const struct xn_tree_link *b)
{
	return a->capacity == b->capacity && a->speed == b->speed && a->frame == b->frame &&
	       a->sold == b->sold && a->networks == b->networks;
}

/* --- classes that are left --- */

static void retire(struct xn_trees *t, struct xn_tree *tree, const struct xn_branch *branch)
{
	struct xn_retired *retired = calloc(1, sizeof(*retired));

	if (!retired) {
		xn_log(SD_ERR, "link %s: no memory", tree->link);
		return;
	}
	retired->id = branch->id;
	retired->limited = branch->limited;
	retired->deadline = xn_now() + RETIRE_MOST;
	retired->next = tree->retired;
	tree->retired = retired;
	sd_event_source_set_time_relative(t->later, 20000);
	sd_event_source_set_enabled(t->later, SD_EVENT_ONESHOT);
}

void xn_tree_retire_other(struct xn_trees *t, struct xn_tree *tree, struct xn_branch *branch)
{
	struct xn_branch other = *branch;

	if (!branch->both)
		return;
	branch->both = false;
	branch->limited = branch->priority == xn_branch_entry(branch->id, true);
	other.limited = !branch->limited;
	retire(t, tree, &other);
}

static void drop_classes(struct xn_trees *t, const struct xn_tree *tree, uint32_t id, bool limited)
{
	uint32_t entry = xn_branch_entry(id, limited);

	if (limited) {
		xn_qdiscs_drop_limiter(t->qdiscs, tree->ifindex, entry);
		xn_qdiscs_drop_class(t->qdiscs, tree->ifindex, xn_branch_leaf(id, limited));
	}
	xn_qdiscs_drop_class(t->qdiscs, tree->ifindex, entry);
}

/* What waits in the classes of a tree whose branches are retired. */
struct waiting {
	const struct xn_tree *tree;
	uint32_t empty[64]; /* leaves where nothing does, as many as fit */
	size_t n;
};

static void note_empty(const struct xn_qdisc_record *record, void *arg)
{
	struct waiting *waiting = arg;

	for (struct xn_retired *r = waiting->tree->retired; r; r = r->next)
		if (record->handle == xn_branch_leaf(r->id, r->limited) &&
		    !record->backlog_packets &&
		    waiting->n < sizeof(waiting->empty) / sizeof(waiting->empty[0]))
			waiting->empty[waiting->n++] = record->handle;
}

static bool is_over(const struct waiting *waiting, const struct xn_retired *r, uint64_t now)
{
	if (now >= r->deadline)
		return true;
	for (size_t i = 0; i < waiting->n; i++)
		if (waiting->empty[i] == xn_branch_leaf(r->id, r->limited))
			return true;
	return false;
}

bool xn_tree_reap(struct xn_trees *t, struct xn_tree *tree)
{
	struct waiting waiting = { .tree = tree };
	struct xn_retired **at = &tree->retired;
	uint64_t now = xn_now();
	struct xn_err err;

	if (!tree->retired)
		return false;
	xn_qdiscs_classes(t->qdiscs, tree->ifindex, note_empty, &waiting);
	while (*at) {
		struct xn_retired *r = *at;

		if (!is_over(&waiting, r, now)) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		drop_classes(t, tree, r->id, r->limited);
		free(r);
	}
	if (xn_qdiscs_flush(t->qdiscs, &err))
		xn_log(SD_WARNING, "link %s: %s", tree->link, err.text);
	return tree->retired;
}

/* Classes that are wanted again are not left any more. */
static void revive(struct xn_trees *t, struct xn_tree *tree, uint32_t id, bool limited)
{
	for (struct xn_retired **at = &tree->retired; *at; at = &(*at)->next) {
		struct xn_retired *r = *at;

		if (r->id != id || r->limited != limited)
			continue;
		drop_classes(t, tree, id, limited);
		*at = r->next;
		free(r);
		return;
	}
}

/* --- branches --- */

static void free_branch(struct xn_trees *t, struct xn_tree *tree, uint32_t id)
{
	struct xn_branch *branch = tree->branches[id - 1];

	xn_trees_tell(t, tree, branch, false);
	free(branch);
	tree->branches[id - 1] = NULL;
}

static void drop_branch(struct xn_trees *t, struct xn_tree *tree, uint32_t id)
{
	struct xn_branch *branch = tree->branches[id - 1];

	if (branch->there)
		drop_classes(t, tree, id, branch->limited);
	free_branch(t, tree, id);
}

/* The kernel's ids are the module's; if it was loaded anew another network may have one now. */
static struct xn_branch *branch_of(struct xn_trees *t, struct xn_tree *tree,
				   const struct xn_net *net)
{
	struct xn_branch *branch = tree->branches[net->id - 1];

	if (branch && *branch->network && strcmp(branch->network, net->def->name)) {
		drop_branch(t, tree, net->id);
		branch = NULL;
	}
	if (!branch)
		branch = calloc(1, sizeof(*branch));
	if (!branch)
		return NULL;
	tree->branches[net->id - 1] = branch;
	branch->id = net->id;
	snprintf(branch->network, sizeof(branch->network), "%s", net->def->name);
	return branch;
}

static void put_classes(struct xn_trees *t, const struct xn_tree *tree, const struct xn_branch *b)
{
	uint32_t entry = xn_branch_entry(b->id, b->limited);

	xn_qdiscs_put_class(t->qdiscs, tree->ifindex, entry, minor(XN_TREE_CAPACITY), &b->class);
	if (b->limited)
		xn_qdiscs_put_class(t->qdiscs, tree->ifindex, xn_branch_leaf(b->id, true), entry,
				    &b->class);
}

static void put_limiter(struct xn_trees *t, const struct xn_tree *tree, const struct xn_branch *b)
{
	xn_qdiscs_put_limiter(t->qdiscs, tree->ifindex, xn_branch_entry(b->id, true),
			      xn_branch_leaf(b->id, true), &b->limiter);
}

/* A former xnetmand, or the operator, may have put a qdisc there already. */
static bool has_queue(const struct xn_trees *t, uint32_t classid)
{
	for (size_t i = 0; i < t->n_leaves; i++)
		if (t->leaves[i] == classid)
			return true;
	return false;
}

static void make_branch(struct xn_trees *t, struct xn_tree *tree, struct xn_branch *b)
{
	revive(t, tree, b->id, b->limited);
	put_classes(t, tree, b);
	xn_qdiscs_put_queue(t->qdiscs, tree->ifindex, xn_branch_leaf(b->id, b->limited),
			    b->class.limit);
	if (b->limited)
		put_limiter(t, tree, b);
	b->there = true;
}

static void adopt_branch(struct xn_trees *t, struct xn_tree *tree, struct xn_branch *b)
{
	uint32_t leaf = xn_branch_leaf(b->id, b->limited);

	put_classes(t, tree, b);
	if (has_queue(t, leaf))
		xn_qdiscs_set_queue(t->qdiscs, tree->ifindex, leaf, b->class.limit);
	else
		xn_qdiscs_put_queue(t->qdiscs, tree->ifindex, leaf, b->class.limit);
	if (b->limited)
		put_limiter(t, tree, b);
}

static void change_branch(struct xn_trees *t, struct xn_tree *tree, struct xn_branch *b,
			  const struct xn_branch *was)
{
	if (!same_class(&b->class, &was->class))
		put_classes(t, tree, b);
	if (b->class.limit != was->class.limit)
		xn_qdiscs_set_queue(t->qdiscs, tree->ifindex, xn_branch_leaf(b->id, b->limited),
				    b->class.limit);
	if (b->limited && memcmp(&b->limiter, &was->limiter, sizeof(b->limiter)))
		put_limiter(t, tree, b);
}

static void tell_leaf(struct xn_trees *t, const struct xn_tree *tree, struct xn_branch *b,
		      double guarantee)
{
	struct xn_leaf leaf = {
		.ifindex = tree->ifindex,
		.parent = xn_branch_leaf(b->id, b->limited),
		.rate = b->class.ceil * 8,
		.guaranteed = guarantee,
	};

	if (b->told && !memcmp(&leaf, &b->leaf, sizeof(leaf)))
		return;
	b->leaf = leaf;
	xn_trees_tell(t, tree, b, true);
}

static void update_branch(struct xn_trees *t, struct xn_tree *tree, struct xn_branch *b,
			  const struct xn_tree_want *want)
{
	struct xn_branch was = *b;

	b->class = xn_tree_network(&tree->figures, want);
	b->limiter = want->limits ? want->limits->limiter : (struct xn_limiter){ 0 };
	b->limited = b->limiter.rate > 0;
	if (was.there && was.limited != b->limited) {
		retire(t, tree, &was);
		b->there = false;
	}
	if (!b->there)
		make_branch(t, tree, b);
	else if (tree->adopted)
		adopt_branch(t, tree, b);
	else
		change_branch(t, tree, b, &was);
}

/* --- exchanging a root qdisc --- */

struct backlog {
	uint32_t ifindex;
	uint64_t packets;
};

static void note_backlog(const struct xn_qdisc_record *record, void *arg)
{
	struct backlog *backlog = arg;

	if (record->ifindex == backlog->ifindex && record->parent == TC_H_ROOT)
		backlog->packets = record->backlog_packets;
}

/* A module that can't hold is no reason not to go on. */
void xn_trees_hold(struct xn_trees *t, uint32_t ifindex)
{
	struct backlog backlog = { .ifindex = ifindex };
	uint64_t end = xn_now() + DRAIN_MOST;
	struct xn_err err;

	if (!t || !t->daemon->kernel ||
	    xn_kernel_hold_link(t->daemon->kernel, ifindex, XNETMAN_HOLD_MAX_MS, &err))
		return;
	while (!xn_qdiscs_all(t->qdiscs, note_backlog, &backlog) && backlog.packets &&
	       xn_now() < end)
		usleep(500);
}

void xn_trees_let_go(struct xn_trees *t, uint32_t ifindex)
{
	struct xn_err err;

	if (t && t->daemon->kernel)
		xn_kernel_hold_link(t->daemon->kernel, ifindex, 0, &err);
}

/* --- the tree --- */

static struct xn_tree_want want_of(const struct xn_state *s, size_t link, size_t net)
{
	const struct xn_definition *def = s->nets[net].def;
	const char *name = s->links[link].def->name;

	return (struct xn_tree_want){
		.guarantee = xn_sla_guarantee(&xn_state_share(s, link, net)->sla),
		.priority = xn_definition_priority(def, name),
		.limits = xn_definition_limits(def, name),
	};
}

static bool has_branch(const struct xn_net *net)
{
	return net->id && net->id <= XN_TREE_IDS;
}

/*
 * Also when the tree is not there yet: then packets are told first, but those of limited networks (@plain), whose
 * class becomes an inner one only with its second message, and would lose what it had as a leaf.
 */
static void want_priorities(struct xn_trees *t, struct xn_tree *tree, size_t link, bool plain)
{
	const struct xn_state *s = t->daemon->state;

	for (size_t n = 0; n < s->n_nets; n++) {
		struct xn_tree_want want = want_of(s, link, n);
		struct xn_branch *b = has_branch(&s->nets[n]) ? tree->branches[s->nets[n].id - 1]
							      : NULL;
		bool limited = want.limits && want.limits->limiter.rate > 0;
		uint32_t entry;

		if (!b || (plain && limited))
			continue;
		entry = xn_branch_entry(b->id, limited);
		if (b->priority != entry)
			xn_trees_priority(t, b->id, tree->ifindex, entry);
		b->priority = entry;
	}
}

static int want_branches(struct xn_trees *t, struct xn_tree *tree)
{
	const struct xn_state *s = t->daemon->state;

	for (size_t i = 0; i < XN_TREE_IDS; i++)
		if (tree->branches[i])
			tree->branches[i]->wanted = false;
	for (size_t n = 0; n < s->n_nets; n++) {
		struct xn_branch *b;

		if (s->nets[n].id > XN_TREE_IDS)
			xn_log(SD_WARNING,
			       "network %s: its id in the module, %u, is above %u: it has no class "
			       "on %s",
			       s->nets[n].def->name, s->nets[n].id, XN_TREE_IDS, tree->link);
		if (!has_branch(&s->nets[n]))
			continue;
		b = branch_of(t, tree, &s->nets[n]);
		if (!b)
			return -ENOMEM;
		b->wanted = true;
	}
	return 0;
}

static void put_trunk(struct xn_trees *t, const struct xn_tree *tree)
{
	struct xn_tree_class wire = xn_tree_wire(&tree->figures);
	struct xn_tree_class capacity = xn_tree_capacity(&tree->figures);

	xn_qdiscs_put_class(t->qdiscs, tree->ifindex, minor(XN_TREE_WIRE), XN_TREE_LINK, &wire);
	xn_qdiscs_put_class(t->qdiscs, tree->ifindex, minor(XN_TREE_CAPACITY), minor(XN_TREE_WIRE),
			    &capacity);
}

static void put_host(struct xn_trees *t, const struct xn_tree *tree, bool there)
{
	struct xn_tree_class host = xn_tree_host(&tree->figures);

	xn_qdiscs_put_class(t->qdiscs, tree->ifindex, minor(XN_TREE_HOST), minor(XN_TREE_CAPACITY),
			    &host);
	if (there)
		xn_qdiscs_set_queue(t->qdiscs, tree->ifindex, minor(XN_TREE_HOST), host.limit);
	else
		xn_qdiscs_put_queue(t->qdiscs, tree->ifindex, minor(XN_TREE_HOST), host.limit);
}

static void put_branches(struct xn_trees *t, struct xn_tree *tree, size_t link)
{
	const struct xn_state *s = t->daemon->state;

	for (size_t n = 0; n < s->n_nets; n++) {
		struct xn_tree_want want = want_of(s, link, n);

		if (has_branch(&s->nets[n]))
			update_branch(t, tree, tree->branches[s->nets[n].id - 1], &want);
	}
	for (uint32_t id = 1; id <= XN_TREE_IDS; id++)
		if (tree->branches[id - 1] && !tree->branches[id - 1]->wanted)
			drop_branch(t, tree, id);
}

static void tell_leaves(struct xn_trees *t, struct xn_tree *tree, size_t link)
{
	const struct xn_state *s = t->daemon->state;

	for (size_t n = 0; n < s->n_nets; n++)
		if (has_branch(&s->nets[n]))
			tell_leaf(t, tree, tree->branches[s->nets[n].id - 1],
				  xn_sla_guarantee(&xn_state_share(s, link, n)->sla));
}

static int start(struct xn_trees *t, struct xn_tree *tree, size_t link, struct xn_err *err)
{
	int rc;

	want_priorities(t, tree, link, true);
	rc = xn_trees_flush_priorities(t, err);
	if (rc)
		return rc;
	xn_trees_hold(t, tree->ifindex);
	xn_qdiscs_put_root(t->qdiscs, tree->ifindex, XN_TREE_LINK, XN_TREE_HOST);
	rc = xn_qdiscs_flush(t->qdiscs, err);
	xn_trees_let_go(t, tree->ifindex);
	return rc;
}

/* Packets get their classes when these are there, and those of nobody's the last. */
static int finish(struct xn_trees *t, struct xn_tree *tree, size_t link, bool there,
		  struct xn_err *err)
{
	int rc;

	want_priorities(t, tree, link, false);
	rc = xn_trees_flush_priorities(t, err);
	if (rc)
		return rc;
	put_host(t, tree, there);
	return xn_qdiscs_flush(t->qdiscs, err);
}

int xn_tree_build(struct xn_trees *t, struct xn_tree *tree, const struct xn_tree_link *figures,
		  size_t link, struct xn_err *err)
{
	bool fresh = tree->state != XN_TREE_THERE, there = !fresh && !tree->adopted;
	int rc = want_branches(t, tree);

	if (rc)
		xn_err_set(err, "link %s: no memory", tree->link);
	else if (fresh)
		rc = start(t, tree, link, err);
	if (rc)
		return rc;
	if (!there || !same_figures(figures, &tree->figures)) {
		tree->figures = *figures;
		put_trunk(t, tree);
	}
	put_branches(t, tree, link);
	rc = xn_qdiscs_flush(t->qdiscs, err);
	tree->state = XN_TREE_THERE;
	tree->adopted = false;
	if (!rc)
		rc = finish(t, tree, link, there, err);
	if (rc && fresh)
		xn_tree_remove(t, tree);
	else
		tell_leaves(t, tree, link);
	return rc;
}

void xn_tree_forget(struct xn_trees *t, struct xn_tree *tree)
{
	for (uint32_t id = 1; id <= XN_TREE_IDS; id++)
		if (tree->branches[id - 1])
			free_branch(t, tree, id);
	while (tree->retired) {
		struct xn_retired *r = tree->retired;

		tree->retired = r->next;
		free(r);
	}
	tree->state = XN_TREE_NONE;
	tree->adopted = false;
}

void xn_tree_put_back(struct xn_trees *t, uint32_t ifindex, const char *device)
{
	struct xn_former former = xn_tree_former(t, ifindex, device);
	struct xn_err err;
	int rc = xn_former_restore(t->netreq, &former, &err);

	if (!rc)
		return;
	if (rc != -ENOENT)
		xn_log(SD_WARNING, "%s: %s: it has what the kernel gives it", device, err.text);
	xn_former_forget(&former);
	xn_qdiscs_drop_root(t->qdiscs, ifindex, XN_TREE_LINK);
	if (xn_qdiscs_flush(t->qdiscs, &err))
		xn_log(SD_WARNING, "%s: %s", device, err.text);
}

/* Classes of a tree that is not there any more mean nothing; but packets are to be as they would be without us. */
void xn_tree_remove(struct xn_trees *t, struct xn_tree *tree)
{
	struct xn_err err;

	xn_trees_hold(t, tree->ifindex);
	xn_tree_put_back(t, tree->ifindex, tree->link);
	xn_trees_let_go(t, tree->ifindex);
	for (uint32_t id = 1; id <= XN_TREE_IDS; id++)
		if (tree->branches[id - 1] && tree->branches[id - 1]->priority)
			xn_trees_priority(t, id, tree->ifindex, 0);
	if (xn_trees_flush_priorities(t, &err))
		xn_log(SD_WARNING, "link %s: %s", tree->link, err.text);
	xn_tree_forget(t, tree);
}

void xn_tree_free(struct xn_trees *t, struct xn_tree *tree)
{
	xn_tree_forget(t, tree);
	free(tree);
}
