// SPDX-License-Identifier: GPL-2.0-only
/* The generic netlink family: what user space can ask for. */
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/ktime.h>
#include <linux/in6.h>
#include <linux/slab.h>
#include <linux/xnetman.h>
#include <net/genetlink.h>

#include "compat.h"
#include "drop.h"
#include "dump.h"
#include "event.h"
#include "hook.h"
#include "lease.h"
#include "link.h"
#include "main.h"
#include "netlink.h"
#include "network.h"
#include "policy.h"
#include "port.h"
#include "priority.h"
#include "push.h"
#include "ratios.h"
#include "route.h"
#include "sample.h"

static int xnet_put_info(struct sk_buff *skb)
{
	if (nla_put_string(skb, XNETMAN_A_VERSION, XNETMAN_VERSION) ||
	    nla_put_u64_64bit(skb, XNETMAN_A_GENERATION, xnet_generation, XNETMAN_A_PAD) ||
	    nla_put_u32(skb, XNETMAN_A_LEASE_MS, xnet_lease_left_ms()) ||
	    nla_put_u8(skb, XNETMAN_A_SAMPLER, xnet_sampler) ||
	    nla_put_u32(skb, XNETMAN_A_MARK_MASK, xnet_mark_mask) ||
	    nla_put_u64_64bit(skb, XNETMAN_A_TIME, ktime_get_ns(), XNETMAN_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int xnet_get_info(struct sk_buff *request, struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;
	int err;

	if (!skb)
		return -ENOMEM;
	err = -EMSGSIZE;
	header = genlmsg_put_reply(skb, info, &xnet_family, 0, XNETMAN_CMD_GET_INFO);
	if (!header)
		goto err_skb;
	mutex_lock(&xnet_lock);
	err = xnet_put_info(skb);
	mutex_unlock(&xnet_lock);
	if (err)
		goto err_skb;
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);

err_skb:
	nlmsg_free(skb);
	return err;
}

/* The attribute, or NULL with an extack that asks for it. */
static const struct nlattr *xnet_attr(const struct genl_info *info, int type)
{
	static const char *const missing[] = {
		[XNETMAN_A_NET_ID] = "NET_ID is missing",
		[XNETMAN_A_NET_NAME] = "NET_NAME is missing",
		[XNETMAN_A_IFINDEX] = "IFINDEX is missing",
		[XNETMAN_A_GENERATION] = "GENERATION is missing",
		[XNETMAN_A_LEASE_MS] = "LEASE_MS is missing",
		[XNETMAN_A_TABLE] = "TABLE is missing",
		[XNETMAN_A_SAMPLED] = "SAMPLED is missing",
		[XNETMAN_A_HOLD_MS] = "HOLD_MS is missing",
	};

	if (!info->attrs[type] && info->extack)
		info->extack->_msg = missing[type];
	return info->attrs[type];
}

/* Says which attribute is to blame if the error is @blamed. Return: @err. */
static int xnet_blame(const struct genl_info *info, int err, int blamed, int type)
{
	if (err == blamed)
		NL_SET_BAD_ATTR(info->extack, info->attrs[type]);
	return err;
}

static int xnet_mark_mask_check(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	u32 mask = nla_get_u32(attr);
	u32 bits = mask ? mask >> __ffs(mask) : 0;

	if (bits & (bits + 1)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the bits of MARK_MASK must be contiguous");
		return -EINVAL;
	}
	if (!xnet_mark_fits(mask, xnet_network_highest_id())) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "MARK_MASK has too few bits for the id of a network");
		return -ERANGE;
	}
	return 0;
}

static int xnet_config_set(const struct nlattr *sampler, const struct nlattr *mask,
			   struct netlink_ext_ack *extack)
{
	int err = mask ? xnet_mark_mask_check(mask, extack) : 0;

	if (err)
		return err;
	if (mask)
		WRITE_ONCE(xnet_mark_mask, nla_get_u32(mask));
	if (sampler)
		WRITE_ONCE(xnet_sampler, nla_get_u8(sampler));
	return 0;
}

