/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A checked configuration of an operator (daemon/operator_check.h) in Dom0's terms: other handles, below the network's
 * own class, with queues that take a bounded share of Dom0's memory. No I/O.
 */
#ifndef XN_DAEMON_OPERATOR_MAP_H
#define XN_DAEMON_OPERATOR_MAP_H

#include "common/qos.h"

#define XN_QOS_PACKETS 4096	 /* that all queues of one interface may hold; at least 16 each */
#define XN_QOS_BYTES   (8 << 20) /* likewise */

/* Where it goes. */
struct xn_operator_place {
	uint32_t parent;	/* class under which the root qdisc goes */
	const uint16_t *majors; /* XN_QDISCS_MAX that nobody uses on the link */
	uint32_t mark_mask;	/* bits of skb->mark that are Dom0's */
};

/* A queue's share. */
struct xn_operator_share {
	uint32_t packets, bytes;
};

/**
 * xn_operator_map() - the root qdisc and what is below it
 * @mapped: out: parents before their children, filters in the order in which they are to be asked
 *
 * Return: each queue's share, also of those that the kernel makes unasked.
 */
struct xn_operator_share xn_operator_map(const struct xn_qos *told,
					 const struct xn_operator_place *place,
					 struct xn_qos *mapped);

/* The filters at ingress or egress of the device (@side: XN_QOS_INGRESS or _EGRESS). */
void xn_operator_map_device(const struct xn_qos *told, uint32_t side, struct xn_qos *mapped);

/* Is there a root qdisc at all? */
const struct xn_qdisc *xn_operator_root(const struct xn_qos *told);

#endif
