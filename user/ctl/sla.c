// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl sla`: what contracts say of an instant, and of a week. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/zones.h"
#include "core/date.h"
#include "core/units.h"
#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/table.h"

#define WEEK  7
#define CELLS 48 /* of a day: half an hour each */
#define CELL  (XN_DAY_MINUTES / CELLS)

/* --- instants as people write them --- */

static bool parse_local(const char *text, int64_t *time)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *rest = strptime(text, forms[i], &tm);

		if (!rest || (*rest && strcmp(rest, " UTC")))
			continue;
		*time = *rest ? timegm(&tm) : mktime(&tm);
		return true;
	}
	return false;
}

/* "now", "2027-03-28 02:00", the same with " UTC", or "@SECONDS". */
static bool parse_time(const char *text, int64_t *at)
{
	char *end;

	if (!*text || !strcmp(text, "now")) {
		*at = time(NULL);
		return true;
	}
	if (*text != '@')
		return parse_local(text, at);
	*at = strtoll(text + 1, &end, 10);
	return isdigit((unsigned char)text[1]) && !*end;
}

static int bad_time(struct xn_ctl *ctl, const char *key, const char *text)
{
	return xn_ctl_fail(ctl, XN_EXIT_FAILURE,
			   "%s: \"%s\" is no time: write now, '2027-03-28 02:00', "
			   "'2027-03-28 02:00 UTC' or @SECONDS",
			   key, text);
}

static const char *format_time(int64_t at, char *text, size_t size)
{
	time_t time = (time_t)at;
	struct tm tm;

	if (!localtime_r(&time, &tm) || !strftime(text, size, "%Y-%m-%d %H:%M %Z", &tm))
		snprintf(text, size, "-");
	return text;
}

/* The entry that counts last, "" if none holds. */
static const char *last_entry(const json_t *span)
{
	const json_t *entries = json_object_get(span, "entries");
	size_t n = json_array_size(entries);
	const char *text = n ? json_string_value(json_array_get(entries, n - 1)) : NULL;

	return text ? text : "";
}

/* --- show --- */

static const struct xn_column show_columns[] = {
	{ "NETWORK", false },  { "ENTRY", false }, { "UNTIL", false },
	{ "RESOURCE", false }, { "RC", true },	   { "RE", true },
	{ "RL", true },	       { "RMAX", true },   { "RESTRICTED", false },
};

static void sla_cells(struct xn_table *table, const json_t *sla)
{
	static const char *const keys[] = { "rc", "re", "rl", "rmax" };
	char text[XN_UNIT_TEXT];

	xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(sla, "link"));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		xn_table_cell(table, XN_PLAIN, "%s",
			      xn_ctl_rate_text(sla, keys[i], text, sizeof(text)));
	xn_table_cell(table, XN_PLAIN, "%s",
		      json_is_true(json_object_get(sla, "restricted")) ? "yes" : "no");
}

static void show_span(struct xn_table *table, const json_t *span)
{
	const json_t *slas = json_object_get(span, "slas"), *end = json_object_get(span, "end");
	size_t n = json_array_size(slas);
	char until[40];

	xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(span, "network"));
	xn_table_cell(table, XN_PLAIN, "%s", last_entry(span));
	xn_table_cell(table, XN_PLAIN, "%s",
		      end ? format_time(json_integer_value(end), until, sizeof(until)) : "");
	for (size_t i = 0; i < 6 && !n; i++)
		xn_table_cell(table, XN_PLAIN, "-");
	for (size_t i = 0; i < n; i++) {
		for (size_t blank = 0; i && blank < 3; blank++)
			xn_table_blank(table);
		sla_cells(table, json_array_get(slas, i));
	}
}

static void print_spans(const struct xn_ctl *ctl, const json_t *spans)
{
	xn_table_show(show_columns, sizeof(show_columns) / sizeof(show_columns[0]), spans,
		      show_span, ctl->colour);
}

