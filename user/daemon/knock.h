/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going to the guests by vchan, where there is Xen. A guest may write to its part of xenstore as often as it
 * likes: so it is not watched, but looked at now and then.
 */
#ifndef XN_DAEMON_KNOCK_H
#define XN_DAEMON_KNOCK_H

#include "daemon/session.h"

struct xn_knocker;

/*
 * Every XN_KNOCK_USEC @next is asked for domains to try, from the first on (@n is 0, 1, ...), until it returns
 * false. Only those whose guest should be there and is not connected.
 */
#define XN_KNOCK_USEC 2000000
typedef bool (*xn_knock_fn)(size_t n, uint32_t *domid, void *arg);

/* Return: 0 or -errno. */
int xn_knocker_open(struct xn_knocker **knocker, sd_event *event, struct xn_sessions *sessions,
		    xn_knock_fn next, void *arg);
/* NULL is fine. */
void xn_knocker_close(struct xn_knocker *knocker);

#endif
