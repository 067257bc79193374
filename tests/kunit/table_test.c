// SPDX-License-Identifier: GPL-2.0-only
/* A network's routes: counted as the FIB tells them, refused above the limit. */
#include <kunit/test.h>
#include <linux/netlink.h>
#include <linux/socket.h>

#include "route.h"
#include "sample.h"
#include "table.h"

enum step_kind {
	REPLACE,
	APPEND,
	DELETE
};

/* What the FIB tells, and what is counted after it. */
static const struct step {
	enum step_kind kind;
	u16 family;
	u32 address;
	u16 length;
	u32 hops;
	int err;
	u32 routes;
} steps[] = {
	{ REPLACE, AF_INET, 10, 8, 1, 0, 1 },	    { REPLACE, AF_INET, 10, 8, 1, 0, 1 },
	{ REPLACE, AF_INET, 10, 16, 1, 0, 2 },	    { REPLACE, AF_INET6, 10, 16, 2, 0, 3 },
	{ REPLACE, AF_INET, 11, 8, 1, -ENOSPC, 3 }, { REPLACE, AF_INET6, 10, 16, 1, 0, 3 },
	{ APPEND, AF_INET6, 10, 16, 2, 0, 3 },	    { APPEND, AF_INET6, 12, 16, 1, 0, 3 },
	{ DELETE, AF_INET6, 10, 16, 1, 0, 3 },	    { DELETE, AF_INET6, 10, 16, 1, 0, 3 },
	{ DELETE, AF_INET6, 10, 16, 1, 0, 2 },	    { DELETE, AF_INET6, 10, 16, 1, 0, 2 },
	{ DELETE, AF_INET, 12, 8, 1, 0, 2 },	    { REPLACE, AF_INET, 11, 8, 1, 0, 3 },
	{ REPLACE, AF_INET, 12, 8, 1, -ENOSPC, 3 }, { DELETE, AF_INET, 10, 8, U32_MAX, 0, 2 },
};

static struct xnet_table *new_table(struct kunit *test, u32 limit)
{
	struct xnet_table *table = xnet_table_create(1001);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, xnet_table_limit(table, limit), 0);
	xnet_table_rename(table, "net1");
	return table;
}

static int do_step(struct xnet_table *table, const struct step *step,
		   struct netlink_ext_ack *extack)
{
	struct xnet_prefix_key key = { { htonl(step->address) }, step->family, step->length };

	if (step->kind == REPLACE)
		return xnet_table_replace(table, &key, step->hops, extack);
	if (step->kind == APPEND)
		xnet_table_append(table, &key, step->hops);
	else
		xnet_table_delete(table, &key, step->hops);
	return 0;
}

static void routes_are_counted(struct kunit *test)
{
	struct xnet_table *table = new_table(test, 3);
	struct xnet_table_state state;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		err = do_step(table, &steps[i], NULL);
		xnet_table_state(table, &state);
		KUNIT_EXPECT_EQ_MSG(test, err, steps[i].err, "step %d", i);
		KUNIT_EXPECT_EQ_MSG(test, state.routes, steps[i].routes, "step %d", i);
	}
	KUNIT_EXPECT_EQ(test, state.vetoed, 2);
	KUNIT_EXPECT_EQ(test, state.limit, 3);
	xnet_table_destroy(table);
}

static void refusal_names_the_network(struct kunit *test)
{
	static const struct step one = { REPLACE, AF_INET, 10, 8, 1 };
	struct xnet_table *table = new_table(test, 0);
	struct netlink_ext_ack extack = {};

	KUNIT_EXPECT_EQ(test, do_step(table, &one, &extack), -ENOSPC);
	KUNIT_EXPECT_STREQ(test, extack._msg, "xnetman: network net1 has 0 of 0 routes");
	xnet_table_rename(table, "a-network-with-a-name-that-is-too-long-for-a-sentence");
	KUNIT_EXPECT_EQ(test, do_step(table, &one, &extack), -ENOSPC);
	KUNIT_EXPECT_STREQ(test, extack._msg,
			   "xnetman: network a-network-with-a-name-that has 0 of 0 routes");
	xnet_table_destroy(table);
	/* The text outlives what it was about. */
	KUNIT_EXPECT_NOT_NULL(test, strstr(extack._msg, "has 0 of 0"));
}

static void many_come_and_go(struct kunit *test)
{
	struct xnet_table *table = new_table(test, 5000);
	struct step step = { REPLACE, AF_INET, 0, 32, 1 };
	struct xnet_table_state state;

	for (step.address = 0; step.address < 6000; step.address++)
		KUNIT_ASSERT_EQ(test, do_step(table, &step, NULL),
				step.address < 5000 ? 0 : -ENOSPC);
	step.kind = DELETE;
	for (step.address = 0; step.address < 6000; step.address += 2)
		do_step(table, &step, NULL);
	xnet_table_state(table, &state);
	KUNIT_EXPECT_EQ(test, state.routes, 2500);
	KUNIT_EXPECT_EQ(test, state.vetoed, 1000);
	xnet_table_destroy(table);
}

/* Of a sender that goes through 64 destinations in turn, all are sampled alike. */
static void samples_are_even(struct kunit *test)
{
	static const int turns = 1600;
	int *taken = kunit_kzalloc(test, 64 * sizeof(*taken), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, taken);
	local_bh_disable();
	for (i = 0; i < 64 * turns; i++)
		taken[i % 64] += xnet_sample_due();
	local_bh_enable();
	for (i = 0; i < 64; i++) {
		KUNIT_EXPECT_GE(test, taken[i], turns / XNET_SAMPLE_EVERY - 4);
		KUNIT_EXPECT_LE(test, taken[i], turns / XNET_SAMPLE_EVERY + 4);
	}
}

static struct kunit_case table_cases[] = { KUNIT_CASE(routes_are_counted),
					   KUNIT_CASE(refusal_names_the_network),
					   KUNIT_CASE(many_come_and_go),
					   KUNIT_CASE(samples_are_even),
					   {} };

static struct kunit_suite table_suite = {
	.name = "xnetman_table",
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
