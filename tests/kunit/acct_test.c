// SPDX-License-Identifier: GPL-2.0-only
/* Accounting: what an skb takes on the wire, and sums over CPUs. */
#include <kunit/test.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "acct.h"

#define OUTER 50 /* IPv4, UDP, VXLAN, inner Ethernet */

/* An skb by its parts; what is 0 is not there. */
struct packet {
	const char *name;
	u32 gso_type;
	u16 gso_size;
	u16 gso_segs;  /* as the sender says */
	u32 tunnel;    /* bytes before the inner network header */
	u32 network;   /* bytes of IP header */
	u32 transport; /* bytes of TCP or UDP header */
	u32 payload;
	bool vlan;
	bool ingress;
	u32 bytes; /* what it must count as */
	u32 packets;
};

/* clang-format off */
static const struct packet packets[] = {
	{ .name = "a full frame", .network = 20, .transport = 8, .payload = 1472,
	  .bytes = 1514, .packets = 1 },
	{ .name = "the same at ingress, without its link-layer header in front", .ingress = true,
	  .network = 20, .transport = 8, .payload = 1472, .bytes = 1514, .packets = 1 },
	{ .name = "a VLAN tag beside the frame", .vlan = true,
	  .network = 20, .transport = 8, .payload = 1472, .bytes = 1518, .packets = 1 },
	{ .name = "TCP GSO: headers of ten segments", .gso_type = SKB_GSO_TCPV4,
	  .gso_size = 1448, .gso_segs = 10, .network = 20, .transport = 32, .payload = 14480,
	  .bytes = 14480 + 10 * 66, .packets = 10 },
	{ .name = "TCP GSO at ingress", .gso_type = SKB_GSO_TCPV4, .ingress = true,
	  .gso_size = 1448, .gso_segs = 10, .network = 20, .transport = 32, .payload = 14480,
	  .bytes = 14480 + 10 * 66, .packets = 10 },
	{ .name = "TCP GSO with a shorter last segment", .gso_type = SKB_GSO_TCPV4,
	  .gso_size = 1448, .gso_segs = 10, .network = 20, .transport = 32, .payload = 13033,
	  .bytes = 13033 + 10 * 66, .packets = 10 },
	{ .name = "TCP GSO with a VLAN tag: one for each segment", .gso_type = SKB_GSO_TCPV4,
	  .vlan = true, .gso_size = 1448, .gso_segs = 10, .network = 20, .transport = 32,
	  .payload = 14480, .bytes = 14480 + 10 * 70, .packets = 10 },
	{ .name = "TCP GSO over IPv6", .gso_type = SKB_GSO_TCPV6,
	  .gso_size = 1428, .gso_segs = 3, .network = 40, .transport = 20, .payload = 4284,
	  .bytes = 4284 + 3 * 74, .packets = 3 },
	{ .name = "UDP GSO", .gso_type = SKB_GSO_UDP_L4,
	  .gso_size = 1000, .gso_segs = 5, .network = 20, .transport = 8, .payload = 5000,
	  .bytes = 5000 + 5 * 42, .packets = 5 },
	{ .name = "UDP to be fragmented: only the first fragment has its header",
	  .gso_type = SKB_GSO_UDP, .gso_size = 1480, .gso_segs = 2, .network = 20, .transport = 8,
	  .payload = 2952, .bytes = 2960 + 2 * 34, .packets = 2 },
	{ .name = "TCP GSO in a tunnel: outer and inner headers",
	  .gso_type = SKB_GSO_TCPV4 | SKB_GSO_UDP_TUNNEL, .tunnel = OUTER,
	  .gso_size = 1398, .gso_segs = 4, .network = 20, .transport = 32, .payload = 5592,
	  .bytes = 5592 + 4 * (66 + OUTER), .packets = 4 },
	{ .name = "GSO from a guest, which leaves the segments to be counted",
	  .gso_type = SKB_GSO_TCPV4 | SKB_GSO_DODGY, .ingress = true,
	  .gso_size = 1448, .network = 20, .transport = 32, .payload = 14481,
	  .bytes = 14481 + 11 * 66, .packets = 11 },
	{ .name = "GSO from a guest that says it is one segment",
	  .gso_type = SKB_GSO_TCPV4 | SKB_GSO_DODGY, .ingress = true,
	  .gso_size = 1448, .gso_segs = 1, .network = 20, .transport = 32, .payload = 14480,
	  .bytes = 14480 + 10 * 66, .packets = 10 },
	{ .name = "GSO from a guest with segments of a byte",
	  .gso_type = SKB_GSO_TCPV4 | SKB_GSO_DODGY, .ingress = true,
	  .gso_size = 1, .network = 20, .transport = 20, .payload = 60000,
	  .bytes = 60000 + 60000 * 54, .packets = 60000 },
	{ .name = "GSO from a guest with nothing but headers",
	  .gso_type = SKB_GSO_TCPV4 | SKB_GSO_DODGY, .ingress = true,
	  .gso_size = 1448, .network = 20, .transport = 20, .bytes = 54, .packets = 1 },
	{ .name = "GSO by fragments, whose size says nothing", .gso_type = SKB_GSO_SCTP,
	  .gso_size = GSO_BY_FRAGS, .gso_segs = 3, .network = 20, .transport = 12,
	  .payload = 3000, .bytes = 3000 + 3 * 46, .packets = 3 },
};
/* clang-format on */

