// SPDX-License-Identifier: GPL-2.0-only
/* Accounting: what a packet weighs on the wire, and counters of it per CPU. */
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/sctp.h>

#include "acct.h"

#define XNET_GSO_TCP (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)

/* Length of the TCP header at @offset of skb->data; 0 if it isn't there. */
static u32 xnet_tcp_header_len(const struct sk_buff *skb, int offset)
{
	const struct tcphdr *tcp;
	struct tcphdr buffer;

	tcp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	return tcp ? tcp->doff * 4 : 0;
}

/* Length of the header that the GSO type says is at @offset. */
static u32 xnet_transport_len(const struct sk_buff *skb, int offset)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	if (type & XNET_GSO_TCP)
		return xnet_tcp_header_len(skb, offset);
	if (type & SKB_GSO_UDP_L4)
		return sizeof(struct udphdr);
	if (type & SKB_GSO_SCTP)
		return sizeof(struct sctphdr);
	return 0; /* fragments of UDP: only the first has its header */
}

/*
 * Bytes from skb->data to the payload that is segmented: what every segment
 * gets a copy of. 0 if the offsets make no sense, which a guest can bring about.
 */
static u32 xnet_gso_header_len(const struct sk_buff *skb)
{
	int offset;

	if (!skb_transport_header_was_set(skb))
		return 0;
	offset = skb->encapsulation ? skb_inner_transport_offset(skb) : skb_transport_offset(skb);
	if (offset < 0 || offset >= (int)skb->len)
		return 0;
	return offset + xnet_transport_len(skb, offset);
}

/*
 * Segments that @payload bytes make. The count in the skb is right unless the
 * packet comes from outside this kernel: netback and tun leave it 0, whatever
 * the guest says. Only then is there something to divide.
 */
static u32 xnet_gso_segs(const struct sk_buff *skb, u32 payload)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	bool trusted = shinfo->gso_segs && !(shinfo->gso_type & SKB_GSO_DODGY);

	if (trusted || shinfo->gso_size == GSO_BY_FRAGS)
		return shinfo->gso_segs ?: 1;
	return DIV_ROUND_UP(payload, shinfo->gso_size);
}

struct xnet_size xnet_wire_size_segments(const struct sk_buff *skb, u32 mac_len)
{
	struct xnet_size size = xnet_wire_size_plain(skb, mac_len);
	u32 header;

	if (skb_is_gso(skb)) {
		header = xnet_gso_header_len(skb);
		if (header < skb->len) {
			size.packets = xnet_gso_segs(skb, skb->len - header);
			size.bytes += (u64)(size.packets - 1) * (mac_len + header);
		}
	}
	if (skb_vlan_tag_present(skb))
		size.bytes += (u64)size.packets * VLAN_HLEN;
	return size;
}

void xnet_acct_init(struct xnet_acct *acct)
{
	u64_stats_init(&acct->sync);
}

/* Zeroed counters for every CPU, or NULL. Free with free_percpu(). */
struct xnet_acct __percpu *xnet_acct_create(void)
{
	struct xnet_acct __percpu *acct = alloc_percpu(struct xnet_acct);
	int cpu;

	if (!acct)
		return NULL;
	for_each_possible_cpu(cpu)
		xnet_acct_init(per_cpu_ptr(acct, cpu));
	return acct;
}

static void xnet_acct_read(const struct xnet_acct *acct, struct xnet_total *value)
{
	unsigned int start;
	int side;

	do {
		start = u64_stats_fetch_begin(&acct->sync);
		for (side = 0; side < 2; side++) {
			value->bytes[side] = u64_stats_read(&acct->bytes[side]);
			value->packets[side] = u64_stats_read(&acct->packets[side]);
		}
	} while (u64_stats_fetch_retry(&acct->sync, start));
}

void xnet_acct_sum(const struct xnet_acct __percpu *acct, struct xnet_total *total)
{
	struct xnet_total value;
	int cpu, side;

	memset(total, 0, sizeof(*total));
	for_each_possible_cpu(cpu) {
		xnet_acct_read(per_cpu_ptr(acct, cpu), &value);
		for (side = 0; side < 2; side++) {
			total->bytes[side] += value.bytes[side];
			total->packets[side] += value.packets[side];
		}
	}
}
