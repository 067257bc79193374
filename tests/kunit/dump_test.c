// SPDX-License-Identifier: GPL-2.0-only
/* Dumps: every object is told once, however small the parts are in which it is read. */
#include <linux/xnetman.h>
#include <net/genetlink.h>

#include "dump.h"
#include "fixture.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "share.h"

#define FIRST	 1001 /* id of the first of many networks */
#define MANY	 150
#define OFFERED	 77000
#define REFUSED	 3000
#define PRIORITY 0x7f000018

/* What was told. */
struct told {
	u32 networks[MANY]; /* how often each */
	u32 shares[MANY];
	u32 links, ports, messages;
	struct xnetman_share last; /* of the last network */
};

static void make_many(struct kunit *test)
{
	char name[16];
	u32 id;

	mutex_lock(&xnet_lock);
	for (id = FIRST; id < FIRST + MANY; id++) {
		snprintf(name, sizeof(name), "many%u", id);
		KUNIT_ASSERT_EQ(test, xnet_network_set(id, name, NULL), 0);
	}
	mutex_unlock(&xnet_lock);
}

/* Of the last one on the link. */
static void count_something(void)
{
	const struct xnet_size offered = { OFFERED, 70 }, refused = { REFUSED, 3 };
	struct xnet_share *share = xnet_fixture_share(FIRST + MANY - 1);
	struct xnet_share_cpu *cpu;

	local_bh_disable();
	cpu = this_cpu_ptr(share->cpu);
	xnet_acct_offer(&cpu->acct, &offered, false);
	xnet_acct_offer(&cpu->acct, &refused, true);
	xnet_acct_add(&cpu->guard, XNET_REFUSED, &refused);
	local_bh_enable();
	share->priority = PRIORITY;
}

static void read_record(struct kunit *test, struct told *told, u8 kind, const void *record)
{
	const struct xnetman_network *network = record;
	const struct xnetman_share *share = record;
	char name[16];

	if (kind == XNETMAN_KIND_LINK)
		told->links++;
	if (kind == XNETMAN_KIND_PORT)
		told->ports++;
	if (kind == XNETMAN_KIND_NETWORK && network->net_id >= FIRST) {
		snprintf(name, sizeof(name), "many%u", network->net_id);
		KUNIT_EXPECT_STREQ(test, network->name, name);
		told->networks[network->net_id - FIRST]++;
	}
	if (kind == XNETMAN_KIND_SHARE && share->net_id >= FIRST) {
		told->shares[share->net_id - FIRST]++;
		told->last = *share;
	}
}

static void read_message(struct kunit *test, struct told *told, const struct nlmsghdr *nlh)
{
	static const u32 sizes[] = {
		[XNETMAN_KIND_NETWORK] = sizeof(struct xnetman_network),
		[XNETMAN_KIND_LINK] = sizeof(struct xnetman_link),
		[XNETMAN_KIND_PORT] = sizeof(struct xnetman_port),
		[XNETMAN_KIND_SHARE] = sizeof(struct xnetman_share),
	};
	struct nlattr *tb[XNETMAN_A_MAX + 1], *records;
	u32 size, at;
	u8 kind;

	told->messages++;
	KUNIT_ASSERT_EQ(test, nlmsg_parse(nlh, GENL_HDRLEN, tb, XNETMAN_A_MAX, NULL, NULL), 0);
	KUNIT_ASSERT_NOT_NULL(test, tb[XNETMAN_A_KIND]);
	KUNIT_ASSERT_NOT_NULL(test, tb[XNETMAN_A_TIME]);
	KUNIT_ASSERT_NOT_NULL(test, tb[XNETMAN_A_RECORD_SIZE]);
	records = tb[XNETMAN_A_RECORDS];
	KUNIT_ASSERT_NOT_NULL(test, records);
	kind = nla_get_u8(tb[XNETMAN_A_KIND]);
	size = nla_get_u32(tb[XNETMAN_A_RECORD_SIZE]);
	KUNIT_ASSERT_LT(test, kind, ARRAY_SIZE(sizes));
	KUNIT_ASSERT_EQ(test, size, sizes[kind]);
	KUNIT_EXPECT_GT(test, nla_len(records), 0);
	KUNIT_EXPECT_EQ(test, nla_len(records) % size, 0);
	KUNIT_EXPECT_LE(test, nla_len(records) / size, XNETMAN_RECORDS_MAX);
	for (at = 0; at < nla_len(records); at += size)
		read_record(test, told, kind, nla_data(records) + at);
}

