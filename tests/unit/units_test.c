// SPDX-License-Identifier: GPL-2.0-or-later
/* Quantities: what is read, what is refused and why, what is shown and can be read back. */
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "controller_case.h"
#include "core/units.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *text;
	double bps;
} rates[] = {
	{ "100Mbit", 100e6 },
	{ "1.5Gbit", 1.5e9 },
	{ "800kbit", 800e3 },
	{ "1bit", 1 },
	{ "0", 0 },
	{ "0.0", 0 },
	{ "0bit", 0 },
	{ "0Gbit", 0 },
	{ "400gbit", 400e9 },
	{ "2TBIT", 2e12 },
	{ ".5mbit", 0.5e6 },
	{ "1.Mbit", 1e6 },
	{ "33.3Mbit", 33300000 },
	{ "0.1Mbit", 100000 },
	{ "1Kibit", 1024 },
	{ "1mibit", 1048576 },
	{ "1.5GiBit", 1610612736 },
	{ "1Tibit", 0x1p40 },
	{ "1e3Mbit", 1e9 },
	{ "1E-3kbit", 1 },
	{ "007kbit", 7000 },
};

/* what must be in the clause, which must quote the text */
static const struct {
	const char *text, *why;
} bad_rates[] = {
	{ "100", "has no unit: write 100Mbit, 100kbit or 100bit" },
	{ "1.5", "no unit" },
	{ "", "write a number and a unit" },
	{ "Mbit", "write a number and a unit" },
	{ ".Mbit", "write a number and a unit" },
	{ "-1Mbit", "negative" },
	{ "-0", "negative" },
	{ "100Mbps", "bytes or bits" },
	{ "1bps", "bytes or bits" },
	{ "100M", "unknown unit" },
	{ "100MB", "unknown unit" },
	{ "100Mb", "unknown unit" },
	{ "100Mbit/s", "unknown unit" },
	{ "100 Mbit", "unknown unit" },
	{ " 100Mbit", "write a number and a unit" },
	{ "100Mbit ", "unknown unit" },
	{ "100Mbits", "unknown unit" },
	{ "1,5Mbit", "unknown unit" },
	{ "0x10Mbit", "unknown unit" },
	{ "infbit", "write a number and a unit" },
	{ "nanbit", "write a number and a unit" },
	{ "1e999bit", "too large" },
	{ "1e99999999999999999999Gbit", "too large" },
	{ "ten Mbit", "write a number and a unit" },
	{ "1sec", "unknown unit" },
	{ "1ebit", "unknown unit" },
};

static void complains(const char *text, const char *clause, const char *why)
{
	char quoted[64];

	snprintf(quoted, sizeof(quoted), "\"%.32s", text);
	if (!clause || !strstr(clause, why) || !strstr(clause, quoted))
		fail_msg("\"%s\": not \"%s\" but %s", text, why, clause ? clause : "accepted");
}

static void reads_rates(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rates); i++) {
		double bps = -1;
		const char *wrong = xn_parse_rate(rates[i].text, &bps);

		if (wrong || bps != rates[i].bps)
			fail_msg("%s is %.17g (%s), not %.17g", rates[i].text, bps, wrong,
				 rates[i].bps);
	}
}

static void refuses_rates(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(bad_rates); i++) {
		double bps = -1;

		complains(bad_rates[i].text, xn_parse_rate(bad_rates[i].text, &bps),
			  bad_rates[i].why);
		assert_true(bps == -1);
	}
}

