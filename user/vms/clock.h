/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long something takes: not by the wall's clock, which somebody may set meanwhile. */
#ifndef XN_VMS_CLOCK_H
#define XN_VMS_CLOCK_H

#include <time.h>

/* s, CLOCK_MONOTONIC. */
static inline time_t xn_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

#endif
