// SPDX-License-Identifier: GPL-2.0-or-later
/* An operator's configuration to begin with, and random ones. */
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "qos_sample.h"

static void add_qdisc(struct xn_qos *qos, struct xn_qdisc q)
{
	qos->qdiscs[qos->n_qdiscs++] = q;
}

static void add_class(struct xn_qos *qos, uint32_t id, uint32_t parent, uint64_t rate,
		      uint32_t prio)
{
	qos->classes[qos->n_classes++] = (struct xn_class){
		.id = id,
		.parent = parent,
		.rate = { .rate = rate },
		.ceil = { .rate = 12500000 },
		.buffer = 2000,
		.cbuffer = 2000,
		.quantum = 1514,
		.prio = prio,
	};
}

void sample_qos(struct xn_qos *qos)
{
	memset(qos, 0, sizeof(*qos));
	qos->interface = 3;
	add_qdisc(qos, (struct xn_qdisc){ .kind = XN_QDISC_HTB,
					  .handle = 0x10000,
					  .parent = XN_QOS_ROOT,
					  .default_class = 0x20 });
	add_qdisc(qos, (struct xn_qdisc){ .kind = XN_QDISC_FQ_CODEL,
					  .handle = 0x100000,
					  .parent = 0x10010,
					  .fq_codel = { .target = 5000,
							.interval = 100000,
							.limit = 10240,
							.memory = 32 << 20,
							.flows = 1024,
							.quantum = 1514,
							.ecn = 1 } });
	add_qdisc(qos, (struct xn_qdisc){
			       .kind = XN_QDISC_PRIO,
			       .handle = 0x200000,
			       .parent = 0x10020,
			       .prio = { 3, { 1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 } } });
	add_qdisc(qos, (struct xn_qdisc){ .kind = XN_QDISC_CLSACT,
					  .handle = 0xffff0000,
					  .parent = 0xfffffff1 });
	add_class(qos, 0x10001, 0x10000, 12500000, 0);
	add_class(qos, 0x10010, 0x10001, 1250000, 0);
	add_class(qos, 0x10020, 0x10001, 2500000, 1);
	qos->filters[0] = (struct xn_filter){
		.kind = XN_FILTER_FLOWER,
		.parent = 0x10000,
		.prio = 10,
		.protocol = ETH_P_IP,
		.class = 0x10010,
		.flower = { .has_protocol = 1,
			    .protocol = IPPROTO_UDP,
			    .dport = 5000,
			    .dport_mask = 0xffff,
			    .dst = { AF_INET, { 10, 1 } },
			    .dst_length = 16 },
	};
	qos->filters[1] = (struct xn_filter){
		.kind = XN_FILTER_U32,
		.parent = 0x10000,
		.prio = 20,
		.protocol = ETH_P_IP,
		.class = 0x10020,
		.u32 = { 1, { { 16, 0x0a020000, 0xffff0000 } } },
	};
	qos->filters[2] = (struct xn_filter){
		.kind = XN_FILTER_FW,
		.parent = 0x200000,
		.prio = 1,
		.protocol = ETH_P_IP,
		.class = 0x200001,
		.fw = { 7, 0xffffffff },
	};
	qos->filters[3] = (struct xn_filter){
		.kind = XN_FILTER_MATCHALL,
		.parent = XN_QOS_INGRESS,
		.prio = 1,
		.protocol = ETH_P_ALL,
		.n_actions = 1,
		.actions = { { XN_ACTION_POLICE, TC_ACT_RECLASSIFY,
			       .police = { .rate = { .rate = 1250000 },
					   .burst = 100000,
					   .mtu = 2040 } } },
	};
	qos->n_filters = 4;
}

/* --- random --- */

static uint32_t any(void)
{
	uint32_t number = (uint32_t)random() << 8 ^ (uint32_t)random();

	switch (random() % 4) {
	case 0:
		return number % 4;
	case 1:
		return (number % 3) << 16 | (number >> 8) % 4;
	case 2:
		return XN_QOS_INGRESS + number % 14;
	default:
		return number;
	}
}

static struct xn_qos_rate any_rate(void)
{
	return (struct xn_qos_rate){ (uint64_t)any() * any(), any(), any(), any() % 2 };
}

