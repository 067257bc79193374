// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON <-> D-Bus, over two ends of a real connection. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/busjson.h"

/* --- a connection without a bus ------------------------------------------------------------- */

struct pair {
	sd_bus *client, *server;
};

static sd_bus *start_bus(int fd, bool server)
{
	sd_id128_t id;
	sd_bus *bus;

	assert_int_equal(sd_bus_new(&bus), 0);
	assert_int_equal(sd_bus_set_fd(bus, fd, fd), 0);
	if (server) {
		assert_int_equal(sd_id128_randomize(&id), 0);
		assert_int_equal(sd_bus_set_server(bus, 1, id), 0);
	}
	assert_true(sd_bus_start(bus) >= 0);
	return bus;
}

static int setup(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	int fds[2];

	assert_non_null(pair);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	pair->server = start_bus(fds[0], true);
	pair->client = start_bus(fds[1], false);
	*state = pair;
	return 0;
}

static int teardown(void **state)
{
	struct pair *pair = *state;

	sd_bus_close_unref(pair->client);
	sd_bus_close_unref(pair->server);
	free(pair);
	return 0;
}

static sd_bus_message *new_message(struct pair *pair)
{
	sd_bus_message *m;

	assert_int_equal(sd_bus_message_new_signal(pair->client, &m, "/x", "x.y", "Z"), 0);
	return m;
}

/* Send @m, which is used up; the message as the other side has it. */
static sd_bus_message *carry(struct pair *pair, sd_bus_message *m)
{
	sd_bus_message *got = NULL;

	assert_true(sd_bus_send(pair->client, m, NULL) >= 0);
	sd_bus_message_unref(m);
	for (int i = 0; i < 100000 && !got; i++) {
		assert_true(sd_bus_process(pair->client, NULL) >= 0);
		assert_true(sd_bus_process(pair->server, &got) >= 0);
		if (got && !sd_bus_message_is_signal(got, "x.y", "Z"))
			got = sd_bus_message_unref(got);
	}
	assert_non_null(got);
	return got;
}

/* What the other side reads of @m, which is used up. */
static json_t *read_back(struct pair *pair, sd_bus_message *m, int expected)
{
	sd_bus_message *got = carry(pair, m);
	json_t *json;

	assert_int_equal(xn_bus_read_json(got, &json), expected);
	if (expected)
		assert_null(json);
	else
		assert_int_equal(sd_bus_message_at_end(got, true), 1);
	sd_bus_message_unref(got);
	return json;
}

static void check_json(json_t *got, const char *expected)
{
	json_t *json = json_loads(expected, JSON_DECODE_ANY, NULL);
	char *text = json_dumps(got, JSON_ENCODE_ANY);

	assert_non_null(json);
	if (!json_equal(got, json))
		fail_msg("expected %s, got %s", expected, text);
	free(text);
	json_decref(json);
	json_decref(got);
}

/* --- writing -------------------------------------------------------------------------------- */

struct row {
	const char *promise;
	const char *json;
	const char *signature; /* NULL: refused */
	const char *back;      /* NULL: as @json */
};

static const struct row rows[] = {
	{ "an empty object is a{sv}", "{}", "a{sv}", NULL },
	{ "an empty array is aa{sv}", "[]", "aa{sv}", NULL },
	{ "scalars keep their types", "{\"i\":-3,\"d\":0.5,\"whole\":2.0,\"b\":true,\"s\":\"x\"}",
	  "a{sv}", NULL },
	{ "64 bits fit", "{\"i\":9223372036854775807,\"j\":-9223372036854775808}", "a{sv}", NULL },
	{ "records are aa{sv}", "[{\"name\":\"a\"},{\"name\":\"b\",\"n\":1}]", "aa{sv}", NULL },
	{ "strings are as", "[\"a\",\"é\",\"\"]", "as", NULL },
	{ "a status",
	  "{\"links\":[{\"name\":\"eth0\",\"networks\":[{\"name\":\"n\",\"p\":[\"x\"],"
	  "\"e\":[],\"o\":{}}]}],\"time\":1.5}",
	  "a{sv}", NULL },
	{ "null is left out", "{\"a\":null,\"b\":1}", "a{sv}", "{\"b\":1}" },
	{ "an array of numbers is refused", "{\"a\":[1,2]}", NULL, NULL },
	{ "a mixed array is refused", "[\"a\",{}]", NULL, NULL },
	{ "null in an array is refused", "[null]", NULL, NULL },
	{ "a bare value is refused", "3", NULL, NULL },
	{ "nesting without end is refused",
	  "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":"
	  "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}}}}}}}}}}",
	  NULL, NULL },
};

static const struct row *row;

static void round_trip(void **state)
{
	struct pair *pair = *state;
	sd_bus_message *m = new_message(pair);
	json_t *json = json_loads(row->json, JSON_DECODE_ANY, NULL);
	int ret;

	assert_non_null(json);
	ret = xn_bus_append_json(m, json);
	json_decref(json);
	if (!row->signature) {
		assert_true(ret == -EINVAL || ret == -ELOOP);
		sd_bus_message_unref(m);
		return;
	}
	assert_int_equal(ret, 0);
	assert_string_equal(sd_bus_message_get_signature(m, true), row->signature);
	check_json(read_back(pair, m, 0), row->back ? row->back : row->json);
}

