/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All routes that one router has told, in its own terms, so that they can be put into Dom0's anew. */
#ifndef XN_DAEMON_ROUTES_H
#define XN_DAEMON_ROUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/dataplane.h"

#define XN_ROUTES_MAX (1 << 20) /* of one router */

struct xn_routes;

struct xn_routes *xn_routes_new(void);
void xn_routes_free(struct xn_routes *routes);

/* In place of the one with the same destination, length and metric. Return: 0, -ENOSPC or -ENOMEM. */
int xn_routes_set(struct xn_routes *routes, const struct xn_guest_route *route);
/* Return: was there one? */
bool xn_routes_remove(struct xn_routes *routes, const struct xn_guest_route *route);

typedef void (*xn_routes_fn)(const struct xn_guest_route *route, void *arg);

/* What is not set between begin and end goes at the end; @gone is called for each of these. */
void xn_routes_sync_begin(struct xn_routes *routes);
void xn_routes_sync_end(struct xn_routes *routes, xn_routes_fn gone, void *arg);

void xn_routes_each(const struct xn_routes *routes, xn_routes_fn each, void *arg);

#endif
