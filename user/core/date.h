/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Days of the Gregorian calendar, counted from 1970-01-01. */
#ifndef XN_CORE_DATE_H
#define XN_CORE_DATE_H

#include <stddef.h>
#include <stdint.h>

#define XN_DAY_SECONDS 86400
#define XN_DAY_MINUTES 1440

/* Years that a schedule may name. */
#define XN_YEAR_MIN 2000
#define XN_YEAR_MAX 2199

struct xn_date {
	int year;
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

/* Day number; the date must be one that exists. */
int32_t xn_day_of(struct xn_date date);
struct xn_date xn_date_of(int32_t day);
/* The day after. */
struct xn_date xn_date_after(struct xn_date date);

/* 0 (Monday) .. 6 (Sunday). */
int xn_weekday(int32_t day);

int xn_month_length(int year, int month);

/* a / b and a mod b, rounded down, for b > 0. */
static inline int64_t xn_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static inline int64_t xn_floor_mod(int64_t a, int64_t b)
{
	return a % b + (a % b < 0 ? b : 0);
}

/**
 * xn_parse_day() - the day "2026-04-01"
 *
 * Return: NULL, or a clause that says what is wrong and what to write.
 */
const char *xn_parse_day(const char *text, int32_t *day);

/* "2026-04-01". Return: @buf. */
char *xn_format_day(int32_t day, char *buf, size_t size);

#endif
