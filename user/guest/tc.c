// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every attribute that is not known is a reason to say so: half of a filter would let through what the whole
 * does not, or the other way round.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_skbedit.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "guest/tc.h"

/* An array of attributes, and those of them that are known: what is seen is struck out. */
struct attributes {
	struct nlattr *list[128];
	int max;
	bool newer; /* there are some that this program was not built with */
};

/* @text: XN_QOS_WORD bytes */
__attribute__((format(printf, 2, 3))) static void name(char *text, const char *format, ...)
{
	va_list args;

	memset(text, 0, XN_QOS_WORD);
	va_start(args, format);
	vsnprintf(text, XN_QOS_WORD, format, args);
	va_end(args);
	for (char *at = text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

static bool open_nest(struct attributes *a, int max, struct nlattr *nest)
{
	struct nlattr *attr;
	int left;

	memset(a, 0, sizeof(*a));
	a->max = max < 127 ? max : 127;
	if (!nest || nla_parse_nested(a->list, a->max, nest, NULL) < 0)
		return false;
	nla_for_each_nested(attr, nest, left)
		a->newer |= nla_type(attr) > a->max;
	return true;
}

/* Return: the attribute if it has @size bytes at least; it is known from now on. */
static const void *take(struct attributes *a, int type, size_t size)
{
	const struct nlattr *attr = type <= a->max ? a->list[type] : NULL;

	if (!attr || (size_t)nla_len(attr) < size)
		return NULL;
	a->list[type] = NULL;
	return nla_data(attr);
}

static uint32_t take_u32(struct attributes *a, int type, uint32_t otherwise)
{
	const void *data = take(a, type, sizeof(uint32_t));
	uint32_t value = otherwise;

	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

static uint64_t take_u64(struct attributes *a, int type, uint64_t otherwise)
{
	const void *data = take(a, type, sizeof(uint64_t));
	uint64_t value = otherwise;

	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

static uint8_t take_u8(struct attributes *a, int type, uint8_t otherwise)
{
	const uint8_t *data = take(a, type, 1);

	return data ? *data : otherwise;
}

static uint16_t take_be16(struct attributes *a, int type, uint16_t otherwise)
{
	const uint8_t *data = take(a, type, 2);

	return data ? data[0] << 8 | data[1] : otherwise;
}

static void skip(struct attributes *a, int type)
{
	if (type <= a->max)
		a->list[type] = NULL;
}

/* Is there an attribute that nobody took? */
static bool left_over(const struct attributes *a)
{
	for (int i = 1; i <= a->max; i++)
		if (a->list[i])
			return true;
	return a->newer;
}

static struct xn_qos_rate rate_of(const struct tc_ratespec *spec, uint64_t rate64)
{
	return (struct xn_qos_rate){
		.rate = rate64 > spec->rate ? rate64 : spec->rate,
		.overhead = spec->overhead,
		.mpu = spec->mpu,
		.atm = (spec->linklayer & TC_LINKLAYER_MASK) == TC_LINKLAYER_ATM,
	};
}

/* --- qdiscs: each returns NULL, or why it is not carried --- */

static const char *parse_htb(struct xn_qdisc *q, struct nlattr *options)
{
	const struct tc_htb_glob *glob;
	struct attributes a;

	if (!open_nest(&a, TCA_HTB_MAX, options) || !(glob = take(&a, TCA_HTB_INIT, sizeof(*glob))))
		return "without parameters";
	q->default_class = glob->defcls;
	return a.list[TCA_HTB_OFFLOAD] ? "offloaded" : NULL;
}

static const char *parse_prio(struct xn_qdisc *q, struct nlattr *options)
{
	const struct tc_prio_qopt *opt = options ? nla_data(options) : NULL;

	if (!opt || nla_len(options) < (int)sizeof(*opt) || opt->bands > XN_BANDS_MAX)
		return "without parameters";
	q->prio.bands = opt->bands;
	memcpy(q->prio.map, opt->priomap, sizeof(q->prio.map));
	return NULL;
}

static const char *parse_tbf(struct xn_qdisc *q, struct nlattr *options)
{
	const struct tc_tbf_qopt *opt;
	struct attributes a;

	if (!open_nest(&a, TCA_TBF_MAX, options) || !(opt = take(&a, TCA_TBF_PARMS, sizeof(*opt))))
		return "without parameters";
	q->tbf = (struct xn_qos_tbf){
		.rate = rate_of(&opt->rate, take_u64(&a, TCA_TBF_RATE64, 0)),
		.buffer = opt->buffer,
		.limit = opt->limit,
	};
	return opt->peakrate.rate ? "with a peakrate" : NULL;
}

static const char *parse_fq_codel(struct xn_qdisc *q, struct nlattr *options)
{
	struct attributes a;

	if (!open_nest(&a, TCA_FQ_CODEL_MAX, options))
		return "without parameters";
	q->fq_codel = (struct xn_qos_fq_codel){
		.target = take_u32(&a, TCA_FQ_CODEL_TARGET, 5000),
		.interval = take_u32(&a, TCA_FQ_CODEL_INTERVAL, 100000),
		.ce_threshold = take_u32(&a, TCA_FQ_CODEL_CE_THRESHOLD, 0),
		.limit = take_u32(&a, TCA_FQ_CODEL_LIMIT, 10240),
		.memory = take_u32(&a, TCA_FQ_CODEL_MEMORY_LIMIT, 32 << 20),
		.flows = take_u32(&a, TCA_FQ_CODEL_FLOWS, 1024),
		.quantum = take_u32(&a, TCA_FQ_CODEL_QUANTUM, 1514),
		.ecn = take_u32(&a, TCA_FQ_CODEL_ECN, 0) != 0,
	};
	return NULL;
}

static const char *parse_cake(struct xn_qdisc *q, struct nlattr *options)
{
	struct attributes a;

	if (!open_nest(&a, TCA_CAKE_MAX, options))
		return "without parameters";
	q->cake = (struct xn_qos_cake){
		.raw = a.list[TCA_CAKE_RAW] != NULL,
		.rate = take_u64(&a, TCA_CAKE_BASE_RATE64, 0),
		.rtt = take_u32(&a, TCA_CAKE_RTT, 100000),
		.target = take_u32(&a, TCA_CAKE_TARGET, 5000),
		.memory = take_u32(&a, TCA_CAKE_MEMORY, 0),
		.mpu = take_u32(&a, TCA_CAKE_MPU, 0),
		.overhead = take_u32(&a, TCA_CAKE_OVERHEAD, 0),
		.diffserv = take_u32(&a, TCA_CAKE_DIFFSERV_MODE, 0),
		.atm = take_u32(&a, TCA_CAKE_ATM, 0),
		.flows = take_u32(&a, TCA_CAKE_FLOW_MODE, 0),
		.wash = take_u32(&a, TCA_CAKE_WASH, 0) != 0,
		.ingress = take_u32(&a, TCA_CAKE_INGRESS, 0) != 0,
		.ack_filter = take_u32(&a, TCA_CAKE_ACK_FILTER, 0),
		.split_gso = take_u32(&a, TCA_CAKE_SPLIT_GSO, 0) != 0,
	};
	if (take_u32(&a, TCA_CAKE_NAT, 0))
		return "with nat";
	if (take_u32(&a, TCA_CAKE_AUTORATE, 0))
		return "with autorate";
	return take_u32(&a, TCA_CAKE_FWMARK, 0) ? "with fwmark" : NULL;
}

static const char *parse_fifo(struct xn_qdisc *q, struct nlattr *options)
{
	const struct tc_fifo_qopt *opt = options ? nla_data(options) : NULL;

	if (!opt || nla_len(options) < (int)sizeof(*opt))
		return "without parameters";
	q->limit = opt->limit;
	return NULL;
}

static const char *parse_nothing(struct xn_qdisc *q, struct nlattr *options)
{
	(void)q;
	(void)options;
	return NULL;
}

static const struct {
	const char *name;
	enum xn_qdisc_kind kind;
	const char *(*parse)(struct xn_qdisc *q, struct nlattr *options);
} qdisc_kinds[] = {
	{ "htb", XN_QDISC_HTB, parse_htb },
	{ "prio", XN_QDISC_PRIO, parse_prio },
	{ "tbf", XN_QDISC_TBF, parse_tbf },
	{ "fq_codel", XN_QDISC_FQ_CODEL, parse_fq_codel },
	{ "cake", XN_QDISC_CAKE, parse_cake },
	{ "pfifo", XN_QDISC_PFIFO, parse_fifo },
	{ "bfifo", XN_QDISC_BFIFO, parse_fifo },
	{ "clsact", XN_QDISC_CLSACT, parse_nothing },
	{ "ingress", XN_QDISC_CLSACT, parse_nothing },
};

static void parse_kind(struct xn_qdisc *q, const char *kind, struct nlattr **attrs)
{
	const char *why = "";

	for (size_t i = 0; i < sizeof(qdisc_kinds) / sizeof(qdisc_kinds[0]); i++) {
		if (strcmp(kind, qdisc_kinds[i].name))
			continue;
		q->kind = qdisc_kinds[i].kind;
		why = qdisc_kinds[i].parse(q, attrs[TCA_OPTIONS]);
	}
	if (attrs[TCA_STAB])
		why = "with stab";
	if (attrs[TCA_INGRESS_BLOCK] || attrs[TCA_EGRESS_BLOCK])
		why = "with a block";
	if (!why)
		return;
	q->kind = XN_QDISC_OTHER;
	name(q->name, "%s%s%s", kind, *why ? " " : "", why);
}

bool xn_tc_parse_qdisc(const struct nlmsghdr *message, struct xn_qdisc *q)
{
	const struct tcmsg *tcm = nlmsg_data(message);
	struct nlattr *attrs[TCA_MAX + 1];

	memset(q, 0, sizeof(*q));
	if (message->nlmsg_type != RTM_NEWQDISC ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*tcm), attrs, TCA_MAX, NULL) < 0 ||
	    !attrs[TCA_KIND] || !tcm->tcm_handle)
		return false;
	q->handle = tcm->tcm_handle;
	q->parent = tcm->tcm_parent;
	parse_kind(q, nla_get_string(attrs[TCA_KIND]), attrs);
	return true;
}

bool xn_tc_parse_class(const struct nlmsghdr *message, struct xn_class *class)
{
	const struct tcmsg *tcm = nlmsg_data(message);
	struct nlattr *attrs[TCA_MAX + 1];
	const struct tc_htb_opt *opt;
	struct attributes a;

	memset(class, 0, sizeof(*class));
	if (message->nlmsg_type != RTM_NEWTCLASS ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*tcm), attrs, TCA_MAX, NULL) < 0 ||
	    !attrs[TCA_KIND] || strcmp(nla_get_string(attrs[TCA_KIND]), "htb") ||
	    !open_nest(&a, TCA_HTB_MAX, attrs[TCA_OPTIONS]) ||
	    !(opt = take(&a, TCA_HTB_PARMS, sizeof(*opt))))
		return false;
	*class = (struct xn_class){
		.id = tcm->tcm_handle,
		.parent = tcm->tcm_parent == TC_H_ROOT ? TC_H_MAJ(tcm->tcm_handle)
						       : tcm->tcm_parent,
		.rate = rate_of(&opt->rate, take_u64(&a, TCA_HTB_RATE64, 0)),
		.ceil = rate_of(&opt->ceil, take_u64(&a, TCA_HTB_CEIL64, 0)),
		.buffer = opt->buffer,
		.cbuffer = opt->cbuffer,
		.quantum = opt->quantum,
		.prio = opt->prio,
	};
	return true;
}

