// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing and reading are one walk over the fields, in one of two directions: so neither can forget one, or
 * take them in another order.
 */
#include <sys/socket.h>

#include "channel/cursor.h"
#include "channel/qos.h"

#define SHORT "ends too early"

struct walk {
	struct xn_writer *w; /* NULL: reading */
	struct xn_reader *r;
	const char *why; /* what is wrong, while reading */
};

static void fail(struct walk *walk, const char *why)
{
	if (!walk->why)
		walk->why = why;
}

#define FIELD(walk, field)                                                  \
	do {                                                                \
		if ((walk)->w)                                              \
			xn_put_number((walk)->w, (field), sizeof(field));   \
		else                                                        \
			(field) = xn_take_number((walk)->r, sizeof(field)); \
	} while (0)

/* A number below @limit. */
#define BELOW(walk, field, limit, what)           \
	do {                                      \
		FIELD(walk, field);               \
		if ((uint64_t)(field) >= (limit)) \
			fail(walk, what);         \
	} while (0)

static void word(struct walk *walk, char text[XN_QOS_WORD])
{
	uint8_t n = walk->w ? strnlen(text, XN_QOS_WORD - 1) : 0;
	const uint8_t *bytes;

	FIELD(walk, n);
	if (walk->w) {
		xn_put(walk->w, text, n);
		return;
	}
	bytes = xn_take(walk->r, n);
	if (!bytes || !n || n >= XN_QOS_WORD) {
		fail(walk, "has a name that is empty or too long");
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (bytes[i] < ' ' || bytes[i] >= 0x7f)
			fail(walk, "has a name that is not plain");
	memcpy(text, bytes, n);
	text[n] = '\0';
}

static void rate(struct walk *walk, struct xn_qos_rate *r)
{
	FIELD(walk, r->rate);
	FIELD(walk, r->overhead);
	FIELD(walk, r->mpu);
	BELOW(walk, r->atm, 2, "has a rate that is neither of packets nor of cells");
}

/* --- qdiscs and classes --- */

static void prio(struct walk *walk, struct xn_qos_prio *p)
{
	BELOW(walk, p->bands, XN_BANDS_MAX + 1, "has a PRIO of too many bands");
	for (size_t i = 0; i < sizeof(p->map); i++)
		FIELD(walk, p->map[i]);
}

static void tbf(struct walk *walk, struct xn_qos_tbf *t)
{
	rate(walk, &t->rate);
	FIELD(walk, t->buffer);
	FIELD(walk, t->limit);
}

static void fq_codel(struct walk *walk, struct xn_qos_fq_codel *f)
{
	FIELD(walk, f->target);
	FIELD(walk, f->interval);
	FIELD(walk, f->ce_threshold);
	FIELD(walk, f->limit);
	FIELD(walk, f->memory);
	FIELD(walk, f->flows);
	FIELD(walk, f->quantum);
	BELOW(walk, f->ecn, 2, "has a switch that is neither on nor off");
}

static void cake(struct walk *walk, struct xn_qos_cake *c)
{
	uint8_t *const numbers[] = { &c->diffserv, &c->atm,	&c->flows,	&c->raw,
				     &c->wash,	   &c->ingress, &c->ack_filter, &c->split_gso };

	FIELD(walk, c->rate);
	FIELD(walk, c->rtt);
	FIELD(walk, c->target);
	FIELD(walk, c->memory);
	FIELD(walk, c->mpu);
	FIELD(walk, c->overhead);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		FIELD(walk, *numbers[i]);
}

static void qdisc(struct walk *walk, struct xn_qdisc *q)
{
	BELOW(walk, q->kind, XN_QDISC_KINDS, "has a qdisc of no known kind");
	FIELD(walk, q->handle);
	FIELD(walk, q->parent);
	if (walk->why)
		return;
	switch ((enum xn_qdisc_kind)q->kind) {
	case XN_QDISC_OTHER:
		word(walk, q->name);
		break;
	case XN_QDISC_HTB:
		FIELD(walk, q->default_class);
		break;
	case XN_QDISC_PRIO:
		prio(walk, &q->prio);
		break;
	case XN_QDISC_TBF:
		tbf(walk, &q->tbf);
		break;
	case XN_QDISC_FQ_CODEL:
		fq_codel(walk, &q->fq_codel);
		break;
	case XN_QDISC_CAKE:
		cake(walk, &q->cake);
		break;
	case XN_QDISC_PFIFO:
	case XN_QDISC_BFIFO:
		FIELD(walk, q->limit);
		break;
	case XN_QDISC_CLSACT:
	case XN_QDISC_KINDS:
		break;
	}
}

static void class(struct walk *walk, struct xn_class *c)
{
	FIELD(walk, c->id);
	FIELD(walk, c->parent);
	rate(walk, &c->rate);
	rate(walk, &c->ceil);
	FIELD(walk, c->buffer);
	FIELD(walk, c->cbuffer);
	FIELD(walk, c->quantum);
	FIELD(walk, c->prio);
}

/* --- filters --- */

static void address(struct walk *walk, struct xn_address *a, uint8_t *length)
{
	uint8_t family = a->family == AF_INET ? 4 : a->family ? 6 : 0;
	size_t n;

	FIELD(walk, family);
	if (family != 0 && family != 4 && family != 6)
		fail(walk, "has an address of no known family");
	n = family == 4 ? 4 : family == 6 ? 16 : 0;
	if (walk->r)
		a->family = n == 4 ? AF_INET : n ? AF_INET6 : 0;
	for (size_t i = 0; i < n; i++)
		FIELD(walk, a->bytes[i]);
	FIELD(walk, *length);
	if (*length > 8 * n)
		fail(walk, "has a prefix longer than its address");
}

static void flower(struct walk *walk, struct xn_flower *f)
{
	uint8_t *const bytes[] = { &f->protocol,       &f->tos,
				   &f->tos_mask,       &f->ttl,
				   &f->ttl_mask,       &f->icmp_type,
				   &f->icmp_type_mask, &f->icmp_code,
				   &f->icmp_code_mask };
	uint16_t *const words[] = { &f->tcp_flags,  &f->tcp_flags_mask, &f->sport,
				    &f->sport_mask, &f->dport,		&f->dport_mask };

	BELOW(walk, f->has_protocol, 2, "has a switch that is neither on nor off");
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
		FIELD(walk, *bytes[i]);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		FIELD(walk, *words[i]);
	address(walk, &f->src, &f->src_length);
	address(walk, &f->dst, &f->dst_length);
}

static void u32(struct walk *walk, struct xn_u32 *u)
{
	BELOW(walk, u->n, XN_FILTER_KEYS_MAX + 1, "has a u32 filter with too many keys");
	for (size_t i = 0; i < u->n && !walk->why; i++) {
		FIELD(walk, u->keys[i].offset);
		FIELD(walk, u->keys[i].value);
		FIELD(walk, u->keys[i].mask);
	}
}

static void police(struct walk *walk, struct xn_police *p)
{
	rate(walk, &p->rate);
	FIELD(walk, p->burst);
	FIELD(walk, p->mtu);
	FIELD(walk, p->conform);
}

static void skbedit(struct walk *walk, struct xn_skbedit *e)
{
	BELOW(walk, e->has_priority, 2, "has a switch that is neither on nor off");
	BELOW(walk, e->has_mark, 2, "has a switch that is neither on nor off");
	FIELD(walk, e->priority);
	FIELD(walk, e->mark);
}

static void action(struct walk *walk, struct xn_action *a)
{
	BELOW(walk, a->kind, XN_ACTION_KINDS, "has an action of no known kind");
	FIELD(walk, a->verdict);
	if (walk->why)
		return;
	switch ((enum xn_action_kind)a->kind) {
	case XN_ACTION_OTHER:
		word(walk, a->name);
		break;
	case XN_ACTION_POLICE:
		police(walk, &a->police);
		break;
	case XN_ACTION_SKBEDIT:
		skbedit(walk, &a->skbedit);
		break;
	case XN_ACTION_GACT:
	case XN_ACTION_KINDS:
		break;
	}
}

static void filter(struct walk *walk, struct xn_filter *f)
{
	BELOW(walk, f->kind, XN_FILTER_KINDS, "has a filter of no known kind");
	FIELD(walk, f->parent);
	FIELD(walk, f->prio);
	FIELD(walk, f->protocol);
	FIELD(walk, f->class);
	BELOW(walk, f->n_actions, XN_ACTIONS_MAX + 1, "has a filter with too many actions");
	for (size_t i = 0; i < f->n_actions && !walk->why; i++)
		action(walk, &f->actions[i]);
	if (walk->why)
		return;
	switch ((enum xn_filter_kind)f->kind) {
	case XN_FILTER_OTHER:
		word(walk, f->name);
		break;
	case XN_FILTER_FLOWER:
		flower(walk, &f->flower);
		break;
	case XN_FILTER_U32:
		u32(walk, &f->u32);
		break;
	case XN_FILTER_FW:
		FIELD(walk, f->fw.mark);
		FIELD(walk, f->fw.mask);
		break;
	case XN_FILTER_MATCHALL:
	case XN_FILTER_KINDS:
		break;
	}
}

/* --- the whole --- */

static size_t count(struct walk *walk, size_t *n, size_t most, const char *why)
{
	uint8_t number = *n;

	FIELD(walk, number);
	if (number > most)
		fail(walk, why);
	if (walk->r)
		*n = number > most ? 0 : number;
	return *n;
}

static void all(struct walk *walk, struct xn_qos *qos)
{
	size_t n;

	FIELD(walk, qos->interface);
	n = count(walk, &qos->n_qdiscs, XN_QDISCS_MAX, "has too many qdiscs");
	for (size_t i = 0; i < n && !walk->why; i++)
		qdisc(walk, &qos->qdiscs[i]);
	n = count(walk, &qos->n_classes, XN_CLASSES_MAX, "has too many classes");
	for (size_t i = 0; i < n && !walk->why; i++)
		class(walk, &qos->classes[i]);
	n = count(walk, &qos->n_filters, XN_FILTERS_MAX, "has too many filters");
	for (size_t i = 0; i < n && !walk->why; i++)
		filter(walk, &qos->filters[i]);
}

void xn_encode_qos(struct xn_writer *w, uint32_t serial, const struct xn_qos *qos)
{
	struct walk walk = { .w = w };

	xn_put_number(w, serial, 4);
	all(&walk, (struct xn_qos *)qos); /* writing changes nothing */
}

const char *xn_decode_qos(struct xn_reader *r, uint32_t *serial, struct xn_qos *qos)
{
	struct walk walk = { .r = r };

	*serial = xn_take_number(r, 4);
	memset(qos, 0, sizeof(*qos));
	all(&walk, qos);
	if (r->bad)
		return SHORT;
	if (!walk.why && !qos->interface)
		fail(&walk, "names no interface");
	if (!walk.why && r->at != r->end)
		fail(&walk, "has bytes left over");
	return walk.why;
}
