// SPDX-License-Identifier: GPL-2.0-only
/* Records: an object's name and counters as user space gets them, several in one message. */
#include <linux/ktime.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "guards.h"
#include "link.h"
#include "network.h"
#include "port.h"
#include "ratios.h"
#include "record.h"
#include "share.h"
#include "table.h"

/* As they are on the wire; all 0 at first. */
union xnet_record {
	struct xnetman_network network;
	struct xnetman_link link;
	struct xnetman_port port;
	struct xnetman_share share;
};

static void xnet_read_table(struct xnetman_network *to, struct xnet_table *table)
{
	struct xnet_table_state state;

	xnet_table_state(table, &state);
	to->table = state.id;
	to->routes = state.routes;
	to->route_limit = state.limit;
	to->vetoed = state.vetoed;
}

static void xnet_read_network(union xnet_record *record, const void *object)
{
	const struct xnet_network *network = object;
	struct xnetman_network *to = &record->network;

	to->net_id = network->id;
	to->ratio = xnet_ratio_ppb(XNET_SLOT_INPUT, network->slot);
	strscpy(to->name, network->name, sizeof(to->name));
	if (network->table)
		xnet_read_table(to, network->table);
}

static void xnet_read_link(union xnet_record *record, const void *object)
{
	const struct xnet_link *link = object;
	struct xnetman_link *to = &record->link;
	struct xnet_total total;

	xnet_acct_sum(&link->cpu->host, &total);
	to->offered_bytes = total.bytes[XNET_OFFERED];
	to->offered_packets = total.packets[XNET_OFFERED];
	to->rate = xnet_guards_link_rate(link->slot);
	to->ifindex = link->dev->ifindex;
	strscpy(to->name, link->name, sizeof(to->name));
}

static void xnet_read_port(union xnet_record *record, const void *object)
{
	const struct xnet_port *port = object;
	struct xnetman_port *to = &record->port;
	struct xnet_total total, dropped;

	xnet_acct_sum(&port->cpu->acct, &total);
	xnet_acct_sum(&port->cpu->dropped, &dropped);
	to->rx_bytes = total.bytes[XNET_RX];
	to->rx_packets = total.packets[XNET_RX];
	to->tx_bytes = total.bytes[XNET_TX];
	to->tx_packets = total.packets[XNET_TX];
	to->rx_dropped_bytes = dropped.bytes[XNET_RX];
	to->rx_dropped_packets = dropped.packets[XNET_RX];
	to->tx_dropped_bytes = dropped.bytes[XNET_TX];
	to->tx_dropped_packets = dropped.packets[XNET_TX];
	to->net_id = port->net_id;
	to->ifindex = port->dev->ifindex;
	strscpy(to->name, port->name, sizeof(to->name));
}

static void xnet_read_share(union xnet_record *record, const void *object)
{
	const struct xnet_share *share = object;
	struct xnetman_share *to = &record->share;
	struct xnet_total total, guard;

	xnet_acct_sum(&share->cpu->acct, &total);
	xnet_acct_sum(&share->cpu->guard, &guard);
	to->offered_bytes = total.bytes[XNET_OFFERED];
	to->offered_packets = total.packets[XNET_OFFERED];
	to->dropped_bytes = total.bytes[XNET_DROPPED];
	to->dropped_packets = total.packets[XNET_DROPPED];
	to->refused_bytes = guard.bytes[XNET_REFUSED];
	to->refused_packets = guard.packets[XNET_REFUSED];
	to->marked_bytes = guard.bytes[XNET_MARKED];
	to->marked_packets = guard.packets[XNET_MARKED];
	to->rate = xnet_guards_share_rate(share->link_slot, share->network_slot);
	to->net_id = share->net_id;
	to->ifindex = share->ifindex;
	to->ratio = xnet_ratio_ppb(share->link_slot, share->network_slot);
	to->priority = share->priority;
}

static const struct {
	size_t size;
	void (*read)(union xnet_record *record, const void *object);
} xnet_kinds[] = {
	[XNETMAN_KIND_NETWORK] = { sizeof(struct xnetman_network), xnet_read_network },
	[XNETMAN_KIND_LINK] = { sizeof(struct xnetman_link), xnet_read_link },
	[XNETMAN_KIND_PORT] = { sizeof(struct xnetman_port), xnet_read_port },
	[XNETMAN_KIND_SHARE] = { sizeof(struct xnetman_share), xnet_read_share },
};

/**
 * xnet_records_begin - begin the records of a message
 * @records: filled in
 * @skb: the message
 * @kind: what they are about
 *
 * Return: 0 or -EMSGSIZE; then part of it may be there.
 */
int xnet_records_begin(struct xnet_records *records, struct sk_buff *skb, enum xnetman_kind kind)
{
	if (nla_put_u8(skb, XNETMAN_A_KIND, kind) ||
	    nla_put_u64_64bit(skb, XNETMAN_A_TIME, ktime_get_ns(), XNETMAN_A_PAD) ||
	    nla_put_u32(skb, XNETMAN_A_RECORD_SIZE, xnet_kinds[kind].size))
		return -EMSGSIZE;
	records->array = nla_reserve(skb, XNETMAN_A_RECORDS, 0);
	if (!records->array)
		return -EMSGSIZE;
	records->skb = skb;
	records->kind = kind;
	records->n = 0;
	return 0;
}

/**
 * xnet_records_add - append an object's record
 * @records: begun
 * @object: &struct xnet_network, _link, _port or _share, by their kind
 *
 * Under xnet_lock. Return: false: there is no room for it.
 */
bool xnet_records_add(struct xnet_records *records, const void *object)
{
	size_t size = xnet_kinds[records->kind].size;
	union xnet_record record = {};

	if (records->n == XNETMAN_RECORDS_MAX || skb_tailroom(records->skb) < size)
		return false;
	xnet_kinds[records->kind].read(&record, object);
	skb_put_data(records->skb, &record, size);
	records->n++;
	return true;
}

/* After the last one. */
void xnet_records_end(struct xnet_records *records)
{
	records->array->nla_len = nla_attr_size(records->n * xnet_kinds[records->kind].size);
}
