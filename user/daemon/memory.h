/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dom0's memory as a resource: routes and rules that it holds for each network. */
#ifndef XN_DAEMON_MEMORY_H
#define XN_DAEMON_MEMORY_H

#include <stddef.h>

#include "daemon/state.h"

/**
 * xn_memory_report() - what a network has of it from now on
 * @net: index of the network
 * @wanted: D: routes and rules that its router has
 * @held: V: of those, the ones in Dom0
 *
 * Before every tick, or whenever it changed: a level holds until the next report.
 */
void xn_memory_report(struct xn_state *state, size_t net, size_t wanted, size_t held);

/**
 * xn_memory_limit() - how many a network may have in Dom0 until the next tick
 *
 * A network that is within its rights may grow up to its rmax before the next tick; one that wants
 * more than it is entitled to is held to that.
 *
 * Return: routes and rules; SIZE_MAX: any number.
 */
size_t xn_memory_limit(const struct xn_state *state, size_t net);

/* Add the level to the pair's counters, as of now. */
void xn_memory_count(struct xn_state *state, size_t net);

#endif
