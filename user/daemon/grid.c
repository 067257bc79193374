// SPDX-License-Identifier: GPL-2.0-or-later
/* Arithmetic of the tick grid; pure. */
#include "daemon/grid.h"

uint64_t xn_grid_next(uint64_t start, uint64_t ic, uint64_t now, uint64_t gap)
{
	uint64_t next = start + ((now - start) / ic + 1) * ic;

	while (next < now + gap)
		next += ic;
	return next;
}

uint64_t xn_grid_interval(uint64_t start, uint64_t il, uint64_t now)
{
	return now < start ? start : start + (now - start) / il * il;
}

double xn_grid_elapsed(uint64_t start, uint64_t il, uint64_t now)
{
	uint64_t gone = now < start ? 0 : now - start;

	if (gone >= il)
		gone = il - 1;
	return gone / 1e9;
}
