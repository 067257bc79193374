// SPDX-License-Identifier: GPL-2.0-or-later
/* A former xnetmand may have left filters there: until the first are put in force, it is not known in which chain. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>

#include "daemon/operator_device.h"
#include "daemon/operator_map.h"
#include "daemon/tc.h"

#define ENTRY_PRIO   1
#define ENTRY_HANDLE 1
#define SIDES	     2

static const uint32_t sides[SIDES] = { XN_QOS_INGRESS, XN_QOS_EGRESS };

bool xn_operator_on_device(const struct xn_qos *told)
{
	for (size_t i = 0; i < told->n_filters; i++)
		if (told->filters[i].parent == sides[0] || told->filters[i].parent == sides[1])
			return true;
	return false;
}

static struct nl_msg *qdisc_message(int type, int flags, uint32_t ifindex)
{
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_parent = TC_H_CLSACT,
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
	};
	struct nl_msg *msg = xn_netreq_message(type, flags, &tcm, sizeof(tcm));

	if (msg)
		nla_put_string(msg, TCA_KIND, "clsact");
	return msg;
}

static void flush(struct xn_netreq *netreq, uint32_t ifindex, unsigned int chain)
{
	for (size_t i = 0; i < SIDES; i++) {
		struct tcmsg tcm = { .tcm_ifindex = ifindex, .tcm_parent = sides[i] };
		struct nl_msg *msg = xn_netreq_message(RTM_DELTFILTER, 0, &tcm, sizeof(tcm));

		if (msg)
			nla_put_u32(msg, TCA_CHAIN, chain);
		xn_netreq_do(netreq, msg, NULL, "removing filters");
	}
}

static int need_qdisc(struct xn_netreq *netreq, uint32_t ifindex, struct xn_err *err)
{
	int rc = xn_netreq_do(netreq,
			      qdisc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex), err,
			      "making a clsact qdisc");

	return rc == -EEXIST ? 0 : rc;
}

static void note_filter(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = nlmsg_data(nlh);

	if (nlh->nlmsg_type == RTM_NEWTFILTER && tcm->tcm_handle)
		*(bool *)arg = true;
}

static bool has_filters(struct xn_netreq *netreq, uint32_t ifindex, unsigned int chain)
{
	bool found = false;

	for (size_t i = 0; i < SIDES; i++) {
		struct tcmsg tcm = { .tcm_ifindex = ifindex, .tcm_parent = sides[i] };
		struct nl_msg *msg =
			xn_netreq_message(RTM_GETTFILTER, NLM_F_DUMP, &tcm, sizeof(tcm));

		if (msg)
			nla_put_u32(msg, TCA_CHAIN, chain);
		xn_netreq_get(netreq, msg, note_filter, &found);
	}
	return found;
}

static unsigned int other(const struct xn_operator_device *device)
{
	return device->chain == 1 ? 2 : 1;
}

static int add_filters(struct xn_netreq *netreq, const struct xn_operator_device *device,
		       const struct xn_qos *told, uint32_t side, struct xn_err *err)
{
	struct xn_qos mapped;
	int rc = 0;

	xn_operator_map_device(told, side, &mapped);
	for (size_t i = 0; i < mapped.n_filters && !rc; i++)
		rc = xn_netreq_do(netreq,
				  xn_tc_filter(device->ifindex, other(device), &mapped.filters[i],
					       NLM_F_CREATE),
				  err, "a filter");
	return rc;
}

int xn_operator_device_prepare(struct xn_netreq *netreq, struct xn_operator_device *device,
			       const struct xn_qos *told, struct xn_err *err)
{
	int rc = need_qdisc(netreq, device->ifindex, err);

	if (rc)
		return rc;
	if (!device->chain && has_filters(netreq, device->ifindex, 1))
		device->chain = 1;
	flush(netreq, device->ifindex, other(device));
	for (size_t i = 0; i < SIDES && !rc; i++)
		rc = add_filters(netreq, device, told, sides[i], err);
	device->prepared = true;
	if (rc)
		xn_operator_device_abort(netreq, device);
	return rc;
}

void xn_operator_device_abort(struct xn_netreq *netreq, struct xn_operator_device *device)
{
	if (device->prepared)
		flush(netreq, device->ifindex, other(device));
	device->prepared = false;
}

/* A filter that matches everything and goes to @chain. */
static struct nl_msg *entry_message(uint32_t ifindex, uint32_t side, unsigned int chain)
{
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_parent = side,
		.tcm_info = TC_H_MAKE(ENTRY_PRIO << 16, htons(ETH_P_ALL)),
		.tcm_handle = ENTRY_HANDLE,
	};
	struct tc_gact parms = { .action = TC_ACT_GOTO_CHAIN | chain };
	struct nl_msg *msg = xn_netreq_message(RTM_NEWTFILTER, NLM_F_CREATE, &tcm, sizeof(tcm));
	struct nlattr *options, *actions, *action, *inner;

	if (!msg)
		return NULL;
	nla_put_string(msg, TCA_KIND, "flower");
	options = nla_nest_start(msg, TCA_OPTIONS);
	actions = nla_nest_start(msg, TCA_FLOWER_ACT);
	action = nla_nest_start(msg, 1);
	nla_put_string(msg, TCA_ACT_KIND, "gact");
	inner = nla_nest_start(msg, TCA_ACT_OPTIONS);
	nla_put(msg, TCA_GACT_PARMS, sizeof(parms), &parms);
	nla_nest_end(msg, inner);
	nla_nest_end(msg, action);
	nla_nest_end(msg, actions);
	nla_nest_end(msg, options);
	return msg;
}

int xn_operator_device_commit(struct xn_netreq *netreq, struct xn_operator_device *device,
			      struct xn_err *err)
{
	unsigned int next = other(device);
	int rc = 0;

	for (size_t i = 0; i < SIDES && !rc; i++)
		rc = xn_netreq_do(netreq, entry_message(device->ifindex, sides[i], next), err,
				  "putting the operator's filters in force");
	if (rc) {
		xn_operator_device_abort(netreq, device);
		return rc;
	}
	if (device->chain)
		flush(netreq, device->ifindex, device->chain);
	device->chain = next;
	device->prepared = false;
	return 0;
}

void xn_operator_device_clear(struct xn_netreq *netreq, struct xn_operator_device *device)
{
	if (device->ifindex)
		xn_netreq_do(netreq, qdisc_message(RTM_DELQDISC, 0, device->ifindex), NULL,
			     "removing a qdisc");
	device->chain = 0;
	device->prepared = false;
}
