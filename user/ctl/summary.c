// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl table`: means of a series per network. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/summary.h"
#include "ctl/table.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Of a tick. Rates are named without their unit, which is that of the resource. */
static const char *const rates[] = { "demand", "throughput", "allowed", NULL };
static const char *const tick_keys[] = { "ratio", "weight", "ec", NULL };
static const char *const interval_keys[] = { "el", "conformity", NULL };

/* ---- reading ------------------------------------------------------------------------------- */

static int check_network(const json_t *network, const char *const *keys, const char *where,
			 struct xn_err *err)
{
	if (!json_is_string(json_object_get(network, "name"))) {
		xn_err_set(err, "%s: a network has no name", where);
		return -EINVAL;
	}
	for (; *keys; keys++) {
		if (!json_is_number(json_object_get(network, *keys))) {
			xn_err_set(err, "%s: network %s: %s is missing or not a number", where,
				   xn_ctl_text(network, "name"), *keys);
			return -EINVAL;
		}
	}
	return 0;
}

/* Rates, by the unit of the record's resource. */
static int check_rates(const json_t *network, const char *where, struct xn_err *err)
{
	const char *keys[] = { NULL, NULL };
	char key[XN_RESOURCE_KEY];

	for (size_t i = 0; rates[i]; i++) {
		keys[0] = xn_resource_key(xn_ctl_resource(network), rates[i], key);
		if (check_network(network, keys, where, err))
			return -EINVAL;
	}
	return 0;
}

static int check_list(const json_t *series, const char *list, const char *const *keys,
		      const char *path, struct xn_err *err)
{
	const json_t *entries = json_object_get(series, list), *entry, *networks, *network;
	char where[256];
	size_t i, j;

	if (!json_is_array(entries)) {
		xn_err_set(err, "%s: no list \"%s\": is this a series of xnetman-ctl record?", path,
			   list);
		return -EINVAL;
	}
	json_array_foreach((json_t *)entries, i, entry) {
		snprintf(where, sizeof(where), "%s: %s[%zu]", path, list, i);
		networks = json_object_get(entry, "networks");
		if (!json_is_number(json_object_get(entry, "t")) || !json_is_array(networks)) {
			xn_err_set(err, "%s: t or networks is missing", where);
			return -EINVAL;
		}
		json_array_foreach((json_t *)networks, j, network)
			if ((keys == tick_keys && check_rates(network, where, err)) ||
			    check_network(network, keys, where, err))
				return -EINVAL;
	}
	return 0;
}

int xn_series_check(const json_t *series, const char *path, struct xn_err *err)
{
	int ret = check_list(series, "ticks", tick_keys, path, err);

	return ret ? ret : check_list(series, "intervals", interval_keys, path, err);
}

json_t *xn_series_load(const char *path, struct xn_err *err)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	json_error_t error;
	json_t *series;

	if (!in) {
		xn_err_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	series = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
	if (!series && ferror(in))
		xn_err_set(err, "%s: cannot be read: %s", path, strerror(errno));
	else if (!series)
		xn_err_set(err, "%s:%d: not JSON: %s", path, error.line, error.text);
	else if (xn_series_check(series, path, err)) {
		json_decref(series);
		series = NULL;
	}
	if (!is_stdin)
		fclose(in);
	return series;
}

const json_t *xn_series_network(const json_t *tick, const char *name)
{
	const json_t *network;
	size_t i;

	json_array_foreach(json_object_get(tick, "networks"), i, network) {
		if (!strcmp(xn_ctl_text(network, "name"), name))
			return network;
	}
	return NULL;
}

json_t *xn_series_names(const json_t *series)
{
	json_t *names = json_object(), *tick, *network;
	size_t i, j;

	json_array_foreach(json_object_get(series, "ticks"), i, tick) {
		json_array_foreach(json_object_get(tick, "networks"), j, network)
			json_object_set_new(names, xn_ctl_text(network, "name"), json_true());
	}
	return names;
}

/* ---- means --------------------------------------------------------------------------------- */

struct mean {
	double sum;
	double min;
	size_t n;
};

static void mean_add(struct mean *mean, double value)
{
	mean->min = mean->n && mean->min < value ? mean->min : value;
	mean->sum += value;
	mean->n++;
}

/* Mean of @key of network @name over a list, from entry @first on. */
static struct mean mean_of(const json_t *list, size_t first, const char *name, const char *key)
{
	struct mean mean = { 0 };

	for (size_t i = first; i < json_array_size(list); i++) {
		const json_t *network = xn_series_network(json_array_get(list, i), name);

		if (network)
			mean_add(&mean, xn_ctl_number(network, key));
	}
	return mean;
}

/* Which resource a network of a series is of: of one series always the same. */
static enum xn_resource_kind resource_of(const json_t *ticks, const char *name)
{
	const json_t *tick, *network;
	size_t i;

