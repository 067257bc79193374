// SPDX-License-Identifier: GPL-2.0-only
/* The guard: phantom queues keep to their rate, above is who is above it, and who is within its rate loses nothing. */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/rtnetlink.h>
#include <linux/time64.h>
#include <linux/xnetman.h>
#include <net/inet_ecn.h>
#include <net/ip.h>

#include "fixture.h"
#include "guard.h"
#include "guards.h"
#include "lease.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "push.h"
#include "share.h"

#define LEASE_MS 600000
#define NET1	 XNET_TEST_NET1
#define NET2	 XNET_TEST_NET2
#define NO_NET	 99
#define GBIT	 125000000 /* bytes/s */
#define FRAME	 1514
#define START	 (1000 * NSEC_PER_SEC)

/* --- phantom queues --- */

static const struct {
	u64 rate, bytes, ns;
} paces[] = {
	{ 1, 1, NSEC_PER_SEC },
	{ 1, U32_MAX, U32_MAX *NSEC_PER_SEC },
	{ 1000, 1, NSEC_PER_MSEC },
	{ GBIT, FRAME, 12112 },
	{ GBIT, GBIT, NSEC_PER_SEC },
	{ 50000000000ULL, FRAME, 30 },
	{ 50000000000ULL, U32_MAX, 85899345 },
	{ XNETMAN_RATE_MAX, 1 << 20, 953 },
	{ GBIT, 1ULL << 40, 34359738360ULL }, /* no more than 4 GiB */
};

static void a_byte_takes_what_its_rate_says(struct kunit *test)
{
	struct xnet_pace pace;
	s64 off;
	int i;

	for (i = 0; i < ARRAY_SIZE(paces); i++) {
		pace = xnet_pace_of(paces[i].rate);
		off = xnet_pace_ns(&pace, paces[i].bytes) - paces[i].ns;
		KUNIT_EXPECT_LE_MSG(test, abs(off), (s64)(paces[i].ns >> 24) + 1, "pace %d", i);
	}
	pace = xnet_pace_of(0);
	KUNIT_EXPECT_EQ(test, pace.mult, 0U);
}

static void a_queue_empties_with_time(struct kunit *test)
{
	struct xnet_queue queue = {};

	KUNIT_EXPECT_EQ(test, xnet_queue_level(&queue, START), 0ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_add(&queue, START, 100, 1000), 100ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_add(&queue, START + 60, 100, 1000), 140ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_level(&queue, START + 100), 100ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_level(&queue, START + 500), 0ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_add(&queue, START + 500, 7, 1000), 7ULL);
}

static void a_queue_has_room_for_so_much(struct kunit *test)
{
	struct xnet_queue queue = {};

	KUNIT_EXPECT_EQ(test, xnet_queue_add(&queue, START, U64_MAX, 1000), 1000ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_add(&queue, START, 1, 1000), 1000ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_add(&queue, START, 0, 200), 200ULL);
}

static void a_queue_has_served_what_came_bit_by_bit(struct kunit *test)
{
	struct xnet_queue queue = {};

	KUNIT_EXPECT_EQ(test, xnet_queue_add(&queue, START, 100, 1000), 100ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_tell(&queue, START + 5000, 5000, 1000), 100ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_tell(&queue, START + 6000, 0, 1000), 0ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_tell(&queue, START + 6000, 5000, 1000), 1000ULL);
	KUNIT_EXPECT_EQ(test, xnet_queue_tell(&queue, START + 6000, U64_MAX, 1000), 1000ULL);
}

/* --- above what it is entitled to --- */

static struct xnet_guard_share entitlement(u64 rate, u32 burst)
{
	struct xnet_guard_share share = { .rate = rate, .pace = xnet_pace_of(rate) };

	share.burst = xnet_pace_ns(&share.pace, burst);
	share.slice = 4 * FRAME;
	return share;
}

/* Bytes, by how far the network was above. */
struct sent {
	u64 within;
	u64 above;
	u64 wholly;
};

/* What becomes of @packets frames every @gap ns on @cpus CPUs in turn. */
static struct sent send(const struct xnet_guard_share *entitled, u32 packets, u64 gap, int cpus)
{
	struct xnet_queue queue = {};
	struct xnet_credit credit[4] = {};
	struct sent sent = {};
	u32 i, above;

