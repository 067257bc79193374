// SPDX-License-Identifier: GPL-2.0-or-later
/* The message QOS: what is written reads back, and whatever else comes is refused with a reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "channel/cursor.h"
#include "channel/message.h"
#include "channel/qos.h"
#include "qos_sample.h"

static uint8_t bytes[XN_BODY_MAX], again[XN_BODY_MAX];
static struct xn_qos qos, back;

static size_t encode(uint8_t *to, const struct xn_qos *from)
{
	struct xn_writer w = { to, to + XN_BODY_MAX, false };

	xn_encode_qos(&w, 77, from);
	assert_false(w.bad);
	return w.at - to;
}

static const char *decode(const uint8_t *from, size_t n)
{
	/* at its own place, so that ASan sees a byte too far */
	uint8_t *copy = malloc(n ? n : 1);
	struct xn_reader r = { copy, copy + n, false };
	uint32_t serial;
	const char *why;

	if (n)
		memcpy(copy, from, n);
	why = xn_decode_qos(&r, &serial, &back);
	free(copy);
	if (!why)
		assert_int_equal(serial, 77);
	return why;
}

static void the_sample_reads_back(void **state)
{
	(void)state;
	sample_qos(&qos);
	assert_null(decode(bytes, encode(bytes, &qos)));
	assert_memory_equal(&back, &qos, sizeof(qos));
}

static void anything_in_range_reads_back(void **state)
{
	size_t n, longest = 0;

	(void)state;
	for (unsigned int seed = 0; seed < 2000; seed++) {
		random_qos(&qos, seed);
		n = encode(bytes, &qos);
		longest = n > longest ? n : longest;
		assert_null(decode(bytes, n));
		assert_int_equal(encode(again, &back), n);
		assert_memory_equal(again, bytes, n);
	}
	assert_true(longest < XN_BODY_MAX / 2);
}

static void whatever_is_cut_off_is_refused(void **state)
{
	size_t n;

	(void)state;
	sample_qos(&qos);
	n = encode(bytes, &qos);
	for (size_t less = 0; less < n; less++)
		assert_non_null(decode(bytes, less));
	bytes[n] = 0;
	assert_string_equal(decode(bytes, n + 1), "has bytes left over");
}

static void the_longest_fits(void **state)
{
	(void)state;
	memset(&qos, 0, sizeof(qos));
	qos.interface = 1;
	qos.n_qdiscs = XN_QDISCS_MAX;
	qos.n_classes = XN_CLASSES_MAX;
	qos.n_filters = XN_FILTERS_MAX;
	for (size_t i = 0; i < XN_QDISCS_MAX; i++)
		qos.qdiscs[i].kind = XN_QDISC_FQ_CODEL;
	for (size_t i = 0; i < XN_FILTERS_MAX; i++) {
		qos.filters[i].kind = XN_FILTER_U32;
		qos.filters[i].u32.n = XN_FILTER_KEYS_MAX;
		qos.filters[i].n_actions = XN_ACTIONS_MAX;
		for (size_t j = 0; j < XN_ACTIONS_MAX; j++)
			qos.filters[i].actions[j].kind = XN_ACTION_POLICE;
	}
	assert_null(decode(bytes, encode(bytes, &qos)));
}

/* Numbers that do not fit the arrays never get that far. */
static void hostile_bytes_are_refused_or_read(void **state)
{
	size_t n = 0, taken = 0;

	(void)state;
	for (unsigned int round = 0; round < 50000; round++) {
		if (round % 500 == 0) {
			random_qos(&qos, round);
			n = encode(bytes, &qos);
		}
		memcpy(again, bytes, n);
		for (int flips = 1 + random() % 4; flips; flips--)
			again[4 + random() % (n - 4)] = random();
		if (!decode(again, n)) {
			taken++;
			assert_true(back.n_qdiscs <= XN_QDISCS_MAX);
			assert_true(back.n_filters <= XN_FILTERS_MAX);
		}
	}
	assert_true(taken > 1000); /* else this tested little */
	for (unsigned int round = 0; round < 20000; round++) {
		n = random() % 512;
		for (size_t i = 0; i < n; i++)
			bytes[i] = random();
		bytes[0] = bytes[1] = bytes[2] = 0;
		bytes[3] = 77;
		decode(bytes, n);
	}
}

static void names_print(void **state)
{
	(void)state;
	sample_qos(&qos);
	qos.qdiscs[0].kind = XN_QDISC_OTHER;
	memset(qos.qdiscs[0].name, 0, XN_QOS_WORD);
	strcpy(qos.qdiscs[0].name, "a\033[31m");
	assert_string_equal(decode(bytes, encode(bytes, &qos)), "has a name that is not plain");
	strcpy(qos.qdiscs[0].name, "");
	assert_string_equal(decode(bytes, encode(bytes, &qos)),
			    "has a name that is empty or too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sample_reads_back),
		cmocka_unit_test(anything_in_range_reads_back),
		cmocka_unit_test(whatever_is_cut_off_is_refused),
		cmocka_unit_test(the_longest_fits),
		cmocka_unit_test(hostile_bytes_are_refused_or_read),
		cmocka_unit_test(names_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