static int sla_show(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "?network", NULL };
	static const struct xn_arg keys[] = { { "at", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, 1, argc, argv, &err), *spans = NULL;
	int64_t at;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "sla show: %s", err.text);
	if (parse_time(xn_ctl_text(args, "at"), &at))
		code = xn_ctl_call(ctl, &spans, "GetSla", "sx", xn_ctl_text(args, "network"), at);
	else
		code = bad_time(ctl, "at", xn_ctl_text(args, "at"));
	if (!code && ctl->json)
		code = xn_ctl_print_json(ctl, json_incref(spans));
	else if (!code)
		print_spans(ctl, spans);
	json_decref(spans);
	json_decref(args);
	return code;
}

/* --- plan --- */

/* A week of one network, cell by cell of its wall clock. */
struct week {
	const struct xn_zone *zone;
	int32_t first;
	char cells[WEEK][CELLS + 1];
	const char *legend[26]; /* entries, by their letters */
	const json_t *slas[26], *base;
	size_t n;
};

/* '.' where no entry holds, else its letter; '?' when there are more than letters. */
static char letter_of(struct week *week, const json_t *span)
{
	const char *entry = last_entry(span);

	if (!*entry) {
		week->base = span;
		return '.';
	}
	for (size_t i = 0; i < week->n; i++)
		if (!strcmp(week->legend[i], entry))
			return 'a' + i;
	if (week->n == 26)
		return '?';
	week->legend[week->n] = entry;
	week->slas[week->n] = span;
	return 'a' + week->n++;
}

/* A cell of the wall is filled by the first instant that shows it; those that never come stay blank. */
static void fill_cell(struct week *week, int64_t at, char letter)
{
	int64_t minute = xn_floor_div(at + xn_zone_offset(week->zone, at, NULL), 60);
	int64_t day = xn_floor_div(minute, XN_DAY_MINUTES) - week->first;
	char *cell;

	if (day < 0 || day >= WEEK)
		return;
	cell = &week->cells[day][xn_floor_mod(minute, XN_DAY_MINUTES) / CELL];
	if (*cell == ' ')
		*cell = letter;
}

static void fill_week(struct week *week, const json_t *spans, const char *network)
{
	const json_t *span;
	size_t i;

	memset(week->cells, ' ', sizeof(week->cells));
	for (int day = 0; day < WEEK; day++)
		week->cells[day][CELLS] = '\0';
	json_array_foreach((json_t *)spans, i, span) {
		int64_t at = json_integer_value(json_object_get(span, "begin"));
		int64_t end = json_integer_value(json_object_get(span, "end"));
		char letter;

		if (strcmp(xn_ctl_text(span, "network"), network))
			continue;
		letter = letter_of(week, span);
		for (; at < end; at += 60)
			fill_cell(week, at, letter);
	}
}

static void print_legend(char letter, const char *when, const json_t *span)
{
	const json_t *sla;
	char clean[256], text[XN_UNIT_TEXT];
	size_t i;

	printf("  %c  %s:", letter, xn_ctl_clean(when, clean, sizeof(clean)));
	json_array_foreach(json_object_get(span, "slas"), i, sla) {
		static const char *const keys[] = { "rc", "re", "rl", "rmax" };

		printf("%s %s", i ? ";" : "", xn_ctl_text(sla, "link"));
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			if (xn_ctl_rate(sla, keys[k]) > 0)
				printf(" %s %s", keys[k],
				       xn_ctl_rate_text(sla, keys[k], text, sizeof(text)));
	}
	puts(json_array_size(json_object_get(span, "slas")) ? "" : " nothing");
}

static void print_week(const struct xn_ctl *ctl, const struct week *week, const char *network)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	char clean[256], day[16];

	printf("%s%s%s (%s)\n", xn_colour(ctl->colour, XN_BOLD),
	       xn_ctl_clean(network, clean, sizeof(clean)), ctl->colour ? "\033[0m" : "",
	       week->zone->name);
	printf("                0     3     6     9     12    15    18    21    24\n");
	for (int i = 0; i < WEEK; i++)
		printf("%s %s  %s\n", names[xn_weekday(week->first + i)],
		       xn_format_day(week->first + i, day, sizeof(day)), week->cells[i]);
	for (size_t i = 0; i < week->n; i++)
		print_legend('a' + i, week->legend[i], week->slas[i]);
	if (week->base)
		print_legend('.', week->n ? "else" : "always", week->base);
}

