/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the module's guard is told of a link and of each network's part in it: rates in bytes, and
 * the bursts that go with them (doc/design.md, "The guard").
 */
#ifndef XN_CORE_GUARD_H
#define XN_CORE_GUARD_H

#include <stdint.h>

/* bytes/s of @bps, 0..XNETMAN_RATE_MAX; 0: less than one, or nothing */
uint64_t xn_guard_rate(double bps);

/* What a network entitled to @rate bytes/s may send at once, bytes: what it sends in 1 ms, and two frames. */
uint32_t xn_guard_burst(uint64_t rate);

/* What may wait at a link of @rate bytes/s that stays contended, bytes: what it sends in 4 ms, at least sixteen frames. */
uint32_t xn_guard_limit(uint64_t rate);

#endif
