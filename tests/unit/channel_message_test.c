// SPDX-License-Identifier: GPL-2.0-or-later
/* Bodies of messages: what is written reads back, and whatever else comes is refused with a reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "channel/bucket.h"
#include "channel/cursor.h"
#include "channel/message.h"
#include "channel/token.h"

static uint8_t bytes[XN_BODY_MAX];

static struct xn_writer writer(void)
{
	return (struct xn_writer){ bytes, bytes + sizeof(bytes), false };
}

static struct xn_reader reader(const struct xn_writer *w)
{
	return (struct xn_reader){ bytes, w->at, false };
}

/* --- one good route --- */

static const struct xn_guest_route good = {
	.destination = { AF_INET, { 192, 0, 2 } },
	.length = 24,
	.type = RTN_UNICAST,
	.metric = 20,
	.n_hops = 2,
	.hops = { { 2, 1, { AF_INET, { 10, 0, 0, 1 } } },
		  { 3, 256, { AF_INET6, { 0xfe, 0x80, [15] = 1 } } } },
};

static void a_route_reads_back(void **state)
{
	struct xn_route_change change;
	struct xn_writer w = writer();
	struct xn_reader r;

	(void)state;
	xn_encode_route(&w, true, &good);
	r = reader(&w);
	assert_null(xn_decode_route(&r, &change));
	assert_null(xn_decode_end(&r));
	assert_true(change.add);
	assert_memory_equal(&change.route, &good, sizeof(good));
}

static void a_route_that_goes_is_its_key(void **state)
{
	struct xn_route_change change;
	struct xn_writer w = writer();
	struct xn_reader r;

	(void)state;
	xn_encode_route(&w, false, &good);
	r = reader(&w);
	assert_null(xn_decode_route(&r, &change));
	assert_null(xn_decode_end(&r));
	assert_false(change.add);
	assert_int_equal(change.route.metric, 20);
	assert_int_equal(change.route.n_hops, 0);
}

static void interfaces_read_back(void **state)
{
	static struct xn_interfaces all, again;
	struct xn_writer w = writer();
	struct xn_reader r;
	uint32_t serial;

	(void)state;
	for (all.n = 0; all.n < XN_GUEST_INTERFACES_MAX; all.n++) {
		struct xn_guest_interface *interface = &all.list[all.n];

		interface->index = all.n + 1;
		snprintf(interface->name, sizeof(interface->name), "eth%zu-long-name", all.n);
		interface->mac[5] = all.n;
		interface->up = all.n % 2;
		interface->n_addresses = XN_GUEST_ADDRESSES_MAX;
		for (size_t i = 0; i < interface->n_addresses; i++)
			interface->addresses[i] = (struct xn_address){ AF_INET6, { 1, i } };
	}
	xn_encode_interfaces(&w, 7, &all);
	assert_false(w.bad); /* the most that there may be fit into a message */
	r = reader(&w);
	assert_null(xn_decode_interfaces(&r, &serial, &again));
	assert_int_equal(serial, 7);
	assert_memory_equal(&again, &all, sizeof(all));
}

static void the_longest_batch_fits(void **state)
{
	struct xn_guest_route route = good;
	struct xn_writer w = writer();

	(void)state;
	xn_batch_begin(&w, 1);
	route.n_hops = 1;
	route.destination.family = AF_INET6;
	for (size_t i = 0; i < XN_BATCH_MAX; i++)
		xn_encode_route(&w, true, &route);
	assert_false(w.bad);
}

/* --- hostile bytes --- */

enum decoder {
	HELLO,
	INTERFACES,
	ROUTE,
	BATCH,
	CHUNK,
	REFUSAL,
	SERIAL,
	NAME
};

static const char *decode(enum decoder which, struct xn_reader *r)
{
	static struct xn_interfaces all;
	struct xn_route_change change;
	struct xn_refusal refusal;
	struct xn_hello hello;
	struct xn_chunk chunk;
	char name[XN_TEXT_MAX + 1];
	uint32_t serial;
	uint16_t n;

	switch (which) {
	case HELLO:
		return xn_decode_hello(r, &hello);
	case INTERFACES:
		return xn_decode_interfaces(r, &serial, &all);
	case ROUTE:
		return xn_decode_route(r, &change);
	case BATCH:
		return xn_decode_batch(r, &serial, &n);
	case CHUNK:
		return xn_decode_chunk(r, &serial, &chunk);
	case REFUSAL:
		return xn_decode_refusal(r, &refusal);
	case SERIAL:
		return xn_decode_serial(r, &serial);
	default:
		return xn_decode_name(r, name);
	}
}

#define BYTES(...) { __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })
#define V4	   4, 192, 0, 2, 0 /* 192.0.2.0 */
#define MAIN	   24, 0, 0, 0, 0  /* /24, metric 0 */

