/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a qdisc, a class or a filter, as the channel carries it. No I/O. */
#ifndef XN_GUEST_TC_H
#define XN_GUEST_TC_H

#include <linux/netlink.h>
#include <stdbool.h>

#include "common/qos.h"

/*
 * Each reads a message RTM_NEWQDISC, _NEWTCLASS or _NEWTFILTER. What has no value in common/qos.h becomes
 * one of kind other with a name for people. Return: false: there is nothing to tell, as with the qdiscs that the
 * kernel gives to a device unasked.
 */
bool xn_tc_parse_qdisc(const struct nlmsghdr *message, struct xn_qdisc *qdisc);
bool xn_tc_parse_class(const struct nlmsghdr *message, struct xn_class *class);

/*
 * @parent: that was asked for; the kernel does not always say.
 * @tables: prio of the last table of u32 that was seen at @parent, kept here; 0 before the first filter
 */
bool xn_tc_parse_filter(const struct nlmsghdr *message, uint32_t parent, uint16_t *tables,
			struct xn_filter *filter);

#endif
