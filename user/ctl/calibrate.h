/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From measurements to the cost model. */
#ifndef XN_CTL_CALIBRATE_H
#define XN_CTL_CALIBRATE_H

#include "core/cost.h"
#include "ctl/bench.h"

/**
 * xn_calibrate_solve() - a and b of every path
 * @seconds: of a packet, by the way it took and its size: the smallest and the largest frame
 * @model: out
 *
 * Taking in and going on is the way to the link; sending is what sending adds to it. The way to a port
 * is receiving, bridging and sending.
 */
void xn_calibrate_solve(const double seconds[XN_BENCH_WAYS][2], struct xn_cost_model *model);

#endif
