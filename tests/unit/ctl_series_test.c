// SPDX-License-Identifier: GPL-2.0-or-later
/* From statuses to a series, and from a series to its summary. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <jansson.h>

#include "ctl/output.h"
#include "ctl/recorder.h"
#include "ctl/status.h"
#include "ctl/summary.h"

/* Status of tick @tick of a network whose figures tell the tick: demand tick, allowed 100 + tick. */
static json_t *status(int tick, double elapsed, double conformity)
{
	json_t *net = json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f}", "name", "net1", "demand_bps",
				(double)tick, "throughput_bps", tick / 2.0, "allowed_bps",
				100.0 + tick, "ratio", 0.1 * tick, "weight", 0.01 * tick, "ec",
				0.5);

	if (conformity >= 0) {
		json_object_set_new(net, "conformity", json_real(conformity));
		json_object_set_new(net, "el", json_real(1 - conformity));
	}
	return json_pack("{s:f, s:i, s:f, s:[{s:s, s:[o]}]}", "time", 1e9 + tick + 0.00004, "tick",
			 tick, "elapsed", elapsed, "links", "name", "eth0", "networks", net);
}

static bool feed(struct xn_recorder *rec, int tick, double elapsed, double conformity)
{
	json_t *now = status(tick, elapsed, conformity);
	bool recorded = xn_recorder_feed(rec, now);

	json_decref(now);
	return recorded;
}

static const json_t *entry(const struct xn_recorder *rec, const char *list, size_t i)
{
	return json_array_get(json_object_get(rec->series, list), i);
}

static void a_tick_has_the_decision_made_before_it(void **state)
{
	struct xn_recorder rec;
	const json_t *net;

	(void)state;
	xn_recorder_init(&rec, "eth0");
	assert_false(feed(&rec, 7, 3, -1)); /* starts the clock */
	assert_true(feed(&rec, 8, 4, -1));
	assert_false(feed(&rec, 8, 4.2, -1)); /* the same again */
	assert_true(feed(&rec, 9, 5, -1));
	assert_int_equal(rec.ticks, 2);
	assert_true(xn_ctl_number(entry(&rec, "ticks", 1), "t") == 2);
	net = xn_series_network(entry(&rec, "ticks", 0), "net1");
	assert_true(xn_ctl_number(net, "demand_bps") == 8);
	assert_true(xn_ctl_number(net, "throughput_bps") == 4);
	assert_true(xn_ctl_number(net, "allowed_bps") == 107);
	assert_true(xn_ctl_number(net, "weight") == 0.07);
	assert_true(xn_ctl_number(net, "ec") == 0.5);
	xn_recorder_exit(&rec);
}

static void missed_ticks_are_counted_and_not_made_up(void **state)
{
	struct xn_recorder rec;

	(void)state;
	xn_recorder_init(&rec, "eth0");
	feed(&rec, 1, 1, -1);
	assert_false(feed(&rec, 4, 4, -1)); /* 2 and 3 were not seen */
	assert_int_equal(rec.missed, 2);
	assert_true(feed(&rec, 5, 5, -1));
	assert_false(feed(&rec, 1, 6, -1)); /* the daemon was restarted */
	assert_int_equal(rec.missed, 2);
	assert_true(feed(&rec, 2, 7, -1));
	assert_int_equal(json_array_size(json_object_get(rec.series, "ticks")), 2);
	xn_recorder_exit(&rec);
}

static void an_interval_is_recorded_when_the_clock_wraps(void **state)
{
	struct xn_recorder rec;
	const json_t *net;

	(void)state;
	xn_recorder_init(&rec, "eth0");
	feed(&rec, 1, 13, -1);
	feed(&rec, 2, 14, -1);
	assert_int_equal(rec.intervals, 0);
	feed(&rec, 3, 0, 0.75);
	feed(&rec, 4, 1, 0.75);
	assert_int_equal(rec.intervals, 1);
	assert_true(xn_ctl_number(entry(&rec, "intervals", 0), "t") == 2);
	net = xn_series_network(entry(&rec, "intervals", 0), "net1");
	assert_true(xn_ctl_number(net, "conformity") == 0.75);
	assert_true(xn_ctl_number(net, "el") == 0.25);
	xn_recorder_exit(&rec);
}

static const char series_text[] =
	"{\"ticks\": ["
	"{\"t\": 1, \"networks\": [{\"name\": \"a\", \"demand_bps\": 10, \"throughput_bps\": 4, "
	"\"allowed_bps\": 4,"
	" \"ratio\": 0.6, \"weight\": 1, \"ec\": 0}]},"
	"{\"t\": 2, \"networks\": [{\"name\": \"a\", \"demand_bps\": 20, \"throughput_bps\": 8, "
	"\"allowed_bps\": 8,"
	" \"ratio\": 0.2, \"weight\": 0, \"ec\": 0.5},"
	" {\"name\": \"b\", \"demand_bps\": 7, \"throughput_bps\": 7, \"allowed_bps\": 7, "
	"\"ratio\": 0,"
	" \"weight\": 0, \"ec\": 0}]}],"
	"\"intervals\": ["
	"{\"t\": 1, \"networks\": [{\"name\": \"a\", \"el\": 1, \"conformity\": 0.1}]},"
	"{\"t\": 2, \"networks\": [{\"name\": \"a\", \"el\": 0.2, \"conformity\": 0.9}]},"
	"{\"t\": 3, \"networks\": [{\"name\": \"a\", \"el\": 0.4, \"conformity\": 0.7}]}]}";

