/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of one operator on one link, below the network's leaf (daemon/tree.h). Between the two is a switch, a PRIO
 * with two bands of which packets go to one: the next tree is made in the other, where no packet comes, and put in
 * force by one change of the map. What waits in the tree before is still sent.
 */
#ifndef XN_DAEMON_OPERATOR_TREE_H
#define XN_DAEMON_OPERATOR_TREE_H

#include <net/if.h>
#include <stdbool.h>

#include "daemon/majors.h"
#include "daemon/operator_map.h"
#include "daemon/tree.h"

struct xn_operator_tree {
	struct xn_operator_tree *next;
	char link[IFNAMSIZ];
	struct xn_leaf leaf;		   /* ifindex 0: there is none */
	uint16_t switch_major;		   /* 0: not made yet */
	unsigned int band;		   /* in force: 0 or 1 */
	uint16_t majors[2][XN_QDISCS_MAX]; /* of the bands; 0: none */
	uint32_t interface;		   /* the operator's, whose tree is in force; 0: none is */
	uint64_t version;		   /* of what was told */
	bool prepared;			   /* the other band has the next tree */
	uint64_t drained; /* when the other band is to be emptied, ns; 0: it is empty */
};

/* What it needs besides. */
struct xn_operator_tools {
	struct xn_netreq *netreq;
	struct xn_majors *majors;
	uint32_t mark_mask;
};

/**
 * xn_operator_prepare() - make the tree of @told beside the one in force
 *
 * Return: 0, or -errno with @err and all as before.
 */
int xn_operator_prepare(const struct xn_operator_tools *tools, struct xn_operator_tree *tree,
			const struct xn_qos *told, struct xn_err *err);

/* Put it in force. Return: 0, or -errno with @err; then it was given up. */
int xn_operator_commit(const struct xn_operator_tools *tools, struct xn_operator_tree *tree,
		       struct xn_err *err);
void xn_operator_abort(const struct xn_operator_tools *tools, struct xn_operator_tree *tree);

/*
 * Change what is in force in place. Return: false: it has another shape, or the kernel does not like it, and
 * perhaps it is half done: prepare a new one.
 */
bool xn_operator_change(const struct xn_operator_tools *tools, struct xn_operator_tree *tree,
			const struct xn_qos *before, const struct xn_qos *told);

/* The band that is not in force is emptied. */
void xn_operator_drain(const struct xn_operator_tools *tools, struct xn_operator_tree *tree);

/* There is nothing of it in the kernel any more. */
void xn_operator_forget(const struct xn_operator_tools *tools, struct xn_operator_tree *tree);

#endif
