// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each update looks at what qdiscs there are and what priorities the module gives, and changes what differs from
 * the definitions. So what others removed comes back, and what a former xnetmand left is taken over.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/majors.h"
#include "daemon/module.h"
#include "daemon/tree_impl.h"

#define HEADER	  18 /* Ethernet with a VLAN tag, bytes */
#define FRAME_MIN 1518
#define FRAME_MAX 65535

/* Room for one more. Return: NULL without memory. */
static void *grow(void *table, size_t n, size_t *max, size_t size)
{
	size_t more = *max ? 2 * *max : 64;

	if (n < *max)
		return table;
	table = reallocarray(table, more, size);
	if (table)
		*max = more;
	return table;
}

/* --- what there is --- */

static void note_operator(struct xn_trees *t, const struct xn_qdisc_record *record)
{
	uint32_t major = record->handle >> 16;

	for (size_t i = 0; i < t->n_roots; i++)
		if (t->roots[i].ifindex == record->ifindex && major >= XN_MAJOR_FIRST &&
		    major <= XN_MAJOR_LAST)
			t->roots[i].operated = true;
}

static void note_qdisc(const struct xn_qdisc_record *record, void *arg)
{
	struct xn_trees *t = arg;
	struct xn_root *roots;
	uint32_t *leaves;

	if (record->parent == TC_H_ROOT) {
		roots = grow(t->roots, t->n_roots, &t->max_roots, sizeof(*roots));
		if (!roots)
			return;
		t->roots = roots;
		roots[t->n_roots] = (struct xn_root){ record->ifindex, record->handle };
		snprintf(roots[t->n_roots++].kind, IFNAMSIZ, "%s",
			 record->kind ? record->kind : "");
	} else if (TC_H_MAJ(record->parent) == XN_TREE_LINK) {
		leaves = grow(t->leaves, t->n_leaves, &t->max_leaves, sizeof(*leaves));
		if (!leaves)
			return;
		t->leaves = leaves;
		leaves[t->n_leaves++] = record->parent;
		note_operator(t, record);
	}
}

const struct xn_root *xn_trees_root(const struct xn_trees *t, uint32_t ifindex)
{
	for (size_t i = 0; i < t->n_roots; i++)
		if (t->roots[i].ifindex == ifindex)
			return &t->roots[i];
	return NULL;
}

static struct xn_tree *tree_at(const struct xn_trees *t, uint32_t ifindex)
{
	for (struct xn_tree *tree = t->first; tree; tree = tree->next)
		if (tree->ifindex == ifindex)
			return tree;
	return NULL;
}

/* A share that was made anew gives none. */
static void note_share(const struct xn_record *record, void *arg)
{
	struct xn_tree *tree;

	if (record->kind != XNETMAN_KIND_SHARE || record->net_id > XN_TREE_IDS)
		return;
	tree = tree_at(arg, record->ifindex);
	if (tree && tree->branches[record->net_id - 1])
		tree->branches[record->net_id - 1]->priority = record->priority;
}

static int look(struct xn_trees *t, struct xn_err *err)
{
	int rc;

	t->n_roots = t->n_leaves = 0;
	rc = xn_qdiscs_all(t->qdiscs, note_qdisc, t);
	if (rc) {
		xn_err_set(err, "reading qdiscs: %s", strerror(-rc));
		return rc;
	}
	return t->first ? xn_kernel_counters(t->daemon->kernel, NULL, note_share, t, err) : 0;
}

/* --- priorities in the module --- */

void xn_trees_priority(struct xn_trees *t, uint32_t id, uint32_t ifindex, uint32_t priority)
{
	struct xnetman_priority *all =
		grow(t->priorities, t->n_priorities, &t->max_priorities, sizeof(*all));

	if (!all) {
		xn_log(SD_ERR, "no memory for the priority of network %u", id);
		return;
	}
	t->priorities = all;
	all[t->n_priorities++] = (struct xnetman_priority){ id, ifindex, priority };
}

