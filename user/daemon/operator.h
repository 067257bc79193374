/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operators' QoS (SPEC section 5, `split`): what each router has configured with tc, kept as it was told, and in
 * force on the links behind its interfaces, below its network's own class. Whatever one operator says changes
 * what is below that class, and his macvlans, and nothing else.
 */
#ifndef XN_DAEMON_OPERATOR_H
#define XN_DAEMON_OPERATOR_H

#include <jansson.h>

#include "common/config.h" /* struct xn_err */
#include "common/qos.h"

struct xn_operator;
struct xn_operators;
struct xn_plane;
struct xn_planes;

/* Of all planes; the links' trees (daemon/tree.h) are there. Return: NULL with @err. */
struct xn_operators *xn_operators_open(struct xn_planes *planes, struct xn_err *err);
/* Leaves everything as it is in the kernel. NULL is fine. */
void xn_operators_close(struct xn_operators *operators);

/*
 * All of the tc configuration of one interface, in place of what was told before. Return: 0, or with @err: -EINVAL
 * (it is not carried, or makes no sense), or what the kernel says; then what was in force still is.
 */
int xn_plane_qos(struct xn_plane *plane, const struct xn_qos *qos, struct xn_err *err);

/* As xn_plane_sync_begin() and _end(): what is not told again in between is gone. */
void xn_operator_sync_begin(struct xn_plane *plane);
void xn_operator_sync_end(struct xn_plane *plane);

/* Ports or leaves changed: put in force what is not yet. */
void xn_operator_update(struct xn_plane *plane);

/* The network is not split any more: its trees are removed. */
void xn_operator_remove(struct xn_plane *plane);
/* Memory only. NULL is fine. */
void xn_operator_free(struct xn_operator *operator);

/* For people: doc/dbus.md, GetPlane, `qos`. New reference. */
json_t *xn_operator_show(const struct xn_plane *plane);

#endif