/* All of a dump in parts of at most @size bytes. */
static struct told *read_dump(struct kunit *test, u32 size)
{
	struct told *told = kunit_kzalloc(test, sizeof(*told), GFP_KERNEL);
	struct nlmsghdr request = { .nlmsg_seq = 5 };
	struct netlink_callback cb = { .nlh = &request };
	const struct nlmsghdr *nlh;
	struct sk_buff *skb;
	int left;

	KUNIT_ASSERT_NOT_NULL(test, told);
	cb.skb = xnet_message_new(test);
	for (;;) {
		skb = alloc_skb(size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		skb_reserve(skb, skb_tailroom(skb) - size);
		if (xnet_dump_counters(skb, &cb) <= 0)
			break;
		nlh = (const struct nlmsghdr *)skb->data;
		for (left = skb->len; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left))
			read_message(test, told, nlh);
		KUNIT_EXPECT_EQ(test, left, 0);
		kfree_skb(skb);
	}
	kfree_skb(skb);
	return told;
}

static void expect_all_once(struct kunit *test, const struct told *told)
{
	u32 i;

	for (i = 0; i < MANY; i++) {
		KUNIT_EXPECT_EQ(test, told->networks[i], 1U);
		KUNIT_EXPECT_EQ(test, told->shares[i], 1U);
	}
	KUNIT_EXPECT_EQ(test, told->links, 1U);
	KUNIT_EXPECT_EQ(test, told->ports, 0U);
}

static void every_object_is_told_once(struct kunit *test)
{
	/* one record at a time at worst, and all kinds of ends of a part */
	static const u32 sizes[] = { 160, 200, 240, 300, 1000, 3776, 8000, 32448 };
	u32 i;

	make_many(test);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		expect_all_once(test, read_dump(test, sizes[i]));
}

static void a_large_part_takes_few_messages(struct kunit *test)
{
	make_many(test);
	/* 152 networks, 1 link, 152 shares */
	KUNIT_EXPECT_EQ(test, read_dump(test, 65000)->messages, 3U + 1 + 3);
}

static void a_share_is_told_as_it_is(struct kunit *test)
{
	const struct xnetman_share *share;

	make_many(test);
	KUNIT_ASSERT_EQ(test,
			xnet_push_one(test, 1, 60000, FIRST + MANY - 1, xnet_fixture_ifindex(),
				      XNETMAN_RATIO_ONE / 4),
			0);
	count_something();
	share = &read_dump(test, 3776)->last;
	KUNIT_EXPECT_EQ(test, share->net_id, (u32)FIRST + MANY - 1);
	KUNIT_EXPECT_EQ(test, share->ifindex, xnet_fixture_ifindex());
	KUNIT_EXPECT_EQ(test, share->offered_bytes, (u64)OFFERED + REFUSED);
	KUNIT_EXPECT_EQ(test, share->offered_packets, 73ULL);
	KUNIT_EXPECT_EQ(test, share->dropped_bytes, (u64)REFUSED);
	KUNIT_EXPECT_EQ(test, share->dropped_packets, 3ULL);
	KUNIT_EXPECT_EQ(test, share->refused_bytes, (u64)REFUSED);
	KUNIT_EXPECT_EQ(test, share->refused_packets, 3ULL);
	KUNIT_EXPECT_EQ(test, share->marked_bytes, 0ULL);
	KUNIT_EXPECT_EQ(test, share->rate, 0ULL);
	KUNIT_EXPECT_EQ(test, share->ratio, XNETMAN_RATIO_ONE / 4);
	KUNIT_EXPECT_EQ(test, share->priority, (u32)PRIORITY);
}

static struct kunit_case dump_cases[] = {
	KUNIT_CASE(every_object_is_told_once),
	KUNIT_CASE(a_large_part_takes_few_messages),
	KUNIT_CASE(a_share_is_told_as_it_is),
	{},
};

static struct kunit_suite dump_suite = {
	.name = "xnetman_dump",
	.init = xnet_fixture_init,
	.exit = xnet_fixture_exit,
	.test_cases = dump_cases,
};

kunit_test_suite(dump_suite);
