// SPDX-License-Identifier: GPL-2.0-only
/* Which skb->priority the packets of each (network, link) pair get. */
#include <linux/xnetman.h>

#include "array.h"
#include "link.h"
#include "main.h"
#include "priority.h"
#include "share.h"

/* The pair that an entry is about, or NULL. Under xnet_lock. */
static struct xnet_share *xnet_priority_share(u32 net_id, u32 ifindex)
{
	struct xnet_link *link = xa_load(&xnet_links, ifindex);

	return link ? xa_load(&link->by_id, net_id) : NULL;
}

static int xnet_priority_array(const struct nlattr *attr, bool set, struct netlink_ext_ack *extack)
{
	static const struct xnet_fault unknown = { -ENOENT, "its network or link is not known" };
	const struct xnetman_priority *entries = nla_data(attr);
	int n = xnet_array_length(attr, sizeof(*entries), extack), i;
	struct xnet_share *share;

	for (i = 0; i < n; i++) {
		share = xnet_priority_share(entries[i].net_id, entries[i].ifindex);
		if (!share)
			return xnet_array_blame(attr, i, &unknown, extack);
		if (set)
			WRITE_ONCE(share->priority, entries[i].priority);
	}
	return n < 0 ? n : 0;
}

static int xnet_priority_arrays(const struct nlattr *head, int len, bool set,
				struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_attr(attr, head, len, rem) {
		if (nla_type(attr) != XNETMAN_A_PRIORITIES)
			continue;
		err = xnet_priority_array(attr, set, extack);
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
	int err = xnet_priority_arrays(head, len, false, extack);

	return err ?: xnet_priority_arrays(head, len, true, extack);
}
