/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to the bus and our name on it. */
#ifndef XN_DAEMON_BUS_H
#define XN_DAEMON_BUS_H

#include <systemd/sd-bus.h>

#include "common/config.h" /* struct xn_err */

struct xn_bus;
struct xn_daemon;

/**
 * xn_bus_open() - connect, offer the interface, take the name; daemon->bus is set
 *
 * A bus that goes away later is connected again as soon as it is back.
 *
 * Return: 0, or -errno with @err; -EEXIST if another xnetmand has the name.
 */
int xn_bus_open(struct xn_daemon *daemon, struct xn_err *err);
void xn_bus_close(struct xn_bus *bus);

/* NULL if there is none now. */
sd_bus *xn_bus_connection(struct xn_bus *bus);

#endif
