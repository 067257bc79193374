// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers that the kernel wants and nobody means (rate tables, versions) are made here. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_skbedit.h>
#include <netinet/in.h>

#include "daemon/netreq.h"
#include "daemon/tc.h"

#define HTB_VERSION 3
#define CELL_LOG    3
#define RTAB_SIZE   1024

static struct nl_msg *message(int type, int flags, const struct tcmsg *tcm, const char *kind)
{
	struct nl_msg *msg = xn_netreq_message(type, flags, tcm, sizeof(*tcm));

	if (msg && kind)
		nla_put_string(msg, TCA_KIND, kind);
	return msg;
}

static struct tc_ratespec ratespec(const struct xn_qos_rate *rate)
{
	return (struct tc_ratespec){
		.rate = rate->rate < UINT32_MAX ? rate->rate : UINT32_MAX,
		.linklayer = rate->atm ? TC_LINKLAYER_ATM : TC_LINKLAYER_ETHERNET,
		.overhead = rate->overhead,
		.mpu = rate->mpu,
		.cell_align = -1,
		.cell_log = CELL_LOG,
	};
}

static void put_rate64(struct nl_msg *msg, int attribute, const struct xn_qos_rate *rate)
{
	if (rate->rate >= UINT32_MAX)
		nla_put_u64(msg, attribute, rate->rate);
}

/* --- qdiscs --- */

static void put_htb(struct nl_msg *msg, const struct xn_qdisc *q, uint32_t queue)
{
	struct tc_htb_glob glob = {
		.version = HTB_VERSION,
		.rate2quantum = 10,
		.defcls = q->default_class,
	};

	nla_put(msg, TCA_HTB_INIT, sizeof(glob), &glob);
	nla_put_u32(msg, TCA_HTB_DIRECT_QLEN, queue);
}

static void put_tbf(struct nl_msg *msg, const struct xn_qos_tbf *tbf)
{
	struct tc_tbf_qopt opt = {
		.rate = ratespec(&tbf->rate),
		.limit = tbf->limit,
		.buffer = tbf->buffer,
	};

	nla_put(msg, TCA_TBF_PARMS, sizeof(opt), &opt);
	put_rate64(msg, TCA_TBF_RATE64, &tbf->rate);
}

/* The kernel takes the number of flows only at the beginning. */
static void put_fq_codel(struct nl_msg *msg, const struct xn_qos_fq_codel *f, bool new)
{
	nla_put_u32(msg, TCA_FQ_CODEL_TARGET, f->target);
	nla_put_u32(msg, TCA_FQ_CODEL_LIMIT, f->limit);
	nla_put_u32(msg, TCA_FQ_CODEL_INTERVAL, f->interval);
	nla_put_u32(msg, TCA_FQ_CODEL_ECN, f->ecn);
	if (new)
		nla_put_u32(msg, TCA_FQ_CODEL_FLOWS, f->flows);
	nla_put_u32(msg, TCA_FQ_CODEL_QUANTUM, f->quantum);
	nla_put_u32(msg, TCA_FQ_CODEL_MEMORY_LIMIT, f->memory);
	if (f->ce_threshold)
		nla_put_u32(msg, TCA_FQ_CODEL_CE_THRESHOLD, f->ce_threshold);
}

static void put_cake(struct nl_msg *msg, const struct xn_qos_cake *cake)
{
	nla_put_u64(msg, TCA_CAKE_BASE_RATE64, cake->rate);
	nla_put_u32(msg, TCA_CAKE_DIFFSERV_MODE, cake->diffserv);
	nla_put_u32(msg, TCA_CAKE_ATM, cake->atm);
	nla_put_u32(msg, TCA_CAKE_FLOW_MODE, cake->flows);
	if (cake->raw)
		nla_put_u32(msg, TCA_CAKE_RAW, 0);
	else
		nla_put_s32(msg, TCA_CAKE_OVERHEAD, cake->overhead);
	nla_put_u32(msg, TCA_CAKE_RTT, cake->rtt);
	nla_put_u32(msg, TCA_CAKE_TARGET, cake->target);
	nla_put_u32(msg, TCA_CAKE_MEMORY, cake->memory);
	nla_put_u32(msg, TCA_CAKE_MPU, cake->mpu);
	nla_put_u32(msg, TCA_CAKE_WASH, cake->wash);
	nla_put_u32(msg, TCA_CAKE_INGRESS, cake->ingress);
	nla_put_u32(msg, TCA_CAKE_ACK_FILTER, cake->ack_filter);
	nla_put_u32(msg, TCA_CAKE_SPLIT_GSO, cake->split_gso);
}