	for (i = 0; i < packets; i++) {
		above = xnet_guard_above(entitled, &queue, &credit[i % cpus], FRAME,
					 XNET_GUARD_EXCESS, START + i * gap);
		if (!above)
			sent.within += FRAME;
		else if (above < XNET_ABOVE)
			sent.above += FRAME;
		else
			sent.wholly += FRAME;
	}
	return sent;
}

static void within_its_rate_nothing_is_above(struct kunit *test)
{
	struct xnet_guard_share half = entitlement(GBIT / 2, 2 * FRAME);
	struct sent sent = send(&half, 100000, 2 * 12113, 1);

	KUNIT_EXPECT_EQ(test, sent.within, 100000ULL * FRAME);
}

static void on_several_cpus_too(struct kunit *test)
{
	struct xnet_guard_share half = entitlement(GBIT / 2, 64 * FRAME);
	struct sent sent = send(&half, 100000, 2 * 12113, 4);

	KUNIT_EXPECT_EQ(test, sent.within, 100000ULL * FRAME);
}

/* At twice its rate: half is wholly above, but for what may come in 100 ms and a slice per CPU. */
static void above_its_rate_the_rest_is_wholly_above(struct kunit *test)
{
	struct xnet_guard_share half = entitlement(GBIT / 2, 64 * FRAME);
	u64 total = 200000ULL * FRAME, excess = GBIT / 2 / 10 + 4 * 5 * FRAME;
	struct sent sent;
	int cpus;

	for (cpus = 1; cpus <= 4; cpus += 3) {
		sent = send(&half, 200000, 12112, cpus);
		KUNIT_EXPECT_LE(test, sent.wholly, total / 2);
		KUNIT_EXPECT_GE(test, sent.wholly, total / 2 - excess);
		KUNIT_EXPECT_LE(test, sent.within, 64ULL * FRAME + GBIT / 100);
	}
}

static void a_burst_is_within(struct kunit *test)
{
	struct xnet_guard_share half = entitlement(GBIT / 2, 64 * FRAME);
	struct sent sent = send(&half, 100, 0, 1);

	KUNIT_EXPECT_EQ(test, sent.within, 64ULL * FRAME);
	KUNIT_EXPECT_EQ(test, sent.above, 36ULL * FRAME);
}

static void entitled_to_nothing_all_is_above(struct kunit *test)
{
	struct xnet_queue queue = {};
	struct xnet_credit credit = {};

	KUNIT_EXPECT_EQ(test, xnet_guard_above(NULL, &queue, &credit, 1, XNET_GUARD_EXCESS, START),
			(u32)XNET_ABOVE);
}

/* One that is longer than slice and burst passes when there is credit, and is owed for. */
static void a_gso_packet_is_paid_for(struct kunit *test)
{
	struct xnet_guard_share slow = entitlement(GBIT / 1000, 2 * FRAME); /* 64 KiB: 524 ms */
	struct xnet_credit credit = {};
	struct xnet_queue queue = {};
	u64 owed = xnet_pace_ns(&slow.pace, 65536);

	KUNIT_EXPECT_EQ(test,
			xnet_guard_above(&slow, &queue, &credit, 65536, XNET_GUARD_EXCESS, START),
			0U);
	KUNIT_EXPECT_EQ(test, xnet_queue_level(&queue, START), owed);
	KUNIT_EXPECT_EQ(test,
			xnet_guard_above(&slow, &queue, &credit, 65536, XNET_GUARD_EXCESS, START),
			(u32)XNET_ABOVE);
	KUNIT_EXPECT_EQ(
		test,
		xnet_guard_above(&slow, &queue, &credit, 65536, XNET_GUARD_EXCESS, START + owed),
		0U);
}

static void the_longer_above_the_less_room(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, xnet_guard_full(100, 0, U64_MAX));
	KUNIT_EXPECT_FALSE(test, xnet_guard_full(100, 1, 200));
	KUNIT_EXPECT_TRUE(test, xnet_guard_full(100, 1, 201));
	KUNIT_EXPECT_FALSE(test, xnet_guard_full(100, XNET_ABOVE / 2, 175));
	KUNIT_EXPECT_TRUE(test, xnet_guard_full(100, XNET_ABOVE / 2, 176));
	KUNIT_EXPECT_FALSE(test, xnet_guard_full(100, XNET_ABOVE - 1, 151));
	KUNIT_EXPECT_TRUE(test, xnet_guard_full(100, XNET_ABOVE - 1, 152));
	KUNIT_EXPECT_FALSE(test, xnet_guard_full(100, XNET_ABOVE, 100));
	KUNIT_EXPECT_TRUE(test, xnet_guard_full(100, XNET_ABOVE, 101));
}

