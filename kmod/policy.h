/* SPDX-License-Identifier: GPL-2.0-only */
/* What a message may say: one policy per command; all else is refused. */
#ifndef XNET_POLICY_H
#define XNET_POLICY_H

#include <linux/xnetman.h>
#include <net/netlink.h>

#define XNET_POLICY_LEN (XNETMAN_A_MAX + 1)

extern const struct nla_policy xnet_policy_none[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_config[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_new_network[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_network[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_new_port[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_device[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_set_table[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_samples[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_push[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_guard[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_hold[XNET_POLICY_LEN];
extern const struct nla_policy xnet_policy_priorities[XNET_POLICY_LEN];

#endif /* XNET_POLICY_H */
