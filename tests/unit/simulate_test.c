// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Simulating: what traces may say, which mistakes are told how, and that figure 4 comes out as in
 * the paper.
 * Runs at the top of the source tree, for the example traces.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "ctl/simulate.h"

#define TRACES "tests/eval/traces/"

static struct xn_trace *read_text(const char *text, struct xn_err *err)
{
	char path[] = "/tmp/xnetman-trace-XXXXXX";
	int fd = mkstemp(path);
	struct xn_trace *trace;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	trace = xn_trace_read(path, err);
	unlink(path);
	return trace;
}

/* Read, and make ready to run. */
static struct xn_trace *trace_of(const char *text)
{
	struct xn_err err = {};
	const char *key, *wrong;
	struct xn_trace *trace = read_text(text, &err);

	if (!trace)
		fail_msg("%s", err.text);
	wrong = xn_trace_finish(trace, trace->ic, &key);
	if (wrong)
		fail_msg("%s: %s", key, wrong);
	return trace;
}

/* The same trace in both formats, with everything that can be said. */
static const char *const same[] = {
	"\xef\xbb\xbf## a comment\r\n"
	"# capacity 2Gbit\r\n"
	"#short_interval 500ms\n"
	"# long_interval 2s\n"
	"# policy xnetmon\n"
	"\n"
	"# network a rc 10Mbit re 20Mbit rl 40Mbit rmax 50Mbit restricted true\n"
	"# network b_bps rc 5Mbit\n"
	"# network c\n"
	"t, c_bps, a ,b_bps\n"
	"7.5,\t12, 1Mbit, 0\n"
	"8.0,0,2Mbit,3kbit\n"
	"## in between\n"
	"8.5,1e3,0,3kbit",
	"{\"capacity\": \"2Gbit\", \"short_interval\": \"500ms\", \"long_interval\": \"2s\",\n"
	" \"policy\": \"xnetmon\", \"ticks\": 3, \"networks\": [\n"
	" {\"name\": \"a\", \"rc\": \"10Mbit\", \"re\": \"20Mbit\", \"rl\": \"40Mbit\",\n"
	"  \"rmax\": \"50Mbit\", \"restricted\": true, \"demand\": [\"1Mbit\", \"2Mbit\", 0]},\n"
	" {\"name\": \"b_bps\", \"rc\": \"5Mbit\", \"demand\": [\"0\", \"3kbit\", \"3kbit\"]},\n"
	" {\"name\": \"c\", \"rc\": 0, \"demand\": [\"12bit\", \"0\", \"1kbit\"]}]}",
};

static void reads_both(void **state)
{
	static const double demand[] = { 1e6, 0, 12, 2e6, 3e3, 0, 0, 3e3, 1e3 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct xn_trace *trace = trace_of(same[i]);
		const struct xn_trace_network *networks = trace->networks;

		assert_true(trace->capacity == 2e9 && trace->ic == 500000000);
		assert_true(trace->il == 2000000000 && trace->policy == XN_POLICY_XNETMON);
		assert_int_equal(trace->n_networks, 3);
		assert_string_equal(networks[0].name, "a");
		assert_true(networks[0].sla.rc == 10e6 && networks[0].sla.re == 20e6);
		assert_true(networks[0].sla.rl == 40e6 && networks[0].sla.rmax == 50e6);
		assert_true(networks[0].sla.restricted && !networks[1].sla.restricted);
		assert_true(networks[1].sla.rl == 5e6 && networks[1].sla.rmax == 5e6);
		assert_true(networks[2].sla.rmax == 0);
		assert_int_equal(trace->n_ticks, 3);
		assert_memory_equal(trace->demand, demand, sizeof(demand));
		xn_trace_free(trace);
	}
}

