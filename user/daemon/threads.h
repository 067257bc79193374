/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel threads that work for one network alone: threaded NAPI of its ports, and what netback has for each
 * queue of a vif. How long they ran is read from /proc/PID/schedstat at every tick. They get Dom0's CPU before others' by
 * their network's priority: that is what priority at arrival on a vif is, as nobody else's packets are there.
 */
#ifndef XN_DAEMON_THREADS_H
#define XN_DAEMON_THREADS_H

#include <net/if.h>
#include <stdbool.h>

#include "daemon/state.h"

struct xn_daemon;
struct xn_threads;

enum xn_thread_kind {
	XN_THREAD_NAPI, /* napi/DEV-N: takes in what comes by the port and carries it all the way */
	XN_THREAD_COPY, /* DEV-qN-guest-rx, DEV-qN-dealloc: netback's copying */
};

/* Is a kernel thread of this name one of them? @device: out, whose. */
bool xn_thread_parse(const char *name, char device[IFNAMSIZ], enum xn_thread_kind *kind);

/* @proc: "/proc". Return: NULL without memory. */
struct xn_threads *xn_threads_open(const char *proc);
void xn_threads_close(struct xn_threads *threads);

/* Ports were bound: threads that were there already may be theirs. They are looked for once, when read. */
void xn_threads_look(struct xn_threads *threads);

/**
 * xn_threads_read() - add what they ran since the last time to the usage of their networks
 *
 * New threads are found by the numbers that processes were given since the last time, so that nothing is
 * searched in a tick in which nothing was started. Sets threaded of every port, and the threads' nice values.
 */
void xn_threads_read(struct xn_threads *threads, struct xn_daemon *daemon);

#endif