static void near(const json_t *record, const char *key, double want)
{
	if (!json_object_get(record, key))
		fail_msg("%s is missing", key);
	if (fabs(xn_ctl_number(record, key) - want) > 1e-12)
		fail_msg("%s is %g", key, xn_ctl_number(record, key));
}

static void the_summary_has_means_and_leaves_the_first_interval_out(void **state)
{
	json_t *series = json_loads(series_text, 0, NULL), *summary, *a, *b;
	struct xn_err err;

	(void)state;
	assert_int_equal(xn_series_check(series, "x", &err), 0);
	summary = xn_series_summary(series);
	assert_int_equal(json_array_size(summary), 2);
	a = json_array_get(summary, 0);
	b = json_array_get(summary, 1);
	assert_string_equal(xn_ctl_text(a, "name"), "a");
	near(a, "demand_bps", 15);
	near(a, "throughput_bps", 6);
	near(a, "ratio", 0.4);
	near(a, "weight", 0.5);
	near(a, "ec", 0.25);
	near(a, "el", 0.3);
	near(a, "conformity", 0.8);
	near(a, "conformity_min", 0.7);
	near(b, "demand_bps", 7);
	assert_null(json_object_get(b, "conformity"));
	json_decref(summary);
	json_decref(series);
}

/* CPU and memory are in status as links are, in their own units, and so in their series. */
static void other_resources_are_recorded_in_their_units(void **state)
{
	static const char text[] =
		"{\"time\": %d, \"tick\": %d, \"elapsed\": %d, \"links\": [], \"resources\": "
		"[{\"name\":"
		" \"cpu\", \"resource\": \"cpu\", \"networks\": [{\"name\": \"a\", \"resource\": "
		"\"cpu\","
		" \"demand_cores\": 0.5, \"throughput_cores\": 0.25, \"allowed_cores\": 0.125,"
		" \"rl_cores\": 0.5, \"used_core_seconds\": 2.5,"
		" \"ratio\": 0.5, \"weight\": 0, \"ec\": 0}]}]}";
	struct xn_recorder rec;
	struct xn_err err;
	json_t *summary;
	char buf[600];

	(void)state;
	xn_recorder_init(&rec, "cpu");
	for (int tick = 1; tick <= 3; tick++) {
		json_t *status;

		snprintf(buf, sizeof(buf), text, tick, tick, tick);
		status = json_loads(buf, 0, NULL);
		assert_int_equal(xn_recorder_feed(&rec, status), tick > 1);
		assert_true(
			xn_ctl_volume_used(xn_series_network(xn_ctl_find_row(status, "cpu"), "a"),
					   10) == 0.5);
		json_decref(status);
	}
	assert_int_equal(xn_series_check(rec.series, "x", &err), 0);
	summary = xn_series_summary(rec.series);
	near(json_array_get(summary, 0), "demand_cores", 0.5);
	near(json_array_get(summary, 0), "throughput_cores", 0.25);
	near(json_array_get(summary, 0), "allowed_cores", 0.125);
	assert_null(json_object_get(json_array_get(summary, 0), "demand_bps"));
	json_decref(summary);
	xn_recorder_exit(&rec);
}

static void what_is_no_series_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "[]", "f: no list \"ticks\"" },
		{ "{\"ticks\": []}", "f: no list \"intervals\"" },
		{ "{\"ticks\": [{}], \"intervals\": []}", "f: ticks[0]: t or networks" },
		{ "{\"ticks\": [{\"t\": 1, \"networks\": [{}]}], \"intervals\": []}",
		  "f: ticks[0]: a network has no name" },
		{ "{\"ticks\": [{\"t\": 1, \"networks\": [{\"name\": \"a\"}]}], \"intervals\": []}",
		  "network a: demand_bps" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *series = json_loads(bad[i].text, 0, NULL);
		struct xn_err err = { "" };

		assert_int_not_equal(xn_series_check(series, "f", &err), 0);
		if (!strstr(err.text, bad[i].error))
			fail_msg("%s: %s", bad[i].text, err.text);
		json_decref(series);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tick_has_the_decision_made_before_it),
		cmocka_unit_test(missed_ticks_are_counted_and_not_made_up),
		cmocka_unit_test(an_interval_is_recorded_when_the_clock_wraps),
		cmocka_unit_test(the_summary_has_means_and_leaves_the_first_interval_out),
		cmocka_unit_test(other_resources_are_recorded_in_their_units),
		cmocka_unit_test(what_is_no_series_is_refused_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
