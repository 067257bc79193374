// SPDX-License-Identifier: GPL-2.0-only
/* Ratios: a push is in force as a whole or not at all, and for nobody else. */
#include <linux/rtnetlink.h>
#include <linux/xnetman.h>

#include "fixture.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "ratios.h"
#include "share.h"

#define LEASE_MS 600000
#define NET1	 XNET_TEST_NET1
#define NET2	 XNET_TEST_NET2
#define NET3	 13
#define NO_NET	 99
#define RATIO	 250000000

static u32 ratio_of(u32 net_id)
{
	return xnet_fixture_ratio(net_id, xnet_fixture_ifindex());
}

static int push(struct kunit *test, u64 generation, u32 net_id, u32 ppb)
{
	return xnet_push_one(test, generation, LEASE_MS, net_id, xnet_fixture_ifindex(), ppb);
}

static void push_punishes_whom_it_names(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, push(test, 1, NET1, RATIO), 0);
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), RATIO);
	KUNIT_EXPECT_EQ(test, ratio_of(NET2), 0U);
}

static void push_replaces_all(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, push(test, 1, NET1, RATIO), 0);
	KUNIT_EXPECT_EQ(test, push(test, 2, NET2, RATIO / 2), 0);
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), 0U);
	KUNIT_EXPECT_EQ(test, ratio_of(NET2), RATIO / 2);
}

static void push_of_several_arrays_is_one(struct kunit *test)
{
	const struct xnetman_ratio first = { NET1, xnet_fixture_ifindex(), RATIO };
	const struct xnetman_ratio second = { NET2, xnet_fixture_ifindex(), RATIO / 2 };
	struct sk_buff *message = xnet_message_new(test);

	xnet_message_ratios(message, &first, 1);
	xnet_message_ratios(message, NULL, 0);
	xnet_message_ratios(message, &second, 1);
	KUNIT_EXPECT_EQ(test, xnet_message_push(message, 1, LEASE_MS), 0);
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), RATIO);
	KUNIT_EXPECT_EQ(test, ratio_of(NET2), RATIO / 2);
}

static void push_of_inputs_is_apart_from_links(struct kunit *test)
{
	const struct xnetman_ratio ratios[] = {
		{ NET2, xnet_fixture_ifindex(), RATIO / 2 },
		{ NET1, 0, RATIO },
		{ NET2, xnet_fixture_ifindex(), RATIO / 2 },
	};
	struct sk_buff *message = xnet_message_new(test);

	xnet_message_ratios(message, ratios, ARRAY_SIZE(ratios));
	KUNIT_EXPECT_EQ(test, xnet_message_push(message, 1, LEASE_MS), 0);
	KUNIT_EXPECT_EQ(test, xnet_fixture_ratio(NET1, 0), RATIO);
	KUNIT_EXPECT_EQ(test, xnet_fixture_ratio(NET2, 0), 0U);
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), 0U);
	KUNIT_EXPECT_EQ(test, ratio_of(NET2), RATIO / 2);
	KUNIT_EXPECT_EQ(test, push(test, 2, NET1, RATIO), 0);
	KUNIT_EXPECT_EQ(test, xnet_fixture_ratio(NET1, 0), 0U);
}

static void push_without_ratios_punishes_nobody(struct kunit *test)
{
	struct sk_buff *empty = xnet_message_new(test);

	KUNIT_EXPECT_EQ(test, push(test, 1, NET1, RATIO), 0);
	KUNIT_EXPECT_EQ(test, xnet_message_push(empty, 2, LEASE_MS), 0);
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), 0U);
	KUNIT_EXPECT_NULL(test, (void *)rcu_access_pointer(xnet_ratios));
}

static void push_of_zeros_costs_the_packets_nothing(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, push(test, 1, NET1, 0), 0);
	KUNIT_EXPECT_NULL(test, (void *)rcu_access_pointer(xnet_ratios));
}

/* A good entry, then one that is not: nothing of the push may stay, and @text says which it is. */
static int push_good_and(struct kunit *test, u32 net_id, u32 ifindex, u32 ratio, const char *text)
{
	const struct xnetman_ratio ratios[] = {
		{ NET2, xnet_fixture_ifindex(), RATIO / 2 },
		{ net_id, ifindex, ratio },
	};
	struct sk_buff *message = xnet_message_new(test);
	struct netlink_ext_ack extack = {};
	int err;

	xnet_message_ratios(message, ratios, ARRAY_SIZE(ratios));
	err = xnet_message_push_told(message, 2, LEASE_MS, &extack);
	KUNIT_EXPECT_STREQ(test, extack._msg ?: "", text);
	KUNIT_EXPECT_PTR_EQ(test, (const void *)extack.bad_attr, (const void *)message->data);
	return err;
}

