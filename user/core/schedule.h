/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When something of a contract holds (SPEC: the schedule). What counts is what a clock on the wall of the
 * contract's time zone shows: an entry holds at an instant if the wall's date and time then are in it. So
 * an hour that daylight saving leaves out is in no entry, and one that exists twice is in its entry twice; entries
 * that join on paper join always, and never overlap.
 *
 * Pure: time is an argument.
 */
#ifndef XN_CORE_SCHEDULE_H
#define XN_CORE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "date.h"
#include "zone.h"

#define XN_WHEN_YEARS	 8  /* ranges of years that one entry may have */
#define XN_SCHEDULE_MAX	 32 /* entries of a schedule */
#define XN_WHEN_TEXT_MAX 128

/* Years from..to, each @step. */
struct xn_years {
	int16_t from, to, step;
};

/* Days, and a time on each of them. */
struct xn_when {
	uint8_t weekdays; /* bit 0: Monday */
	uint16_t months;  /* bit 1: January */
	uint32_t days;	  /* bit 1: the first of the month */
	uint32_t last_days; /* bit 1: the last of the month, bit 2: the one before; if any, instead of @days */
	size_t n_years; /* 0: every year */
	struct xn_years years[XN_WHEN_YEARS];
	int32_t first_day, last_day; /* XN_DAY_NEVER: no such limit */

	/* Minutes of the day, 0..1440. end <= begin: until @end of the next day. */
	uint16_t begin, end;
};

#define XN_DAY_NEVER INT32_MIN

/**
 * xn_when_parse() - "[WEEKDAYS] [YEARS-MONTHS-DAYS] [HH:MM..HH:MM]"
 * @text: weekdays and date in systemd's calendar syntax, and a range of time; at least one of them
 * @when: out; first_day and last_day are left open
 *
 * Return: NULL, or a clause that says what is wrong and what to write.
 */
const char *xn_when_parse(const char *text, struct xn_when *when);

/* Is there a day from @from on on which it holds? Return: that day, or XN_DAY_NEVER. */
int32_t xn_when_first(const struct xn_when *when, int32_t from);

/* Has it a date besides weekdays, first and last day? */
bool xn_when_is_dated(const struct xn_when *when);

/* Is the day one of its date, whatever its weekdays, its first and its last day say? */
bool xn_when_on_date(const struct xn_when *when, int32_t day);

/* May a year have a day of its date? */
bool xn_when_in_year(const struct xn_when *when, int year);

/* The same of a day of which the date is known. */
bool xn_when_is_date(const struct xn_when *when, struct xn_date date);

/* Does it begin on this day? */
bool xn_when_on(const struct xn_when *when, int32_t day);

/* Does it reach into the day after? */
static inline bool xn_when_wraps(const struct xn_when *when)
{
	return when->end <= when->begin;
}

/* Entries of one contract. Those that hold are bits, bit 0 the first. */
struct xn_schedule {
	const struct xn_zone *zone;
	const struct xn_when *entries;
	size_t n;
};

/* Entries that hold at @time, s since 1970 UTC. */
uint32_t xn_schedule_at(const struct xn_schedule *schedule, int64_t time);

/* First instant after @time at which others hold than at @time; @limit if there is none before it. */
int64_t xn_schedule_next(const struct xn_schedule *schedule, int64_t time, int64_t limit);

/* Entries that begin on a day of the wall's. */
uint32_t xn_schedule_on(const struct xn_schedule *schedule, int32_t day);

/**
 * xn_schedule_in() - entries that hold at a time on the wall
 * @today: xn_schedule_on() of the day
 * @yesterday: that of the day before
 * @minute: of the day
 */
uint32_t xn_schedule_in(const struct xn_schedule *schedule, uint32_t today, uint32_t yesterday,
			int minute);

#endif
