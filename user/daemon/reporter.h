/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of periods that are over: files for the provider, and each guest its own network's. */
#ifndef XN_DAEMON_REPORTER_H
#define XN_DAEMON_REPORTER_H

struct xn_daemon;
struct xn_reporter;

/* NULL without memory. */
struct xn_reporter *xn_reporter_new(struct xn_daemon *daemon);
/* After the history is closed. NULL is fine. */
void xn_reporter_free(struct xn_reporter *reporter);

/* An Il is closed and handed to the history: is a period over? Does not wait for anything. NULL is fine. */
void xn_reporter_look(struct xn_reporter *reporter);

#endif
