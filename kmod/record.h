/* SPDX-License-Identifier: GPL-2.0-only */
/* Records: an object's name and counters as netlink attributes. */
#ifndef XNET_RECORD_H
#define XNET_RECORD_H

#include <linux/skbuff.h>
#include <linux/xnetman.h>

int xnet_record_put(struct sk_buff *skb, enum xnetman_kind kind, const void *object);

#endif /* XNET_RECORD_H */
