/* SPDX-License-Identifier: GPL-2.0-only */
/* Ports: devices that carry one network's traffic into and out of Dom0. */
#ifndef XNET_PORT_H
#define XNET_PORT_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rculist.h>
#include <linux/xarray.h>

#include <linux/xnetman.h>

#include "acct.h"
#include "compat.h"
#include "drop.h"

struct xnet_network;
struct xnet_samples;

/* Devices get their numbers one after the other: with twice as many chains as networks few have two ports. */
#define XNET_PORT_CHAINS (2 * XNETMAN_NETWORKS_MAX)

/* Touched by its own CPU alone. */
struct xnet_port_cpu {
	struct xnet_acct acct;	  /* XNET_RX came into Dom0, XNET_TX left */
	struct xnet_acct dropped; /* on either side; those of XNET_TX did not leave */
	u32 phases[XNET_CLASSES];
};

/**
 * struct xnet_port - one port
 * @chain: ports whose ifindex has the same last bits; written under xnet_lock, read under RCU; first, so that a
 *	look-up need not tell an entry of the chain from the port that it is in
 * @cpu: its counters
 * @ifindex: of @dev, for the packet path
 * @net_id: id of @network, for the packet path
 * @network_slot: likewise, column in the table of ratios
 * @samples: where its packets' destinations are remembered, or NULL; written under
 *	xnet_lock, read under RCU
 * @network: whose port it is; under xnet_lock, as what follows
 * @node: in @network->ports
 * @dev: the device
 * @name: of @dev, as the notifier last told it (dev->name needs rtnl)
 * @tracker: of the reference to @dev
 * @ingress: hook of the packets that come in
 * @egress: hook of the packets that leave
 * @rcu: frees it when no packet can be in its hooks
 */
struct xnet_port {
	struct hlist_node chain;
	struct xnet_port_cpu __percpu *cpu;
	u32 ifindex;
	u32 net_id;
	u32 network_slot;
	struct xnet_samples __rcu *samples;

	struct xnet_network *network;
	struct list_head node;
	struct net_device *dev;
	char name[IFNAMSIZ];
	netdevice_tracker tracker;
	struct nf_hook_ops ingress;
	struct nf_hook_ops egress;
	struct rcu_head rcu;
};

extern struct xarray xnet_ports; /* ifindex -> struct xnet_port */

/* The same ports, for the packet path: to find one costs no more when there are many. */
extern struct hlist_head xnet_port_chains[XNET_PORT_CHAINS];

static inline struct hlist_head *xnet_port_chain(u32 ifindex)
{
	return &xnet_port_chains[ifindex % XNET_PORT_CHAINS];
}

/* The port that the device is, or NULL. Under rcu_read_lock(). */
static inline struct xnet_port *xnet_port_find(u32 ifindex)
{
	struct xnet_port *port;

	hlist_for_each_entry_rcu(port, xnet_port_chain(ifindex), chain)
	{
		if (port->ifindex == ifindex)
			return port;
	}
	return NULL;
}

int xnet_port_create(u32 ifindex, u32 net_id, struct netlink_ext_ack *extack);
int xnet_port_delete(u32 ifindex, struct netlink_ext_ack *extack);
void xnet_port_destroy(struct xnet_port *port);

#endif /* XNET_PORT_H */
