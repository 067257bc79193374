/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first half of a tick: the module's counters, and what they say each network did. */
#ifndef XN_DAEMON_MEASURE_H
#define XN_DAEMON_MEASURE_H

#include <stddef.h>

struct xn_daemon;

/* Read all counters. Return: 0, or -errno, which has been logged. */
int xn_measure_read(struct xn_daemon *daemon);

/**
 * xn_measure() - demand, throughput and Ec of every network on every resource since the last time
 *
 * They are added to the accounts. Return: how many networks have no share of a link in the kernel;
 * that can't be unless somebody else changes what is there.
 */
size_t xn_measure(struct xn_daemon *daemon);

#endif