/* What people write may be anything; the clause is one clear line. */
static void quotes_safely(void **state)
{
	double bps;
	char text[1000];
	const char *clause;

	(void)state;
	memset(text, '9', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	clause = xn_parse_rate(text, &bps);
	assert_non_null(clause);
	assert_true(strlen(clause) < 160 && strstr(clause, "...\""));
	clause = xn_parse_rate("1\n2\033[31m", &bps);
	assert_non_null(clause);
	assert_true(!strchr(clause, '\n') && !strchr(clause, '\033') && strstr(clause, "1?2?[31m"));
}

static const struct {
	const char *text;
	uint64_t ns;
	const char *why;
} times[] = {
	{ "1s", 1000000000, NULL },
	{ "500ms", 500000000, NULL },
	{ "100us", 100000, NULL },
	{ "1.5s", 1500000000, NULL },
	{ "7ns", 7, NULL },
	{ "0.3s", 300000000, NULL },
	{ "2SEC", 2000000000, NULL },
	{ "3msec", 3000000, NULL },
	{ "4usecs", 4000, NULL },
	{ "0.6ns", 1, NULL },
	{ "1000000000s", 1000000000000000000, NULL },
	{ "1000000001s", 0, "too long" },
	{ "1", 0, "has no unit: write 1s, 500ms or 100us" },
	{ "0", 0, "more than 0" },
	{ "0s", 0, "more than 0" },
	{ "0.1ns", 0, "more than 0" },
	{ "-1s", 0, "negative" },
	{ "1min", 0, "unknown unit" },
	{ "", 0, "is no time" },
	{ "s", 0, "is no time" },
};

static void reads_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(times); i++) {
		uint64_t ns = 0;
		const char *wrong = xn_parse_time(times[i].text, &ns);

		if (times[i].why)
			complains(times[i].text, wrong, times[i].why);
		else if (wrong || ns != times[i].ns)
			fail_msg("%s is %" PRIu64 " (%s)", times[i].text, ns, wrong);
	}
}

static const struct {
	const char *text;
	double ratio;
	const char *why;
} ratios[] = {
	{ "30%", 0.3, NULL },	   { "0.3", 0.3, NULL },      { "0", 0, NULL },
	{ "1", 1, NULL },	   { "100%", 1, NULL },	      { "0%", 0, NULL },
	{ "12.5%", 0.125, NULL },  { "1.01", 0, "above 1" },  { "101%", 0, "above 1" },
	{ "-1%", 0, "negative" },  { "%", 0, "is no ratio" }, { "", 0, "is no ratio" },
	{ "30%%", 0, "no ratio" }, { "0.3x", 0, "no ratio" },
};

static void reads_ratios(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(ratios); i++) {
		double ratio = -1;
		const char *wrong = xn_parse_ratio(ratios[i].text, &ratio);

		if (ratios[i].why)
			complains(ratios[i].text, wrong, ratios[i].why);
		else if (wrong || ratio != ratios[i].ratio)
			fail_msg("%s is %.17g (%s)", ratios[i].text, ratio, wrong);
	}
}

static const struct {
	const char *text;
	double cores;
	const char *why;
} cores[] = {
	{ "0.5", 0.5, NULL },
	{ "50%", 0.5, NULL },
	{ "1.5", 1.5, NULL },
	{ "150%", 1.5, NULL },
	{ "2cores", 2, NULL },
	{ "1core", 1, NULL },
	{ "0", 0, NULL },
	{ "0%", 0, NULL },
	{ "-1", 0, "negative" },
	{ "half", 0, "no share of" },
	{ "0.5GHz", 0, "50%" },
	{ "", 0, "no share of CPU" },
	{ "50 %", 0, "write cores" },
	{ "1e999", 0, "too large" },
};

static void reads_cores(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(cores); i++) {
		double value = -1;
		const char *wrong = xn_parse_cores(cores[i].text, &value);

		if (cores[i].why)
			complains(cores[i].text, wrong, cores[i].why);
		else if (wrong || value != cores[i].cores)
			fail_msg("%s is %.17g (%s)", cores[i].text, value, wrong);
	}
}

