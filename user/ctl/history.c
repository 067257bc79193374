// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl history`: past long intervals. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/history.h"
#include "ctl/output.h"
#include "ctl/status.h"
#include "ctl/table.h"

#define N(array)      (sizeof(array) / sizeof((array)[0]))
#define DEFAULT_COUNT 20
#define WIDEST_LINE   60     /* intervals of a sparkline */
#define FULL	      0.9995 /* what is printed as 1.000 */

const char *xn_ctl_spark(double value, bool utf8)
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const letters[] = { "_", ".", ":", "-", "=", "+", "*", "#" };
	int level = (int)(value * (double)N(blocks));

	/* The highest level is for what is printed as 1.000 only, so that every loss is seen. */
	level = value >= FULL		     ? (int)N(blocks) - 1
		: level > (int)N(blocks) - 2 ? (int)N(blocks) - 2
					     : level;
	level = level < 0 ? 0 : level;
	return (utf8 ? blocks : letters)[level];
}

static void print_rows(const struct xn_ctl *ctl, const json_t *rows)
{
	static const struct xn_column columns[] = {
		{ "TIME", false },  { "NETWORK", false },   { "RESOURCE", false },
		{ "DEMAND", true }, { "THROUGHPUT", true }, { "EC", true },
		{ "EL", true },	    { "C", true },	    { "PUNISHED", true },
	};
	struct xn_table *table = xn_table_create(columns, N(columns));
	const json_t *row;
	char when[32];
	struct tm tm;
	time_t time;
	size_t i;

	json_array_foreach((json_t *)rows, i, row) {
		double ec = xn_ctl_number(row, "ec_mean"), el = xn_ctl_number(row, "el");
		double c = xn_ctl_number(row, "conformity");

		time = (time_t)xn_ctl_number(row, "time");
		strftime(when, sizeof(when), "%F %T", localtime_r(&time, &tm));
		xn_table_cell(table, XN_PLAIN, "%s", when);
		xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(row, "network"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(row, "link"));
		xn_table_amount(table, row, "demand");
		xn_table_amount(table, row, "throughput");
		xn_table_cell(table, xn_ctl_error_colour(ec), "%.3f", ec);
		xn_table_cell(table, xn_ctl_error_colour(el), "%.3f", el);
		xn_table_cell(table, xn_ctl_error_colour(1 - c), "%.3f", c);
		xn_table_percent(table, XN_PLAIN, xn_ctl_number(row, "punished"));
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

/* Conformities by network and link: {"net1 eth0": [C, ...], ...}. */
static json_t *group(const json_t *rows)
{
	json_t *groups = json_object(), *list;
	const json_t *row;
	char key[160];
	size_t i;

	json_array_foreach((json_t *)rows, i, row) {
		snprintf(key, sizeof(key), "%s %s", xn_ctl_text(row, "network"),
			 xn_ctl_text(row, "link"));
		list = json_object_get(groups, key);
		if (!list) {
			list = json_array();
			json_object_set_new(groups, key, list);
		}
		json_array_append_new(list, json_real(xn_ctl_number(row, "conformity")));
	}
	return groups;
}

static void print_spark(const struct xn_ctl *ctl, const char *key, const json_t *list, int width)
{
	size_t n = json_array_size(list), first = n > WIDEST_LINE ? n - WIDEST_LINE : 0;
	double min = 1, sum = 0;
	char clean[160];

	printf("%-*s  ", width, xn_ctl_clean(key, clean, sizeof(clean)));
	for (size_t i = 0; i < n; i++) {
		double c = json_number_value(json_array_get(list, i));

		if (i >= first)
			fputs(xn_ctl_spark(c, ctl->utf8), stdout);
		min = c < min ? c : min;
		sum += c;
	}
	printf("  mean %.3f, lowest %.3f\n", sum / (double)n, min);
}

static void print_sparks(const struct xn_ctl *ctl, const json_t *rows)
{
	json_t *groups = group(rows), *list;
	const char *key;
	int width = 0;

	json_object_foreach(groups, key, list)
		width = (int)strlen(key) > width ? (int)strlen(key) : width;
	puts("\nConformity, oldest first:");
	json_object_foreach(groups, key, list)
		print_spark(ctl, key, list, width);
	json_decref(groups);
}

int xn_ctl_history(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "?network", NULL };
	static const struct xn_arg keys[] = { { "network", XN_ARG_TEXT, false },
					      { "link", XN_ARG_TEXT, false },
					      { "count", XN_ARG_COUNT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, N(keys), argc, argv, &err), *rows = NULL;
	const json_t *count = json_object_get(args, "count");
	bool some = json_object_get(args, "network") || json_object_get(args, "link");
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "history: %s", err.text);
	code = xn_ctl_call(ctl, &rows, "GetHistory", "ssx", xn_ctl_text(args, "network"),
			   xn_ctl_text(args, "link"),
			   (int64_t)(count ? json_integer_value(count) : DEFAULT_COUNT));
	json_decref(args);
	if (code)
		return code;
	if (ctl->json)
		return xn_ctl_print_json(ctl, rows);
	if (json_array_size(rows)) {
		print_rows(ctl, rows);
		print_sparks(ctl, rows);
	} else {
		printf("No long interval%s has been closed yet.\n",
		       some ? " of that network and link" : "");
	}
	json_decref(rows);
	return XN_EXIT_OK;
}
