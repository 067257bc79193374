// SPDX-License-Identifier: GPL-2.0-or-later
/* One network's definition: YAML -> struct xn_definition, checked as far as it can be alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/definition.h"
#include "common/schema.h"
#include "core/units.h"

/* What is in the file. Quantities are text until their units are understood. */
struct raw_bandwidth {
	char *link;
	char *rc, *re, *rl, *rmax;
	bool restricted;
};

struct raw_definition {
	char *name;
	enum xn_path path;
	char *domain;
	unsigned int priority;
	char **ports;
	size_t n_ports;
	struct raw_bandwidth *bandwidth;
	size_t n_bandwidth;
};

#define QUANTITY_MAX 64 /* bytes of a quantity as written */
#define PORTS_MAX    4096
#define ENTRIES_MAX  65 /* XNETMAN_LINKS_MAX and "any" */
#define PRIORITY_MAX 7

static const cyaml_strval_t path_names[] = {
	{ "vm", XN_PATH_VM },
	{ "split", XN_PATH_SPLIT },
};

#define OPT CYAML_FLAG_OPTIONAL
static const cyaml_schema_field_t bandwidth_fields[] = {
	CYAML_FIELD_STRING_PTR("link", 0, struct raw_bandwidth, link, 0, QUANTITY_MAX),
	CYAML_FIELD_STRING_PTR("rc", OPT, struct raw_bandwidth, rc, 0, QUANTITY_MAX),
	CYAML_FIELD_STRING_PTR("re", OPT, struct raw_bandwidth, re, 0, QUANTITY_MAX),
	CYAML_FIELD_STRING_PTR("rl", OPT, struct raw_bandwidth, rl, 0, QUANTITY_MAX),
	CYAML_FIELD_STRING_PTR("rmax", OPT, struct raw_bandwidth, rmax, 0, QUANTITY_MAX),
	CYAML_FIELD_BOOL("restricted", OPT, struct raw_bandwidth, restricted),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t bandwidth_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_bandwidth, bandwidth_fields),
};

static const cyaml_schema_value_t port_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, QUANTITY_MAX),
};

static const cyaml_schema_field_t definition_fields[] = {
	CYAML_FIELD_STRING_PTR("name", OPT, struct raw_definition, name, 0, 255),
	CYAML_FIELD_ENUM("path", OPT | CYAML_FLAG_STRICT, struct raw_definition, path, path_names,
			 CYAML_ARRAY_LEN(path_names)),
	CYAML_FIELD_STRING_PTR("domain", OPT, struct raw_definition, domain, 0, 255),
	CYAML_FIELD_UINT("priority", OPT, struct raw_definition, priority),
	CYAML_FIELD_SEQUENCE_COUNT("ports", OPT | CYAML_FLAG_POINTER, struct raw_definition, ports,
				   n_ports, &port_schema, 0, PORTS_MAX),
	CYAML_FIELD_SEQUENCE_COUNT("bandwidth", OPT | CYAML_FLAG_POINTER, struct raw_definition,
				   bandwidth, n_bandwidth, &bandwidth_schema, 0, ENTRIES_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t definition_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_definition, definition_fields),
};

/* --- one entry of bandwidth ---------------------------------------------------------------- */

/* Where a value is, to read it and to complain of it. */
struct place {
	const struct xn_source *source;
	struct xn_err *err;
	size_t index;
};

static bool fail(const struct place *at, const char *key, const char *value, const char *why)
{
	char path[XN_KEY_MAX];

	snprintf(path, sizeof(path), "bandwidth[%zu].%s", at->index, key);
	if (value)
		xn_source_err(at->source, at->err, path, "\"%s\" %s", value, why);
	else
		xn_source_err(at->source, at->err, path, "%s", why);
	return false;
}

static bool read_rate(const struct place *at, const char *key, const char *text, double fallback,
		      double *rate)
{
	const char *why;

	*rate = fallback;
	if (!text)
		return true;
	why = xn_parse_rate(text, rate);
	return why ? fail(at, key, NULL, why) : true;
}

