// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests in the order in which the kernel can take them: a qdisc, its classes, what is in those, filters. */
#include <errno.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/operator_check.h"
#include "daemon/operator_tree.h"
#include "daemon/tc.h"

#define DRAIN_NS 2000000000ULL /* a queue that is sent by then is sent */

/* Requests to one link, until one fails. */
struct requests {
	struct xn_netreq *netreq;
	uint32_t ifindex;
	struct xn_err *err;
	int rc;
};

static void request(struct requests *r, struct nl_msg *msg, const char *doing)
{
	if (!r->rc)
		r->rc = xn_netreq_do(r->netreq, msg, r->err, doing);
	else
		nlmsg_free(msg);
}

static uint32_t band_class(const struct xn_operator_tree *tree, unsigned int band)
{
	return (uint32_t)tree->switch_major << 16 | (band + 1);
}

/* --- the switch --- */

static struct nl_msg *switch_message(const struct xn_operator_tree *tree, unsigned int band,
				     int flags)
{
	struct xn_qdisc q = {
		.kind = XN_QDISC_PRIO,
		.handle = (uint32_t)tree->switch_major << 16,
		.parent = tree->leaf.parent,
		.prio.bands = 2,
	};

	memset(q.prio.map, band, sizeof(q.prio.map));
	return xn_tc_qdisc(tree->leaf.ifindex, &q, 0, flags);
}

static int need_switch(const struct xn_operator_tools *tools, struct xn_operator_tree *tree,
		       struct xn_err *err)
{
	int rc;

	if (tree->switch_major)
		return 0;
	tree->switch_major =
		xn_majors_found(tools->majors, tree->leaf.ifindex, tree->leaf.parent, &tree->band);
	if (tree->switch_major)
		return 0;
	if (!xn_majors_take(tools->majors, tree->leaf.ifindex, &tree->switch_major, 1)) {
		xn_err_set(err, "link %s has no handle left", tree->link);
		return -ENOSPC;
	}
	tree->band = 0;
	rc = xn_netreq_do(tools->netreq,
			  switch_message(tree, tree->band, NLM_F_CREATE | NLM_F_REPLACE), err,
			  "the place of the operator's qdiscs");
	if (rc)
		xn_operator_forget(tools, tree);
	return rc;
}

/* --- making --- */

/* The kernel's own queues have as much room as the device says, whatever there are. */
static void add_queue(struct requests *r, uint32_t parent, uint32_t packets)
{
	struct xn_qdisc q = { .kind = XN_QDISC_PFIFO, .parent = parent, .limit = packets };

	request(r, xn_tc_qdisc(r->ifindex, &q, 0, NLM_F_CREATE | NLM_F_EXCL), "a queue");
}

static void add_classes(struct requests *r, const struct xn_qos *qos, const struct xn_qdisc *q,
			uint32_t packets)
{
	for (size_t i = 0; i < qos->n_classes; i++)
		if ((qos->classes[i].id & 0xffff0000) == q->handle)
			request(r, xn_tc_class(r->ifindex, &qos->classes[i], NLM_F_CREATE),
				"a class");
	for (size_t i = 0; i < qos->n_classes; i++)
		if ((qos->classes[i].id & 0xffff0000) == q->handle &&
		    !xn_qos_is_inner(qos, &qos->classes[i]) &&
		    !xn_qos_child(qos, qos->classes[i].id))
			add_queue(r, qos->classes[i].id, packets);
}

static void add_bands(struct requests *r, const struct xn_qos *qos, const struct xn_qdisc *q,
		      uint32_t packets)
{
	for (uint32_t band = 1; band <= q->prio.bands; band++)
		if (!xn_qos_child(qos, q->handle | band))
			add_queue(r, q->handle | band, packets);
}

static void build(struct requests *r, const struct xn_qos *qos, uint32_t packets)
{
	for (size_t i = 0; i < qos->n_qdiscs; i++) {
		const struct xn_qdisc *q = &qos->qdiscs[i];

		/* the root may take the place of a tree before */
		request(r,
			xn_tc_qdisc(r->ifindex, q, packets,
				    NLM_F_CREATE | (i ? NLM_F_EXCL : NLM_F_REPLACE)),
			"a qdisc");
		if (q->kind == XN_QDISC_HTB)
			add_classes(r, qos, q, packets);
		else if (q->kind == XN_QDISC_PRIO)
			add_bands(r, qos, q, packets);
	}
	for (size_t i = 0; i < qos->n_filters; i++)
		request(r, xn_tc_filter(r->ifindex, 0, &qos->filters[i], NLM_F_CREATE), "a filter");
}

static void empty_band(const struct xn_operator_tools *tools, struct xn_operator_tree *tree,
		       unsigned int band)
{
	uint16_t *majors = tree->majors[band];

	xn_netreq_do(tools->netreq, xn_tc_remove(tree->leaf.ifindex, band_class(tree, band), 0),
		     NULL, "removing a qdisc");
	xn_majors_give(tools->majors, tree->leaf.ifindex, majors, XN_QDISCS_MAX);
	memset(majors, 0, sizeof(tree->majors[band]));
}

