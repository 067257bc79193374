/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual networks: an id, a name, and the ports that carry their traffic. */
#ifndef XNET_NETWORK_H
#define XNET_NETWORK_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include <linux/xnetman.h>

struct netlink_ext_ack;
struct xnet_table;

/* Under xnet_lock; the packet path never sees it. */
struct xnet_network {
	u32 id;	  /* chosen by user space */
	u32 slot; /* column in the table of ratios; of nobody else */
	char name[XNETMAN_NAME_MAX + 1];
	struct list_head ports;	  /* struct xnet_port */
	struct xnet_table *table; /* of its VRF; NULL: none */
	struct hlist_node by_name;
};

extern struct xarray xnet_networks; /* id -> struct xnet_network */

int xnet_network_set(u32 id, const char *name, struct netlink_ext_ack *extack);
int xnet_network_delete(u32 id, struct netlink_ext_ack *extack);
void xnet_network_flush(void);
u32 xnet_network_slots(void);
bool xnet_network_slot(u32 id, u32 *slot);
u32 xnet_network_highest_id(void);

#endif /* XNET_NETWORK_H */