static void defaults(void **state)
{
	struct xn_trace *trace = trace_of("{\"capacity\":\"1Gbit\",\"ticks\":2,\"networks\":"
					  "[{\"name\":\"a\",\"demand\":\"5bit\"}]}");

	(void)state;
	assert_true(trace->ic == 1000000000 && trace->il == 15000000000);
	assert_true(trace->policy == XN_POLICY_XNETMAN && trace->n_ticks == 2);
	assert_true(trace->demand[0] == 5 && trace->demand[1] == 5);
	xn_trace_free(trace);
}

#define HEAD	     "# capacity 1Gbit\n# network a rc 1Mbit\n"
#define JSON(inside) "{\"capacity\": \"1Gbit\",\n" inside "}"
#define NETS(inside) JSON("\"networks\": [\n{" inside "}]")

/* Each mistake, and how its line must begin behind the name of the file, and what it must say. */
static const struct {
	const char *text, *where, *what;
} mistakes[] = {
	{ "# capacity 100\n", ":1: capacity: ", "\"100\" has no unit: write 100Mbit" },
	{ "\n# capacity\n", ":2: capacity: ", "write a number and a unit" },
	{ "# capacity 1Gbit 2Gbit\n", ":1: capacity: ", "more than one value" },
	{ "# capacity 1Gbit\n# capacity 1Gbit\n", ":2: capacity: ", "twice" },
	{ "# capacty 1Gbit\n", ":1: capacty: ", "no setting: write capacity" },
	{ "# policy fair\n", ":1: policy: ", "write xnetman, xnetmon or off" },
	{ "# short_interval 1\n", ":1: short_interval: ", "no unit: write 1s" },
	{ HEAD "# long_interval 2500ms\nt,a\n",
	  ":3: long_interval: ", "multiple of short_interval" },
	{ HEAD "# short_interval 2s\nt,a\n", ":3: long_interval: ", "multiple of short_interval" },
	{ "# network\n", ":1: network: ", "no name" },
	{ "# network a/b\n", ":1: network: ", "a/b: " },
	{ HEAD "# network a\n", ":3: network: ", "a: there is a network of that name already" },
	{ "# network a rc\n", ":1: rc: ", "no value" },
	{ "# network a rc 1\n", ":1: rc: ", "no unit" },
	{ "# network a rd 1Mbit\n", ":1: rd: ", "no parameter" },
	{ "# network a rc 1Mbit rc 1Mbit\n", ":1: rc: ", "twice" },
	{ "# network a rc 2Mbit rl 1Mbit\n", ":1: rl: ", "below rc + re" },
	{ "# network a rl 2Mbit rmax 1Mbit\n", ":1: rmax: ", "below rl" },
	{ "# network a restricted 1\n", ":1: restricted: ", "neither true nor false" },
	{ "", ":1: t: ", "the header is missing" },
	{ HEAD, ":3: t: ", "the header is missing" },
	{ HEAD "1,1Mbit\n", ":3: t: ", "the header is missing" },
	{ "# capacity 1Gbit\nt\n", ":2: network: ", "none" },
	{ HEAD "t\n", ":3: t: ", "0 columns for 1 networks" },
	{ HEAD "t,b\n", ":3: b: ", "no such network" },
	{ HEAD "t,a,b\n", ":3: b: ", "no such network" },
	{ HEAD "t,a,a\n", ":3: a: ", "two columns" },
	{ HEAD "# network b\nt,a,a_bps\n", ":4: a: ", "two columns" },
	{ HEAD "t,a\n", ":4: t: ", "no rows" },
	{ HEAD "t,a\n# policy off\n", ":4: policy: ", "below the header" },
	{ HEAD "t,a\n1s,1Mbit\n", ":4: t: ", "\"1s\" is no number" },
	{ HEAD "t,a\n1,1Mbit\n3,1Mbit\n",
	  ":5: t: ", "3 does not follow 1 after short_interval, 1s" },
	{ HEAD "t,a\n1,1Mbit\n1,1Mbit\n", ":5: t: ", "does not follow" },
	{ HEAD "t,a\n1,100\n", ":4: a: ", "\"100\" has no unit" },
	{ HEAD "t,a\n1,100Mbps\n", ":4: a: ", "bytes or bits" },
	{ HEAD "t,a\n1,-1Mbit\n", ":4: a: ", "negative" },
	{ HEAD "t,a_bps\n1,1Mbit\n", ":4: a: ", "plain bit/s" },
	{ HEAD "t,a\n1\n", ":4: ", "1 values, the header 2" },
	{ HEAD "t,a\n1,0,0\n", ":4: ", "more values than the header" },
	{ "{\n\"capacity\": \"1Gbit\",,\n}", ":2: ", "not JSON" },
	{ "{\"a\": 1, \"a\": 2}", ":1: ", "duplicate" },
	{ JSON("\"capcity\": \"1Gbit\""), ":2: capcity: ", "no setting" },
	{ JSON("\"policy\": 3"), ":2: policy: ", "not text" },
	{ JSON("\"long_interval\": \"1500ms\""), ":2: long_interval: ", "multiple" },
	{ JSON("\"ticks\": 3"), ":1: networks: ", "missing" },
	{ JSON("\"networks\": []"), ":2: networks: ", "missing" },
	{ JSON("\"networks\":\n[3]"), ":3: networks[0]: ", "no object" },
	{ NETS("\"demand\": \"0\""), ":3: networks[0].name: ", "missing" },
	{ NETS("\"name\": \"\""), ":3: networks[0].name: ", "name" },
	{ NETS("\"name\": \"a\"},\n{\"name\": \"a\""), ":4: networks[1].name: ", "already" },
	{ NETS("\"name\": \"a\",\n\"rc\": 100"), ":4: networks[0].rc: ", "not text" },
	{ NETS("\"name\": \"a\",\n\"rc\": \"100\""), ":4: networks[0].rc: ", "no unit" },
	{ NETS("\"name\": \"a\",\n\"cr\": \"1Mbit\""), ":4: networks[0].cr: ", "no parameter" },
	{ NETS("\"name\": \"a\",\n\"rc\": \"2bit\", \"rl\": \"1bit\""),
	  ":4: networks[0].rl: ", "below" },
	{ NETS("\"name\": \"a\""), ":3: networks[0].demand: ", "missing" },
	{ NETS("\"name\": \"a\", \"demand\": []"), ":3: networks[0].demand: ", "empty" },
	{ NETS("\"name\": \"a\", \"demand\": \"0\""), ":1: ticks: ", "missing" },
	{ NETS("\"name\": \"a\", \"demand\": [\"0\",\n\"1\"]"),
	  ":4: networks[0].demand[1]: ", "no unit" },
	{ NETS("\"name\": \"a\", \"demand\": [\"0\", 7]"),
	  ":3: networks[0].demand[1]: ", "not text" },
	{ NETS("\"name\": \"a\", \"demand\": [\"0\"]},\n{\"name\": \"b\", \"demand\": [\"0\", "
	       "\"0\"]"),
	  ":4: networks[1].demand: ", "has 2 ticks, others 1" },
	{ JSON("\"ticks\": -1, \"networks\": [{\"name\": \"a\", \"demand\": \"0\"}]"),
	  ":2: ticks: ", "above 0" },
	{ JSON("\"ticks\": 1e99, \"networks\": [{\"name\": \"a\", \"demand\": \"0\"}]"),
	  ":2: ticks: ", "above 0" },
	{ JSON("\"ticks\": 99999999999, \"networks\": [{\"name\": \"a\", \"demand\": \"0\"}]"),
	  ":2: ticks: ", "more ticks than fit" },
};