static void put_prio(struct nl_msg *msg, const struct xn_qos_prio *prio)
{
	struct tc_prio_qopt opt = { .bands = prio->bands };

	memcpy(opt.priomap, prio->map, sizeof(opt.priomap));
	nla_put(msg, TCA_OPTIONS, sizeof(opt), &opt);
}

static void put_nested(struct nl_msg *msg, const struct xn_qdisc *q, uint32_t queue, bool new)
{
	struct nlattr *options = nla_nest_start(msg, TCA_OPTIONS);

	if (q->kind == XN_QDISC_HTB)
		put_htb(msg, q, queue);
	else if (q->kind == XN_QDISC_TBF)
		put_tbf(msg, &q->tbf);
	else if (q->kind == XN_QDISC_FQ_CODEL)
		put_fq_codel(msg, &q->fq_codel, new);
	else
		put_cake(msg, &q->cake);
	nla_nest_end(msg, options);
}

struct nl_msg *xn_tc_qdisc(uint32_t ifindex, const struct xn_qdisc *q, uint32_t queue, int flags)
{
	static const char *const kinds[XN_QDISC_KINDS] = {
		[XN_QDISC_HTB] = "htb",	    [XN_QDISC_PRIO] = "prio",
		[XN_QDISC_TBF] = "tbf",	    [XN_QDISC_FQ_CODEL] = "fq_codel",
		[XN_QDISC_CAKE] = "cake",   [XN_QDISC_PFIFO] = "pfifo",
		[XN_QDISC_BFIFO] = "bfifo",
	};
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_handle = q->handle,
		.tcm_parent = q->parent,
	};
	struct tc_fifo_qopt fifo = { .limit = q->limit };
	struct nl_msg *msg = message(RTM_NEWQDISC, flags, &tcm, kinds[q->kind]);

	if (!msg)
		return NULL;
	if (q->kind == XN_QDISC_PFIFO || q->kind == XN_QDISC_BFIFO)
		nla_put(msg, TCA_OPTIONS, sizeof(fifo), &fifo);
	else if (q->kind == XN_QDISC_PRIO)
		put_prio(msg, &q->prio);
	else
		put_nested(msg, q, queue, flags & NLM_F_CREATE);
	return msg;
}

struct nl_msg *xn_tc_remove(uint32_t ifindex, uint32_t parent, uint32_t handle)
{
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_handle = handle,
		.tcm_parent = parent,
	};

	return message(RTM_DELQDISC, 0, &tcm, NULL);
}

/* --- classes --- */

struct nl_msg *xn_tc_class(uint32_t ifindex, const struct xn_class *class, int flags)
{
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_handle = class->id,
		.tcm_parent = class->parent,
	};
	struct tc_htb_opt opt = {
		.rate = ratespec(&class->rate),
		.ceil = ratespec(&class->ceil),
		.buffer = class->buffer,
		.cbuffer = class->cbuffer,
		.quantum = class->quantum,
		.prio = class->prio,
	};
	struct nl_msg *msg = message(RTM_NEWTCLASS, flags, &tcm, "htb");
	struct nlattr *options;

	if (!msg)
		return NULL;
	options = nla_nest_start(msg, TCA_OPTIONS);
	nla_put(msg, TCA_HTB_PARMS, sizeof(opt), &opt);
	put_rate64(msg, TCA_HTB_RATE64, &class->rate);
	put_rate64(msg, TCA_HTB_CEIL64, &class->ceil);
	nla_nest_end(msg, options);
	return msg;
}

/* --- actions --- */

static void put_police(struct nl_msg *msg, const struct xn_action *action)
{
	static const uint8_t table[RTAB_SIZE]; /* asked for, not looked at */
	const struct xn_police *police = &action->police;
	struct tc_police parms = {
		.action = action->verdict,
		.burst = police->burst,
		.mtu = police->mtu ? police->mtu : INT32_MAX,
		.rate = ratespec(&police->rate),
	};

	nla_put(msg, TCA_POLICE_TBF, sizeof(parms), &parms);
	nla_put(msg, TCA_POLICE_RATE, sizeof(table), table);
	put_rate64(msg, TCA_POLICE_RATE64, &police->rate);
	nla_put_u32(msg, TCA_POLICE_RESULT, police->conform);
}

