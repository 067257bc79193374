// SPDX-License-Identifier: GPL-2.0-or-later
/* Schedules: what people may write, what holds at an instant, and when that changes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "common/zones.h"
#include "contract_case.h"
#include "core/date.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text, *why; /* NULL: it is right */
} texts[] = {
	{ "Mon..Fri 08:00..18:00", NULL },
	{ "mon,WED,Friday", NULL },
	{ "Fri..Mon 22:00..06:00", NULL },
	{ "*-12-24..26", NULL },
	{ "12-24..26", NULL },
	{ "Sun *-*-01..07 00:00..24:00", NULL },
	{ "2026..2027,2030-*-*", NULL },
	{ "2028/4-02-29", NULL },
	{ "*-02~01", NULL },
	{ "*-*-01/7", NULL },
	{ "8:00..9:30", NULL },
	{ "22:00..00:00", NULL },
	{ "", "write days, a time, or both" },
	{ "   ", "write days, a time, or both" },
	{ "daily", "no day of the week" },
	{ "Mo..Fr", "no day of the week" },
	{ "Mon..", "range of weekdays without end" },
	{ "Mon-Fri", "not joined by , or ..: write Mon,Wed..Fri" },
	{ "08:00", "no range of hours and minutes: write 08:00..18:00" },
	{ "08:00-18:00", "no range of hours and minutes" },
	{ "08..18", "out of range: years are 2000" },
	{ "08:00:00..18:00:00", "no range of hours and minutes" },
	{ "08:00..25:00", "no range of hours and minutes" },
	{ "08:60..09:00", "no range of hours and minutes" },
	{ "24:00..06:00", "write 00:00 of the next day" },
	{ "08:00..08:00", "leave the time out for the whole day" },
	{ "08:00..18:00 Mon", "another order: write weekdays, date, time" },
	{ "Mon Tue", "its parts twice" },
	{ "*-13-01", "out of range" },
	{ "*-01-32", "out of range" },
	{ "*-01-20..10", "ranges go up" },
	{ "1999-01-01", "out of range" },
	{ "*-02-30", "on no day of any year" },
	{ "2027-02-29", "on no day of any year" },
	{ "*-*-01/0", "without a step" },
	{ "*-*-*-*", "write YEARS-MONTHS-DAYS" },
	{ "*-*-1x", "write YEARS-MONTHS-DAYS" },
	{ "Mon..Fri\t08:00..18:00", "not joined by" },
};

static void test_texts(void **state)
{
	struct xn_when when;

	(void)state;
	for (size_t i = 0; i < N_OF(texts); i++) {
		const char *why = xn_when_parse(texts[i].text, &when);

		if (!why != !texts[i].why || (why && !strstr(why, texts[i].why)))
			fail_msg("\"%s\": %s", texts[i].text, why ? why : "taken");
	}
}

/* Any bytes are refused or read, and nothing else. */
static void test_any_bytes(void **state)
{
	static const char bytes[] = "Mon.,TueSat 0123456789-~*/:..  ..";
	struct case_rng rng = { 7 };
	struct xn_when when;
	char text[64];

	(void)state;
	for (int i = 0; i < 300000; i++) {
		size_t len = case_random(&rng, sizeof(text));

		for (size_t j = 0; j < len; j++)
			text[j] = case_random(&rng, 40)
					  ? bytes[case_random(&rng, sizeof(bytes) - 1)]
					  : (char)(1 + case_random(&rng, 255));
		text[len] = '\0';
		if (i % 2) /* something that is nearly right */
			snprintf(text, sizeof(text), "Mon..Fri %c-%02u%c%02u %02u:%02u%s%02u:00",
				 "*2-~"[case_random(&rng, 4)], case_random(&rng, 14),
				 "-~/"[case_random(&rng, 3)], case_random(&rng, 33),
				 case_random(&rng, 26), case_random(&rng, 61),
				 case_random(&rng, 9) ? ".." : "-", case_random(&rng, 26));
		xn_when_parse(text, &when);
	}
}

/* --- daylight saving, by hand ---------------------------------------------------------------- */

/*
 * Berlin, 2027: on 28 March the clock goes from 02:00 to 03:00 at 01:00 UTC; on 31 October from 03:00 back to 02:00
 * at 01:00 UTC. Instants in UTC.
 */