static void packet_name(const struct packet *packet, char *desc)
{
	strscpy(desc, packet->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(packet, packets, packet_name);

static void skb_set_headers(struct sk_buff *skb, const struct packet *packet)
{
	u32 network = ETH_HLEN + packet->tunnel;

	skb_reset_mac_header(skb);
	skb->mac_len = ETH_HLEN;
	if (packet->tunnel) {
		skb->encapsulation = 1;
		skb_set_transport_header(skb, ETH_HLEN + 20);
		skb_set_inner_transport_header(skb, network + packet->network);
	} else {
		skb_set_transport_header(skb, network + packet->network);
	}
}

static void skb_set_gso(struct sk_buff *skb, const struct packet *packet)
{
	skb_shinfo(skb)->gso_type = packet->gso_type;
	skb_shinfo(skb)->gso_size = packet->gso_size;
	skb_shinfo(skb)->gso_segs = packet->gso_segs;
}

static struct sk_buff *skb_new(struct kunit *test, const struct packet *packet)
{
	u32 headers = ETH_HLEN + packet->tunnel + packet->network;
	u32 len = headers + packet->transport + packet->payload;
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, len);
	if (packet->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6))
		((struct tcphdr *)(skb->data + headers))->doff = packet->transport / 4;
	skb_set_headers(skb, packet);
	skb_set_gso(skb, packet);
	if (packet->vlan)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), 5);
	if (packet->ingress)
		skb_pull(skb, ETH_HLEN);
	return skb;
}

static void wire_size_is_exact(struct kunit *test)
{
	const struct packet *packet = test->param_value;
	struct sk_buff *skb = skb_new(test, packet);
	struct xnet_size size;

	size = xnet_wire_size(skb, packet->ingress ? skb->mac_len : 0);
	KUNIT_EXPECT_EQ(test, size.bytes, (u64)packet->bytes);
	KUNIT_EXPECT_EQ(test, size.packets, packet->packets);
	kfree_skb(skb);
}

/* A GSO packet of 1514 bytes from a guest, with one field spoilt. */
static struct sk_buff *skb_hostile(struct kunit *test)
{
	static const struct packet guest = {
		.gso_type = SKB_GSO_TCPV4 | SKB_GSO_DODGY,
		.gso_size = 500,
		.network = 20,
		.transport = 20,
		.payload = 1460,
	};

	return skb_new(test, &guest);
}

static void expect_bounds(struct kunit *test, struct sk_buff *skb, const char *what)
{
	struct xnet_size size;

	size = xnet_wire_size(skb, 0);
	KUNIT_EXPECT_GE_MSG(test, size.bytes, (u64)skb->len, "%s", what);
	KUNIT_EXPECT_LE_MSG(test, size.bytes, 2ULL * skb->len, "%s", what);
	KUNIT_EXPECT_GE_MSG(test, size.packets, 1U, "%s", what);
	KUNIT_EXPECT_LE_MSG(test, size.packets, 4U, "%s", what);
	kfree_skb(skb);
}

