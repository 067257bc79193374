/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fmin() and fmax() without their care for NaN, which costs a call: one instruction each. */
#ifndef XN_CORE_BOUNDS_H
#define XN_CORE_BOUNDS_H

static inline double xn_least(double a, double b)
{
	return a < b ? a : b;
}

static inline double xn_most(double a, double b)
{
	return a > b ? a : b;
}

#endif
