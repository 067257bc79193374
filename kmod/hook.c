// SPDX-License-Identifier: GPL-2.0-only
/*
 * The packet path: what happens to a packet at a port and at a link.
 *
 * What most packets need is in line and calls nothing, so that the compiler saves no register for it;
 * what few need ends in a call. tests/bench/packet.sh counts the instructions.
 */
#include <linux/netfilter_ipv4.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "acct.h"
#include "drop.h"
#include "hook.h"
#include "link.h"
#include "port.h"
#include "ratios.h"
#include "sample.h"
#include "share.h"
#include "trace.h"

u32 xnet_mark_mask __read_mostly;

/* @mark with @id in the bits of @mask; just @mark if that has none. */
u32 xnet_mark_set(u32 mark, u32 mask, u32 id)
{
	if (!mask)
		return mark;
	return (mark & ~mask) | ((id << __ffs(mask)) & mask);
}

/* The punishment of the network's inputs, or NULL. */
static const struct xnet_ratio *xnet_input_ratio(const struct xnet_port *port)
{
	const struct xnet_ratio *ratio = xnet_ratio(XNET_SLOT_INPUT, port->network_slot);

	return ratio && READ_ONCE(ratio->threshold) ? ratio : NULL;
}

/* Has this packet to bear it? Counts it if so. */
static bool xnet_input_drop(struct xnet_port *port, const struct xnet_ratio *ratio,
			    enum xnet_side side, const struct xnet_size *size)
{
	struct xnet_port_cpu *cpu = this_cpu_ptr(port->cpu);
	u32 threshold = READ_ONCE(ratio->threshold);

	if (!xnet_drop(cpu->phases, size->bytes, ratio->start, threshold))
		return false;
	xnet_acct_add(&cpu->dropped, side, size);
	trace_drop(port->net_id, port->dev->ifindex, size->bytes, threshold);
	return true;
}

/* What few packets need: drop it, or remember where it goes? */
static noinline unsigned int xnet_port_look(struct xnet_port *port, const struct xnet_ratio *ratio,
					    struct sk_buff *skb, struct xnet_size size)
{
	struct xnet_samples *samples = rcu_dereference(port->samples);

	if (ratio && xnet_input_drop(port, ratio, XNET_RX, &size))
		return NF_DROP;
	if (samples && xnet_sample_due())
		xnet_sample(samples, skb);
	return NF_ACCEPT;
}

static __always_inline unsigned int xnet_port_receive(struct xnet_port *port, struct sk_buff *skb,
						      struct xnet_size size)
{
	const struct xnet_ratio *ratio = xnet_input_ratio(port);
	u32 mask = READ_ONCE(xnet_mark_mask);

	xnet_acct_add(&this_cpu_ptr(port->cpu)->acct, XNET_RX, &size);
	if (mask)
		skb->mark = xnet_mark_set(skb->mark, mask, port->net_id);
	if (unlikely(ratio) || rcu_access_pointer(port->samples))
		return xnet_port_look(port, ratio, skb, size);
	return NF_ACCEPT;
}

static noinline unsigned int xnet_port_receive_segments(struct xnet_port *port, struct sk_buff *skb)
{
	return xnet_port_receive(port, skb, xnet_wire_size_segments(skb, skb->mac_len));
}

static unsigned int xnet_port_ingress(void *object, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	if (unlikely(!xnet_wire_plain(skb)))
		return xnet_port_receive_segments(object, skb);
	return xnet_port_receive(object, skb, xnet_wire_size_plain(skb, skb->mac_len));
}

/*
 * Does the packet come into the network here? What came in through another of its
 * ports did so there, and was punished there; Dom0's own is nobody's.
 */
static bool xnet_port_enters(const struct xnet_port *port, const struct sk_buff *skb)
{
	const struct xnet_port *from = xnet_port_find(skb->skb_iif);

	return skb->skb_iif && (!from || from->net_id != port->net_id);
}

static unsigned int xnet_port_egress(void *object, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct xnet_port *port = object;
	const struct xnet_ratio *ratio = xnet_input_ratio(port);
	struct xnet_size size;

	size = xnet_wire_size(skb, 0);
	if (unlikely(ratio) && xnet_port_enters(port, skb) &&
	    xnet_input_drop(port, ratio, XNET_TX, &size))
		return NF_DROP;
	xnet_acct_add(&this_cpu_ptr(port->cpu)->acct, XNET_TX, &size);
	return NF_ACCEPT;
}

/* What a packet's priority becomes that had @now. Under rcu_read_lock(). */
u32 xnet_priority(const struct xnet_share *share, u32 now)
{
	return READ_ONCE(share->priority) ?: now;
}

static unsigned int xnet_link_pass(struct xnet_link *link, struct sk_buff *skb)
{
	if (unlikely(READ_ONCE(link->hold.on)))
		return xnet_hold_packet(&link->hold, skb) ? NF_STOLEN : NF_ACCEPT;
	return NF_ACCEPT;
}

/* The guard is to look: has this packet to bear it? Counts it either way. */
static noinline unsigned int xnet_link_look(struct xnet_link *link, struct xnet_share *share,
					    struct sk_buff *skb, struct xnet_size size)
{
	bool drop = xnet_guard_look(link, share, skb, &size);

	xnet_acct_offer(&this_cpu_ptr(share->cpu)->acct, &size, drop);
	return drop ? NF_DROP : xnet_link_pass(link, skb);
}

