/* SPDX-License-Identifier: GPL-2.0-only */
/* The dump of all counters. */
#ifndef XNET_DUMP_H
#define XNET_DUMP_H

struct netlink_callback;
struct sk_buff;

int xnet_dump_counters(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* XNET_DUMP_H */
