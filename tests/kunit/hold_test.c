// SPDX-License-Identifier: GPL-2.0-only
/* Holding: packets wait in their order, no more of them than may be, and go on when they are let go. */
#include <linux/delay.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/xnetman.h>

#include "fixture.h"
#include "hold.h"
#include "link.h"
#include "main.h"

static struct sk_buff *packet(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_put_zero(skb, ETH_HLEN);
	skb->dev = xnet_fixture_link()->dev;
	return skb;
}

static bool hold_one(struct kunit *test)
{
	struct sk_buff *skb = packet(test);
	bool held;

	local_bh_disable();
	held = xnet_hold_packet(&xnet_fixture_link()->hold, skb);
	local_bh_enable();
	if (!held)
		kfree_skb(skb);
	return held;
}

static int hold(u32 ms)
{
	int err;

	mutex_lock(&xnet_lock);
	err = xnet_link_hold(xnet_fixture_ifindex(), ms, NULL);
	mutex_unlock(&xnet_lock);
	return err;
}

static void nothing_is_held_unasked(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, hold_one(test));
}

static void held_until_let_go(struct kunit *test)
{
	struct xnet_hold *h = &xnet_fixture_link()->hold;

	KUNIT_ASSERT_EQ(test, hold(XNETMAN_HOLD_MAX_MS), 0);
	KUNIT_EXPECT_TRUE(test, hold_one(test));
	KUNIT_EXPECT_TRUE(test, hold_one(test));
	KUNIT_EXPECT_EQ(test, skb_queue_len(&h->queue), 2U);
	KUNIT_EXPECT_EQ(test, hold(0), 0);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&h->queue), 0U);
	KUNIT_EXPECT_EQ(test, h->bytes, 0U);
	KUNIT_EXPECT_FALSE(test, hold_one(test));
}

static void no_more_than_may_be(struct kunit *test)
{
	u32 n = 0;

	KUNIT_ASSERT_EQ(test, hold(XNETMAN_HOLD_MAX_MS), 0);
	xnet_fixture_link()->hold.bytes = XNET_HOLD_BYTES;
	KUNIT_EXPECT_FALSE(test, hold_one(test));
	xnet_fixture_link()->hold.bytes = 0;
	while (n <= XNET_HOLD_PACKETS && hold_one(test))
		n++;
	KUNIT_EXPECT_EQ(test, n, (u32)XNET_HOLD_PACKETS);
}

static void what_is_held_goes_with_its_link(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, hold(XNETMAN_HOLD_MAX_MS), 0);
	KUNIT_EXPECT_TRUE(test, hold_one(test)); /* xnet_fixture_exit() deletes the link */
}

static void ends_by_itself(struct kunit *test)
{
	struct xnet_hold *h = &xnet_fixture_link()->hold;

	KUNIT_ASSERT_EQ(test, hold(1), 0);
	KUNIT_EXPECT_TRUE(test, hold_one(test));
	for (u32 i = 0; i < 500 && READ_ONCE(h->on); i++)
		msleep(10);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&h->queue), 0U);
	KUNIT_EXPECT_FALSE(test, hold_one(test));
}

/* The bytes that are let go, one after the other. */
static struct {
	u8 marks[8];
	u32 n;
} heard;

static int hear(struct sk_buff *skb, struct net_device *dev, struct packet_type *type,
		struct net_device *from)
{
	if (heard.n < ARRAY_SIZE(heard.marks))
		heard.marks[heard.n++] = skb->data[0];
	kfree_skb(skb);
	return 0;
}

static void goes_on_in_order(struct kunit *test)
{
	struct packet_type type = {
		.type = htons(ETH_P_802_EX1),
		.dev = xnet_fixture_link()->dev,
		.func = hear,
	};
	static const u8 want[] = { 3, 1, 2 };

	memset(&heard, 0, sizeof(heard));
	dev_add_pack(&type);
	KUNIT_EXPECT_EQ(test, hold(XNETMAN_HOLD_MAX_MS), 0);
	for (u32 i = 0; i < ARRAY_SIZE(want); i++) {
		struct sk_buff *skb = packet(test);
		struct ethhdr *eth = (struct ethhdr *)skb->data;

		eth->h_proto = htons(ETH_P_802_EX1);
		skb->protocol = eth->h_proto;
		skb_reset_mac_header(skb);
		*(u8 *)skb_put(skb, 1) = want[i];
		dev_queue_xmit(skb); /* through the link's hook */
	}
	KUNIT_EXPECT_EQ(test, skb_queue_len(&xnet_fixture_link()->hold.queue), 3U);
	KUNIT_EXPECT_EQ(test, hold(0), 0);
	local_bh_disable();
	local_bh_enable(); /* what loopback has received is handed on */
	dev_remove_pack(&type);
	KUNIT_EXPECT_EQ(test, heard.n, 3U);
	KUNIT_EXPECT_EQ(test, memcmp(heard.marks, want, sizeof(want)), 0);
}

static void only_links_are_held(struct kunit *test)
{
	int err;

	mutex_lock(&xnet_lock);
	err = xnet_link_hold(0x7fffffff, 1, NULL);
	mutex_unlock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, err, -ENOENT);
}

static struct kunit_case hold_cases[] = {
	KUNIT_CASE(nothing_is_held_unasked), KUNIT_CASE(held_until_let_go),
	KUNIT_CASE(no_more_than_may_be),     KUNIT_CASE(what_is_held_goes_with_its_link),
	KUNIT_CASE(ends_by_itself),	     KUNIT_CASE(goes_on_in_order),
	KUNIT_CASE(only_links_are_held),     {},
};

static struct kunit_suite hold_suite = {
	.name = "xnetman_hold",
	.init = xnet_fixture_init,
	.exit = xnet_fixture_exit,
	.test_cases = hold_cases,
};

kunit_test_suite(hold_suite);
