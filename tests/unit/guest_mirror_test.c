// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's copy of its routes: what is told is what there is, whatever happened meanwhile. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "guest/mirror.h"

static struct xn_mirror *mirror;

static int start(void **state)
{
	(void)state;
	mirror = xn_mirror_create();
	return mirror ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	xn_mirror_destroy(mirror);
	return 0;
}

static struct xn_guest_route route(uint16_t n, uint32_t interface)
{
	return (struct xn_guest_route){
		.destination = { AF_INET, { 10, n >> 8, n } },
		.length = 24,
		.type = RTN_UNICAST,
		.n_hops = 1,
		.hops = { { interface, 1, { 0 } } },
	};
}

static void set(uint16_t n, uint32_t interface)
{
	struct xn_guest_route r = route(n, interface);

	assert_int_equal(xn_mirror_set(mirror, &r, XN_MIRROR_PUT), 0);
}

static bool gone(uint16_t n, uint32_t interface)
{
	struct xn_guest_route r = route(n, interface);

	return xn_mirror_remove(mirror, &r);
}

/* The next to be told is this one. @interface 0: it goes. */
static void expect(uint16_t n, uint32_t interface)
{
	bool add;
	const struct xn_guest_route *next = xn_mirror_next(mirror, &add);

	assert_non_null(next);
	assert_int_equal(next->destination.bytes[1] << 8 | next->destination.bytes[2], n);
	assert_int_equal(add, interface != 0);
	if (add)
		assert_int_equal(next->hops[0].interface, interface);
}

static void expect_no_more(void)
{
	bool add;

	assert_null(xn_mirror_next(mirror, &add));
	assert_false(xn_mirror_pending(mirror));
}

static void what_changes_often_is_told_once_as_it_is(void **state)
{
	(void)state;
	set(1, 2);
	set(1, 3);
	set(1, 4);
	expect(1, 4);
	expect_no_more();
	set(1, 4); /* no change */
	expect_no_more();
}

static void what_came_and_went_is_not_told(void **state)
{
	(void)state;
	set(1, 2);
	assert_true(gone(1, 2));
	expect_no_more();
	assert_int_equal(xn_mirror_count(mirror), 0);
}

static void what_went_and_came_again_is_told_as_it_is(void **state)
{
	(void)state;
	set(1, 2);
	expect(1, 2);
	assert_true(gone(1, 2));
	set(1, 3);
	expect(1, 3);
	assert_true(gone(1, 3));
	expect(1, 0);
	expect_no_more();
}

static void another_of_the_same_key_is_in_doubt(void **state)
{
	struct xn_guest_route second = route(1, 3);

	(void)state;
	set(1, 2);
	assert_false(gone(1, 9)); /* not the one that is known */
	assert_int_equal(xn_mirror_set(mirror, &second, XN_MIRROR_BEHIND), 0);
	expect(1, 2);
	assert_false(gone(1, 2)); /* there was another behind it */
}

static void a_sweep_removes_what_it_did_not_see(void **state)
{
	(void)state;
	set(1, 2);
	set(2, 2);
	set(3, 2);
	expect(1, 2);
	expect(2, 2);
	expect(3, 2);
	xn_mirror_sweep_begin(mirror);
	set(1, 2);
	set(3, 5);
	set(3, 6); /* the kernel lists the one that it uses first */
	xn_mirror_sweep_end(mirror);
	expect(3, 5);
	expect(2, 0);
	expect_no_more();
	assert_int_equal(xn_mirror_count(mirror), 2);
}

static void somebody_new_is_told_everything(void **state)
{
	(void)state;
	set(1, 2);
	set(2, 2);
	expect(1, 2);
	expect(2, 2);
	assert_true(gone(2, 2));
	xn_mirror_retell(mirror);
	expect(1, 2);
	expect_no_more(); /* the new one never heard of 2 */
}

/* Against an array: after any changes what was told, taken together, is what there is. */
static void told_is_what_there_is(void **state)
{
	static uint32_t have[4096], told[4096];
	unsigned int seed = 1;

	(void)state;
	for (size_t step = 0; step < 300000; step++) {
		uint16_t n = rand_r(&seed) % 4096;

		if (rand_r(&seed) % 3) {
			have[n] = rand_r(&seed) % 3 + 1;
			set(n, have[n]);
		} else if (have[n]) {
			assert_true(gone(n, have[n]));
			have[n] = 0;
		}
		if (rand_r(&seed) % 3 == 0) {
			bool add;
			const struct xn_guest_route *r = xn_mirror_next(mirror, &add);

			if (r)
				told[r->destination.bytes[1] << 8 | r->destination.bytes[2]] =
					add ? r->hops[0].interface : 0;
		}
	}
	for (;;) {
		bool add;
		const struct xn_guest_route *r = xn_mirror_next(mirror, &add);

		if (!r)
			break;
		told[r->destination.bytes[1] << 8 | r->destination.bytes[2]] =
			add ? r->hops[0].interface : 0;
	}
	assert_memory_equal(told, have, sizeof(have));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_changes_often_is_told_once_as_it_is),
		TEST(what_came_and_went_is_not_told),
		TEST(what_went_and_came_again_is_told_as_it_is),
		TEST(another_of_the_same_key_is_in_doubt),
		TEST(a_sweep_removes_what_it_did_not_see),
		TEST(somebody_new_is_told_everything),
		TEST(told_is_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
