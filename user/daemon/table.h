/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes of one network in Dom0: all that it wants, and which of them are held in the kernel's table within
 * the limit. Least used ones are trimmed first (SPEC section 3); the default route that takes their packets to
 * the router is not counted and always there.
 */
#ifndef XN_DAEMON_TABLE_H
#define XN_DAEMON_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/config.h" /* struct xn_err */
#include "common/dataplane.h"

struct xn_table;

struct xn_hop {
	uint32_t ifindex; /* of Dom0 */
	uint16_t weight;  /* 1..256 */
	struct xn_address gateway;
};

/* A route in Dom0's terms. The key is destination, length and metric. */
struct xn_route {
	struct xn_address destination;
	uint8_t length;
	uint8_t type; /* RTN_* */
	uint32_t metric;
	uint8_t n_hops;
	struct xn_hop hops[XN_ROUTE_HOPS_MAX];
};

struct xn_table_stats {
	size_t wanted; /* D: routes the router has */
	size_t held;   /* V: of those in the kernel's table */
	size_t limit;  /* SIZE_MAX: none */
};

/*
 * @id: the kernel's routing table, the network's own. Its present routes are taken over: those that are not
 * wanted by the first xn_table_sync_end() are removed then.
 */
struct xn_table *xn_table_open(uint32_t id, struct xn_err *err);
/* Removes what it put there. */
void xn_table_close(struct xn_table *table);

/* Wants (or wants no more) a route. Reaches the kernel with the next xn_table_flush(). -ENOMEM. */
int xn_table_set(struct xn_table *table, const struct xn_route *route);
void xn_table_remove(struct xn_table *table, const struct xn_route *route);

/* As xn_plane_sync_begin() and _end(). */
void xn_table_sync_begin(struct xn_table *table);
void xn_table_sync_end(struct xn_table *table);

/* At most so many in the kernel from the next flush on; least used ones go first, most used come back first. */
void xn_table_limit(struct xn_table *table, size_t limit);

/*
 * Carry what changed to the kernel, in batches, at most @most messages. Return: how many are left to do (call
 * again from the event loop), or -errno with @err.
 */
long xn_table_flush(struct xn_table *table, size_t most, struct xn_err *err);

struct xn_table_stats xn_table_stats(const struct xn_table *table);

#endif
