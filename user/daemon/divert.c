// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters of others come first (ours have the last priorities of chain 0) and are not touched. The clsact
 * qdisc is made if there is none; that it is ours is written down as an empty chain in it, and then it goes
 * with the link.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_skbedit.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/divert.h"

#define CHAINS	    0x7800000u /* ours: CHAINS + slot * 64 + number * 2 (+ 1) */
#define CHAINS_END  0x7840100u
#define CHAIN_OURS  0x7fffff0u /* its presence says who made the qdisc */
#define PRIO_FIRST  0xff00     /* in chain 0: IPv4, then IPv6 */
#define PRIO_PASS   1	       /* in our chains: IPv4; + 3: IPv6 */
#define PRIO_TTL    2
#define PRIO_DIVERT 3
#define INGRESS	    TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
#define EGRESS	    TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)

/* Where a filter is. */
struct spot {
	uint32_t uplink;
	uint32_t chain;
	uint16_t prio; /* 0: all of the chain */
	uint16_t protocol;
	uint32_t handle; /* 0: the kernel's choice */
};

static uint32_t chain_of(const struct xn_diversion *d, unsigned int chain)
{
	return CHAINS + d->slot * 64 + d->number * 2 + chain - 1;
}

static struct nl_msg *filter_message(int type, int flags, const struct spot *spot)
{
	struct tcmsg tcm = {
		.tcm_family = AF_UNSPEC,
		.tcm_ifindex = spot->uplink,
		.tcm_parent = INGRESS,
		.tcm_info = spot->prio ? TC_H_MAKE(spot->prio << 16, htons(spot->protocol)) : 0,
		.tcm_handle = spot->handle,
	};
	struct nl_msg *msg = xn_netreq_message(type, flags, &tcm, sizeof(tcm));

	if (!msg)
		return NULL;
	nla_put_u32(msg, TCA_CHAIN, spot->chain);
	if (spot->prio)
		nla_put_string(msg, TCA_KIND, "flower");
	return msg;
}

static void remove_filter(struct xn_netreq *netreq, const struct spot *spot)
{
	xn_netreq_do(netreq, filter_message(RTM_DELTFILTER, 0, spot), NULL, "removing a filter");
}

static void flush(struct xn_netreq *netreq, uint32_t uplink, uint32_t chain)
{
	remove_filter(netreq, &(struct spot){ .uplink = uplink, .chain = chain });
}

/* --- the qdisc they hang on --- */

static struct nl_msg *chain_message(int type, int flags, uint32_t uplink)
{
	struct tcmsg tcm = { .tcm_ifindex = uplink, .tcm_parent = INGRESS };
	struct nl_msg *msg = xn_netreq_message(type, flags, &tcm, sizeof(tcm));

	if (msg)
		nla_put_u32(msg, TCA_CHAIN, CHAIN_OURS);
	return msg;
}

static struct nl_msg *qdisc_message(int type, int flags, uint32_t uplink)
{
	struct tcmsg tcm = {
		.tcm_ifindex = uplink,
		.tcm_parent = TC_H_CLSACT,
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
	};
	struct nl_msg *msg = xn_netreq_message(type, flags, &tcm, sizeof(tcm));

	if (msg)
		nla_put_string(msg, TCA_KIND, "clsact");
	return msg;
}

static void note_qdisc(const struct nlmsghdr *nlh, void *arg)
{
	*(bool *)arg |= nlh->nlmsg_type == RTM_NEWQDISC;
}

bool xn_divert_is_prepared(struct xn_netreq *netreq, uint32_t uplink)
{
	bool there = false;

	/* without ECHO kernels before 6.8 answer to listeners only */
	xn_netreq_get(netreq, qdisc_message(RTM_GETQDISC, NLM_F_ECHO, uplink), note_qdisc, &there);
	return there;
}

int xn_divert_prepare(struct xn_netreq *netreq, uint32_t uplink, struct xn_err *err)
{
	int rc = xn_netreq_do(netreq,
			      qdisc_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, uplink), err,
			      "making a clsact qdisc");

	if (rc)
		return rc == -EEXIST ? 0 : rc;
	return xn_netreq_do(netreq, chain_message(RTM_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL, uplink),
			    err, "marking a clsact qdisc");
}

static void count_record(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = nlmsg_data(nlh);

	/* an instance without filters is told of, too */
	if (nlh->nlmsg_type == RTM_NEWTFILTER && tcm->tcm_handle)
		++*(size_t *)arg;
}

