// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may ask xnetman-web what: heads of requests, and queries. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "web/asset.h"
#include "web/gate.h"
#include "web/query.h"

static const char *const names[] = { "dom0.example" };
static const struct xn_gate gate = { names, 1 };

static unsigned int check(const struct xn_head *head)
{
	const char *why = NULL;
	unsigned int status = xn_gate_check(&gate, head, &why);

	assert_true(!status || (why && *why));
	return status;
}

static void only_this_machine_s_names_are_taken(void **state)
{
	static const struct {
		const char *host;
		unsigned int status;
	} cases[] = {
		{ "localhost", 0 },
		{ "localhost:9790", 0 },
		{ "LocalHost:9790", 0 },
		{ "127.0.0.1:9790", 0 },
		{ "192.0.2.7", 0 },
		{ "[::1]:9790", 0 },
		{ "[fe80::1]", 0 },
		{ "dom0.example:80", 0 },
		{ "DOM0.example", 0 },
		{ NULL, 421 },
		{ "", 421 },
		{ ":9790", 421 },
		{ "evil.example", 421 },
		{ "localhost.evil.example", 421 },
		{ "127.0.0.1.evil.example", 421 },
		{ "dom0.example.evil.example", 421 },
		{ "localhost:9790@evil.example", 421 },
		{ "localhost:", 0 },
		{ "[::1", 421 },
		{ "[::1]evil", 421 },
		{ "[localhost", 421 },
		{ "::1", 421 },
		{ "1", 421 },
		{ "0x7f000001", 421 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct xn_head head = { .method = "GET", .host = cases[i].host };

		if (check(&head) != cases[i].status)
			fail_msg("%s", cases[i].host);
	}
}

static void a_long_host_is_refused(void **state)
{
	char host[400];
	const struct xn_head head = { .method = "GET", .host = host };

	(void)state;
	memset(host, '1', sizeof(host));
	host[sizeof(host) - 1] = '\0';
	assert_int_equal(check(&head), 421);
}

static void pages_from_elsewhere_may_not_ask(void **state)
{
	static const struct {
		const char *origin, *site;
		bool page;
		unsigned int status;
	} cases[] = {
		{ NULL, NULL, false, 0 },
		{ "http://localhost:9790", "same-origin", false, 0 },
		{ "https://localhost:9790", NULL, false, 0 },
		{ NULL, "none", false, 0 },
		{ NULL, "cross-site", true, 0 }, /* a link to the page */
		{ NULL, "cross-site", false, 403 },
		{ NULL, "same-site", false, 403 },
		{ "http://evil.example", NULL, false, 403 },
		{ "http://evil.example", NULL, true, 403 },
		{ "http://localhost:8080", NULL, false, 403 },
		{ "http://localhost:9790.evil.example", NULL, false, 403 },
		{ "null", NULL, false, 403 },
		{ "localhost:9790", NULL, false, 403 },
		{ "", NULL, false, 403 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct xn_head head = { .method = "GET",
					      .host = "localhost:9790",
					      .origin = cases[i].origin,
					      .site = cases[i].site,
					      .page = cases[i].page };

		if (check(&head) != cases[i].status)
			fail_msg("case %zu", i);
	}
}

static void methods_are_get_and_head_but_for_admission(void **state)
{
	static const struct {
		const char *method;
		bool post;
		unsigned int status;
	} cases[] = {
		{ "GET", false, 0 },	  { "HEAD", false, 0 },	 { "POST", false, 405 },
		{ "PUT", false, 405 },	  { "get", false, 405 }, { "OPTIONS", false, 405 },
		{ "POST", true, 0 },	  { "GET", true, 405 },	 { "HEAD", true, 405 },
		{ "OPTIONS", true, 405 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct xn_head head = { .method = cases[i].method,
					      .host = "localhost",
					      .type = "application/yaml",
					      .post = cases[i].post };

		assert_int_equal(check(&head), cases[i].status);
	}
}

static void only_definitions_of_some_size_are_read(void **state)
{
	static const struct {
		const char *type, *length;
		unsigned int status;
	} cases[] = {
		{ "application/yaml", "100", 0 },
		{ "Application/YAML; charset=utf-8", NULL, 0 },
		{ "application/json", "262144", 0 },
		{ "text/yaml", "0", 0 },
		{ NULL, "1", 415 },
		{ "", "1", 415 },
		/* what a form of somebody else's page can send without asking */
		{ "application/x-www-form-urlencoded", "1", 415 },
		{ "multipart/form-data", "1", 415 },
		{ "text/plain", "1", 415 },
		{ "application/yamlx", "1", 415 },
		{ "application/yaml", "262145", 413 },
		{ "application/yaml", "99999999999999999999999", 413 },
		{ "application/yaml", "-1", 413 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct xn_head head = { .method = "POST",
					      .host = "localhost",
					      .type = cases[i].type,
					      .length = cases[i].length,
					      .post = true };

		if (check(&head) != cases[i].status)
			fail_msg("case %zu", i);
	}
}

/* --- queries --- */

static void queries_are_checked(void **state)
{
	static const struct {
		const char *path, *name, *value;
		bool good;
	} cases[] = {
		{ "/api/history", "network", "net1", true },
		{ "/api/history", "network", "", true },
		{ "/api/history", "link", "eth0", true },
		{ "/api/history", "count", "1", true },
		{ "/api/history", "count", "20000", true },
		{ "/api/report", "from", "1893456000.5", true },
		{ "/api/sla", "at", "1893456000", true },
		{ "/api/admit", "name", "net9", true },
		{ "/api/history", "count", "0", false },
		{ "/api/history", "count", "20001", false },
		{ "/api/history", "count", "-1", false },
		{ "/api/history", "count", "1e3", false },
		{ "/api/history", "count", "0x10", false },
		{ "/api/history", "count", "1.5", false },
		{ "/api/history", "count", "", false },
		{ "/api/history", "count", "nan", false },
		{ "/api/history", "count", "9999999999999999999999", false },
		{ "/api/history", "count", NULL, false },
		{ "/api/report", "from", "inf", false },
		{ "/api/report", "from", "1e9", false },
		{ "/api/report", "to", "999999999999", false },
		{ "/api/sla", "at", " 1", false },
		{ "/api/history", "network", "a b", false },
		{ "/api/history", "network", "a\nb", false },
		{ "/api/history", "network", "../etc", false },
		{ "/api/history", "link", "a/b", false },
		{ "/api/history", "link", "a234567890123456", false },
		{ "/api/history", "from", "1", false },
		{ "/api/status", "network", "net1", false },
		{ "/api/admit", "definition", "x", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct xn_place *place = xn_place_find(cases[i].path);
		unsigned int seen = 0;
		struct xn_call call;
		struct xn_err err;
		int rc;

		xn_query_start(place, &call);
		rc = xn_query_take(place, &call, &seen, cases[i].name, cases[i].value, &err);
		if (!rc != cases[i].good)
			fail_msg("%s?%s=%s", cases[i].path, cases[i].name, cases[i].value);
		if (rc)
			assert_non_null(strstr(err.text, cases[i].name));
	}
}

static void nothing_is_taken_twice(void **state)
{
	const struct xn_place *place = xn_place_find("/api/history");
	unsigned int seen = 0;
	struct xn_call call;
	struct xn_err err;

	(void)state;
	xn_query_start(place, &call);
	assert_int_equal(xn_query_take(place, &call, &seen, "network", "a", &err), 0);
	assert_int_equal(xn_query_take(place, &call, &seen, "count", "5", &err), 0);
	assert_int_not_equal(xn_query_take(place, &call, &seen, "network", "b", &err), 0);
	assert_string_equal(call.args[0].text, "a");
	assert_string_equal(call.args[1].text, "");
	assert_true(call.args[2].number == 5);
}

static void what_is_not_given_is_as_xnetman_ctl_has_it(void **state)
{
	struct xn_call call;

	(void)state;
	xn_query_start(xn_place_find("/api/history"), &call);
	assert_string_equal(call.method, "GetHistory");
	assert_true(call.args[2].type == 'x' && call.args[2].number == 20);
	xn_query_start(xn_place_find("/api/report"), &call);
	assert_true(call.args[1].type == 'd' && call.args[1].number == 0);
	xn_query_start(xn_place_find("/api/status"), &call);
	assert_int_equal(call.args[0].type, 0);
}

/* No method that changes anything has a place here. */
static void there_is_no_other_place(void **state)
{
	static const char *const paths[] = { "",
					     "/api",
					     "/api/",
					     "/api/status/",
					     "/api/Status",
					     "/api/reload",
					     "/api/network",
					     "/metrics/" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_null(xn_place_find(paths[i]));
		assert_null(xn_asset_find(xn_web_assets, paths[i]));
	}
	assert_true(xn_place_find("/api/admit")->post);
	assert_false(xn_place_find("/api/status")->post);
}

/* --- the page --- */

static void the_page_is_in_the_program(void **state)
{
	const struct xn_asset *page = xn_asset_find(xn_web_assets, "/"),
			      *script = xn_asset_find(xn_web_assets, "/page.js");
	char one[XN_ETAG], other[XN_ETAG];

	(void)state;
	assert_non_null(page);
	assert_memory_equal(page->data, "<!DOCTYPE html>", 15);
	xn_asset_etag(page, one);
	xn_asset_etag(script, other);
	assert_string_not_equal(one, other);
}

/* Neither scripts nor styles in the page itself (the policy would stop them), and nothing from elsewhere. */
static void the_page_keeps_its_policy(void **state)
{
	static const char *const paths[] = { "/", "/page.js", "/page.css", "/icon.svg" };
	static const char *const never[] = { "<style",	  " style=", " onclick=", "eval(",
					     "innerHTML", "url(",    "@import",	  "//cdn" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct xn_asset *asset = xn_asset_find(xn_web_assets, paths[i]);

		for (size_t j = 0; j < sizeof(never) / sizeof(never[0]); j++)
			assert_null(memmem(asset->data, asset->end - asset->data, never[j],
					   strlen(never[j])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_this_machine_s_names_are_taken),
		cmocka_unit_test(a_long_host_is_refused),
		cmocka_unit_test(pages_from_elsewhere_may_not_ask),
		cmocka_unit_test(methods_are_get_and_head_but_for_admission),
		cmocka_unit_test(only_definitions_of_some_size_are_read),
		cmocka_unit_test(queries_are_checked),
		cmocka_unit_test(nothing_is_taken_twice),
		cmocka_unit_test(what_is_not_given_is_as_xnetman_ctl_has_it),
		cmocka_unit_test(there_is_no_other_place),
		cmocka_unit_test(the_page_is_in_the_program),
		cmocka_unit_test(the_page_keeps_its_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
