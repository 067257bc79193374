// SPDX-License-Identifier: GPL-2.0-or-later
/* Days and times as people write them, and what of them holds at an instant. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "date.h"
#include "schedule.h"

#define EVERY_WEEKDAY 0x7f
#define EVERY_MONTH   0x1ffe
#define EVERY_DAY     0xfffffffe

/* Every combination of date and weekday that there is comes in so many years. */
#define CYCLE_DAYS (41 * 366)

/* --- parsing ------------------------------------------------------------------------------- */

static const char expected[] =
	"write days, a time, or both, as Mon..Fri 08:00..18:00 or *-12-24..26";

static const char *const weekday_names[] = { "monday", "tuesday",  "wednesday", "thursday",
					     "friday", "saturday", "sunday" };

/* Monday or Mon, in any case. Return: its letters, 0: none is there. */
static size_t take_weekday(const char *text, int *weekday)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	for (*weekday = 0; *weekday < 7; ++*weekday) {
		const char *name = weekday_names[*weekday];

		if ((len == 3 || len == strlen(name)) && !strncasecmp(text, name, len))
			return len;
	}
	return 0;
}

/* Mon,Wed..Fri; a range may pass Sunday. */
static const char *parse_weekdays(const char *text, struct xn_when *when)
{
	int from, to;
	size_t len;

	when->weekdays = 0;
	for (;;) {
		len = take_weekday(text, &from);
		if (!len)
			return "has a word that is no day of the week: write Mon, Tue, Wed, Thu, "
			       "Fri, "
			       "Sat or Sun";
		text += len;
		to = from;
		if (!strncmp(text, "..", 2)) {
			len = take_weekday(text + 2, &to);
			if (!len)
				return "has a range of weekdays without end: write Mon..Fri";
			text += len + 2;
		}
		for (int day = from;; day = (day + 1) % 7) {
			when->weekdays |= 1u << day;
			if (day == to)
				break;
		}
		if (!*text)
			return NULL;
		if (*text++ != ',')
			return "has weekdays not joined by , or ..: write Mon,Wed..Fri";
	}
}

static bool take_number(const char **text, int *value)
{
	int digits = 0;

	for (*value = 0; isdigit((unsigned char)**text) && digits < 4; digits++)
		*value = *value * 10 + *(*text)++ - '0';
	return digits;
}

/* FROM[..TO][/STEP] of numbers in @min..@max. */
struct span {
	int from, to, step;
};

static const char *take_span(const char **text, int min, int max, struct span *span)
{
	span->step = 1;
	if (**text == '*') {
		++*text;
		span->from = min;
		span->to = max;
	} else {
		if (!take_number(text, &span->from))
			return "has a date that is none: write YEARS-MONTHS-DAYS, as *-12-24..26";
		span->to = span->from;
		if (!strncmp(*text, "..", 2)) {
			*text += 2;
			if (!take_number(text, &span->to))
				return "has a range in its date without end: write *-12-24..26";
		} else if (**text == '/') {
			span->to = max;
		}
	}
	if (**text == '/') {
		++*text;
		if (!take_number(text, &span->step) || !span->step)
			return "has a / in its date without a step: write *-*-01/7";
	}
	if (span->from < min || span->to > max || span->from > span->to)
		return "has a date out of range: years are 2000 to 2199, months 01 to 12, days 01 "
		       "to "
		       "31, and ranges go up";
	return NULL;
}

static const char *parse_bits(const char **text, int min, int max, uint32_t *bits)
{
	const char *why;
	struct span span;

	*bits = 0;
	do {
		why = take_span(text, min, max, &span);
		if (why)
			return why;
		for (int i = span.from; i <= span.to; i += span.step)
			*bits |= UINT32_C(1) << i;
	} while (**text == ',' && ++*text);
	return NULL;
}

static const char *parse_years(const char **text, struct xn_when *when)
{
	const char *why;
	struct span span;

	when->n_years = 0;
	if (**text == '*' && (*text)[1] != '/') {
		++*text;
		return NULL;
	}
	do {
		why = take_span(text, XN_YEAR_MIN, XN_YEAR_MAX, &span);
		if (why)
			return why;
		if (when->n_years == XN_WHEN_YEARS)
			return "has more than 8 ranges of years: write several entries";
		when->years[when->n_years++] = (struct xn_years){ span.from, span.to, span.step };
	} while (**text == ',' && ++*text);
	return NULL;
}

