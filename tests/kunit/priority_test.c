// SPDX-License-Identifier: GPL-2.0-only
/* Priorities: set for the pairs that are named, all of them or none, and for no other. */
#include <linux/rtnetlink.h>
#include <linux/xnetman.h>

#include "fixture.h"
#include "hook.h"
#include "link.h"
#include "main.h"
#include "priority.h"
#include "share.h"

#define NET1   XNET_TEST_NET1
#define NET2   XNET_TEST_NET2
#define NO_NET 99
#define CLASS1 0x7f000018
#define CLASS2 0x7f000028
#define TOS    6

static void put_entry(struct sk_buff *message, u32 net_id, u32 ifindex, u32 priority)
{
	const struct xnetman_priority entry = { net_id, ifindex, priority };

	nla_put(message, XNETMAN_A_PRIORITIES, sizeof(entry), &entry);
}

static int set(const struct sk_buff *message)
{
	int err;

	mutex_lock(&xnet_lock);
	err = xnet_priorities_set((const struct nlattr *)message->data, message->len, NULL);
	mutex_unlock(&xnet_lock);
	return err;
}

static int set_two(struct kunit *test, u32 net_id, u32 other, u32 ifindex)
{
	struct sk_buff *message = xnet_message_new(test);

	put_entry(message, net_id, xnet_fixture_ifindex(), CLASS1);
	put_entry(message, other, ifindex, CLASS2);
	return set(message);
}

static u32 priority_of(u32 net_id)
{
	u32 priority;

	rcu_read_lock();
	priority = xnet_priority(xnet_fixture_share(net_id), TOS);
	rcu_read_unlock();
	return priority;
}

static void packet_keeps_its_priority_by_default(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, priority_of(NET1), (u32)TOS);
}

static void packet_gets_its_network_s(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, set_two(test, NET1, NET2, xnet_fixture_ifindex()), 0);
	KUNIT_EXPECT_EQ(test, priority_of(NET1), (u32)CLASS1);
	KUNIT_EXPECT_EQ(test, priority_of(NET2), (u32)CLASS2);
}

static void what_is_not_named_stays(struct kunit *test)
{
	struct sk_buff *message = xnet_message_new(test);

	KUNIT_EXPECT_EQ(test, set_two(test, NET1, NET2, xnet_fixture_ifindex()), 0);
	put_entry(message, NET1, xnet_fixture_ifindex(), 0);
	KUNIT_EXPECT_EQ(test, set(message), 0);
	KUNIT_EXPECT_EQ(test, priority_of(NET1), (u32)TOS);
	KUNIT_EXPECT_EQ(test, priority_of(NET2), (u32)CLASS2);
}

static void unknown_network_changes_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, set_two(test, NET1, NO_NET, xnet_fixture_ifindex()), -ENOENT);
	KUNIT_EXPECT_EQ(test, priority_of(NET1), (u32)TOS);
}

static void unknown_link_changes_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, set_two(test, NET1, NET2, 0x7fffffff), -ENOENT);
	KUNIT_EXPECT_EQ(test, priority_of(NET1), (u32)TOS);
}

static void half_an_entry_is_refused(struct kunit *test)
{
	const struct xnetman_priority entry = { NET2, xnet_fixture_ifindex(), CLASS2 };
	struct sk_buff *message = xnet_message_new(test);

	put_entry(message, NET1, xnet_fixture_ifindex(), CLASS1);
	nla_put(message, XNETMAN_A_PRIORITIES, sizeof(entry) - sizeof(entry.priority), &entry);
	KUNIT_EXPECT_EQ(test, set(message), -EINVAL);
	KUNIT_EXPECT_EQ(test, priority_of(NET1), (u32)TOS);
}

static struct kunit_case priority_cases[] = {
	KUNIT_CASE(packet_keeps_its_priority_by_default),
	KUNIT_CASE(packet_gets_its_network_s),
	KUNIT_CASE(what_is_not_named_stays),
	KUNIT_CASE(unknown_network_changes_nothing),
	KUNIT_CASE(unknown_link_changes_nothing),
	KUNIT_CASE(half_an_entry_is_refused),
	{},
};

static struct kunit_suite priority_suite = {
	.name = "xnetman_priority",
	.init = xnet_fixture_init,
	.exit = xnet_fixture_exit,
	.test_cases = priority_cases,
};

kunit_test_suite(priority_suite);