static void tells_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct xn_err err = {};
		struct xn_trace *trace = read_text(mistakes[i].text, &err);
		const char *place = strstr(err.text, mistakes[i].where);

		if (trace || strncmp(err.text, "/tmp/xnetman-trace-", 19) ||
		    place != err.text + strlen("/tmp/xnetman-trace-XXXXXX") ||
		    !strstr(place + strlen(mistakes[i].where), mistakes[i].what))
			fail_msg("%s\nis told as: %s\nnot as FILE%s...%s", mistakes[i].text,
				 err.text, mistakes[i].where, mistakes[i].what);
	}
}

static void tells_no_file(void **state)
{
	struct xn_err err = {};

	(void)state;
	assert_null(xn_trace_read("/nonexistent/trace.csv", &err));
	assert_string_equal(err.text, "/nonexistent/trace.csv: can't be read: No such file or "
				      "directory");
	assert_null(xn_trace_read("/tmp", &err));
	assert_non_null(strstr(err.text, "Is a directory"));
}

static double figure(const json_t *series, const char *list, size_t k, size_t i, const char *key)
{
	const json_t *entry = json_array_get(json_object_get(series, list), k);
	const json_t *network = json_array_get(json_object_get(entry, "networks"), i);
	const json_t *value = json_object_get(network, key);

	assert_non_null(value);
	return json_number_value(value);
}

