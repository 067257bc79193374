/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A Dom0 in the small, to measure on: network namespaces of a process of its own, joined by veth pairs,
 * with pktgen as sender. Nothing of it can be seen or reached from outside, and it is gone with the process.
 */
#ifndef XN_CTL_BENCH_H
#define XN_CTL_BENCH_H

#include <stddef.h>

#include "common/config.h" /* struct xn_err */

/* How far packets are taken, from the port where they come in. */
enum xn_bench_way {
	XN_BENCH_DROP,	      /* dropped at its ingress */
	XN_BENCH_BRIDGE,      /* through a bridge, dropped at the egress of the link */
	XN_BENCH_BRIDGE_SEND, /* through a bridge and sent by the link */
	XN_BENCH_ROUTE,	      /* routed, dropped at the egress of the link */
	XN_BENCH_WAYS,
};

struct xn_bench;

/* In the calling process, which needs CAP_SYS_ADMIN and should be one of its own. Return: NULL with @err. */
struct xn_bench *xn_bench_open(struct xn_err *err);

/**
 * xn_bench_run() - what a packet costs
 * @size: of the frame, bytes, without FCS
 * @count: packets
 * @seconds: out, CPU time that the kernel spent for one, from taking it in to its end
 *
 * The port has threaded NAPI, so that a thread's run time (/proc/PID/schedstat) is exactly that.
 *
 * Return: 0 or -errno with @err.
 */
int xn_bench_run(struct xn_bench *bench, enum xn_bench_way way, unsigned int size,
		 unsigned int count, double *seconds, struct xn_err *err);

#endif
