// SPDX-License-Identifier: GPL-2.0-or-later
/* Metrics as text: both formats, units, labels, what must be escaped, and nothing that changes a figure. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/metrics.h"
#include "web/openmetrics.h"

static const char info_text[] =
	"{\"version\": \"1.2\", \"module_version\": \"1.2\", \"policy\": \"xnetman\", \"sampler\": "
	"\"systematic\", \"ticks\": 7, \"uptime\": 7.5, \"short_interval\": 1.0, "
	"\"long_interval\": 15.0, \"tick_dump\": 0.001, \"tick_decide\": 0.002, \"tick_push\": "
	"0.003}";

static const char status_text[] =
	"{\"time\": 1893456000.5, \"tick\": 7, \"elapsed\": 7.0, \"long_interval\": 15.0, "
	"\"links\": "
	"[{\"name\": \"eth\\\"1\", \"resource\": \"bandwidth\", \"up\": true, \"oversold\": false, "
	"\"capacity_bps\": 1e9, \"throughput_bps\": 8.0, \"utilisation\": 8e-9, \"host_bps\": "
	"80.0, "
	"\"networks\": [{\"name\": \"net1\", \"resource\": \"bandwidth\", \"demand_bps\": 800.0, "
	"\"throughput_bps\": 8.0, \"allowed_bps\": 16.0, \"ratio\": 0.1, \"weight\": 1.0, \"ec\": "
	"0.0, "
	"\"used_bits\": 4.0, \"rc_bps\": 8.0, \"re_bps\": 0.0, \"rl_bps\": 16.0, \"rmax_bps\": "
	"24.0, "
	"\"offered_bytes\": 9007199254740993, \"offered_packets\": 2, \"dropped_bytes\": 3, "
	"\"dropped_packets\": 1}]}], \"resources\": [{\"name\": \"cpu\", \"resource\": \"cpu\", "
	"\"oversold\": true, \"throughput_cores\": 0.25, \"networks\": [{\"name\": \"net1\", "
	"\"resource\": \"cpu\", \"demand_cores\": 0.25, \"throughput_cores\": 0.25, "
	"\"allowed_cores\": 0.5, \"ratio\": 0.0, \"weight\": 0.0, \"ec\": 0.0, "
	"\"used_core_seconds\": "
	"1.5, \"rc_cores\": 0.1, \"re_cores\": 0.0, \"rl_cores\": 0.2, \"rmax_cores\": 0.2, "
	"\"el\": "
	"0.5, \"conformity\": 0.75}]}]}";

static const char ports_text[] =
	"[{\"device\": \"vif1.0\", \"network\": \"net1\", \"rx_bytes\": 10, \"tx_bytes\": 20}, "
	"{\"device\": \"eth0.5\", \"network\": \"net1\", \"rx_bytes\": 30, \"tx_bytes\": 40}, "
	"{\"device\": \"renamed\", \"domid\": 4, \"network\": \"net1\", \"rx_bytes\": 50, "
	"\"tx_bytes\": 60}]";

struct fixture {
	json_t *info, *status, *ports;
	struct xn_breaches *breaches;
	char *text, *openmetrics;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct xn_metrics metrics;
	json_t *breach = json_pack("[sssfs]", "net1", "cpu", "long", 0.5, "late");

	f->info = json_loads(info_text, 0, NULL);
	f->status = json_loads(status_text, 0, NULL);
	f->ports = json_loads(ports_text, 0, NULL);
	f->breaches = xn_breaches_create();
	xn_breaches_add(f->breaches, breach);
	json_decref(breach);
	metrics = (struct xn_metrics){ f->info, f->status, f->ports, f->breaches };
	f->text = xn_metrics_write(&metrics, false);
	f->openmetrics = xn_metrics_write(&metrics, true);
	assert_non_null(f->text);
	assert_non_null(f->openmetrics);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	json_decref(f->info);
	json_decref(f->status);
	json_decref(f->ports);
	xn_breaches_destroy(f->breaches);
	free(f->text);
	free(f->openmetrics);
	free(f);
	return 0;
}

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = strstr(text, line); at; at = strstr(at + 1, line))
		if ((at == text || at[-1] == '\n') && at[n] == '\n')
			return true;
	return false;
}

static void samples_are_in_base_units_with_stable_labels(void **state)
{
	static const char *const lines[] = {
		"xnetman_up 1",
		"xnetman_ticks_total 7",
		"xnetman_tick_cost_seconds{phase=\"decide\"} 0.002",
		"xnetman_capacity_bytes_per_second{resource=\"bandwidth\",link=\"eth\\\"1\"} "
		"125000000",
		"xnetman_link_up{resource=\"bandwidth\",link=\"eth\\\"1\"} 1",
		"xnetman_link_host_bytes_per_second{resource=\"bandwidth\",link=\"eth\\\"1\"} 10",
		"xnetman_oversold{resource=\"cpu\"} 1",
		"xnetman_network_demand_bytes_per_second{resource=\"bandwidth\",link=\"eth\\\"1\","
		"network=\"net1\"} 100",
		"xnetman_network_demand_cores{resource=\"cpu\",network=\"net1\"} 0.25",
		"xnetman_network_sold_bytes_per_second{resource=\"bandwidth\",link=\"eth\\\"1\","
		"network=\"net1\",parameter=\"rmax\"} 3",
		"xnetman_network_used_bytes{resource=\"bandwidth\",link=\"eth\\\"1\",network="
		"\"net1\"} "
		"0.5",
		"xnetman_network_used_core_seconds{resource=\"cpu\",network=\"net1\"} 1.5",
		"xnetman_network_punishment_ratio{resource=\"bandwidth\",link=\"eth\\\"1\","
		"network=\"net1\"} 0.1",
		"xnetman_network_conformity_ratio{resource=\"cpu\",network=\"net1\"} 0.75",
		"xnetman_network_breaches_total{resource=\"cpu\",network=\"net1\",term=\"long\"} 1",
		"xnetman_network_breaches_total{resource=\"cpu\",network=\"net1\",term=\"short\"} "
		"0",
		"xnetman_network_dropped_bytes_total{resource=\"bandwidth\",link=\"eth\\\"1\","
		"network=\"net1\",direction=\"transmit\"} 3",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (!has_line(f->text, lines[i]) || !has_line(f->openmetrics, lines[i]))
			fail_msg("missing: %s\nin:\n%s", lines[i], f->text);
	}
}

/* Its first interval is not over: there is nothing to say. */
static void what_is_not_known_has_no_sample(void **state)
{
	struct fixture *f = *state;

	assert_null(strstr(f->text, "xnetman_network_conformity_ratio{resource=\"bandwidth\""));
	assert_null(strstr(f->text, "xnetman_capacity_cores{"));
}

