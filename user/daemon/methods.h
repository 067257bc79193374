/* SPDX-License-Identifier: GPL-2.0-or-later */
/* org.xnetman1.Manager: methods and signals of doc/dbus.md. */
#ifndef XN_DAEMON_METHODS_H
#define XN_DAEMON_METHODS_H

#include <systemd/sd-bus.h>

/* userdata: struct xn_daemon */
extern const sd_bus_vtable xn_bus_methods[];

#endif
