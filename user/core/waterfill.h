/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Weighted max-min division: what one cannot use goes to the others by weight. */
#ifndef XN_CORE_WATERFILL_H
#define XN_CORE_WATERFILL_H

#include <stddef.h>

#include "controller.h"

/**
 * xn_waterfill() - raise each allowed towards want, at a speed proportional to claim
 * @order: who takes part: want > allowed, claim > 0; overwritten
 * @n: how many
 * @left: what there is to divide, unit/s
 *
 * The result is min(want, allowed + level * claim), with the one level that uses up @left.
 *
 * Return: what nobody wanted.
 */
double xn_waterfill(struct xn_share **order, size_t n, double left);

#endif