/* --- actions: as above --- */

static const char *parse_gact(struct xn_action *action, struct attributes *a)
{
	const struct tc_gact *parms = take(a, TCA_GACT_PARMS, sizeof(*parms));

	skip(a, TCA_GACT_TM);
	skip(a, TCA_GACT_PAD);
	if (!parms)
		return "without parameters";
	action->verdict = parms->action;
	return a->list[TCA_GACT_PROB] ? "at random" : NULL;
}

static const char *parse_police(struct xn_action *action, struct attributes *a)
{
	const struct tc_police *parms = take(a, TCA_POLICE_TBF, sizeof(*parms));
	uint64_t rate64 = take_u64(a, TCA_POLICE_RATE64, 0);

	skip(a, TCA_POLICE_TM);
	skip(a, TCA_POLICE_PAD);
	if (!parms)
		return "without parameters";
	action->verdict = parms->action;
	action->police = (struct xn_police){
		.rate = rate_of(&parms->rate, rate64),
		.burst = parms->burst,
		.mtu = parms->mtu,
		.conform = take_u32(a, TCA_POLICE_RESULT, TC_ACT_OK),
	};
	if (parms->bindcnt > 1)
		return "shared by filters";
	if (parms->peakrate.rate)
		return "with a peakrate";
	return parms->rate.rate ? NULL : "without a rate";
}