static void hostile_bodies_are_refused(void **state)
{
	static const struct {
		const char *what;
		enum decoder decoder;
		uint8_t bytes[48];
		size_t n;
		const char *why;
	} table[] = {
		{ "nothing", HELLO, BYTES(0), "too early" },
		{ "text beyond the end", HELLO, BYTES(0, 1, 0, 9, 'a'), "too early" },
		{ "an escape sequence", HELLO, BYTES(0, 1, 0, 2, 0x1b, '['), "not printable" },
		{ "more than there should be", HELLO, BYTES(0, 1, 0, 1, 'a', 0), "left over" },
		{ "no serial", SERIAL, BYTES(0, 0, 0), "too early" },
		{ "a long serial", SERIAL, BYTES(0, 0, 0, 0, 0), "left over" },
		{ "a NUL in a name", NAME, BYTES(1, 0), "not printable" },
		{ "33 interfaces", INTERFACES, BYTES(0, 0, 0, 1, 33), "more interfaces" },
		{ "fewer interfaces than it says", INTERFACES, BYTES(0, 0, 0, 1, 1), "too early" },
		{ "an interface without a name", INTERFACES,
		  BYTES(0, 0, 0, 1, 1, 0, 0, 0, 2, 0, 1, 2, 3, 4, 5, 6, 1, 0), "names an" },
		{ "interface 0", INTERFACES,
		  BYTES(0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 'e', 1, 2, 3, 4, 5, 6, 1, 0), "no sense" },
		{ "65 addresses", INTERFACES,
		  BYTES(0, 0, 0, 1, 1, 0, 0, 0, 2, 1, 'e', 1, 2, 3, 4, 5, 6, 1, 65), "more addr" },
		{ "an interface twice", INTERFACES,
		  BYTES(0, 0, 0, 1, 2, 0, 0, 0, 2, 1, 'e', 1, 2, 3, 4, 5, 6, 1, 0, 0, 0, 0, 2, 1,
			'f', 1, 2, 3, 4, 5, 6, 1, 0),
		  "twice" },
		{ "an empty batch", BATCH, BYTES(0, 0, 0, 1, 0, 0), "no routes" },
		{ "a batch of 513", BATCH, BYTES(0, 0, 0, 1, 2, 1), "more than" },
		{ "neither comes nor goes", ROUTE, BYTES(2, V4, MAIN), "neither" },
		{ "family 5", ROUTE, BYTES(0, 5, 0, 0, 0, 0, MAIN), "no known family" },
		{ "no family", ROUTE, BYTES(0, 0, MAIN), "no family" },
		{ "half an address", ROUTE, BYTES(0, 4, 192), "too early" },
		{ "/33", ROUTE, BYTES(0, V4, 33, 0, 0, 0, 0), "longer than" },
		{ "bits beyond /16", ROUTE, BYTES(0, 4, 192, 0, 2, 0, 16, 0, 0, 0, 0), "beyond" },
		{ "no metric", ROUTE, BYTES(0, V4, 24, 0, 0), "too early" },
		{ "type local", ROUTE, BYTES(1, V4, MAIN, RTN_LOCAL, 0), "type" },
		{ "type 255", ROUTE, BYTES(1, V4, MAIN, 255, 0), "type" },
		{ "unicast to nowhere", ROUTE, BYTES(1, V4, MAIN, RTN_UNICAST, 0), "too few" },
		{ "blackhole with a hop", ROUTE, BYTES(1, V4, MAIN, RTN_BLACKHOLE, 1), "too many" },
		{ "17 hops", ROUTE, BYTES(1, V4, MAIN, RTN_UNICAST, 17), "too many" },
		{ "a missing hop", ROUTE, BYTES(1, V4, MAIN, RTN_UNICAST, 1, 0, 0), "too early" },
		{ "weight 0", ROUTE, BYTES(1, V4, MAIN, RTN_UNICAST, 1, 0, 0, 0, 2, 0, 0, 0),
		  "weight" },
		{ "weight 257", ROUTE, BYTES(1, V4, MAIN, RTN_UNICAST, 1, 0, 0, 0, 2, 1, 1, 0),
		  "weight" },
		{ "IPv6 by IPv4", ROUTE,
		  BYTES(1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			RTN_UNICAST, 1, 0, 0, 0, 2, 0, 1, 4, 10, 0, 0, 1),
		  "by way of" },
		{ "unknown flags", CHUNK, BYTES(0, 0, 0, 1, 4, 'x'), "flags" },
		{ "no flags", CHUNK, BYTES(0, 0, 0, 1), "too early" },
		{ "a reason beyond the end", REFUSAL, BYTES(0, 0, 0, 1, 255, 'x'), "too early" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint8_t *copy = malloc(table[i].n); /* so that reading beyond it is seen */
		struct xn_reader r = { copy, copy + table[i].n, false };
		const char *why;

		memcpy(copy, table[i].bytes, table[i].n);
		why = decode(table[i].decoder, &r);
		if (!why || !strstr(why, table[i].why))
			fail_msg("%s: %s", table[i].what, why ? why : "accepted");
		free(copy);
	}
}

/* Every beginning of a good message is refused, and every one with a byte more. */
static void truncated_messages_are_refused(void **state)
{
	struct xn_route_change change;
	struct xn_writer w = writer();

	(void)state;
	xn_encode_route(&w, true, &good);
	for (size_t n = 0; n < (size_t)(w.at - bytes); n++) {
		struct xn_reader r = { bytes, bytes + n, false };

		assert_non_null(xn_decode_route(&r, &change));
	}
}

static void a_long_part_of_rules_is_refused(void **state)
{
	struct xn_chunk chunk;
	uint32_t serial;
	struct xn_reader r = { bytes, bytes + 5 + XN_CHUNK_MAX + 1, false };

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	assert_non_null(strstr(xn_decode_chunk(&r, &serial, &chunk), "longer"));
}

static void a_message_that_does_not_fit_is_noticed(void **state)
{
	uint8_t few[4];
	struct xn_writer w = { few, few + sizeof(few), false };

	(void)state;
	xn_encode_route(&w, true, &good);
	assert_true(w.bad);
}

/* --- tokens --- */

#define KEY    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SECRET "000102030405060708090a0b0c0d0e0f"

static void tokens_read_back(void **state)
{
	static const char *const good_ones[] = {
		"xn1:" KEY ":" SECRET ":vchan",
		"xn1:" KEY ":" SECRET ":192.0.2.1:4790",
		"xn1:" KEY ":" SECRET ":[2001:db8::1]:4790",
	};
	char text[XN_TOKEN_MAX];
	struct xn_token token;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_null(xn_token_parse(good_ones[i], &token));
		xn_token_print(&token, text);
		assert_string_equal(text, good_ones[i]);
	}
}