static void a_limit_rises_while_there_is_contention(struct kunit *test)
{
	const struct xnet_guard_link guarded = { .limit = 8 * NSEC_PER_MSEC };
	struct xnet_contention c = {};

	KUNIT_EXPECT_EQ(test, xnet_guard_limit(&guarded, &c, START), 1ULL * NSEC_PER_MSEC);
	atomic64_set(&c.since, START);
	atomic64_set(&c.until, START + 10 * NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, xnet_guard_limit(&guarded, &c, START), 1ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, xnet_guard_limit(&guarded, &c, START + (1 << 27)),
			2ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, xnet_guard_limit(&guarded, &c, START + 9 * NSEC_PER_SEC),
			8ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, xnet_guard_limit(&guarded, &c, START + 10 * NSEC_PER_SEC),
			1ULL * NSEC_PER_MSEC);
}

/* --- company --- */

static void who_is_alone_is_left_alone(struct kunit *test)
{
	struct xnet_contention c = {};
	u64 now = START;

	for (; now < START + 10 * XNET_GUARD_HOLD; now += XNET_GUARD_HOLD / 10)
		KUNIT_EXPECT_FALSE(test, xnet_guard_company(&c, NET1, true, now));
	/* nor does one that is entitled to nothing count */
	KUNIT_EXPECT_TRUE(test, xnet_guard_company(&c, NET2, false, now));
	KUNIT_EXPECT_FALSE(test, xnet_guard_company(&c, NET1, true, now));
}

static void two_see_each_other_all_the_time(struct kunit *test)
{
	struct xnet_contention c = {};
	u64 now = START;

	xnet_guard_company(&c, NET1, true, now);
	for (; now < START + 10 * XNET_GUARD_HOLD; now += XNET_GUARD_HOLD / 10) {
		KUNIT_EXPECT_TRUE(test, xnet_guard_company(&c, NET2, true, now));
		KUNIT_EXPECT_TRUE(test, xnet_guard_company(&c, NET1, true, now));
	}
	now += 2 * XNET_GUARD_HOLD;
	KUNIT_EXPECT_FALSE(test, xnet_guard_company(&c, NET1, true, now));
}

static void three_see_one_another_all_the_time(struct kunit *test)
{
	struct xnet_contention c = {};
	u64 now = START;
	u32 id;

	for (id = 1; id <= 3; id++)
		xnet_guard_company(&c, id, true, now);
	for (; now < START + 10 * XNET_GUARD_HOLD; now += XNET_GUARD_HOLD / 10)
		for (id = 1; id <= 3; id++)
			KUNIT_EXPECT_TRUE(test, xnet_guard_company(&c, id, true, now));
}

/* --- pushes --- */

static int push_entitled(struct kunit *test, u64 generation, u32 ifindex, u64 capacity,
			 const struct xnetman_entitled *entitled, int size)
{
	struct sk_buff *message = xnet_message_new(test);
	struct nlattr *nest = xnet_message_nest(message, XNETMAN_A_GUARD);

	nla_put_u32(message, XNETMAN_A_IFINDEX, ifindex);
	nla_put(message, XNETMAN_A_RATE, sizeof(capacity), &capacity);
	nla_put_u32(message, XNETMAN_A_BURST, 2 * capacity);
	nla_put(message, XNETMAN_A_ENTITLED, size, entitled);
	nla_nest_end(message, nest);
	return xnet_message_push(message, generation, LEASE_MS);
}

/* A push in which @net_id is entitled to @rate on @ifindex, which carries @capacity; its limit is 2 s. */
static int push(struct kunit *test, u64 generation, u32 ifindex, u64 capacity, u32 net_id, u64 rate)
{
	const struct xnetman_entitled entitled = {
		.rate = rate,
		.net_id = net_id,
		.burst = rate / 500 + 2 * FRAME,
	};

	return push_entitled(test, generation, ifindex, capacity, &entitled, sizeof(entitled));
}

