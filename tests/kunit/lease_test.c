// SPDX-License-Identifier: GPL-2.0-only
/* Lease: without another push in time all punishments end, and not before. */
#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/xnetman.h>

#include "fixture.h"
#include "lease.h"
#include "main.h"
#include "ratios.h"
#include "trace.h"

#define RATIO	500000000
#define LONG_MS 60000

static DECLARE_COMPLETION(expired);
static u64 expired_generation;
static ktime_t expired_at;

/* The tracepoint of the lease tells when it ends. */
static void lease_probe(void *data, u64 generation, u32 ms)
{
	if (ms)
		return;
	expired_generation = generation;
	expired_at = ktime_get();
	complete(&expired);
}

static int lease_init(struct kunit *test)
{
	reinit_completion(&expired);
	return register_trace_lease(lease_probe, NULL) ?: xnet_fixture_init(test);
}

static void lease_exit(struct kunit *test)
{
	unregister_trace_lease(lease_probe, NULL);
	tracepoint_synchronize_unregister();
	xnet_fixture_exit(test);
}

static int push(struct kunit *test, u64 generation, u32 lease_ms)
{
	return xnet_push_one(test, generation, lease_ms, XNET_TEST_NET1, xnet_fixture_ifindex(),
			     RATIO);
}

static bool ends_within(u32 ms)
{
	return wait_for_completion_timeout(&expired, msecs_to_jiffies(ms));
}

static u32 left_ms(void)
{
	u32 left;

	mutex_lock(&xnet_lock);
	left = xnet_lease_left_ms();
	mutex_unlock(&xnet_lock);
	return left;
}

static u32 ratio_now(void)
{
	return xnet_fixture_ratio(XNET_TEST_NET1, xnet_fixture_ifindex());
}

/* 1000 ms is more than 64 jiffies at any HZ: the timer is armed more than once. */
static const u32 leases[] = { 1, 20, 1000 };

static void lease_name(const u32 *ms, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "a lease of %u ms", *ms);
}

KUNIT_ARRAY_PARAM(lease, leases, lease_name);

static void lease_ends_punishments_in_time(struct kunit *test)
{
	const u32 *ms = test->param_value;
	ktime_t start = ktime_get();

	KUNIT_ASSERT_EQ(test, push(test, 3, *ms), 0);
	KUNIT_ASSERT_TRUE(test, ends_within(LONG_MS));
	KUNIT_EXPECT_GE(test, ktime_to_ns(ktime_sub(expired_at, start)), *ms * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, expired_generation, 3ULL);
	KUNIT_EXPECT_EQ(test, ratio_now(), 0U);
	KUNIT_EXPECT_EQ(test, left_ms(), 0U);
}

static void generation_outlives_the_lease(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 3, 1), 0);
	KUNIT_ASSERT_TRUE(test, ends_within(LONG_MS));
	KUNIT_EXPECT_EQ(test, push(test, 3, LONG_MS), -ESTALE);
	KUNIT_EXPECT_EQ(test, push(test, 4, LONG_MS), 0);
	KUNIT_EXPECT_EQ(test, ratio_now(), RATIO);
}

static void push_renews_the_lease(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 1, 50), 0);
	KUNIT_ASSERT_EQ(test, push(test, 2, LONG_MS), 0);
	KUNIT_EXPECT_FALSE(test, ends_within(200));
	KUNIT_EXPECT_EQ(test, ratio_now(), RATIO);
	KUNIT_EXPECT_GT(test, left_ms(), 0U);
	KUNIT_EXPECT_LE(test, left_ms(), LONG_MS - 200);
}

static void push_may_shorten_the_lease(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 1, LONG_MS), 0);
	KUNIT_ASSERT_EQ(test, push(test, 2, 1), 0);
	KUNIT_EXPECT_TRUE(test, ends_within(LONG_MS / 2));
	KUNIT_EXPECT_EQ(test, ratio_now(), 0U);
}

static void refused_push_does_not_renew(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, push(test, 2, 100), 0);
	KUNIT_ASSERT_EQ(test, push(test, 2, LONG_MS), -ESTALE);
	KUNIT_EXPECT_LE(test, left_ms(), 100U);
	KUNIT_EXPECT_TRUE(test, ends_within(LONG_MS / 2));
}

static struct kunit_case lease_cases[] = { KUNIT_CASE_PARAM(lease_ends_punishments_in_time,
							    lease_gen_params),
					   KUNIT_CASE(generation_outlives_the_lease),
					   KUNIT_CASE(push_renews_the_lease),
					   KUNIT_CASE(push_may_shorten_the_lease),
					   KUNIT_CASE(refused_push_does_not_renew),
					   {} };

static struct kunit_suite lease_suite = {
	.name = "xnetman_lease",
	.init = lease_init,
	.exit = lease_exit,
	.test_cases = lease_cases,
};

kunit_test_suite(lease_suite);