static void any_qdisc(struct xn_qdisc *q)
{
	q->kind = any() % XN_QDISC_KINDS;
	q->handle = any() << 16;
	q->parent = any();
	switch ((enum xn_qdisc_kind)q->kind) {
	case XN_QDISC_OTHER:
		strcpy(q->name, "netem");
		break;
	case XN_QDISC_HTB:
		q->default_class = any();
		break;
	case XN_QDISC_PRIO:
		q->prio.bands = any() % (XN_BANDS_MAX + 1);
		for (size_t i = 0; i < 16; i++)
			q->prio.map[i] = any();
		break;
	case XN_QDISC_TBF:
		q->tbf = (struct xn_qos_tbf){ any_rate(), any(), any() };
		break;
	case XN_QDISC_FQ_CODEL:
		q->fq_codel = (struct xn_qos_fq_codel){ any(), any(), any(), any(),
							any(), any(), any(), any() % 2 };
		break;
	case XN_QDISC_CAKE:
		q->cake = (struct xn_qos_cake){ any(),	   any(),     any(),	 any(),
						any(),	   any(),     any() % 6, any() % 4,
						any() % 9, any() % 3, any() % 3, any() % 3,
						any() % 4, any() % 3 };
		break;
	case XN_QDISC_PFIFO:
	case XN_QDISC_BFIFO:
		q->limit = any();
		break;
	default:
		break;
	}
}

static void any_class(struct xn_class *c)
{
	*c = (struct xn_class){ any(), any(), any_rate(), any_rate(), any(), any(), any(), any() };
}

static void any_action(struct xn_action *a)
{
	a->kind = any() % XN_ACTION_KINDS;
	a->verdict = any() % 8 - 1;
	if (a->kind == XN_ACTION_OTHER)
		strcpy(a->name, "mirred");
	else if (a->kind == XN_ACTION_POLICE)
		a->police = (struct xn_police){ any_rate(), any(), any(), any() % 5 };
	else if (a->kind == XN_ACTION_SKBEDIT)
		a->skbedit = (struct xn_skbedit){ any() % 2, any() % 2, any(), any() };
}

static void any_address(struct xn_address *a, uint8_t *length)
{
	a->family = any() % 2 ? AF_INET : AF_INET6;
	a->bytes[0] = any();
	a->bytes[1] = any();
	*length = any() % 33;
}

static void any_filter(struct xn_filter *f)
{
	f->kind = any() % XN_FILTER_KINDS;
	f->parent = any();
	f->prio = any();
	f->protocol = any() % 2 ? ETH_P_IP : any() % 2 ? ETH_P_ALL : any();
	f->class = any();
	f->n_actions = any() % (XN_ACTIONS_MAX + 1);
	for (size_t i = 0; i < f->n_actions; i++)
		any_action(&f->actions[i]);
	if (f->kind == XN_FILTER_OTHER) {
		strcpy(f->name, "bpf");
	} else if (f->kind == XN_FILTER_FLOWER) {
		f->flower.protocol = any();
		f->flower.has_protocol = any() % 2;
		f->flower.dport = any();
		f->flower.dport_mask = any();
		any_address(&f->flower.src, &f->flower.src_length);
		any_address(&f->flower.dst, &f->flower.dst_length);
	} else if (f->kind == XN_FILTER_U32) {
		f->u32.n = any() % (XN_FILTER_KEYS_MAX + 1);
		for (size_t i = 0; i < f->u32.n; i++)
			f->u32.keys[i] = (struct xn_u32_key){ any(), any(), any() };
	} else if (f->kind == XN_FILTER_FW) {
		f->fw = (struct xn_fw){ any(), any() };
	}
}

void random_qos(struct xn_qos *qos, unsigned int seed)
{
	srandom(seed);
	memset(qos, 0, sizeof(*qos));
	qos->interface = 1 + random() % 1000;
	qos->n_qdiscs = random() % (XN_QDISCS_MAX + 1);
	qos->n_classes = random() % (XN_CLASSES_MAX + 1);
	qos->n_filters = random() % (XN_FILTERS_MAX + 1);
	for (size_t i = 0; i < qos->n_qdiscs; i++)
		any_qdisc(&qos->qdiscs[i]);
	for (size_t i = 0; i < qos->n_classes; i++)
		any_class(&qos->classes[i]);
	for (size_t i = 0; i < qos->n_filters; i++)
		any_filter(&qos->filters[i]);
}
