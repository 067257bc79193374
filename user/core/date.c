// SPDX-License-Identifier: GPL-2.0-or-later
/* Days of the Gregorian calendar, counted from 1970-01-01. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "date.h"

#define ERA_YEARS 400
#define ERA_DAYS  146097
#define EPOCH	  719468 /* days from 0000-03-01 to 1970-01-01 */

/* Years that begin in March have the odd day at their end. */
int32_t xn_day_of(struct xn_date date)
{
	int year = date.year - (date.month <= 2);
	int era = xn_floor_div(year, ERA_YEARS), of_era = year - era * ERA_YEARS;
	int of_year = (153 * ((date.month + 9) % 12) + 2) / 5 + date.day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH;
}

struct xn_date xn_date_of(int32_t day)
{
	int32_t era = xn_floor_div(day + EPOCH, ERA_DAYS), of_era = day + EPOCH - era * ERA_DAYS;
	int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int month = (5 * of_year + 2) / 153;
	struct xn_date date = {
		.year = year + era * ERA_YEARS + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};

	return date;
}

struct xn_date xn_date_after(struct xn_date date)
{
	if (date.day < 28 || date.day < xn_month_length(date.year, date.month))
		return (struct xn_date){ date.year, date.month, date.day + 1 };
	if (date.month < 12)
		return (struct xn_date){ date.year, date.month + 1, 1 };
	return (struct xn_date){ date.year + 1, 1, 1 };
}

int xn_weekday(int32_t day)
{
	return xn_floor_mod(day + 3, 7);
}

int xn_month_length(int year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return lengths[month - 1] + (month == 2 && leap);
}

const char *xn_parse_day(const char *text, int32_t *day)
{
	struct xn_date date;
	int end = -1;

	if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
	    sscanf(text, "%4d-%2d-%2d%n", &date.year, &date.month, &date.day, &end) != 3 ||
	    end != 10 || text[4] != '-' || text[7] != '-')
		return "is not a day: write YEAR-MONTH-DAY, as 2026-04-01";
	if (date.year < XN_YEAR_MIN || date.year > XN_YEAR_MAX)
		return "is out of range: write a year from 2000 to 2199";
	if (date.month < 1 || date.month > 12 || date.day < 1 ||
	    date.day > xn_month_length(date.year, date.month))
		return "does not exist: write a day of the calendar, as 2026-04-01";
	*day = xn_day_of(date);
	return NULL;
}

char *xn_format_day(int32_t day, char *buf, size_t size)
{
	struct xn_date date = xn_date_of(day);

	snprintf(buf, size, "%04d-%02d-%02d", date.year, date.month, date.day);
	return buf;
}
