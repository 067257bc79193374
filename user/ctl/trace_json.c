// SPDX-License-Identifier: GPL-2.0-or-later
/* Demand traces as JSON: one object with settings, networks and their demand. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "common/source.h"
#include "core/units.h"
#include "ctl/trace.h"

#define KEY_MAX 128

struct reader {
	struct xn_trace *trace;
	const char *path;
	const char *text; /* of the file */
	size_t size;
	struct xn_err *err;
};

/*
 * jansson does not keep lines. JSON is YAML as well, and the reader of definitions knows on which
 * line a key is: it is asked when there is something to complain of.
 */
__attribute__((format(printf, 3, 4))) static int fail(const struct reader *r, const char *key,
						      const char *fmt, ...)
{
	char what[sizeof(r->err->text)];
	struct xn_source *source;
	struct xn_err ignored;
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	source = xn_source_text(r->path, r->text, r->size, &ignored);
	if (source)
		xn_source_err(source, r->err, key, "%s", what);
	else
		xn_err_set(r->err, "%s: %s: %s", r->path, key, what);
	xn_source_free(source);
	return -EINVAL;
}

/* What people wrote, as in the other format; 0 and booleans need no quotes. NULL: neither. */
static const char *text_of(const json_t *value)
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_boolean(value))
		return json_is_true(value) ? "true" : "false";
	return json_is_number(value) && json_number_value(value) == 0 ? "0" : NULL;
}

#define NO_TEXT "is not text: write it with its unit in quotes, such as \"50Mbit\""

static int read_rate(const struct reader *r, const char *key, const json_t *value, double *bps)
{
	const char *text = text_of(value), *wrong;

	wrong = text ? xn_parse_rate(text, bps) : NO_TEXT;
	return wrong ? fail(r, key, "%s", wrong) : 0;
}

/* --- networks --- */

static int read_sla(const struct reader *r, size_t i, const json_t *network)
{
	char path[KEY_MAX];
	const char *key, *wrong = NULL;
	json_t *value;

	json_object_foreach((json_t *)network, key, value) {
		if (!strcmp(key, "name") || !strcmp(key, "demand"))
			continue;
		wrong = text_of(value) ? xn_trace_set_sla(r->trace, key, text_of(value)) : NO_TEXT;
		if (wrong)
			break;
	}
	if (!wrong)
		wrong = xn_trace_end_sla(r->trace, &key);
	if (!wrong)
		return 0;
	snprintf(path, sizeof(path), "networks[%zu].%s", i, key);
	return fail(r, path, "%s", wrong);
}

static int read_network(const struct reader *r, size_t i, const json_t *network)
{
	const json_t *name = json_object_get(network, "name");
	char path[KEY_MAX];
	const char *wrong;

	snprintf(path, sizeof(path), "networks[%zu]", i);
	if (!json_is_object(network))
		return fail(r, path, "is no object: write {\"name\": ..., \"demand\": ...}");
	snprintf(path, sizeof(path), "networks[%zu].name", i);
	if (!json_is_string(name))
		return fail(r, path, "is missing or no text: write \"name\": \"net1\"");
	wrong = xn_trace_add_network(r->trace, json_string_value(name));
	if (wrong)
		return fail(r, path, "%s: %s", json_string_value(name), wrong);
	return read_sla(r, i, network);
}

/* --- demand --- */

/* One figure of a list, or the one rate for all ticks. */
static int read_demand(const struct reader *r, size_t i, const json_t *demand)
{
	struct xn_trace *trace = r->trace;
	bool is_list = json_is_array(demand);
	char path[KEY_MAX];

	for (size_t k = 0; k < trace->n_ticks; k++) {
		snprintf(path, sizeof(path),
			 is_list ? "networks[%zu].demand[%zu]" : "networks[%zu].demand", i, k);
		if (read_rate(r, path, is_list ? json_array_get(demand, k) : demand,
			      &trace->demand[k * trace->n_networks + i]))
			return -EINVAL;
	}
	return 0;
}

/* Ticks that the top or the lists of demand say; they must agree. */
static int count_ticks(const struct reader *r, const json_t *root, size_t *ticks)
{
	const json_t *said = json_object_get(root, "ticks"), *network;
	char path[KEY_MAX];
	size_t i;

	*ticks = 0;
	if (said && json_integer_value(said) <= 0)
		return fail(r, "ticks", "is no number above 0: write how many there are");
	if (said)
		*ticks = json_integer_value(said);
	json_array_foreach(json_object_get(root, "networks"), i, network) {
		const json_t *demand = json_object_get(network, "demand");
		size_t n = json_array_size(demand);

		snprintf(path, sizeof(path), "networks[%zu].demand", i);
		if (!demand)
			return fail(r, path,
				    "is missing: write a rate, or a list with one for each tick");
		if (!json_is_array(demand))
			continue;
		if (!n)
			return fail(r, path, "is empty: write a rate for each tick");
		if (*ticks && n != *ticks)
			return fail(r, path, "has %zu ticks, others %zu: write as many", n, *ticks);
		*ticks = n;
	}
	return *ticks ? 0 : fail(r, "ticks", "is missing: write how many there are");
}

/* --- the whole --- */

static int read_settings(const struct reader *r, const json_t *root)
{
	const char *key, *wrong;
	json_t *value;

	json_object_foreach((json_t *)root, key, value) {
		if (!strcmp(key, "networks") || !strcmp(key, "ticks"))
			continue;
		wrong = text_of(value) ? xn_trace_set(r->trace, key, text_of(value)) : NO_TEXT;
		if (wrong)
			return fail(r, key, "%s", wrong);
	}
	wrong = xn_trace_check_intervals(r->trace);
	return wrong ? fail(r, "long_interval", "%s", wrong) : 0;
}

static int read_root(const struct reader *r, const json_t *root)
{
	const json_t *networks = json_object_get(root, "networks"), *network;
	const char *wrong;
	size_t i, ticks;

	if (read_settings(r, root))
		return -EINVAL;
	if (!json_array_size(networks))
		return fail(r, "networks", "is missing or no list: write [{\"name\": ...}, ...]");
	json_array_foreach((json_t *)networks, i, network)
		if (read_network(r, i, network))
			return -EINVAL;
	if (count_ticks(r, root, &ticks))
		return -EINVAL;
	wrong = xn_trace_resize(r->trace, ticks);
	if (wrong)
		return fail(r, "ticks", "%s", wrong);
	json_array_foreach((json_t *)networks, i, network)
		if (read_demand(r, i, json_object_get(network, "demand")))
			return -EINVAL;
	return 0;
}

int xn_trace_read_json(struct xn_trace *trace, const char *path, const char *text, size_t size,
		       struct xn_err *err)
{
	struct reader r = { trace, path, text, size, err };
	json_error_t error;
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	int ret;

	if (!root) {
		xn_err_set(err, "%s:%d: not JSON: %s: check commas, quotes and brackets", path,
			   error.line, error.text);
		return -EINVAL;
	}
	ret = read_root(&r, root);
	json_decref(root);
	return ret;
}