/* [YEARS-]MONTHS-DAYS or [YEARS-]MONTHS~DAYS, these from the end. */
static const char *parse_date(const char *text, struct xn_when *when)
{
	static const char wrong[] =
		"has a date that is none: write YEARS-MONTHS-DAYS, as *-12-24..26";
	const char *last = strpbrk(text, "-~"), *why = NULL;
	uint32_t bits;
	bool from_end;

	if (last && strpbrk(last + 1, "-~")) {
		why = parse_years(&text, when);
		if (!why && *text++ != '-')
			why = wrong;
	}
	if (!why)
		why = parse_bits(&text, 1, 12, &bits);
	if (why)
		return why;
	when->months = bits;
	from_end = *text == '~';
	if (!from_end && *text != '-')
		return wrong;
	text++;
	why = parse_bits(&text, 1, 31, &bits);
	if (why)
		return why;
	if (*text)
		return wrong;
	if (from_end)
		when->last_days = bits;
	else
		when->days = bits;
	return NULL;
}

/* HH:MM, 24:00 the latest. */
static bool take_time(const char **text, uint16_t *minute)
{
	int hour, min;

	if (!take_number(text, &hour) || *(*text)++ != ':' || !isdigit((unsigned char)**text) ||
	    !isdigit((unsigned char)(*text)[1]))
		return false;
	take_number(text, &min);
	*minute = hour * 60 + min;
	return hour <= 24 && min < 60 && *minute <= XN_DAY_MINUTES;
}

static const char *parse_time(const char *text, struct xn_when *when)
{
	static const char wrong[] =
		"has a time that is no range of hours and minutes: write 08:00..18:00";

	if (!take_time(&text, &when->begin) || strncmp(text, "..", 2))
		return wrong;
	text += 2;
	if (!take_time(&text, &when->end) || *text)
		return wrong;
	if (when->begin == XN_DAY_MINUTES)
		return "begins at 24:00: write 00:00 of the next day";
	if (when->begin == when->end)
		return "ends when it begins: leave the time out for the whole day";
	if (when->end == 0)
		when->end = XN_DAY_MINUTES;
	return NULL;
}

/* What a word is, in the order in which they must come. */
enum part {
	PART_WEEKDAYS,
	PART_DATE,
	PART_TIME,
	PARTS,
};

static enum part part_of(const char *word)
{
	if (isalpha((unsigned char)*word))
		return PART_WEEKDAYS;
	return strchr(word, ':') ? PART_TIME : PART_DATE;
}

const char *xn_when_parse(const char *text, struct xn_when *when)
{
	static const char *(*const parse[])(const char *text, struct xn_when *when) = {
		[PART_WEEKDAYS] = parse_weekdays,
		[PART_DATE] = parse_date,
		[PART_TIME] = parse_time,
	};
	char copy[XN_WHEN_TEXT_MAX + 1], *rest, *word;
	enum part next = PART_WEEKDAYS, part;
	const char *why;

	*when = (struct xn_when){ .weekdays = EVERY_WEEKDAY,
				  .months = EVERY_MONTH,
				  .days = EVERY_DAY,
				  .first_day = XN_DAY_NEVER,
				  .last_day = XN_DAY_NEVER,
				  .end = XN_DAY_MINUTES };
	if (strlen(text) > XN_WHEN_TEXT_MAX)
		return "is too long: write several entries";
	strcpy(copy, text);
	word = strtok_r(copy, " ", &rest);
	if (!word)
		return expected;
	for (; word; word = strtok_r(NULL, " ", &rest)) {
		part = part_of(word);
		if (part < next)
			return "has its parts twice or in another order: write weekdays, date, "
			       "time, as "
			       "Mon..Fri *-01..06-* 08:00..18:00";
		why = parse[part](word, when);
		if (why)
			return why;
		next = part + 1;
	}
	return xn_when_first(when, xn_day_of((struct xn_date){ XN_YEAR_MIN, 1, 1 })) == XN_DAY_NEVER
		       ? "is on no day of any year: correct its date"
		       : NULL;
}

/* --- days ------------------------------------------------------------------------------------ */

bool xn_when_in_year(const struct xn_when *when, int year)
{
	for (size_t i = 0; i < when->n_years; i++) {
		const struct xn_years *years = &when->years[i];

		if (year >= years->from && year <= years->to &&
		    (year - years->from) % years->step == 0)
			return true;
	}
	return !when->n_years;
}

bool xn_when_is_dated(const struct xn_when *when)
{
	return when->months != EVERY_MONTH || when->days != EVERY_DAY || when->last_days ||
	       when->n_years;
}

bool xn_when_is_date(const struct xn_when *when, struct xn_date date)
{
	int left;

	if (!(when->months >> date.month & 1) || !xn_when_in_year(when, date.year))
		return false;
	if (!when->last_days)
		return when->days >> date.day & 1;
	left = xn_month_length(date.year, date.month) - date.day + 1;
	return when->last_days >> left & 1;
}

