// SPDX-License-Identifier: GPL-2.0-or-later
/* One function per rule; each says what it does not like in tc's terms. */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/operator_check.h"

#define MAJOR(handle)  ((handle)&0xffff0000u)
#define MINOR(handle)  ((handle)&0xffffu)
#define OVERHEAD_MAX   256
#define PACKET_MAX     2048
#define OFFSET_MAX     124 /* bytes of a packet that u32 looks at */
#define CAKE_DIFFSERVS 5
#define CAKE_FLOWS     8

struct check {
	const struct xn_qos *qos;
	uint32_t mark_mask;
	struct xn_err *err;
};

static bool fail(const struct check *check, const char *where, const char *why)
{
	xn_err_set(check->err, "%s: %s", where, why);
	return false;
}

/* --- looking up --- */

const struct xn_qdisc *xn_qos_qdisc(const struct xn_qos *qos, uint32_t handle)
{
	for (size_t i = 0; i < qos->n_qdiscs; i++)
		if (qos->qdiscs[i].handle == MAJOR(handle) &&
		    qos->qdiscs[i].kind != XN_QDISC_CLSACT)
			return &qos->qdiscs[i];
	return NULL;
}

const struct xn_class *xn_qos_class(const struct xn_qos *qos, uint32_t id)
{
	for (size_t i = 0; i < qos->n_classes; i++)
		if (qos->classes[i].id == id)
			return &qos->classes[i];
	return NULL;
}

bool xn_qos_is_inner(const struct xn_qos *qos, const struct xn_class *class)
{
	for (size_t i = 0; i < qos->n_classes; i++)
		if (qos->classes[i].parent == class->id)
			return true;
	return false;
}

const struct xn_qdisc *xn_qos_child(const struct xn_qos *qos, uint32_t class)
{
	for (size_t i = 0; i < qos->n_qdiscs; i++)
		if (qos->qdiscs[i].parent == class && qos->qdiscs[i].kind != XN_QDISC_CLSACT)
			return &qos->qdiscs[i];
	return NULL;
}

bool xn_qos_on_device(const struct xn_filter *filter)
{
	return filter->parent == XN_QOS_INGRESS || filter->parent == XN_QOS_EGRESS;
}

/* Has the qdisc such a class, in which a packet may be? */
static bool has_class(const struct check *check, const struct xn_qdisc *q, uint32_t id)
{
	if (MAJOR(id) != q->handle)
		return false;
	if (q->kind == XN_QDISC_HTB)
		return xn_qos_class(check->qos, id);
	if (q->kind == XN_QDISC_PRIO)
		return MINOR(id) >= 1 && MINOR(id) <= q->prio.bands;
	return q->kind == XN_QDISC_TBF && MINOR(id) == 1;
}

/* --- qdiscs --- */

static const char *check_rate(const struct xn_qos_rate *rate)
{
	if (!rate->rate)
		return "a rate of 0";
	if (rate->overhead > OVERHEAD_MAX || rate->mpu > PACKET_MAX)
		return "an overhead above 256 or an mpu above 2048 bytes is not carried";
	return NULL;
}

static const char *check_prio(const struct xn_qos_prio *prio)
{
	if (prio->bands < 2 || prio->bands > XN_BANDS_MAX)
		return "bands are 2 to 16";
	for (size_t i = 0; i < sizeof(prio->map); i++)
		if (prio->map[i] >= prio->bands)
			return "its priomap names a band that it does not have";
	return NULL;
}

static const char *check_tbf(const struct xn_qos_tbf *tbf)
{
	const char *why = check_rate(&tbf->rate);

	return why ? why : tbf->buffer && tbf->limit ? NULL : "a burst or limit of 0";
}

static const char *check_cake(const struct xn_qos_cake *cake)
{
	if (cake->diffserv >= CAKE_DIFFSERVS || cake->flows >= CAKE_FLOWS || cake->atm > 2 ||
	    cake->ack_filter > 2)
		return "a mode that is not known";
	if (cake->raw > 1 || cake->wash > 1 || cake->ingress > 1 || cake->split_gso > 1)
		return "a switch that is neither on nor off";
	if (cake->overhead < -64 || cake->overhead > OVERHEAD_MAX || cake->mpu > OVERHEAD_MAX)
		return "overhead is -64 to 256, mpu 0 to 256";
	return cake->rtt ? NULL : "an rtt of 0";
}

