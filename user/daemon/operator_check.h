/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An operator's tc configuration: does it make sense, and is it one that may be in Dom0? No I/O. What it says
 * is hostile: what passes here has a shape that the kernel takes without complaint, a bounded cost per packet (all
 * is asked and queued under the link's one lock), and names nothing but itself.
 */
#ifndef XN_DAEMON_OPERATOR_CHECK_H
#define XN_DAEMON_OPERATOR_CHECK_H

#include <stdbool.h>

#include "common/config.h" /* struct xn_err */
#include "common/qos.h"

#define XN_QOS_DEPTH	 4   /* qdiscs in qdiscs; classes in classes */
#define XN_QOS_STEPS_MAX 192 /* filters and u32 keys that one packet may have to be held against */
#define XN_QOS_FLOWERS	 8   /* different sets of fields of flower filters: each is a lookup */
#define XN_QOS_CAKES	 4   /* each takes about 1 MiB */

/**
 * xn_operator_check() - what the operator of a network configured on one interface
 * @mark_mask: bits of skb->mark that are Dom0's
 *
 * Return: 0, or -EINVAL with @err: what is not carried, named as tc names it.
 */
int xn_operator_check(const struct xn_qos *qos, uint32_t mark_mask, struct xn_err *err);

/* The qdisc of @handle (a class's, too), of the interface's root. NULL: none. */
const struct xn_qdisc *xn_qos_qdisc(const struct xn_qos *qos, uint32_t handle);
const struct xn_class *xn_qos_class(const struct xn_qos *qos, uint32_t id);

/* Has the class another below it? Then nothing queues there. */
bool xn_qos_is_inner(const struct xn_qos *qos, const struct xn_class *class);

/* The qdisc that is in the place of @class's own queue. NULL: none. */
const struct xn_qdisc *xn_qos_child(const struct xn_qos *qos, uint32_t class);

/* Is it at ingress or egress of the device, rather than in the root qdisc? */
bool xn_qos_on_device(const struct xn_filter *filter);

#endif