int xn_trees_flush_priorities(struct xn_trees *t, struct xn_err *err)
{
	size_t n = t->n_priorities;

	t->n_priorities = 0;
	return t->daemon->kernel
		       ? xn_kernel_set_priorities(t->daemon->kernel, t->priorities, n, err)
		       : 0;
}

/* --- one link --- */

static bool operated(const struct xn_trees *t, const char *network)
{
	for (size_t i = 0; i < t->n_operators; i++)
		if (!strcmp(t->operators[i], network))
			return true;
	return false;
}

/* Does any network want more than a share of the link? */
static bool needed(const struct xn_trees *t, const struct xn_link_def *link,
		   const struct xn_root *root)
{
	const struct xn_state *s = t->daemon->state;

	if (link->qos != XN_QOS_AUTO)
		return link->qos == XN_QOS_ON;
	if (root && root->operated) /* until its guest has told what there is to be */
		return true;
	for (size_t n = 0; n < s->n_nets; n++) {
		const struct xn_definition *def = s->nets[n].def;

		if (xn_definition_priority(def, link->name) ||
		    xn_definition_limits(def, link->name) || operated(t, def->name))
			return true;
	}
	return false;
}

/* A number from sysfs. Return: -1: there is none. */
static long read_number(const char *device, const char *file)
{
	char path[256], text[32] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), XN_SYSFS_NET "/%s/%s", device, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? strtol(text, NULL, 10) : -1;
}

/* Virtual devices tell speeds that nothing keeps to. */
static double speed_of(const char *device)
{
	char path[256];
	long mbit;

	snprintf(path, sizeof(path), XN_SYSFS_NET "/%s/device", device);
	if (access(path, F_OK))
		return 0;
	mbit = read_number(device, "speed");
	return mbit > 0 ? mbit * 1e6 : 0;
}

static struct xn_tree_link figures_of(const struct xn_state *s, size_t link)
{
	const char *name = s->links[link].def->name;
	long frame = read_number(name, "mtu") + HEADER;
	size_t networks = 0;
	struct xn_tree_link figures = {
		.capacity = s->links[link].def->capacity,
		.speed = speed_of(name),
		.frame = frame < FRAME_MIN   ? FRAME_MIN
			 : frame > FRAME_MAX ? FRAME_MAX
					     : frame,
	};

	for (size_t n = 0; n < s->n_nets; n++) {
		figures.sold += xn_sla_guarantee(&xn_state_share(s, link, n)->sla);
		networks += !!s->nets[n].id;
	}
	/* so that one network more does not change the classes of all */
	figures.networks = 4;
	while (figures.networks < networks)
		figures.networks *= 2;
	return figures;
}

/* Whose classes a former xnetmand's are, their ids say; what they are is said anew. */
static void note_class(const struct xn_qdisc_record *record, void *arg)
{
	struct xn_tree *tree = arg;
	uint32_t slot = (record->handle & 0xffff) >> 4, which = record->handle & 0xf;
	struct xn_branch *branch;

	if (which != XN_TREE_PLAIN && which != XN_TREE_LIMITED)
		return;
	branch = tree->branches[slot] ? tree->branches[slot] : calloc(1, sizeof(*branch));
	if (!branch)
		return;
	tree->branches[slot] = branch;
	branch->id = slot + 1;
	branch->both = branch->there && branch->limited != (which == XN_TREE_LIMITED);
	branch->there = true;
	branch->limited = which == XN_TREE_LIMITED;
}

static void adopt(struct xn_trees *t, struct xn_tree *tree)
{
	struct xn_err err;

	tree->state = XN_TREE_THERE;
	tree->adopted = true;
	xn_qdiscs_classes(t->qdiscs, tree->ifindex, note_class, tree);
	if (xn_kernel_counters(t->daemon->kernel, NULL, note_share, t, &err))
		xn_log(SD_WARNING, "link %s: %s", tree->link, err.text);
	for (size_t i = 0; i < XN_TREE_IDS; i++)
		if (tree->branches[i])
			xn_tree_retire_other(t, tree, tree->branches[i]);
}