static const char *parse_skbedit(struct xn_action *action, struct attributes *a)
{
	const struct tc_skbedit *parms = take(a, TCA_SKBEDIT_PARMS, sizeof(*parms));

	skip(a, TCA_SKBEDIT_TM);
	skip(a, TCA_SKBEDIT_PAD);
	if (!parms)
		return "without parameters";
	action->verdict = parms->action;
	action->skbedit = (struct xn_skbedit){
		.has_priority = a->list[TCA_SKBEDIT_PRIORITY] != NULL,
		.has_mark = a->list[TCA_SKBEDIT_MARK] != NULL,
		.priority = take_u32(a, TCA_SKBEDIT_PRIORITY, 0),
		.mark = take_u32(a, TCA_SKBEDIT_MARK, 0),
	};
	return NULL;
}

static const struct {
	const char *name;
	enum xn_action_kind kind;
	int max;
	const char *(*parse)(struct xn_action *action, struct attributes *a);
} action_kinds[] = {
	{ "gact", XN_ACTION_GACT, TCA_GACT_MAX, parse_gact },
	{ "police", XN_ACTION_POLICE, TCA_POLICE_MAX, parse_police },
	{ "skbedit", XN_ACTION_SKBEDIT, TCA_SKBEDIT_MAX, parse_skbedit },
};

