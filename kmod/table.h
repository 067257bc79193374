/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Routing tables of networks: how many routes there are, and that there are not more.
 *
 * A route is a prefix. Of several routes to one prefix (other metrics, next hops) only the
 * best forwards, and only the best is told by the kernel's FIB notifiers, so they count once.
 * Not counted are
 * - the default route (length 0), which takes what has no route of its own to the router and
 *   must be there whatever the limit,
 * - what the kernel makes itself for addresses and devices (protocol "kernel", types local,
 *   broadcast, anycast, multicast).
 */
#ifndef XNET_TABLE_H
#define XNET_TABLE_H

#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/xnetman.h>

struct netlink_ext_ack;
struct xnet_samples;

/* A prefix is known by this; no padding, as it is hashed as bytes. */
struct xnet_prefix_key {
	__be32 address[4]; /* IPv4 in the first word, the rest 0 */
	u16 family;
	u16 length;
};

/**
 * struct xnet_table - the routing table of one network
 * @id: the kernel's number of it
 * @net_id: of its network
 * @samples: where packets go, while there is a limit; under xnet_lock
 * @listener: the FIB notifier
 * @stale: routes changed while the listener was told what there is
 * @node: in the list of those that are to be freed
 * @lock: of what follows; taken with BH off, inside the FIB's own locks
 * @prefixes: what is counted
 * @routes: how many those are
 * @limit: most they may be; XNETMAN_ROUTES_UNLIMITED: no limit
 * @vetoed: inserts refused
 * @name: of the network, for messages
 */
struct xnet_table {
	u32 id;
	u32 net_id;
	struct xnet_samples *samples;
	struct notifier_block listener;
	bool stale;
	struct list_head node;

	spinlock_t lock;
	struct rhashtable prefixes;
	u32 routes;
	u32 limit;
	u64 vetoed;
	char name[XNETMAN_NAME_MAX + 1];
};

/* What a NETWORK record says of it. */
struct xnet_table_state {
	u32 id;
	u32 routes;
	u32 limit;
	u64 vetoed;
};

struct xnet_table *xnet_table_create(u32 id);
void xnet_table_destroy(struct xnet_table *table);
int xnet_table_limit(struct xnet_table *table, u32 limit);
void xnet_table_rename(struct xnet_table *table, const char *name);
void xnet_table_state(struct xnet_table *table, struct xnet_table_state *state);
int xnet_table_replace(struct xnet_table *table, const struct xnet_prefix_key *key, u32 hops,
		       struct netlink_ext_ack *extack);
void xnet_table_append(struct xnet_table *table, const struct xnet_prefix_key *key, u32 hops);
void xnet_table_delete(struct xnet_table *table, const struct xnet_prefix_key *key, u32 hops);

#endif /* XNET_TABLE_H */
