// SPDX-License-Identifier: GPL-2.0-only
/* Which skb->priority the packets of each (network, link) pair get. */
#include <linux/xnetman.h>

#include "link.h"
#include "main.h"
#include "policy.h"
#include "priority.h"
#include "share.h"

/* The pair that an entry is about, or NULL. Under xnet_lock. */
static struct xnet_share *xnet_priority_share(u32 net_id, u32 ifindex)
{
	struct xnet_link *link = xa_load(&xnet_links, ifindex);

	return link ? xa_load(&link->by_id, net_id) : NULL;
}

static int xnet_priority_entry(const struct nlattr *entry, bool set, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[XNETMAN_A_MAX + 1];
	struct xnet_share *share;
	int err;

	err = nla_parse_nested(tb, XNETMAN_A_MAX, entry, xnet_policy_priority, extack);
	if (err)
		return err;
	if (!tb[XNETMAN_A_NET_ID] || !tb[XNETMAN_A_IFINDEX] || !tb[XNETMAN_A_PRIORITY]) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "an entry needs NET_ID, IFINDEX and PRIORITY");
		return -EINVAL;
	}
	share = xnet_priority_share(nla_get_u32(tb[XNETMAN_A_NET_ID]),
				    nla_get_u32(tb[XNETMAN_A_IFINDEX]));
	if (!share) {
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "the network or the link of an entry is not known");
		return -ENOENT;
	}
	if (set)
		WRITE_ONCE(share->priority, nla_get_u32(tb[XNETMAN_A_PRIORITY]));
	return 0;
}

static int xnet_priority_nest(const struct nlattr *nest, bool set, struct netlink_ext_ack *extack)
{
	const struct nlattr *entry;
	int rem, err;

	nla_for_each_nested(entry, nest, rem) {
		err = xnet_priority_entry(entry, set, extack);
		if (err)
			return err;
	}
	return 0;
}

static int xnet_priority_nests(const struct nlattr *head, int len, bool set,
			       struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_attr(attr, head, len, rem) {
		if (nla_type(attr) != XNETMAN_A_PRIORITIES)
			continue;
		err = xnet_priority_nest(attr, set, extack);
		if (err)
			return err;
	}
	return 0;
}

/**
 * xnet_priorities_set - give pairs their priority
 * @head: attributes of the message, valid by xnet_policy_priorities
 * @len: their length, bytes
 * @extack: why not
 *
 * Under xnet_lock. Return: 0, -ENOENT or -EINVAL; then nothing was changed: all entries are
 * looked at before one is set.
 */
int xnet_priorities_set(const struct nlattr *head, int len, struct netlink_ext_ack *extack)
{
	int err = xnet_priority_nests(head, len, false, extack);

	return err ?: xnet_priority_nests(head, len, true, extack);
}
