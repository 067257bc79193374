// SPDX-License-Identifier: GPL-2.0-only
/* Samples of where a network's packets go, by which user space ranks its routes. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/l3mdev.h>

#include "sample.h"

DEFINE_PER_CPU(u32, xnet_sample_phase);

struct xnet_samples *xnet_samples_create(u32 table)
{
	struct xnet_samples *samples = kvzalloc(sizeof(*samples), GFP_KERNEL);

	if (samples)
		samples->table = table;
	return samples;
}

/* No port refers to them any more; a packet may be in a hook still. NULL: no-op. */
void xnet_samples_destroy(struct xnet_samples *samples)
{
	if (samples)
		kvfree_rcu(samples, rcu);
}

/* Offset of the destination in the network header; 0: no IP. */
static int xnet_sample_offset(__be16 protocol, u32 *family, int *length)
{
	switch (protocol) {
	case htons(ETH_P_IP):
		*family = AF_INET;
		*length = sizeof(struct in_addr);
		return offsetof(struct iphdr, daddr);
	case htons(ETH_P_IPV6):
		*family = AF_INET6;
		*length = sizeof(struct in6_addr);
		return offsetof(struct ipv6hdr, daddr);
	default:
		return 0;
	}
}

static void xnet_sample_put(struct xnet_samples *samples, u32 family, const __be32 *address)
{
	u64 n = atomic64_inc_return(&samples->taken) - 1;
	struct xnet_sample *sample = &samples->ring[n % XNET_SAMPLES];
	int i;

	for (i = 0; i < 4; i++)
		WRITE_ONCE(sample->address[i], address[i]);
	WRITE_ONCE(sample->family, family);
}

/* Is the packet about to be looked up in the table? */
static bool xnet_sample_routed(const struct xnet_samples *samples, const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST && netif_is_l3_slave(skb->dev) &&
	       l3mdev_fib_table_rcu(skb->dev) == samples->table;
}

/**
 * xnet_sample - remember where a packet goes
 * @samples: of the network
 * @skb: at the ingress of one of its ports
 *
 * Does nothing if the port doesn't feed the network's VRF. Under rcu_read_lock(), BH off.
 */
void xnet_sample(struct xnet_samples *samples, const struct sk_buff *skb)
{
	__be32 address[4] = {};
	int offset, length;
	u32 family;

	if (!xnet_sample_routed(samples, skb))
		return;
	offset = xnet_sample_offset(skb->protocol, &family, &length);
	if (!offset)
		return;
	offset += skb_network_offset(skb);
	if (!skb_copy_bits(skb, offset, address, length))
		xnet_sample_put(samples, family, address);
}

/**
 * xnet_samples_get - the next sample behind a position
 * @samples: of the network
 * @position: samples taken before it; moves on. One that is overwritten already, or not
 *	of this ring's time, becomes the oldest there is
 * @sample: out
 *
 * Return: false: there is none yet.
 */
bool xnet_samples_get(const struct xnet_samples *samples, u64 *position, struct xnet_sample *sample)
{
	u64 taken = atomic64_read(&samples->taken);
	const struct xnet_sample *from;
	int i;

	if (*position > taken || *position + XNET_SAMPLES < taken)
		*position = taken > XNET_SAMPLES ? taken - XNET_SAMPLES : 0;
	if (*position == taken)
		return false;
	from = &samples->ring[(*position)++ % XNET_SAMPLES];
	sample->family = READ_ONCE(from->family);
	for (i = 0; i < 4; i++)
		sample->address[i] = READ_ONCE(from->address[i]);
	return true;
}