static void note_chain(const struct nlmsghdr *nlh, void *arg)
{
	/* the kernel answers with the type of the question */
	*(bool *)arg |= nlh->nlmsg_type == RTM_GETCHAIN || nlh->nlmsg_type == RTM_NEWCHAIN;
}

static size_t count_filters(struct xn_netreq *netreq, uint32_t uplink, uint32_t parent)
{
	struct tcmsg tcm = { .tcm_ifindex = uplink, .tcm_parent = parent };
	size_t n = 0;
	int rc = xn_netreq_get(netreq,
			       xn_netreq_message(RTM_GETTFILTER, NLM_F_DUMP, &tcm, sizeof(tcm)),
			       count_record, &n);

	return rc ? 1 : n;
}

bool xn_divert_is_ours(struct xn_netreq *netreq, uint32_t uplink)
{
	bool ours = false;

	xn_netreq_get(netreq, chain_message(RTM_GETCHAIN, 0, uplink), note_chain, &ours);
	return ours;
}

void xn_divert_release(struct xn_netreq *netreq, uint32_t uplink)
{
	if (!xn_divert_is_ours(netreq, uplink) || count_filters(netreq, uplink, INGRESS) ||
	    count_filters(netreq, uplink, EGRESS))
		return;
	xn_netreq_do(netreq, qdisc_message(RTM_DELQDISC, 0, uplink), NULL, "removing a qdisc");
}

/* --- actions --- */

static struct nlattr *action_start(struct nl_msg *msg, int order, const char *kind,
				   struct nlattr **options)
{
	struct nlattr *action = nla_nest_start(msg, order);

	nla_put_string(msg, TCA_ACT_KIND, kind);
	*options = nla_nest_start(msg, TCA_ACT_OPTIONS);
	return action;
}

static void action_end(struct nl_msg *msg, struct nlattr *action, struct nlattr *options)
{
	nla_nest_end(msg, options);
	nla_nest_end(msg, action);
}

static void put_verdict(struct nl_msg *msg, uint32_t verdict)
{
	struct nlattr *actions = nla_nest_start(msg, TCA_FLOWER_ACT), *options;
	struct nlattr *action = action_start(msg, 1, "gact", &options);
	struct tc_gact parms = { .action = verdict };

	nla_put(msg, TCA_GACT_PARMS, sizeof(parms), &parms);
	action_end(msg, action, options);
	nla_nest_end(msg, actions);
}

/* The frame was for the router's MAC: to IP it would be somebody else's. */
static void put_redirect(struct nl_msg *msg, uint32_t macvlan)
{
	struct nlattr *actions = nla_nest_start(msg, TCA_FLOWER_ACT), *options;
	struct nlattr *action = action_start(msg, 1, "skbedit", &options);
	struct tc_skbedit edit = { .action = TC_ACT_PIPE };
	struct tc_mirred mirred = {
		.action = TC_ACT_STOLEN,
		.eaction = TCA_INGRESS_REDIR,
		.ifindex = macvlan,
	};

	nla_put(msg, TCA_SKBEDIT_PARMS, sizeof(edit), &edit);
	nla_put_u16(msg, TCA_SKBEDIT_PTYPE, PACKET_HOST);
	action_end(msg, action, options);
	action = action_start(msg, 2, "mirred", &options);
	nla_put(msg, TCA_MIRRED_PARMS, sizeof(mirred), &mirred);
	action_end(msg, action, options);
	nla_nest_end(msg, actions);
}

/* --- our chain --- */

static void put_destination(struct nl_msg *msg, const struct xn_prefix *prefix)
{
	bool v4 = prefix->address.family == AF_INET;
	size_t size = v4 ? 4 : 16;
	uint8_t mask[16] = { 0 };

	for (size_t bit = 0; bit < prefix->length && bit < 8 * size; bit++)
		mask[bit / 8] |= 0x80 >> bit % 8;
	nla_put(msg, v4 ? TCA_FLOWER_KEY_IPV4_DST : TCA_FLOWER_KEY_IPV6_DST, size,
		prefix->address.bytes);
	nla_put(msg, v4 ? TCA_FLOWER_KEY_IPV4_DST_MASK : TCA_FLOWER_KEY_IPV6_DST_MASK, size, mask);
}

/* @pass: NULL: by TTL */
static int add_pass(struct xn_netreq *netreq, struct spot spot, const struct xn_prefix *pass,
		    struct xn_err *err)
{
	struct nl_msg *msg;
	struct nlattr *options;

