/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of a network whose router moves to another machine. What travels is its average use since the long
 * interval began: the two machines' intervals begin at different times, and an average is what both understand.
 */
#ifndef XN_DAEMON_TRAVEL_H
#define XN_DAEMON_TRAVEL_H

#include "daemon/daemon.h"

/* Average use of row @r by network @n in this Il so far, unit/s; 0 if it has just begun. */
double xn_travel_average(const struct xn_daemon *daemon, size_t r, size_t n);

/* Can it be one of row @r? Finite, not negative, and no more than the resource can give. */
bool xn_travel_plausible(const struct xn_daemon *daemon, size_t r, double average);

/**
 * xn_travel_take() - go on with what was used elsewhere
 * @average: of the Il there, unit/s, plausible
 *
 * As if it had been used here at that average since this Il began, so what its schedule had until it came counts as well, and the
 * Il is judged as a whole. What was used here counts if it is more, so that nothing is counted twice, and saying it again changes
 * nothing.
 */
void xn_travel_take(struct xn_daemon *daemon, size_t r, size_t n, double average);

#endif
