/* SPDX-License-Identifier: GPL-2.0-only */
/* Which routing table is whose, and the FIB notifiers that tell what is in it. */
#ifndef XNET_ROUTE_H
#define XNET_ROUTE_H

#include <linux/types.h>

struct netlink_ext_ack;
struct xnet_network;
struct xnet_samples;

int xnet_route_set_table(u32 net_id, u32 id, u32 limit, struct netlink_ext_ack *extack);
void xnet_route_retire(struct xnet_network *network);
void xnet_route_reap(void);
struct xnet_samples *xnet_route_samples(const struct xnet_network *network);

#endif /* XNET_ROUTE_H */
