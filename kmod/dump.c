// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dump of all counters: records by kind, then in the order of their keys. It
 * goes on behind the last key that found room, so nothing is left out or told
 * twice when objects come and go between its parts.
 */
#include <linux/xarray.h>
#include <net/genetlink.h>

#include "dump.h"
#include "link.h"
#include "main.h"
#include "netlink.h"
#include "network.h"
#include "port.h"
#include "record.h"

/* Where a dump goes on; all 0 at first. In cb->ctx. */
struct xnet_cursor {
	unsigned long kind;  /* index of xnet_dumps */
	unsigned long key;   /* id or ifindex */
	unsigned long share; /* id of the network whose share of the link is next */
};

static struct xnet_cursor *xnet_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct xnet_cursor) > sizeof(cb->ctx));
	return (struct xnet_cursor *)cb->ctx;
}

static int xnet_dump_record(struct sk_buff *skb, struct netlink_callback *cb,
			    enum xnetman_kind kind, const void *object)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &xnet_family, NLM_F_MULTI, XNETMAN_CMD_GET_COUNTERS);

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (xnet_record_put(skb, kind, object)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int xnet_dump_objects(struct sk_buff *skb, struct netlink_callback *cb,
			     enum xnetman_kind kind, struct xarray *objects)
{
	struct xnet_cursor *cursor = xnet_cursor(cb);
	void *object;
	int err;

	xa_for_each_start(objects, cursor->key, object, cursor->key) {
		err = xnet_dump_record(skb, cb, kind, object);
		if (err)
			return err;
	}
	return 0;
}

static int xnet_dump_link_shares(struct sk_buff *skb, struct netlink_callback *cb,
				 struct xnet_link *link)
{
	struct xnet_cursor *cursor = xnet_cursor(cb);
	struct xnet_share *share;
	int err;

	xa_for_each_start(&link->by_id, cursor->share, share, cursor->share) {
		err = xnet_dump_record(skb, cb, XNETMAN_KIND_SHARE, share);
		if (err)
			return err;
	}
	return 0;
}

static int xnet_dump_shares(struct sk_buff *skb, struct netlink_callback *cb,
			    enum xnetman_kind kind, struct xarray *links)
{
	struct xnet_cursor *cursor = xnet_cursor(cb);
	unsigned long last = cursor->key;
	struct xnet_link *link;
	int err;

	xa_for_each_start(links, cursor->key, link, cursor->key) {
		if (cursor->key != last)
			cursor->share = 0;
		err = xnet_dump_link_shares(skb, cb, link);
		if (err)
			return err;
	}
	return 0;
}

static const struct {
	int (*dump)(struct sk_buff *skb, struct netlink_callback *cb, enum xnetman_kind kind,
		    struct xarray *objects);
	enum xnetman_kind kind;
	struct xarray *objects;
} xnet_dumps[] = {
	{ xnet_dump_objects, XNETMAN_KIND_NETWORK, &xnet_networks },
	{ xnet_dump_objects, XNETMAN_KIND_LINK, &xnet_links },
	{ xnet_dump_objects, XNETMAN_KIND_PORT, &xnet_ports },
	{ xnet_dump_shares, XNETMAN_KIND_SHARE, &xnet_links },
};

static int xnet_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct xnet_cursor *cursor = xnet_cursor(cb);
	int err;

	for (; cursor->kind < ARRAY_SIZE(xnet_dumps); cursor->kind++, cursor->key = 0) {
		err = xnet_dumps[cursor->kind].dump(skb, cb, xnet_dumps[cursor->kind].kind,
						    xnet_dumps[cursor->kind].objects);
		if (err)
			return err;
	}
	return 0;
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
