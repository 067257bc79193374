/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The records that are read over the bus (doc/dbus.md), as JSON. New references; NULL: no memory. */
#ifndef XN_DAEMON_SHOW_H
#define XN_DAEMON_SHOW_H

#include <jansson.h>
#include <stddef.h>

struct xn_daemon;

json_t *xn_show_info(const struct xn_daemon *daemon);
json_t *xn_show_status(const struct xn_daemon *daemon);
json_t *xn_show_networks(const struct xn_daemon *daemon);
json_t *xn_show_network(const struct xn_daemon *daemon, size_t net);
json_t *xn_show_links(const struct xn_daemon *daemon);
json_t *xn_show_ports(const struct xn_daemon *daemon);

#endif
