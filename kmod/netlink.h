/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic netlink family: what user space can ask for. */
#ifndef XNET_NETLINK_H
#define XNET_NETLINK_H

#include <net/genetlink.h>

extern struct genl_family xnet_family;

int xnet_netlink_init(void);
void xnet_netlink_exit(void);

#endif /* XNET_NETLINK_H */
