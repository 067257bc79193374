/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices that are ports or links: when they go away or change their name. */
#ifndef XNET_NETDEV_H
#define XNET_NETDEV_H

int xnet_netdev_init(void);
void xnet_netdev_exit(void);

#endif /* XNET_NETDEV_H */