/* Of a link that was refused before, a person was told already: 1. */
static int refuse(struct xn_tree *tree, const struct xn_root *root, const char *why,
		  struct xn_err *err)
{
	bool told = tree->state == XN_TREE_REFUSED;

	tree->state = XN_TREE_REFUSED;
	xn_err_set(
		&tree->why,
		"link %s: somebody's qdisc %s %x: is at its root, and %s: remove it (tc qdisc del "
		"dev %s root), or write qos: off for the link in xnetman.yaml",
		tree->link, root->kind, root->handle >> 16, why, tree->link);
	*err = tree->why;
	return told ? 1 : -EINVAL;
}

/*
 * What is at the root is to come back when the tree goes. @root: NULL: there is nothing. Return: 0: there can be a tree,
 * 1: not, and that was told before, or -errno with @err.
 */
static int keep_former(struct xn_trees *t, struct xn_tree *tree, const struct xn_root *root,
		       struct xn_err *err)
{
	struct xn_former former = xn_tree_former(t, tree->ifindex, tree->link);
	struct xn_err why;

	if (!root || !root->handle) {
		tree->displaced = false;
		xn_former_forget(&former);
		return 0;
	}
	if (tree->displaced)
		return refuse(tree, root, "has taken the place of the tree", err);
	if (xn_former_save(t->netreq, &former, &why))
		return refuse(tree, root, why.text, err);
	return 0;
}

static struct xn_tree *tree_of(struct xn_trees *t, const char *link)
{
	struct xn_tree *tree;

	for (tree = t->first; tree; tree = tree->next)
		if (!strcmp(tree->link, link))
			return tree;
	tree = calloc(1, sizeof(*tree));
	if (!tree)
		return NULL;
	snprintf(tree->link, sizeof(tree->link), "%s", link);
	tree->next = t->first;
	t->first = tree;
	return tree;
}

static int update_link(struct xn_trees *t, size_t link, struct xn_err *err)
{
	const struct xn_link *at = &t->daemon->state->links[link];
	const struct xn_root *root = xn_trees_root(t, at->ifindex);
	struct xn_tree *tree = tree_of(t, at->def->name);
	bool ours = root && root->handle == XN_TREE_LINK && !strcmp(root->kind, "htb");
	struct xn_tree_link figures;
	int rc;

	if (!tree) {
		xn_err_set(err, "link %s: no memory", at->def->name);
		return -ENOMEM;
	}
	if (tree->ifindex != at->ifindex)
		tree->displaced = false;
	else if (tree->state == XN_TREE_THERE && !ours)
		tree->displaced = true;
	if (tree->ifindex != at->ifindex || (tree->state == XN_TREE_THERE && !ours))
		xn_tree_forget(t, tree);
	tree->ifindex = at->ifindex;
	if (!at->ifindex)
		return 0;
	if (ours && tree->state != XN_TREE_THERE)
		adopt(t, tree);
	if (!needed(t, at->def, root)) {
		if (ours)
			xn_tree_remove(t, tree);
		xn_tree_forget(t, tree);
		return 0;
	}
	rc = ours ? 0 : keep_former(t, tree, root, err);
	if (rc)
		return rc < 0 ? rc : 0;
	figures = figures_of(t->daemon->state, link);
	return xn_tree_build(t, tree, &figures, link, err);
}

/* --- all --- */