static const char *check_parameters(const struct xn_qdisc *q)
{
	switch ((enum xn_qdisc_kind)q->kind) {
	case XN_QDISC_OTHER:
		return "is not carried: htb, prio, tbf, fq_codel, cake, pfifo, bfifo are";
	case XN_QDISC_HTB:
		return q->default_class <= 0xffff ? NULL : "its default is no class";
	case XN_QDISC_PRIO:
		return check_prio(&q->prio);
	case XN_QDISC_TBF:
		return check_tbf(&q->tbf);
	case XN_QDISC_FQ_CODEL:
		return q->fq_codel.flows && q->fq_codel.limit ? NULL : "a limit or flows of 0";
	case XN_QDISC_CAKE:
		return check_cake(&q->cake);
	default:
		return NULL;
	}
}

static const char *check_parent(const struct check *check, const struct xn_qdisc *q)
{
	const struct xn_qdisc *parent;
	const struct xn_class *class;

	if (q->parent == XN_QOS_ROOT)
		return NULL;
	parent = xn_qos_qdisc(check->qos, q->parent);
	if (!parent || !has_class(check, parent, q->parent))
		return "is below a class that there is not";
	class = xn_qos_class(check->qos, q->parent);
	if (class && xn_qos_is_inner(check->qos, class))
		return "is below a class that has classes below it";
	return NULL;
}

/* From each qdisc the way up ends at the root: there are no loops, and no islands. */
static const char *check_depth(const struct check *check, const struct xn_qdisc *q)
{
	size_t depth = 1;

	for (; q && q->parent != XN_QOS_ROOT; q = xn_qos_qdisc(check->qos, q->parent))
		if (++depth > XN_QOS_DEPTH)
			return "more than 4 qdiscs are one in another";
	return NULL;
}

static bool is_twin(const struct xn_qdisc *a, const struct xn_qdisc *b)
{
	return (a->kind == XN_QDISC_CLSACT) == (b->kind == XN_QDISC_CLSACT) &&
	       (a->kind == XN_QDISC_CLSACT || a->handle == b->handle || a->parent == b->parent);
}

static const char *judge_qdisc(const struct check *check, const struct xn_qdisc *q)
{
	const char *why = check_parameters(q);

	if (why || q->kind == XN_QDISC_CLSACT)
		return why;
	if (!MAJOR(q->handle) || MINOR(q->handle) || MAJOR(q->handle) == MAJOR(XN_QOS_ROOT))
		return "its handle is none";
	why = check_parent(check, q);
	return why ? why : check_depth(check, q);
}

static bool check_qdiscs(const struct check *check)
{
	const struct xn_qos *qos = check->qos;
	size_t cakes = 0;
	char where[80];

	for (size_t i = 0; i < qos->n_qdiscs; i++) {
		const struct xn_qdisc *q = &qos->qdiscs[i];
		const char *why = NULL;

		snprintf(where, sizeof(where), "qdisc %x%s%s", q->handle >> 16,
			 q->kind == XN_QDISC_OTHER ? " " : "",
			 q->kind == XN_QDISC_OTHER ? q->name : "");
		for (size_t j = 0; j < i && !why; j++)
			if (is_twin(q, &qos->qdiscs[j]))
				why = "is there twice, or two are in one place";
		cakes += q->kind == XN_QDISC_CAKE;
		if (!why && cakes > XN_QOS_CAKES)
			why = "more than 4 cake are not carried";
		if (!why)
			why = judge_qdisc(check, q);
		if (why)
			return fail(check, where, why);
	}
	return true;
}

/* --- classes --- */

static const char *check_above(const struct check *check, const struct xn_class *class)
{
	size_t depth = 1;

	while (MINOR(class->parent)) {
		if (MAJOR(class->parent) != MAJOR(class->id))
			return "its parent is of another qdisc";
		class = xn_qos_class(check->qos, class->parent);
		if (!class)
			return "its parent is not there";
		if (++depth > XN_QOS_DEPTH)
			return "more than 4 classes are one in another";
	}
	return MAJOR(class->parent) == MAJOR(class->id) ? NULL : "its parent is of another qdisc";
}

