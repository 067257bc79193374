/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a route or a nexthop object, as the channel carries it. No I/O. */
#ifndef XN_GUEST_ROUTE_H
#define XN_GUEST_ROUTE_H

#include <linux/netlink.h>

#include "common/dataplane.h"

/*
 * Nexthop objects, by id: FRR writes routes that only refer to one, and with net.ipv4.nexthop_compat_mode=0
 * the kernel tells no more than that.
 */
struct xn_nexthops;

/* Return: NULL: no memory. */
struct xn_nexthops *xn_nexthops_create(void);
void xn_nexthops_destroy(struct xn_nexthops *nexthops);
void xn_nexthops_clear(struct xn_nexthops *nexthops);
/* Of a message RTM_NEWNEXTHOP. */
void xn_nexthops_learn(struct xn_nexthops *nexthops, const struct nlmsghdr *message);

enum xn_route_kind {
	XN_ROUTE_CARRIED,
	XN_ROUTE_NOT_CARRIED, /* link-local, multicast, without a living next hop, or of a type that
			       * common/dataplane.h does not name */
	XN_ROUTE_ELSEWHERE,   /* of another table, or of the kernel's cache */
};

/**
 * xn_route_parse() - the route of a message RTM_NEWROUTE or RTM_DELROUTE
 * @route: out. A hop that cannot be carried, as one that encapsulates, goes by interface 0, which nobody has
 */
enum xn_route_kind xn_route_parse(const struct nlmsghdr *message,
				  const struct xn_nexthops *nexthops, struct xn_guest_route *route);

#endif
