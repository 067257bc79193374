// SPDX-License-Identifier: GPL-2.0-only
/* Records: an object's name and counters as netlink attributes. */
#include <linux/ktime.h>
#include <net/netlink.h>

#include "attr.h"
#include "guards.h"
#include "link.h"
#include "network.h"
#include "port.h"
#include "ratios.h"
#include "record.h"
#include "share.h"
#include "table.h"

/* The attributes of one side of an account. */
struct xnet_side_attrs {
	enum xnet_side side;
	u16 bytes;
	u16 packets;
};

static const struct xnet_side_attrs xnet_offered = {
	XNET_OFFERED,
	XNETMAN_A_OFFERED_BYTES,
	XNETMAN_A_OFFERED_PACKETS,
};
static const struct xnet_side_attrs xnet_dropped = {
	XNET_DROPPED,
	XNETMAN_A_DROPPED_BYTES,
	XNETMAN_A_DROPPED_PACKETS,
};
static const struct xnet_side_attrs xnet_rx = {
	XNET_RX,
	XNETMAN_A_RX_BYTES,
	XNETMAN_A_RX_PACKETS,
};
static const struct xnet_side_attrs xnet_tx = {
	XNET_TX,
	XNETMAN_A_TX_BYTES,
	XNETMAN_A_TX_PACKETS,
};

static const struct xnet_side_attrs xnet_rx_dropped = {
	XNET_RX,
	XNETMAN_A_RX_DROPPED_BYTES,
	XNETMAN_A_RX_DROPPED_PACKETS,
};
static const struct xnet_side_attrs xnet_tx_dropped = {
	XNET_TX,
	XNETMAN_A_TX_DROPPED_BYTES,
	XNETMAN_A_TX_DROPPED_PACKETS,
};

static const struct xnet_side_attrs xnet_refused = {
	XNET_REFUSED,
	XNETMAN_A_REFUSED_BYTES,
	XNETMAN_A_REFUSED_PACKETS,
};
static const struct xnet_side_attrs xnet_marked = {
	XNET_MARKED,
	XNETMAN_A_MARKED_BYTES,
	XNETMAN_A_MARKED_PACKETS,
};

static int xnet_put_side(struct sk_buff *skb, const struct xnet_total *total,
			 const struct xnet_side_attrs *attrs)
{
	if (xnet_put_u64(skb, attrs->bytes, total->bytes[attrs->side]) ||
	    xnet_put_u64(skb, attrs->packets, total->packets[attrs->side]))
		return -EMSGSIZE;
	return 0;
}

static int xnet_put_device(struct sk_buff *skb, const struct net_device *dev, const char *name)
{
	if (xnet_put_u32(skb, XNETMAN_A_IFINDEX, dev->ifindex) ||
	    nla_put_string(skb, XNETMAN_A_IFNAME, name))
		return -EMSGSIZE;
	return 0;
}

static int xnet_put_table(struct sk_buff *skb, struct xnet_table *table)
{
	struct xnet_table_state state;

	xnet_table_state(table, &state);
	if (xnet_put_u32(skb, XNETMAN_A_TABLE, state.id) ||
	    xnet_put_u32(skb, XNETMAN_A_ROUTES, state.routes) ||
	    xnet_put_u32(skb, XNETMAN_A_ROUTE_LIMIT, state.limit) ||
	    xnet_put_u64(skb, XNETMAN_A_VETOED, state.vetoed))
		return -EMSGSIZE;
	return 0;
}

static int xnet_put_network(struct sk_buff *skb, const void *object)
{
	const struct xnet_network *network = object;

	if (xnet_put_u32(skb, XNETMAN_A_NET_ID, network->id) ||
	    nla_put_string(skb, XNETMAN_A_NET_NAME, network->name) ||
	    xnet_put_u32(skb, XNETMAN_A_RATIO, xnet_ratio_ppb(XNET_SLOT_INPUT, network->slot)))
		return -EMSGSIZE;
	return network->table ? xnet_put_table(skb, network->table) : 0;
}