static void parse_action(struct xn_action *action, struct nlattr *nest)
{
	struct nlattr *attrs[TCA_ACT_MAX + 1];
	const char *kind = "action", *why = "";
	struct attributes a;

	memset(action, 0, sizeof(*action));
	if (nla_parse_nested(attrs, TCA_ACT_MAX, nest, NULL) >= 0 && attrs[TCA_ACT_KIND])
		kind = nla_get_string(attrs[TCA_ACT_KIND]);
	for (size_t i = 0; i < sizeof(action_kinds) / sizeof(action_kinds[0]); i++) {
		if (strcmp(kind, action_kinds[i].name))
			continue;
		action->kind = action_kinds[i].kind;
		why = "without parameters";
		if (open_nest(&a, action_kinds[i].max, attrs[TCA_ACT_OPTIONS]))
			why = action_kinds[i].parse(action, &a);
		if (!why && left_over(&a))
			why = "with other options";
	}
	if (!why)
		return;
	action->kind = XN_ACTION_OTHER;
	name(action->name, "%s%s%s", kind, *why ? " " : "", why);
}

static const char *parse_actions(struct xn_filter *f, struct attributes *a, int type)
{
	struct nlattr *nest = a->list[type], *action;
	int left;

	a->list[type] = NULL;
	if (!nest)
		return NULL;
	nla_for_each_nested(action, nest, left) {
		if (f->n_actions == XN_ACTIONS_MAX)
			return "with many actions";
		parse_action(&f->actions[f->n_actions++], action);
	}
	return NULL;
}

/* --- filters: as above --- */

static bool is_offloaded(struct attributes *a, int type)
{
	return take_u32(a, type, 0) & TCA_CLS_FLAGS_SKIP_SW;
}

