// SPDX-License-Identifier: GPL-2.0-only
/* Packets of a link held back for a moment. */
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <net/dst.h>

#include "hold.h"

static void xnet_hold_work(struct work_struct *work)
{
	xnet_hold_release(container_of(to_delayed_work(work), struct xnet_hold, end));
}

void xnet_hold_init(struct xnet_hold *hold)
{
	skb_queue_head_init(&hold->queue);
	mutex_init(&hold->drain);
	INIT_DELAYED_WORK(&hold->end, xnet_hold_work);
}

/**
 * xnet_hold_start - hold packets from now on
 * @hold: of the link
 * @ms: for at most that long
 *
 * What has passed the hook before is in the qdisc, or on its way, when this returns. May sleep.
 *
 * Return: 0, or -EOPNOTSUPP: this kernel can't be told that a packet was at the hook already.
 */
int xnet_hold_start(struct xnet_hold *hold, u32 ms)
{
	if (!IS_ENABLED(CONFIG_NETFILTER_SKIP_EGRESS))
		return -EOPNOTSUPP;
	spin_lock_bh(&hold->queue.lock);
	WRITE_ONCE(hold->on, true);
	spin_unlock_bh(&hold->queue.lock);
	synchronize_net();
	mod_delayed_work(system_wq, &hold->end, msecs_to_jiffies(ms));
	return 0;
}

/**
 * xnet_hold_packet - is this packet to be held?
 * @hold: of its link
 * @skb: at the link's egress; not the caller's any more if so
 *
 * In softirq, under rcu_read_lock().
 */
bool xnet_hold_packet(struct xnet_hold *hold, struct sk_buff *skb)
{
	bool held = false;

	spin_lock(&hold->queue.lock);
	if (hold->on && skb_queue_len(&hold->queue) < XNET_HOLD_PACKETS &&
	    hold->bytes < XNET_HOLD_BYTES && (!skb_dst(skb) || skb_dst_force(skb))) {
		__skb_queue_tail(&hold->queue, skb);
		hold->bytes += skb->truesize;
		held = true;
	}
	spin_unlock(&hold->queue.lock);
	return held;
}

/* The oldest one; NULL: there is none. Then, or if @last, none will be held any more. */
static struct sk_buff *xnet_hold_next(struct xnet_hold *hold, bool last)
{
	struct sk_buff *skb;

	spin_lock_bh(&hold->queue.lock);
	skb = __skb_dequeue(&hold->queue);
	if (skb)
		hold->bytes -= skb->truesize;
	if (!skb || last)
		WRITE_ONCE(hold->on, false);
	spin_unlock_bh(&hold->queue.lock);
	return skb;
}

/*
 * What comes while the rest goes is put behind it, so nothing overtakes; unless it comes so fast that there would be
 * no end. May sleep.
 */
void xnet_hold_release(struct xnet_hold *hold)
{
	struct sk_buff *skb;
	u32 n = 0;

	mutex_lock(&hold->drain);
	while ((skb = xnet_hold_next(hold, ++n > 2 * XNET_HOLD_PACKETS))) {
		nf_skip_egress(skb, true);
		dev_queue_xmit(skb);
		cond_resched();
	}
	mutex_unlock(&hold->drain);
}

/* Packets may still be in the link's hook: none is held any more. What was goes with the link. May sleep. */
void xnet_hold_exit(struct xnet_hold *hold)
{
	spin_lock_bh(&hold->queue.lock);
	WRITE_ONCE(hold->on, false);
	spin_unlock_bh(&hold->queue.lock);
	cancel_delayed_work_sync(&hold->end);
	skb_queue_purge(&hold->queue);
}
