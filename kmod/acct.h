/* SPDX-License-Identifier: GPL-2.0-only */
/* Accounting: what a packet weighs on the wire, and counters of it per CPU. */
#ifndef XNET_ACCT_H
#define XNET_ACCT_H

#include <linux/if_vlan.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>

/**
 * struct xnet_size - what one skb takes on the wire
 * @bytes: with link-layer headers and VLAN tags of all segments
 * @packets: segments
 */
struct xnet_size {
	u64 bytes;
	u32 packets;
};

/* The two things that an account counts. */
enum xnet_side {
	XNET_OFFERED = 0, /* of a share, of the host on a link */
	XNET_DROPPED = 1,
	XNET_RX = 0, /* of a port */
	XNET_TX = 1,
	XNET_REFUSED = 0, /* of a share, by the guard */
	XNET_MARKED = 1,
};

/* Written with BH off on its own CPU only; read from anywhere. */
struct xnet_acct {
	u64_stats_t bytes[2];
	u64_stats_t packets[2];
	struct u64_stats_sync sync;
};

/* Sum over CPUs, by enum xnet_side. */
struct xnet_total {
	u64 bytes[2];
	u64 packets[2];
};

/* Is there nothing on the wire but the skb's own bytes, once? */
static inline bool xnet_wire_plain(const struct sk_buff *skb)
{
	return !skb_is_gso(skb) && !skb_vlan_tag_present(skb);
}

/* xnet_wire_size() of an skb that is plain. */
static inline struct xnet_size xnet_wire_size_plain(const struct sk_buff *skb, u32 mac_len)
{
	return (struct xnet_size){ .bytes = (u64)skb->len + mac_len, .packets = 1 };
}

/* xnet_wire_size() of any skb. */
struct xnet_size xnet_wire_size_segments(const struct sk_buff *skb, u32 mac_len);

/**
 * xnet_wire_size - what an skb takes on the wire of the device it is at
 * @skb: the packet; lengths and headers may be a hostile guest's
 * @mac_len: bytes of link-layer header in front of skb->data: skb->mac_len at
 *	ingress, 0 at egress
 *
 * Return: at least skb->len bytes and 1 packet.
 */
static inline struct xnet_size xnet_wire_size(const struct sk_buff *skb, u32 mac_len)
{
	return likely(xnet_wire_plain(skb)) ? xnet_wire_size_plain(skb, mac_len)
					    : xnet_wire_size_segments(skb, mac_len);
}

struct xnet_acct __percpu *xnet_acct_create(void);
void xnet_acct_init(struct xnet_acct *acct);
void xnet_acct_sum(const struct xnet_acct __percpu *acct, struct xnet_total *total);

/* Counts on one side. With BH off. */
static inline void xnet_acct_add(struct xnet_acct *acct, enum xnet_side side,
				 const struct xnet_size *size)
{
	u64_stats_update_begin(&acct->sync);
	u64_stats_add(&acct->bytes[side], size->bytes);
	u64_stats_add(&acct->packets[side], size->packets);
	u64_stats_update_end(&acct->sync);
}

/* Counts as offered and, if @drop, as dropped in one go. With BH off. */
static inline void xnet_acct_offer(struct xnet_acct *acct, const struct xnet_size *size, bool drop)
{
	u64_stats_update_begin(&acct->sync);
	u64_stats_add(&acct->bytes[XNET_OFFERED], size->bytes);
	u64_stats_add(&acct->packets[XNET_OFFERED], size->packets);
	if (drop) {
		u64_stats_add(&acct->bytes[XNET_DROPPED], size->bytes);
		u64_stats_add(&acct->packets[XNET_DROPPED], size->packets);
	}
	u64_stats_update_end(&acct->sync);
}

#endif /* XNET_ACCT_H */
