/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures by which an SLA is judged: Ec, El, C (SPEC section 4; paper, equations 1 and 2). */
#ifndef XN_CORE_CONFORMITY_H
#define XN_CORE_CONFORMITY_H

#include <stddef.h>

/**
 * xn_error() - max(0, 1 - V / min(reserved, D)); 0 when the minimum is 0
 * @reserved: Rc for Ec, Rl for El
 * @demand: D, over the interval judged
 * @through: V, over the same interval
 *
 * Same unit for all three. Return: 0..1.
 */
double xn_error(double reserved, double demand, double through);

/* Account of one network on one resource over the current long interval. */
struct xn_account {
	double offered; /* units offered so far in this Il */
	double used;	/* units let through so far in this Il */
	double ec_sum;	/* sum of Ec over the ticks of this Il */
	size_t ticks;	/* ticks summed in ec_sum */
};

/* What a closed long interval was like. */
struct xn_verdict {
	double demand;	   /* D, average over Il, unit/s */
	double through;	   /* V, average over Il, unit/s */
	double ec_mean;	   /* mean of Ec */
	double el;	   /* long-term error */
	double conformity; /* C = 1 - mean(Ec)/2 - El/2 */
};

/**
 * xn_account_add() - add one short interval
 * @acc: the account
 * @rc: short-term reservation in force then, unit/s
 * @offered: units offered in it
 * @through: units let through in it
 * @seconds: its real length, > 0
 *
 * Return: Ec of that interval.
 */
double xn_account_add(struct xn_account *acc, double rc, double offered, double through,
		      double seconds);

/**
 * xn_account_close() - judge the interval and start the next one from zero
 * @acc: the account; zeroed
 * @rl: long-term reservation, unit/s
 * @seconds: real length of the interval, > 0
 */
struct xn_verdict xn_account_close(struct xn_account *acc, double rl, double seconds);

#endif
