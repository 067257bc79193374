/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which net devices there are now (rtnetlink): names, ifindexes, up or not. */
#ifndef XN_DAEMON_DEVICE_H
#define XN_DAEMON_DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/config.h" /* struct xn_err */
#include "daemon/vif.h"

struct xn_devices;

enum xn_device_kind {
	XN_DEVICE_UNSURE, /* it is being renamed or removed: soon known */
	XN_DEVICE_VIF,
	XN_DEVICE_OTHER,
};

struct xn_device {
	char name[IFNAMSIZ];
	uint32_t ifindex;
	bool up;       /* and running */
	bool forwards; /* a VRF, or a device on top of another: VLAN, macvlan, ipvlan */
	enum xn_device_kind kind;
	struct xn_vif vif; /* if it is one */
	uint32_t master;   /* bridge or VRF that it is a part of, ifindex; 0: none */
	uint32_t lower;	   /* device below, as a VLAN's, ifindex; 0: none */
	uint8_t mac[6];
	bool bridge;
	bool vlan_aware; /* if it is a bridge: it looks at VLANs */
};

struct xn_device_calls {
	/* The device is gone, and its ifindex may soon be another's. */
	void (*gone)(uint32_t ifindex, void *arg);
	/* Names, ifindexes, masters or MACs changed; called once for everything that has come. */
	void (*changed)(void *arg);
};

/* Read all devices and follow them from now on. Return: NULL with @err. */
struct xn_devices *xn_devices_open(sd_event *event, const struct xn_device_calls *calls, void *arg,
				   struct xn_err *err);
void xn_devices_close(struct xn_devices *devices);

/* Take in what has come by now, without waiting for the event loop to come to it. */
void xn_devices_read(struct xn_devices *devices);

/* All of them, sorted by name; until devices are read again. */
const struct xn_device *xn_devices_all(const struct xn_devices *devices, size_t *n);

/* By name. Return: NULL: no such device. */
const struct xn_device *xn_devices_find(const struct xn_devices *devices, const char *name);

/* By ifindex. Return: NULL: no such device. */
const struct xn_device *xn_devices_at(const struct xn_devices *devices, uint32_t ifindex);

/* By name. Return: ifindex, 0: no such device. */
uint32_t xn_devices_index(const struct xn_devices *devices, const char *name);

/* Up and running? */
bool xn_devices_up(const struct xn_devices *devices, const char *name);

#endif
