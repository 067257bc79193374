/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the provider's QoS share: one device's tree (tree_build.c), all of them (trees.c). */
#ifndef XN_DAEMON_TREE_IMPL_H
#define XN_DAEMON_TREE_IMPL_H

#include <linux/pkt_sched.h>
#include <net/if.h>
#include <systemd/sd-event.h>

#include "core/tree.h"
#include "daemon/daemon.h"
#include "daemon/former.h"
#include "daemon/qdisc.h"
#include "daemon/tree.h"

/* Ours. A device has one or the other: a link is nobody's vif. */
#define XN_TREE_LINK	0x7f000000u
#define XN_TREE_ARRIVAL 0x7f010000u

/* Minors of XN_TREE_LINK. */
#define XN_TREE_WIRE	 0x1
#define XN_TREE_CAPACITY 0x2
#define XN_TREE_HOST	 0x3

/*
 * Networks have sixteen minors each, by their id in the module, of which these are used. Their low bits are all
 * above 7: what looks at the low bits of skb->priority further down (pfifo_fast of a VLAN's lower device, say) has
 * them all for the same, normal priority.
 */
#define XN_TREE_IDS	4096
#define XN_TREE_PLAIN	0x8 /* where packets go, and wait */
#define XN_TREE_LIMITED 0x9 /* with a limiter: where packets go; its filter sends them on .. */
#define XN_TREE_INNER	0xa /* .. to where they wait */

/* A network's part of a tree. */
struct xn_branch {
	char network[XNETMAN_NAME_MAX + 1];
	uint32_t id;	   /* in the module */
	bool wanted;	   /* in this update */
	uint32_t priority; /* that the module gives its packets now */

	bool there; /* in the kernel; so is what follows, unless the tree was just adopted */
	bool limited;
	bool both; /* of an adopted one: it was just being changed to or from that */
	struct xn_tree_class class;
	struct xn_limiter limiter;

	bool told; /* of @leaf */
	struct xn_leaf leaf;
};

/* A class that packets come to no more: it goes when it is empty, or at the latest at @deadline. */
struct xn_retired {
	uint32_t id;
	bool limited;
	uint64_t deadline; /* ns */
	struct xn_retired *next;
};

enum xn_tree_state {
	XN_TREE_NONE,
	XN_TREE_THERE,
	XN_TREE_REFUSED, /* something of others is there: @why */
};

/* Of a link. */
struct xn_tree {
	char link[IFNAMSIZ];
	uint32_t ifindex; /* 0: none in the kernel */
	enum xn_tree_state state;
	struct xn_err why;
	bool displaced; /* somebody put something else in its place */
	bool adopted;	/* a former xnetmand made it: what its classes are is not known yet */
	struct xn_tree_link figures;
	struct xn_branch *branches[XN_TREE_IDS]; /* by id - 1 */
	struct xn_retired *retired;
	struct xn_tree *next;
};

/* Of a port. */
struct xn_arrival {
	uint32_t ifindex;
	char network[XNETMAN_NAME_MAX + 1];
	char port[IFNAMSIZ];
	bool wanted;
	bool known; /* @limits are what the kernel has */
	struct xn_limits limits;
	struct xn_err why; /* it could not be made; "" if it is there */
	struct xn_arrival *next;
};

/* Root qdisc of a device. */
struct xn_root {
	uint32_t ifindex;
	uint32_t handle; /* 0: the kernel's own choice */
	char kind[IFNAMSIZ];
	bool operated; /* below it is a tree of an operator: perhaps of a former xnetmand */
};

struct xn_trees {
	struct xn_daemon *daemon;
	struct xn_qdiscs *qdiscs;
	struct xn_netreq *netreq; /* for what was there before */
	struct xn_tree *first;
	struct xn_arrival *arrivals;
	char **operators; /* networks whose operator wants leaves */
	size_t n_operators;
	xn_leaf_fn changed;
	void *arg;
	sd_event_source *work;	/* an update that was poked for */
	sd_event_source *later; /* looks at retired classes */

	bool updating;
	struct xn_root *roots; /* of this update */
	size_t n_roots, max_roots;
	uint32_t *leaves; /* classids that have a visible qdisc, on links; of this update */
	size_t n_leaves, max_leaves;
	struct xnetman_priority *priorities; /* to be told to the module */
	size_t n_priorities, max_priorities;
};

static inline uint32_t xn_branch_minor(uint32_t id, uint32_t which)
{
	return (id - 1) << 4 | which;
}

/* classid that the module gives to packets of a branch, and the one where they wait. */
static inline uint32_t xn_branch_entry(uint32_t id, bool limited)
{
	return XN_TREE_LINK | xn_branch_minor(id, limited ? XN_TREE_LIMITED : XN_TREE_PLAIN);
}

static inline uint32_t xn_branch_leaf(uint32_t id, bool limited)
{
	return XN_TREE_LINK | xn_branch_minor(id, limited ? XN_TREE_INNER : XN_TREE_PLAIN);
}

/* --- tree_build.c --- */

/* What one link is to have: its figures, and the branches that are wanted. */
/* Classes of a former xnetmand that no packet is given any more. */
void xn_tree_retire_other(struct xn_trees *trees, struct xn_tree *tree, struct xn_branch *branch);

int xn_tree_build(struct xn_trees *trees, struct xn_tree *tree, const struct xn_tree_link *figures,
		  size_t link, struct xn_err *err);

/* Back to what was there before, or what the kernel has there by itself. */
void xn_tree_remove(struct xn_trees *trees, struct xn_tree *tree);

/* Retired classes that are empty go. Return: are there more? */
bool xn_tree_reap(struct xn_trees *trees, struct xn_tree *tree);

/* It is not there any more, or not of our concern: its leaves are gone. */
void xn_tree_forget(struct xn_trees *trees, struct xn_tree *tree);
void xn_tree_free(struct xn_trees *trees, struct xn_tree *tree);

/* The same for a device's qdisc alone. */
void xn_tree_put_back(struct xn_trees *trees, uint32_t ifindex, const char *device);

/* --- trees.c --- */

static inline struct xn_former xn_tree_former(const struct xn_trees *trees, uint32_t ifindex,
					      const char *device)
{
	return (struct xn_former){ trees->daemon->options.state, ifindex, device };
}

/* The module is to give packets of the network on the link this priority, from the next flush on. */
void xn_trees_priority(struct xn_trees *trees, uint32_t id, uint32_t ifindex, uint32_t priority);
int xn_trees_flush_priorities(struct xn_trees *trees, struct xn_err *err);

void xn_trees_tell(struct xn_trees *trees, const struct xn_tree *tree, struct xn_branch *branch,
		   bool there);

/* --- arrival.c --- */

/* Shapers and limiters on vifs, as the definitions say. Return: 0, or -errno with @err of the first that failed. */
int xn_arrivals_update(struct xn_trees *trees, struct xn_err *err);
void xn_arrivals_free(struct xn_trees *trees);

/* What is at the root of a device; NULL: not known. */
const struct xn_root *xn_trees_root(const struct xn_trees *trees, uint32_t ifindex);

#endif
