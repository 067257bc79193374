// SPDX-License-Identifier: GPL-2.0-only
/* A push: all ratios and entitlements at once, in force as a whole or not at all. */
#include <linux/xnetman.h>

#include "guards.h"
#include "lease.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "policy.h"
#include "push.h"
#include "ratios.h"

/* The row that an entry is about: that of a link, or of the inputs. Return: -ENOENT: no such link. */
static int xnet_push_row(const struct nlattr *entry, u32 ifindex, struct netlink_ext_ack *extack)
{
	struct xnet_link *link = xa_load(&xnet_links, ifindex);

	if (!ifindex)
		return XNET_SLOT_INPUT;
	if (link)
		return link->slot;
	NL_SET_ERR_MSG_ATTR(extack, entry, "the device of an entry is not a link");
	return -ENOENT;
}

static int xnet_push_entry(struct xnet_ratios *ratios, const struct nlattr *entry,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[XNETMAN_A_MAX + 1];
	struct xnet_network *network;
	int row, err;

	err = nla_parse_nested(tb, XNETMAN_A_MAX, entry, xnet_policy_entry, extack);
	if (err)
		return err;
	if (!tb[XNETMAN_A_NET_ID] || !tb[XNETMAN_A_IFINDEX] || !tb[XNETMAN_A_RATIO]) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "an entry needs NET_ID, IFINDEX and RATIO");
		return -EINVAL;
	}

	row = xnet_push_row(entry, nla_get_u32(tb[XNETMAN_A_IFINDEX]), extack);
	if (row < 0)
		return row;
	network = xa_load(&xnet_networks, nla_get_u32(tb[XNETMAN_A_NET_ID]));
	if (!network) {
		NL_SET_ERR_MSG_ATTR(extack, entry, "there is no network with the id of an entry");
		return -ENOENT;
	}
	xnet_ratios_set(ratios, row, network->slot, nla_get_u32(tb[XNETMAN_A_RATIO]));
	return 0;
}

static int xnet_push_nest(struct xnet_ratios *ratios, const struct nlattr *nest,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *entry;
	int rem, err;

	nla_for_each_nested(entry, nest, rem) {
		err = xnet_push_entry(ratios, entry, extack);
		if (err)
			return err;
	}
	return 0;
}

/* A nest holds 64 KiB at most, so there may be several. */
static int xnet_push_nests(struct xnet_ratios *ratios, const struct nlattr *head, int len,
			   struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_attr(attr, head, len, rem) {
		if (nla_type(attr) != XNETMAN_A_RATIOS)
			continue;
		err = xnet_push_nest(ratios, attr, extack);
		if (err)
			return err;
	}
	return 0;
}

/* Ratios and entitlements, read but not in force. Return: -ENOMEM: none of both. */
static int xnet_push_alloc(struct xnet_ratios **ratios, struct xnet_guards **guards)
{
	u32 links = xnet_link_slots(), networks = xnet_network_slots();

	*ratios = xnet_ratios_alloc(links, networks);
	if (!*ratios)
		return -ENOMEM;
	*guards = xnet_guards_alloc(links, networks);
	if (*guards)
		return 0;
	xnet_ratios_free(*ratios);
	return -ENOMEM;
}

/**
 * xnet_push - put new ratios and entitlements in force
 * @head: attributes of the message, valid by xnet_policy_push
 * @len: their length, bytes
 * @generation: number of the push, above the last one's
 * @lease_ms: how long it is good for
 * @extack: why not
 *
 * Under xnet_lock. Return: 0, -ESTALE, -ENOENT, -EINVAL or -ENOMEM; then the
 * last push stays in force.
 */
int xnet_push(const struct nlattr *head, int len, u64 generation, u32 lease_ms,
	      struct netlink_ext_ack *extack)
{
	struct xnet_ratios *ratios;
	struct xnet_guards *guards;
	int err;

	if (generation <= xnet_generation) {
		NL_SET_ERR_MSG(extack, "the generation is not above that of the last push");
		return -ESTALE;
	}
	err = xnet_push_alloc(&ratios, &guards);
	if (err)
		return err;
	err = xnet_push_nests(ratios, head, len, extack)
		      ?: xnet_guards_read(guards, head, len, extack);
	if (err)
		goto err_tables;

	xnet_generation = generation;
	xnet_ratios_publish(ratios);
	xnet_guards_publish(guards);
	xnet_lease_start(lease_ms);
	return 0;

err_tables:
	xnet_guards_free(guards);
	xnet_ratios_free(ratios);
	return err;
}
