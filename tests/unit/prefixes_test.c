// SPDX-License-Identifier: GPL-2.0-or-later
/* Prefixes: the trie says what a search through a plain list says, whatever comes and goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/prefixes.h"

#define MOST  300
#define STEPS 20000

struct row {
	uint8_t bytes[XN_PREFIX_BYTES];
	uint8_t length;
	bool there;
	struct xn_prefix_node *node;
};

static struct row rows[MOST];
static struct xn_prefixes map;

/* Few different bits, so that prefixes cover each other often. */
static void random_address(uint8_t *bytes)
{
	for (size_t i = 0; i < XN_PREFIX_BYTES; i++)
		bytes[i] = i < 2 || i == 15 ? rand() & 0x83 : 0;
}

static bool covers(const struct row *row, const uint8_t *address)
{
	uint8_t bytes[XN_PREFIX_BYTES];

	memcpy(bytes, address, sizeof(bytes));
	xn_prefix_mask(bytes, row->length);
	return !memcmp(bytes, row->bytes, sizeof(bytes));
}

static struct row *plain_match(const uint8_t *address, int below)
{
	struct row *best = NULL;

	for (size_t i = 0; i < MOST; i++)
		if (rows[i].there && rows[i].length < below && covers(&rows[i], address) &&
		    (!best || rows[i].length > best->length))
			best = &rows[i];
	return best;
}

static void *value_of(struct xn_prefix_node *node)
{
	return node ? node->value : NULL;
}

static void look(void)
{
	uint8_t address[XN_PREFIX_BYTES];
	size_t n = 0, walked = 0;
	struct xn_prefix_node *last = NULL;

	random_address(address);
	assert_ptr_equal(value_of(xn_prefixes_match(&map, address, 128)),
			 plain_match(address, 129));
	for (struct xn_prefix_node *node = NULL; (node = xn_prefixes_next(&map, node)); walked++) {
		const struct row *row = node->value;
		int order = last ? memcmp(last->bytes, node->bytes, sizeof(node->bytes)) : -1;

		assert_true(row->there && row->node == node);
		assert_true(order < 0 || (!order && last->length < node->length));
		assert_ptr_equal(value_of(xn_prefix_cover(node)),
				 plain_match(row->bytes, row->length));
		last = node;
	}
	for (size_t i = 0; i < MOST; i++)
		n += rows[i].there;
	assert_int_equal(walked, n);
}

static void toggle(struct row *row)
{
	if (row->there) {
		assert_ptr_equal(xn_prefixes_find(&map, row->bytes, row->length), row->node);
		xn_prefixes_remove(&map, row->node);
	} else {
		assert_null(xn_prefixes_find(&map, row->bytes, row->length));
		row->node = xn_prefixes_put(&map, row->bytes, row->length, row);
		assert_non_null(row->node);
	}
	row->there = !row->there;
}

static bool is_new(const struct row *row)
{
	for (const struct row *other = rows; other < row; other++)
		if (other->length == row->length && !memcmp(other->bytes, row->bytes, 16))
			return false;
	return true;
}

static void same_as_a_plain_list(void **state)
{
	static const uint8_t lengths[] = { 0, 1, 2, 7, 8, 9, 15, 16, 17, 120, 127, 128 };

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		do {
			random_address(rows[i].bytes);
			rows[i].length = lengths[rand() % sizeof(lengths)];
			xn_prefix_mask(rows[i].bytes, rows[i].length);
		} while (!is_new(&rows[i]) && (rows[i].length = 100 + rand() % 29));
	for (size_t step = 0; step < STEPS; step++) {
		size_t i = (size_t)rand() % MOST;

		if (is_new(&rows[i]))
			toggle(&rows[i]);
		if (step % 50 == 0)
			look();
	}
	for (size_t i = 0; i < MOST; i++)
		if (rows[i].there)
			toggle(&rows[i]);
	assert_null(map.root);
}

static void mask_leaves_the_prefix(void **state)
{
	uint8_t bytes[XN_PREFIX_BYTES];

	(void)state;
	for (unsigned int length = 0; length <= 128; length++) {
		memset(bytes, 0xff, sizeof(bytes));
		xn_prefix_mask(bytes, length);
		for (unsigned int at = 0; at < 128; at++)
			assert_int_equal(bytes[at / 8] >> (7 - at % 8) & 1, at < length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_a_plain_list),
		cmocka_unit_test(mask_leaves_the_prefix),
	};

	srand(4);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
