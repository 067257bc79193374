// SPDX-License-Identifier: GPL-2.0-or-later
/* Random schedules, and what of them holds by libc's clock and plain comparisons. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contract_case.h"
#include "core/date.h"

/* Whole hours, halves and quarters; daylight saving of an hour, of half an hour, none; north and south. */
const char *const case_zones[CASE_ZONES] = {
	"UTC",	       "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
	"Asia/Kolkata"
};

uint32_t case_random(struct case_rng *rng, uint32_t below)
{
	rng->state = rng->state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (rng->state >> 33) % below;
}

static void draw_weekdays(struct case_rng *rng, struct case_entry *entry, char *text)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	int from = case_random(rng, 7), n = 1 + case_random(rng, 6);

	if (case_random(rng, 3) == 0) {
		memset(entry->weekday, true, sizeof(entry->weekday));
		return;
	}
	for (int i = 0; i < n; i++)
		entry->weekday[(from + i) % 7] = true;
	sprintf(text, n > 1 ? "%s..%s " : "%s ", names[from], names[(from + n - 1) % 7]);
}

static void draw_date(struct case_rng *rng, struct case_entry *entry, char *text)
{
	char year[16] = "";

	entry->months[0] = 1 + case_random(rng, 12);
	entry->months[1] = entry->months[0] + case_random(rng, 13 - entry->months[0]);
	entry->days[0] = 1 + case_random(rng, 28);
	entry->days[1] = entry->days[0] + case_random(rng, 32 - entry->days[0]);
	if (case_random(rng, 5) == 0)
		entry->year = 2027 + case_random(rng, 3);
	if (entry->year)
		sprintf(year, "%d-", entry->year);
	if (case_random(rng, 5) == 0) {
		entry->from_end = 1 + case_random(rng, 5);
		sprintf(text, "%s%02d..%02d~%02d ", year, entry->months[0], entry->months[1],
			entry->from_end);
		return;
	}
	sprintf(text, "%s%02d..%02d-%02d..%02d ", *year ? year : "*-", entry->months[0],
		entry->months[1], entry->days[0], entry->days[1]);
}

static void draw_time(struct case_rng *rng, struct case_entry *entry, char *text)
{
	entry->begin = 0;
	entry->end = XN_DAY_MINUTES;
	if (case_random(rng, 4) == 0)
		return;
	entry->begin = 15 * case_random(rng, 96);
	do
		entry->end = 15 * (1 + case_random(rng, 96));
	while (entry->end == entry->begin);
	sprintf(text, "%02d:%02d..%02d:%02d", entry->begin / 60, entry->begin % 60, entry->end / 60,
		entry->end % 60);
}

static int32_t day_number(int64_t date)
{
	if (!date)
		return XN_DAY_NEVER;
	return xn_day_of((struct xn_date){ date / 10000, date / 100 % 100, date % 100 });
}

void case_redraw_limits(struct case_rng *rng, enum case_kind kind, struct case_entry *entry,
			struct xn_when *when)
{
	if (kind == CASE_LIMITED) {
		entry->first = 20270313 + case_random(rng, 19);
		entry->last = 20270327 + case_random(rng, 5);
		if (case_random(rng, 2))
			entry->last = 20270401 + case_random(rng, 4);
	} else if (kind == CASE_ENDING) {
		entry->first = 20270101 + 100 * case_random(rng, 9) + case_random(rng, 28);
		entry->last = 20271001 + 100 * case_random(rng, 3) + case_random(rng, 28);
		if (case_random(rng, 2))
			entry->last = 20280101 + 100 * case_random(rng, 3) + case_random(rng, 28);
	}
	when->first_day = day_number(entry->first);
	when->last_day = day_number(entry->last);
}

void case_draw(struct case_rng *rng, enum case_kind kind, struct case_entry *entry,
	       struct xn_when *when)
{
	const char *why;

	memset(entry, 0, sizeof(*entry));
	entry->months[0] = entry->days[0] = 1;
	entry->months[1] = 12;
	entry->days[1] = 31;
	draw_weekdays(rng, entry, entry->text);
	if (kind >= CASE_DATED || (kind == CASE_LIMITED && case_random(rng, 4) == 0))
		draw_date(rng, entry, entry->text + strlen(entry->text));
	draw_time(rng, entry, entry->text + strlen(entry->text));
	if (!*entry->text)
		strcpy(entry->text, "00:00..24:00");
	why = xn_when_parse(entry->text, when);
	if (why && !strstr(why, "on no day"))
		fail_msg("\"%s\" %s", entry->text, why);
	case_redraw_limits(rng, kind, entry, when);
}

struct case_wall case_wall(int zone, int64_t time)
{
	time_t at = time, before;
	struct tm tm, noon;

	setenv("TZ", case_zones[zone], 1);
	tzset();
	localtime_r(&at, &tm);
	noon = tm;
	noon.tm_mday--;
	noon.tm_hour = 12;
	noon.tm_isdst = -1;
	before = mktime(&noon);
	localtime_r(&before, &noon);
	return (struct case_wall){
		.year = tm.tm_year + 1900,
		.month = tm.tm_mon + 1,
		.day = tm.tm_mday,
		.weekday = (tm.tm_wday + 6) % 7,
		.minute = tm.tm_hour * 60 + tm.tm_min,
		.before_year = noon.tm_year + 1900,
		.before_month = noon.tm_mon + 1,
		.before_day = noon.tm_mday,
	};
}

static int month_length(int year, int month)
{
	if (month == 2)
		return year % 400 == 0 || (year % 4 == 0 && year % 100) ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool on_day(const struct case_entry *e, int year, int month, int day, int weekday)
{
	int64_t date = year * 10000 + month * 100 + day;

	if (!e->weekday[weekday] || (e->year && e->year != year))
		return false;
	if (month < e->months[0] || month > e->months[1])
		return false;
	if ((e->first && date < e->first) || (e->last && date > e->last))
		return false;
	if (e->from_end)
		return day == month_length(year, month) - e->from_end + 1;
	return day >= e->days[0] && day <= e->days[1];
}

bool case_holds(const struct case_entry *e, const struct case_wall *w)
{
	bool today = on_day(e, w->year, w->month, w->day, w->weekday);
	bool before =
		on_day(e, w->before_year, w->before_month, w->before_day, (w->weekday + 6) % 7);

	if (e->begin < e->end)
		return today && w->minute >= e->begin && w->minute < e->end;
	return (today && w->minute >= e->begin) || (before && w->minute < e->end);
}
