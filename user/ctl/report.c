// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl report`: how SLAs were kept over a time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/report.h"
#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* "-12h", "-7d": so long ago. */
static bool parse_ago(const char *text, double *time, double now)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = { { "s", 1 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 }, { "w", 7 * 86400 } };
	char *end;
	double number = strtod(text + 1, &end);

	if (*text != '-' || end == text + 1 || !(number >= 0) || !isfinite(number))
		return false;
	for (size_t i = 0; i < N(units); i++) {
		if (strcmp(end, units[i].unit))
			continue;
		*time = now - number * units[i].seconds;
		return true;
	}
	return false;
}

static bool parse_date(const char *text, double *time)
{
	static const char *const formats[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
					       "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S" };

	for (size_t i = 0; i < N(formats); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, formats[i], &tm);

		if (!end || *end)
			continue;
		tm.tm_isdst = -1;
		*time = (double)mktime(&tm);
		return *time > 0;
	}
	return false;
}

/* Local time; "now"; so long ago; or @ and seconds since 1970. */
static bool parse_time(const char *text, double *at, double now)
{
	char *end;

	if (!strcmp(text, "now")) {
		*at = now;
		return true;
	}
	if (*text == '@') {
		*at = strtod(text + 1, &end);
		return end > text + 1 && !*end && isfinite(*at) && *at > 0;
	}
	return parse_ago(text, at, now) || parse_date(text, at);
}

static int take_time(struct xn_ctl *ctl, const json_t *args, const char *key, double *at)
{
	const char *text = json_string_value(json_object_get(args, key));
	char clean[64];

	*at = 0;
	if (!text || parse_time(text, at, (double)time(NULL)))
		return XN_EXIT_OK;
	return xn_ctl_fail(ctl, XN_EXIT_FAILURE,
			   "report: %s: \"%s\" is no time: write 2026-11-21, \"2026-11-21 14:00\", "
			   "-12h, -7d or now",
			   key, xn_ctl_clean(text, clean, sizeof(clean)));
}

/* Text for a terminal, which a hostile name in it shall not command. */
static void print_clean(const char *text)
{
	for (; *text; text++)
		putchar(((unsigned char)*text >= ' ' && *text != 0x7f) || *text == '\n' ? *text
											: '?');
}

static int print_report(struct xn_ctl *ctl, json_t *report, const char *format)
{
	bool html = !strcmp(format, "html");
	char *text;

	if (ctl->json || !strcmp(format, "json"))
		return xn_ctl_print_json(ctl, report);
	text = html ? xn_report_html(report) : xn_report_text(report);
	json_decref(report);
	if (!text)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "no memory");
	if (html)
		fputs(text, stdout);
	else
		print_clean(text);
	free(text);
	return XN_EXIT_OK;
}

int xn_ctl_report(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "?network", NULL };
	static const struct xn_arg keys[] = { { "network", XN_ARG_TEXT, false },
					      { "from", XN_ARG_TEXT, false },
					      { "to", XN_ARG_TEXT, false },
					      { "format", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, N(keys), argc, argv, &err), *report = NULL;
	const char *format = xn_ctl_text(args, "format");
	double from = 0, to = 0;
	int code = XN_EXIT_OK;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "report: %s", err.text);
	if (*format && strcmp(format, "text") && strcmp(format, "json") && strcmp(format, "html"))
		code = xn_ctl_fail(ctl, XN_EXIT_FAILURE,
				   "report: format: write text, json or html");
	if (!code)
		code = take_time(ctl, args, "from", &from);
	if (!code)
		code = take_time(ctl, args, "to", &to);
	if (!code)
		code = xn_ctl_call(ctl, &report, "GetReport", "sdd", xn_ctl_text(args, "network"),
				   from, to);
	if (!code)
		code = print_report(ctl, report, format);
	json_decref(args);
	return code;
}
