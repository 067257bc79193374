/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router's routes as its kernel has them, and which of them Dom0 is still to be told of. What changes
 * several times before it is told is told once, as it is then. No I/O.
 */
#ifndef XN_GUEST_MIRROR_H
#define XN_GUEST_MIRROR_H

#include <stdbool.h>
#include <stddef.h>

#include "common/dataplane.h"

struct xn_mirror;

/* Return: NULL: no memory. */
struct xn_mirror *xn_mirror_create(void);
void xn_mirror_destroy(struct xn_mirror *mirror);

enum xn_mirror_how {
	XN_MIRROR_PUT, /* in place of what is there */
	XN_MIRROR_BEHIND /* the kernel uses the one that is there: only keep in mind that there are two */
};

/* Return: 0 or -ENOMEM. */
int xn_mirror_set(struct xn_mirror *mirror, const struct xn_guest_route *route,
		  enum xn_mirror_how how);

/**
 * xn_mirror_remove() - a route is gone from the kernel
 *
 * Return: that is clear; false: there was another of the same key, or it was another: read all anew.
 */
bool xn_mirror_remove(struct xn_mirror *mirror, const struct xn_guest_route *route);

/* All are read from the kernel between these two: what was not set anew is gone at the end. */
void xn_mirror_sweep_begin(struct xn_mirror *mirror);
void xn_mirror_sweep_end(struct xn_mirror *mirror);

/* Whoever is told knows nothing yet. */
void xn_mirror_retell(struct xn_mirror *mirror);

/* The next change to tell, in @add; it is told now. Return: NULL: none. The route holds until the next call. */
const struct xn_guest_route *xn_mirror_next(struct xn_mirror *mirror, bool *add);
bool xn_mirror_pending(const struct xn_mirror *mirror);

/* Routes that there are. */
size_t xn_mirror_count(const struct xn_mirror *mirror);

#endif