	json_array_foreach((json_t *)ticks, i, tick) {
		network = xn_series_network(tick, name);
		if (network)
			return xn_ctl_resource(network);
	}
	return XN_BANDWIDTH;
}

static void sum_rates(json_t *record, const json_t *ticks, const char *name)
{
	enum xn_resource_kind kind = resource_of(ticks, name);
	char key[XN_RESOURCE_KEY];

	if (kind != XN_BANDWIDTH)
		json_object_set_new(record, "resource", json_string(xn_quantities[kind].name));
	for (size_t i = 0; rates[i]; i++) {
		struct mean mean = mean_of(ticks, 0, name, xn_resource_key(kind, rates[i], key));

		json_object_set_new(record, key, json_real(mean.sum / (double)mean.n));
	}
}

static json_t *summary_of(const json_t *series, const char *name)
{
	const json_t *ticks = json_object_get(series, "ticks");
	const json_t *intervals = json_object_get(series, "intervals");
	json_t *record = json_pack("{s:s}", "name", name);
	struct mean mean;

	sum_rates(record, ticks, name);
	for (size_t k = 0; tick_keys[k]; k++) {
		mean = mean_of(ticks, 0, name, tick_keys[k]);
		json_object_set_new(record, tick_keys[k], json_real(mean.sum / (double)mean.n));
	}
	/* The first long interval finds its networks without history: it does not count. */
	for (size_t k = 0; interval_keys[k]; k++) {
		mean = mean_of(intervals, 1, name, interval_keys[k]);
		if (mean.n)
			json_object_set_new(record, interval_keys[k],
					    json_real(mean.sum / (double)mean.n));
	}
	if (mean.n)
		json_object_set_new(record, "conformity_min", json_real(mean.min));
	return record;
}

json_t *xn_series_summary(const json_t *series)
{
	json_t *summary = json_array(), *names = xn_series_names(series), *value;
	const char *name;

	json_object_foreach(names, name, value)
		json_array_append_new(summary, summary_of(series, name));
	json_decref(names);
	return summary;
}

/* ---- the table ----------------------------------------------------------------------------- */

static void interval_cell(struct xn_table *table, const json_t *record, const char *key)
{
	const json_t *value = json_object_get(record, key);

	xn_table_cell(table, XN_PLAIN, value ? "%.4f" : "-", json_number_value(value));
}

void xn_series_print_summary(const json_t *summary, bool colour)
{
	static const struct xn_column columns[] = {
		{ "NETWORK", false }, { "DEMAND", true }, { "THROUGHPUT", true },
		{ "PUNISHED", true }, { "WEIGHT", true }, { "EC", true },
		{ "EL", true },	      { "C", true },	  { "LOWEST C", true },
	};
	struct xn_table *table = xn_table_create(columns, N(columns));
	const json_t *record;
	size_t i;

	json_array_foreach((json_t *)summary, i, record) {
		xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(record, "name"));
		xn_table_amount(table, record, "demand");
		xn_table_amount(table, record, "throughput");
		xn_table_percent(table, XN_PLAIN, xn_ctl_number(record, "ratio"));
		xn_table_cell(table, XN_PLAIN, "%.3f", xn_ctl_number(record, "weight"));
		xn_table_cell(table, XN_PLAIN, "%.4f", xn_ctl_number(record, "ec"));
		interval_cell(table, record, "el");
		interval_cell(table, record, "conformity");
		interval_cell(table, record, "conformity_min");
	}
	xn_table_print(table, stdout, colour);
	xn_table_destroy(table);
}

static void print_extent(const json_t *series)
{
	const json_t *ticks = json_object_get(series, "ticks");
	size_t n = json_array_size(ticks),
	       intervals = json_array_size(json_object_get(series, "intervals"));
	double t = n ? xn_ctl_number(json_array_get(ticks, n - 1), "t") : 0;

	printf("Means over %zu ticks (%.6g s); El and C over %zu long interval%s after the "
	       "first.\n",
	       n, t, intervals ? intervals - 1 : 0, intervals == 2 ? "" : "s");
}

int xn_ctl_table(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "file", NULL };
	json_t *args, *series, *summary;
	struct xn_err err;

	args = xn_args_parse(names, NULL, 0, argc, argv, &err);
	series = args ? xn_series_load(xn_ctl_text(args, "file"), &err) : NULL;
	json_decref(args);
	if (!series)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "table: %s", err.text);
	summary = xn_series_summary(series);
	if (ctl->json) {
		json_decref(series);
		return xn_ctl_print_json(ctl, json_pack("{s:o}", "networks", summary));
	}
	print_extent(series);
	xn_series_print_summary(summary, ctl->colour);
	json_decref(summary);
	json_decref(series);
	return XN_EXIT_OK;
}