static void expect_first_push(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), RATIO);
	KUNIT_EXPECT_EQ(test, ratio_of(NET2), 0U);
	KUNIT_EXPECT_EQ(test, xnet_generation, 1ULL);
}

static void push_with_unknown_network_changes_nothing(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 1, NET1, RATIO), 0);
	KUNIT_EXPECT_EQ(test,
			push_good_and(test, NO_NET, xnet_fixture_ifindex(), RATIO,
				      "RATIOS[1]: there is no network with its id"),
			-ENOENT);
	KUNIT_EXPECT_EQ(test,
			push_good_and(test, 0, xnet_fixture_ifindex(), RATIO,
				      "RATIOS[1]: there is no network with its id"),
			-ENOENT);
	expect_first_push(test);
}

static void push_with_unknown_link_changes_nothing(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 1, NET1, RATIO), 0);
	KUNIT_EXPECT_EQ(
		test,
		push_good_and(test, NET1, S32_MAX, RATIO, "RATIOS[1]: its device is not a link"),
		-ENOENT);
	KUNIT_EXPECT_EQ(
		test,
		push_good_and(test, NET1, U32_MAX, RATIO, "RATIOS[1]: its device is not a link"),
		-ENOENT);
	expect_first_push(test);
}

static void push_of_more_than_all_changes_nothing(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 1, NET1, RATIO), 0);
	KUNIT_EXPECT_EQ(test,
			push_good_and(test, NET1, xnet_fixture_ifindex(), XNETMAN_RATIO_ONE + 1,
				      "RATIOS[1]: its ratio is above one"),
			-ERANGE);
	KUNIT_EXPECT_EQ(test,
			push_good_and(test, NET1, 0, U32_MAX, "RATIOS[1]: its ratio is above one"),
			-ERANGE);
	expect_first_push(test);
	KUNIT_EXPECT_EQ(test, push(test, 2, NET1, XNETMAN_RATIO_ONE), 0);
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), XNETMAN_RATIO_ONE);
}

static void push_of_half_an_entry_changes_nothing(struct kunit *test)
{
	const struct xnetman_ratio ratios[2] = { { NET2, xnet_fixture_ifindex(), RATIO } };
	struct netlink_ext_ack extack = {};
	struct sk_buff *message;
	int len;

	KUNIT_ASSERT_EQ(test, push(test, 1, NET1, RATIO), 0);
	for (len = 1; len < sizeof(ratios); len++) {
		if (len == sizeof(ratios[0]))
			continue;
		message = xnet_message_new(test);
		nla_put(message, XNETMAN_A_RATIOS, len, ratios);
		KUNIT_EXPECT_EQ(test, xnet_message_push_told(message, 2, LEASE_MS, &extack),
				-EINVAL);
	}
	KUNIT_EXPECT_STREQ(test, extack._msg ?: "",
			   "RATIOS has 23 bytes: not a multiple of its entries' 12");
	expect_first_push(test);
}

static void push_that_is_not_newer_is_stale(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 5, NET1, RATIO), 0);
	KUNIT_EXPECT_EQ(test, push(test, 5, NET2, RATIO), -ESTALE);
	KUNIT_EXPECT_EQ(test, push(test, 4, NET2, RATIO), -ESTALE);
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), RATIO);
	KUNIT_EXPECT_EQ(test, ratio_of(NET2), 0U);
	KUNIT_EXPECT_EQ(test, push(test, U64_MAX, NET2, RATIO), 0);
}

static u32 start_of(u32 net_id)
{
	const struct xnet_share *share = xnet_fixture_share(net_id);
	u32 start;

	rcu_read_lock();
	start = xnet_ratio(share->link_slot, share->network_slot)->start;
	rcu_read_unlock();
	return start;
}

static void push_goes_on_while_punished(struct kunit *test)
{
	u32 start;

	KUNIT_ASSERT_EQ(test, push(test, 1, NET1, RATIO), 0);
	start = start_of(NET1);
	KUNIT_ASSERT_EQ(test, push(test, 2, NET1, RATIO + 1), 0);
	KUNIT_EXPECT_EQ(test, start_of(NET1), start);
	KUNIT_ASSERT_EQ(test, push(test, 3, NET1, 0), 0);
	KUNIT_ASSERT_EQ(test, push(test, 4, NET1, RATIO), 0);
	KUNIT_EXPECT_NE(test, start_of(NET1), start);
}