static bool prefix_length(const uint8_t *mask, size_t n, uint8_t *length)
{
	size_t bits = 0;

	while (bits < 8 * n && mask[bits / 8] & 0x80 >> bits % 8)
		bits++;
	*length = bits;
	for (; bits < 8 * n; bits++)
		if (mask[bits / 8] & 0x80 >> bits % 8)
			return false;
	return true;
}

static bool parse_address(struct attributes *a, int type, int mask_type, uint8_t family,
			  struct xn_address *address, uint8_t *length)
{
	static const uint8_t all[16] = { 255, 255, 255, 255, 255, 255, 255, 255,
					 255, 255, 255, 255, 255, 255, 255, 255 };
	size_t n = family == AF_INET ? 4 : 16;
	const uint8_t *bytes = take(a, type, n), *mask = take(a, mask_type, n);

	if (!bytes)
		return true;
	address->family = family;
	memcpy(address->bytes, bytes, n);
	return prefix_length(mask ? mask : all, n, length);
}

static bool parse_addresses(struct attributes *a, struct xn_flower *f)
{
	return parse_address(a, TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV4_SRC_MASK, AF_INET,
			     &f->src, &f->src_length) &&
	       parse_address(a, TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV4_DST_MASK, AF_INET,
			     &f->dst, &f->dst_length) &&
	       parse_address(a, TCA_FLOWER_KEY_IPV6_SRC, TCA_FLOWER_KEY_IPV6_SRC_MASK, AF_INET6,
			     &f->src, &f->src_length) &&
	       parse_address(a, TCA_FLOWER_KEY_IPV6_DST, TCA_FLOWER_KEY_IPV6_DST_MASK, AF_INET6,
			     &f->dst, &f->dst_length);
}

static void take_masked16(struct attributes *a, int type, int mask_type, uint16_t *value,
			  uint16_t *mask)
{
	if (!a->list[type])
		return;
	*value = take_be16(a, type, 0);
	*mask = take_be16(a, mask_type, 0xffff);
}

static void take_masked8(struct attributes *a, int type, int mask_type, uint8_t *value,
			 uint8_t *mask)
{
	if (!a->list[type])
		return;
	*value = take_u8(a, type, 0);
	*mask = take_u8(a, mask_type, 0xff);
}

static void parse_ports(struct attributes *a, struct xn_flower *f)
{
	static const int table[][4] = {
		{ TCA_FLOWER_KEY_TCP_SRC, TCA_FLOWER_KEY_TCP_SRC_MASK, TCA_FLOWER_KEY_TCP_DST,
		  TCA_FLOWER_KEY_TCP_DST_MASK },
		{ TCA_FLOWER_KEY_UDP_SRC, TCA_FLOWER_KEY_UDP_SRC_MASK, TCA_FLOWER_KEY_UDP_DST,
		  TCA_FLOWER_KEY_UDP_DST_MASK },
		{ TCA_FLOWER_KEY_SCTP_SRC, TCA_FLOWER_KEY_SCTP_SRC_MASK, TCA_FLOWER_KEY_SCTP_DST,
		  TCA_FLOWER_KEY_SCTP_DST_MASK },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		take_masked16(a, table[i][0], table[i][1], &f->sport, &f->sport_mask);
		take_masked16(a, table[i][2], table[i][3], &f->dport, &f->dport_mask);
	}
}

