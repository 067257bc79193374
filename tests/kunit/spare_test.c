// SPDX-License-Identifier: GPL-2.0-only
/* Who is punished is spared while it is below what it is allowed, and only then. */
#include <linux/ktime.h>
#include <linux/xnetman.h>

#include "fixture.h"
#include "guards.h"
#include "link.h"
#include "share.h"

#define LEASE_MS 600000
#define NET	 XNET_TEST_NET1
#define FRAME	 1514

/* So slow that what is sent here takes long: a moment more or less does not matter. */
#define SLOW 1000 /* bytes/s */

static const struct xnet_ratio first = { XNET_THRESHOLD_ONE / 2, 1 };
static const struct xnet_ratio second = { XNET_THRESHOLD_ONE / 2, 2 };

static void push(struct kunit *test, u64 generation, u64 allowed)
{
	struct sk_buff *message = xnet_message_new(test);
	struct nlattr *nest = xnet_message_nest(message, XNETMAN_A_GUARD);
	const struct xnetman_entitled entitled = { SLOW, allowed, NET, 2 * FRAME };
	u64 rate = SLOW;

	nla_put_u32(message, XNETMAN_A_IFINDEX, xnet_fixture_ifindex());
	nla_put(message, XNETMAN_A_RATE, sizeof(rate), &rate);
	nla_put_u32(message, XNETMAN_A_BURST, SLOW);
	nla_put(message, XNETMAN_A_ENTITLED, sizeof(entitled), &entitled);
	nla_nest_end(message, nest);
	KUNIT_ASSERT_EQ(test, xnet_message_push(message, generation, LEASE_MS), 0);
}

/* @packets frames are offered, dropped or not, and then it is looked. Return: is it spared? */
static bool look(const struct xnet_ratio *ratio, u32 packets, bool dropped)
{
	const struct xnet_size size = { (u64)packets * FRAME, packets };
	struct xnet_share *share = xnet_fixture_share(NET);
	struct xnet_share_cpu *cpu;
	bool spared;

	local_bh_disable();
	rcu_read_lock();
	cpu = this_cpu_ptr(share->cpu);
	xnet_acct_offer(&cpu->acct, &size, dropped);
	xnet_spare_look(share, ratio);
	spared = cpu->spare.spared;
	rcu_read_unlock();
	local_bh_enable();
	return spared;
}

/* As if so much (ns) of what is allowed had been sent and not been served yet. */
static void spent(s64 ns)
{
	atomic64_set(&xnet_fixture_share(NET)->spent.empty, ktime_get_ns() + ns);
}

static void a_punishment_begins_with_the_ratio(struct kunit *test)
{
	push(test, 1, SLOW);
	KUNIT_EXPECT_FALSE(test, look(&first, 1, false));
	KUNIT_EXPECT_FALSE(test, look(&first, 1, false));
}

static void below_what_it_is_allowed_it_is_spared(struct kunit *test)
{
	push(test, 1, SLOW);
	look(&first, 1, false);
	spent(0);
	KUNIT_EXPECT_TRUE(test, look(&first, 0, false));
	KUNIT_EXPECT_TRUE(test, look(&first, 1000, true)); /* dropped: not sent */
	KUNIT_EXPECT_FALSE(test, look(&first, 1, false));
}

static void another_punishment_begins_anew(struct kunit *test)
{
	push(test, 1, SLOW);
	look(&first, 1, false);
	spent(0);
	KUNIT_EXPECT_TRUE(test, look(&first, 0, false));
	KUNIT_EXPECT_FALSE(test, look(&second, 0, false));
}

static void what_was_saved_is_lost_when_it_is_allowed_less(struct kunit *test)
{
	push(test, 1, 10 * SLOW);
	look(&first, 1, false);
	spent(0);
	KUNIT_EXPECT_TRUE(test, look(&first, 0, false));
	push(test, 2, 9 * SLOW);
	KUNIT_EXPECT_TRUE(test, look(&first, 0, false));
	push(test, 3, 5 * SLOW);
	KUNIT_EXPECT_FALSE(test, look(&first, 0, false));
	spent(0);
	push(test, 4, 10 * SLOW);
	KUNIT_EXPECT_TRUE(test, look(&first, 0, false));
}

static void debts_are_kept_and_have_a_limit(struct kunit *test)
{
	const s64 most = XNET_SPARE_SLACK + XNET_SPARE_DEBT;
	struct xnet_share *share = xnet_fixture_share(NET);

	push(test, 1, SLOW);
	look(&first, 1, false);
	KUNIT_EXPECT_FALSE(test, look(&first, 1000, false));
	KUNIT_EXPECT_LE(test, xnet_queue_level(&share->spent, ktime_get_ns()), (u64)most);
	KUNIT_EXPECT_GT(test, xnet_queue_level(&share->spent, ktime_get_ns()), (u64)most / 2);
}

static void who_is_told_no_rate_is_never_spared(struct kunit *test)
{
	push(test, 1, 0);
	look(&first, 1, false);
	spent(0);
	KUNIT_EXPECT_FALSE(test, look(&first, 0, false));
	push(test, 2, SLOW);
	look(&first, 0, false);
	spent(0);
	KUNIT_EXPECT_TRUE(test, look(&first, 0, false));
	xnet_guards_exit(); /* as at the lease's end */
	KUNIT_EXPECT_FALSE(test, look(&first, 0, false));
}

/* A frame is offered that the ratio would drop. Return: is it spared? */
static bool offer(void)
{
	const struct xnet_size size = { FRAME, 1 };
	struct xnet_share *share = xnet_fixture_share(NET);
	bool spared;

	local_bh_disable();
	rcu_read_lock();
	spared = xnet_spare(share, &first);
	xnet_acct_offer(&this_cpu_ptr(share->cpu)->acct, &size, !spared);
	rcu_read_unlock();
	local_bh_enable();
	return spared;
}

static void it_is_looked_once_in_a_slice(struct kunit *test)
{
	u32 before, after;

	push(test, 1, SLOW);
	look(&first, 1, false);
	spent(0);
	for (before = 0; before < 100 && !offer(); before++)
		;
	KUNIT_EXPECT_EQ(test, before, DIV_ROUND_UP(XNET_SLICE_MIN, FRAME));
	for (after = 1; after < 100 && offer(); after++)
		;
	KUNIT_EXPECT_EQ(test, after, DIV_ROUND_UP(XNET_SLICE_MIN, FRAME));
}

static struct kunit_case spare_cases[] = {
	KUNIT_CASE(a_punishment_begins_with_the_ratio),
	KUNIT_CASE(below_what_it_is_allowed_it_is_spared),
	KUNIT_CASE(another_punishment_begins_anew),
	KUNIT_CASE(what_was_saved_is_lost_when_it_is_allowed_less),
	KUNIT_CASE(debts_are_kept_and_have_a_limit),
	KUNIT_CASE(who_is_told_no_rate_is_never_spared),
	KUNIT_CASE(it_is_looked_once_in_a_slice),
	{},
};

static struct kunit_suite spare_suite = {
	.name = "xnetman_spare",
	.init = xnet_fixture_init,
	.exit = xnet_fixture_exit,
	.test_cases = spare_cases,
};

kunit_test_suite(spare_suite);
