/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ticks and long intervals as JSON: the one form in which `simulate`, the demo and
 * the experiments write what happened, and from which tables and plots are made.
 *
 *   {"ticks": [{"t": s, "networks": [{"name", "demand_bps", "throughput_bps",
 *                                     "allowed_bps", "ratio", "weight", "ec"}]}],
 *    "intervals": [{"t": s, "networks": [{"name", "el", "conformity"}]}]}
 *
 * Of a resource that is no link, networks of ticks also have "resource", and its suffix instead of
 * bps. t is the end of the tick or interval, seconds since the start of the run.
 */
#ifndef XN_CORE_SERIES_H
#define XN_CORE_SERIES_H

#include <jansson.h>

#include "conformity.h"
#include "controller.h"
#include "resource.h"

/* Empty series. Return: new reference, NULL without memory. */
json_t *xn_series_new(void);

/* Append a tick at @t; networks are added to what is returned (borrowed). */
json_t *xn_series_tick(json_t *series, double t);

/**
 * xn_series_tick_add() - one network of a tick
 * @tick: from xn_series_tick()
 * @name: the network's
 * @kind: of which the rates are
 * @demand: D measured in this tick
 * @through: V measured in this tick
 * @share: the decision that was in force during this tick (allowed, ratio, weight)
 * @ec: short-term error of this tick
 */
int xn_series_tick_add(json_t *tick, const char *name, enum xn_resource_kind kind, double demand,
		       double through, const struct xn_share *share, double ec);

json_t *xn_series_interval(json_t *series, double t);
int xn_series_interval_add(json_t *interval, const char *name, const struct xn_verdict *verdict);

#endif
