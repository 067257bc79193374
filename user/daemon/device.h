/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which net devices there are now (rtnetlink): names, ifindexes, up or not. */
#ifndef XN_DAEMON_DEVICE_H
#define XN_DAEMON_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/config.h" /* struct xn_err */

struct xn_devices;

struct xn_device_calls {
	/* The device is gone, and its ifindex may soon be another's. */
	void (*gone)(uint32_t ifindex, void *arg);
	/* Names or ifindexes changed; called once for everything that has come. */
	void (*changed)(void *arg);
};

/* Read all devices and follow them from now on. Return: NULL with @err. */
struct xn_devices *xn_devices_open(sd_event *event, const struct xn_device_calls *calls, void *arg,
				   struct xn_err *err);
void xn_devices_close(struct xn_devices *devices);

/* Take in what has come by now, without waiting for the event loop to come to it. */
void xn_devices_read(struct xn_devices *devices);

/* By name. Return: ifindex, 0: no such device. */
uint32_t xn_devices_index(const struct xn_devices *devices, const char *name);

/* Up and running? */
bool xn_devices_up(const struct xn_devices *devices, const char *name);

#endif
