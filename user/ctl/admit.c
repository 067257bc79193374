// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl admit`: would a network fit, and what would? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/units.h"
#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/table.h"

#define FILE_MAX_BYTES (1024 * 1024)

static const struct xn_column columns[] = {
	{ "CHECK", false },   { "OF", false },	{ "ASKED", true },     { "SOLD", true },
	{ "CAPACITY", true }, { "FITS", true }, { "TIGHTEST", false }, { "RESULT", false },
};

static const char *const amounts[] = { "asked", "sold", "capacity", "room" };

/* What has no limit has no such key. */
static void amount_cell(struct xn_table *table, const json_t *check, const char *what)
{
	char key[XN_RESOURCE_KEY], text[XN_UNIT_TEXT];
	bool disk = !strcmp(xn_ctl_text(check, "check"), "disk");

	if (*xn_ctl_text(check, "of"))
		xn_resource_key(xn_ctl_resource(check), what, key);
	else
		snprintf(key, sizeof(key), "%s%s", what, disk ? "_bytes" : "");
	if (!json_object_get(check, key))
		xn_table_cell(table, XN_DIM, "no limit");
	else if (*xn_ctl_text(check, "of"))
		xn_table_cell(table, XN_PLAIN, "%s",
			      xn_ctl_rate_text(check, what, text, sizeof(text)));
	else if (disk)
		xn_table_cell(table, XN_PLAIN, "%s",
			      xn_format_bytes_exact(xn_ctl_number(check, key), text, sizeof(text)));
	else
		xn_table_cell(table, XN_PLAIN, "%.0f", xn_ctl_number(check, key));
}

/* Local time, as date shows it. */
static void time_cell(struct xn_table *table, const json_t *check)
{
	time_t at = (time_t)json_integer_value(json_object_get(check, "at"));
	char text[40] = "always";
	struct tm tm;

	if (at && localtime_r(&at, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M %Z", &tm);
	xn_table_cell(table, XN_PLAIN, "%s", text);
}

static void print_checks(const struct xn_ctl *ctl, const json_t *checks)
{
	struct xn_table *table = xn_table_create(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *check;
	size_t i;

	json_array_foreach((json_t *)checks, i, check) {
		bool ok = json_is_true(json_object_get(check, "ok"));

		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(check, "check"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(check, "of"));
		for (size_t j = 0; j < sizeof(amounts) / sizeof(amounts[0]); j++)
			amount_cell(table, check, amounts[j]);
		time_cell(table, check);
		xn_table_cell(table, ok ? XN_GREEN : XN_RED, ok ? "fits" : "does not fit");
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

/* The file's name without folder and ".yaml": what the network is called if its definition does not say. */
static void name_of_file(const char *path, char *name, size_t size)
{
	const char *base = strrchr(path, '/');
	size_t len;

	snprintf(name, size, "%s", base ? base + 1 : path);
	len = strlen(name);
	if (len > 5 && !strcmp(name + len - 5, ".yaml"))
		name[len - 5] = '\0';
}

/* The daemon calls what it was given "(request)"; here it has a name. */
static const char *with_path(const char *text, const char *path, char *buf, size_t size)
{
	static const char request[] = "(request)";

	if (strncmp(text, request, strlen(request)))
		return text;
	snprintf(buf, size, "%s%s", path, text + strlen(request));
	return buf;
}

static void print_admission(const struct xn_ctl *ctl, const json_t *admission, const char *path)
{
	char text[700], clean[700];

	print_checks(ctl, json_object_get(admission, "checks"));
	if (json_is_true(json_object_get(admission, "admitted"))) {
		printf("\n%s fits at every instant.\n",
		       xn_ctl_clean(xn_ctl_text(admission, "network"), clean, sizeof(clean)));
		return;
	}
	printf("\nIt does not fit: %s\n",
	       xn_ctl_clean(with_path(xn_ctl_text(admission, "why"), path, text, sizeof(text)),
			    clean, sizeof(clean)));
}

static int ask(struct xn_ctl *ctl, const char *path, const char *text)
{
	json_t *admission = NULL;
	char name[256];
	bool admitted;
	int code;

	name_of_file(strcmp(path, "-") ? path : "network", name, sizeof(name));
	ctl->file = path;
	code = xn_ctl_call(ctl, &admission, "Admit", "ss", name, text);
	if (code)
		return code;
	admitted = json_is_true(json_object_get(admission, "admitted"));
	if (ctl->json)
		code = xn_ctl_print_json(ctl, json_incref(admission));
	else
		print_admission(ctl, admission, path);
	json_decref(admission);
	return code || admitted ? code : XN_EXIT_REFUSED;
}

int xn_ctl_admit(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "file", NULL };
	struct xn_err err;
	json_t *args = xn_args_parse(names, NULL, 0, argc, argv, &err);
	const char *path;
	char *text;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "admit: %s", err.text);
	path = xn_ctl_text(args, "file");
	text = xn_ctl_read_file(path, FILE_MAX_BYTES);
	if (text)
		code = ask(ctl, path, text);
	else
		code = xn_ctl_fail(ctl, XN_EXIT_FAILURE, "admit: %s: %s", path, strerror(errno));
	free(text);
	json_decref(args);
	return code;
}
