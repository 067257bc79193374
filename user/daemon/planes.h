/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All data planes of this machine, brought in line with the definitions, the devices and what the routers
 * told. The channel needs only plane.h; this is for the daemon itself.
 */
#ifndef XN_DAEMON_PLANES_H
#define XN_DAEMON_PLANES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/plane.h"

struct xn_planes;

/*
 * Take over what a former xnetmand left, and remove what no definition wants any more. Before the kernel's
 * ports are taken over: these devices are ports. Return: NULL with @err.
 */
struct xn_planes *xn_planes_open(struct xn_daemon *daemon, struct xn_err *err);

/* Leaves everything as it is in the kernel. NULL is fine. */
void xn_planes_close(struct xn_planes *planes);

/* Definitions, devices, domains or Dom0's addresses changed, now or (poke) as soon as the loop comes to it. */
void xn_planes_update(struct xn_planes *planes);
void xn_planes_poke(struct xn_planes *planes);

/* After each decision: how many routes and rules each network may have, and which of its routes. */
void xn_planes_tick(struct xn_planes *planes);

/* Devices that are to be ports: @each is called with the index of the network. */
void xn_planes_devices(const struct xn_planes *planes,
		       void (*each)(size_t net, uint32_t ifindex, void *arg), void *arg);

/* For people: doc/dbus.md, GetPlane. */
json_t *xn_plane_show(const struct xn_plane *plane);

#endif
