/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of a link's tree of HTB classes. HTB serves all classes that are within their rate before any that
 * borrows; so with rate = what a network was guaranteed, no priority can take it away. By priority goes who is
 * served first among those within their rates, and who borrows first.
 */
#ifndef XN_CORE_TREE_H
#define XN_CORE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "core/qos.h"

/* Of a link. */
struct xn_tree_link {
	double capacity; /* bit/s, of bytes as networks are accounted */
	double speed; /* of the wire, bit/s; 0: not known, or not an Ethernet of a speed of its own */
	double sold;	 /* sum of what networks were guaranteed, bit/s */
	size_t networks; /* with a class of their own */
	uint32_t frame;	 /* a full frame with its header, bytes */
};

/* Of a class, as HTB takes them. */
struct xn_tree_class {
	uint64_t rate;	   /* bytes/s, > 0: served before all that borrow */
	uint64_t ceil;	   /* bytes/s, >= rate */
	uint32_t burst;	   /* bytes, of rate */
	uint32_t cburst;   /* bytes, of ceil */
	uint32_t quantum;  /* bytes that it borrows in a round among its equals */
	uint32_t limit;	   /* of its queue, bytes */
	uint8_t prio;	   /* 0 (first) .. 7 */
	uint16_t overhead; /* of each frame on the wire, bytes */
	uint16_t mpu;	   /* least that a frame takes there, bytes, with the overhead */
};

/* What a network is to have. */
struct xn_tree_want {
	double guarantee; /* rc + re, bit/s */
	unsigned int priority;
	const struct xn_limits *limits; /* NULL: none */
};

/*
 * Slightly below what the wire can carry, so that the queue is here, where there are classes, and not in the
 * NIC. The outer class.
 */
struct xn_tree_class xn_tree_wire(const struct xn_tree_link *link);

/* Slightly below the capacity, for the same reason. The class below. */
struct xn_tree_class xn_tree_capacity(const struct xn_tree_link *link);

/* Dom0's own packets: a small part for sure, the rest as what has the lowest priority. */
struct xn_tree_class xn_tree_host(const struct xn_tree_link *link);

struct xn_tree_class xn_tree_network(const struct xn_tree_link *link,
				     const struct xn_tree_want *want);

/* The only class of a device at whose egress nobody competes. */
struct xn_tree_class xn_tree_alone(const struct xn_limits *limits, uint32_t frame);

/* Bytes that a limiter lets pass at once. */
uint32_t xn_limiter_burst(const struct xn_limiter *limiter);

#endif
