/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of common/qos.h as rtnetlink's tc messages. No I/O; each returns NULL without memory. */
#ifndef XN_DAEMON_TC_H
#define XN_DAEMON_TC_H

#include <netlink/msg.h>

#include "common/qos.h"

/* @flags: NLM_F_CREATE, _REPLACE, ... @queue: packets that an HTB may hold that no class takes. */
struct nl_msg *xn_tc_qdisc(uint32_t ifindex, const struct xn_qdisc *qdisc, uint32_t queue,
			   int flags);
struct nl_msg *xn_tc_class(uint32_t ifindex, const struct xn_class *class, int flags);
/* @chain: 0 for filters of a qdisc. @filter: of kind flower, u32 or fw. */
struct nl_msg *xn_tc_filter(uint32_t ifindex, uint32_t chain, const struct xn_filter *filter,
			    int flags);

/* Remove the qdisc at @parent. */
struct nl_msg *xn_tc_remove(uint32_t ifindex, uint32_t parent, uint32_t handle);

#endif