static int xnet_set_config(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *sampler = info->attrs[XNETMAN_A_SAMPLER];
	const struct nlattr *mask = info->attrs[XNETMAN_A_MARK_MASK];
	int err;

	if (!sampler && !mask) {
		NL_SET_ERR_MSG(info->extack, "nothing to set: give SAMPLER or MARK_MASK");
		return -EINVAL;
	}
	mutex_lock(&xnet_lock);
	err = xnet_config_set(sampler, mask, info->extack);
	mutex_unlock(&xnet_lock);
	return err;
}

static int xnet_new_network(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *id = xnet_attr(info, XNETMAN_A_NET_ID);
	const struct nlattr *name = xnet_attr(info, XNETMAN_A_NET_NAME);
	int err;

	if (!id || !name)
		return -EINVAL;
	if (!*(const char *)nla_data(name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, name, "NET_NAME is empty");
		return -EINVAL;
	}
	mutex_lock(&xnet_lock);
	err = xnet_network_set(nla_get_u32(id), nla_data(name), info->extack);
	mutex_unlock(&xnet_lock);
	xnet_blame(info, err, -EEXIST, XNETMAN_A_NET_NAME);
	return xnet_blame(info, err, -ERANGE, XNETMAN_A_NET_ID);
}

static int xnet_del_network(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *id = xnet_attr(info, XNETMAN_A_NET_ID);
	int err;

	if (!id)
		return -EINVAL;
	mutex_lock(&xnet_lock);
	err = xnet_network_delete(nla_get_u32(id), info->extack);
	mutex_unlock(&xnet_lock);
	xnet_route_reap();
	return xnet_blame(info, err, -ENOENT, XNETMAN_A_NET_ID);
}

static int xnet_new_link(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *ifindex = xnet_attr(info, XNETMAN_A_IFINDEX);
	int err;

	if (!ifindex)
		return -EINVAL;
	rtnl_lock();
	mutex_lock(&xnet_lock);
	err = xnet_link_create(nla_get_u32(ifindex), info->extack);
	mutex_unlock(&xnet_lock);
	rtnl_unlock();
	xnet_blame(info, err, -EEXIST, XNETMAN_A_IFINDEX);
	return xnet_blame(info, err, -ENODEV, XNETMAN_A_IFINDEX);
}

static int xnet_del_link(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *ifindex = xnet_attr(info, XNETMAN_A_IFINDEX);
	int err;

	if (!ifindex)
		return -EINVAL;
	mutex_lock(&xnet_lock);
	err = xnet_link_delete(nla_get_u32(ifindex), info->extack);
	mutex_unlock(&xnet_lock);
	return xnet_blame(info, err, -ENOENT, XNETMAN_A_IFINDEX);
}

static int xnet_new_port(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *ifindex = xnet_attr(info, XNETMAN_A_IFINDEX);
	const struct nlattr *id = xnet_attr(info, XNETMAN_A_NET_ID);
	int err;

	if (!ifindex || !id)
		return -EINVAL;
	rtnl_lock();
	mutex_lock(&xnet_lock);
	err = xnet_port_create(nla_get_u32(ifindex), nla_get_u32(id), info->extack);
	mutex_unlock(&xnet_lock);
	rtnl_unlock();
	xnet_blame(info, err, -ENOENT, XNETMAN_A_NET_ID);
	xnet_blame(info, err, -EEXIST, XNETMAN_A_IFINDEX);
	return xnet_blame(info, err, -ENODEV, XNETMAN_A_IFINDEX);
}

static int xnet_del_port(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *ifindex = xnet_attr(info, XNETMAN_A_IFINDEX);
	int err;

	if (!ifindex)
		return -EINVAL;
	mutex_lock(&xnet_lock);
	err = xnet_port_delete(nla_get_u32(ifindex), info->extack);
	mutex_unlock(&xnet_lock);
	return xnet_blame(info, err, -ENOENT, XNETMAN_A_IFINDEX);
}

static int xnet_cmd_push(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *generation = xnet_attr(info, XNETMAN_A_GENERATION);
	const struct nlattr *lease = xnet_attr(info, XNETMAN_A_LEASE_MS);
	int err;

	if (!generation || !lease)
		return -EINVAL;
	mutex_lock(&xnet_lock);
	err = xnet_push(genlmsg_data(info->genlhdr), genlmsg_len(info->genlhdr),
			nla_get_u64(generation), nla_get_u32(lease), info->extack);
	mutex_unlock(&xnet_lock);
	return xnet_blame(info, err, -ESTALE, XNETMAN_A_GENERATION);
}