static void put_skbedit(struct nl_msg *msg, const struct xn_action *action)
{
	const struct xn_skbedit *edit = &action->skbedit;
	struct tc_skbedit parms = { .action = action->verdict };

	nla_put(msg, TCA_SKBEDIT_PARMS, sizeof(parms), &parms);
	if (edit->has_priority)
		nla_put_u32(msg, TCA_SKBEDIT_PRIORITY, edit->priority);
	if (edit->has_mark)
		nla_put_u32(msg, TCA_SKBEDIT_MARK, edit->mark);
}

static void put_action(struct nl_msg *msg, int order, const struct xn_action *action)
{
	static const char *const kinds[XN_ACTION_KINDS] = {
		[XN_ACTION_GACT] = "gact",
		[XN_ACTION_POLICE] = "police",
		[XN_ACTION_SKBEDIT] = "skbedit",
	};
	struct tc_gact gact = { .action = action->verdict };
	struct nlattr *nest = nla_nest_start(msg, order), *options;

	nla_put_string(msg, TCA_ACT_KIND, kinds[action->kind]);
	options = nla_nest_start(msg, TCA_ACT_OPTIONS);
	if (action->kind == XN_ACTION_GACT)
		nla_put(msg, TCA_GACT_PARMS, sizeof(gact), &gact);
	else if (action->kind == XN_ACTION_POLICE)
		put_police(msg, action);
	else
		put_skbedit(msg, action);
	nla_nest_end(msg, options);
	nla_nest_end(msg, nest);
}

static void put_result(struct nl_msg *msg, const struct xn_filter *f, int classid, int actions)
{
	struct nlattr *nest;

	if (f->class)
		nla_put_u32(msg, classid, f->class);
	if (!f->n_actions)
		return;
	nest = nla_nest_start(msg, actions);
	for (size_t i = 0; i < f->n_actions; i++)
		put_action(msg, i + 1, &f->actions[i]);
	nla_nest_end(msg, nest);
}

/* --- filters --- */

static void put_be16(struct nl_msg *msg, int attribute, uint16_t value)
{
	nla_put_u16(msg, attribute, htons(value));
}

static void put_masked8(struct nl_msg *msg, int attribute, int mask_attribute, uint8_t value,
			uint8_t mask)
{
	if (!mask)
		return;
	nla_put_u8(msg, attribute, value);
	nla_put_u8(msg, mask_attribute, mask);
}

static void put_masked16(struct nl_msg *msg, int attribute, int mask_attribute, uint16_t value,
			 uint16_t mask)
{
	if (!mask)
		return;
	put_be16(msg, attribute, value);
	put_be16(msg, mask_attribute, mask);
}

static void put_address(struct nl_msg *msg, const struct xn_address *address, uint8_t length,
			const int attributes[2][2])
{
	bool v6 = address->family == AF_INET6;
	uint8_t mask[16] = { 0 };

	if (!address->family)
		return;
	for (size_t bit = 0; bit < length; bit++)
		mask[bit / 8] |= 0x80 >> bit % 8;
	nla_put(msg, attributes[v6][0], v6 ? 16 : 4, address->bytes);
	nla_put(msg, attributes[v6][1], v6 ? 16 : 4, mask);
}

static void put_ports(struct nl_msg *msg, const struct xn_flower *f)
{
	static const struct {
		int protocol, src, src_mask, dst, dst_mask;
	} table[] = {
		{ IPPROTO_TCP, TCA_FLOWER_KEY_TCP_SRC, TCA_FLOWER_KEY_TCP_SRC_MASK,
		  TCA_FLOWER_KEY_TCP_DST, TCA_FLOWER_KEY_TCP_DST_MASK },
		{ IPPROTO_UDP, TCA_FLOWER_KEY_UDP_SRC, TCA_FLOWER_KEY_UDP_SRC_MASK,
		  TCA_FLOWER_KEY_UDP_DST, TCA_FLOWER_KEY_UDP_DST_MASK },
		{ IPPROTO_SCTP, TCA_FLOWER_KEY_SCTP_SRC, TCA_FLOWER_KEY_SCTP_SRC_MASK,
		  TCA_FLOWER_KEY_SCTP_DST, TCA_FLOWER_KEY_SCTP_DST_MASK },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (f->protocol != table[i].protocol)
			continue;
		put_masked16(msg, table[i].src, table[i].src_mask, f->sport, f->sport_mask);
		put_masked16(msg, table[i].dst, table[i].dst_mask, f->dport, f->dport_mask);
	}
}

