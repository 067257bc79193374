/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data plane of a router as it is told over the secure channel (SPEC sections 1 and 6): what the
 * guest reads from its kernel, the channel carries and Dom0 checks and builds again. Interfaces are
 * the guest's; nothing here names a device of Dom0.
 */
#ifndef XN_COMMON_DATAPLANE_H
#define XN_COMMON_DATAPLANE_H

#include <stddef.h>
#include <stdint.h>

#define XN_GUEST_INTERFACES_MAX 32 /* interfaces of a router */
#define XN_GUEST_ADDRESSES_MAX	64 /* addresses of one interface */
#define XN_ROUTE_HOPS_MAX	16 /* next hops of a route */

/* IPv4 in the first four bytes, the rest 0. */
struct xn_address {
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t bytes[16];
};

/* An interface of the router. */
struct xn_guest_interface {
	uint32_t index; /* the guest's ifindex: only a number that routes refer to */
	char name[16];	/* the guest's, for messages to people */
	uint8_t mac[6];
	uint8_t up;
	uint8_t n_addresses;
	struct xn_address addresses[XN_GUEST_ADDRESSES_MAX];
};

struct xn_guest_hop {
	uint32_t interface;	   /* &struct xn_guest_interface.index */
	uint16_t weight;	   /* 1..256 */
	struct xn_address gateway; /* family 0: on the link itself */
};

/* A route of the router's main table. The key is destination, length and metric. */
struct xn_guest_route {
	struct xn_address destination;
	uint8_t length; /* of the prefix: 0..32 or 0..128 */
	uint8_t type;	/* RTN_UNICAST, _BLACKHOLE, _UNREACHABLE or _PROHIBIT */
	uint32_t metric;
	uint8_t n_hops; /* 0 unless RTN_UNICAST */
	struct xn_guest_hop hops[XN_ROUTE_HOPS_MAX];
};

#endif