static void parse_small_fields(struct attributes *a, struct xn_flower *f)
{
	f->has_protocol = a->list[TCA_FLOWER_KEY_IP_PROTO] != NULL;
	f->protocol = take_u8(a, TCA_FLOWER_KEY_IP_PROTO, 0);
	take_masked8(a, TCA_FLOWER_KEY_IP_TOS, TCA_FLOWER_KEY_IP_TOS_MASK, &f->tos, &f->tos_mask);
	take_masked8(a, TCA_FLOWER_KEY_IP_TTL, TCA_FLOWER_KEY_IP_TTL_MASK, &f->ttl, &f->ttl_mask);
	take_masked16(a, TCA_FLOWER_KEY_TCP_FLAGS, TCA_FLOWER_KEY_TCP_FLAGS_MASK, &f->tcp_flags,
		      &f->tcp_flags_mask);
	take_masked8(a, TCA_FLOWER_KEY_ICMPV4_TYPE, TCA_FLOWER_KEY_ICMPV4_TYPE_MASK, &f->icmp_type,
		     &f->icmp_type_mask);
	take_masked8(a, TCA_FLOWER_KEY_ICMPV4_CODE, TCA_FLOWER_KEY_ICMPV4_CODE_MASK, &f->icmp_code,
		     &f->icmp_code_mask);
	take_masked8(a, TCA_FLOWER_KEY_ICMPV6_TYPE, TCA_FLOWER_KEY_ICMPV6_TYPE_MASK, &f->icmp_type,
		     &f->icmp_type_mask);
	take_masked8(a, TCA_FLOWER_KEY_ICMPV6_CODE, TCA_FLOWER_KEY_ICMPV6_CODE_MASK, &f->icmp_code,
		     &f->icmp_code_mask);
}

static const char *parse_flower(struct xn_filter *f, struct attributes *a)
{
	uint16_t protocol = take_be16(a, TCA_FLOWER_KEY_ETH_TYPE, f->protocol);

	f->class = take_u32(a, TCA_FLOWER_CLASSID, 0);
	skip(a, TCA_FLOWER_IN_HW_COUNT);
	if (a->list[TCA_FLOWER_INDEV])
		return "with indev";
	if (is_offloaded(a, TCA_FLOWER_FLAGS))
		return "skip_sw";
	if (f->protocol != ETH_P_ALL && f->protocol != protocol)
		return "of two protocols";
	f->protocol = protocol;
	parse_small_fields(a, &f->flower);
	parse_ports(a, &f->flower);
	if (!parse_addresses(a, &f->flower))
		return "with a mask of holes";
	return parse_actions(f, a, TCA_FLOWER_ACT);
}

static const char *parse_keys(struct xn_u32 *u32, const struct tc_u32_sel *sel)
{
	if (sel->flags != TC_U32_TERMINAL)
		return "with offsets or no end";
	if (sel->nkeys > XN_FILTER_KEYS_MAX)
		return "with more than 8 keys";
	u32->n = sel->nkeys;
	for (size_t i = 0; i < sel->nkeys; i++) {
		const struct tc_u32_key *key = &sel->keys[i];

		if (key->offmask || key->off < 0 || key->off > UINT16_MAX)
			return "not from the IP header on";
		u32->keys[i] = (struct xn_u32_key){ key->off, ntohl(key->val), ntohl(key->mask) };
	}
	return NULL;
}

static const char *parse_u32(struct xn_filter *f, struct attributes *a)
{
	const struct nlattr *attr = a->list[TCA_U32_SEL];
	const struct tc_u32_sel *sel = take(a, TCA_U32_SEL, sizeof(*sel));
	const char *why;

	f->class = take_u32(a, TCA_U32_CLASSID, 0);
	skip(a, TCA_U32_HASH);
	skip(a, TCA_U32_PCNT);
	skip(a, TCA_U32_PAD);
	if (!sel || (size_t)nla_len(attr) < sizeof(*sel) + sel->nkeys * sizeof(sel->keys[0]))
		return "without keys";
	if (a->list[TCA_U32_LINK])
		return "with links";
	if (a->list[TCA_U32_INDEV])
		return "with indev";
	if (a->list[TCA_U32_MARK])
		return "with mark";
	if (is_offloaded(a, TCA_U32_FLAGS))
		return "skip_sw";
	why = parse_keys(&f->u32, sel);
	return why ? why : parse_actions(f, a, TCA_U32_ACT);
}

static const char *parse_fw(struct xn_filter *f, struct attributes *a)
{
	f->class = take_u32(a, TCA_FW_CLASSID, 0);
	f->fw.mask = take_u32(a, TCA_FW_MASK, 0xffffffff);
	if (a->list[TCA_FW_INDEV])
		return "with indev";
	return parse_actions(f, a, TCA_FW_ACT);
}

