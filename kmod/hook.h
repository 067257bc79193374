/* SPDX-License-Identifier: GPL-2.0-only */
/* The packet path: what happens to a packet at a port and at a link. */
#ifndef XNET_HOOK_H
#define XNET_HOOK_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>

#include "link.h"
#include "port.h"

enum xnet_hook {
	XNET_HOOK_PORT_INGRESS, /* private: struct xnet_port */
	XNET_HOOK_PORT_EGRESS,	/* private: struct xnet_port */
	XNET_HOOK_LINK_EGRESS,	/* private: struct xnet_link */
};

/* Contiguous bits or 0; written under xnet_lock. */
extern u32 xnet_mark_mask;

/* Do the bits of @mask hold @id? No bits mean that marks are off: anything does. */
static inline bool xnet_mark_fits(u32 mask, u32 id)
{
	return !mask || id <= mask >> __ffs(mask);
}

struct net_device *xnet_hook_device(u32 ifindex, struct netlink_ext_ack *extack);
int xnet_hook_register(struct nf_hook_ops *ops, enum xnet_hook hook, struct net_device *dev,
		       void *object, struct netlink_ext_ack *extack);
void xnet_hook_unregister(const struct nf_hook_ops *ops);
u32 xnet_mark_set(u32 mark, u32 mask, u32 id);
u32 xnet_priority(const struct xnet_share *share, u32 now);

/*
 * Whose packet is this at a link's egress? Both under rcu_read_lock(), and both NULL: not known. First by the device
 * it came in by (for a VRF's packet that is the VRF; 0 if Dom0 made it), ...
 */
static inline struct xnet_share *xnet_classify_iif(const struct xnet_link *link, u32 iif)
{
	const struct xnet_port *port = xnet_port_find(iif);

	return port ? rcu_dereference(link->by_slot[port->network_slot]) : NULL;
}

/* ... then, where that is lost, by the bits of its mark that hold the id: @mask, or 0. */
static inline struct xnet_share *xnet_classify_mark(struct xnet_link *link, u32 mark, u32 mask)
{
	return mask ? xa_load(&link->by_id, (mark & mask) >> __ffs(mask)) : NULL;
}

#endif /* XNET_HOOK_H */