/* How a rate was written; NULL: it was not. */
static const char *written(const struct raw_bandwidth *raw, const char *key)
{
	const struct {
		const char *key, *text;
	} rates[] = {
		{ "rc", raw->rc }, { "re", raw->re }, { "rl", raw->rl }, { "rmax", raw->rmax }
	};

	for (size_t i = 0; i < CYAML_ARRAY_LEN(rates); i++)
		if (!strcmp(rates[i].key, key))
			return rates[i].text;
	return NULL;
}

static bool read_sla(const struct place *at, const struct raw_bandwidth *raw, struct xn_sla *sla)
{
	const char *key, *why;

	sla->restricted = raw->restricted;
	if (!read_rate(at, "rc", raw->rc, 0, &sla->rc) ||
	    !read_rate(at, "re", raw->re, 0, &sla->re) ||
	    !read_rate(at, "rl", raw->rl, xn_sla_guarantee(sla), &sla->rl) ||
	    !read_rate(at, "rmax", raw->rmax, sla->rl, &sla->rmax))
		return false;
	why = xn_sla_check(sla, INFINITY, &key);
	return why ? fail(at, key, written(raw, key), why) : true;
}

static bool check_entry_link(const struct place *at, const struct xn_definition *def,
			     const char *link)
{
	const char *why = xn_device_name_check(link);
	char text[80];

	if (why)
		return fail(at, "link", link, why);
	for (size_t i = 0; i < at->index; i++) {
		if (strcmp(def->bandwidth[i].link, link))
			continue;
		snprintf(text, sizeof(text), "has an entry already, bandwidth[%zu]: remove one", i);
		return fail(at, "link", link, text);
	}
	return true;
}

static bool read_bandwidth(const struct xn_source *source, struct raw_definition *raw,
			   struct xn_definition *def, struct xn_err *err)
{
	struct place at = { source, err, 0 };

	def->bandwidth = calloc(raw->n_bandwidth + 1, sizeof(*def->bandwidth));
	if (!def->bandwidth) {
		xn_err_set(err, "%s: out of memory", source->shown);
		return false;
	}
	for (; at.index < raw->n_bandwidth; at.index++) {
		struct raw_bandwidth *entry = &raw->bandwidth[at.index];
		struct xn_bandwidth *out = &def->bandwidth[at.index];

		if (!check_entry_link(&at, def, entry->link) || !read_sla(&at, entry, &out->sla))
			return false;
		out->link = entry->link;
		entry->link = NULL;
		def->n_bandwidth++;
	}
	return true;
}

/* --- the network --------------------------------------------------------------------------- */

static bool check_name(const struct xn_source *source, const char *written, const char *name,
		       bool need_name, struct xn_err *err)
{
	const char *why = xn_network_name_check(written ? written : name);

	if (why)
		xn_source_err(source, err, "name", "\"%.80s\" %s", written ? written : name, why);
	else if (!written && need_name)
		xn_source_err(source, err, "name", "is missing: add name: %s", name);
	else
		return true;
	return false;
}

static bool check_domain(const struct xn_source *source, const char *domain, struct xn_err *err)
{
	if (!domain || !domain[strcspn(domain, " \t\r\n/")])
		return true;
	xn_source_err(source, err, "domain",
		      "\"%.80s\" is no name of a domain: write its name or UUID", domain);
	return false;
}

static bool check_ports(const struct xn_source *source, const struct raw_definition *raw,
			struct xn_err *err)
{
	char key[XN_KEY_MAX];

	for (size_t i = 0; i < raw->n_ports; i++) {
		const char *why = xn_device_name_check(raw->ports[i]);

		if (!why)
			continue;
		snprintf(key, sizeof(key), "ports[%zu]", i);
		xn_source_err(source, err, key, "\"%s\" %s", raw->ports[i], why);
		return false;
	}
	return true;
}

static bool check_raw(const struct xn_source *source, const struct raw_definition *raw,
		      const char *name, bool need_name, struct xn_err *err)
{
	if (!check_name(source, raw->name, name, need_name, err) ||
	    !check_domain(source, raw->domain, err) || !check_ports(source, raw, err))
		return false;
	if (raw->priority <= PRIORITY_MAX)
		return true;
	xn_source_err(source, err, "priority", "%u is out of range: write 0 (lowest) to %d",
		      raw->priority, PRIORITY_MAX);
	return false;
}

