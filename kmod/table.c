// SPDX-License-Identifier: GPL-2.0-only
/* The routes of one network's routing table: counted, and refused above the limit. */
#include <linux/netlink.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "compat.h"
#include "sample.h"
#include "table.h"
#include "trace.h"

/* Of a name, so that the sentence fits the kernel's buffer for it. */
#define XNET_VETO_NAME 26

/**
 * struct xnet_prefix - a prefix that has a route
 * @node: in &struct xnet_table.prefixes
 * @key: which
 * @hops: next hops of its best route: IPv6 tells each one that goes, IPv4 has 1
 */
struct xnet_prefix {
	struct rhash_head node;
	struct xnet_prefix_key key;
	u32 hops;
};

static const struct rhashtable_params xnet_prefix_params = {
	.key_len = sizeof(struct xnet_prefix_key),
	.key_offset = offsetof(struct xnet_prefix, key),
	.head_offset = offsetof(struct xnet_prefix, node),
	.automatic_shrinking = true,
};

/* Counts nothing yet, and belongs to nobody. May sleep. Return: NULL: no memory. */
struct xnet_table *xnet_table_create(u32 id)
{
	struct xnet_table *table = kzalloc(sizeof(*table), GFP_KERNEL);

	if (!table)
		return NULL;
	if (xnet_extack_init() || rhashtable_init(&table->prefixes, &xnet_prefix_params)) {
		kfree(table);
		return NULL;
	}
	spin_lock_init(&table->lock);
	table->id = id;
	table->limit = XNETMAN_ROUTES_UNLIMITED;
	return table;
}

static void xnet_prefix_free(void *prefix, void *arg)
{
	kfree(prefix);
}

/* Nobody tells it of routes any more, and no port has its samples. May sleep. */
void xnet_table_destroy(struct xnet_table *table)
{
	xnet_samples_destroy(table->samples);
	rhashtable_free_and_destroy(&table->prefixes, xnet_prefix_free, NULL);
	kfree(table);
}

/* If there are more routes than that they stay, but none is added. Return: 0 or -ENOMEM. */
int xnet_table_limit(struct xnet_table *table, u32 limit)
{
	if (limit != XNETMAN_ROUTES_UNLIMITED && !table->samples) {
		table->samples = xnet_samples_create(table->id);
		if (!table->samples)
			return -ENOMEM;
	}
	spin_lock_bh(&table->lock);
	table->limit = limit;
	spin_unlock_bh(&table->lock);
	return 0;
}

void xnet_table_rename(struct xnet_table *table, const char *name)
{
	spin_lock_bh(&table->lock);
	strscpy(table->name, name, sizeof(table->name));
	spin_unlock_bh(&table->lock);
}

void xnet_table_state(struct xnet_table *table, struct xnet_table_state *state)
{
	spin_lock_bh(&table->lock);
	state->id = table->id;
	state->routes = table->routes;
	state->limit = table->limit;
	state->vetoed = table->vetoed;
	spin_unlock_bh(&table->lock);
}

static struct xnet_prefix *xnet_prefix_find(struct xnet_table *table,
					    const struct xnet_prefix_key *key)
{
	return rhashtable_lookup_fast(&table->prefixes, key, xnet_prefix_params);
}

static void xnet_prefix_remove(struct xnet_table *table, struct xnet_prefix *prefix)
{
	rhashtable_remove_fast(&table->prefixes, &prefix->node, xnet_prefix_params);
	table->routes--;
	kfree(prefix);
}

static int xnet_prefix_add(struct xnet_table *table, const struct xnet_prefix_key *key, u32 hops)
{
	struct xnet_prefix *prefix = kmalloc(sizeof(*prefix), GFP_ATOMIC);
	int err;

	if (!prefix)
		return -ENOMEM;
	prefix->key = *key;
	prefix->hops = hops;
	err = rhashtable_insert_fast(&table->prefixes, &prefix->node, xnet_prefix_params);
	if (err) {
		kfree(prefix);
		return err;
	}
	table->routes++;
	return 0;
}

static int xnet_table_veto(struct xnet_table *table, const struct xnet_prefix_key *key,
			   struct netlink_ext_ack *extack)
{
	table->vetoed++;
	trace_route_veto(table->net_id, key->family, key->address, key->length, table->limit);
	XNET_ERR_MSG_FMT(extack, "xnetman: network %.*s has %u of %u routes", XNET_VETO_NAME,
			 table->name, table->routes, table->limit);
	return -ENOSPC;
}

static int xnet_table_replace_locked(struct xnet_table *table, const struct xnet_prefix_key *key,
				     u32 hops, struct netlink_ext_ack *extack)
{
	struct xnet_prefix *prefix = xnet_prefix_find(table, key);

	if (prefix) {
		prefix->hops = hops;
		return 0;
	}
	if (table->routes >= table->limit)
		return xnet_table_veto(table, key, extack);
	return xnet_prefix_add(table, key, hops);
}

/**
 * xnet_table_replace - a prefix has a route, or another best one than it had
 * @table: the table
 * @key: the prefix
 * @hops: next hops of that route
 * @extack: why not; may be NULL
 *
 * Return: 0, -ENOSPC (it is new, and there are as many as may be) or -ENOMEM.
 */
int xnet_table_replace(struct xnet_table *table, const struct xnet_prefix_key *key, u32 hops,
		       struct netlink_ext_ack *extack)
{
	int err;

	spin_lock_bh(&table->lock);
	err = xnet_table_replace_locked(table, key, hops, extack);
	spin_unlock_bh(&table->lock);
	return err;
}

/* The best route of a prefix has more next hops: no other route. */
void xnet_table_append(struct xnet_table *table, const struct xnet_prefix_key *key, u32 hops)
{
	struct xnet_prefix *prefix;

	spin_lock_bh(&table->lock);
	prefix = xnet_prefix_find(table, key);
	if (prefix)
		prefix->hops += hops;
	spin_unlock_bh(&table->lock);
}

/* So many next hops of a prefix's best route went; with the last one, the route. */
void xnet_table_delete(struct xnet_table *table, const struct xnet_prefix_key *key, u32 hops)
{
	struct xnet_prefix *prefix;

	spin_lock_bh(&table->lock);
	prefix = xnet_prefix_find(table, key);
	if (prefix && prefix->hops > hops)
		prefix->hops -= hops;
	else if (prefix)
		xnet_prefix_remove(table, prefix);
	spin_unlock_bh(&table->lock);
}