static const char *judge_class(const struct check *check, const struct xn_class *class)
{
	const struct xn_qdisc *q = xn_qos_qdisc(check->qos, class->id);
	const char *why;

	if (!q || q->kind != XN_QDISC_HTB || !MINOR(class->id))
		return "it is of no HTB";
	why = check_rate(&class->rate);
	if (!why)
		why = check_rate(&class->ceil);
	if (!why && class->prio > 7)
		why = "prio is 0 to 7";
	return why ? why : check_above(check, class);
}

static bool check_classes(const struct check *check)
{
	const struct xn_qos *qos = check->qos;
	char where[32];

	for (size_t i = 0; i < qos->n_classes; i++) {
		const struct xn_class *class = &qos->classes[i];
		const char *why = NULL;

		for (size_t j = 0; j < i; j++)
			if (class->id == qos->classes[j].id)
				why = "is there twice";
		if (!why)
			why = judge_class(check, class);
		snprintf(where, sizeof(where), "class %x:%x", class->id >> 16, MINOR(class->id));
		if (why)
			return fail(check, where, why);
	}
	return true;
}

/* --- what filters match --- */

static bool has_host_bits(const struct xn_address *address, uint8_t length)
{
	for (size_t bit = length; bit < 8 * sizeof(address->bytes); bit++)
		if (address->bytes[bit / 8] & 0x80 >> bit % 8)
			return true;
	return false;
}

static const char *check_address(const struct xn_filter *f, const struct xn_address *address,
				 uint8_t length)
{
	if (!address->family)
		return NULL;
	if (address->family != (f->protocol == ETH_P_IP ? AF_INET : AF_INET6))
		return "an address of another protocol";
	return has_host_bits(address, length) ? "bits of an address behind its length" : NULL;
}

