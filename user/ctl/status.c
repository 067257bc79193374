// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl status`: who gets what of every resource, now. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"
#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/output.h"
#include "ctl/status.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Errors below this are the resolution of the measurement, not a breach (doc/dbus.md). */
#define ERROR_SEEN 0.01

enum xn_table_colour xn_ctl_ratio_colour(double ratio)
{
	return ratio <= 0 ? XN_PLAIN : ratio < 0.5 ? XN_YELLOW : XN_RED;
}

enum xn_table_colour xn_ctl_error_colour(double error)
{
	return error > ERROR_SEEN ? XN_RED : XN_PLAIN;
}

double xn_ctl_volume_used(const json_t *network, double long_interval)
{
	double volume = xn_ctl_rate(network, "rl") * long_interval;
	const char *used = xn_quantities[xn_ctl_resource(network)].used;

	return volume > 0 ? xn_ctl_number(network, used) / volume : -1;
}

static bool is_worth_seeing(const json_t *row)
{
	return xn_ctl_rate(row, "capacity") > 0 || xn_ctl_rate(row, "throughput") > 0;
}

const json_t *xn_ctl_row(const json_t *status, size_t i)
{
	const json_t *links = json_object_get(status, "links"), *row;
	size_t n = json_array_size(links), at;

	if (i < n)
		return json_array_get(links, i);
	json_array_foreach(json_object_get(status, "resources"), at, row)
		if (is_worth_seeing(row) && i-- == n)
			return row;
	return NULL;
}

static const json_t *find_named(const json_t *rows, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
		if (!strcmp(xn_ctl_text(row, "name"), name))
			return row;
	return NULL;
}

const json_t *xn_ctl_find_row(const json_t *status, const char *name)
{
	const json_t *row;

	if (!name)
		return xn_ctl_row(status, 0);
	row = find_named(json_object_get(status, "links"), name);
	return row ? row : find_named(json_object_get(status, "resources"), name);
}

static void volume_cell(struct xn_table *table, const json_t *network, double long_interval)
{
	double used = xn_ctl_volume_used(network, long_interval);

	if (used < 0)
		xn_table_cell(table, XN_PLAIN, "-");
	else
		xn_table_percent(table, XN_PLAIN, used);
}

static void error_cell(struct xn_table *table, const json_t *network, const char *key)
{
	const json_t *value = json_object_get(network, key);
	double error = json_number_value(value);

	/* No long interval has been closed yet. */
	if (!value)
		xn_table_cell(table, XN_PLAIN, "-");
	else
		xn_table_cell(table, xn_ctl_error_colour(error), "%.3f", error);
}

/* What the guard dropped of the demand, which is before the ratio of the interval that now runs. */
static void guard_cell(struct xn_table *table, const json_t *network)
{
	double demand = xn_ctl_rate(network, "demand");
	double share = demand > 0 ? xn_ctl_rate(network, "guarded") / demand : 0;

	if (xn_ctl_resource(network) != XN_BANDWIDTH)
		xn_table_cell(table, XN_PLAIN, "-");
	else
		xn_table_percent(table, xn_ctl_ratio_colour(share), share);
}

static void figure_row(struct xn_table *table, const json_t *network, const char *key,
		       double long_interval)
{
	double ratio = xn_ctl_number(network, "ratio");
	const json_t *conformity = json_object_get(network, "conformity");

	xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(network, key));
	xn_table_amount(table, network, "demand");
	xn_table_amount(table, network, "throughput");
	xn_table_amount(table, network, "allowed");
	xn_table_percent(table, xn_ctl_ratio_colour(ratio), ratio);
	guard_cell(table, network);
	xn_table_cell(table, XN_PLAIN, "%.3f", xn_ctl_number(network, "weight"));
	error_cell(table, network, "ec");
	error_cell(table, network, "el");
	if (conformity)
		xn_table_cell(table, xn_ctl_error_colour(1 - json_number_value(conformity)), "%.3f",
			      json_number_value(conformity));
	else
		xn_table_cell(table, XN_PLAIN, "-");
	volume_cell(table, network, long_interval);
}

