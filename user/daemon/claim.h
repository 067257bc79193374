/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which MAC is a router's on a port: what it says of itself counts only if Dom0 knows it, too. */
#ifndef XN_DAEMON_CLAIM_H
#define XN_DAEMON_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/netreq.h"

struct xn_daemon;

/*
 * Is @mac the router's on this port? A vif's is the one that Xen's toolstack gave it. For any other device,
 * and where there is no xenstored, it is one that the bridge has learnt there. Never a device's of Dom0.
 */
bool xn_claim_good(const struct xn_daemon *daemon, struct xn_netreq *netreq, uint32_t port,
		   const uint8_t mac[6]);

#endif