static int xnet_set_table(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *id = xnet_attr(info, XNETMAN_A_NET_ID);
	const struct nlattr *table = xnet_attr(info, XNETMAN_A_TABLE);
	const struct nlattr *limit = info->attrs[XNETMAN_A_ROUTE_LIMIT];
	int err;

	if (!id || !table)
		return -EINVAL;
	err = xnet_route_set_table(nla_get_u32(id), nla_get_u32(table),
				   limit ? nla_get_u32(limit) : XNETMAN_ROUTES_UNLIMITED,
				   info->extack);
	xnet_blame(info, err, -EINVAL, XNETMAN_A_TABLE);
	xnet_blame(info, err, -EEXIST, XNETMAN_A_TABLE);
	return xnet_blame(info, err, -ENOENT, XNETMAN_A_NET_ID);
}

static int xnet_set_priorities(struct sk_buff *request, struct genl_info *info)
{
	int err;

	mutex_lock(&xnet_lock);
	err = xnet_priorities_set(genlmsg_data(info->genlhdr), genlmsg_len(info->genlhdr),
				  info->extack);
	mutex_unlock(&xnet_lock);
	return err;
}

static int xnet_hold_link(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *ifindex = xnet_attr(info, XNETMAN_A_IFINDEX);
	const struct nlattr *ms = xnet_attr(info, XNETMAN_A_HOLD_MS);
	int err;

	if (!ifindex || !ms)
		return -EINVAL;
	mutex_lock(&xnet_lock);
	err = xnet_link_hold(nla_get_u32(ifindex), nla_get_u32(ms), info->extack);
	mutex_unlock(&xnet_lock);
	return xnet_blame(info, err, -ENOENT, XNETMAN_A_IFINDEX);
}

#define XNET_SAMPLES_TOLD 512 /* in one answer */

/* Destinations by family, as they are told. */
struct xnet_destinations {
	u64 position;
	u32 n4, n6;
	__be32 v4[XNET_SAMPLES_TOLD];
	struct in6_addr v6[XNET_SAMPLES_TOLD];
};

static void xnet_destinations_get(struct xnet_destinations *to, const struct xnet_samples *samples)
{
	struct xnet_sample sample;

	while (to->n4 + to->n6 < XNET_SAMPLES_TOLD &&
	       xnet_samples_get(samples, &to->position, &sample)) {
		if (sample.family == AF_INET)
			to->v4[to->n4++] = sample.address[0];
		else if (sample.family == AF_INET6)
			memcpy(&to->v6[to->n6++], sample.address, sizeof(sample.address));
	}
}

static int xnet_destinations_find(struct xnet_destinations *to, u32 net_id,
				  struct netlink_ext_ack *extack)
{
	const struct xnet_network *network = xa_load(&xnet_networks, net_id);
	const struct xnet_samples *samples = network ? xnet_route_samples(network) : NULL;

	if (!network) {
		NL_SET_ERR_MSG(extack, "there is no network with this id");
		return -ENOENT;
	}
	if (!samples) {
		NL_SET_ERR_MSG(extack, "the network has no ROUTE_LIMIT, so nothing is sampled");
		return -ENODATA;
	}
	xnet_destinations_get(to, samples);
	return 0;
}

static int xnet_destinations_put(struct sk_buff *skb, const struct xnet_destinations *from)
{
	if (nla_put_u64_64bit(skb, XNETMAN_A_SAMPLED, from->position, XNETMAN_A_PAD) ||
	    nla_put(skb, XNETMAN_A_DESTINATIONS4, from->n4 * sizeof(from->v4[0]), from->v4) ||
	    nla_put(skb, XNETMAN_A_DESTINATIONS6, from->n6 * sizeof(from->v6[0]), from->v6))
		return -EMSGSIZE;
	return 0;
}

