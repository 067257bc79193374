/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals on the bus (doc/dbus.md). Without a bus they are nothing. @link may be "cpu" or "memory". */
#ifndef XN_DAEMON_NOTIFY_H
#define XN_DAEMON_NOTIFY_H

#include <stdbool.h>

struct xn_bus;

void xn_notify_tick(struct xn_bus *bus, double time);
void xn_notify_punished(struct xn_bus *bus, const char *network, const char *link, double ratio);
void xn_notify_breach(struct xn_bus *bus, const char *network, const char *link, const char *kind,
		      double error, const char *cause);
void xn_notify_oversold(struct xn_bus *bus, const char *link, bool on);
void xn_notify_lease_expired(struct xn_bus *bus);
/* Another entry of its schedule is in force: what it says, "" if none is. */
void xn_notify_switched(struct xn_bus *bus, const char *network, const char *when);
void xn_notify_changed(struct xn_bus *bus);

#endif
