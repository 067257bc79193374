/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `xnetman-ctl simulate`: the controller against a demand trace, without a kernel. */
#ifndef XN_CTL_SIMULATE_H
#define XN_CTL_SIMULATE_H

#include <jansson.h>

#include "ctl/ctl.h"
#include "ctl/trace.h"

/**
 * xn_simulate() - what every network gets, tick by tick
 * @trace: a finished trace
 *
 * Return: a series (core/series.h) with "utilisation" (0..1, of the link over the whole trace) and
 * "oversold" (guarantees did not fit) besides, or NULL without memory.
 */
json_t *xn_simulate(const struct xn_trace *trace);

/**
 * xn_ctl_simulate() - the command
 * @ctl: with -j it prints the series instead of a table
 * @argv: "simulate" and what follows it
 *
 * Return: exit status; an error has been told.
 */
int xn_ctl_simulate(struct xn_ctl *ctl, int argc, char **argv);

#endif
