/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tick: every Ic read the counters, decide, push. */
#ifndef XN_DAEMON_TICK_H
#define XN_DAEMON_TICK_H

#include "common/kernel.h" /* struct xn_err */

struct xn_daemon;

/* Start ticking. Return: 0, or -errno with @err. */
int xn_tick_start(struct xn_daemon *daemon, struct xn_err *err);
void xn_tick_stop(struct xn_daemon *daemon);

/* An account goes on: decide from it at once, before the first Ic is measured. */
void xn_tick_resume(struct xn_daemon *daemon);

/* The intervals changed: the next tick is where the new grid has it. */
void xn_tick_rearm(struct xn_daemon *daemon);

/* End all punishments now. */
void xn_tick_release(struct xn_daemon *daemon);

#endif
