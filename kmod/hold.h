/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets of a link held back for a moment. When a device's root qdisc is exchanged the kernel empties the old one
 * and drops what comes meanwhile; what is held comes after it, in its order.
 */
#ifndef XNET_HOLD_H
#define XNET_HOLD_H

#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>

/* What is not held any more above that goes on its way: no more memory than a large NIC's ring. */
#define XNET_HOLD_PACKETS 16384
#define XNET_HOLD_BYTES	  (32 << 20)

/**
 * struct xnet_hold - of one link
 * @on: packets are held; written under @queue.lock
 * @bytes: of memory in @queue; under its lock
 * @queue: what is held
 * @drain: one lets go at a time
 * @end: lets go when nobody else does
 */
struct xnet_hold {
	bool on;
	u32 bytes;
	struct sk_buff_head queue;
	struct mutex drain;
	struct delayed_work end;
};

void xnet_hold_init(struct xnet_hold *hold);
void xnet_hold_exit(struct xnet_hold *hold);
int xnet_hold_start(struct xnet_hold *hold, u32 ms);
void xnet_hold_release(struct xnet_hold *hold);
bool xnet_hold_packet(struct xnet_hold *hold, struct sk_buff *skb);

#endif /* XNET_HOLD_H */
