// SPDX-License-Identifier: GPL-2.0-or-later
/* What a router told is kept once a key, and a new telling leaves only what it repeats. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/routes.h"

static struct xn_guest_route route(uint8_t net, uint32_t metric, uint8_t n_hops)
{
	struct xn_guest_route r = {
		.destination = { AF_INET, { 10, net } },
		.length = 16,
		.type = RTN_UNICAST,
		.metric = metric,
		.n_hops = n_hops,
	};

	for (size_t i = 0; i < n_hops; i++)
		r.hops[i] = (struct xn_guest_hop){ .interface = i + 1, .weight = 1 };
	return r;
}

static struct {
	size_t n;
	unsigned int nets, hops;
} seen;

static void see(const struct xn_guest_route *r, void *arg)
{
	(void)arg;
	seen.n++;
	seen.nets += r->destination.bytes[1];
	seen.hops += r->n_hops;
}

static size_t count(const struct xn_routes *routes)
{
	memset(&seen, 0, sizeof(seen));
	xn_routes_each(routes, see, NULL);
	return seen.n;
}

static void one_of_a_key(void **state)
{
	struct xn_routes *routes = xn_routes_new();
	struct xn_guest_route a = route(1, 0, 1), b = route(1, 0, 16), c = route(1, 5, 2);

	(void)state;
	assert_int_equal(xn_routes_set(routes, &a), 0);
	assert_int_equal(xn_routes_set(routes, &b), 0);
	assert_int_equal(count(routes), 1);
	assert_int_equal(xn_routes_set(routes, &c), 0);
	assert_int_equal(count(routes), 2);
	assert_int_equal(seen.hops, 18);
	assert_true(xn_routes_remove(routes, &a));
	assert_false(xn_routes_remove(routes, &a));
	assert_int_equal(count(routes), 1);
	xn_routes_free(routes);
}

static void what_is_not_repeated_goes(void **state)
{
	struct xn_routes *routes = xn_routes_new();

	(void)state;
	for (uint8_t i = 1; i <= 100; i++) {
		struct xn_guest_route r = route(i, 0, 1);

		assert_int_equal(xn_routes_set(routes, &r), 0);
	}
	xn_routes_sync_begin(routes);
	for (uint8_t i = 11; i <= 101; i++) {
		struct xn_guest_route r = route(i, 0, 1);

		assert_int_equal(xn_routes_set(routes, &r), 0);
	}
	memset(&seen, 0, sizeof(seen));
	xn_routes_sync_end(routes, see, NULL);
	assert_int_equal(seen.n, 10);
	assert_int_equal(seen.nets, 55);
	assert_int_equal(count(routes), 91);
	xn_routes_free(routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_a_key),
		cmocka_unit_test(what_is_not_repeated_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