static const struct {
	const char *name, *when;
	int month, day; /* of UTC, 2027 */
	int from, to;	/* minutes; holds in [from, to) and not just outside */
} switches[] = {
	{ "winter", "08:00..18:00", 3, 27, 7 * 60, 17 * 60 },
	{ "the day of the change", "08:00..18:00", 3, 28, 6 * 60, 16 * 60 },
	{ "an hour that is not there is left out", "01:30..03:30", 3, 28, 30, 90 },
	{ "it begins where the clock goes on", "02:15..04:00", 3, 28, 60, 120 },
	{ "it ends where the clock jumps", "01:00..02:45", 3, 28, 0, 60 },
	{ "an hour that is there twice is in it twice", "02:00..03:00", 10, 31, 0, 120 },
	{ "from before it to its end", "01:00..03:00", 10, 31, -60, 120 },
	{ "the whole day has 23 hours", "Sun *-03-28", 3, 28, -60, 22 * 60 },
	{ "the whole day has 25 hours", "Sun *-10-31", 10, 31, -120, 23 * 60 },
	{ "over midnight, it is of the day on which it begins", "Sat 22:00..06:00", 3, 28, -180,
	  240 },
};

static int64_t utc(int year, int month, int day, int minute)
{
	return ((int64_t)xn_day_of((struct xn_date){ year, month, day }) * 1440 + minute) * 60;
}

static void test_daylight_saving(void **state)
{
	const char *why;
	const struct xn_zone *zone = xn_zone_get("Europe/Berlin", &why);
	struct xn_when when;
	struct xn_schedule s = { zone, &when, 1 };

	(void)state;
	for (size_t i = 0; i < N_OF(switches); i++) {
		int64_t from = utc(2027, switches[i].month, switches[i].day, switches[i].from);
		int64_t to = utc(2027, switches[i].month, switches[i].day, switches[i].to);

		why = xn_when_parse(switches[i].when, &when);
		assert_null(why);
		if (xn_schedule_at(&s, from - 1) || !xn_schedule_at(&s, from) ||
		    !xn_schedule_at(&s, to - 1) || xn_schedule_at(&s, to))
			fail_msg("%s", switches[i].name);
		assert_int_equal(xn_schedule_next(&s, from, INT64_MAX), to);
		assert_int_equal(xn_schedule_next(&s, from - 60, to), from);
		assert_int_equal(xn_schedule_next(&s, from, from + 60), from + 60);
	}
	/* half of the hour that is there twice: it holds, ends, holds, ends */
	assert_null(xn_when_parse("02:00..02:30", &when));
	for (int quarter = 0; quarter < 8; quarter++)
		assert_int_equal(xn_schedule_at(&s, utc(2027, 10, 31, 15 * quarter)),
				 quarter % 4 < 2);
	/* an entry in the hour that is not there does not hold on that day */
	assert_null(xn_when_parse("Sun 02:10..02:50", &when));
	assert_int_equal(xn_schedule_next(&s, utc(2027, 3, 22, 0), INT64_MAX), utc(2027, 4, 4, 10));
	xn_zone_put(zone);
}

/* --- against libc ---------------------------------------------------------------------------- */

/* What holds at every quarter of an hour, and when it changes next, over some weeks in which clocks change. */
static void check_weeks(struct case_rng *rng, enum case_kind kind, int zone, int64_t begin)
{
	struct case_entry entries[CASE_ENTRIES];
	struct xn_when when[CASE_ENTRIES];
	const char *why;
	struct xn_schedule s = { xn_zone_get(case_zones[zone], &why), when, CASE_ENTRIES };
	int64_t end = begin + 12 * 86400, next = begin;
	uint32_t last = 0;

	for (size_t i = 0; i < CASE_ENTRIES; i++)
		case_draw(rng, kind, &entries[i], &when[i]);
	for (int64_t at = begin; at < end; at += CASE_STEP) {
		struct case_wall wall = case_wall(zone, at);
		uint32_t held = 0;

		for (size_t i = 0; i < CASE_ENTRIES; i++)
			held |= (uint32_t)case_holds(&entries[i], &wall) << i;
		if (held != xn_schedule_at(&s, at))
			fail_msg("%s at %lld: %x, not %x: \"%s\", \"%s\", \"%s\"", case_zones[zone],
				 (long long)at, xn_schedule_at(&s, at), held, entries[0].text,
				 entries[1].text, entries[2].text);
		if (at > begin && (at == next) != (held != last))
			fail_msg("%s at %lld: the next change is not told: \"%s\", \"%s\", \"%s\"",
				 case_zones[zone], (long long)at, entries[0].text, entries[1].text,
				 entries[2].text);
		if (at == next)
			next = xn_schedule_next(&s, at, end);
		last = held;
	}
	xn_zone_put(s.zone);
}

static void test_against_libc(void **state)
{
	struct case_rng rng = { 20270328 };

	(void)state;
	for (int i = 0; i < 240; i++) {
		int zone = i % CASE_ZONES;
		int64_t begin = utc(2027, i % 3 ? 3 : 10, i % 2 ? 26 : 3, 0);

		check_weeks(&rng, i / CASE_ZONES % 3, zone, begin);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_daylight_saving),
		cmocka_unit_test(test_against_libc),
	};

	return cmocka_run_group_tests_name("schedules", tests, NULL, NULL);
}
