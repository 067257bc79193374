/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plane separation (SPEC section 1, `split`): the copy of each router's data plane in Dom0. The channel
 * hands in what a router tells; everything handed in is hostile until checked here. What one network
 * says changes its own VRF, table and rules only.
 */
#ifndef XN_DAEMON_PLANE_H
#define XN_DAEMON_PLANE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/config.h" /* struct xn_err */
#include "common/dataplane.h"

struct xn_daemon;
struct xn_plane;

/*
 * The plane of a network, by name; void as soon as the event loop goes on, for definitions may change.
 * Return: NULL: no such network, or its data path is not split.
 */
struct xn_plane *xn_plane_of(const struct xn_daemon *daemon, const char *network);

/*
 * The router tells everything anew between these two: what it does not repeat goes at the end,
 * what it repeats stays untouched meanwhile.
 */
void xn_plane_sync_begin(struct xn_plane *plane);
void xn_plane_sync_end(struct xn_plane *plane);

/*
 * All interfaces of the router, in place of those told before. Return: 0, or -EINVAL with @err.
 * An interface is used only if its MAC is that of a port of the network as Dom0 knows it (daemon/claim.h).
 * What leaves by another interface, as a tunnel of the router's, goes through the router.
 */
int xn_plane_interfaces(struct xn_plane *plane, const struct xn_guest_interface *interfaces,
			size_t n, struct xn_err *err);

/*
 * A route came (or was replaced) or went. Return: 0, or with @err: -EINVAL (makes no sense, or goes
 * out by what is no interface of the network), -ENOSPC (more than the network may tell at all).
 */
int xn_plane_route(struct xn_plane *plane, bool add, const struct xn_guest_route *route,
		   struct xn_err *err);

/*
 * The router's filter rules, all of them, as `nft -j list ruleset` says them; put in force as a whole or
 * not at all. Return: 0, or -EINVAL with @err that names the rule and says why not; then the rules in force
 * stay, and the router forwards its packets itself until it tells rules that can be carried.
 */
int xn_plane_rules(struct xn_plane *plane, const char *json, size_t length, struct xn_err *err);

/* The kernel's routing table that is the network's own. 0: it has no VRF yet, for no port of it is in a bridge. */
uint32_t xn_plane_table_id(const struct xn_plane *plane);

#endif