static void direction_is_as_the_machine_sees_it(void **state)
{
	struct fixture *f = *state;

	assert_true(has_line(f->text, "xnetman_port_bytes_total{network=\"net1\",device=\"vif1.0\","
				      "direction=\"transmit\"} 10"));
	assert_true(has_line(f->text, "xnetman_port_bytes_total{network=\"net1\",device=\"eth0.5\","
				      "direction=\"receive\"} 30"));
	assert_true(has_line(f->text, "xnetman_port_bytes_total{network=\"net1\",device="
				      "\"renamed\",direction=\"receive\"} 60"));
}

static void openmetrics_tells_families_without_total(void **state)
{
	static const char *const lines[] = {
		"# TYPE xnetman_network_offered_bytes counter",
		"# UNIT xnetman_network_offered_bytes bytes",
		"# TYPE xnetman_build info",
		"# TYPE xnetman_network_conformity_ratio gauge",
		"# UNIT xnetman_network_conformity_ratio ratio",
	};
	struct fixture *f = *state;
	size_t size = strlen(f->openmetrics);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_true(has_line(f->openmetrics, lines[i]));
	assert_string_equal(f->openmetrics + size - strlen("\n# EOF\n"), "\n# EOF\n");
	assert_true(has_line(f->text, "# TYPE xnetman_network_offered_bytes_total counter"));
	assert_true(has_line(f->text, "# TYPE xnetman_build_info gauge"));
}

