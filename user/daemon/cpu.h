/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What networks use of Dom0's CPU: from counters of ports and links to the account's counts. */
#ifndef XN_DAEMON_CPU_H
#define XN_DAEMON_CPU_H

#include <stddef.h>

#include "daemon/state.h"

struct xn_daemon;

/* Add what a port counted since the last time to its network's usage. */
void xn_cpu_add_port(struct xn_state *state, struct xn_port *port);

/* The same of a link: what passed on it since the last time. */
void xn_cpu_add_link(struct xn_net *net, const struct xn_counts *passed);

/* Price the usage of a network since the last time: into its pair's counters, as of now. */
void xn_cpu_count(struct xn_daemon *daemon, size_t net);

/* Begin to count: with what the kernel has counted of the network so far. @record: the network's. */
void xn_cpu_adopt(struct xn_daemon *daemon, size_t net, const struct xn_record *record);

#endif