static void near(double got, double wanted)
{
	if (!(fabs(got - wanted) <= 1e-9 * fmax(1, fabs(wanted))))
		fail_msg("%.17g, not %.17g", got, wanted);
}

/* SPEC of figure 4: what each gets, in every tick after the first Il. */
static void figure4(void **state)
{
	struct xn_err err;
	const char *key;
	struct xn_trace *trace = xn_trace_read(TRACES "fig4.csv", &err);
	json_t *series;
	double sent = 0, before = 0;

	(void)state;
	assert_non_null(trace);
	assert_null(xn_trace_finish(trace, trace->ic, &key));
	series = xn_simulate(trace);
	assert_int_equal(json_array_size(json_object_get(series, "ticks")), 200);
	assert_int_equal(json_array_size(json_object_get(series, "intervals")), 13);
	for (size_t k = 15; k < 200; k++) {
		double weight = figure(series, "ticks", k, 0, "weight");

		near(figure(series, "ticks", k, 0, "throughput_bps"), 300e6);
		near(figure(series, "ticks", k, 1, "throughput_bps"), 100e6);
		assert_true(figure(series, "ticks", k, 1, "weight") == 0);
		near(weight + figure(series, "ticks", k, 2, "weight"), 1);
		/* net1's weight rises within each Il until it is 1 */
		assert_true(k % 15 == 0 || weight > before || weight == 1);
		before = weight;
		sent += figure(series, "ticks", k, 2, "throughput_bps");
		if (k % 15 < 14)
			continue;
		near(sent, 250e6 * 15);
		sent = 0;
		for (size_t i = 0; i < 3; i++)
			near(figure(series, "intervals", k / 15, i, "conformity"), 1);
	}
	json_decref(series);
	xn_trace_free(trace);
}

/* The other example can be read. */
static void figure5b(void **state)
{
	struct xn_err err;
	const char *key;
	struct xn_trace *trace = xn_trace_read(TRACES "fig5b.json", &err);
	json_t *series;

	(void)state;
	assert_non_null(trace);
	assert_null(xn_trace_finish(trace, trace->ic, &key));
	series = xn_simulate(trace);
	for (size_t k = 1; k < 4; k++) {
		near(figure(series, "intervals", k, 0, "el"), 0);
		assert_true(figure(series, "intervals", k, 1, "el") < 0.15);
	}
	json_decref(series);
	xn_trace_free(trace);
}