static void hostile_headers_stay_within_bounds(struct kunit *test)
{
	struct sk_buff *skb;

	skb = skb_hostile(test);
	skb->transport_header = skb_headroom(skb) + skb->len;
	expect_bounds(test, skb, "transport header at the end");

	skb = skb_hostile(test);
	skb->transport_header = skb_headroom(skb) + skb->len - 1;
	expect_bounds(test, skb, "transport header in the last byte");

	skb = skb_hostile(test);
	skb->transport_header = (typeof(skb->transport_header))~0U;
	expect_bounds(test, skb, "no transport header");

	skb = skb_hostile(test);
	skb_pull(skb, 60);
	expect_bounds(test, skb, "transport header before the data");

	skb = skb_hostile(test);
	((struct tcphdr *)(skb->data + 34))->doff = 15;
	expect_bounds(test, skb, "TCP header longer than it is");

	skb = skb_hostile(test);
	((struct tcphdr *)(skb->data + 34))->doff = 0;
	expect_bounds(test, skb, "TCP header of no length");

	skb = skb_hostile(test);
	skb->encapsulation = 1;
	skb->inner_transport_header = 0xfff0;
	expect_bounds(test, skb, "inner header far away");
}

/* The size must be bounded in 64 bits, not wrap in 32. */
static void hostile_sizes_do_not_wrap(struct kunit *test)
{
	static const struct packet guest = {
		.gso_type = SKB_GSO_UDP_L4 | SKB_GSO_DODGY,
		.gso_size = 1,
		.network = 65000,
		.transport = 8,
		.payload = 400000,
	};
	struct sk_buff *skb = skb_new(test, &guest);
	struct xnet_size size;

	size = xnet_wire_size(skb, 0);
	KUNIT_EXPECT_EQ(test, size.packets, 400000U);
	KUNIT_EXPECT_EQ(test, size.bytes, 400000ULL * (ETH_HLEN + 65000 + 8 + 1));
	kfree_skb(skb);
}

static void counters_sum_over_cpus(struct kunit *test)
{
	struct xnet_acct __percpu *acct = xnet_acct_create();
	struct xnet_size size = { .bytes = 3ULL << 32, .packets = 7 };
	unsigned int cpus = num_possible_cpus();
	struct xnet_total total;
	int cpu;

	OPTIMIZER_HIDE_VAR(size.bytes); /* no add takes so long a constant */
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)acct);
	xnet_acct_sum(acct, &total);
	KUNIT_EXPECT_EQ(test, total.bytes[XNET_RX] | total.packets[XNET_RX], 0ULL);

	local_bh_disable();
	for_each_possible_cpu(cpu) {
		xnet_acct_add(per_cpu_ptr(acct, cpu), XNET_RX, &size);
		xnet_acct_add(per_cpu_ptr(acct, cpu), XNET_TX, &size);
		xnet_acct_add(per_cpu_ptr(acct, cpu), XNET_TX, &size);
	}
	local_bh_enable();

	xnet_acct_sum(acct, &total);
	KUNIT_EXPECT_EQ(test, total.bytes[XNET_RX], cpus * (3ULL << 32));
	KUNIT_EXPECT_EQ(test, total.packets[XNET_RX], cpus * 7ULL);
	KUNIT_EXPECT_EQ(test, total.bytes[XNET_TX], cpus * (6ULL << 32));
	KUNIT_EXPECT_EQ(test, total.packets[XNET_TX], cpus * 14ULL);
	free_percpu(acct);
}

static void dropped_is_offered_too(struct kunit *test)
{
	struct xnet_acct __percpu *acct = xnet_acct_create();
	const struct xnet_size size = { .bytes = 1514, .packets = 1 };
	struct xnet_total total;

	KUNIT_ASSERT_NOT_NULL(test, (void __force *)acct);
	local_bh_disable();
	xnet_acct_offer(this_cpu_ptr(acct), &size, false);
	xnet_acct_offer(this_cpu_ptr(acct), &size, true);
	local_bh_enable();

	xnet_acct_sum(acct, &total);
	KUNIT_EXPECT_EQ(test, total.bytes[XNET_OFFERED], 3028ULL);
	KUNIT_EXPECT_EQ(test, total.packets[XNET_OFFERED], 2ULL);
	KUNIT_EXPECT_EQ(test, total.bytes[XNET_DROPPED], 1514ULL);
	KUNIT_EXPECT_EQ(test, total.packets[XNET_DROPPED], 1ULL);
	free_percpu(acct);
}

static struct kunit_case acct_cases[] = { KUNIT_CASE_PARAM(wire_size_is_exact, packet_gen_params),
					  KUNIT_CASE(hostile_headers_stay_within_bounds),
					  KUNIT_CASE(hostile_sizes_do_not_wrap),
					  KUNIT_CASE(counters_sum_over_cpus),
					  KUNIT_CASE(dropped_is_offered_too),
					  {} };

static struct kunit_suite acct_suite = {
	.name = "xnetman_acct",
	.test_cases = acct_cases,
};

kunit_test_suite(acct_suite);