static u64 rate_of(u32 net_id)
{
	const struct xnet_share *share = xnet_fixture_share(net_id);
	u64 rate;

	mutex_lock(&xnet_lock);
	rate = xnet_guards_share_rate(share->link_slot, share->network_slot);
	mutex_unlock(&xnet_lock);
	return rate;
}

static u64 capacity(void)
{
	u64 rate;

	mutex_lock(&xnet_lock);
	rate = xnet_guards_link_rate(xnet_fixture_link()->slot);
	mutex_unlock(&xnet_lock);
	return rate;
}

static void a_push_guards_what_it_names(struct kunit *test)
{
	u32 ifindex = xnet_fixture_ifindex();

	KUNIT_EXPECT_EQ(test, capacity(), 0ULL);
	KUNIT_ASSERT_EQ(test, push(test, 1, ifindex, GBIT, NET1, GBIT / 2), 0);
	KUNIT_EXPECT_EQ(test, capacity(), (u64)GBIT);
	KUNIT_EXPECT_EQ(test, rate_of(NET1), GBIT / 2ULL);
	KUNIT_EXPECT_EQ(test, rate_of(NET2), 0ULL);
	KUNIT_ASSERT_EQ(test, xnet_push_one(test, 2, LEASE_MS, NET1, ifindex, 1), 0);
	KUNIT_EXPECT_EQ(test, capacity(), 0ULL);
	KUNIT_EXPECT_NULL(test, (void *)rcu_access_pointer(xnet_guards));
}

static void a_push_that_is_wrong_changes_nothing(struct kunit *test)
{
	static const struct xnetman_entitled wrong[] = {
		{ .rate = 0, .net_id = NET2, .burst = 1 },
		{ .rate = XNETMAN_RATE_MAX + 1, .net_id = NET2, .burst = 1 },
		{ .rate = 1, .net_id = NET2, .burst = 0 },
		{ .rate = 1, .net_id = NET2, .burst = XNETMAN_BURST_MAX + 1 },
		{ .rate = 1, .allowed = XNETMAN_RATE_MAX + 1, .net_id = NET2, .burst = 1 },
	};
	u32 ifindex = xnet_fixture_ifindex(), i;

	KUNIT_ASSERT_EQ(test, push(test, 1, ifindex, GBIT, NET1, GBIT / 2), 0);
	KUNIT_EXPECT_EQ(test, push(test, 2, S32_MAX, GBIT, NET2, GBIT), -ENOENT);
	KUNIT_EXPECT_EQ(test, push(test, 2, ifindex, GBIT, NO_NET, GBIT), -ENOENT);
	KUNIT_EXPECT_LT(test, push(test, 2, ifindex, 0, NET2, GBIT), 0);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		KUNIT_EXPECT_EQ(test,
				push_entitled(test, 2, ifindex, GBIT, &wrong[i], sizeof(wrong[i])),
				-ERANGE);
	KUNIT_EXPECT_EQ(test, push_entitled(test, 2, ifindex, GBIT, wrong, sizeof(*wrong) + 1),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, push_entitled(test, 2, ifindex, GBIT, wrong, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, rate_of(NET1), GBIT / 2ULL);
	KUNIT_EXPECT_EQ(test, capacity(), (u64)GBIT);
	KUNIT_EXPECT_EQ(test, xnet_generation, 1ULL);
}

static void what_is_wrong_with_an_entitlement_is_said(struct kunit *test)
{
	const struct xnetman_entitled entitled[] = { { .rate = 1, .net_id = NET1, .burst = 1 },
						     { .rate = 1, .net_id = NO_NET, .burst = 1 } };
	struct sk_buff *message = xnet_message_new(test);
	struct nlattr *nest = xnet_message_nest(message, XNETMAN_A_GUARD);
	struct netlink_ext_ack extack = {};
	u64 rate = GBIT;

	nla_put_u32(message, XNETMAN_A_IFINDEX, xnet_fixture_ifindex());
	nla_put(message, XNETMAN_A_RATE, sizeof(rate), &rate);
	nla_put_u32(message, XNETMAN_A_BURST, GBIT);
	nla_put(message, XNETMAN_A_ENTITLED, sizeof(entitled), entitled);
	nla_nest_end(message, nest);
	KUNIT_EXPECT_EQ(test, xnet_message_push_told(message, 1, LEASE_MS, &extack), -ENOENT);
	KUNIT_EXPECT_STREQ(test, extack._msg ?: "", "ENTITLED[1]: there is no network with its id");
}

static void a_slot_used_again_is_entitled_to_nothing(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 1, xnet_fixture_ifindex(), GBIT, NET2, GBIT / 2), 0);
	mutex_lock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, xnet_network_delete(NET2, NULL), 0);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NET2 + 1, "net3", NULL), 0);
	mutex_unlock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, rate_of(NET2 + 1), 0ULL);
}