static const char *parse_matchall(struct xn_filter *f, struct attributes *a)
{
	f->class = take_u32(a, TCA_MATCHALL_CLASSID, 0);
	skip(a, TCA_MATCHALL_PCNT);
	skip(a, TCA_MATCHALL_PAD);
	if (is_offloaded(a, TCA_MATCHALL_FLAGS))
		return "skip_sw";
	return parse_actions(f, a, TCA_MATCHALL_ACT);
}

static const struct filter_kind {
	const char *name;
	enum xn_filter_kind kind;
	int max;
	const char *(*parse)(struct xn_filter *f, struct attributes *a);
} filter_kinds[] = {
	{ "flower", XN_FILTER_FLOWER, TCA_FLOWER_MAX, parse_flower },
	{ "u32", XN_FILTER_U32, TCA_U32_MAX, parse_u32 },
	{ "fw", XN_FILTER_FW, TCA_FW_MAX, parse_fw },
	{ "matchall", XN_FILTER_MATCHALL, TCA_MATCHALL_MAX, parse_matchall },
};

/* Return: NULL: one that is not carried at all. */
static const struct filter_kind *kind_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(filter_kinds) / sizeof(filter_kinds[0]); i++)
		if (!strcmp(kind, filter_kinds[i].name))
			return &filter_kinds[i];
	return NULL;
}

static void parse_options(struct xn_filter *f, const char *kind, struct nlattr *options)
{
	const struct filter_kind *known = kind_of(kind);
	const char *why = "";
	struct attributes a;

	if (known) {
		f->kind = known->kind;
		why = "without options";
		if (open_nest(&a, known->max, options))
			why = known->parse(f, &a);
		if (!why && left_over(&a))
			why = "with other options";
	}
	if (!why)
		return;
	f->kind = XN_FILTER_OTHER;
	name(f->name, "%s%s%s", kind, *why ? " " : "", why);
}

/*
 * The first table of u32 is its root's; what is in others is reached by links, or hangs on another class of the
 * qdisc with the same pref, which the kernel does not tell apart.
 */
static bool is_table(const struct tcmsg *tcm, const char *kind)
{
	return !strcmp(kind, "u32") && !TC_U32_KEY(tcm->tcm_handle);
}

static bool is_first_table(struct nlattr *options, uint16_t prio, uint16_t *tables)
{
	struct attributes a;
	uint32_t divisor = 1;
	bool first = prio != *tables;

	if (open_nest(&a, TCA_U32_MAX, options))
		divisor = take_u32(&a, TCA_U32_DIVISOR, 1);
	*tables = prio;
	return first && divisor == 1;
}

bool xn_tc_parse_filter(const struct nlmsghdr *message, uint32_t parent, uint16_t *tables,
			struct xn_filter *f)
{
	const struct tcmsg *tcm = nlmsg_data(message);
	struct nlattr *attrs[TCA_MAX + 1];
	const char *kind;

	memset(f, 0, sizeof(*f));
	/* the filters of one prio are told as a whole first, without a handle */
	if (message->nlmsg_type != RTM_NEWTFILTER ||
	    nlmsg_parse((struct nlmsghdr *)message, sizeof(*tcm), attrs, TCA_MAX, NULL) < 0 ||
	    !attrs[TCA_KIND] || !tcm->tcm_handle)
		return false;
	kind = nla_get_string(attrs[TCA_KIND]);
	f->parent = parent;
	f->prio = TC_H_MAJ(tcm->tcm_info) >> 16;
	f->protocol = ntohs(TC_H_MIN(tcm->tcm_info));
	if (is_table(tcm, kind)) {
		if (is_first_table(attrs[TCA_OPTIONS], f->prio, tables))
			return false;
		name(f->name, "u32 with several tables");
		return true;
	}
	if (attrs[TCA_CHAIN] && nla_get_u32(attrs[TCA_CHAIN]))
		name(f->name, "%s in a chain", kind);
	else
		parse_options(f, kind, attrs[TCA_OPTIONS]);
	if (f->kind == XN_FILTER_FW)
		f->fw.mark = tcm->tcm_handle;
	return true;
}