/* Name of the family whose TYPE line is at @line; false if it is no such line. */
static bool family_at(const char *line, char *name, size_t size)
{
	return sscanf(line, "# TYPE %127s", name) == 1 && strlen(name) < size;
}

static void check_family(const char *name, const char *line)
{
	char unit_name[128], unit[64], suffixed[130];
	const char *next = strchr(line, '\n') + 1;

	if (sscanf(next, "# UNIT %127s %63s", unit_name, unit) == 2) {
		snprintf(suffixed, sizeof(suffixed), "_%s", unit);
		assert_string_equal(unit_name, name);
		assert_true(strlen(name) > strlen(suffixed));
		assert_string_equal(name + strlen(name) - strlen(suffixed), suffixed);
		next = strchr(next, '\n') + 1;
	}
	assert_true(sscanf(next, "# HELP %127s", unit_name) == 1);
	assert_string_equal(unit_name, name);
}

/* As OpenMetrics demands: a name ends in its unit; each family is there once, its samples together. */
static void every_family_is_whole_and_there_once(void **state)
{
	struct fixture *f = *state;
	json_t *seen = json_object();
	char name[128] = "", other[128];
	size_t n = 0;

	for (const char *line = f->openmetrics; *line; line = strchr(line, '\n') + 1) {
		if (family_at(line, other, sizeof(other))) {
			strcpy(name, other);
			assert_null(json_object_get(seen, name));
			json_object_set_new(seen, name, json_true());
			check_family(name, line);
			n++;
		} else if (*line != '#') {
			assert_memory_equal(line, name, strlen(name));
			assert_non_null(strchr("_{ ", line[strlen(name)]));
		}
	}
	assert_true(n > 30);
	json_decref(seen);
}

static char *one_sample(double value, const char *label)
{
	static const struct xn_om_family family = { "x", "", "Says \"what\\\nit is\".",
						    XN_OM_GAUGE };
	const struct xn_om_label labels[] = { { "empty", "" }, { "l", label } };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct xn_om om = { out, true, NULL };

	xn_om_begin(&om, &family);
	xn_om_sample(&om, value, labels, 2);
	fclose(out);
	return text;
}

static void nothing_breaks_a_line(void **state)
{
	char *text = one_sample(1, "a\"b\\c\nd");

	(void)state;
	assert_string_equal(text, "# TYPE x gauge\n# HELP x Says \\\"what\\\\\\nit is\\\".\n"
				  "x{l=\"a\\\"b\\\\c\\nd\"} 1\n");
	free(text);
}

static void numbers_are_read_back_as_they_were(void **state)
{
	static const double numbers[] = { 0,	1,  0.1,      1.0 / 3, 1893456016.0000973,
					  1e21, -5, 4.9e-324, 1e308 };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char *text = one_sample(numbers[i], "");

		assert_true(strtod(strrchr(text, ' '), NULL) == numbers[i]);
		free(text);
	}
	for (int i = 0; i < 3; i++) {
		static const char *const words[] = { " NaN\n", " +Inf\n", " -Inf\n" };
		char *text = one_sample(i == 0 ? NAN : i == 1 ? INFINITY : -INFINITY, "");

		assert_string_equal(strrchr(text, ' '), words[i]);
		free(text);
	}
}

static void without_the_daemon_there_is_only_that(void **state)
{
	const struct xn_metrics none = { NULL };
	char *text = xn_metrics_write(&none, false);

	(void)state;
	assert_true(has_line(text, "xnetman_up 0"));
	assert_null(strstr(text, "xnetman_ticks"));
	free(text);
}

