/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes of one network in Dom0: all that it wants, and which of them are held in the kernel's table within
 * the limit. Least used ones are trimmed first (SPEC section 3, core/trim.h); the default route that takes
 * their packets to the router is another's (plane), is not counted and always there.
 *
 * A route is a prefix: of several with other metrics only the best forwards, and only that one is held.
 * In Dom0 all have one metric and one protocol of xnetman's own, so a better route replaces a worse one in
 * one step, and what others put in the table is not touched.
 */
#ifndef XN_DAEMON_TABLE_H
#define XN_DAEMON_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/config.h" /* struct xn_err */
#include "common/dataplane.h"

#define XN_ROUTE_PROTOCOL 77   /* rtm_protocol of what is held */
#define XN_ROUTE_METRIC	  1024 /* its metric; a default route of another metric is never touched */

struct xn_table;

struct xn_hop {
	uint32_t ifindex; /* of Dom0 */
	uint16_t weight;  /* 1..256 */
	struct xn_address gateway;
};

/*
 * A route in Dom0's terms. The key is destination, length and metric. RTN_UNICAST without hops: only the
 * router can forward it (by a tunnel of its own, say). It is never held, and neither is what covers it.
 */
struct xn_route {
	struct xn_address destination;
	uint8_t length;
	uint8_t type; /* RTN_* */
	uint32_t metric;
	uint8_t n_hops;
	struct xn_hop hops[XN_ROUTE_HOPS_MAX];
};

/* In prefixes, without default routes. */
struct xn_table_stats {
	size_t wanted;	/* D: routes the router has */
	size_t held;	/* V: of those in the kernel's table */
	size_t limit;	/* SIZE_MAX: none */
	size_t refused; /* the kernel would not take them, so the router forwards them */
	size_t left;	/* changes that the kernel does not have yet */
};

/*
 * @id: the kernel's routing table, the network's own. Its present routes are taken over: those that are not
 * wanted by the first xn_table_sync_end() are removed then. They are read by the first calls of xn_table_flush().
 */
struct xn_table *xn_table_open(uint32_t id, struct xn_err *err);
/* Removes what it put there. */
void xn_table_close(struct xn_table *table);
/* Leaves it there, to be taken over by the next xn_table_open(). */
void xn_table_leave(struct xn_table *table);

/* Wants (or wants no more) a route. Reaches the kernel with the next xn_table_flush(). -ENOMEM. */
int xn_table_set(struct xn_table *table, const struct xn_route *route);
void xn_table_remove(struct xn_table *table, const struct xn_route *route);

/* As xn_plane_sync_begin() and _end(). */
void xn_table_sync_begin(struct xn_table *table);
void xn_table_sync_end(struct xn_table *table);

/* At most so many in the kernel from the next flush on; least used ones go first, most used come back first. */
void xn_table_limit(struct xn_table *table, size_t limit);

/* A sampled packet of the network went there. */
void xn_table_use(struct xn_table *table, const struct xn_address *destination);
/* Another interval: what was used before weighs less, and which are held is chosen anew. */
void xn_table_rank(struct xn_table *table);

/*
 * The kernel may have other routes than are known here (a device went away): they are read again by the next
 * flushes, and put right. Routes that were refused are tried again.
 */
void xn_table_check(struct xn_table *table);

/*
 * Carry what changed to the kernel, in batches, at most @most messages. Return: how many are left to do (call
 * again from the event loop), or -errno with @err (call again later).
 */
long xn_table_flush(struct xn_table *table, size_t most, struct xn_err *err);

struct xn_table_stats xn_table_stats(const struct xn_table *table);

#endif
