// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures of trees: guarantees fit, nobody's bucket overflows while it waits, queues are bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/tree.h"

#define GBIT 1e9
#define MBIT 1e6

static const struct xn_tree_link plain = {
	.capacity = GBIT, .sold = 600 * MBIT, .networks = 3, .frame = 1518
};

static struct xn_tree_class network(const struct xn_tree_link *link, double guarantee,
				    unsigned int priority, const struct xn_limits *limits)
{
	const struct xn_tree_want want = { guarantee, priority, limits };

	return xn_tree_network(link, &want);
}

static void the_queue_is_here(void **state)
{
	struct xn_tree_class wire = xn_tree_wire(&plain), capacity = xn_tree_capacity(&plain);

	(void)state;
	assert_true(wire.ceil * 8 < 0.999 * GBIT);
	assert_true(wire.ceil * 8 > 0.99 * GBIT);
	assert_int_equal(capacity.ceil, wire.ceil);
}

/* 1 Gbit/s of Ethernet is 984 Mbit/s of full frames, and 714 of the shortest. */
static void a_wire_has_gaps(void **state)
{
	struct xn_tree_link link = plain;
	struct xn_tree_class wire, capacity;

	(void)state;
	link.speed = GBIT;
	wire = xn_tree_wire(&link);
	capacity = xn_tree_capacity(&link);
	assert_true(wire.ceil * 8 < GBIT);
	assert_int_equal(wire.overhead, 24);
	assert_int_equal(wire.mpu, 84);
	assert_int_equal(capacity.overhead, 0);
	/* what borrows does so from the wire, below the ceilings of both */
	assert_true(capacity.rate < 1000);
	assert_true(capacity.ceil * 8 > 0.99 * GBIT);
}

static void a_guarantee_is_a_rate(void **state)
{
	struct xn_tree_class class = network(&plain, 100 * MBIT, 3, NULL);

	(void)state;
	assert_int_equal(class.rate, 100 * MBIT / 8);
	assert_int_equal(class.prio, 4);
	assert_true(class.ceil * 8 > 0.99 * GBIT);
}

static void priorities_are_upside_down(void **state)
{
	(void)state;
	for (unsigned int p = 0; p <= XN_QOS_PRIORITY_MAX; p++)
		assert_int_equal(network(&plain, 0, p, NULL).prio, 7 - p);
	assert_int_equal(xn_tree_host(&plain).prio, 7);
}

/* Sold to the last bit, with Dom0's part and the gap below the capacity: within 1% of what was sold. */
static void all_that_was_sold_fits(void **state)
{
	static const size_t networks[] = { 1, 2, 10, 1000, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		size_t n = networks[i];
		struct xn_tree_link link = {
			.capacity = GBIT, .sold = GBIT, .networks = n, .frame = 1518
		};
		struct xn_tree_class one = network(&link, GBIT / n, 0, NULL);
		double sum = (double)one.rate * n + xn_tree_host(&link).rate;

		assert_true(sum <= xn_tree_capacity(&link).ceil + n);
		assert_true(one.rate * 8.0 * n >= 0.99 * GBIT);
	}
}

/* What the others may send at once, and a frame of each, passes before a bucket is full. */
static void nobody_loses_its_turn(void **state)
{
	static const size_t networks[] = { 1, 3, 100, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		size_t n = networks[i];
		struct xn_tree_link link = {
			.capacity = GBIT, .sold = GBIT, .networks = n, .frame = 1518
		};
		struct xn_tree_class one = network(&link, GBIT / n, 0, NULL);
		double turn = n * link.frame / (GBIT / 8);

		assert_true(one.burst > one.rate * turn + link.frame);
	}
}

static void no_guarantee_is_no_rate(void **state)
{
	struct xn_tree_class class = network(&plain, 0, 7, NULL);

	(void)state;
	assert_true(class.rate > 0);
	assert_true(class.rate * 8 <= 1000);
}

static void shapers_bound_the_queue(void **state)
{
	const struct xn_limits limits = { .shaper = { .rate = 40 * MBIT, .delay = 20000000 } };
	const struct xn_limits bursty = {
		.shaper = { .rate = 40 * MBIT, .burst = 64000, .delay = 20000000 }
	};
	struct xn_tree_class class = network(&plain, 10 * MBIT, 0, &limits);

	(void)state;
	assert_int_equal(class.ceil, 5000000);
	assert_int_equal(class.limit, 100000);
	assert_true(class.cburst >= 2 * 1518);
	assert_int_equal(network(&plain, 10 * MBIT, 0, &bursty).cburst, 64000);
}