/* One network of the plan; @span is its first. */
static int plan_network(struct xn_ctl *ctl, const json_t *spans, const json_t *span, int32_t first)
{
	const char *network = xn_ctl_text(span, "network"), *why = NULL;
	struct week week = { .first = first };

	week.zone = xn_zone_get(xn_ctl_text(span, "timezone"), &why);
	if (!week.zone)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "time zone %s %s",
				   xn_ctl_text(span, "timezone"), why);
	fill_week(&week, spans, network);
	print_week(ctl, &week, network);
	xn_zone_put(week.zone);
	return XN_EXIT_OK;
}

static int print_plan(struct xn_ctl *ctl, const json_t *spans, int32_t first)
{
	const json_t *span;
	const char *last = "";
	int code = XN_EXIT_OK;
	size_t i;

	json_array_foreach((json_t *)spans, i, span) {
		if (code || !strcmp(xn_ctl_text(span, "network"), last))
			continue;
		if (*last)
			putchar('\n');
		last = xn_ctl_text(span, "network");
		code = plan_network(ctl, spans, span, first);
	}
	return code;
}

/* From the first hour that is that day anywhere to the last. */
static int get_plan(struct xn_ctl *ctl, const char *network, int32_t first, json_t **spans)
{
	int64_t begin = (int64_t)first * XN_DAY_SECONDS;

	return xn_ctl_call(ctl, spans, "GetSlaPlan", "sxx", network, begin - 14 * 3600,
			   begin + WEEK * XN_DAY_SECONDS + 14 * 3600);
}

/* The day that a calendar here shows. */
static int32_t today(void)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	return xn_day_of((struct xn_date){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday });
}

static int sla_plan(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "?network", NULL };
	static const struct xn_arg keys[] = { { "from", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, 1, argc, argv, &err), *spans = NULL;
	const char *from, *why = NULL;
	int32_t first = today();
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "sla plan: %s", err.text);
	from = xn_ctl_text(args, "from");
	if (*from)
		why = xn_parse_day(from, &first);
	if (why)
		code = xn_ctl_fail(ctl, XN_EXIT_FAILURE, "from: \"%s\" %s", from, why);
	else
		code = get_plan(ctl, xn_ctl_text(args, "network"), first, &spans);
	if (!code && ctl->json)
		code = xn_ctl_print_json(ctl, json_incref(spans));
	else if (!code)
		code = print_plan(ctl, spans, first);
	json_decref(spans);
	json_decref(args);
	return code;
}

const struct xn_ctl_command xn_ctl_sla_commands[] = {
	{ .name = "show",
	  .run = sla_show,
	  .args = "[NETWORK] [at TIME]",
	  .brief = "the parameters that contracts give at an instant",
	  .more = "ENTRY is the entry of the schedule that holds then, UNTIL when that changes. "
		  "TIME "
		  "is now (the\n"
		  "default), '2027-03-28 02:00' by this machine's clock, the same with UTC behind "
		  "it, or @SECONDS.\n"
		  "Example: xnetman-ctl sla show net1 at '2027-03-28 02:00'\n" },
	{ .name = "plan",
	  .run = sla_plan,
	  .args = "[NETWORK] [from DAY]",
	  .brief = "seven days drawn, half an hour a letter",
	  .more = "By the clock of each network's time zone. A blank is an hour that daylight "
		  "saving "
		  "leaves out; of one\n"
		  "that comes twice the first is drawn. With -j: every span with its begin and end "
		  "(s since 1970 UTC).\n"
		  "Example: xnetman-ctl sla plan net1 from 2027-03-22\n" },
	{},
};
