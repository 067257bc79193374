/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handles of operators' qdiscs: of each link those whose major is 0x4000 to 0x6fff are xnetmand's to give. What there
 * is already, a former xnetmand left.
 */
#ifndef XN_DAEMON_MAJORS_H
#define XN_DAEMON_MAJORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/netreq.h"

#define XN_MAJOR_FIRST 0x4000
#define XN_MAJOR_LAST  0x6fff

struct xn_majors;

/* Return: NULL without memory. */
struct xn_majors *xn_majors_new(struct xn_netreq *netreq);
void xn_majors_free(struct xn_majors *majors);

/* @n of them on a link. Return: false: there are not so many left. */
bool xn_majors_take(struct xn_majors *majors, uint32_t ifindex, uint16_t *taken, size_t n);
/* 0 is none. */
void xn_majors_give(struct xn_majors *majors, uint32_t ifindex, const uint16_t *taken, size_t n);

/**
 * xn_majors_found() - the switch (daemon/operator_tree.h) that a former xnetmand left
 * @parent: class that it is in
 * @band: out: in force
 *
 * Return: its major, 0: there is none. It is told once.
 */
uint16_t xn_majors_found(struct xn_majors *majors, uint32_t ifindex, uint32_t parent,
			 unsigned int *band);

#endif