static void queues_are_bounded(void **state)
{
	const struct xn_limits limits = { .shaper = { .rate = 1e12, .delay = 10000000000 } };
	struct xn_tree_link link = plain;

	(void)state;
	assert_true(network(&plain, 0, 0, NULL).limit <= 2 << 20);
	link.capacity = 400 * GBIT;
	assert_true(network(&link, 0, 0, NULL).limit <= 256 << 20);
	assert_true(network(&link, 0, 0, &limits).limit <= 256 << 20);
	assert_true(xn_tree_alone(&limits, 1518).limit <= 256 << 20);
}

static void a_shaper_above_the_link_is_none(void **state)
{
	const struct xn_limits limits = { .shaper = { .rate = 2 * GBIT, .delay = 50000000 } };

	(void)state;
	assert_int_equal(network(&plain, 0, 0, &limits).ceil, network(&plain, 0, 0, NULL).ceil);
}

/* A packet of 64 KiB that will be segmented must fit into what a limiter lets pass at once. */
static void limiters_let_gso_pass(void **state)
{
	const struct xn_limiter slow = { .rate = MBIT }, own = { .rate = MBIT, .burst = 3000 };
	const struct xn_limiter fast = { .rate = 100 * GBIT };

	(void)state;
	assert_true(xn_limiter_burst(&slow) >= 65536 + 1518);
	assert_int_equal(xn_limiter_burst(&own), 3000);
	assert_true(xn_limiter_burst(&fast) <= 1 << 30);
}

struct refusal {
	const char *promise;
	struct xn_limits limits;
	double guarantee;
	const char *key, *why; /* NULL: it is accepted */
};

static const struct refusal refusals[] = {
	{ "nothing", { { 0 } }, GBIT, NULL, NULL },
	{ "a shaper", { .shaper = { 40 * MBIT, 0, 50000000 } }, 40 * MBIT, NULL, NULL },
	{ "a shaper below the guarantee",
	  { .shaper = { 40 * MBIT, 0, 50000000 } },
	  41 * MBIT,
	  "shaper.rate",
	  "below rc + re, 41Mbit" },
	{ "a shaper of next to nothing",
	  { .shaper = { 100, 0, 50000000 } },
	  0,
	  "shaper.rate",
	  "write 8kbit" },
	{ "a shaper of too much", { .shaper = { 2e12, 0, 50000000 } }, 0, "shaper.rate", "1Tbit" },
	{ "a burst below a frame",
	  { .shaper = { MBIT, 100, 50000000 } },
	  0,
	  "shaper.burst",
	  "write 2KiB" },
	{ "a burst of hours",
	  { .shaper = { 10e3, 1 << 29, 50000000 } },
	  0,
	  "shaper.burst",
	  "more than a minute" },
	{ "no delay", { .shaper = { MBIT, 0, 1000 } }, 0, "shaper.delay", "write 1ms" },
	{ "a delay of hours",
	  { .shaper = { MBIT, 0, 3600000000000 } },
	  0,
	  "shaper.delay",
	  "to 10s" },
	{ "a limiter below the guarantee",
	  { .limiter = { 40 * MBIT, 0 } },
	  41 * MBIT,
	  "limiter.rate",
	  "below rc + re" },
	{ "a limiter's burst", { .limiter = { MBIT, 2e9 } }, 0, "limiter.burst", "to 1GiB" },
};

static void limits_that_cannot_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		const char *key = NULL, *why = xn_limits_check(&r->limits, r->guarantee, &key);

		if (!r->why) {
			assert_null(why);
			continue;
		}
		assert_non_null(why);
		assert_string_equal(key, r->key);
		assert_non_null(strstr(why, r->why));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_queue_is_here),
		cmocka_unit_test(a_wire_has_gaps),
		cmocka_unit_test(a_guarantee_is_a_rate),
		cmocka_unit_test(priorities_are_upside_down),
		cmocka_unit_test(all_that_was_sold_fits),
		cmocka_unit_test(nobody_loses_its_turn),
		cmocka_unit_test(no_guarantee_is_no_rate),
		cmocka_unit_test(shapers_bound_the_queue),
		cmocka_unit_test(queues_are_bounded),
		cmocka_unit_test(a_shaper_above_the_link_is_none),
		cmocka_unit_test(limiters_let_gso_pass),
		cmocka_unit_test(limits_that_cannot_be),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
