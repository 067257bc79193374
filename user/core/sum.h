/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sum that does not depend on the order of its terms, to the last bit: fixed
 * point, because integer addition is associative and that of doubles is not.
 * A term is off by less than 2^-60 of the largest.
 */
#ifndef XN_CORE_SUM_H
#define XN_CORE_SUM_H

#include <math.h>
#include <stdint.h>

struct xn_sum {
	__int128 units;
	double scale; /* units in 1.0; a power of two, so that scaling is exact */
};

/* An empty sum of terms in 0..@largest. */
static inline struct xn_sum xn_sum_for(double largest)
{
	int exponent;

	frexp(largest, &exponent);
	return (struct xn_sum){ .scale = ldexp(1, 61 - exponent) };
}

static inline void xn_sum_add(struct xn_sum *sum, double term)
{
	sum->units += (int64_t)(term * sum->scale);
}

static inline double xn_sum_value(const struct xn_sum *sum)
{
	return (double)sum->units / sum->scale;
}

#endif
