/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A data plane written by a person (doc/definitions.md), for routers without xnetman-guest. */
#ifndef XN_DAEMON_PLANEFILE_H
#define XN_DAEMON_PLANEFILE_H

#include "daemon/plane.h"

/**
 * xn_plane_load() - take the router's whole data plane from JSON
 * @text: interfaces, routes, rules
 *
 * Return: 0, or -EINVAL with @err that says where; what was wrong is found before anything is changed, but
 * for rules, which are judged last.
 */
int xn_plane_load(struct xn_plane *plane, const char *text, struct xn_err *err);

#endif
