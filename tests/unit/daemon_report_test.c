// SPDX-License-Identifier: GPL-2.0-or-later
/* Reports: their figures are those of the raw rows; as text and HTML they are whole and harmless. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/report.h"
#include "daemon/report.h"
#include "daemon/reportfile.h"
#include "daemon_fixture.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define MONDAY	 1767571200.0 /* 2026-01-05 00:00 UTC */
#define HOUR	 3600.0
#define IL	 300.0
#define HOSTILE	 "<b onload=\"x\">&'"

static const atomic_bool never;

static const struct xn_keep keep = {
	.age = { 1e9, 1e9, 1e9, 1e9 },
	.breaches = 1e9,
	.size = 1 << 30,
};

static struct xn_store *store;

/* --- a week of two networks --- */

/* What was offered and let through in the n-th Il: a day's rhythm, with an hour of trouble in each. */
static struct xn_figures period_of(int i, double rl)
{
	double hour = fmod(i * IL / HOUR, 24),
	       demand = rl * (0.6 + 0.6 * sin(hour / 24 * 2 * M_PI));
	bool down = hour >= 13 && hour < 14;
	struct xn_verdict verdict = {
		.demand = floor(demand),
		.through = down ? 0 : floor(fmin(demand, rl)),
		.ec_mean = down ? 1 : 0,
		.el = down ? 1 : 0,
		.conformity = down ? 0 : 1,
	};
	struct xn_tally tally = {
		.seconds = IL,
		.rc = rl / 10 * IL,
		.rl = rl * IL,
		.ec_max = verdict.ec_mean,
		.broken = down ? IL : 0,
		.punished = demand > rl ? 240 : 0,
	};

	tally.ratio = demand > rl ? tally.punished * (1 - rl / demand) : 0;
	tally.ratio_max = demand > rl ? 1 - rl / demand : 0;
	tally.why[XN_WHY_SPENT] = tally.punished;
	return xn_figures_of(&verdict, &tally, 300, IL, down ? XN_CAUSE_LINK_DOWN : XN_CAUSE_NONE);
}

static void write_il(int i)
{
	struct xn_store_row rows[3] = {
		{ "net1", "eth0", MONDAY + (i + 1) * IL, period_of(i, 3e8) },
		{ "net1", "cpu", MONDAY + (i + 1) * IL, period_of(i, 0.5) },
		{ HOSTILE, "eth0", MONDAY + (i + 1) * IL, period_of(i, 1e8) },
	};
	struct xn_store_breach breach = {
		"net1", "eth0", MONDAY + i * IL, IL, XN_BREACH_LONG, XN_CAUSE_LINK_DOWN, 1, 1
	};
	struct xn_err err;

	assert_int_equal(xn_store_write(store, rows, N(rows), &breach,
					rows[0].period.breaches_long > 0, &keep, &err),
			 0);
}

static int fill(void **state)
{
	struct xn_err err;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	store = xn_store_open(fixture_path("report.db"), &never, &err);
	assert_non_null(store);
	for (int i = 0; i < 7 * 24 * 12; i++)
		write_il(i);
	return 0;
}

static int empty(void **state)
{
	xn_store_close(store);
	return fixture_exit(state);
}

static json_t *build(const char *network, double from, double to)
{
	struct xn_report_request request = { .from = MONDAY + from * HOUR,
					     .to = MONDAY + to * HOUR };
	struct xn_err err = { "" };
	json_t *report;

	strcpy(request.network, network);
	report = xn_report_build(store, &request, &err);
	if (!report)
		fail_msg("%s", err.text);
	assert_true(xn_report_is(report));
	return report;
}

static const json_t *resource(const json_t *report, const char *network, const char *name)
{
	const json_t *n, *r;
	size_t i, k;

	json_array_foreach(json_object_get(report, "networks"), i, n)
		json_array_foreach(json_object_get(n, "resources"), k, r)
			if (!strcmp(xn_report_string(n, "network"), network) &&
			    !strcmp(xn_report_string(r, "name"), name))
				return r;
	fail_msg("no %s of %s", name, network);
	return NULL;
}

/* --- figures --- */

static const struct {
	double from, to; /* h from Monday on */
	const char *step;
	size_t points;
} spans[] = {
	{ 12.25, 13.25, "interval", 12 }, { 0, 3, "interval", 36 }, { 0, 24, "hour", 24 },
	{ 20, 30, "hour", 10 },		  { 0, 7 * 24, "day", 7 },  { 24, 6 * 24, "day", 5 },
};

