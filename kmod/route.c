// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which routing table is whose, and the FIB notifiers that tell what is in it.
 *
 * Each table has a listener of its own: the kernel tells a new listener all routes that are
 * there, in one piece with those that come meanwhile, so that counts are exact from the
 * beginning. A listener is called under RCU and, for IPv6, the FIB's spin lock.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/fib_notifier.h>
#include <net/ip6_fib.h>
#include <net/ip_fib.h>
#include <net/net_namespace.h>

#include "main.h"
#include "network.h"
#include "port.h"
#include "route.h"
#include "sample.h"
#include "table.h"

#define XNET_ROUTE_TRIES 16 /* to count what there is, while it changes */

/* One change of tables at a time. Outside rtnl, which registering a listener takes. */
static DEFINE_MUTEX(xnet_route_mutex);

static LIST_HEAD(xnet_retired); /* tables without a network; under xnet_lock */

/* One event about one prefix, whichever family. */
struct xnet_route_event {
	struct xnet_prefix_key key;
	u32 table;
	u32 hops;
	bool counts;
};

/* The kernel makes routes for addresses and devices as well: those nobody adds. */
static bool xnet_route_counts(u8 type, u8 protocol, int length)
{
	if (!length || protocol == RTPROT_KERNEL)
		return false;
	return type == RTN_UNICAST || type == RTN_BLACKHOLE || type == RTN_UNREACHABLE ||
	       type == RTN_PROHIBIT || type == RTN_THROW;
}

static void xnet_route_event4(const struct fib_notifier_info *info, struct xnet_route_event *event)
{
	const struct fib_entry_notifier_info *entry =
		container_of(info, struct fib_entry_notifier_info, info);

	event->key.family = AF_INET;
	event->key.length = entry->dst_len;
	event->key.address[0] = htonl(entry->dst);
	event->table = entry->tb_id;
	event->hops = 1;
	event->counts = xnet_route_counts(entry->type, entry->fi->fib_protocol, entry->dst_len);
}

static void xnet_route_event6(const struct fib_notifier_info *info, struct xnet_route_event *event)
{
	const struct fib6_entry_notifier_info *entry =
		container_of(info, struct fib6_entry_notifier_info, info);
	const struct fib6_info *rt = entry->rt;

	event->key.family = AF_INET6;
	event->key.length = rt->fib6_dst.plen;
	memcpy(event->key.address, &rt->fib6_dst.addr, sizeof(event->key.address));
	event->table = rt->fib6_table->tb6_id;
	event->hops = entry->nsiblings + 1;
	event->counts = xnet_route_counts(rt->fib6_type, rt->fib6_protocol, rt->fib6_dst.plen);
}

static int xnet_route_take(struct xnet_table *table, unsigned long kind,
			   const struct xnet_route_event *event, struct netlink_ext_ack *extack)
{
	switch (kind) {
	case FIB_EVENT_ENTRY_REPLACE:
		if (event->counts)
			return xnet_table_replace(table, &event->key, event->hops, extack);
		/* The best route is one that doesn't count, if there was another one before. */
		xnet_table_delete(table, &event->key, U32_MAX);
		return 0;
	case FIB_EVENT_ENTRY_APPEND:
		xnet_table_append(table, &event->key, event->hops);
		return 0;
	case FIB_EVENT_ENTRY_DEL:
		xnet_table_delete(table, &event->key, event->hops);
		return 0;
	default:
		return 0;
	}
}

static int xnet_route_listen(struct notifier_block *listener, unsigned long kind, void *ptr)
{
	struct xnet_table *table = container_of(listener, struct xnet_table, listener);
	const struct fib_notifier_info *info = ptr;
	struct xnet_route_event event = {};

	if (kind != FIB_EVENT_ENTRY_REPLACE && kind != FIB_EVENT_ENTRY_APPEND &&
	    kind != FIB_EVENT_ENTRY_DEL)
		return NOTIFY_DONE;
	if (info->family == AF_INET)
		xnet_route_event4(info, &event);
	else if (info->family == AF_INET6)
		xnet_route_event6(info, &event);
	else
		return NOTIFY_DONE; /* multicast routing */
	if (event.table != table->id)
		return NOTIFY_DONE;
	return notifier_from_errno(xnet_route_take(table, kind, &event, info->extack));
}

/* Routes changed while they were told: what was counted may be wrong. */
static void xnet_route_stale(struct notifier_block *listener)
{
	container_of(listener, struct xnet_table, listener)->stale = true;
}

/* Counts what is there, and from now on what comes and goes. Return: 0, -EAGAIN or -errno. */
static int xnet_route_open(struct xnet_table *table)
{
	int err;

	table->listener.notifier_call = xnet_route_listen;
	err = register_fib_notifier(&init_net, &table->listener, xnet_route_stale, NULL);
	if (!table->stale)
		return err;
	if (!err)
		unregister_fib_notifier(&init_net, &table->listener);
	return -EAGAIN;
}

static void xnet_route_close(struct xnet_table *table)
{
	unregister_fib_notifier(&init_net, &table->listener); /* waits for those that listen */
	xnet_table_destroy(table);
}

/* A table that counts, without limit yet. */
static struct xnet_table *xnet_route_create_once(u32 id)
{
	struct xnet_table *table = xnet_table_create(id);
	int err;

	if (!table)
		return ERR_PTR(-ENOMEM);
	err = xnet_route_open(table);
	if (!err)
		return table;
	xnet_table_destroy(table);
	return ERR_PTR(err);
}

static struct xnet_table *xnet_route_create(u32 id, u32 limit, struct netlink_ext_ack *extack)
{
	struct xnet_table *table;
	int tries = XNET_ROUTE_TRIES;
	int err;

