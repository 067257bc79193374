// SPDX-License-Identifier: GPL-2.0-only
/* A table's memory is used again, clean, when nobody can be reading it, and only then. */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "slate.h"

#define SIZE (3 * PAGE_SIZE)

static struct xnet_slate *spare;

static struct xnet_slate *take(struct kunit *test, size_t size)
{
	struct xnet_slate *slate = xnet_slate_take(&spare, size);

	KUNIT_ASSERT_NOT_NULL(test, slate);
	KUNIT_EXPECT_EQ(test, slate->size, size);
	KUNIT_EXPECT_NULL(test, memchr_inv(slate + 1, 0, size - sizeof(*slate)));
	memset(slate + 1, 0xff, size - sizeof(*slate));
	return slate;
}

static void used_again_when_nobody_reads_it(struct kunit *test)
{
	struct xnet_slate *slate = take(test, SIZE);

	xnet_slate_retire(&spare, slate);
	synchronize_rcu();
	KUNIT_EXPECT_PTR_EQ(test, take(test, SIZE), slate);
	KUNIT_EXPECT_NULL(test, spare);
	kvfree(slate);
}

static void not_while_it_may_be_read(struct kunit *test)
{
	struct xnet_slate *slate = take(test, SIZE), *other;

	xnet_slate_retire(&spare, slate);
	slate->grace = get_state_synchronize_rcu(); /* as if it was just now */
	other = take(test, SIZE);
	KUNIT_EXPECT_PTR_NE(test, other, slate);
	kvfree(other);
	xnet_slate_free(&spare);
	KUNIT_EXPECT_NULL(test, spare);
}

static void not_for_another_size(struct kunit *test)
{
	struct xnet_slate *slate = take(test, SIZE), *other;

	xnet_slate_retire(&spare, slate);
	synchronize_rcu();
	other = take(test, 2 * SIZE);
	KUNIT_EXPECT_PTR_NE(test, other, slate);
	xnet_slate_retire(&spare, other);
	KUNIT_EXPECT_PTR_EQ(test, spare, other);
	xnet_slate_free(&spare);
}

static struct kunit_case slate_cases[] = {
	KUNIT_CASE(used_again_when_nobody_reads_it),
	KUNIT_CASE(not_while_it_may_be_read),
	KUNIT_CASE(not_for_another_size),
	{},
};

static struct kunit_suite slate_suite = {
	.name = "xnetman_slate",
	.test_cases = slate_cases,
};

kunit_test_suite(slate_suite);