static void figures_are_those_of_the_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(spans); i++) {
		json_t *report = build("net1", spans[i].from, spans[i].to);
		const json_t *r = resource(report, "net1", "eth0"), *point;
		struct xn_figures sum = { 0 };
		double seconds = 0, demand = 0;
		size_t k;

		assert_string_equal(xn_report_string(report, "step"), spans[i].step);
		for (int il = spans[i].from * 12; il < spans[i].to * 12; il++) {
			struct xn_figures p = period_of(il, 3e8);

			xn_figures_add(&sum, &p);
		}
		assert_true(xn_report_number(r, "intervals") == sum.intervals);
		assert_true(xn_report_number(r, "used_bits") == sum.through);
		assert_true(xn_report_number(r, "offered_bits") == sum.offered);
		assert_true(xn_report_number(r, "punished_ticks") == sum.punished);
		assert_true(xn_report_number(r, "breaches_long") == sum.breaches_long);
		assert_true(fabs(xn_report_number(r, "conformity") - xn_figures_c(&sum)) < 1e-12);
		assert_true(fabs(xn_report_number(r, "demand_bps") - xn_figures_demand(&sum)) <
			    1e-6);
		assert_int_equal(json_array_size(json_object_get(r, "points")), spans[i].points);
		json_array_foreach(json_object_get(r, "points"), k, point) {
			seconds += xn_report_number(point, "seconds");
			demand += xn_report_number(point, "seconds") *
				  xn_report_number(point, "demand_bps");
		}
		assert_true(seconds == sum.seconds && fabs(demand - sum.offered) < 1);
		json_decref(report);
	}
}

static void breaches_are_listed(void **state)
{
	json_t *report = build("net1", 0, 24);
	const json_t *network = json_array_get(json_object_get(report, "networks"), 0);
	const json_t *list = json_object_get(network, "breaches"), *first = json_array_get(list, 0);

	(void)state;
	assert_int_equal(json_array_size(list), 12);
	assert_true(xn_report_breaches(network) == 24); /* of two resources */
	assert_true(xn_report_number(first, "time") == MONDAY + 13 * HOUR);
	assert_string_equal(xn_report_string(first, "cause"), "link-down");
	assert_string_equal(xn_report_string(first, "fault"), "provider");
	json_decref(report);
}

static void all_networks_or_one(void **state)
{
	json_t *all = build("", 0, 24), *one = build(HOSTILE, 0, 24), *none = build("net9", 0, 24);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(all, "networks")), 2);
	assert_int_equal(json_array_size(json_object_get(one, "networks")), 1);
	assert_int_equal(json_array_size(json_object_get(none, "networks")), 0);
	json_decref(all);
	json_decref(one);
	json_decref(none);
}

static void a_request_makes_sense(void **state)
{
	static const struct {
		double from, to;
		bool ok;
	} cases[] = { { 0, 0, true },	   { 5, 10, true },  { 10, 5, false }, { 10, 10, false },
		      { 5, 1e300, false }, { 5, NAN, true }, { -1, -1, true } };
	struct xn_err err;

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct xn_report_request request = { "", cases[i].from, cases[i].to };

		assert_int_equal(!xn_report_check(&request, 1e6, &err), cases[i].ok);
	}
}

/* --- for people --- */

