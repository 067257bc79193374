// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connecting at start is done at once, so that a mistake is told at once. Connecting
 * again later is left to the event loop: the ticks go on without a bus.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/bus.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/methods.h"
#include "xnetman/bus.h"

#define RETRY_USEC   (2 * 1000000ULL)
#define TIMEOUT_USEC (2 * 1000000ULL) /* of our own calls to the bus */

struct xn_bus {
	struct xn_daemon *daemon;
	sd_bus *bus; /* NULL: none now */
	sd_event_source *retry;
};

static int on_disconnected(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_bus *bus = arg;

	(void)m;
	(void)error;
	xn_log(SD_WARNING, "lost the bus: connecting again");
	sd_event_source_set_time_relative(bus->retry, RETRY_USEC);
	sd_event_source_set_enabled(bus->retry, SD_EVENT_ONESHOT);
	return 0;
}

static int dial(const char *address, sd_bus **out)
{
	int rc;

	if (!strcmp(address, "system"))
		return sd_bus_open_system(out);
	rc = sd_bus_new(out);
	if (rc >= 0)
		rc = sd_bus_set_address(*out, address);
	if (rc >= 0)
		rc = sd_bus_set_bus_client(*out, true);
	if (rc >= 0)
		rc = sd_bus_start(*out);
	return rc;
}

static void hang_up(struct xn_bus *bus)
{
	if (bus->bus)
		sd_bus_detach_event(bus->bus);
	bus->bus = sd_bus_close_unref(bus->bus);
}

static int connect_bus(struct xn_bus *bus)
{
	int rc = dial(bus->daemon->options.bus, &bus->bus);

	if (rc >= 0)
		rc = sd_bus_set_method_call_timeout(bus->bus, TIMEOUT_USEC);
	if (rc >= 0)
		rc = sd_bus_add_object_vtable(bus->bus, NULL, XN_BUS_PATH, XN_BUS_INTERFACE,
					      xn_bus_methods, bus->daemon);
	if (rc >= 0)
		rc = sd_bus_match_signal(
			bus->bus, NULL, "org.freedesktop.DBus.Local", "/org/freedesktop/DBus/Local",
			"org.freedesktop.DBus.Local", "Disconnected", on_disconnected, bus);
	if (rc >= 0)
		rc = sd_bus_attach_event(bus->bus, bus->daemon->event, SD_EVENT_PRIORITY_NORMAL);
	return rc;
}

static int on_name(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)arg;
	(void)error;
	if (sd_bus_message_is_method_error(m, NULL))
		xn_log(SD_WARNING, "bus name %s: %s", XN_BUS_NAME,
		       sd_bus_message_get_error(m)->message);
	else
		xn_log(SD_NOTICE, "on the bus again");
	return 0;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_bus *bus = arg;
	int rc;

	(void)usec;
	hang_up(bus);
	rc = connect_bus(bus);
	if (rc >= 0)
		rc = sd_bus_request_name_async(bus->bus, NULL, XN_BUS_NAME, 0, on_name, bus);
	if (rc >= 0)
		return 0;
	hang_up(bus);
	sd_event_source_set_time_relative(source, RETRY_USEC);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

static int take_name(struct xn_bus *bus, struct xn_err *err)
{
	int rc = sd_bus_request_name(bus->bus, XN_BUS_NAME, 0);

	if (rc == -EEXIST)
		xn_err_set(err, "bus: another xnetmand owns %s: stop it first", XN_BUS_NAME);
	else if (rc == -EACCES || rc == -EPERM)
		xn_err_set(err,
			   "bus: may not own %s: install org.xnetman1.conf in "
			   "/usr/share/dbus-1/system.d and reload dbus",
			   XN_BUS_NAME);
	else if (rc < 0)
		xn_err_set(err, "bus: %s: %s", XN_BUS_NAME, strerror(-rc));
	return rc < 0 ? rc : 0;
}

int xn_bus_open(struct xn_daemon *d, struct xn_err *err)
{
	struct xn_bus *bus = calloc(1, sizeof(*bus));
	int rc;

	if (!bus) {
		xn_err_set(err, "bus: no memory");
		return -ENOMEM;
	}
	bus->daemon = d;
	rc = sd_event_add_time_relative(d->event, &bus->retry, CLOCK_MONOTONIC, 0, 0, on_retry,
					bus);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(bus->retry, SD_EVENT_OFF);
	if (rc >= 0)
		rc = connect_bus(bus);
	if (rc < 0)
		xn_err_set(err, "bus %s: %s: is dbus running?", d->options.bus, strerror(-rc));
	else
		rc = take_name(bus, err);
	if (rc < 0) {
		xn_bus_close(bus);
		return rc;
	}
	d->bus = bus;
	return 0;
}

void xn_bus_close(struct xn_bus *bus)
{
	if (!bus)
		return;
	sd_event_source_disable_unref(bus->retry);
	if (bus->bus)
		sd_bus_flush(bus->bus);
	hang_up(bus);
	free(bus);
}

sd_bus *xn_bus_connection(struct xn_bus *bus)
{
	return bus ? bus->bus : NULL;
}
