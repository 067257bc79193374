// SPDX-License-Identifier: GPL-2.0-or-later
/* A signal that cannot be sent is lost: the next tick tells more. */
#include <systemd/sd-bus.h>

#include "daemon/bus.h"
#include "daemon/notify.h"
#include "xnetman/bus.h"

#define EMIT(bus, ...)                                                                      \
	do {                                                                                \
		sd_bus *to = xn_bus_connection(bus);                                        \
		if (to)                                                                     \
			sd_bus_emit_signal(to, XN_BUS_PATH, XN_BUS_INTERFACE, __VA_ARGS__); \
	} while (0)

void xn_notify_tick(struct xn_bus *bus, double time)
{
	EMIT(bus, "Tick", "d", time);
}

void xn_notify_punished(struct xn_bus *bus, const char *network, const char *link, double ratio)
{
	EMIT(bus, "Punished", "ssd", network, link, ratio);
}

void xn_notify_breach(struct xn_bus *bus, const char *network, const char *link, const char *kind,
		      double error, const char *cause)
{
	EMIT(bus, "Breach", "sssds", network, link, kind, error, cause);
}

void xn_notify_oversold(struct xn_bus *bus, const char *link, bool on)
{
	EMIT(bus, "Oversold", "sb", link, on);
}

void xn_notify_lease_expired(struct xn_bus *bus)
{
	EMIT(bus, "LeaseExpired", NULL);
}

void xn_notify_switched(struct xn_bus *bus, const char *network, const char *when)
{
	EMIT(bus, "Switched", "ss", network, when);
}

void xn_notify_changed(struct xn_bus *bus)
{
	EMIT(bus, "Changed", NULL);
}