/* Strings and lists change hands; what is left in @raw can still be freed. */
static struct xn_definition *convert(const struct xn_source *source, struct raw_definition *raw,
				     const char *name, struct xn_err *err)
{
	struct xn_definition *def = calloc(1, sizeof(*def));

	if (!def)
		goto no_memory;
	def->name = strdup(raw->name ? raw->name : name);
	if (!def->name)
		goto no_memory;
	if (!read_bandwidth(source, raw, def, err))
		goto free_def;
	def->path = raw->path;
	def->priority = raw->priority;
	def->domain = raw->domain;
	def->ports = raw->ports;
	def->n_ports = raw->n_ports;
	raw->domain = NULL;
	raw->ports = NULL;
	raw->n_ports = 0;
	return def;
no_memory:
	xn_err_set(err, "%s: out of memory", source->shown);
free_def:
	xn_definition_free(def);
	return NULL;
}

static struct xn_definition *check_and_convert(const struct xn_source *source,
					       struct raw_definition *raw, const char *name,
					       bool need_name, struct xn_err *err)
{
	return check_raw(source, raw, name, need_name, err) ? convert(source, raw, name, err)
							    : NULL;
}

struct xn_definition *xn_definition_parse(const struct xn_source *source, const char *name,
					  bool need_name, struct xn_err *err)
{
	struct raw_definition none = { .path = XN_PATH_VM }, *raw;
	struct xn_definition *def;

	if (!xn_source_root(source))
		return check_and_convert(source, &none, name, need_name, err);
	raw = xn_schema_load(source, &definition_schema, err);
	if (!raw)
		return NULL;
	def = check_and_convert(source, raw, name, need_name, err);
	xn_schema_free(&definition_schema, raw);
	return def;
}

void xn_definition_free(struct xn_definition *def)
{
	if (!def)
		return;
	for (size_t i = 0; i < def->n_bandwidth; i++)
		free(def->bandwidth[i].link);
	for (size_t i = 0; i < def->n_ports; i++)
		free(def->ports[i]);
	free(def->bandwidth);
	free(def->ports);
	free(def->domain);
	free(def->name);
	free(def);
}

ssize_t xn_definition_entry(const struct xn_definition *def, const char *link)
{
	ssize_t any = -1;

	for (size_t i = 0; i < def->n_bandwidth; i++) {
		if (!strcmp(def->bandwidth[i].link, link))
			return i;
		if (!strcmp(def->bandwidth[i].link, "any"))
			any = i;
	}
	return any;
}

const struct xn_sla *xn_definition_sla(const struct xn_definition *def, const char *link)
{
	ssize_t i = xn_definition_entry(def, link);

	return i < 0 ? NULL : &def->bandwidth[i].sla;
}

/* --- JSON ---------------------------------------------------------------------------------- */

static json_t *rate_json(double bps)
{
	char text[XN_UNIT_TEXT];

	return json_string(xn_format_rate_exact(bps, text, sizeof(text)));
}

static json_t *bandwidth_json(const struct xn_bandwidth *entry)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:b}", "link", entry->link, "rc",
			 rate_json(entry->sla.rc), "re", rate_json(entry->sla.re), "rl",
			 rate_json(entry->sla.rl), "rmax", rate_json(entry->sla.rmax), "restricted",
			 (int)entry->sla.restricted);
}

json_t *xn_definition_json(const struct xn_definition *def)
{
	json_t *ports = json_array(), *bandwidth = json_array();

	for (size_t i = 0; i < def->n_ports; i++)
		json_array_append_new(ports, json_string(def->ports[i]));
	for (size_t i = 0; i < def->n_bandwidth; i++)
		json_array_append_new(bandwidth, bandwidth_json(&def->bandwidth[i]));
	return json_pack("{s:s, s:s, s:s*, s:i, s:o, s:o}", "name", def->name, "path",
			 path_names[def->path].str, "domain", def->domain, "priority",
			 (int)def->priority, "ports", ports, "bandwidth", bandwidth);
}