static void what_is_no_token_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"xn1:",
		"xn2:" KEY ":" SECRET ":vchan",
		"xn1:" KEY ":" SECRET,
		"xn1:" KEY ":" SECRET ":",
		"xn1:" KEY ":" SECRET ":dom0.example:4790",
		"xn1:" KEY ":" SECRET ":192.0.2.1",
		"xn1:" KEY ":" SECRET ":192.0.2.1:0",
		"xn1:" KEY ":" SECRET ":192.0.2.1:65536",
		"xn1:" KEY ":0g0102030405060708090a0b0c0d0e0f:vchan",
		"xn1:" KEY SECRET ":vchan",
	};
	struct xn_token token;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!xn_token_parse(bad[i], &token))
			fail_msg("accepted: %s", bad[i]);
}

/* --- the bucket --- */

static void a_bucket_gives_its_rate(void **state)
{
	struct xn_bucket bucket;
	uint64_t taken = 0, now;

	(void)state;
	xn_bucket_init(&bucket, 1000, 50, 7);
	for (now = 7; now <= 7 + 10 * 1000000; now += 333) {
		uint64_t n = xn_bucket_look(&bucket, now);

		xn_bucket_take(&bucket, n);
		taken += n;
	}
	assert_in_range(taken, 50 + 9990, 50 + 10000);
}

static void a_bucket_says_when(void **state)
{
	struct xn_bucket bucket, early;
	uint64_t when;

	(void)state;
	xn_bucket_init(&bucket, 3, 10, 0);
	xn_bucket_take(&bucket, 10);
	when = xn_bucket_when(&bucket, 2);
	early = bucket;
	assert_int_equal(xn_bucket_look(&early, when - 1), 1);
	assert_int_equal(xn_bucket_look(&bucket, when), 2);
	assert_int_equal(xn_bucket_look(&bucket, UINT64_MAX), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_reads_back),
		cmocka_unit_test(a_route_that_goes_is_its_key),
		cmocka_unit_test(interfaces_read_back),
		cmocka_unit_test(the_longest_batch_fits),
		cmocka_unit_test(hostile_bodies_are_refused),
		cmocka_unit_test(truncated_messages_are_refused),
		cmocka_unit_test(a_long_part_of_rules_is_refused),
		cmocka_unit_test(a_message_that_does_not_fit_is_noticed),
		cmocka_unit_test(tokens_read_back),
		cmocka_unit_test(what_is_no_token_is_refused),
		cmocka_unit_test(a_bucket_gives_its_rate),
		cmocka_unit_test(a_bucket_says_when),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