void xn_ctl_print_figures(const struct xn_ctl *ctl, const json_t *figures, const char *key,
			  double long_interval)
{
	const struct xn_column columns[] = {
		{ strcmp(key, "link") ? "NETWORK" : "RESOURCE", false },
		{ "DEMAND", true },
		{ "THROUGHPUT", true },
		{ "ALLOWED", true },
		{ "PUNISHED", true },
		{ "GUARD", true },
		{ "WEIGHT", true },
		{ "EC", true },
		{ "EL", true },
		{ "C", true },
		{ "USED", true },
	};
	struct xn_table *table = xn_table_create(columns, N(columns));
	const json_t *network;
	size_t i;

	json_array_foreach((json_t *)figures, i, network)
		figure_row(table, network, key, long_interval);
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

/* "  60% used", or why there is no such figure. */
static char *utilisation_text(const json_t *row, char *buf, size_t size)
{
	char percent[32];

	if (json_object_get(row, "utilisation"))
		snprintf(buf, size, "%s used",
			 xn_ctl_percent(xn_ctl_number(row, "utilisation"), percent,
					sizeof(percent)));
	else
		snprintf(buf, size, "not controlled");
	return buf;
}

char *xn_ctl_row_line(const json_t *row, char *buf, size_t size)
{
	char name[64], through[XN_UNIT_TEXT], capacity[XN_UNIT_TEXT], host[XN_UNIT_TEXT];
	bool limited = xn_ctl_rate(row, "capacity") > 0, link = json_object_get(row, "up");
	char used[48];

	snprintf(buf, size, "%s  %s%s%s  %s%s%s%s%s%s",
		 xn_ctl_clean(xn_ctl_text(row, "name"), name, sizeof(name)),
		 xn_ctl_rate_text(row, "throughput", through, sizeof(through)),
		 limited ? " of " : "",
		 limited ? xn_ctl_rate_text(row, "capacity", capacity, sizeof(capacity)) : "",
		 utilisation_text(row, used, sizeof(used)), link ? "  host " : "",
		 link ? xn_ctl_rate_text(row, "host", host, sizeof(host)) : "",
		 json_is_false(json_object_get(row, "up")) ? "  DOWN" : "",
		 json_is_true(json_object_get(row, "oversold")) ? "  OVERSOLD" : "",
		 json_is_false(json_object_get(row, "calibrated")) ? "  not calibrated" : "");
	return buf;
}

char *xn_ctl_interval_line(const json_t *status, char *buf, size_t size)
{
	/* A tick is never quite on time. */
	snprintf(buf, size, "Il %2.4g of %.4g s", round(10 * xn_ctl_number(status, "elapsed")) / 10,
		 xn_ctl_number(status, "long_interval"));
	return buf;
}

static void print_row(const struct xn_ctl *ctl, const json_t *row, double long_interval,
		      const char *interval)
{
	bool bad = json_is_false(json_object_get(row, "up")) ||
		   json_is_true(json_object_get(row, "oversold"));
	char line[256];

	printf("%s%s  %s%s\n", xn_colour(ctl->colour, bad ? XN_RED : XN_BOLD),
	       xn_ctl_row_line(row, line, sizeof(line)), interval, ctl->colour ? "\033[0m" : "");
	xn_ctl_print_figures(ctl, json_object_get(row, "networks"), "name", long_interval);
}

static void print_status(const struct xn_ctl *ctl, const json_t *status)
{
	const json_t *row;
	char interval[64];

	xn_ctl_interval_line(status, interval, sizeof(interval));
	for (size_t i = 0; (row = xn_ctl_row(status, i)); i++) {
		if (i)
			putchar('\n');
		print_row(ctl, row, xn_ctl_number(status, "long_interval"), interval);
	}
	if (!xn_ctl_row(status, 0))
		puts("No links: add one with xnetman-ctl link add DEVICE capacity RATE");
}

/* Leave only row @name in @status. */
static int only_row(struct xn_ctl *ctl, json_t *status, const char *name)
{
	json_t *row = json_incref((json_t *)xn_ctl_find_row(status, name));
	bool link = row && xn_ctl_resource(row) == XN_BANDWIDTH;

	if (!row)
		return xn_ctl_fail(ctl, XN_EXIT_NOT_FOUND,
				   "no link %s: see xnetman-ctl link list; or write cpu or memory",
				   name);
	json_object_set_new(status, "links", link ? json_pack("[O]", row) : json_array());
	json_object_set_new(status, "resources", link ? json_array() : json_pack("[O]", row));
	json_decref(row);
	return XN_EXIT_OK;
}

int xn_ctl_status(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "?link", NULL };
	static const struct xn_arg keys[] = { { "link", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, N(keys), argc, argv, &err), *status = NULL;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "status: %s", err.text);
	code = xn_ctl_call(ctl, &status, "GetStatus", "");
	if (!code && *xn_ctl_text(args, "link"))
		code = only_row(ctl, status, xn_ctl_text(args, "link"));
	if (!code && ctl->json)
		code = xn_ctl_print_json(ctl, json_incref(status));
	else if (!code)
		print_status(ctl, status);
	json_decref(status);
	json_decref(args);
	return code;
}