static void a_link_that_comes_back_is_not_guarded(struct kunit *test)
{
	u32 ifindex = xnet_fixture_ifindex();

	KUNIT_ASSERT_EQ(test, push(test, 1, ifindex, GBIT, NET1, GBIT / 2), 0);
	rtnl_lock();
	mutex_lock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, xnet_link_delete(ifindex, NULL), 0);
	KUNIT_EXPECT_EQ(test, xnet_link_create(ifindex, NULL), 0);
	mutex_unlock(&xnet_lock);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, capacity(), 0ULL);
}

/* --- packets --- */

static struct sk_buff *packet(struct kunit *test, u8 tos)
{
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);
	struct iphdr *ip;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_put_zero(skb, ETH_HLEN);
	skb_set_network_header(skb, ETH_HLEN);
	ip = skb_put_zero(skb, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = tos;
	ip_send_check(ip);
	skb->protocol = htons(ETH_P_IP);
	return skb;
}

struct outcome {
	bool dropped;
	u8 tos;
	bool checksum;
};

/* One of FRAME bytes goes through the guard, at once after all others. */
static struct outcome pass(struct kunit *test, u32 net_id, u8 tos)
{
	const struct xnet_size size = { FRAME, 1 };
	struct xnet_link *link = xnet_fixture_link();
	struct sk_buff *skb = packet(test, tos);
	struct outcome outcome = {};

	local_bh_disable();
	rcu_read_lock();
	if (xnet_guard_due(&this_cpu_ptr(link->cpu)->guard, size.bytes))
		outcome.dropped = xnet_guard_look(link, xnet_fixture_share(net_id), skb, &size);
	rcu_read_unlock();
	local_bh_enable();
	outcome.tos = ip_hdr(skb)->tos;
	outcome.checksum = !ip_fast_csum(ip_hdr(skb), 5);
	kfree_skb(skb);
	return outcome;
}

/* Links so slow that what is sent here takes them long: a moment more or less does not matter. */
#define SLOW	  1000
#define LESS_SLOW 100000

static void flood(struct kunit *test, u32 net_id, u32 packets)
{
	while (packets--)
		pass(test, net_id, 0);
}

static void a_link_that_is_not_guarded_drops_nothing(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_FALSE(test, pass(test, i % 2 ? NET1 : NET2, 0).dropped);
}

static void who_is_above_loses_and_who_is_within_does_not(struct kunit *test)
{
	struct xnet_total total;

	KUNIT_ASSERT_EQ(test, push(test, 1, xnet_fixture_ifindex(), SLOW, NET1, SLOW / 2), 0);
	flood(test, NET2, 1000); /* alone */
	xnet_acct_sum(&xnet_fixture_share(NET2)->cpu->guard, &total);
	KUNIT_EXPECT_EQ(test, total.packets[XNET_REFUSED], 0ULL);
	KUNIT_EXPECT_FALSE(test, pass(test, NET1, 0).dropped);
	KUNIT_EXPECT_TRUE(test, pass(test, NET2, 0).dropped);
	KUNIT_EXPECT_FALSE(test, pass(test, NET1, 0).dropped);
	xnet_acct_sum(&xnet_fixture_share(NET2)->cpu->guard, &total);
	KUNIT_EXPECT_EQ(test, total.packets[XNET_REFUSED], 1ULL);
	KUNIT_EXPECT_EQ(test, total.bytes[XNET_REFUSED], (u64)FRAME);
}

static void when_the_lease_ends_so_does_the_guard(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 1, xnet_fixture_ifindex(), SLOW, NET1, SLOW / 2), 0);
	flood(test, NET2, 1000);
	pass(test, NET1, 0);
	KUNIT_ASSERT_TRUE(test, pass(test, NET2, 0).dropped);
	xnet_guards_exit(); /* as at the lease's end */
	KUNIT_EXPECT_FALSE(test, pass(test, NET2, 0).dropped);
}