static int xnet_put_link(struct sk_buff *skb, const void *object)
{
	const struct xnet_link *link = object;
	struct xnet_total total;

	xnet_acct_sum(&link->cpu->host, &total);
	if (xnet_put_device(skb, link->dev, link->name) ||
	    xnet_put_side(skb, &total, &xnet_offered) ||
	    nla_put_u64_64bit(skb, XNETMAN_A_RATE, xnet_guards_link_rate(link->slot),
			      XNETMAN_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int xnet_put_port(struct sk_buff *skb, const void *object)
{
	const struct xnet_port *port = object;
	struct xnet_total total, dropped;

	xnet_acct_sum(&port->cpu->acct, &total);
	xnet_acct_sum(&port->cpu->dropped, &dropped);
	if (xnet_put_u32(skb, XNETMAN_A_NET_ID, port->net_id) ||
	    xnet_put_device(skb, port->dev, port->name) || xnet_put_side(skb, &total, &xnet_rx) ||
	    xnet_put_side(skb, &total, &xnet_tx) ||
	    xnet_put_side(skb, &dropped, &xnet_rx_dropped) ||
	    xnet_put_side(skb, &dropped, &xnet_tx_dropped))
		return -EMSGSIZE;
	return 0;
}

/* Most shares never meet the guard, and a dump has many. */
static int xnet_put_guard(struct sk_buff *skb, const struct xnet_share *share)
{
	u64 rate = xnet_guards_share_rate(share->link_slot, share->network_slot);
	struct xnet_total guard;

	xnet_acct_sum(&share->cpu->guard, &guard);
	if (rate && xnet_put_u64(skb, XNETMAN_A_RATE, rate))
		return -EMSGSIZE;
	if (!guard.packets[XNET_REFUSED] && !guard.packets[XNET_MARKED])
		return 0;
	if (xnet_put_side(skb, &guard, &xnet_refused) || xnet_put_side(skb, &guard, &xnet_marked))
		return -EMSGSIZE;
	return 0;
}

static int xnet_put_share(struct sk_buff *skb, const void *object)
{
	const struct xnet_share *share = object;
	struct xnet_total total;

	xnet_acct_sum(&share->cpu->acct, &total);
	if (xnet_put_u32(skb, XNETMAN_A_NET_ID, share->net_id) ||
	    xnet_put_u32(skb, XNETMAN_A_IFINDEX, share->ifindex) ||
	    xnet_put_side(skb, &total, &xnet_offered) ||
	    xnet_put_side(skb, &total, &xnet_dropped) ||
	    xnet_put_u32(skb, XNETMAN_A_RATIO,
			 xnet_ratio_ppb(share->link_slot, share->network_slot)) ||
	    xnet_put_u32(skb, XNETMAN_A_PRIORITY, share->priority))
		return -EMSGSIZE;
	return xnet_put_guard(skb, share);
}

static int (*const xnet_record[])(struct sk_buff *skb, const void *object) = {
	[XNETMAN_KIND_NETWORK] = xnet_put_network,
	[XNETMAN_KIND_LINK] = xnet_put_link,
	[XNETMAN_KIND_PORT] = xnet_put_port,
	[XNETMAN_KIND_SHARE] = xnet_put_share,
};

/**
 * xnet_record_put - append an object's record to a message
 * @skb: the message
 * @kind: what @object is
 * @object: &struct xnet_network, _link, _port or _share
 *
 * Under xnet_lock. Return: 0 or -EMSGSIZE; then part of it may be there.
 */
int xnet_record_put(struct sk_buff *skb, enum xnetman_kind kind, const void *object)
{
	if (nla_put_u8(skb, XNETMAN_A_KIND, kind) ||
	    xnet_put_u64(skb, XNETMAN_A_TIME, ktime_get_ns()))
		return -EMSGSIZE;
	return xnet_record[kind](skb, object);
}