static void text_says_it_all(void **state)
{
	json_t *report = build("", 0, 24);
	char *text = xn_report_text(report);

	(void)state;
	assert_non_null(text);
	assert_non_null(
		strstr(text, "SLA report, 2026-01-05 00:00:00 +0000 to 2026-01-06 00:00:00"));
	assert_non_null(strstr(text, "Network net1: 24 breaches"));
	assert_non_null(strstr(text, "provider: the link was down (link-down)"));
	assert_non_null(strstr(text, "spent 100%"));
	free(text);
	json_decref(report);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* Every element that is opened is closed, in order. */
static void check_elements(const char *html)
{
	static const char *const single[] = { "meta", "path", "rect", "!DOCTYPE" };
	char open[64][16];
	int depth = 0;

	for (const char *at = html; (at = strchr(at, '<')); at++) {
		char name[16] = "";
		bool end = at[1] == '/', alone = false;

		sscanf(at + 1 + end, "%15[!A-Za-z0-9]", name);
		for (size_t i = 0; i < N(single); i++)
			alone |= !strcmp(name, single[i]);
		if (*name == '!' || (alone && strchr(at, '>')[-1] == '/') || !strcmp(name, "meta"))
			continue;
		if (!end) {
			assert_true(depth < 64);
			strcpy(open[depth++], name);
		} else {
			assert_true(depth > 0);
			assert_string_equal(open[--depth], name);
		}
	}
	assert_int_equal(depth, 0);
}

static void html_needs_nothing_else(void **state)
{
	static const char *const forbidden[] = { "http", "src=", "<script",    "<link", "@import",
						 "url(", "<b ",	 "javascript", "nan",	"inf\"" };
	json_t *report = build("", 0, 24);
	char *html = xn_report_html(report);

	(void)state;
	assert_non_null(html);
	for (size_t i = 0; i < N(forbidden); i++) {
		const char *found = strstr(html, forbidden[i]);

		if (found && strncmp(found, "http-equiv", 10))
			fail_msg("%s", forbidden[i]);
	}
	check_elements(html);
	assert_non_null(strstr(html, "&lt;b onload=&quot;x&quot;&gt;&amp;"));
	/* each drawing can be had without seeing it */
	assert_int_equal(count(html, "<svg"), 6);
	assert_int_equal(count(html, "role=\"img\"><title>"), 6);
	assert_int_equal(count(html, "<desc>"), 6);
	assert_int_equal(count(html, "<details>"), 3);
	if (getenv("XN_REPORT_OUT")) { /* for whoever wants to look */
		FILE *file = fopen(getenv("XN_REPORT_OUT"), "w");

		assert_non_null(file);
		fputs(html, file);
		fclose(file);
	}
	free(html);
	json_decref(report);
}

/* What comes from elsewhere may be anything. */
static void odd_reports_are_shown_as_nothing(void **state)
{
	static const char *const texts[] = {
		"{}",
		"{\"networks\": 5, \"from\": \"x\"}",
		"{\"networks\": [1, \"x\", {}, {\"resources\": [1, {}, {\"points\": [{}, 3]}]}]}",
		"{\"from\": 5, \"to\": 5, \"networks\": [{\"resources\": [{\"points\": [{}]}]}]}",
		"{\"from\": -1e308, \"to\": 1e308, \"networks\": [{\"network\": \"\\u0007\","
		" \"resources\": [{\"resource\": \"cpu\", \"why\": {\"a\": 1e300, \"b\": -1},"
		" \"points\": [{\"time\": -1e300, \"demand_cores\": 1e308}, {\"time\": 1e300,"
		" \"conformity\": -5, \"punished\": 1e10, \"depth\": 1}]}], \"breaches\":"
		" [{\"time\": 1e300, \"seconds\": 1e300}]}]}",
	};

	(void)state;
	for (size_t i = 0; i < N(texts); i++) {
		json_t *report = json_loads(texts[i], 0, NULL);
		char *text, *html;

		assert_non_null(report);
		text = xn_report_text(report);
		html = xn_report_html(report);
		assert_non_null(text);
		assert_non_null(html);
		check_elements(html);
		free(text);
		free(html);
		json_decref(report);
	}
}

/* --- files --- */

static void files_are_kept_for_some_periods(void **state)
{
	json_t *report = build("net1", 0, 24);
	char name[64], folder[512];
	struct xn_err err = { "" };

	(void)state;
	for (int day = 0; day < 5; day++) {
		snprintf(folder, sizeof(folder), "%s/%s", fixture_path("reports"),
			 xn_reportfile_name(XN_LEVEL_DAY, MONDAY + day * 24 * HOUR, name));
		assert_int_equal(xn_reportfile_write(folder, "net1", report, &err), 0);
	}
	assert_int_equal(mkdir(fixture_path("reports/hour-1"), 0755), 0);
	xn_reportfile_prune(fixture_path("reports"), XN_LEVEL_DAY, 2);
	assert_int_not_equal(access(fixture_path("reports/day-2026-01-07"), F_OK), 0);
	assert_int_equal(access(fixture_path("reports/day-2026-01-08/net1.txt"), F_OK), 0);
	assert_int_equal(access(fixture_path("reports/day-2026-01-09/net1.html"), F_OK), 0);
	assert_int_equal(access(fixture_path("reports/day-2026-01-09/net1.json"), F_OK), 0);
	assert_int_equal(access(fixture_path("reports/hour-1"), F_OK), 0);
	assert_int_not_equal(xn_reportfile_write("/proc/no/such", "net1", report, &err), 0);
	assert_non_null(strstr(err.text, "/proc/no/such/net1.txt"));
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_those_of_the_rows),
		cmocka_unit_test(breaches_are_listed),
		cmocka_unit_test(all_networks_or_one),
		cmocka_unit_test(a_request_makes_sense),
		cmocka_unit_test(text_says_it_all),
		cmocka_unit_test(html_needs_nothing_else),
		cmocka_unit_test(odd_reports_are_shown_as_nothing),
		cmocka_unit_test(files_are_kept_for_some_periods),
	};

	return cmocka_run_group_tests(tests, fill, empty);
}