static const struct {
	const char *text;
	double routes;
	const char *why;
} routes[] = {
	{ "4000routes", 4000, NULL },
	{ "1route", 1, NULL },
	{ "100kroutes", 100000, NULL },
	{ "2MiB", 4096, NULL },
	{ "1KiB", 2, NULL },
	{ "1000B", 1, NULL }, /* a route is there or not */
	{ "0", 0, NULL },
	{ "4000", 0, "has no unit: write 4000routes, or bytes such as 2MiB" },
	{ "2M", 0, "unknown unit" },
	{ "2Mbit", 0, "unknown unit" },
	{ "-1routes", 0, "negative" },
	{ "-1MiB", 0, "negative" },
	{ "routes", 0, "no amount of routes" },
	{ "MiB", 0, "no amount of routes" },
};

static void reads_routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(routes); i++) {
		double value = -1;
		const char *wrong = xn_parse_routes(routes[i].text, &value);

		if (routes[i].why)
			complains(routes[i].text, wrong, routes[i].why);
		else if (wrong || value != routes[i].routes)
			fail_msg("%s is %.17g (%s)", routes[i].text, value, wrong);
	}
}

static void shows_cores_and_routes(void **state)
{
	static const struct {
		double value;
		const char *cores, *cores_exact, *routes;
	} table[] = {
		{ 0, "0cores", "0", "0routes" },
		{ 0.5, "0.5cores", "0.5", "0routes" },
		{ 1, "1core", "1", "1routes" },
		{ 0.00001, "0cores", "1.0000000000000001e-05", "0routes" },
		{ 0.0123456, "0.01235cores", "0.0123456", "0routes" },
		{ 12345, "12345cores", "12345", "12345routes" },
		{ 100000.7, "100001cores", "100000.7", "100001routes" },
	};
	char text[XN_UNIT_TEXT];
	double back;

	(void)state;
	for (size_t i = 0; i < N_OF(table); i++) {
		double value = table[i].value;

		assert_string_equal(xn_format_cores(value, text, sizeof(text)), table[i].cores);
		assert_string_equal(xn_format_cores_exact(value, text, sizeof(text)),
				    table[i].cores_exact);
		assert_true(!xn_parse_cores(text, &back) && back == value);
		assert_string_equal(xn_format_routes(value, text, sizeof(text)), table[i].routes);
	}
	assert_string_equal(xn_format_routes_exact(123456789, text, sizeof(text)),
			    "123456789routes");
}

static const struct {
	double bps;
	const char *shown, *exact;
} shown[] = {
	{ 0, "0bit", "0bit" },
	{ 1, "1bit", "1bit" },
	{ 100e6, "100Mbit", "100Mbit" },
	{ 1.5e9, "1.5Gbit", "1.5Gbit" },
	{ 1e9, "1Gbit", "1Gbit" },
	{ 400e9, "400Gbit", "400Gbit" },
	{ 2e12, "2Tbit", "2Tbit" },
	{ 999.94e6, "999.9Mbit", "999.94Mbit" },
	{ 999.96e6, "1Gbit", "999.96Mbit" },
	{ 999999999, "1Gbit", "999.999999Mbit" },
	{ 123456789, "123.5Mbit", "123.456789Mbit" },
	{ 1000000001, "1Gbit", "1.000000001Gbit" },
	{ 33300000, "33.3Mbit", "33.3Mbit" },
	{ 0.5, "0.5bit", "0.5bit" },
	{ 0.0001, "0bit", "0.0001bit" },
	{ 12345e12, "12345Tbit", "12345Tbit" },
};

static void shows_rates(void **state)
{
	char text[XN_UNIT_TEXT];

	(void)state;
	for (size_t i = 0; i < N_OF(shown); i++) {
		assert_string_equal(xn_format_rate(shown[i].bps, text, sizeof(text)),
				    shown[i].shown);
		if (i < N_OF(shown) - 2)
			assert_string_equal(xn_format_rate_exact(shown[i].bps, text, sizeof(text)),
					    shown[i].exact);
	}
}

