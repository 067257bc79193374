// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Weighted max-min division, exact. What is allowed grows with the level along a concave line of n
 * straight pieces, so Newton's method from below never passes the level sought, and is there when
 * a pass fills nobody.
 *
 * Each pass shrinks (what is left to divide at the level) x (claims not filled yet) at
 * least fourfold. Doubles give that product at most log2(n) + 53 + log2(largest/smallest claim)
 * halvings, so the passes are O(log n): some 60 at worst with claims from 1 bit to a
 * day of 400 Gbit/s, about 5 in practice. No sort, no allocation, and every pass adds up with
 * xn_sum, so that the order of networks leaves no trace.
 */
#include "bounds.h"
#include "sum.h"
#include "waterfill.h"

static double largest_claim(struct xn_share *const *order, size_t n)
{
	double largest = 0;

	for (size_t i = 0; i < n; i++)
		largest = xn_most(largest, order[i]->claim);
	return largest;
}

static double total_claim(struct xn_share *const *order, size_t n)
{
	struct xn_sum total = xn_sum_for(largest_claim(order, n));

	for (size_t i = 0; i < n; i++)
		xn_sum_add(&total, order[i]->claim);
	return xn_sum_value(&total);
}

/* Those who want no more than @level gives have it, and leave. Return: how many stay. */
static size_t fill(struct xn_share **order, size_t n, double level, struct xn_sum *filled)
{
	size_t stay = 0;

	for (size_t i = 0; i < n; i++) {
		struct xn_share *s = order[i];
		double rest = s->want - s->allowed;

		if (rest > level * s->claim) {
			order[stay++] = s;
			continue;
		}
		s->allowed = s->want;
		xn_sum_add(filled, rest);
	}
	return stay;
}

double xn_waterfill(struct xn_share **order, size_t n, double left)
{
	struct xn_sum filled = xn_sum_for(left);
	double rest = left, level = 0;
	size_t stay;

	while (n) {
		level = xn_most(level, rest / total_claim(order, n));
		stay = fill(order, n, level, &filled);
		if (stay == n)
			break;
		n = stay;
		rest = xn_most(0, left - xn_sum_value(&filled));
	}
	for (size_t i = 0; i < n; i++)
		order[i]->allowed =
			xn_least(order[i]->want, order[i]->allowed + level * order[i]->claim);
	return n ? 0 : rest;
}
