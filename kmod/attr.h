/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attributes of records, of which a dump of many networks has hundreds of thousands: as nla_put_u32() and
 * nla_put_u64_64bit(), which spend most of their time on calls and on padding that these never need.
 */
#ifndef XNET_ATTR_H
#define XNET_ATTR_H

#include <linux/skbuff.h>
#include <linux/xnetman.h>
#include <net/netlink.h>

/* Room for @size bytes, a multiple of 4, or NULL. */
static inline void *xnet_attr(struct sk_buff *skb, u16 type, u16 size)
{
	struct nlattr *attr;

	if (unlikely(skb_tailroom(skb) < nla_total_size(size)))
		return NULL;
	attr = __skb_put(skb, nla_total_size(size));
	attr->nla_type = type;
	attr->nla_len = nla_attr_size(size);
	return nla_data(attr);
}

static inline int xnet_put_u32(struct sk_buff *skb, u16 type, u32 value)
{
	u32 *at = xnet_attr(skb, type, sizeof(value));

	if (!at)
		return -EMSGSIZE;
	*at = value;
	return 0;
}

/* A reader may want it aligned where the machine does. */
static inline int xnet_put_u64(struct sk_buff *skb, u16 type, u64 value)
{
	void *at;

	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS))
		return nla_put_u64_64bit(skb, type, value, XNETMAN_A_PAD);
	at = xnet_attr(skb, type, sizeof(value));
	if (!at)
		return -EMSGSIZE;
	memcpy(at, &value, sizeof(value));
	return 0;
}

#endif /* XNET_ATTR_H */