static void network_with_a_used_slot_starts_unpunished(struct kunit *test)
{
	u32 slot = xnet_fixture_share(NET2)->network_slot;

	KUNIT_ASSERT_EQ(test, push(test, 1, NET2, RATIO), 0);
	mutex_lock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, xnet_network_delete(NET2, NULL), 0);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NET3, "net3", NULL), 0);
	mutex_unlock(&xnet_lock);

	KUNIT_EXPECT_EQ(test, xnet_fixture_share(NET3)->network_slot, slot);
	KUNIT_EXPECT_EQ(test, ratio_of(NET3), 0U);
}

static void network_with_a_used_slot_has_open_inputs(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, xnet_push_one(test, 1, LEASE_MS, NET2, 0, RATIO), 0);
	mutex_lock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, xnet_network_delete(NET2, NULL), 0);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NET3, "net3", NULL), 0);
	mutex_unlock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, xnet_fixture_ratio(NET3, 0), 0U);
}

static void network_newer_than_the_push_is_unpunished(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 1, NET1, RATIO), 0);
	mutex_lock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NET3, "net3", NULL), 0);
	mutex_unlock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, ratio_of(NET3), 0U);
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), RATIO);
}

static void link_that_comes_back_starts_unpunished(struct kunit *test)
{
	u32 ifindex = xnet_fixture_ifindex();

	KUNIT_ASSERT_EQ(test, push(test, 1, NET1, RATIO), 0);
	rtnl_lock();
	mutex_lock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, xnet_link_delete(ifindex, NULL), 0);
	KUNIT_EXPECT_EQ(test, xnet_link_create(ifindex, NULL), 0);
	mutex_unlock(&xnet_lock);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, ratio_of(NET1), 0U);
}

static void names_and_ids_are_unique(struct kunit *test)
{
	mutex_lock(&xnet_lock);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NET3, "net1", NULL), -EEXIST);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NET2, "net1", NULL), -EEXIST);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NET2, "other", NULL), 0);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NET3, "net2", NULL), 0);
	KUNIT_EXPECT_EQ(test, xnet_network_delete(NO_NET, NULL), -ENOENT);
	mutex_unlock(&xnet_lock);
}

static void networks_have_a_limit(struct kunit *test)
{
	char name[16];
	u32 id;

	mutex_lock(&xnet_lock);
	for (id = 1001; id <= 1000 + XNETMAN_NETWORKS_MAX - 2; id++) {
		snprintf(name, sizeof(name), "many%u", id);
		KUNIT_ASSERT_EQ(test, xnet_network_set(id, name, NULL), 0);
	}
	KUNIT_EXPECT_EQ(test, xnet_network_set(NO_NET, "one too many", NULL), -ENOSPC);
	KUNIT_EXPECT_EQ(test, xnet_network_delete(1001, NULL), 0);
	KUNIT_EXPECT_EQ(test, xnet_network_set(NO_NET, "one too many", NULL), 0);
	mutex_unlock(&xnet_lock);
}

static struct kunit_case ratios_cases[] = { KUNIT_CASE(push_punishes_whom_it_names),
					    KUNIT_CASE(push_replaces_all),
					    KUNIT_CASE(push_of_several_arrays_is_one),
					    KUNIT_CASE(push_of_inputs_is_apart_from_links),
					    KUNIT_CASE(push_without_ratios_punishes_nobody),
					    KUNIT_CASE(push_of_zeros_costs_the_packets_nothing),
					    KUNIT_CASE(push_with_unknown_network_changes_nothing),
					    KUNIT_CASE(push_with_unknown_link_changes_nothing),
					    KUNIT_CASE(push_of_more_than_all_changes_nothing),
					    KUNIT_CASE(push_of_half_an_entry_changes_nothing),
					    KUNIT_CASE(push_that_is_not_newer_is_stale),
					    KUNIT_CASE(push_goes_on_while_punished),
					    KUNIT_CASE(network_with_a_used_slot_starts_unpunished),
					    KUNIT_CASE(network_with_a_used_slot_has_open_inputs),
					    KUNIT_CASE(network_newer_than_the_push_is_unpunished),
					    KUNIT_CASE(link_that_comes_back_starts_unpunished),
					    KUNIT_CASE(names_and_ids_are_unique),
					    KUNIT_CASE(networks_have_a_limit),
					    {} };

static struct kunit_suite ratios_suite = {
	.name = "xnetman_ratios",
	.init = xnet_fixture_init,
	.exit = xnet_fixture_exit,
	.test_cases = ratios_cases,
};

kunit_test_suite(ratios_suite);
