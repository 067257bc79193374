// SPDX-License-Identifier: GPL-2.0-or-later
/* Time zones: what the wall shows is what libc says it shows, in every zone of tzdata. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/zones.h"
#include "core/date.h"

#define DAY 86400

static size_t n_zones, n_compared;

static int64_t utc(int year, int month, int day)
{
	return (int64_t)xn_day_of((struct xn_date){ year, month, day }) * DAY;
}

static void compare(const struct xn_zone *zone, int64_t at)
{
	time_t time = at;
	struct tm tm;

	localtime_r(&time, &tm);
	if (xn_zone_offset(zone, at, NULL) != tm.tm_gmtoff)
		fail_msg("%s at %lld: %d, libc says %ld", zone->name, (long long)at,
			 xn_zone_offset(zone, at, NULL), tm.tm_gmtoff);
	n_compared++;
}

/* Each change, the second before it, and other instants between. */
static void compare_zone(const struct xn_zone *zone)
{
	const int64_t end = utc(2150, 1, 1);

	setenv("TZ", zone->name, 1);
	tzset();
	for (size_t i = 0; i < zone->n && zone->changes[i].at < end; i++) {
		compare(zone, zone->changes[i].at);
		compare(zone, zone->changes[i].at - 1);
	}
	for (int64_t at = utc(2000, 1, 2); at < end; at += 11 * DAY + 12345)
		compare(zone, at);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + strlen(XN_ZONEINFO) + 1, *why = NULL;
	const struct xn_zone *zone;

	(void)st;
	(void)ftw;
	if (type != FTW_F || strchr(name, '.') || !strncmp(name, "right/", 6) ||
	    !strncmp(name, "posix/", 6) || !strcmp(name, "leapseconds"))
		return 0;
	if (!strcmp(name, "posixrules") || !strcmp(name, "localtime"))
		return 0;
	zone = xn_zone_get(name, &why);
	if (!zone)
		fail_msg("%s: %s", name, why);
	compare_zone(zone);
	xn_zone_put(zone);
	n_zones++;
	return 0;
}

static void test_all_zones(void **state)
{
	(void)state;
	assert_int_equal(nftw(XN_ZONEINFO, visit, 8, FTW_PHYS), 0);
	setenv("TZ", "UTC", 1);
	tzset();
	print_message("%zu zones, %zu instants\n", n_zones, n_compared);
	assert_true(n_zones > 300);
}

static void test_names(void **state)
{
	static const char *const wrong[] = {
		"",
		"/etc/passwd",
		"../../../etc/passwd",
		"Europe/../Europe/Berlin",
		"Europe",
		"Moon",
		"Europe/",
		"right/Europe/Berlin",
		"tzdata.zi",
	};
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why = NULL;
		if (xn_zone_get(wrong[i], &why))
			fail_msg("\"%s\" is taken for a zone", wrong[i]);
		assert_non_null(why);
		assert_non_null(strstr(why, "Europe/Berlin"));
	}
	assert_ptr_equal(xn_zone_get("UTC", &why), &xn_zone_utc);
}

/* Those who ask for the same zone have the same one. */
static void test_shared(void **state)
{
	const char *why;
	const struct xn_zone *a = xn_zone_get("Europe/Berlin", &why);
	const struct xn_zone *b = xn_zone_get("Europe/Berlin", &why);

	(void)state;
	assert_non_null(a);
	assert_ptr_equal(a, b);
	xn_zone_put(a);
	xn_zone_put(b);
}

/* A file that is cut or changed anywhere is refused, or read as some zone, and does nothing worse. */
static void test_broken_files(void **state)
{
	static uint8_t data[4096], copy[4096];
	FILE *in = fopen(XN_ZONEINFO "/Europe/Berlin", "r");
	size_t size = fread(data, 1, sizeof(data), in);
	struct xn_zone *zone;
	const char *why;

	(void)state;
	fclose(in);
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *exact = malloc(cut + 1);

		memcpy(exact, data, cut);
		zone = xn_zone_parse("x", exact, cut, &why);
		free(exact);
		assert_null(zone);
		assert_non_null(why);
	}
	for (size_t i = 0; i < 4 * size; i++) {
		memcpy(copy, data, size);
		copy[i % size] ^= 1u << (i * 7 % 8);
		zone = xn_zone_parse("x", copy, size, &why);
		xn_zone_free(zone);
	}
}

static void test_dates(void **state)
{
	int32_t day = xn_day_of((struct xn_date){ 1999, 12, 31 });
	struct xn_date last = { 1999, 12, 31 };

	(void)state;
	assert_int_equal(xn_day_of((struct xn_date){ 1970, 1, 1 }), 0);
	assert_int_equal(xn_weekday(0), 3);
	for (int i = 0; i < 400 * 366; i++) {
		struct xn_date date = xn_date_of(++day);

		last.day++;
		if (last.day > xn_month_length(last.year, last.month)) {
			last.day = 1;
			last.month++;
		}
		if (last.month > 12) {
			last.month = 1;
			last.year++;
		}
		assert_memory_equal(&date, &last, sizeof(date));
		assert_int_equal(xn_day_of(date), day);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),	     cmocka_unit_test(test_all_zones),
		cmocka_unit_test(test_names),	     cmocka_unit_test(test_shared),
		cmocka_unit_test(test_broken_files),
	};

	return cmocka_run_group_tests_name("time zones", tests, NULL, NULL);
}