static bool has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static const char *check_flower(const struct xn_filter *f)
{
	const struct xn_flower *flower = &f->flower;
	const struct xn_flower none = { 0 };
	uint8_t protocol = flower->has_protocol ? flower->protocol : 0;
	const char *why;

	if (f->protocol == ETH_P_ALL)
		return memcmp(flower, &none, sizeof(none)) ? "fields of no protocol" : NULL;
	if ((flower->sport_mask || flower->dport_mask) && !has_ports(protocol))
		return "ports of a protocol without";
	if (flower->tcp_flags_mask && protocol != IPPROTO_TCP)
		return "TCP's flags of another protocol";
	if ((flower->icmp_type_mask || flower->icmp_code_mask) &&
	    protocol != (f->protocol == ETH_P_IP ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return "ICMP's fields of another protocol";
	why = check_address(f, &flower->src, flower->src_length);
	return why ? why : check_address(f, &flower->dst, flower->dst_length);
}

static const char *check_u32(const struct xn_u32 *u32)
{
	for (size_t i = 0; i < u32->n; i++)
		if (u32->keys[i].offset % 4 || u32->keys[i].offset > OFFSET_MAX)
			return "u32 looks at the first 128 bytes from the IP header on, four by "
			       "four";
	return NULL;
}

static const char *check_match(const struct check *check, const struct xn_filter *f)
{
	switch ((enum xn_filter_kind)f->kind) {
	case XN_FILTER_OTHER:
		return "is not carried: flower, u32, fw, matchall are, with actions police, drop, "
		       "pass";
	case XN_FILTER_FLOWER:
		return check_flower(f);
	case XN_FILTER_U32:
		return check_u32(&f->u32);
	case XN_FILTER_FW:
		if (!f->fw.mark || !f->fw.mask)
			return "fw without a mark";
		return f->fw.mark & check->mark_mask ? "its mark is one of Dom0's" : NULL;
	default:
		return NULL;
	}
}

/* --- what they do --- */

static bool is_verdict(int32_t verdict)
{
	return verdict == TC_ACT_UNSPEC || verdict == TC_ACT_OK || verdict == TC_ACT_SHOT ||
	       verdict == TC_ACT_PIPE;
}

static const char *check_police(const struct xn_action *action)
{
	const char *why = check_rate(&action->police.rate);

	if (why)
		return why;
	if (!is_verdict(action->police.conform) ||
	    (!is_verdict(action->verdict) && action->verdict != TC_ACT_RECLASSIFY))
		return "police does ok, drop, pipe or continue";
	return NULL;
}

static const char *check_skbedit(const struct check *check, const struct xn_filter *f,
				 const struct xn_action *action)
{
	const struct xn_skbedit *edit = &action->skbedit;
	const struct xn_qdisc *q = xn_qos_qdisc(check->qos, edit->priority);

	if (xn_qos_on_device(f))
		return "skbedit at ingress or egress of the device is not carried";
	if (!is_verdict(action->verdict))
		return "skbedit does pass, pipe or continue";
	if (edit->has_priority && (!q || !has_class(check, q, edit->priority)))
		return "skbedit to a priority that is no class of this interface";
	if (edit->has_mark && edit->mark & check->mark_mask)
		return "skbedit to a mark that is one of Dom0's";
	return NULL;
}

static const char *check_action(const struct check *check, const struct xn_filter *f,
				const struct xn_action *action)
{
	switch ((enum xn_action_kind)action->kind) {
	case XN_ACTION_GACT:
		return is_verdict(action->verdict) ? NULL
						   : "gact does pass, drop, pipe or continue";
	case XN_ACTION_POLICE:
		return check_police(action);
	case XN_ACTION_SKBEDIT:
		return check_skbedit(check, f, action);
	default:
		return "is not carried: police, gact (drop, pass), skbedit are";
	}
}

/* --- where they lead --- */

static bool is_above(const struct check *check, uint32_t above, uint32_t id)
{
	const struct xn_class *class = xn_qos_class(check->qos, id);

	while (class && class->parent != above)
		class = xn_qos_class(check->qos, class->parent);
	return class;
}

static const char *check_class_of(const struct check *check, const struct xn_filter *f)
{
	const struct xn_qdisc *q = xn_qos_qdisc(check->qos, f->parent);

	if (xn_qos_on_device(f))
		return NULL;
	if (!q || (q->kind != XN_QDISC_HTB && q->kind != XN_QDISC_PRIO))
		return "only HTB and PRIO have filters";
	if (MINOR(f->parent) && (q->kind != XN_QDISC_HTB || !xn_qos_class(check->qos, f->parent)))
		return "its parent is not there";
	if (f->class && f->class != q->handle && !has_class(check, q, f->class))
		return "its class is not there";
	/* down only: so there are no loops */
	if (MINOR(f->parent) && !is_above(check, f->parent, f->class))
		return "its class is not below the one it is at";
	return NULL;
}

static const char *judge_filter(const struct check *check, const struct xn_filter *f)
{
	const char *why = NULL;
	size_t polices = 0;

	if (f->protocol != ETH_P_ALL && f->protocol != ETH_P_IP && f->protocol != ETH_P_IPV6 &&
	    f->protocol != ETH_P_ARP)
		why = "protocols are all, ip, ipv6, arp";
	if (!why)
		why = check_match(check, f);
	for (size_t i = 0; i < f->n_actions && !why; i++) {
		polices += f->actions[i].kind == XN_ACTION_POLICE;
		why = polices > 1 ? "one police a filter is carried"
				  : check_action(check, f, &f->actions[i]);
	}
	return why ? why : check_class_of(check, f);
}

/* What the kernel does not take at one prio of one parent. */
static const char *check_mates(const struct xn_qos *qos, size_t n)
{
	const struct xn_filter *f = &qos->filters[n];

	for (size_t i = 0; i < n; i++) {
		const struct xn_filter *other = &qos->filters[i];

		if (other->parent != f->parent || other->prio != f->prio)
			continue;
		if (other->kind != f->kind || other->protocol != f->protocol)
			return "another kind or protocol has its prio";
		if (f->kind == XN_FILTER_MATCHALL)
			return "is there twice";
		if (f->kind == XN_FILTER_FW && other->fw.mask != f->fw.mask)
			return "another fw of its prio has another mask";
	}
	return NULL;
}

static const char *name_of(const struct xn_filter *f)
{
	static const char *const names[] = {
		[XN_FILTER_FLOWER] = "flower",
		[XN_FILTER_U32] = "u32",
		[XN_FILTER_FW] = "fw",
		[XN_FILTER_MATCHALL] = "matchall",
	};

	for (size_t i = 0; i < f->n_actions && f->kind != XN_FILTER_OTHER; i++)
		if (f->actions[i].kind == XN_ACTION_OTHER)
			return f->actions[i].name;
	return f->kind == XN_FILTER_OTHER ? f->name : names[f->kind];
}

static void place_of(const struct xn_filter *f, char *text, size_t size)
{
	const char *place = f->parent == XN_QOS_INGRESS ? "ingress" : "egress";

	if (xn_qos_on_device(f))
		snprintf(text, size, "filter %s pref %u %s", place, f->prio, name_of(f));
	else
		snprintf(text, size, "filter parent %x:%x pref %u %s", f->parent >> 16,
			 MINOR(f->parent), f->prio, name_of(f));
}

/* --- what a packet may cost --- */

static bool same_fields(const struct xn_filter *a, const struct xn_filter *b)
{
	const struct xn_flower *f = &a->flower, *g = &b->flower;

	return a->parent == b->parent && a->prio == b->prio && f->has_protocol == g->has_protocol &&
	       f->tos_mask == g->tos_mask && f->ttl_mask == g->ttl_mask &&
	       f->icmp_type_mask == g->icmp_type_mask && f->icmp_code_mask == g->icmp_code_mask &&
	       f->tcp_flags_mask == g->tcp_flags_mask && f->sport_mask == g->sport_mask &&
	       f->dport_mask == g->dport_mask && f->src_length == g->src_length &&
	       f->dst_length == g->dst_length;
}

static bool is_new_lookup(const struct xn_qos *qos, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (qos->filters[i].kind == XN_FILTER_FLOWER &&
		    same_fields(&qos->filters[i], &qos->filters[n]))
			return false;
	return true;
}

static bool check_costs(const struct check *check)
{
	const struct xn_qos *qos = check->qos;
	size_t steps = 0, flowers = 0;

	for (size_t i = 0; i < qos->n_filters; i++) {
		steps += 1;
		if (qos->filters[i].kind == XN_FILTER_U32)
			steps += qos->filters[i].u32.n;
		else if (qos->filters[i].kind == XN_FILTER_FLOWER)
			flowers += is_new_lookup(qos, i);
	}
	if (flowers > XN_QOS_FLOWERS)
		return fail(
			check, "filters",
			"flower filters with more than 8 different sets of fields cost too much: "
			"give those with the same fields the same pref");
	if (steps > XN_QOS_STEPS_MAX)
		return fail(check, "filters",
			    "more than 192 filters and keys of u32 cost too much");
	return true;
}

static bool check_filters(const struct check *check)
{
	const struct xn_qos *qos = check->qos;
	char where[96];

	for (size_t i = 0; i < qos->n_filters; i++) {
		const char *why = judge_filter(check, &qos->filters[i]);

		if (!why)
			why = check_mates(qos, i);
		if (!why)
			continue;
		place_of(&qos->filters[i], where, sizeof(where));
		return fail(check, where, why);
	}
	return check_costs(check);
}

int xn_operator_check(const struct xn_qos *qos, uint32_t mark_mask, struct xn_err *err)
{
	const struct check check = { qos, mark_mask, err };

	if (qos->n_qdiscs > XN_QDISCS_MAX || qos->n_classes > XN_CLASSES_MAX ||
	    qos->n_filters > XN_FILTERS_MAX) {
		xn_err_set(err, "at most %d qdiscs, %d classes and %d filters are carried",
			   XN_QDISCS_MAX, XN_CLASSES_MAX, XN_FILTERS_MAX);
		return -EINVAL;
	}
	return check_qdiscs(&check) && check_classes(&check) && check_filters(&check) ? 0 : -EINVAL;
}