static int xnet_destinations_tell(const struct xnet_destinations *from, struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(sizeof(*from) + NLMSG_GOODSIZE / 4, GFP_KERNEL);
	void *header;

	if (!skb)
		return -ENOMEM;
	header = genlmsg_put_reply(skb, info, &xnet_family, 0, XNETMAN_CMD_GET_SAMPLES);
	if (!header || xnet_destinations_put(skb, from)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

static int xnet_get_samples(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *id = xnet_attr(info, XNETMAN_A_NET_ID);
	const struct nlattr *position = xnet_attr(info, XNETMAN_A_SAMPLED);
	struct xnet_destinations *destinations;
	int err;

	if (!id || !position)
		return -EINVAL;
	destinations = kzalloc(sizeof(*destinations), GFP_KERNEL);
	if (!destinations)
		return -ENOMEM;
	destinations->position = nla_get_u64(position);
	mutex_lock(&xnet_lock);
	err = xnet_destinations_find(destinations, nla_get_u32(id), info->extack);
	mutex_unlock(&xnet_lock);
	if (!err)
		err = xnet_destinations_tell(destinations, info);
	kfree(destinations);
	return xnet_blame(info, err, -ENOENT, XNETMAN_A_NET_ID);
}

#define XNET_OP(command, function, policy_, flags_)                                \
	{                                                                          \
		.cmd = XNETMAN_CMD_##command, .doit = function, .policy = policy_, \
		.maxattr = XNETMAN_A_MAX, .flags = flags_,                         \
	}

static const struct genl_ops xnet_ops[] = {
	XNET_OP(GET_INFO, xnet_get_info, xnet_policy_none, 0),
	XNET_OP(SET_CONFIG, xnet_set_config, xnet_policy_config, GENL_ADMIN_PERM),
	XNET_OP(NEW_NETWORK, xnet_new_network, xnet_policy_new_network, GENL_ADMIN_PERM),
	XNET_OP(DEL_NETWORK, xnet_del_network, xnet_policy_network, GENL_ADMIN_PERM),
	XNET_OP(NEW_LINK, xnet_new_link, xnet_policy_device, GENL_ADMIN_PERM),
	XNET_OP(DEL_LINK, xnet_del_link, xnet_policy_device, GENL_ADMIN_PERM),
	XNET_OP(NEW_PORT, xnet_new_port, xnet_policy_new_port, GENL_ADMIN_PERM),
	XNET_OP(DEL_PORT, xnet_del_port, xnet_policy_device, GENL_ADMIN_PERM),
	XNET_OP(PUSH, xnet_cmd_push, xnet_policy_push, GENL_ADMIN_PERM),
	XNET_OP(SET_TABLE, xnet_set_table, xnet_policy_set_table, GENL_ADMIN_PERM),
	XNET_OP(SET_PRIORITIES, xnet_set_priorities, xnet_policy_priorities, GENL_ADMIN_PERM),
	XNET_OP(HOLD_LINK, xnet_hold_link, xnet_policy_hold, GENL_ADMIN_PERM),
	XNET_OP(GET_SAMPLES, xnet_get_samples, xnet_policy_samples, GENL_ADMIN_PERM),
	{
		.cmd = XNETMAN_CMD_GET_COUNTERS,
		.dumpit = xnet_dump_counters,
		.policy = xnet_policy_none,
		.maxattr = XNETMAN_A_MAX,
	},
};

static const struct genl_multicast_group xnet_groups[] = {
	{ .name = XNETMAN_GENL_EVENTS, XNET_MCGRP_ADMIN },
};

struct genl_family xnet_family __ro_after_init = {
	.name = XNETMAN_GENL_NAME,
	.version = XNETMAN_GENL_VERSION,
	.maxattr = XNETMAN_A_MAX,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.ops = xnet_ops,
	.n_ops = ARRAY_SIZE(xnet_ops),
	.mcgrps = xnet_groups,
	.n_mcgrps = ARRAY_SIZE(xnet_groups),
};

int xnet_netlink_init(void)
{
	int err = genl_register_family(&xnet_family);

	if (!err)
		xnet_event_switch(true);
	return err;
}

/* After this no command comes and no event goes. */
void xnet_netlink_exit(void)
{
	xnet_event_switch(false);
	genl_unregister_family(&xnet_family);
}
