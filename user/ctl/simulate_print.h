/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `xnetman-ctl simulate` shows of a run, as tables on stdout. */
#ifndef XN_CTL_SIMULATE_PRINT_H
#define XN_CTL_SIMULATE_PRINT_H

#include <jansson.h>

#include "ctl/trace.h"

/* Every tick of @series, and the long intervals where they end. */
void xn_simulate_print_ticks(const json_t *series);

/* Means per network: @series with its "networks", as of @trace. */
void xn_simulate_print_means(const json_t *series, const struct xn_trace *trace);

#endif