bool xn_when_on_date(const struct xn_when *when, int32_t day)
{
	return !xn_when_is_dated(when) || xn_when_is_date(when, xn_date_of(day));
}

bool xn_when_on(const struct xn_when *when, int32_t day)
{
	if (!(when->weekdays >> xn_weekday(day) & 1))
		return false;
	if (when->first_day != XN_DAY_NEVER && day < when->first_day)
		return false;
	if (when->last_day != XN_DAY_NEVER && day > when->last_day)
		return false;
	return xn_when_on_date(when, day);
}

static int32_t first_of(int year)
{
	return xn_day_of((struct xn_date){ year, 1, 1 });
}

int32_t xn_when_first(const struct xn_when *when, int32_t from)
{
	int low = XN_YEAR_MAX, high = XN_YEAR_MIN;
	int32_t end;

	for (size_t i = 0; i < when->n_years; i++) {
		low = when->years[i].from < low ? when->years[i].from : low;
		high = when->years[i].to > high ? when->years[i].to : high;
	}
	if (when->first_day != XN_DAY_NEVER && when->first_day > from)
		from = when->first_day;
	if (when->n_years && first_of(low) > from)
		from = first_of(low);
	end = when->n_years ? first_of(high + 1) : from + CYCLE_DAYS;
	for (int32_t day = from; day < end; day++)
		if (xn_when_on(when, day))
			return day;
	return XN_DAY_NEVER;
}

/* --- instants ------------------------------------------------------------------------------ */

uint32_t xn_schedule_on(const struct xn_schedule *schedule, int32_t day)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < schedule->n; i++)
		if (xn_when_on(&schedule->entries[i], day))
			bits |= UINT32_C(1) << i;
	return bits;
}

uint32_t xn_schedule_in(const struct xn_schedule *schedule, uint32_t today, uint32_t yesterday,
			int minute)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < schedule->n; i++) {
		const struct xn_when *when = &schedule->entries[i];
		bool wraps = xn_when_wraps(when);
		bool holds = (today >> i & 1) && minute >= when->begin &&
			     (wraps || minute < when->end);

		holds |= (yesterday >> i & 1) && wraps && minute < when->end;
		bits |= (uint32_t)holds << i;
	}
	return bits;
}

/* The wall's clock at an instant. */
struct wall {
	int32_t day;
	int minute;
	int64_t until; /* its offset stays so long */
	int32_t offset;
};

static struct wall wall_at(const struct xn_zone *zone, int64_t time)
{
	struct wall wall;
	int64_t minute;

	wall.offset = xn_zone_offset(zone, time, &wall.until);
	minute = xn_floor_div(time + wall.offset, 60);
	wall.day = xn_floor_div(minute, XN_DAY_MINUTES);
	wall.minute = xn_floor_mod(minute, XN_DAY_MINUTES);
	return wall;
}

static uint32_t at_wall(const struct xn_schedule *schedule, const struct wall *wall)
{
	return xn_schedule_in(schedule, xn_schedule_on(schedule, wall->day),
			      xn_schedule_on(schedule, wall->day - 1), wall->minute);
}

uint32_t xn_schedule_at(const struct xn_schedule *schedule, int64_t time)
{
	struct wall wall;

	if (!schedule->n)
		return 0;
	wall = wall_at(schedule->zone, time);
	return at_wall(schedule, &wall);
}

/* The next minute of the day, or the day's end, at which an entry may begin or end. */
static int next_edge(const struct xn_schedule *schedule, int minute)
{
	int next = XN_DAY_MINUTES;

	for (size_t i = 0; i < schedule->n; i++) {
		const struct xn_when *when = &schedule->entries[i];

		if (when->begin > minute && when->begin < next)
			next = when->begin;
		if (when->end > minute && when->end < next)
			next = when->end;
	}
	return next;
}

int64_t xn_schedule_next(const struct xn_schedule *schedule, int64_t time, int64_t limit)
{
	struct wall wall;
	uint32_t held;

	if (!schedule->n)
		return limit;
	wall = wall_at(schedule->zone, time);
	held = at_wall(schedule, &wall);
	for (;;) {
		int edge = next_edge(schedule, wall.minute);

		time = ((int64_t)wall.day * XN_DAY_MINUTES + edge) * 60 - wall.offset;
		if (wall.until < time)
			time = wall.until;
		if (time >= limit)
			return limit;
		wall = wall_at(schedule->zone, time);
		if (at_wall(schedule, &wall) != held)
			return time;
	}
}
