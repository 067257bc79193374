/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where guests connect by TCP. Who connects too often, or has too many half-open, is turned away at the door. */
#ifndef XN_DAEMON_LISTENER_H
#define XN_DAEMON_LISTENER_H

#include "daemon/session.h"

struct xn_listener;

/* @address: as xn_address_parse() takes it. Return: NULL with @err. */
struct xn_listener *xn_listener_open(sd_event *event, struct xn_sessions *sessions,
				     const char *address, struct xn_err *err);
/* Connections that were accepted live on. NULL is fine. */
void xn_listener_close(struct xn_listener *listener);

const char *xn_listener_address(const struct xn_listener *listener);

#endif
