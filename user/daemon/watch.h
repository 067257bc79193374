/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SLA monitor: sees each short interval of every network on every resource, notes punishments and broken
 * guarantees with their cause, tells of them at once, and hands what a long interval was like to the history.
 */
#ifndef XN_DAEMON_WATCH_H
#define XN_DAEMON_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct xn_daemon;
struct xn_history_batch;
struct xn_state;

/* What was measured of a pair in this tick, in the resource's unit; nothing is told yet. */
void xn_watch_measured(struct xn_daemon *daemon, size_t row, size_t net, double seconds,
		       double offered, double through);

/* A row was decided: why who is punished. @fits: as xn_decide(). */
struct xn_resource;
void xn_watch_decided(struct xn_daemon *daemon, size_t row, const struct xn_resource *res,
		      bool fits);

/* Tell of breaches that began or ended in this tick; when all that is urgent is done. */
void xn_watch_tell(struct xn_daemon *daemon);

/* The Il of a pair is over and has its verdict. @batch: of the history; NULL: there is none. */
void xn_watch_judged(struct xn_daemon *daemon, size_t row, size_t net, size_t ticks, double seconds,
		     struct xn_history_batch *batch);

/* The daemon ends, or (@next not NULL) what is not in that state any more: breaches that are on are over. */
void xn_watch_leave(struct xn_daemon *daemon, const struct xn_state *next);

#endif