	spot.prio += pass ? PRIO_PASS : PRIO_TTL;
	msg = filter_message(RTM_NEWTFILTER, NLM_F_CREATE, &spot);
	if (!msg)
		return xn_netreq_do(netreq, NULL, err, "a filter");
	options = nla_nest_start(msg, TCA_OPTIONS);
	nla_put_u16(msg, TCA_FLOWER_KEY_ETH_TYPE, htons(spot.protocol));
	if (pass) {
		put_destination(msg, pass);
	} else {
		nla_put_u8(msg, TCA_FLOWER_KEY_IP_TTL, 0); /* 0 or 1: the router answers */
		nla_put_u8(msg, TCA_FLOWER_KEY_IP_TTL_MASK, 0xfe);
	}
	put_verdict(msg, TC_ACT_OK);
	nla_nest_end(msg, options);
	return xn_netreq_do(netreq, msg, err, "a filter that passes");
}

static int add_divert(struct xn_netreq *netreq, struct spot spot, uint32_t macvlan,
		      struct xn_err *err)
{
	struct nl_msg *msg;
	struct nlattr *options;

	spot.prio += PRIO_DIVERT;
	msg = filter_message(RTM_NEWTFILTER, NLM_F_CREATE, &spot);
	if (!msg)
		return xn_netreq_do(netreq, NULL, err, "a filter");
	options = nla_nest_start(msg, TCA_OPTIONS);
	nla_put_u16(msg, TCA_FLOWER_KEY_ETH_TYPE, htons(spot.protocol));
	put_redirect(msg, macvlan);
	nla_nest_end(msg, options);
	return xn_netreq_do(netreq, msg, err, "a filter that diverts");
}

static int fill_chain(struct xn_netreq *netreq, const struct spot *chain, uint8_t family,
		      uint32_t macvlan, const struct xn_prefix *pass, size_t n_pass,
		      struct xn_err *err)
{
	struct spot spot = *chain;
	int rc = 0;

	spot.prio = family == AF_INET ? 0 : 3;
	spot.protocol = family == AF_INET ? ETH_P_IP : ETH_P_IPV6;
	for (size_t i = 0; i < n_pass && (!rc || rc == -EEXIST); i++)
		if (pass[i].address.family == family)
			rc = add_pass(netreq, spot, &pass[i], err);
	if (!rc || rc == -EEXIST) /* an address told twice */
		rc = add_pass(netreq, spot, NULL, err);
	return rc ? rc : add_divert(netreq, spot, macvlan, err);
}

/* --- the way there --- */

static struct spot entry(const struct xn_diversion *d, uint16_t protocol)
{
	return (struct spot){
		.uplink = d->uplink,
		.prio = PRIO_FIRST + (protocol == ETH_P_IPV6),
		.protocol = protocol,
		.handle = chain_of(d, 1),
	};
}

static int put_entry(struct xn_netreq *netreq, const struct xn_diversion *d, uint16_t protocol,
		     const uint8_t mac[6], uint32_t chain, struct xn_err *err)
{
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
	struct spot spot = entry(d, protocol);
	struct nl_msg *msg = filter_message(RTM_NEWTFILTER, NLM_F_CREATE, &spot);
	struct nlattr *options;

	if (!msg)
		return xn_netreq_do(netreq, NULL, err, "a filter");
	options = nla_nest_start(msg, TCA_OPTIONS);
	nla_put_u16(msg, TCA_FLOWER_KEY_ETH_TYPE, htons(protocol));
	nla_put(msg, TCA_FLOWER_KEY_ETH_DST, 6, mac);
	nla_put(msg, TCA_FLOWER_KEY_ETH_DST_MASK, 6, all);
	put_verdict(msg, TC_ACT_GOTO_CHAIN | chain);
	nla_nest_end(msg, options);
	return xn_netreq_do(netreq, msg, err, "the filter for the router's MAC");
}

static void remove_entry(struct xn_netreq *netreq, const struct xn_diversion *d, uint16_t protocol)
{
	struct spot spot = entry(d, protocol);

	remove_filter(netreq, &spot);
}

int xn_divert(struct xn_netreq *netreq, struct xn_diversion *d, const uint8_t mac[6],
	      uint32_t macvlan, const struct xn_prefix *pass, size_t n_pass, bool ip6,
	      struct xn_err *err)
{
	unsigned int next = d->chain == 1 ? 2 : 1;
	struct spot chain = { .uplink = d->uplink, .chain = chain_of(d, next) };
	int rc;