/* Any rate, in any notation it comes out. */
static void exact_is_exact(void **state)
{
	struct rng rng = rng_for(case_seed(), 0);
	char text[XN_UNIT_TEXT];
	double bps, back;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		bps = pow(10, rng_between(&rng, i % 3 ? -3 : 0, i % 7 ? 14 : 30));
		bps = i % 2 ? floor(bps) : bps;
		assert_null(xn_parse_rate(xn_format_rate_exact(bps, text, sizeof(text)), &back));
		if (back != bps)
			fail_msg("%.17g is written %s, which is %.17g", bps, text, back);
		assert_true(strlen(text) + 1 < XN_UNIT_TEXT);
	}
}

/* 4 significant digits are within half a unit of the last. */
static void shown_is_near(void **state)
{
	struct rng rng = rng_for(case_seed(), 1);
	char text[XN_UNIT_TEXT];
	double bps, back;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		bps = pow(10, rng_between(&rng, -3, 17));
		assert_null(xn_parse_rate(xn_format_rate(bps, text, sizeof(text)), &back));
		if (fabs(back - bps) > 0.501e-3 * bps)
			fail_msg("%.17g is shown as %s", bps, text);
	}
}

static void shows_times(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} table[] = { { 1000000000, "1s" },
		      { 500000000, "500ms" },
		      { 100000, "100us" },
		      { 15000000000, "15s" },
		      { 1500000000, "1500ms" },
		      { 1, "1ns" },
		      { 0, "0ns" },
		      { UINT64_MAX, "18446744073709551615ns" } };
	char text[XN_UNIT_TEXT];

	(void)state;
	for (size_t i = 0; i < N_OF(table); i++)
		assert_string_equal(xn_format_time(table[i].ns, text, sizeof(text)), table[i].text);
}

/* Any locale with a decimal comma will do. Return: NULL if the machine has none. */
static const char *comma_locale(void)
{
	static const char *const commas[] = { "pt_BR.UTF-8", "pt_BR.utf8", "de_DE.UTF-8",
					      "de_DE.utf8", "fr_FR.UTF-8" };

	for (size_t i = 0; i < N_OF(commas); i++)
		if (setlocale(LC_ALL, commas[i]))
			return setlocale(LC_ALL, "C") ? commas[i] : NULL;
	return NULL;
}

static void locale_is_ignored(void **state)
{
	char text[XN_UNIT_TEXT];
	double bps;

	(void)state;
	assert_non_null(setlocale(LC_ALL, comma_locale()));
	assert_null(xn_parse_rate("1.5Mbit", &bps));
	assert_true(bps == 1.5e6);
	assert_string_equal(xn_format_rate(1.5e6, text, sizeof(text)), "1.5Mbit");
	assert_string_equal(xn_format_rate_exact(1.5e6, text, sizeof(text)), "1.5Mbit");
	setlocale(LC_ALL, "C");
}

#define TEST(text, function)                        \
	{                                           \
		.name = text, .test_func = function \
	}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST("rates are read", reads_rates),
		TEST("what is no clear rate is refused, with what to write", refuses_rates),
		TEST("errors quote in one clean line", quotes_safely),
		TEST("times are read or refused", reads_times),
		TEST("ratios are read or refused", reads_ratios),
		TEST("cores are read or refused", reads_cores),
		TEST("routes are read, also as bytes, or refused", reads_routes),
		TEST("cores and routes are shown with their unit", shows_cores_and_routes),
		TEST("rates are shown short", shows_rates),
		TEST("what is written exactly reads back to the same bit/s", exact_is_exact),
		TEST("what is shown is right to 4 digits", shown_is_near),
		TEST("times are shown exactly", shows_times),
		TEST("a decimal comma in the locale changes nothing", locale_is_ignored),
	};

	/* the last one needs a locale that few machines have */
	return _cmocka_run_group_tests("tests", tests, N_OF(tests) - !comma_locale(), NULL, NULL);
}