static __always_inline unsigned int xnet_link_guard(struct xnet_link *link,
						    struct xnet_share *share, struct sk_buff *skb,
						    struct xnet_size size)
{
	if (unlikely(xnet_guard_due(&this_cpu_ptr(link->cpu)->guard, size.bytes)))
		return xnet_link_look(link, share, skb, size);
	xnet_acct_add(&this_cpu_ptr(share->cpu)->acct, XNET_OFFERED, &size);
	return xnet_link_pass(link, skb);
}

/* The share is punished: has this packet to bear it? Counts it either way. */
static noinline unsigned int xnet_link_punish(struct xnet_link *link, struct xnet_share *share,
					      const struct xnet_ratio *ratio, struct sk_buff *skb,
					      struct xnet_size size)
{
	struct xnet_share_cpu *cpu = this_cpu_ptr(share->cpu);
	u32 threshold = READ_ONCE(ratio->threshold);

	if (!threshold || !xnet_drop(cpu->phases, size.bytes, ratio->start, threshold) ||
	    xnet_spare(share, ratio))
		return xnet_link_guard(link, share, skb, size);
	xnet_acct_offer(&cpu->acct, &size, true);
	trace_drop(share->net_id, share->ifindex, size.bytes, threshold);
	return NF_DROP;
}

static __always_inline unsigned int xnet_link_share(struct xnet_link *link,
						    struct xnet_share *share, struct sk_buff *skb,
						    struct xnet_size size)
{
	const struct xnet_ratio *ratio = xnet_ratio(share->link_slot, share->network_slot);

	skb->priority = xnet_priority(share, skb->priority);
	if (unlikely(ratio))
		return xnet_link_punish(link, share, ratio, skb, size);
	return xnet_link_guard(link, share, skb, size);
}

/* Dom0's own: takes of the link like others', but is not dropped. */
static void xnet_link_host(struct xnet_link *link, struct sk_buff *skb, struct xnet_size size)
{
	struct xnet_link_cpu *cpu = this_cpu_ptr(link->cpu);

	if (xnet_guard_due(&cpu->guard, size.bytes))
		xnet_guard_look(link, NULL, skb, &size);
	xnet_acct_add(&cpu->host, XNET_OFFERED, &size);
}

/* What came in by no port: Dom0's own, unless its mark says whose it is. */
static noinline unsigned int xnet_link_stray(struct xnet_link *link, struct sk_buff *skb,
					     struct xnet_size size)
{
	struct xnet_share *share = xnet_classify_mark(link, skb->mark, READ_ONCE(xnet_mark_mask));

	if (share)
		return xnet_link_share(link, share, skb, size);
	xnet_link_host(link, skb, size);
	return xnet_link_pass(link, skb);
}

static __always_inline unsigned int xnet_link_send(struct xnet_link *link, struct sk_buff *skb,
						   struct xnet_size size)
{
	struct xnet_share *share = xnet_classify_iif(link, skb->skb_iif);

	if (unlikely(!share))
		return xnet_link_stray(link, skb, size);
	return xnet_link_share(link, share, skb, size);
}

static noinline unsigned int xnet_link_send_segments(struct xnet_link *link, struct sk_buff *skb)
{
	return xnet_link_send(link, skb, xnet_wire_size_segments(skb, 0));
}

static unsigned int xnet_link_egress(void *object, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	if (unlikely(!xnet_wire_plain(skb)))
		return xnet_link_send_segments(object, skb);
	return xnet_link_send(object, skb, xnet_wire_size_plain(skb, 0));
}

static const struct {
	nf_hookfn *function;
	unsigned int hooknum;
} xnet_hooks[] = {
	[XNET_HOOK_PORT_INGRESS] = { xnet_port_ingress, NF_NETDEV_INGRESS },
	[XNET_HOOK_PORT_EGRESS] = { xnet_port_egress, NF_NETDEV_EGRESS },
	[XNET_HOOK_LINK_EGRESS] = { xnet_link_egress, NF_NETDEV_EGRESS },
};

/* The device that is to become a port or link, or NULL. Under rtnl. */
struct net_device *xnet_hook_device(u32 ifindex, struct netlink_ext_ack *extack)
{
	struct net_device *dev = __dev_get_by_index(&init_net, ifindex);

	if (!dev)
		NL_SET_ERR_MSG(extack, "no such device in the initial network namespace");
	return dev;
}

/**
 * xnet_hook_register - send a device's packets through a hook
 * @ops: of the object; filled in
 * @hook: which hook
 * @dev: the device
 * @object: what the hook gets
 * @extack: why not
 */
int xnet_hook_register(struct nf_hook_ops *ops, enum xnet_hook hook, struct net_device *dev,
		       void *object, struct netlink_ext_ack *extack)
{
	int err;

	ops->hook = xnet_hooks[hook].function;
	ops->hooknum = xnet_hooks[hook].hooknum;
	ops->pf = NFPROTO_NETDEV;
	ops->priority = NF_IP_PRI_FIRST; /* count what is offered, before any filter */
	ops->dev = dev;
	ops->priv = object;

	err = nf_register_net_hook(&init_net, ops);
	if (err)
		NL_SET_ERR_MSG(extack, "the kernel refused a netfilter hook on the device");
	return err;
}

/* A packet may be in the hook until a grace period has passed. */
void xnet_hook_unregister(const struct nf_hook_ops *ops)
{
	nf_unregister_net_hook(&init_net, ops);
}
