/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a network was sold of one resource, and whether that can be (SPEC: the SLA). */
#ifndef XN_CORE_SLA_H
#define XN_CORE_SLA_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct xn_sla - service level of one network for one resource
 *
 * All rates in the resource's unit per second; for bandwidth bit/s.
 */
struct xn_sla {
	double rc;	 /* short-term reservation, lent when idle; >= 0 */
	double re;	 /* exclusive short-term reservation, never lent; >= 0 */
	double rl;	 /* long-term reservation, average over Il; >= rc + re */
	double rmax;	 /* most it may use, average over Il; >= rl */
	bool restricted; /* never above the short-term guarantee rc + re */
};

/* Short-term guarantee G = Rc + Re. */
static inline double xn_sla_guarantee(const struct xn_sla *sla)
{
	return sla->rc + sla->re;
}

/**
 * xn_sla_check() - is this SLA consistent, and possible on this capacity?
 * @sla: what is to be sold
 * @capacity: of the resource, same unit
 * @key: out, on error: the SLA parameter at fault ("rc", "re", "rl", "rmax")
 *
 * Return: NULL if it is, otherwise one clause that says what is wrong and what
 * to do, fit to follow "file:line: key: ".
 */
const char *xn_sla_check(const struct xn_sla *sla, double capacity, const char **key);

#endif
