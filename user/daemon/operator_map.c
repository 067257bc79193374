// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * At the link skb->priority is the network's class, not what the packet's TOS made of it in the router, and frames may
 * carry a VLAN's tag. So PRIO's map is written out as filters, and filters see any protocol and look at IP's
 * version themselves.
 */
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/operator_check.h"
#include "daemon/operator_map.h"

#define MAJOR(handle) ((handle)&0xffff0000u)
#define MINOR(handle) ((handle)&0xffffu)

#define PACKETS_MIN  16
#define QUANTUM_MIN  1000 /* beyond these HTB complains to Dom0's log */
#define QUANTUM_MAX  200000
#define BURST_MIN    2048 /* bytes: TBF drops what is bigger, and complains */
#define FLOWS_MAX    1024
#define TARGET_MAX   10000000 /* us */
#define TOS_PRIO     0xfff0   /* behind the operator's own */
#define FRAME	     1514
#define NS_PER_TICK  64
#define NSEC_PER_SEC 1000000000ULL

struct map {
	const struct xn_qos *told;
	const struct xn_operator_place *place;
	struct xn_operator_share share;
	struct xn_qos *out;
};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t most(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* --- handles --- */

static uint32_t major_of(const struct map *map, uint32_t handle)
{
	for (size_t i = 0; i < map->told->n_qdiscs; i++)
		if (map->told->qdiscs[i].handle == MAJOR(handle) &&
		    map->told->qdiscs[i].kind != XN_QDISC_CLSACT)
			return (uint32_t)map->place->majors[i] << 16;
	return 0;
}

static uint32_t id_of(const struct map *map, uint32_t id)
{
	if (id == XN_QOS_ROOT)
		return map->place->parent;
	return id ? major_of(map, id) | MINOR(id) : 0;
}

/* --- how many queues --- */

static size_t queues_of(const struct xn_qos *qos, const struct xn_qdisc *q)
{
	size_t n = 0;

	switch ((enum xn_qdisc_kind)q->kind) {
	case XN_QDISC_HTB: /* what has no class waits, too */
		return 1;
	case XN_QDISC_PRIO:
		for (uint32_t band = 1; band <= q->prio.bands; band++)
			n += !xn_qos_child(qos, q->handle | band);
		return n;
	case XN_QDISC_TBF:
		return !xn_qos_child(qos, q->handle | 1);
	case XN_QDISC_CLSACT:
		return 0;
	default:
		return 1;
	}
}

static struct xn_operator_share share_of(const struct xn_qos *qos)
{
	size_t n = 0;

	for (size_t i = 0; i < qos->n_qdiscs; i++)
		n += queues_of(qos, &qos->qdiscs[i]);
	for (size_t i = 0; i < qos->n_classes; i++)
		n += !xn_qos_is_inner(qos, &qos->classes[i]) &&
		     !xn_qos_child(qos, qos->classes[i].id);
	n = n ? n : 1;
	return (struct xn_operator_share){
		.packets = most(XN_QOS_PACKETS / n, PACKETS_MIN),
		.bytes = most(XN_QOS_BYTES / n, PACKETS_MIN * FRAME),
	};
}

/* --- qdiscs --- */

static void bound_fq_codel(struct xn_qos_fq_codel *f, const struct xn_operator_share *share)
{
	f->limit = least(f->limit, share->packets);
	f->memory = least(f->memory ? f->memory : share->bytes, share->bytes);
	f->flows = least(f->flows, FLOWS_MAX);
	f->quantum = least(most(f->quantum, 256), QUANTUM_MAX);
	f->target = least(most(f->target, 1), TARGET_MAX);
	f->interval = least(most(f->interval, 1), TARGET_MAX);
	f->ce_threshold = least(f->ce_threshold, TARGET_MAX);
}

static void bound_cake(struct xn_qos_cake *cake, const struct xn_operator_share *share)
{
	cake->memory = least(cake->memory ? cake->memory : share->bytes, share->bytes);
	cake->rtt = least(cake->rtt, TARGET_MAX);
	cake->target = least(most(cake->target, 1), TARGET_MAX);
	if (cake->raw)
		cake->overhead = 0;
}

static void bound_tbf(struct xn_qos_tbf *tbf, const struct xn_operator_share *share)
{
	uint64_t ticks = BURST_MIN * NSEC_PER_SEC / NS_PER_TICK / tbf->rate.rate + 1;

	if (tbf->buffer < ticks)
		tbf->buffer = ticks < UINT32_MAX ? ticks : UINT32_MAX;
	tbf->limit = most(least(tbf->limit, share->bytes), FRAME);
}

static void bound(struct xn_qdisc *q, const struct xn_operator_share *share)
{
	switch ((enum xn_qdisc_kind)q->kind) {
	case XN_QDISC_PRIO: /* what no filter names has the priority 0 */
		memset(q->prio.map, q->prio.map[TC_PRIO_BESTEFFORT], sizeof(q->prio.map));
		break;
	case XN_QDISC_TBF:
		bound_tbf(&q->tbf, share);
		break;
	case XN_QDISC_FQ_CODEL:
		bound_fq_codel(&q->fq_codel, share);
		break;
	case XN_QDISC_CAKE:
		bound_cake(&q->cake, share);
		break;
	case XN_QDISC_PFIFO:
		q->limit = least(q->limit, share->packets);
		break;
	case XN_QDISC_BFIFO:
		q->limit = least(q->limit, share->bytes);
		break;
	default:
		break;
	}
}

static size_t depth_of(const struct xn_qos *qos, const struct xn_qdisc *q)
{
	size_t depth = 0;

	for (; q && q->parent != XN_QOS_ROOT; q = xn_qos_qdisc(qos, q->parent))
		depth++;
	return depth;
}

static void map_qdisc(struct map *map, const struct xn_qdisc *told)
{
	struct xn_qdisc *q = &map->out->qdiscs[map->out->n_qdiscs++];

	*q = *told;
	q->handle = major_of(map, told->handle);
	q->parent = id_of(map, told->parent);
	bound(q, &map->share);
}

static void map_qdiscs(struct map *map)
{
	const struct xn_qos *told = map->told;

	for (size_t depth = 0; depth < XN_QOS_DEPTH; depth++)
		for (size_t i = 0; i < told->n_qdiscs; i++)
			if (told->qdiscs[i].kind != XN_QDISC_CLSACT &&
			    depth_of(told, &told->qdiscs[i]) == depth)
				map_qdisc(map, &told->qdiscs[i]);
}

/* --- classes --- */

static size_t class_depth(const struct xn_qos *qos, const struct xn_class *class)
{
	size_t depth = 0;

	for (; class && MINOR(class->parent); class = xn_qos_class(qos, class->parent))
		depth++;
	return depth;
}

static void map_class(struct map *map, const struct xn_class *told)
{
	struct xn_class *class = &map->out->classes[map->out->n_classes++];

	*class = *told;
	class->id = id_of(map, told->id);
	class->parent = id_of(map, told->parent);
	class->quantum = least(most(told->quantum, QUANTUM_MIN), QUANTUM_MAX);
}

static void map_classes(struct map *map)
{
	const struct xn_qos *told = map->told;

	for (size_t depth = 0; depth < XN_QOS_DEPTH; depth++)
		for (size_t i = 0; i < told->n_classes; i++)
			if (class_depth(told, &told->classes[i]) == depth)
				map_class(map, &told->classes[i]);
}

/* --- filters --- */

static void add_key(struct xn_u32 *u32, uint16_t offset, uint32_t value, uint32_t mask)
{
	u32->keys[u32->n++] = (struct xn_u32_key){ offset, value & mask, mask };
}

/* IP's version is in its first four bits. */
static void look_at_version(struct xn_filter *f)
{
	if (f->protocol != ETH_P_ALL)
		add_key(&f->u32, 0, f->protocol == ETH_P_IP ? 4u << 28 : 6u << 28, 0xfu << 28);
	f->protocol = ETH_P_ALL;
}

static void map_action(const struct map *map, struct xn_action *action)
{
	if (action->kind == XN_ACTION_SKBEDIT && action->skbedit.has_priority)
		action->skbedit.priority = id_of(map, action->skbedit.priority);
	/* the kernel would ask all filters 16 times, and then drop */
	if (action->kind == XN_ACTION_POLICE && action->verdict == TC_ACT_RECLASSIFY)
		action->verdict = TC_ACT_SHOT;
}

static void map_match(const struct map *map, struct xn_filter *f)
{
	switch ((enum xn_filter_kind)f->kind) {
	case XN_FILTER_MATCHALL:
		f->kind = XN_FILTER_U32;
		f->u32 = (struct xn_u32){ 0 };
		look_at_version(f);
		break;
	case XN_FILTER_U32:
		look_at_version(f);
		break;
	case XN_FILTER_FW:
		f->fw.mask &= ~map->place->mark_mask;
		f->protocol = ETH_P_ALL; /* only the operator's own filters set marks */
		break;
	default: /* flower has the protocol among its fields */
		break;
	}
}

static void map_filter(struct map *map, const struct xn_filter *told, uint16_t prio)
{
	struct xn_filter *f = &map->out->filters[map->out->n_filters++];

	*f = *told;
	f->prio = prio;
	if (xn_qos_on_device(told)) {
		f->class = 0;
	} else {
		f->parent = id_of(map, told->parent);
		f->class = id_of(map, told->class);
	}
	for (size_t i = 0; i < f->n_actions; i++)
		map_action(map, &f->actions[i]);
	map_match(map, f);
}

/* Dom0 forwards IP only. */
static bool is_meant(const struct xn_filter *f, uint32_t side)
{
	if (f->protocol == ETH_P_ARP)
		return false;
	return side ? f->parent == side : !xn_qos_on_device(f);
}

/* By prio; those of one prio in the order told. */
static void map_filters(struct map *map, uint32_t side)
{
	const struct xn_qos *told = map->told;
	uint32_t after = 0, next;

	for (uint16_t prio = 1; after <= UINT16_MAX; after = next + 1, prio++) {
		next = UINT16_MAX + 1;
		for (size_t i = 0; i < told->n_filters; i++)
			if (is_meant(&told->filters[i], side) && told->filters[i].prio >= after)
				next = least(next, told->filters[i].prio);
		for (size_t i = 0; i < told->n_filters; i++)
			if (is_meant(&told->filters[i], side) && told->filters[i].prio == next)
				map_filter(map, &told->filters[i], prio);
	}
}

/* What TOS makes of a packet's priority where it is forwarded (the kernel's ip_tos2prio). */
static const struct {
	uint8_t tos, priority;
} tos_map[] = {
	{ 0x08, TC_PRIO_BULK },
	{ 0x10, TC_PRIO_INTERACTIVE },
	{ 0x18, TC_PRIO_INTERACTIVE_BULK },
};

static void add_tos_filters(struct map *map, const struct xn_qdisc *told)
{
	const struct xn_qos_prio *prio = &told->prio;
	uint32_t handle = major_of(map, told->handle);

	for (size_t i = 0; i < sizeof(tos_map) / sizeof(tos_map[0]); i++) {
		uint8_t band = prio->map[tos_map[i].priority];
		struct xn_filter *f;

		if (band == prio->map[TC_PRIO_BESTEFFORT] || map->out->n_filters == XN_FILTERS_ROOM)
			continue;
		f = &map->out->filters[map->out->n_filters++];
		*f = (struct xn_filter){
			.kind = XN_FILTER_U32,
			.parent = handle,
			.prio = TOS_PRIO,
			.protocol = ETH_P_IP,
			.class = handle | (band + 1),
		};
		add_key(&f->u32, 0, (uint32_t)tos_map[i].tos << 16, 0x18u << 16);
		look_at_version(f);
	}
}

/* --- the whole --- */

struct xn_operator_share xn_operator_map(const struct xn_qos *told,
					 const struct xn_operator_place *place,
					 struct xn_qos *mapped)
{
	struct map map = { told, place, share_of(told), mapped };

	memset(mapped, 0, sizeof(*mapped));
	mapped->interface = told->interface;
	map_qdiscs(&map);
	map_classes(&map);
	map_filters(&map, 0);
	for (size_t i = 0; i < told->n_qdiscs; i++)
		if (told->qdiscs[i].kind == XN_QDISC_PRIO)
			add_tos_filters(&map, &told->qdiscs[i]);
	return map.share;
}

void xn_operator_map_device(const struct xn_qos *told, uint32_t side, struct xn_qos *mapped)
{
	struct xn_operator_place nowhere = { 0 };
	struct map map = { .told = told, .place = &nowhere, .out = mapped };

	memset(mapped, 0, sizeof(*mapped));
	mapped->interface = told->interface;
	map_filters(&map, side);
}

const struct xn_qdisc *xn_operator_root(const struct xn_qos *told)
{
	return xn_qos_child(told, XN_QOS_ROOT);
}
