/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making the kernel's networks, links and ports what the state says. */
#ifndef XN_DAEMON_APPLY_H
#define XN_DAEMON_APPLY_H

#include <stdint.h>

struct xn_daemon;
struct xn_err;

/**
 * xn_apply() - by difference with what the kernel has
 *
 * What is there already is adopted: a network of the same name keeps its id, counters go on.
 * Goes as far as it can. Without the module it does nothing.
 *
 * Return: 0, or -errno with @err of the first thing that was refused.
 */
int xn_apply(struct xn_daemon *daemon, struct xn_err *err);

/* Only bind links and ports to the devices that there are now. Return: as xn_apply(). */
int xn_bind(struct xn_daemon *daemon, struct xn_err *err);

/* A device is gone, and the kernel's link or port with it. */
void xn_unbind(struct xn_daemon *daemon, uint32_t ifindex);

#endif
