// SPDX-License-Identifier: GPL-2.0-or-later
/* A data plane from a file: what is meant is told on, what is wrong is told with its place, and nothing else is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/planefile.h"

/* --- a plane that remembers --- */

static struct {
	struct xn_guest_interface interfaces[XN_GUEST_INTERFACES_MAX];
	size_t n_interfaces;
	struct xn_guest_route routes[4];
	size_t n_routes;
	char rules[256];
	int begun, ended;
} plane;

void xn_plane_sync_begin(struct xn_plane *unused)
{
	(void)unused;
	plane.begun++;
}

void xn_plane_sync_end(struct xn_plane *unused)
{
	(void)unused;
	plane.ended++;
}

int xn_plane_interfaces(struct xn_plane *unused, const struct xn_guest_interface *interfaces,
			size_t n, struct xn_err *err)
{
	(void)unused;
	(void)err;
	memcpy(plane.interfaces, interfaces, n * sizeof(*interfaces));
	plane.n_interfaces = n;
	return 0;
}

int xn_plane_route(struct xn_plane *unused, bool add, const struct xn_guest_route *route,
		   struct xn_err *err)
{
	(void)unused;
	(void)err;
	assert_true(add);
	plane.routes[plane.n_routes++] = *route;
	return 0;
}

int xn_plane_rules(struct xn_plane *unused, const char *json, size_t length, struct xn_err *err)
{
	(void)unused;
	(void)err;
	snprintf(plane.rules, sizeof(plane.rules), "%.*s", (int)length, json);
	return 0;
}

static int load(const char *text, struct xn_err *err)
{
	char *copy = strdup(text);
	int rc;

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	memset(&plane, 0, sizeof(plane));
	rc = xn_plane_load(NULL, copy, err);
	free(copy);
	return rc;
}

#define ETH0                                                                                      \
	"'interfaces': [{'name': 'eth0', 'mac': '02:00:00:00:00:0a', 'addresses': ['192.0.2.1', " \
	"'2001:db8::1']}]"

static void a_file_is_told_on(void **state)
{
	struct xn_err err;
	static const uint8_t mac[] = { 2, 0, 0, 0, 0, 10 };

	(void)state;
	assert_int_equal(
		load("{" ETH0 ", 'routes': ["
		     "{'to': '10.0.0.0/8', 'via': '192.0.2.9', 'dev': 'eth0', 'metric': 7},"
		     "{'to': '2001:db8:1::/48', 'dev': 'eth0'},"
		     "{'to': '10.1.0.0/16', 'type': 'blackhole'},"
		     "{'to': '0.0.0.0/0', 'hops': [{'via': '192.0.2.7', 'dev': 'eth0', 'weight': "
		     "3}, "
		     "{'via': '192.0.2.8', 'dev': 'eth0'}]}], 'nftables': [{'table': {}}]}",
		     &err),
		0);
	assert_int_equal(plane.begun, 1);
	assert_int_equal(plane.ended, 1);
	assert_int_equal(plane.n_interfaces, 1);
	assert_memory_equal(plane.interfaces[0].mac, mac, 6);
	assert_int_equal(plane.interfaces[0].n_addresses, 2);
	assert_int_equal(plane.interfaces[0].addresses[1].family, AF_INET6);
	assert_int_equal(plane.n_routes, 4);
	assert_int_equal(plane.routes[0].length, 8);
	assert_int_equal(plane.routes[0].metric, 7);
	assert_int_equal(plane.routes[0].hops[0].interface, plane.interfaces[0].index);
	assert_int_equal(plane.routes[1].hops[0].gateway.family, 0);
	assert_int_equal(plane.routes[1].metric, 1024);
	assert_int_equal(plane.routes[2].type, RTN_BLACKHOLE);
	assert_int_equal(plane.routes[2].n_hops, 0);
	assert_int_equal(plane.routes[3].n_hops, 2);
	assert_int_equal(plane.routes[3].hops[0].weight, 3);
	assert_int_equal(plane.routes[3].hops[1].weight, 1);
	assert_string_equal(plane.rules, "{\"nftables\":[{\"table\":{}}]}");
	assert_int_equal(load("{}", &err), 0);
	assert_string_equal(plane.rules, "{\"nftables\":[]}");
}

static void mistakes_are_told_with_their_place(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "line 1:" },
		{ "[]", "is no object" },
		{ "{'interfaces': {}}", "interfaces: is no list" },
		{ "{'interfaces': [{'name': 'eth0'}]}", "interfaces[0].mac: give" },
		{ "{'interfaces': [{'mac': '02:00:00:00:00:01'}]}", "interfaces[0].name: give" },
		{ "{'interfaces': [{'name': 'a-name-that-is-too-long', 'mac': "
		  "'02:00:00:00:00:01'}]}",
		  "interfaces[0].name" },
		{ "{'interfaces': [{'name': 'eth0', 'mac': '02:00:00:00:00:01:02'}]}",
		  "interfaces[0].mac" },
		{ "{'interfaces': [{'name': 'eth0', 'mac': '02:00:00:00:00:01', 'x': 1}]}",
		  "interfaces[0].x: unknown key" },
		{ "{'interfaces': [7]}", "interfaces[0].: is no object" },
		{ "{'interfaces': [{'name': 'eth0', 'mac': '02:00:00:00:00:01', 'addresses': "
		  "['192.0.2.1/24']}]}",
		  "interfaces[0].addresses: write" },
		{ "{'interfaces': [{'name': 'eth0', 'mac': '02:00:00:00:00:01', 'addresses': "
		  "['router']}]}",
		  "interfaces[0].addresses: write" },
		{ "{" ETH0 ", 'routes': [{'to': '10.0.0.0/33', 'dev': 'eth0'}]}", "routes[0].to" },
		{ "{" ETH0 ", 'routes': [{'to': '10.0.0.0/-1', 'dev': 'eth0'}]}", "routes[0].to" },
		{ "{" ETH0 ", 'routes': [{'dev': 'eth0'}]}", "routes[0].to" },
		{ "{" ETH0 ", 'routes': [{'to': '10.0.0.0/8', 'dev': 'eth1'}]}", "routes[0].dev" },
		{ "{" ETH0 ", 'routes': [{'to': '10.0.0.0/8', 'dev': 'eth0', 'via': 'x'}]}",
		  "routes[0].via" },
		{ "{" ETH0 ", 'routes': [{'to': '10.0.0.0/8', 'dev': 'eth0', 'metric': -1}]}",
		  "routes[0].metric" },
		{ "{" ETH0 ", 'routes': [{'to': '10.0.0.0/8', 'type': 'local'}]}",
		  "routes[0].type" },
		{ "{" ETH0 ", 'routes': [{'to': '10.0.0.0/8', 'dev': 'eth0', 'table': 1}]}",
		  "routes[0].table: unknown key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xn_err err = { "" };

		assert_int_equal(load(rows[i].text, &err), -EINVAL);
		if (!strstr(err.text, rows[i].why))
			fail_msg("\"%s\" does not say \"%s\"", err.text, rows[i].why);
		assert_int_equal(plane.begun, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_told_on),
		cmocka_unit_test(mistakes_are_told_with_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
