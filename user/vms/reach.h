/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does a router answer on the network it is in? */
#ifndef XN_VMS_REACH_H
#define XN_VMS_REACH_H

#include "vms/server.h"

/**
 * xn_reach_wait() - wait until an address answers on a network of a node
 * @from: the node that asks, by ARP, as it needs no address there for that
 * @bridge: of @from
 * @ip: IPv4 with prefix; any other is not waited for
 * @seconds: at most
 *
 * Return: 0: it answers, or @from has no arping, or is not reached over SSH; -1 with @fault.
 */
int xn_reach_wait(const struct xn_server *server, const struct xn_node *from, const char *bridge,
		  const char *ip, int seconds, struct xn_fault *fault);

#endif
