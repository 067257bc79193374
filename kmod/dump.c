// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dump of all counters: records by kind, then in the order of their keys, shares in that of
 * their networks' slots. It goes on behind the last that found room, so nothing is left out or told
 * twice when objects come and go between its parts.
 */
#include <linux/prefetch.h>
#include <linux/xarray.h>
#include <net/genetlink.h>

#include "dump.h"
#include "link.h"
#include "main.h"
#include "netlink.h"
#include "network.h"
#include "port.h"
#include "record.h"
#include "share.h"

/* Where a dump goes on; all 0 at first. In cb->ctx. */
struct xnet_cursor {
	unsigned long kind; /* index of xnet_dumps */
	unsigned long key;  /* id or ifindex */
	unsigned long slot; /* of the network whose share of the link is next */
};

static struct xnet_cursor *xnet_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct xnet_cursor) > sizeof(cb->ctx));
	return (struct xnet_cursor *)cb->ctx;
}

static bool xnet_dump_objects(struct xnet_records *records, struct xnet_cursor *cursor,
			      struct xarray *objects)
{
	void *object;

	xa_for_each_start(objects, cursor->key, object, cursor->key) {
		if (!xnet_records_add(records, object))
			return false;
	}
	return true;
}

static const struct xnet_share *xnet_dump_share(const struct xnet_link *link, u32 slot)
{
	if (slot >= xnet_network_slots())
		return NULL;
	return rcu_dereference_protected(link->by_slot[slot], lockdep_is_held(&xnet_lock));
}

/* A share is so many slots ahead when its memory is asked for. */
#define XNET_DUMP_AHEAD 8

/*
 * What is read of a share is nowhere near that of the next one: without this, most of a dump is waiting for
 * memory. First for the share, as that says where its counters are.
 */
static void xnet_dump_prefetch(const struct xnet_link *link, u32 slot)
{
	const struct xnet_share *share = xnet_dump_share(link, slot + 2 * XNET_DUMP_AHEAD);
	int cpu;

	if (share)
		prefetch(share);
	share = xnet_dump_share(link, slot + XNET_DUMP_AHEAD);
	if (!share)
		return;
	for_each_possible_cpu(cpu)
		prefetch(per_cpu_ptr(share->cpu, cpu));
}

static bool xnet_dump_link_shares(struct xnet_records *records, struct xnet_cursor *cursor,
				  const struct xnet_link *link)
{
	const struct xnet_share *share;

	for (; cursor->slot < xnet_network_slots(); cursor->slot++) {
		xnet_dump_prefetch(link, cursor->slot);
		share = xnet_dump_share(link, cursor->slot);
		if (share && !xnet_records_add(records, share))
			return false;
	}
	return true;
}

static bool xnet_dump_shares(struct xnet_records *records, struct xnet_cursor *cursor,
			     struct xarray *links)
{
	unsigned long last = cursor->key;
	struct xnet_link *link;

	xa_for_each_start(links, cursor->key, link, cursor->key) {
		if (cursor->key != last)
			cursor->slot = 0;
		if (!xnet_dump_link_shares(records, cursor, link))
			return false;
	}
	return true;
}

/* Those that append what they find room for. Return: false: there is more. */
static const struct {
	bool (*dump)(struct xnet_records *records, struct xnet_cursor *cursor,
		     struct xarray *objects);
	enum xnetman_kind kind;
	struct xarray *objects;
} xnet_dumps[] = {
	{ xnet_dump_objects, XNETMAN_KIND_NETWORK, &xnet_networks },
	{ xnet_dump_objects, XNETMAN_KIND_LINK, &xnet_links },
	{ xnet_dump_objects, XNETMAN_KIND_PORT, &xnet_ports },
	{ xnet_dump_shares, XNETMAN_KIND_SHARE, &xnet_links },
};

/* As many records of the cursor's kind as one message takes. Return: -EMSGSIZE: no room for any. */
static int xnet_dump_message(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct xnet_cursor *cursor = xnet_cursor(cb);
	unsigned long kind = cursor->kind;
	struct xnet_records records;
	void *header;

	header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &xnet_family,
			     NLM_F_MULTI, XNETMAN_CMD_GET_COUNTERS);
	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (xnet_records_begin(&records, skb, xnet_dumps[kind].kind))
		goto no_room;
	if (xnet_dumps[kind].dump(&records, cursor, xnet_dumps[kind].objects)) {
		cursor->kind++;
		cursor->key = 0;
	} else if (!records.n) {
		goto no_room;
	}
	if (!records.n) {
		genlmsg_cancel(skb, header);
		return 0;
	}
	xnet_records_end(&records);
	genlmsg_end(skb, header);
	return 0;

no_room:
	genlmsg_cancel(skb, header);
	return -EMSGSIZE;
}

static int xnet_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct xnet_cursor *cursor = xnet_cursor(cb);
	int err = 0;

	while (!err && cursor->kind < ARRAY_SIZE(xnet_dumps))
		err = xnet_dump_message(skb, cb);
	return err;
}

/* XNETMAN_CMD_GET_COUNTERS: fills one skb and remembers where to go on. */
int xnet_dump_counters(struct sk_buff *skb, struct netlink_callback *cb)
{
	int err;

	mutex_lock(&xnet_lock);
	cb->seq = xnet_config_seq;
	err = xnet_dump(skb, cb);
	mutex_unlock(&xnet_lock);

	return skb->len ?: err;
}
