/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random schedules, and what of them holds by libc's clock and plain comparisons: nothing of core/ is used to
 * find it.
 */
#ifndef CONTRACT_CASE_H
#define CONTRACT_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/schedule.h"

#define CASE_ENTRIES 3
#define CASE_STEP    900 /* s: everything begins and ends at multiples of it */

extern const char *const case_zones[];
#define CASE_ZONES 6

struct case_rng {
	uint64_t state;
};

uint32_t case_random(struct case_rng *rng, uint32_t below);

/* An entry in plain numbers. */
struct case_entry {
	bool weekday[7]; /* 0 is Monday */
	int months[2], days[2];
	int year;	     /* 0: every */
	int from_end;	     /* 0: by @days; n: the n-th last of the month */
	int64_t first, last; /* as 20260401; 0: no limit */
	int begin, end;	     /* minutes */
	char text[XN_WHEN_TEXT_MAX];
};

enum case_kind {
	CASE_WEEKLY,  /* no dates at all */
	CASE_LIMITED, /* nothing holds outside of 20270313 .. 20270406 */
	CASE_DATED,   /* dates of every year */
	CASE_ENDING,  /* dates, and nothing holds outside of 20270101 .. 20280401 */
};

/* Fills in @entry, and the same as @when by its text. */
void case_draw(struct case_rng *rng, enum case_kind kind, struct case_entry *entry,
	       struct xn_when *when);

/* Other first and last days for it, if it is of a kind that has such. */
void case_redraw_limits(struct case_rng *rng, enum case_kind kind, struct case_entry *entry,
			struct xn_when *when);

/* What a wall clock shows. */
struct case_wall {
	int year, month, day, weekday, minute;
	int before_year, before_month, before_day; /* the day before */
};

/* libc's, in zone case_zones[@zone]. */
struct case_wall case_wall(int zone, int64_t time);

bool case_holds(const struct case_entry *entry, const struct case_wall *wall);

#endif