	do
		table = xnet_route_create_once(id);
	while (table == ERR_PTR(-EAGAIN) && --tries);
	if (table == ERR_PTR(-EAGAIN))
		NL_SET_ERR_MSG(extack, "routes change faster than they can be counted; try again");
	if (IS_ERR(table))
		return table;
	err = xnet_table_limit(table, limit);
	if (!err)
		return table;
	xnet_route_close(table);
	return ERR_PTR(err);
}

/* Where the packets of a network's ports are remembered; NULL: nowhere. Under xnet_lock. */
struct xnet_samples *xnet_route_samples(const struct xnet_network *network)
{
	struct xnet_table *table = network->table;

	return table && table->limit != XNETMAN_ROUTES_UNLIMITED ? table->samples : NULL;
}

/* Nobody ranks the routes of a table without limit, so nothing is sampled there. */
static void xnet_route_sample(struct xnet_network *network)
{
	struct xnet_samples *samples = xnet_route_samples(network);
	struct xnet_port *port;

	list_for_each_entry(port, &network->ports, node)
		rcu_assign_pointer(port->samples, samples);
}

/* The network has no table any more; xnet_route_reap() frees it. Under xnet_lock. */
void xnet_route_retire(struct xnet_network *network)
{
	struct xnet_table *table = network->table;

	if (!table)
		return;
	network->table = NULL;
	xnet_route_sample(network);
	list_add(&table->node, &xnet_retired);
}

/* Frees the tables that were retired. Not under xnet_lock: this waits for readers. */
void xnet_route_reap(void)
{
	struct xnet_table *table, *next;
	LIST_HEAD(retired);

	mutex_lock(&xnet_lock);
	list_splice_init(&xnet_retired, &retired);
	mutex_unlock(&xnet_lock);
	list_for_each_entry_safe(table, next, &retired, node)
		xnet_route_close(table);
}

static struct xnet_network *xnet_route_network(u32 net_id, struct netlink_ext_ack *extack)
{
	struct xnet_network *network = xa_load(&xnet_networks, net_id);

	if (!network)
		NL_SET_ERR_MSG(extack, "there is no network with this id; create it first");
	return network;
}

static int xnet_route_free_id(u32 net_id, u32 id, struct netlink_ext_ack *extack)
{
	struct xnet_network *other;
	unsigned long other_id;

	if (id == RT_TABLE_MAIN || id == RT_TABLE_LOCAL || id == RT_TABLE_DEFAULT) {
		NL_SET_ERR_MSG(extack, "the table is Dom0's own; use another one");
		return -EINVAL;
	}
	xa_for_each(&xnet_networks, other_id, other) {
		if (id && other_id != net_id && other->table && other->table->id == id) {
			NL_SET_ERR_MSG(extack, "the table is another network's; use another one");
			return -EEXIST;
		}
	}
	return 0;
}

static int xnet_route_limit(struct xnet_network *network, u32 limit)
{
	int err = xnet_table_limit(network->table, limit);

	if (!err)
		xnet_route_sample(network);
	return err;
}

/* A change of nothing but the limit. Under xnet_lock. Return: 1: it is more than that. */
static int xnet_route_change(u32 net_id, u32 id, u32 limit, struct netlink_ext_ack *extack)
{
	struct xnet_network *network = xnet_route_network(net_id, extack);
	int err;

	if (!network)
		return -ENOENT;
	err = xnet_route_free_id(net_id, id, extack);
	if (err)
		return err;
	if (!network->table || network->table->id != id)
		return 1;
	return xnet_route_limit(network, limit);
}

/* The network's table is this one from now on; NULL: none. Under xnet_lock. */
static int xnet_route_attach(u32 net_id, struct xnet_table *table, struct netlink_ext_ack *extack)
{
	struct xnet_network *network = xnet_route_network(net_id, extack);

	if (!network)
		return -ENOENT;
	xnet_route_retire(network);
	if (!table)
		return 0;
	table->net_id = net_id;
	xnet_table_rename(table, network->name);
	network->table = table;
	xnet_route_sample(network);
	return 0;
}

static int xnet_route_switch(u32 net_id, u32 id, u32 limit, struct netlink_ext_ack *extack)
{
	struct xnet_table *table = id ? xnet_route_create(id, limit, extack) : NULL;
	int err;

	if (IS_ERR(table))
		return PTR_ERR(table);
	mutex_lock(&xnet_lock);
	err = xnet_route_attach(net_id, table, extack);
	mutex_unlock(&xnet_lock);
	if (err && table)
		xnet_route_close(table);
	xnet_route_reap();
	return err;
}

/**
 * xnet_route_set_table - say which routing table is a network's, and how many routes it may have
 * @net_id: of the network
 * @id: of the table; 0: it has none
 * @limit: routes; XNETMAN_ROUTES_UNLIMITED: any number
 * @extack: why not
 *
 * Not under rtnl or xnet_lock. A new table counts what is in it already, also above the limit.
 * Return: 0, -ENOENT (no such network), -EINVAL (Dom0's own table), -EEXIST (another network's),
 * -EAGAIN (routes change faster than they can be counted) or -ENOMEM.
 */
int xnet_route_set_table(u32 net_id, u32 id, u32 limit, struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&xnet_route_mutex);
	mutex_lock(&xnet_lock);
	err = xnet_route_change(net_id, id, limit, extack);
	mutex_unlock(&xnet_lock);
	if (err > 0)
		err = xnet_route_switch(net_id, id, limit, extack);
	mutex_unlock(&xnet_route_mutex);
	return err;
}
