/* SPDX-License-Identifier: GPL-2.0-only */
/* A push: all ratios and entitlements at once, in force as a whole or not at all. */
#ifndef XNET_PUSH_H
#define XNET_PUSH_H

#include <net/netlink.h>

int xnet_push(const struct nlattr *head, int len, u64 generation, u32 lease_ms,
	      struct netlink_ext_ack *extack);

#endif /* XNET_PUSH_H */
