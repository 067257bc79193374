/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long connections may be about something that is not ours. libmicrohttpd's own limit is of silence, so who sends a byte
 * now and then would hold a connection, and its thread, for ever.
 */
#ifndef XN_VMS_PATIENCE_H
#define XN_VMS_PATIENCE_H

#include <microhttpd.h>

struct xn_patience;

/* @seconds: from the beginning of a connection, or the end of its last call, to the end of a request; and for an answer to be
 * taken. Return: NULL without memory or thread. */
struct xn_patience *xn_patience_start(unsigned int seconds);
/* No connection may be left. */
void xn_patience_stop(struct xn_patience *patience);

/* libmicrohttpd's MHD_OPTION_NOTIFY_CONNECTION; cls is a struct xn_patience. */
void xn_patience_notify(void *cls, struct MHD_Connection *connection, void **context,
			enum MHD_ConnectionNotificationCode code);

/* It has said all, and waits for us, as long as it takes. */
void xn_patience_pause(struct xn_patience *patience, struct MHD_Connection *connection);
/* It is its turn again: time begins anew. */
void xn_patience_resume(struct xn_patience *patience, struct MHD_Connection *connection);

#endif
