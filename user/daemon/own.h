/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dom0's own addresses. The kernel looks into the table of local addresses before a VRF's, so a packet of a
 * virtual network to such an address would be taken for Dom0's: these are never diverted.
 */
#ifndef XN_DAEMON_OWN_H
#define XN_DAEMON_OWN_H

#include <systemd/sd-event.h>

#include "daemon/divert.h"

struct xn_own;

/* Read them and follow them; @changed is called on the event loop. Return: NULL with @err. */
struct xn_own *xn_own_open(sd_event *event, struct xn_netreq *netreq, void (*changed)(void *arg),
			   void *arg, struct xn_err *err);
/* NULL is fine. */
void xn_own_close(struct xn_own *own);

/* Addresses, networks' broadcast addresses, and what else is not for routers. */
const struct xn_prefix *xn_own_prefixes(const struct xn_own *own, size_t *n);

#endif