/* While the module still has them as links it holds their packets. */
void xn_trees_release(struct xn_trees *t)
{
	struct xn_tree **at = t ? &t->first : NULL;

	while (t && *at) {
		struct xn_tree *tree = *at;

		if (xn_state_link(t->daemon->state, tree->link) >= 0) {
			at = &tree->next;
			continue;
		}
		*at = tree->next;
		if (tree->state == XN_TREE_THERE &&
		    xn_devices_at(t->daemon->devices, tree->ifindex))
			xn_tree_remove(t, tree);
		xn_tree_free(t, tree);
	}
}

static void put_back_stray(struct xn_trees *t, uint32_t ifindex)
{
	const struct xn_device *device = xn_devices_at(t->daemon->devices, ifindex);

	if (device)
		xn_tree_put_back(t, ifindex, device->name);
}

/* What a former xnetmand left on devices that are no links any more. */
static void remove_strays(struct xn_trees *t)
{
	for (size_t i = 0; i < t->n_roots; i++)
		if (t->roots[i].handle == XN_TREE_LINK && !tree_at(t, t->roots[i].ifindex))
			put_back_stray(t, t->roots[i].ifindex);
}

/* The first error is told, all are logged. */
static void note(int rc, const struct xn_err *what, int *first, struct xn_err *err)
{
	if (!rc)
		return;
	xn_log(SD_WARNING, "%s", what->text);
	if (*first)
		return;
	*first = rc;
	*err = *what;
}

static int update(struct xn_trees *t, struct xn_err *err)
{
	const struct xn_state *s = t->daemon->state;
	struct xn_err what;
	int rc, first = 0;

	xn_trees_release(t);
	rc = look(t, err);
	if (rc)
		return xn_module_gone(t->daemon, rc) ? 0 : rc;
	for (size_t i = 0; i < s->n_links && t->daemon->kernel; i++)
		note(update_link(t, i, &what), &what, &first, err);
	remove_strays(t);
	rc = xn_arrivals_update(t, &what); /* logged there */
	if (rc && !first) {
		first = rc;
		*err = what;
	}
	note(xn_qdiscs_flush(t->qdiscs, &what), &what, &first, err);
	return first;
}

/* A listener that is told of a leaf may ask for another update: that has to wait. */
int xn_trees_update(struct xn_trees *t, struct xn_err *err)
{
	int rc = 0;

	if (!t || !t->daemon->kernel)
		return 0;
	if (t->updating) {
		xn_trees_poke(t);
		return 0;
	}
	t->updating = true;
	rc = update(t, err);
	t->updating = false;
	return rc;
}

void xn_trees_poke(struct xn_trees *t)
{
	if (t)
		sd_event_source_set_enabled(t->work, SD_EVENT_ONESHOT);
}

static int on_work(sd_event_source *source, void *arg)
{
	struct xn_err err;

	(void)source;
	xn_trees_update(arg, &err); /* logged there */
	return 0;
}

static int on_later(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_trees *t = arg;
	bool more = false;

	(void)usec;
	for (struct xn_tree *tree = t->first; tree; tree = tree->next)
		more |= xn_tree_reap(t, tree);
	if (more) {
		sd_event_source_set_time_relative(source, 20000);
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	}
	return 0;
}

/* --- for the operator --- */

void xn_trees_tell(struct xn_trees *t, const struct xn_tree *tree, struct xn_branch *branch,
		   bool there)
{
	bool told = branch->told;

	branch->told = there;
	if (t->changed && (there || told))
		t->changed(branch->network, tree->link, there ? &branch->leaf : NULL, t->arg);
}

void xn_trees_follow(struct xn_trees *t, xn_leaf_fn changed, void *arg)
{
	t->changed = changed;
	t->arg = arg;
	for (struct xn_tree *tree = t->first; tree; tree = tree->next)
		for (size_t i = 0; i < XN_TREE_IDS; i++)
			if (tree->branches[i] && tree->branches[i]->told)
				changed(tree->branches[i]->network, tree->link,
					&tree->branches[i]->leaf, arg);
}

