// SPDX-License-Identifier: GPL-2.0-only
/* Policies: every attribute that is out of its range or place is refused. */
#include <linux/xnetman.h>

#include "fixture.h"
#include "policy.h"

#define A(name) XNETMAN_A_##name

/* One attribute in a message of one kind. */
struct saying {
	const char *name;
	const struct nla_policy *policy;
	int type;
	int len;   /* of the payload, bytes */
	u64 value; /* if not @text; little-endian machines only */
	const char *text;
	bool good;
};

/* clang-format off */
#define SAY(kind, type, what, len, value, good) \
	{ #kind " " #type " " what, xnet_policy_##kind, A(type), len, value, NULL, good }
#define U8(kind, type, value, good)  SAY(kind, type, #value, 1, value, good)
#define U32(kind, type, value, good) SAY(kind, type, #value, 4, value, good)
#define U64(kind, type, value, good) SAY(kind, type, #value, 8, value, good)
#define LEN(kind, type, len, good)   SAY(kind, type, "of " #len " bytes", len, 1, good)
#define TEXT(name, text, len, good) \
	{ name, xnet_policy_new_network, A(NET_NAME), len, 0, text, good }
/* clang-format on */

#define NAME63 "123456789012345678901234567890123456789012345678901234567890123"

static const struct saying sayings[] = {
	U32(none, NET_ID, 1, false),
	U32(none, IFINDEX, 1, false),

	U8(config, SAMPLER, XNETMAN_SAMPLER_SYSTEMATIC, true),
	U8(config, SAMPLER, XNETMAN_SAMPLER_BERNOULLI, true),
	U8(config, SAMPLER, XNETMAN_SAMPLER_MAX + 1, false),
	LEN(config, SAMPLER, 4, false),
	U32(config, MARK_MASK, 0xff00, true),
	LEN(config, MARK_MASK, 2, false),
	U32(config, NET_ID, 1, false),

	U32(new_network, NET_ID, 0, false),
	U32(new_network, NET_ID, 1, true),
	U32(new_network, NET_ID, 0x7fffffff, true),
	U32(new_network, NET_ID, 0x80000000, false),
	LEN(new_network, NET_ID, 2, false),
	LEN(new_network, NET_ID, 8, false),
	TEXT("new_network NET_NAME", "net1", 5, true),
	TEXT("new_network NET_NAME of 63 bytes", NAME63, 64, true),
	TEXT("new_network NET_NAME of 64 bytes", NAME63 "4", 65, false),
	TEXT("new_network NET_NAME without end", "net1", 4, false),
	U32(new_network, IFINDEX, 1, false),

	U32(network, NET_ID, 0, false),
	U32(network, NET_ID, 5, true),

	U32(device, IFINDEX, 0, false),
	U32(device, IFINDEX, 1, true),
	U32(device, IFINDEX, 0x80000000, false),
	LEN(device, IFINDEX, 1, false),
	U32(device, NET_ID, 1, false),

	U32(new_port, IFINDEX, 0, false),
	U32(new_port, NET_ID, 0, false),
	U32(new_port, IFINDEX, 3, true),
	U32(new_port, NET_ID, 3, true),
	U32(new_port, RATE, 3, false),

	U32(guard, IFINDEX, 0, false),
	U32(guard, IFINDEX, 3, true),
	U64(guard, RATE, 0, false),
	U64(guard, RATE, 1, true),
	U64(guard, RATE, XNETMAN_RATE_MAX, true),
	U64(guard, RATE, XNETMAN_RATE_MAX + 1, false),
	LEN(guard, RATE, 4, false),
	U32(guard, BURST, 0, false),
	U32(guard, BURST, XNETMAN_BURST_MAX, true),
	U32(guard, BURST, XNETMAN_BURST_MAX + 1, false),
	U32(guard, NET_ID, 1, false),
	U32(guard, RATIOS, 1, false),
	LEN(guard, ENTITLED, 24, true),

	U32(set_table, NET_ID, 0, false),
	U32(set_table, NET_ID, 1, true),
	U32(set_table, TABLE, 0, true),
	U32(set_table, TABLE, 0xffffffff, true),
	LEN(set_table, TABLE, 2, false),
	U32(set_table, ROUTE_LIMIT, 0, true),
	U32(set_table, ROUTE_LIMIT, 0xffffffff, true),
	LEN(set_table, ROUTE_LIMIT, 8, false),
	U32(set_table, IFINDEX, 1, false),

	U32(samples, NET_ID, 0, false),
	U64(samples, SAMPLED, 0, true),
	U64(samples, SAMPLED, U64_MAX, true),
	LEN(samples, SAMPLED, 4, false),
	U32(samples, TABLE, 1, false),

	U64(push, GENERATION, 0, false),
	U64(push, GENERATION, 1, true),
	U64(push, GENERATION, U64_MAX, true),
	LEN(push, GENERATION, 4, false),
	U32(push, LEASE_MS, 0, false),
	U32(push, LEASE_MS, 1, true),
	U32(push, LEASE_MS, XNETMAN_LEASE_MAX_MS, true),
	U32(push, LEASE_MS, XNETMAN_LEASE_MAX_MS + 1, false),
	LEN(push, RATIOS, 0, true),
	LEN(push, RATIOS, 12, true),
	U32(push, ENTITLED, 0, false),
	U32(push, PRIORITIES, 0, false),

	U32(hold, IFINDEX, 0, false),
	U32(hold, HOLD_MS, 0, true),
	U32(hold, HOLD_MS, XNETMAN_HOLD_MAX_MS, true),
	U32(hold, HOLD_MS, XNETMAN_HOLD_MAX_MS + 1, false),
	LEN(hold, HOLD_MS, 8, false),
	U32(hold, LEASE_MS, 5, false),

	LEN(priorities, PRIORITIES, 12, true),
	U32(priorities, RATIOS, 0, false),

};

static void saying_name(const struct saying *saying, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s is %s", saying->name,
		 saying->good ? "accepted" : "refused");
}

