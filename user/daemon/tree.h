/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The provider's QoS: one HTB tree per link, with a class for each network, chosen by the skb->priority that the
 * module sets. A class's leaf is where the operator's own tree may go.
 */
#ifndef XN_DAEMON_TREE_H
#define XN_DAEMON_TREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/config.h" /* struct xn_err */

struct xn_daemon;
struct xn_trees;

/* Where the operator's tree of one network on one link is to be. */
struct xn_leaf {
	uint32_t ifindex;
	uint32_t parent;     /* classid under which its root qdisc goes */
	uint64_t rate;	     /* most that leaves here, bit/s */
	uint64_t guaranteed; /* rc + re, bit/s; may be 0 */
};

/*
 * A leaf came or changed (@leaf; what was grafted there is there still unless its ifindex or parent is another),
 * or went, and what was under it (@leaf NULL). Called from the event loop, or out of a call of xn_trees_*().
 */
typedef void (*xn_leaf_fn)(const char *network, const char *link, const struct xn_leaf *leaf,
			   void *arg);

/*
 * Take over what a former xnetmand left. The links' trees are made by the first xn_trees_update(). Return: NULL
 * with @err.
 */
struct xn_trees *xn_trees_open(struct xn_daemon *daemon, struct xn_err *err);

/* Leaves everything as it is in the kernel. NULL is fine. */
void xn_trees_close(struct xn_trees *trees);

/* The state has other links now: those that are none any more are what they were before. */
void xn_trees_release(struct xn_trees *trees);

/**
 * xn_trees_update() - definitions, devices or the module's shares changed
 *
 * Goes as far as it can. Return: 0, or -errno with @err of the first link or port that could not be served.
 */
int xn_trees_update(struct xn_trees *trees, struct xn_err *err);

/*
 * Around a change of any qdisc of a device, for which the kernel takes all of them out of work: it loses what waits at the
 * root, and what is to leave meanwhile. What comes is held by the module, and what waits is given time to leave, 200 ms at
 * most. If the device is no link, or the kernel can't hold, nothing is done.
 */
void xn_trees_hold(struct xn_trees *trees, uint32_t ifindex);
void xn_trees_let_go(struct xn_trees *trees, uint32_t ifindex);

/* An update, as soon as the event loop comes to it. */
void xn_trees_poke(struct xn_trees *trees);

/* Called for every leaf that is there now, and from then on. One listener. */
void xn_trees_follow(struct xn_trees *trees, xn_leaf_fn changed, void *arg);

/* Return: 0, or -ENOENT: there is no tree on the link, or no such network or link. */
int xn_trees_leaf(const struct xn_trees *trees, const char *network, const char *link,
		  struct xn_leaf *leaf);

/*
 * The network's operator has a tree, so each link has to have one unless its definition says `qos: off`; false: not
 * any more. Leaves are told by the listener. Return: 0, or -errno with @err: some link could not be given one.
 */
int xn_trees_want(struct xn_trees *trees, const char *network, bool want, struct xn_err *err);

/*
 * The provider's own queue in the place of whatever the operator has there, in one step. Return: 0 (also if there
 * is no such leaf), or -errno with @err.
 */
int xn_trees_reset_leaf(struct xn_trees *trees, const char *network, const char *link,
			struct xn_err *err);

/* Figures of one network ("": all) on one link ("": all): doc/dbus.md, GetQos. New reference, NULL with @err. */
json_t *xn_trees_show(struct xn_trees *trees, const char *network, const char *link,
		      struct xn_err *err);

#endif