static struct xn_branch *find_branch(const struct xn_trees *t, const char *network,
				     const char *link)
{
	long net = xn_state_net(t->daemon->state, network);
	uint32_t id = net < 0 ? 0 : t->daemon->state->nets[net].id;

	if (!id || id > XN_TREE_IDS)
		return NULL;
	for (struct xn_tree *tree = t->first; tree; tree = tree->next)
		if (!strcmp(tree->link, link) && tree->state == XN_TREE_THERE)
			return tree->branches[id - 1];
	return NULL;
}

int xn_trees_leaf(const struct xn_trees *t, const char *network, const char *link,
		  struct xn_leaf *leaf)
{
	const struct xn_branch *branch = find_branch(t, network, link);

	if (!branch || !branch->told)
		return -ENOENT;
	*leaf = branch->leaf;
	return 0;
}

static int add_operator(struct xn_trees *t, const char *network)
{
	char **more = reallocarray(t->operators, t->n_operators + 1, sizeof(*more));
	char *copy = strdup(network);

	if (more)
		t->operators = more;
	if (!more || !copy) {
		free(copy);
		return -ENOMEM;
	}
	more[t->n_operators++] = copy;
	return 0;
}

static void remove_operator(struct xn_trees *t, const char *network)
{
	for (size_t i = 0; i < t->n_operators; i++) {
		if (strcmp(t->operators[i], network))
			continue;
		free(t->operators[i]);
		t->operators[i] = t->operators[--t->n_operators];
		return;
	}
}

int xn_trees_want(struct xn_trees *t, const char *network, bool want, struct xn_err *err)
{
	if (operated(t, network) == want)
		return 0;
	if (!want)
		remove_operator(t, network);
	else if (add_operator(t, network)) {
		xn_err_set(err, "network %s: no memory", network);
		return -ENOMEM;
	}
	return xn_trees_update(t, err);
}

int xn_trees_reset_leaf(struct xn_trees *t, const char *network, const char *link,
			struct xn_err *err)
{
	const struct xn_branch *branch = find_branch(t, network, link);

	if (!branch)
		return 0;
	xn_qdiscs_put_queue(t->qdiscs, branch->leaf.ifindex, branch->leaf.parent,
			    branch->class.limit);
	return xn_qdiscs_flush(t->qdiscs, err);
}

/* --- start and end --- */

struct xn_trees *xn_trees_open(struct xn_daemon *d, struct xn_err *err)
{
	struct xn_trees *t = calloc(1, sizeof(*t));
	int rc;

	if (!t) {
		xn_err_set(err, "trees: no memory");
		return NULL;
	}
	t->daemon = d;
	t->qdiscs = xn_qdiscs_open(err);
	t->netreq = t->qdiscs ? xn_netreq_open(err) : NULL;
	if (!t->netreq)
		goto err_trees;
	rc = sd_event_add_defer(d->event, &t->work, on_work, t);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(t->work, SD_EVENT_OFF);
	if (rc >= 0)
		rc = sd_event_add_time_relative(d->event, &t->later, CLOCK_MONOTONIC, 0, 1000,
						on_later, t);
	if (rc >= 0)
		return t;
	xn_err_set(err, "trees: %s", strerror(-rc));
err_trees:
	xn_trees_close(t);
	return NULL;
}

void xn_trees_close(struct xn_trees *t)
{
	if (!t)
		return;
	t->changed = NULL;
	while (t->first) {
		struct xn_tree *tree = t->first;

		t->first = tree->next;
		xn_tree_free(t, tree);
	}
	xn_arrivals_free(t);
	for (size_t i = 0; i < t->n_operators; i++)
		free(t->operators[i]);
	sd_event_source_disable_unref(t->work);
	sd_event_source_disable_unref(t->later);
	xn_qdiscs_close(t->qdiscs);
	xn_netreq_close(t->netreq);
	free(t->operators);
	free(t->roots);
	free(t->leaves);
	free(t->priorities);
	free(t);
}
