// SPDX-License-Identifier: GPL-2.0-only
/* Links: devices on whose egress networks compete. */
#include <linux/idr.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/xnetman.h>

#include "guards.h"
#include "hook.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "port.h"
#include "ratios.h"
#include "share.h"

DEFINE_XARRAY(xnet_links);

static DEFINE_IDA(xnet_link_ida);

static int xnet_slot_get(struct xnet_link *link, struct netlink_ext_ack *extack)
{
	int slot = ida_alloc_range(&xnet_link_ida, XNET_SLOT_INPUT + 1,
				   XNET_SLOT_INPUT + XNETMAN_LINKS_MAX, GFP_KERNEL);

	if (slot == -ENOSPC)
		NL_SET_ERR_MSG(extack, "there are as many links as the module can have");
	if (slot < 0)
		return slot;
	link->slot = slot;
	return 0;
}

static void xnet_slot_put(struct xnet_link *link)
{
	xnet_ratios_forget_link(link->slot);
	xnet_guards_forget_link(link->slot);
	ida_free(&xnet_link_ida, link->slot);
}

/* Highest slot in use + 1; that of the inputs always is. Under xnet_lock. */
u32 xnet_link_slots(void)
{
	struct xnet_link *link;
	unsigned long ifindex;
	u32 slots = XNET_SLOT_INPUT + 1;

	xa_for_each(&xnet_links, ifindex, link)
		slots = max(slots, link->slot + 1);
	return slots;
}

static void xnet_link_unshare(struct xnet_link *link)
{
	struct xnet_network *network;
	unsigned long id;

	xa_for_each(&xnet_networks, id, network)
		xnet_share_destroy(link, id);
}

/* A share of the link for every network. */
static int xnet_link_share(struct xnet_link *link)
{
	struct xnet_network *network;
	unsigned long id;
	int err;

	xa_for_each(&xnet_networks, id, network) {
		err = xnet_share_create(link, network);
		if (err)
			goto err_shares;
	}
	return 0;

err_shares:
	xnet_link_unshare(link);
	return err;
}

static void xnet_link_free(struct xnet_link *link)
{
	free_percpu(link->cpu);
	kvfree(link);
}

static void xnet_link_free_rcu(struct rcu_head *rcu)
{
	xnet_link_free(container_of(rcu, struct xnet_link, rcu));
}

static struct xnet_link *xnet_link_alloc(struct net_device *dev)
{
	struct xnet_link *link = kvzalloc(sizeof(*link), GFP_KERNEL);
	int cpu;

	if (!link)
		return NULL;
	link->cpu = alloc_percpu(struct xnet_link_cpu);
	if (!link->cpu) {
		kvfree(link);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		xnet_acct_init(&per_cpu_ptr(link->cpu, cpu)->host);
	xa_init(&link->by_id);
	xnet_hold_init(&link->hold);
	link->dev = dev;
	strscpy(link->name, dev->name, sizeof(link->name));
	return link;
}

static int xnet_link_start(struct xnet_link *link, struct netlink_ext_ack *extack)
{
	struct net_device *dev = link->dev;
	int err;

	err = xnet_slot_get(link, extack);
	if (err)
		return err;
	err = xnet_link_share(link);
	if (err)
		goto err_slot;
	err = xa_err(xa_store(&xnet_links, dev->ifindex, link, GFP_KERNEL));
	if (err)
		goto err_shares;
	err = xnet_hook_register(&link->hook, XNET_HOOK_LINK_EGRESS, dev, link, extack);
	if (err)
		goto err_links;
	return 0;

err_links:
	xa_erase(&xnet_links, dev->ifindex);
err_shares:
	xnet_link_unshare(link);
err_slot:
	xnet_slot_put(link);
	return err;
}

/**
 * xnet_link_create - let networks compete on a device's egress from now on
 * @ifindex: of the device, in the initial network namespace
 * @extack: why not
 *
 * Under rtnl and xnet_lock. Return: 0, -ENODEV, -EEXIST (is a link already),
 * -ENOSPC, -ENOMEM or what netfilter says.
 */
int xnet_link_create(u32 ifindex, struct netlink_ext_ack *extack)
{
	struct net_device *dev = xnet_hook_device(ifindex, extack);
	struct xnet_link *link;
	int err;

	if (!dev)
		return -ENODEV;
	if (xa_load(&xnet_links, ifindex)) {
		NL_SET_ERR_MSG(extack, "the device is a link already");
		return -EEXIST;
	}
	link = xnet_link_alloc(dev);
	if (!link)
		return -ENOMEM;
	err = xnet_link_start(link, extack);
	if (err) {
		xnet_link_free(link);
		return err;
	}
	netdev_hold(dev, &link->tracker, GFP_KERNEL);
	xnet_config_seq++;
	return 0;
}

/* Under xnet_lock. */
void xnet_link_destroy(struct xnet_link *link)
{
	xnet_hook_unregister(&link->hook);
	xnet_hold_exit(&link->hold);
	xa_erase(&xnet_links, link->dev->ifindex);
	xnet_link_unshare(link);
	xnet_slot_put(link);
	netdev_put(link->dev, &link->tracker);
	call_rcu(&link->rcu, xnet_link_free_rcu);
	xnet_config_seq++;
}

/* Under xnet_lock. Return: 0 or -ENOENT. */
int xnet_link_delete(u32 ifindex, struct netlink_ext_ack *extack)
{
	struct xnet_link *link = xa_load(&xnet_links, ifindex);

	if (!link) {
		NL_SET_ERR_MSG(extack, "the device is not a link");
		return -ENOENT;
	}
	xnet_link_destroy(link);
	return 0;
}

/**
 * xnet_link_hold - hold a link's packets for a moment, or let them go
 * @ifindex: of the link
 * @ms: at most that long; 0: let them go
 * @extack: why not
 *
 * Under xnet_lock. Return: 0, -ENOENT, or -EOPNOTSUPP: this kernel can't.
 */
int xnet_link_hold(u32 ifindex, u32 ms, struct netlink_ext_ack *extack)
{
	struct xnet_link *link = xa_load(&xnet_links, ifindex);

	if (!link) {
		NL_SET_ERR_MSG(extack, "the device is not a link");
		return -ENOENT;
	}
	if (ms)
		return xnet_hold_start(&link->hold, ms);
	xnet_hold_release(&link->hold);
	return 0;
}

/* Under xnet_lock. */
void xnet_link_flush(void)
{
	struct xnet_link *link;
	unsigned long ifindex;

	xa_for_each(&xnet_links, ifindex, link)
		xnet_link_destroy(link);
}