	flush(netreq, d->uplink, chain.chain);
	rc = fill_chain(netreq, &chain, AF_INET, macvlan, pass, n_pass, err);
	if (!rc && ip6)
		rc = fill_chain(netreq, &chain, AF_INET6, macvlan, pass, n_pass, err);
	if (rc) {
		flush(netreq, d->uplink, chain.chain);
		return rc;
	}
	rc = put_entry(netreq, d, ETH_P_IP, mac, chain.chain, err);
	if (!rc && ip6)
		rc = put_entry(netreq, d, ETH_P_IPV6, mac, chain.chain, err);
	if (rc) {
		xn_undivert(netreq, d);
		return rc;
	}
	if (!ip6)
		remove_entry(netreq, d, ETH_P_IPV6);
	if (d->chain)
		flush(netreq, d->uplink, chain_of(d, d->chain));
	d->chain = next;
	memcpy(d->mac, mac, 6);
	return 0;
}

void xn_undivert(struct xn_netreq *netreq, struct xn_diversion *d)
{
	remove_entry(netreq, d, ETH_P_IP);
	remove_entry(netreq, d, ETH_P_IPV6);
	flush(netreq, d->uplink, chain_of(d, 1));
	flush(netreq, d->uplink, chain_of(d, 2));
	d->chain = 0;
}

/* --- finding them again --- */

struct search {
	void (*found)(const struct xn_diversion *diversion, void *arg);
	void *arg;
};

static uint32_t goto_of(struct nlattr *actions)
{
	struct nlattr *act[2], *attrs[TCA_ACT_MAX + 1], *parms[TCA_GACT_MAX + 1];
	const struct tc_gact *gact;

	if (!actions || nla_parse_nested(act, 1, actions, NULL) < 0 || !act[1] ||
	    nla_parse_nested(attrs, TCA_ACT_MAX, act[1], NULL) < 0 || !attrs[TCA_ACT_OPTIONS] ||
	    nla_parse_nested(parms, TCA_GACT_MAX, attrs[TCA_ACT_OPTIONS], NULL) < 0 ||
	    !parms[TCA_GACT_PARMS] || nla_len(parms[TCA_GACT_PARMS]) < (int)sizeof(*gact))
		return 0;
	gact = nla_data(parms[TCA_GACT_PARMS]);
	return (uint32_t)gact->action & TC_ACT_EXT_VAL_MASK;
}

static void take_filter(const struct nlmsghdr *nlh, void *arg)
{
	const struct search *search = arg;
	const struct tcmsg *tcm = nlmsg_data(nlh);
	struct nlattr *attrs[TCA_MAX + 1], *keys[TCA_FLOWER_MAX + 1];
	struct xn_diversion d = { .uplink = tcm->tcm_ifindex };
	uint32_t at = tcm->tcm_handle - CHAINS, chain;

	if (nlh->nlmsg_type != RTM_NEWTFILTER || TC_H_MAJ(tcm->tcm_info) >> 16 != PRIO_FIRST ||
	    tcm->tcm_handle < CHAINS || tcm->tcm_handle >= CHAINS_END)
		return;
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*tcm), attrs, TCA_MAX, NULL) < 0 ||
	    !attrs[TCA_OPTIONS] ||
	    nla_parse_nested(keys, TCA_FLOWER_MAX, attrs[TCA_OPTIONS], NULL) < 0)
		return;
	chain = goto_of(keys[TCA_FLOWER_ACT]);
	d.slot = at / 64;
	d.number = at % 64 / 2;
	d.chain = chain == chain_of(&d, 2) ? 2 : 1;
	if (keys[TCA_FLOWER_KEY_ETH_DST] && nla_len(keys[TCA_FLOWER_KEY_ETH_DST]) == 6)
		memcpy(d.mac, nla_data(keys[TCA_FLOWER_KEY_ETH_DST]), 6);
	search->found(&d, search->arg);
}

int xn_divert_find(struct xn_netreq *netreq, uint32_t uplink,
		   void (*found)(const struct xn_diversion *diversion, void *arg), void *arg)
{
	struct search search = { found, arg };
	struct tcmsg tcm = { .tcm_ifindex = uplink, .tcm_parent = INGRESS };

	return xn_netreq_get(netreq,
			     xn_netreq_message(RTM_GETTFILTER, NLM_F_DUMP, &tcm, sizeof(tcm)),
			     take_filter, &search);
}