KUNIT_ARRAY_PARAM(saying, sayings, saying_name);

static int validate(const struct sk_buff *message, const struct nla_policy *policy)
{
	return nla_validate((const struct nlattr *)message->data, message->len, XNETMAN_A_MAX,
			    policy, NULL);
}

static void attribute_is_judged(struct kunit *test)
{
	const struct saying *saying = test->param_value;
	const void *payload = saying->text ?: (const void *)&saying->value;
	struct sk_buff *message = xnet_message_new(test);
	int err;

	KUNIT_ASSERT_EQ(test, nla_put(message, saying->type, saying->len, payload), 0);
	err = validate(message, saying->policy);
	if (saying->good)
		KUNIT_EXPECT_EQ(test, err, 0);
	else
		KUNIT_EXPECT_LT(test, err, 0);
}

/* The policy of a push reaches into every nest. */
static int validate_second_nest(struct kunit *test, u64 rate)
{
	struct sk_buff *message = xnet_message_new(test);
	struct nlattr *nest;

	nest = xnet_message_nest(message, XNETMAN_A_GUARD);
	nla_put_u32(message, XNETMAN_A_IFINDEX, 1);
	nla_nest_end(message, nest);
	nest = xnet_message_nest(message, XNETMAN_A_GUARD);
	nla_put(message, XNETMAN_A_RATE, sizeof(rate), &rate);
	nla_nest_end(message, nest);
	return validate(message, xnet_policy_push);
}

static void every_nest_is_judged(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, validate_second_nest(test, 1), 0);
	KUNIT_EXPECT_LT(test, validate_second_nest(test, 0), 0);
}

static void unknown_attribute_is_refused(struct kunit *test)
{
	struct sk_buff *message = xnet_message_new(test);

	nla_put_u32(message, XNETMAN_A_MAX + 1, 1);
	KUNIT_EXPECT_LT(test, validate(message, xnet_policy_push), 0);
}

static struct kunit_case policy_cases[] = { KUNIT_CASE_PARAM(attribute_is_judged,
							     saying_gen_params),
					    KUNIT_CASE(every_nest_is_judged),
					    KUNIT_CASE(unknown_attribute_is_refused),
					    {} };

static struct kunit_suite policy_suite = {
	.name = "xnetman_policy",
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
