/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router's tc configuration, followed: whatever changes, all of it is read again, as the channel carries it. */
#ifndef XN_GUEST_SHAPING_H
#define XN_GUEST_SHAPING_H

#include <systemd/sd-event.h>

#include "common/config.h" /* struct xn_err */
#include "common/qos.h"

struct xn_shaping;

/* @changed is called from the event loop when something is to be told. Return: NULL with @err. */
struct xn_shaping *xn_shaping_open(sd_event *event, void (*changed)(void *arg), void *arg,
				   struct xn_err *err);
void xn_shaping_close(struct xn_shaping *shaping);

/* Grows with each change. 0: nothing was ever configured. */
uint64_t xn_shaping_version(const struct xn_shaping *shaping);

/*
 * The interface that changed first after version @told, which becomes its version. One that has nothing any
 * more is among them. Return: NULL: none; else it holds until the next call.
 */
const struct xn_qos *xn_shaping_next(struct xn_shaping *shaping, uint64_t *told);

/* Interfaces that have a configuration. */
size_t xn_shaping_count(const struct xn_shaping *shaping);

#endif
