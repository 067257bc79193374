/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's netlink interface (linux/xnetman.h) as C calls. */
#ifndef XN_COMMON_KERNEL_H
#define XN_COMMON_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/xnetman.h>

#include "common/config.h"    /* struct xn_err */
#include "common/dataplane.h" /* struct xn_address */

struct xn_kernel;

struct xn_kernel_info {
	char version[32];
	uint64_t generation;
	uint32_t lease_ms; /* left */
	uint32_t mark_mask;
	uint8_t sampler;
	uint64_t time; /* ns, CLOCK_MONOTONIC */
};

/* One record of the counters dump; fields by kind as in the structs of linux/xnetman.h. */
struct xn_record {
	enum xnetman_kind kind;
	uint32_t net_id;
	uint32_t ifindex;
	uint32_t ratio;
	uint64_t time; /* ns */
	uint64_t offered_bytes, offered_packets;
	uint64_t dropped_bytes, dropped_packets;
	uint64_t rx_bytes, rx_packets;
	uint64_t tx_bytes, tx_packets;
	uint64_t rx_dropped_bytes, rx_dropped_packets;
	uint64_t tx_dropped_bytes, tx_dropped_packets;
	uint32_t table; /* 0: none, and so are those below */
	uint32_t routes, route_limit;
	uint64_t vetoed;
	uint32_t priority;			 /* of a SHARE */
	uint64_t refused_bytes, refused_packets; /* of a SHARE, by the guard */
	uint64_t marked_bytes, marked_packets;
	uint64_t rate;	  /* of a LINK: 0: not guarded; of a SHARE: entitled to; bytes/s */
	const char *name; /* network's or device's; valid in the callback only; may be NULL */
};

/* What a link can carry, or what a network is entitled to there. */
struct xn_guard {
	uint32_t net_id;  /* 0: the link itself; those of its networks follow it */
	uint32_t ifindex; /* of the link */
	uint64_t rate;	  /* bytes/s, 1..XNETMAN_RATE_MAX */
	uint32_t burst;	  /* bytes, 1..XNETMAN_BURST_MAX */
	uint64_t allowed; /* of a network, bytes/s, 0..XNETMAN_RATE_MAX: below that its ratio does not count */
	uint32_t interval_ms; /* of a link: how often pushes come; 0: each second */
};

/* All that a push says: what is not named is not punished, or not guarded, or entitled to nothing. */
struct xn_push {
	uint64_t generation;
	uint32_t lease_ms;
	const struct xnetman_ratio *ratios;
	size_t n_ratios;
	const struct xn_guard *guards;
	size_t n_guards;
};

typedef void (*xn_record_fn)(const struct xn_record *record, void *arg);

/* One event of the module: what happened, and the record it came with. */
typedef void (*xn_event_fn)(enum xnetman_event event, const struct xn_record *record,
			    uint64_t generation, void *arg);

/**
 * xn_kernel_open() - connect to the module
 * @err: says if the module is not loaded, of another version than this program, or refused us
 *
 * Return: a connection, or NULL.
 */
struct xn_kernel *xn_kernel_open(struct xn_err *err);
void xn_kernel_close(struct xn_kernel *kernel);

/*
 * All calls below return 0 or -errno, and fill in @err (with the module's own extack text where
 * there is one). -ENODEV from any of them: the module was unloaded meanwhile;
 * -ENXIO: there is no device with that ifindex.
 */
int xn_kernel_info(struct xn_kernel *kernel, struct xn_kernel_info *info, struct xn_err *err);
int xn_kernel_config(struct xn_kernel *kernel, unsigned int sampler, uint32_t mark_mask,
		     struct xn_err *err);
int xn_kernel_new_network(struct xn_kernel *kernel, uint32_t id, const char *name,
			  struct xn_err *err);
int xn_kernel_del_network(struct xn_kernel *kernel, uint32_t id, struct xn_err *err);
int xn_kernel_new_link(struct xn_kernel *kernel, uint32_t ifindex, struct xn_err *err);
int xn_kernel_del_link(struct xn_kernel *kernel, uint32_t ifindex, struct xn_err *err);
int xn_kernel_new_port(struct xn_kernel *kernel, uint32_t ifindex, uint32_t net_id,
		       struct xn_err *err);
int xn_kernel_del_port(struct xn_kernel *kernel, uint32_t ifindex, struct xn_err *err);

/*
 * The network's routing table (0: none), and how many routes it may have; XNETMAN_ROUTES_UNLIMITED:
 * any number.
 */
int xn_kernel_set_table(struct xn_kernel *kernel, uint32_t id, uint32_t table, uint32_t limit,
			struct xn_err *err);

/*
 * Where sampled packets of a network went, from number @position on, which moves on to the last
 * that there is. -ENODATA: the network has no route limit.
 */
int xn_kernel_samples(struct xn_kernel *kernel, uint32_t id, uint64_t *position,
		      void (*sample)(const struct xn_address *destination, void *arg), void *arg,
		      struct xn_err *err);

/* All of it at once, or nothing. */
int xn_kernel_push(struct xn_kernel *kernel, const struct xn_push *push, struct xn_err *err);

/* Hold the packets of a link for at most @ms, or (0) let them go. -EOPNOTSUPP: the kernel can't. */
int xn_kernel_hold_link(struct xn_kernel *kernel, uint32_t ifindex, uint32_t ms,
			struct xn_err *err);

/* skb->priority of pairs, all or none; what is not named stays as it is. Any @n. */
int xn_kernel_set_priorities(struct xn_kernel *kernel, const struct xnetman_priority *priorities,
			     size_t n, struct xn_err *err);

/*
 * Every record, in the order NETWORK, LINK, PORT, SHARE. Repeats itself if objects changed
 * meanwhile: @restart is called first whenever the records begin (again).
 */
int xn_kernel_counters(struct xn_kernel *kernel, void (*restart)(void *arg), xn_record_fn record,
		       void *arg, struct xn_err *err);

/* Join the event group. Return: a file descriptor to poll for reading, or -errno. */
int xn_kernel_events(struct xn_kernel *kernel, xn_event_fn fn, void *arg, struct xn_err *err);
/* Read what has come on that descriptor and call the function. -ENOBUFS: events were lost. */
int xn_kernel_events_read(struct xn_kernel *kernel);

#endif
