/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router's kernel, followed by rtnetlink: its interfaces, their addresses, its routes. */
#ifndef XN_GUEST_WATCH_H
#define XN_GUEST_WATCH_H

#include <systemd/sd-event.h>

#include "channel/message.h"
#include "common/config.h" /* struct xn_err */
#include "guest/mirror.h"

struct xn_watch;

/* @changed is called from the event loop, whenever there may be something to tell. Return: NULL with @err. */
struct xn_watch *xn_watch_open(sd_event *event, void (*changed)(void *arg), void *arg,
			       struct xn_err *err);
void xn_watch_close(struct xn_watch *watch);

struct xn_mirror *xn_watch_routes(struct xn_watch *watch);
/* As they are now. @version: grows with each change. */
const struct xn_interfaces *xn_watch_interfaces(const struct xn_watch *watch, uint64_t *version);

/* How often all was read anew because messages were lost or did not tell everything. */
uint64_t xn_watch_resyncs(const struct xn_watch *watch);

#endif