static void put_icmp(struct nl_msg *msg, const struct xn_flower *f, bool v6)
{
	put_masked8(msg, v6 ? TCA_FLOWER_KEY_ICMPV6_TYPE : TCA_FLOWER_KEY_ICMPV4_TYPE,
		    v6 ? TCA_FLOWER_KEY_ICMPV6_TYPE_MASK : TCA_FLOWER_KEY_ICMPV4_TYPE_MASK,
		    f->icmp_type, f->icmp_type_mask);
	put_masked8(msg, v6 ? TCA_FLOWER_KEY_ICMPV6_CODE : TCA_FLOWER_KEY_ICMPV4_CODE,
		    v6 ? TCA_FLOWER_KEY_ICMPV6_CODE_MASK : TCA_FLOWER_KEY_ICMPV4_CODE_MASK,
		    f->icmp_code, f->icmp_code_mask);
}

static void put_flower(struct nl_msg *msg, const struct xn_filter *filter)
{
	static const int src[2][2] = {
		{ TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV4_SRC_MASK },
		{ TCA_FLOWER_KEY_IPV6_SRC, TCA_FLOWER_KEY_IPV6_SRC_MASK },
	};
	static const int dst[2][2] = {
		{ TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV4_DST_MASK },
		{ TCA_FLOWER_KEY_IPV6_DST, TCA_FLOWER_KEY_IPV6_DST_MASK },
	};
	const struct xn_flower *f = &filter->flower;

	if (filter->protocol != ETH_P_ALL)
		put_be16(msg, TCA_FLOWER_KEY_ETH_TYPE, filter->protocol);
	if (f->has_protocol)
		nla_put_u8(msg, TCA_FLOWER_KEY_IP_PROTO, f->protocol);
	put_masked8(msg, TCA_FLOWER_KEY_IP_TOS, TCA_FLOWER_KEY_IP_TOS_MASK, f->tos, f->tos_mask);
	put_masked8(msg, TCA_FLOWER_KEY_IP_TTL, TCA_FLOWER_KEY_IP_TTL_MASK, f->ttl, f->ttl_mask);
	put_address(msg, &f->src, f->src_length, src);
	put_address(msg, &f->dst, f->dst_length, dst);
	put_ports(msg, f);
	put_masked16(msg, TCA_FLOWER_KEY_TCP_FLAGS, TCA_FLOWER_KEY_TCP_FLAGS_MASK, f->tcp_flags,
		     f->tcp_flags_mask);
	put_icmp(msg, f, filter->protocol == ETH_P_IPV6);
	put_result(msg, filter, TCA_FLOWER_CLASSID, TCA_FLOWER_ACT);
}

static void put_u32(struct nl_msg *msg, const struct xn_filter *filter)
{
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key keys[XN_FILTER_KEYS_MAX + 1];
	} all = { .sel = { .flags = TC_U32_TERMINAL, .nkeys = filter->u32.n } };

	for (size_t i = 0; i < filter->u32.n; i++)
		all.keys[i] = (struct tc_u32_key){
			.mask = htonl(filter->u32.keys[i].mask),
			.val = htonl(filter->u32.keys[i].value),
			.off = filter->u32.keys[i].offset,
		};
	nla_put(msg, TCA_U32_SEL, sizeof(all.sel) + filter->u32.n * sizeof(all.keys[0]), &all);
	put_result(msg, filter, TCA_U32_CLASSID, TCA_U32_ACT);
}

static void put_fw(struct nl_msg *msg, const struct xn_filter *filter)
{
	nla_put_u32(msg, TCA_FW_MASK, filter->fw.mask);
	put_result(msg, filter, TCA_FW_CLASSID, TCA_FW_ACT);
}

struct nl_msg *xn_tc_filter(uint32_t ifindex, uint32_t chain, const struct xn_filter *f, int flags)
{
	static const char *const kinds[XN_FILTER_KINDS] = {
		[XN_FILTER_FLOWER] = "flower",
		[XN_FILTER_U32] = "u32",
		[XN_FILTER_FW] = "fw",
	};
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_parent = f->parent,
		.tcm_info = TC_H_MAKE((uint32_t)f->prio << 16, htons(ETH_P_ALL)),
		.tcm_handle = f->kind == XN_FILTER_FW ? f->fw.mark : 0,
	};
	struct nl_msg *msg = message(RTM_NEWTFILTER, flags, &tcm, kinds[f->kind]);
	struct nlattr *options;

	if (!msg)
		return NULL;
	if (chain)
		nla_put_u32(msg, TCA_CHAIN, chain);
	options = nla_nest_start(msg, TCA_OPTIONS);
	if (f->kind == XN_FILTER_FLOWER)
		put_flower(msg, f);
	else if (f->kind == XN_FILTER_U32)
		put_u32(msg, f);
	else
		put_fw(msg, f);
	nla_nest_end(msg, options);
	return msg;
}
