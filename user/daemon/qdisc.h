/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's qdiscs, classes and filters: changes in batches, each in place where it is there already. */
#ifndef XN_DAEMON_QDISC_H
#define XN_DAEMON_QDISC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/qos.h"
#include "core/tree.h"
#include "daemon/netreq.h"

struct xn_qdiscs;

/* Return: NULL with @err. */
struct xn_qdiscs *xn_qdiscs_open(struct xn_err *err);
/* NULL is fine. */
void xn_qdiscs_close(struct xn_qdiscs *qdiscs);

/*
 * Changes are put one after the other and carried out in that order, by xn_qdiscs_flush() at the latest. After
 * one was refused the others are still tried.
 */

/* An HTB at the root of a device. What is not classified goes to @standard, a minor; until that is there, out at once. */
void xn_qdiscs_put_root(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t handle,
			uint32_t standard);
/* Whatever is at the root goes, and the kernel's own default comes. */
void xn_qdiscs_drop_root(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t handle);

/* @parent: a class, or the qdisc itself. */
void xn_qdiscs_put_class(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t classid,
			 uint32_t parent, const struct xn_tree_class *class);
/* With what is in and below it. It is no error if it is not there. */
void xn_qdiscs_drop_class(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t classid);

/* A queue of at most @limit bytes in a class that has another kind of queue or none. */
void xn_qdiscs_put_queue(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t classid,
			 uint32_t limit);
/* The same where there is one already, in place. If it is of another kind now, nothing is changed. */
void xn_qdiscs_set_queue(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t classid,
			 uint32_t limit);

/* Everything that a filter of @parent sees goes to @classid, but what is above the limiter's rate. */
void xn_qdiscs_put_limiter(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t parent,
			   uint32_t classid, const struct xn_limiter *limiter);
void xn_qdiscs_drop_limiter(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t parent);

/* Return: 0, or -errno with @err of the first change since the last flush that was refused. */
int xn_qdiscs_flush(struct xn_qdiscs *qdiscs, struct xn_err *err);

/* What there is. @kind is NULL of what is no qdisc; all is valid in the callback only. */
struct xn_qdisc_record {
	uint32_t ifindex, handle, parent;
	const char *kind;
	uint64_t bytes, packets; /* sent */
	uint64_t dropped;	 /* packets */
	uint64_t backlog_bytes, backlog_packets;
	double delay[3]; /* of packets, s: average, peak and least; < 0: the qdisc does not tell */
};

typedef void (*xn_qdisc_fn)(const struct xn_qdisc_record *record, void *arg);

/* All qdiscs of all devices. Return: 0 or -errno. */
int xn_qdiscs_all(struct xn_qdiscs *qdiscs, xn_qdisc_fn each, void *arg);

/* All classes of a device; their handle is the classid. Return: 0 or -errno. */
int xn_qdiscs_classes(struct xn_qdiscs *qdiscs, uint32_t ifindex, xn_qdisc_fn each, void *arg);

/* Packets that the limiter of @parent has dropped. Return: 0 or -errno. */
int xn_qdiscs_limiter(struct xn_qdiscs *qdiscs, uint32_t ifindex, uint32_t parent,
		      uint64_t *dropped);

#endif