static int setup_row(void **state)
{
	row = *state;
	return setup(state);
}

/* --- reading what anybody may send ---------------------------------------------------------- */

static void all_basic_types(void **state)
{
	sd_bus_message *m = new_message(*state);

	assert_true(sd_bus_message_append(m, "(ybnqiuxtdsog)", 255, 1, -2, 65535, -3, 4000000000U,
					  (int64_t)-5, (uint64_t)6, 0.25, "s", "/o", "a{sv}") >= 0);
	check_json(read_back(*state, m, 0),
		   "[255,true,-2,65535,-3,4000000000,-5,6,0.25,\"s\",\"/o\",\"a{sv}\"]");
}

static void numbers_that_json_lacks(void **state)
{
	sd_bus_message *m = new_message(*state);

	assert_true(sd_bus_message_append(m, "(ddt)", INFINITY, NAN, UINT64_MAX) >= 0);
	check_json(read_back(*state, m, 0), "[null,null,18446744073709551615.0]");
}

static void keys_that_are_no_strings(void **state)
{
	sd_bus_message *m = new_message(*state);

	assert_true(sd_bus_message_append(m, "(a{us}a{bs}a{ts}a{ds}a{os})", 1, 4000000000U, "a", 1,
					  true, "b", 1, UINT64_MAX, "c", 1, 0.5, "d", 1, "/o",
					  "e") >= 0);
	check_json(read_back(*state, m, 0), "[{\"4000000000\":\"a\"},{\"1\":\"b\"},"
					    "{\"18446744073709551615\":\"c\"},{\"0.5\":\"d\"},"
					    "{\"/o\":\"e\"}]");
}

static void arrays_of_anything(void **state)
{
	sd_bus_message *m = new_message(*state);

	assert_true(sd_bus_message_append(m, "(aauaya(is)av)", 2, 2, 1, 2, 1, 3, 2, 7, 8, 1, 5, "x",
					  2, "s", "v", "v", "u", 9) >= 0);
	check_json(read_back(*state, m, 0), "[[[1,2],[3]],[7,8],[[5,\"x\"]],[\"v\",9]]");
}

static void open_nested(sd_bus_message *m, int depth)
{
	for (int i = 0; i < depth; i++)
		assert_true(sd_bus_message_open_container(m, 'v', i < depth - 1 ? "v" : "i") >= 0);
	assert_true(sd_bus_message_append(m, "i", 1) >= 0);
	for (int i = 0; i < depth; i++)
		assert_true(sd_bus_message_close_container(m) >= 0);
}

static void nested_variants(void **state)
{
	sd_bus_message *m = new_message(*state);

	open_nested(m, 16);
	check_json(read_back(*state, m, 0), "1");
	m = new_message(*state);
	open_nested(m, 40);
	assert_null(read_back(*state, m, -ELOOP));
}

static void too_much(void **state)
{
	size_t size = 5 * 1024 * 1024;
	sd_bus_message *m = new_message(*state);
	void *bytes;

	assert_true(sd_bus_message_append_array_space(m, 'y', size, &bytes) >= 0);
	memset(bytes, 1, size);
	assert_null(read_back(*state, m, -E2BIG));
}

static void nothing_left(void **state)
{
	sd_bus_message *m = new_message(*state), *got;
	json_t *json;

	assert_true(sd_bus_message_append(m, "si", "a", 1) >= 0);
	got = carry(*state, m);
	assert_int_equal(xn_bus_read_json(got, &json), 0);
	check_json(json, "\"a\"");
	assert_int_equal(xn_bus_read_json(got, &json), 0);
	check_json(json, "1");
	assert_int_equal(xn_bus_read_json(got, &json), -ENODATA);
	assert_null(json);
	sd_bus_message_unref(got);
}

#define N(array) (sizeof(array) / sizeof(*(array)))

static const struct CMUnitTest reading[] = {
	cmocka_unit_test_setup_teardown(all_basic_types, setup, teardown),
	cmocka_unit_test_setup_teardown(numbers_that_json_lacks, setup, teardown),
	cmocka_unit_test_setup_teardown(keys_that_are_no_strings, setup, teardown),
	cmocka_unit_test_setup_teardown(arrays_of_anything, setup, teardown),
	cmocka_unit_test_setup_teardown(nested_variants, setup, teardown),
	cmocka_unit_test_setup_teardown(too_much, setup, teardown),
	cmocka_unit_test_setup_teardown(nothing_left, setup, teardown),
};

static struct CMUnitTest tests[N(rows) + N(reading)];

int main(void)
{
	memcpy(tests, reading, sizeof(reading));
	for (size_t i = 0; i < N(rows); i++)
		tests[N(reading) + i] = (struct CMUnitTest){
			.name = rows[i].promise,
			.test_func = round_trip,
			.setup_func = setup_row,
			.teardown_func = teardown,
			.initial_state = (void *)&rows[i],
		};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("JSON and D-Bus", tests, NULL, NULL);
}
