/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When ticks are due and which long interval a moment is in. Everything hangs on
 * the start of the Il: tick k is at start + k x Ic, and the next Il starts at start + Il,
 * whatever ticks came late or not at all.
 */
#ifndef XN_DAEMON_GRID_H
#define XN_DAEMON_GRID_H

#include <stdint.h>

/**
 * xn_grid_next() - the next tick
 * @start: of the Il, ns
 * @ic: short interval, ns
 * @now: ns, >= @start
 * @gap: how far away it must be at least, ns
 *
 * Return: the first start + k x ic that is later than @now, and not before @now + @gap.
 */
uint64_t xn_grid_next(uint64_t start, uint64_t ic, uint64_t now, uint64_t gap);

/* Start of the Il that @now is in, given the start of an earlier (or the same) one. */
uint64_t xn_grid_interval(uint64_t start, uint64_t il, uint64_t now);

/**
 * xn_grid_elapsed() - tau, s
 *
 * Real time since the start of the Il on the grid, not ticks x Ic: the controller
 * compares volumes used so far with what may still come in rho = Il - tau, and both are
 * matters of real time. With ticks counted instead, a tick that is late or left out
 * would make rho too long, and the long-term right be held back for guarantees
 * that have no time left to be used. Never reaches Il.
 */
double xn_grid_elapsed(uint64_t start, uint64_t il, uint64_t now);

#endif
