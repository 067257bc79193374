// SPDX-License-Identifier: GPL-2.0-only
/* What a message may say: one policy per command; all else is refused. */
#include "policy.h"

static struct netlink_range_validation xnet_range_id = { .min = 1, .max = S32_MAX };
static struct netlink_range_validation xnet_range_rate = { .min = 1, .max = XNETMAN_RATE_MAX };
static struct netlink_range_validation xnet_range_interval = { .max = XNETMAN_LEASE_MAX_MS };
static struct netlink_range_validation xnet_range_burst = { .min = 1, .max = XNETMAN_BURST_MAX };
static struct netlink_range_validation xnet_range_lease = { .min = 1, .max = XNETMAN_LEASE_MAX_MS };
static struct netlink_range_validation xnet_range_generation = { .min = 1, .max = U64_MAX };

#define XNET_ID NLA_POLICY_FULL_RANGE(NLA_U32, &xnet_range_id)
#define XNET_NAME                                               \
	{                                                       \
		.type = NLA_NUL_STRING, .len = XNETMAN_NAME_MAX \
	}
#define XNET_ARRAY                 \
	{                          \
		.type = NLA_BINARY \
	}
#define XNET_IFINDEX	XNET_ID
#define XNET_GENERATION NLA_POLICY_FULL_RANGE(NLA_U64, &xnet_range_generation)
#define XNET_RATE	NLA_POLICY_FULL_RANGE(NLA_U64, &xnet_range_rate)
#define XNET_INTERVAL	NLA_POLICY_FULL_RANGE(NLA_U32, &xnet_range_interval)
#define XNET_BURST	NLA_POLICY_FULL_RANGE(NLA_U32, &xnet_range_burst)
#define XNET_LEASE	NLA_POLICY_FULL_RANGE(NLA_U32, &xnet_range_lease)

const struct nla_policy xnet_policy_none[XNET_POLICY_LEN] = {};

const struct nla_policy xnet_policy_config[XNET_POLICY_LEN] = {
	[XNETMAN_A_SAMPLER] = NLA_POLICY_MAX(NLA_U8, XNETMAN_SAMPLER_MAX),
	[XNETMAN_A_MARK_MASK] = { .type = NLA_U32 },
};

const struct nla_policy xnet_policy_new_network[XNET_POLICY_LEN] = {
	[XNETMAN_A_NET_ID] = XNET_ID,
	[XNETMAN_A_NET_NAME] = XNET_NAME,
};

const struct nla_policy xnet_policy_network[XNET_POLICY_LEN] = {
	[XNETMAN_A_NET_ID] = XNET_ID,
};

const struct nla_policy xnet_policy_new_port[XNET_POLICY_LEN] = {
	[XNETMAN_A_NET_ID] = XNET_ID,
	[XNETMAN_A_IFINDEX] = XNET_IFINDEX,
};

const struct nla_policy xnet_policy_device[XNET_POLICY_LEN] = {
	[XNETMAN_A_IFINDEX] = XNET_IFINDEX,
};

const struct nla_policy xnet_policy_set_table[XNET_POLICY_LEN] = {
	[XNETMAN_A_NET_ID] = XNET_ID,
	[XNETMAN_A_TABLE] = { .type = NLA_U32 },
	[XNETMAN_A_ROUTE_LIMIT] = { .type = NLA_U32 },
};

const struct nla_policy xnet_policy_samples[XNET_POLICY_LEN] = {
	[XNETMAN_A_NET_ID] = XNET_ID,
	[XNETMAN_A_SAMPLED] = { .type = NLA_U64 },
};

const struct nla_policy xnet_policy_guard[XNET_POLICY_LEN] = {
	[XNETMAN_A_IFINDEX] = XNET_IFINDEX, [XNETMAN_A_RATE] = XNET_RATE,
	[XNETMAN_A_BURST] = XNET_BURST,	    [XNETMAN_A_INTERVAL_MS] = XNET_INTERVAL,
	[XNETMAN_A_ENTITLED] = XNET_ARRAY,
};

const struct nla_policy xnet_policy_push[XNET_POLICY_LEN] = {
	[XNETMAN_A_GENERATION] = XNET_GENERATION,
	[XNETMAN_A_LEASE_MS] = XNET_LEASE,
	[XNETMAN_A_RATIOS] = XNET_ARRAY,
	[XNETMAN_A_GUARD] = NLA_POLICY_NESTED(xnet_policy_guard),
};

const struct nla_policy xnet_policy_hold[XNET_POLICY_LEN] = {
	[XNETMAN_A_IFINDEX] = XNET_IFINDEX,
	[XNETMAN_A_HOLD_MS] = NLA_POLICY_MAX(NLA_U32, XNETMAN_HOLD_MAX_MS),
};

const struct nla_policy xnet_policy_priorities[XNET_POLICY_LEN] = {
	[XNETMAN_A_PRIORITIES] = XNET_ARRAY,
};