/* With a queue of so many quarters of the limit; @tos as ECN has it. */
static struct outcome pass_when_congested(struct kunit *test, u32 quarters, u8 tos)
{
	struct xnet_link *link = xnet_fixture_link();
	u64 limit;

	KUNIT_ASSERT_EQ(test, push(test, 1, xnet_fixture_ifindex(), LESS_SLOW, NET1, LESS_SLOW / 2),
			0);
	flood(test, NET2, 1000);
	pass(test, NET1, 0);
	rcu_read_lock();
	limit = xnet_guard_limit(&rcu_dereference(xnet_guards)->link[link->slot], &link->contention,
				 ktime_get_ns());
	rcu_read_unlock();
	local_bh_disable();
	this_cpu_ptr(link->cpu)->guard.pending = 0;
	local_bh_enable();
	atomic64_set(&link->contention.queue.empty, ktime_get_ns() + limit * quarters / 4);
	return pass(test, NET2, tos);
}

static void what_knows_ecn_is_marked(struct kunit *test)
{
	struct outcome outcome = pass_when_congested(test, 3, INET_ECN_ECT_0);
	struct xnet_total total;

	KUNIT_EXPECT_FALSE(test, outcome.dropped);
	KUNIT_EXPECT_EQ(test, (int)outcome.tos, (int)INET_ECN_CE);
	KUNIT_EXPECT_TRUE(test, outcome.checksum);
	xnet_acct_sum(&xnet_fixture_share(NET2)->cpu->guard, &total);
	KUNIT_EXPECT_EQ(test, total.packets[XNET_MARKED], 1ULL);
	KUNIT_EXPECT_EQ(test, total.packets[XNET_REFUSED], 0ULL);
}

static void what_does_not_passes_as_it_is(struct kunit *test)
{
	struct outcome outcome = pass_when_congested(test, 3, INET_ECN_NOT_ECT);

	KUNIT_EXPECT_FALSE(test, outcome.dropped);
	KUNIT_EXPECT_EQ(test, (int)outcome.tos, 0);
}

static void above_the_limit_it_is_dropped_all_the_same(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, pass_when_congested(test, 5, INET_ECN_ECT_0).dropped);
}

static struct kunit_case guard_cases[] = {
	KUNIT_CASE(a_byte_takes_what_its_rate_says),
	KUNIT_CASE(a_queue_empties_with_time),
	KUNIT_CASE(a_queue_has_room_for_so_much),
	KUNIT_CASE(a_queue_has_served_what_came_bit_by_bit),
	KUNIT_CASE(within_its_rate_nothing_is_above),
	KUNIT_CASE(on_several_cpus_too),
	KUNIT_CASE(above_its_rate_the_rest_is_wholly_above),
	KUNIT_CASE(a_burst_is_within),
	KUNIT_CASE(entitled_to_nothing_all_is_above),
	KUNIT_CASE(a_gso_packet_is_paid_for),
	KUNIT_CASE(the_longer_above_the_less_room),
	KUNIT_CASE(a_limit_rises_while_there_is_contention),
	KUNIT_CASE(who_is_alone_is_left_alone),
	KUNIT_CASE(two_see_each_other_all_the_time),
	KUNIT_CASE(three_see_one_another_all_the_time),
	KUNIT_CASE(a_push_guards_what_it_names),
	KUNIT_CASE(a_push_that_is_wrong_changes_nothing),
	KUNIT_CASE(what_is_wrong_with_an_entitlement_is_said),
	KUNIT_CASE(a_slot_used_again_is_entitled_to_nothing),
	KUNIT_CASE(a_link_that_comes_back_is_not_guarded),
	KUNIT_CASE(a_link_that_is_not_guarded_drops_nothing),
	KUNIT_CASE(who_is_above_loses_and_who_is_within_does_not),
	KUNIT_CASE(when_the_lease_ends_so_does_the_guard),
	KUNIT_CASE(what_knows_ecn_is_marked),
	KUNIT_CASE(what_does_not_passes_as_it_is),
	KUNIT_CASE(above_the_limit_it_is_dropped_all_the_same),
	{},
};

static struct kunit_suite guard_suite = {
	.name = "xnetman_guard",
	.init = xnet_fixture_init,
	.exit = xnet_fixture_exit,
	.test_cases = guard_cases,
};

kunit_test_suite(guard_suite);
