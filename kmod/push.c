// SPDX-License-Identifier: GPL-2.0-only
/* A push: all ratios and entitlements at once, in force as a whole or not at all. */
#include <linux/xnetman.h>

#include "array.h"
#include "guards.h"
#include "lease.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "push.h"
#include "ratios.h"

/* Where an entry is; the next one is mostly on the same link. */
struct xnet_push_cell {
	u32 ifindex; /* of the link; 0: the inputs */
	u32 row;     /* slot of the link */
	u32 column;  /* slot of the network */
};

static bool xnet_push_find_row(struct xnet_push_cell *cell, u32 ifindex)
{
	const struct xnet_link *link;

	if (ifindex == cell->ifindex)
		return true;
	link = xa_load(&xnet_links, ifindex);
	if (ifindex && !link)
		return false;
	cell->ifindex = ifindex;
	cell->row = ifindex ? link->slot : XNET_SLOT_INPUT;
	return true;
}

/* Return: what is wrong with it, or NULL. */
static const struct xnet_fault *xnet_push_ratio(struct xnet_ratios *ratios,
						struct xnet_push_cell *cell,
						const struct xnetman_ratio *entry)
{
	static const struct xnet_fault no_network = { -ENOENT, "there is no network with its id" };
	static const struct xnet_fault no_link = { -ENOENT, "its device is not a link" };
	static const struct xnet_fault too_much = { -ERANGE, "its ratio is above one" };

	if (!xnet_network_slot(entry->net_id, &cell->column))
		return &no_network;
	if (!xnet_push_find_row(cell, entry->ifindex))
		return &no_link;
	if (entry->ratio > XNETMAN_RATIO_ONE)
		return &too_much;
	xnet_ratios_set(ratios, cell->row, cell->column, entry->ratio);
	return NULL;
}

static int xnet_push_array(struct xnet_ratios *ratios, const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	struct xnet_push_cell cell = { 0, XNET_SLOT_INPUT, 0 };
	const struct xnetman_ratio *entries = nla_data(attr);
	int n = xnet_array_length(attr, sizeof(*entries), extack), i;
	const struct xnet_fault *fault;

	for (i = 0; i < n; i++) {
		fault = xnet_push_ratio(ratios, &cell, &entries[i]);
		if (fault)
			return xnet_array_blame(attr, i, fault, extack);
	}
	return n < 0 ? n : 0;
}

/* An attribute holds 64 KiB at most, so there may be several. */
static int xnet_push_arrays(struct xnet_ratios *ratios, const struct nlattr *head, int len,
			    struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_attr(attr, head, len, rem) {
		if (nla_type(attr) != XNETMAN_A_RATIOS)
			continue;
		err = xnet_push_array(ratios, attr, extack);
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
	xnet_ratios_retire(*ratios);
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
 * Under xnet_lock. Return: 0, -ESTALE, -ENOENT, -ERANGE, -EINVAL or -ENOMEM; then the
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
	err = xnet_push_arrays(ratios, head, len, extack)
		      ?: xnet_guards_read(guards, head, len, extack);
	if (err)
		goto err_tables;

	xnet_generation = generation;
	xnet_ratios_publish(ratios);
	xnet_guards_publish(guards);
	xnet_lease_start(lease_ms);
	return 0;

err_tables:
	xnet_guards_retire(guards);
	xnet_ratios_retire(ratios);
	return err;
}
