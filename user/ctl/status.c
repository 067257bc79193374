// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl status`: who gets what on every link, now. */
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
	double volume = xn_ctl_number(network, "rl_bps") * long_interval;

	return volume > 0 ? xn_ctl_number(network, "used_bits") / volume : -1;
}

const json_t *xn_ctl_find_link(const json_t *status, const char *name)
{
	const json_t *links = json_object_get(status, "links"), *link;
	size_t i;

	json_array_foreach((json_t *)links, i, link) {
		if (!name || !strcmp(xn_ctl_text(link, "name"), name))
			return link;
	}
	return NULL;
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

static void figure_row(struct xn_table *table, const json_t *network, const char *key,
		       double long_interval)
{
	double ratio = xn_ctl_number(network, "ratio");
	const json_t *conformity = json_object_get(network, "conformity");

	xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(network, key));
	xn_table_rate(table, xn_ctl_number(network, "demand_bps"));
	xn_table_rate(table, xn_ctl_number(network, "throughput_bps"));
	xn_table_rate(table, xn_ctl_number(network, "allowed_bps"));
	xn_table_percent(table, xn_ctl_ratio_colour(ratio), ratio);
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
		{ strcmp(key, "link") ? "NETWORK" : "LINK", false },
		{ "DEMAND", true },
		{ "THROUGHPUT", true },
		{ "ALLOWED", true },
		{ "PUNISHED", true },
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

char *xn_ctl_link_line(const json_t *link, char *buf, size_t size)
{
	char name[64], through[XN_UNIT_TEXT], capacity[XN_UNIT_TEXT], host[XN_UNIT_TEXT],
		percent[32];

	snprintf(buf, size, "%s  %s of %s  %s used  host %s%s%s",
		 xn_ctl_clean(xn_ctl_text(link, "name"), name, sizeof(name)),
		 xn_format_rate(xn_ctl_number(link, "throughput_bps"), through, sizeof(through)),
		 xn_format_rate(xn_ctl_number(link, "capacity_bps"), capacity, sizeof(capacity)),
		 xn_ctl_percent(xn_ctl_number(link, "utilisation"), percent, sizeof(percent)),
		 xn_format_rate(xn_ctl_number(link, "host_bps"), host, sizeof(host)),
		 json_is_true(json_object_get(link, "up")) ? "" : "  DOWN",
		 json_is_true(json_object_get(link, "oversold")) ? "  OVERSOLD" : "");
	return buf;
}

char *xn_ctl_interval_line(const json_t *status, char *buf, size_t size)
{
	/* A tick is never quite on time. */
	snprintf(buf, size, "Il %2.4g of %.4g s", round(10 * xn_ctl_number(status, "elapsed")) / 10,
		 xn_ctl_number(status, "long_interval"));
	return buf;
}

static void print_link(const struct xn_ctl *ctl, const json_t *link, double long_interval,
		       const char *interval)
{
	bool bad = !json_is_true(json_object_get(link, "up")) ||
		   json_is_true(json_object_get(link, "oversold"));
	char line[256];

	printf("%s%s  %s%s\n", xn_colour(ctl->colour, bad ? XN_RED : XN_BOLD),
	       xn_ctl_link_line(link, line, sizeof(line)), interval, ctl->colour ? "\033[0m" : "");
	xn_ctl_print_figures(ctl, json_object_get(link, "networks"), "name", long_interval);
}

static void print_status(const struct xn_ctl *ctl, const json_t *status)
{
	const json_t *link;
	char interval[64];
	size_t i;

	xn_ctl_interval_line(status, interval, sizeof(interval));
	json_array_foreach(json_object_get(status, "links"), i, link) {
		if (i)
			putchar('\n');
		print_link(ctl, link, xn_ctl_number(status, "long_interval"), interval);
	}
	if (!json_array_size(json_object_get(status, "links")))
		puts("No links: add one with xnetman-ctl link add DEVICE capacity RATE");
}

/* Leave only link @name in @status. */
static int only_link(struct xn_ctl *ctl, json_t *status, const char *name)
{
	json_t *link = (json_t *)xn_ctl_find_link(status, name);

	if (!link)
		return xn_ctl_fail(ctl, XN_EXIT_NOT_FOUND, "no link %s: see xnetman-ctl link list",
				   name);
	json_object_set_new(status, "links", json_pack("[O]", link));
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
		code = only_link(ctl, status, xn_ctl_text(args, "link"));
	if (!code && ctl->json)
		code = xn_ctl_print_json(ctl, json_incref(status));
	else if (!code)
		print_status(ctl, status);
	json_decref(status);
	json_decref(args);
	return code;
}
