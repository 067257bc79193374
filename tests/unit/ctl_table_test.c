// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables and sparklines as they are printed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/history.h"
#include "ctl/table.h"

static const struct xn_column columns[] = { { "NAME", false },
					    { "RATE", true },
					    { "STATE", false } };

static void expect(const struct xn_table *table, bool colour, const char *want)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	xn_table_print(table, out, colour);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void columns_are_aligned_and_numbers_to_the_right(void **state)
{
	struct xn_table *table = xn_table_create(columns, 3);

	(void)state;
	xn_table_cell(table, XN_PLAIN, "net1");
	xn_table_rate(table, 50e6);
	xn_table_cell(table, XN_PLAIN, "up");
	xn_table_cell(table, XN_PLAIN, "r\xc3\xa9seau");
	xn_table_rate(table, 0);
	xn_table_cell(table, XN_PLAIN, "%s", "");
	xn_table_blank(table);
	xn_table_percent(table, XN_PLAIN, 0.5);
	xn_table_cell(table, XN_PLAIN, "a\nb");
	expect(table, false,
	       "NAME      RATE  STATE\n"
	       "net1    50Mbit  up\n"
	       "r\xc3\xa9seau    0bit  -\n"
	       "         50.0%  a?b\n");
	xn_table_destroy(table);
}

static void colours_only_where_they_are_wanted(void **state)
{
	static const struct xn_column one[] = { { "C", true } };
	struct xn_table *table = xn_table_create(one, 1);

	(void)state;
	xn_table_cell(table, XN_RED, "0.5");
	xn_table_cell(table, XN_PLAIN, "1");
	expect(table, false, "  C\n0.5\n  1\n");
	expect(table, true, "  \033[1mC\033[0m\n\033[1;31m0.5\033[0m\n  1\n");
	xn_table_destroy(table);
}

static void only_full_conformity_is_a_full_block(void **state)
{
	(void)state;
	assert_string_equal(xn_ctl_spark(1, true), "█");
	assert_string_equal(xn_ctl_spark(0.999, true), "▇");
	assert_string_equal(xn_ctl_spark(0.5, true), "▅");
	assert_string_equal(xn_ctl_spark(0, true), "▁");
	assert_string_equal(xn_ctl_spark(-1, false), "_");
	assert_string_equal(xn_ctl_spark(1, false), "#");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_aligned_and_numbers_to_the_right),
		cmocka_unit_test(colours_only_where_they_are_wanted),
		cmocka_unit_test(only_full_conformity_is_a_full_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