/* Nobody is punished before there was a demand; too much for the link is cut for all alike. */
static void first_tick_is_fifo(void **state)
{
	struct xn_trace *trace =
		trace_of("# capacity 100bit\n# network a rc 10bit\n# network b rc 30bit\n"
			 "t,a,b\n0,300bit,100bit\n1,300bit,100bit\n2,0,100bit\n");
	json_t *series = xn_simulate(trace);

	(void)state;
	near(figure(series, "ticks", 0, 0, "throughput_bps"), 75);
	near(figure(series, "ticks", 0, 1, "throughput_bps"), 25);
	near(figure(series, "ticks", 0, 1, "ec"), 1 / 6.);
	near(figure(series, "ticks", 1, 0, "throughput_bps"), 10);
	near(figure(series, "ticks", 1, 1, "throughput_bps"), 30);
	/* decided from 300 and 100, but a is silent */
	near(figure(series, "ticks", 2, 1, "throughput_bps"), 30);
	near(json_number_value(json_object_get(series, "utilisation")), 170 / 300.);
	assert_true(json_is_false(json_object_get(series, "oversold")));
	json_decref(series);
	xn_trace_free(trace);
}

static void oversold_is_told(void **state)
{
	struct xn_trace *trace =
		trace_of("# capacity 20bit\n# network a rc 30bit\nt,a\n0,50bit\n1,50bit\n");
	json_t *series = xn_simulate(trace);

	(void)state;
	assert_true(json_is_true(json_object_get(series, "oversold")));
	near(figure(series, "ticks", 1, 0, "throughput_bps"), 20);
	json_decref(series);
	xn_trace_free(trace);
}

/* Another Ic: each tick has the mean demand of the time it covers. */
static void resamples(void **state)
{
	static const struct {
		const char *ic;
		size_t n;
		double demand[6];
	} table[] = {
		{ "2s", 2, { 15, 35 } },
		{ "500ms", 10, { 10, 10, 20, 20, 30, 30 } },
		{ "1500ms",
		  3,
		  { (10 + 20 / 2.) / 1.5, (20 / 2. + 30) / 1.5, (40 + 50 / 2.) / 1.5 } },
		{ "5s", 1, { 30 } },
	};
	struct xn_err err;
	const char *key;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct xn_trace *trace =
			read_text("# capacity 1kbit\n# long_interval 30s\n# network a\n"
				  "t,a_bps\n1,10\n2,20\n3,30\n4,40\n5,50\n",
				  &err);
		uint64_t ic = trace->ic;

		assert_null(xn_trace_set(trace, "short_interval", table[i].ic));
		assert_null(xn_trace_finish(trace, ic, &key));
		assert_int_equal(trace->n_ticks, table[i].n);
		for (size_t k = 0; k < 6 && k < table[i].n; k++)
			near(trace->demand[k], table[i].demand[k]);
		xn_trace_free(trace);
	}
}

static void overrides_are_checked(void **state)
{
	static const struct {
		const char *key, *text, *wrong;
	} table[] = { { "short_interval", "2s", "long_interval" },
		      { "long_interval", "1500ms", "long_interval" },
		      { "capacity", "0", "capacity" },
		      { "short_interval", "15s", "short_interval" } };
	struct xn_err err;
	const char *key = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct xn_trace *trace =
			read_text("# capacity 1kbit\n# network a\nt,a\n1,0\n", &err);
		uint64_t ic = trace->ic;

		assert_null(xn_trace_set(trace, table[i].key, table[i].text));
		assert_non_null(xn_trace_finish(trace, ic, &key));
		assert_string_equal(key, table[i].wrong);
		xn_trace_free(trace);
	}
}

#define TEST(text, function)                        \
	{                                           \
		.name = text, .test_func = function \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("CSV and JSON say the same", reads_both),
		TEST("settings have their defaults", defaults),
		TEST("each mistake names file, line, key and remedy", tells_mistakes),
		TEST("a file that can't be read is told", tells_no_file),
		TEST("figure 4 comes out as in the paper", figure4),
		TEST("figure 5(b): net1 served, net2 near its floor", figure5b),
		TEST("the link is a FIFO, and the first tick not punished", first_tick_is_fifo),
		TEST("oversold is told and scaled", oversold_is_told),
		TEST("another Ic gets the mean demand of its time", resamples),
		TEST("what replaces a setting is checked", overrides_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
