/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes as rtnetlink messages: bytes <-> structs, no socket. */
#ifndef XN_DAEMON_ROUTEMSG_H
#define XN_DAEMON_ROUTEMSG_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "daemon/table.h"

#define XN_ROUTEMSG_MAX 1024 /* bytes of any message that is written here, at most */

/*
 * Writes RTM_NEWROUTE (which replaces the route to that prefix, if there is one) or RTM_DELROUTE.
 * The protocol and the metric are xnetman's own. Return: bytes, a multiple of NLMSG_ALIGNTO.
 */
size_t xn_routemsg_put(void *buffer, uint16_t type, uint32_t seq, uint32_t table,
		       const struct xn_route *route);

/*
 * Reads an RTM_NEWROUTE. Return: false: it is no route that xn_routemsg_put() can have written
 * into @table.
 */
bool xn_routemsg_parse(const struct nlmsghdr *nlh, uint32_t table, struct xn_route *route);

/*
 * What is the same for routes that the kernel can't tell apart, and different for others. Not 0.
 * The order of next hops makes no difference, nor does the weight of a single one.
 */
uint64_t xn_route_digest(const struct xn_route *route);

#endif