static void openmetrics_is_for_who_accepts_it(void **state)
{
	static const struct {
		const char *accept;
		bool is;
	} cases[] = {
		{ NULL, false },
		{ "", false },
		{ "*/*", false },
		{ "text/plain", false },
		{ "application/openmetrics-text", true },
		{ "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
		  true },
		{ "text/plain;q=0.5, Application/OpenMetrics-Text; version=1.0.0", true },
		{ "application/openmetrics-texts", false },
		{ ",,,", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(xn_om_accepted(cases[i].accept), cases[i].is);
}

/* --- breaches --- */

static void signalled(struct xn_breaches *breaches, const char *network, const char *row,
		      const char *kind, double error)
{
	json_t *arguments = json_pack("[sssfs]", network, row, kind, error, "others");

	xn_breaches_add(breaches, arguments);
	json_decref(arguments);
}

static void a_breach_counts_once_from_beginning_to_end(void **state)
{
	struct xn_breaches *breaches = xn_breaches_create();
	struct xn_breach_count count;

	(void)state;
	signalled(breaches, "net1", "eth0", "short", 0.5);
	signalled(breaches, "net1", "eth0", "short", 0.7); /* another cause */
	count = xn_breaches_get(breaches, "net1", "eth0");
	assert_int_equal(count.terms[0], 1);
	assert_true(count.broken);
	signalled(breaches, "net1", "eth0", "short", 0);
	signalled(breaches, "net1", "eth0", "short", 0.2);
	signalled(breaches, "net1", "eth0", "short", 0);
	signalled(breaches, "net1", "eth0", "long", 0.2);
	count = xn_breaches_get(breaches, "net1", "eth0");
	assert_int_equal(count.terms[0], 2);
	assert_int_equal(count.terms[1], 1);
	assert_false(count.broken);
	assert_int_equal(xn_breaches_get(breaches, "net1", "cpu").terms[0], 0);
	xn_breaches_destroy(breaches);
}

static void without_the_daemon_none_goes_on(void **state)
{
	struct xn_breaches *breaches = xn_breaches_create();
	struct xn_breach_count count;

	(void)state;
	signalled(breaches, "net1", "eth0", "short", 0.5);
	xn_breaches_end(breaches);
	count = xn_breaches_get(breaches, "net1", "eth0");
	assert_int_equal(count.terms[0], 1);
	assert_false(count.broken);
	xn_breaches_destroy(breaches);
}

static void other_signals_count_nothing(void **state)
{
	struct xn_breaches *breaches = xn_breaches_create();
	json_t *none = json_array(), *numbers = json_pack("[iii]", 1, 2, 3);

	(void)state;
	xn_breaches_add(breaches, none);
	xn_breaches_add(breaches, numbers);
	xn_breaches_add(breaches, NULL);
	signalled(breaches, "net/1", "eth0", "short", 0.5);
	signalled(breaches, "net1", "eth0", "middle", 0.5);
	assert_int_equal(xn_breaches_get(breaches, "net1", "eth0").terms[0], 0);
	json_decref(none);
	json_decref(numbers);
	xn_breaches_destroy(breaches);
}

static void who_is_gone_is_forgotten(void **state)
{
	struct fixture *f = *state;

	signalled(f->breaches, "gone", "cpu", "long", 0.5);
	xn_breaches_trim(f->breaches, f->status);
	assert_int_equal(xn_breaches_get(f->breaches, "gone", "cpu").terms[1], 0);
	assert_int_equal(xn_breaches_get(f->breaches, "net1", "cpu").terms[1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_in_base_units_with_stable_labels),
		cmocka_unit_test(what_is_not_known_has_no_sample),
		cmocka_unit_test(direction_is_as_the_machine_sees_it),
		cmocka_unit_test(openmetrics_tells_families_without_total),
		cmocka_unit_test(every_family_is_whole_and_there_once),
		cmocka_unit_test(nothing_breaks_a_line),
		cmocka_unit_test(numbers_are_read_back_as_they_were),
		cmocka_unit_test(without_the_daemon_there_is_only_that),
		cmocka_unit_test(openmetrics_is_for_who_accepts_it),
		cmocka_unit_test(a_breach_counts_once_from_beginning_to_end),
		cmocka_unit_test(without_the_daemon_none_goes_on),
		cmocka_unit_test(other_signals_count_nothing),
		cmocka_unit_test(who_is_gone_is_forgotten),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
