/* SPDX-License-Identifier: GPL-2.0-only */
/* Links: devices on whose egress networks compete. */
#ifndef XNET_LINK_H
#define XNET_LINK_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/xarray.h>
#include <linux/xnetman.h>

#include "acct.h"
#include "compat.h"
#include "guard.h"
#include "hold.h"

struct xnet_share;

/* Touched by its own CPU alone. */
struct xnet_link_cpu {
	struct xnet_acct host; /* what Dom0 itself sent (XNET_OFFERED) */
	struct xnet_guard_cpu guard;
};

/**
 * struct xnet_link - one link
 * @by_id: id of a network -> its share, which this owns; written under xnet_lock,
 *	read under RCU
 * @cpu: its counters, and the guard's
 * @dev: the device; under xnet_lock
 * @name: of @dev, as the notifier last told it (dev->name needs rtnl)
 * @tracker: of the reference to @dev
 * @hook: egress
 * @hold: of its packets, while its qdisc is exchanged
 * @slot: row in the table of ratios; of nobody else
 * @rcu: frees it when no packet can be in its hook
 * @contention: how full it is; written by all CPUs, in lines of its own
 * @by_slot: slot of a network -> its share; as by_id
 */
struct xnet_link {
	struct xarray by_id;
	struct xnet_link_cpu __percpu *cpu;

	struct net_device *dev;
	char name[IFNAMSIZ];
	netdevice_tracker tracker;
	struct nf_hook_ops hook;
	struct xnet_hold hold;
	u32 slot;
	struct rcu_head rcu;

	struct xnet_contention contention;
	struct xnet_share __rcu *by_slot[XNETMAN_NETWORKS_MAX];
};

extern struct xarray xnet_links; /* ifindex -> struct xnet_link */

int xnet_link_create(u32 ifindex, struct netlink_ext_ack *extack);
int xnet_link_delete(u32 ifindex, struct netlink_ext_ack *extack);
void xnet_link_destroy(struct xnet_link *link);
int xnet_link_hold(u32 ifindex, u32 ms, struct netlink_ext_ack *extack);
void xnet_link_flush(void);
u32 xnet_link_slots(void);

#endif /* XNET_LINK_H */
