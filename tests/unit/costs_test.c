// SPDX-License-Identifier: GPL-2.0-or-later
/* The file of costs: written, read again, and refused as a whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/costs.h"
#include "daemon_fixture.h"

#define PATH "{\"packet\": 1e-6, \"byte\": 1e-10}"

static void what_is_written_is_read(void **state)
{
	struct xn_cost_model model, read;
	struct xn_err err;
	char *text;

	(void)state;
	for (int i = 0; i < XN_COST_PATHS; i++) {
		model.path[i].packet = (i + 1) * 0.25e-6;
		model.path[i].byte = i * 0.5e-9;
	}
	text = xn_costs_text(&model, "6.1.0");
	fixture_write("costs.json", text);
	free(text);
	assert_int_equal(xn_costs_load(fixture_path("costs.json"), &read, &err), 0);
	for (int i = 0; i < XN_COST_PATHS; i++) {
		assert_float_equal(read.path[i].packet, model.path[i].packet, 1e-12);
		assert_float_equal(read.path[i].byte, model.path[i].byte, 1e-14);
	}
}

static void nonsense_is_refused_whole(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{ "", "costs.json" },
		{ "[]", "another version" },
		{ "{\"format\": 2, \"paths\": {}}", "another version" },
		{ "{\"format\": 1}", "paths.rx: is missing" },
		{ "{\"format\": 1, \"paths\": {\"rx\": " PATH "}}", "paths.forward" },
		{ "{\"format\": 1, \"paths\": {\"rx\": {\"packet\": -1, \"byte\": 0}}}",
		  "paths.rx" },
		{ "{\"format\": 1, \"paths\": {\"rx\": {\"packet\": 1.2, \"byte\": 0}}}",
		  "paths.rx" },
		{ "{\"format\": 1, \"paths\": {\"rx\": {\"packet\": \"1us\", \"byte\": 0}}}",
		  "xnetman-ctl calibrate" },
	};
	struct xn_cost_model model = { .path[XN_COST_RX].packet = 42 };
	struct xn_err err = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		fixture_write("costs.json", table[i].text);
		assert_int_equal(xn_costs_load(fixture_path("costs.json"), &model, &err), -EINVAL);
		if (!strstr(err.text, table[i].why))
			fail_msg("%s: %s", table[i].text, err.text);
	}
	fixture_remove("costs.json");
	assert_int_equal(xn_costs_load(fixture_path("costs.json"), &model, &err), -ENOENT);
	assert_true(model.path[XN_COST_RX].packet == 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(nonsense_is_refused_whole),
	};

	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}