int xn_operator_prepare(const struct xn_operator_tools *tools, struct xn_operator_tree *tree,
			const struct xn_qos *told, struct xn_err *err)
{
	struct requests r = { tools->netreq, tree->leaf.ifindex, err, 0 };
	struct xn_operator_place place = { .mark_mask = tools->mark_mask };
	struct xn_operator_share share;
	unsigned int next;
	struct xn_qos mapped;

	r.rc = need_switch(tools, tree, err);
	if (r.rc)
		return r.rc;
	next = !tree->band;
	empty_band(tools, tree, next);
	tree->drained = 0;
	if (!xn_majors_take(tools->majors, tree->leaf.ifindex, tree->majors[next],
			    told->n_qdiscs)) {
		xn_err_set(err, "link %s has no handles left", tree->link);
		return -ENOSPC;
	}
	place.parent = band_class(tree, next);
	place.majors = tree->majors[next];
	share = xn_operator_map(told, &place, &mapped);
	build(&r, &mapped, share.packets);
	if (r.rc)
		empty_band(tools, tree, next);
	tree->prepared = !r.rc;
	return r.rc;
}

int xn_operator_commit(const struct xn_operator_tools *tools, struct xn_operator_tree *tree,
		       struct xn_err *err)
{
	unsigned int next = !tree->band;
	int rc = xn_netreq_do(tools->netreq, switch_message(tree, next, 0), err,
			      "putting the operator's qdiscs in force");

	if (rc) {
		xn_operator_abort(tools, tree);
		return rc;
	}
	tree->prepared = false;
	tree->band = next;
	tree->drained = xn_now() + DRAIN_NS;
	return 0;
}

void xn_operator_abort(const struct xn_operator_tools *tools, struct xn_operator_tree *tree)
{
	if (tree->prepared)
		empty_band(tools, tree, !tree->band);
	tree->prepared = false;
}

void xn_operator_drain(const struct xn_operator_tools *tools, struct xn_operator_tree *tree)
{
	empty_band(tools, tree, !tree->band);
	tree->drained = 0;
}

void xn_operator_forget(const struct xn_operator_tools *tools, struct xn_operator_tree *tree)
{
	xn_majors_give(tools->majors, tree->leaf.ifindex, &tree->switch_major, 1);
	for (size_t band = 0; band < 2; band++)
		xn_majors_give(tools->majors, tree->leaf.ifindex, tree->majors[band],
			       XN_QDISCS_MAX);
	memset(tree->majors, 0, sizeof(tree->majors));
	tree->switch_major = 0;
	tree->interface = 0;
	tree->prepared = false;
	tree->drained = 0;
}

/* --- changing in place --- */

/*
 * HTB and the number of flows are what the kernel changes by making anew only. TBF would give its limit to the
 * queue in it.
 */
static bool same_shape_of_qdisc(const struct xn_qdisc *a, const struct xn_qdisc *b)
{
	if (a->kind != b->kind || a->handle != b->handle || a->parent != b->parent)
		return false;
	switch ((enum xn_qdisc_kind)a->kind) {
	case XN_QDISC_HTB:
	case XN_QDISC_TBF:
		return !memcmp(a, b, sizeof(*a));
	case XN_QDISC_PRIO:
		return a->prio.bands == b->prio.bands;
	case XN_QDISC_FQ_CODEL:
		return a->fq_codel.flows == b->fq_codel.flows &&
		       !a->fq_codel.ce_threshold == !b->fq_codel.ce_threshold;
	default:
		return true;
	}
}

static bool same_shape(const struct xn_qos *a, const struct xn_qos *b)
{
	if (a->n_qdiscs != b->n_qdiscs || a->n_classes != b->n_classes ||
	    a->n_filters != b->n_filters || memcmp(a->filters, b->filters, sizeof(a->filters)))
		return false;
	for (size_t i = 0; i < a->n_qdiscs; i++)
		if (!same_shape_of_qdisc(&a->qdiscs[i], &b->qdiscs[i]))
			return false;
	for (size_t i = 0; i < a->n_classes; i++)
		if (a->classes[i].id != b->classes[i].id ||
		    a->classes[i].parent != b->classes[i].parent)
			return false;
	return true;
}

static void change(struct requests *r, const struct xn_qos *before, const struct xn_qos *after)
{
	for (size_t i = 0; i < after->n_qdiscs; i++)
		if (memcmp(&before->qdiscs[i], &after->qdiscs[i], sizeof(after->qdiscs[i])))
			request(r, xn_tc_qdisc(r->ifindex, &after->qdiscs[i], 0, 0), "a qdisc");
	for (size_t i = 0; i < after->n_classes; i++)
		if (memcmp(&before->classes[i], &after->classes[i], sizeof(after->classes[i])))
			request(r, xn_tc_class(r->ifindex, &after->classes[i], 0), "a class");
}

bool xn_operator_change(const struct xn_operator_tools *tools, struct xn_operator_tree *tree,
			const struct xn_qos *before, const struct xn_qos *told)
{
	struct xn_operator_place place = {
		.parent = band_class(tree, tree->band),
		.majors = tree->majors[tree->band],
		.mark_mask = tools->mark_mask,
	};
	struct requests r = { tools->netreq, tree->leaf.ifindex, NULL, 0 };
	struct xn_qos old, new;

	if (!tree->switch_major || !tree->majors[tree->band][0] ||
	    before->n_qdiscs != told->n_qdiscs)
		return false;
	xn_operator_map(before, &place, &old);
	xn_operator_map(told, &place, &new);
	if (!same_shape(&old, &new))
		return false;
	change(&r, &old, &new);
	return !r.rc;
}
