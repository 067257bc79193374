/* SPDX-License-Identifier: GPL-2.0-only */
/* Which skb->priority the packets of each (network, link) pair get. */
#ifndef XNET_PRIORITY_H
#define XNET_PRIORITY_H

#include <net/netlink.h>

int xnet_priorities_set(const struct nlattr *head, int len, struct netlink_ext_ack *extack);

#endif /* XNET_PRIORITY_H */
