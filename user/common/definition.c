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
struct raw_limit {
	char *rate, *burst;
	char *delay; /* of a shaper */
};

struct raw_arrival {
	struct raw_limit *shaper, *limiter;
};

struct raw_sla {
	char *link; /* of bandwidth only, and so is all from priority on */
	char *rc, *re, *rl, *rmax;
	bool restricted;
	unsigned int *priority;
	struct raw_limit *shaper, *limiter;
};

struct raw_definition {
	char *name;
	enum xn_path path;
	char *domain;
	unsigned int priority;
	char **ports;
	size_t n_ports;
	struct raw_sla *bandwidth;
	size_t n_bandwidth;
	struct raw_sla *cpu, *memory;
	struct raw_arrival *arrival;
};

#define QUANTITY_MAX 64 /* bytes of a quantity as written */
#define PORTS_MAX    4096
#define ENTRIES_MAX  65 /* XNETMAN_LINKS_MAX and "any" */

static const cyaml_strval_t path_names[] = {
	{ "vm", XN_PATH_VM },
	{ "split", XN_PATH_SPLIT },
};

#define OPT CYAML_FLAG_OPTIONAL
#define SLA_FIELDS                                                                          \
	CYAML_FIELD_STRING_PTR("rc", OPT, struct raw_sla, rc, 0, QUANTITY_MAX),             \
		CYAML_FIELD_STRING_PTR("re", OPT, struct raw_sla, re, 0, QUANTITY_MAX),     \
		CYAML_FIELD_STRING_PTR("rl", OPT, struct raw_sla, rl, 0, QUANTITY_MAX),     \
		CYAML_FIELD_STRING_PTR("rmax", OPT, struct raw_sla, rmax, 0, QUANTITY_MAX), \
		CYAML_FIELD_BOOL("restricted", OPT, struct raw_sla, restricted)

#define LIMIT_FIELDS                                                                \
	CYAML_FIELD_STRING_PTR("rate", 0, struct raw_limit, rate, 0, QUANTITY_MAX), \
		CYAML_FIELD_STRING_PTR("burst", OPT, struct raw_limit, burst, 0, QUANTITY_MAX)

static const cyaml_schema_field_t shaper_fields[] = {
	LIMIT_FIELDS,
	CYAML_FIELD_STRING_PTR("delay", OPT, struct raw_limit, delay, 0, QUANTITY_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t limiter_fields[] = {
	LIMIT_FIELDS,
	CYAML_FIELD_END,
};

#define LIMITS_FIELDS(type)                                                                       \
	CYAML_FIELD_MAPPING_PTR("shaper", OPT | CYAML_FLAG_POINTER, type, shaper, shaper_fields), \
		CYAML_FIELD_MAPPING_PTR("limiter", OPT | CYAML_FLAG_POINTER, type, limiter,       \
					limiter_fields)

static const cyaml_schema_field_t arrival_fields[] = {
	LIMITS_FIELDS(struct raw_arrival),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t bandwidth_fields[] = {
	CYAML_FIELD_STRING_PTR("link", 0, struct raw_sla, link, 0, QUANTITY_MAX),
	SLA_FIELDS,
	CYAML_FIELD_UINT_PTR("priority", OPT | CYAML_FLAG_POINTER, struct raw_sla, priority),
	LIMITS_FIELDS(struct raw_sla),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t sla_fields[] = {
	SLA_FIELDS,
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t bandwidth_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_sla, bandwidth_fields),
};

static const cyaml_schema_value_t port_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, QUANTITY_MAX),
};

static const cyaml_schema_field_t definition_fields[] = {
	CYAML_FIELD_STRING_PTR("name", OPT, struct raw_definition, name, 0, 255),
	CYAML_FIELD_ENUM("data_path", OPT | CYAML_FLAG_STRICT, struct raw_definition, path,
			 path_names, CYAML_ARRAY_LEN(path_names)),
	CYAML_FIELD_STRING_PTR("domain", OPT, struct raw_definition, domain, 0, 255),
	CYAML_FIELD_UINT("priority", OPT, struct raw_definition, priority),
	CYAML_FIELD_SEQUENCE_COUNT("ports", OPT | CYAML_FLAG_POINTER, struct raw_definition, ports,
				   n_ports, &port_schema, 0, PORTS_MAX),
	CYAML_FIELD_SEQUENCE_COUNT("bandwidth", OPT | CYAML_FLAG_POINTER, struct raw_definition,
				   bandwidth, n_bandwidth, &bandwidth_schema, 0, ENTRIES_MAX),
	CYAML_FIELD_MAPPING_PTR("cpu", OPT | CYAML_FLAG_POINTER, struct raw_definition, cpu,
				sla_fields),
	CYAML_FIELD_MAPPING_PTR("memory", OPT | CYAML_FLAG_POINTER, struct raw_definition, memory,
				sla_fields),
	CYAML_FIELD_MAPPING_PTR("arrival", OPT | CYAML_FLAG_POINTER, struct raw_definition, arrival,
				arrival_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t definition_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_definition, definition_fields),
};

/* --- one SLA ------------------------------------------------------------------------------- */

/* Where a value is, to read it and to complain of it. */
struct place {
	const struct xn_source *source;
	struct xn_err *err;
	enum xn_resource_kind resource;
	size_t index;	     /* of the entry of bandwidth */
	const char *section; /* instead of all that: the key that it is below; may be NULL */
};

static bool fail(const struct place *at, const char *key, const char *value, const char *why)
{
	char path[XN_KEY_MAX];

	if (at->section)
		snprintf(path, sizeof(path), "%s.%s", at->section, key);
	else if (at->resource == XN_BANDWIDTH)
		snprintf(path, sizeof(path), "bandwidth[%zu].%s", at->index, key);
	else
		snprintf(path, sizeof(path), "%s.%s", xn_quantities[at->resource].name, key);
	if (value)
		xn_source_err(at->source, at->err, path, "\"%s\" %s", value, why);
	else
		xn_source_err(at->source, at->err, path, "%s", why);
	return false;
}

static bool read_amount(const struct place *at, const char *key, const char *text, double fallback,
			double *amount)
{
	const char *why;

	*amount = fallback;
	if (!text)
		return true;
	why = xn_quantities[at->resource].parse(text, amount);
	return why ? fail(at, key, NULL, why) : true;
}

/* How an amount was written; NULL: it was not. */
static const char *written(const struct raw_sla *raw, const char *key)
{
	const struct {
		const char *key, *text;
	} amounts[] = {
		{ "rc", raw->rc }, { "re", raw->re }, { "rl", raw->rl }, { "rmax", raw->rmax }
	};

	for (size_t i = 0; i < CYAML_ARRAY_LEN(amounts); i++)
		if (!strcmp(amounts[i].key, key))
			return amounts[i].text;
	return NULL;
}

static bool read_sla(const struct place *at, const struct raw_sla *raw, struct xn_sla *sla)
{
	const char *key, *why;

	sla->restricted = raw->restricted;
	if (!read_amount(at, "rc", raw->rc, 0, &sla->rc) ||
	    !read_amount(at, "re", raw->re, 0, &sla->re) ||
	    !read_amount(at, "rl", raw->rl, xn_sla_guarantee(sla), &sla->rl) ||
	    !read_amount(at, "rmax", raw->rmax, sla->rl, &sla->rmax))
		return false;
	why = xn_sla_check(sla, INFINITY, &key);
	return why ? fail(at, key, written(raw, key), why) : true;
}

/* --- QoS ----------------------------------------------------------------------------------- */

static bool read_limit(const struct place *at, const char *what, const struct raw_limit *raw,
		       double *rate, double *burst)
{
	char key[XN_KEY_MAX];
	const char *why = xn_parse_rate(raw->rate, rate);

	snprintf(key, sizeof(key), "%s.rate", what);
	if (!why && *rate <= 0)
		why = "0 is no rate: write 8kbit or more, or remove it";
	if (why)
		return fail(at, key, NULL, why);
	snprintf(key, sizeof(key), "%s.burst", what);
	why = raw->burst ? xn_parse_bytes(raw->burst, burst) : NULL;
	if (!why && raw->burst && *burst <= 0)
		why = "0 is no burst: write 2KiB or more, or remove it";
	return why ? fail(at, key, NULL, why) : true;
}

static bool read_shaper(const struct place *at, const struct raw_limit *raw,
			struct xn_shaper *shaper)
{
	const char *why;

	shaper->delay = XN_QOS_DELAY;
	if (!read_limit(at, "shaper", raw, &shaper->rate, &shaper->burst))
		return false;
	why = raw->delay ? xn_parse_time(raw->delay, &shaper->delay) : NULL;
	return why ? fail(at, "shaper.delay", NULL, why) : true;
}

static bool read_limits(const struct place *at, const struct raw_limit *shaper,
			const struct raw_limit *limiter, double guarantee, struct xn_limits *limits)
{
	const char *key, *why;

	if (shaper && !read_shaper(at, shaper, &limits->shaper))
		return false;
	if (limiter &&
	    !read_limit(at, "limiter", limiter, &limits->limiter.rate, &limits->limiter.burst))
		return false;
	why = xn_limits_check(limits, guarantee, &key);
	return why ? fail(at, key, NULL, why) : true;
}

static bool read_priority(const struct place *at, const unsigned int *raw, int *priority)
{
	char text[16];

	*priority = -1;
	if (!raw)
		return true;
	if (*raw > XN_QOS_PRIORITY_MAX) {
		snprintf(text, sizeof(text), "%u", *raw);
		return fail(at, "priority", text, "is out of range: write 0 (lowest) to 7");
	}
	*priority = *raw;
	return true;
}

static bool read_qos(const struct place *at, const struct raw_sla *raw, struct xn_bandwidth *out)
{
	return read_priority(at, raw->priority, &out->priority) &&
	       read_limits(at, raw->shaper, raw->limiter, xn_sla_guarantee(&out->sla),
			   &out->limits);
}

static bool read_arrival(const struct xn_source *source, const struct raw_arrival *raw,
			 struct xn_definition *def, struct xn_err *err)
{
	struct place at = { source, err, XN_BANDWIDTH, 0, "arrival" };

	return !raw || read_limits(&at, raw->shaper, raw->limiter, 0, &def->arrival);
}

/* --- entries of bandwidth ------------------------------------------------------------------ */

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
	struct place at = { source, err, XN_BANDWIDTH, 0 };

	def->bandwidth = calloc(raw->n_bandwidth + 1, sizeof(*def->bandwidth));
	if (!def->bandwidth) {
		xn_err_set(err, "%s: out of memory", source->shown);
		return false;
	}
	for (; at.index < raw->n_bandwidth; at.index++) {
		struct raw_sla *entry = &raw->bandwidth[at.index];
		struct xn_bandwidth *out = &def->bandwidth[at.index];

		if (!check_entry_link(&at, def, entry->link) || !read_sla(&at, entry, &out->sla) ||
		    !read_qos(&at, entry, out))
			return false;
		out->link = entry->link;
		entry->link = NULL;
		def->n_bandwidth++;
	}
	return true;
}

static bool read_sold(const struct xn_source *source, enum xn_resource_kind resource,
		      const struct raw_sla *raw, struct xn_definition *def, struct xn_err *err)
{
	struct place at = { source, err, resource, 0 };

	def->sold[resource].given = raw;
	return !raw || read_sla(&at, raw, &def->sold[resource].sla);
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
	if (raw->priority <= XN_QOS_PRIORITY_MAX)
		return true;
	xn_source_err(source, err, "priority", "%u is out of range: write 0 (lowest) to %d",
		      raw->priority, XN_QOS_PRIORITY_MAX);
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
	if (!read_bandwidth(source, raw, def, err) ||
	    !read_sold(source, XN_CPU, raw->cpu, def, err) ||
	    !read_sold(source, XN_MEMORY, raw->memory, def, err) ||
	    !read_arrival(source, raw->arrival, def, err))
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

unsigned int xn_definition_priority(const struct xn_definition *def, const char *link)
{
	ssize_t i = xn_definition_entry(def, link);

	return i >= 0 && def->bandwidth[i].priority >= 0 ? (unsigned int)def->bandwidth[i].priority
							 : def->priority;
}

const struct xn_limits *xn_definition_limits(const struct xn_definition *def, const char *link)
{
	ssize_t i = xn_definition_entry(def, link);

	return i >= 0 && xn_limits_any(&def->bandwidth[i].limits) ? &def->bandwidth[i].limits
								  : NULL;
}

/* --- JSON ---------------------------------------------------------------------------------- */

static json_t *amount_json(enum xn_resource_kind resource, double amount)
{
	char text[XN_UNIT_TEXT];

	return json_string(xn_quantities[resource].format_exact(amount, text, sizeof(text)));
}

static json_t *sla_json(enum xn_resource_kind resource, const struct xn_sla *sla)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:b}", "rc", amount_json(resource, sla->rc), "re",
			 amount_json(resource, sla->re), "rl", amount_json(resource, sla->rl),
			 "rmax", amount_json(resource, sla->rmax), "restricted",
			 (int)sla->restricted);
}

static json_t *limit_json(double rate, double burst)
{
	char text[XN_UNIT_TEXT];
	json_t *json = json_pack("{s:s}", "rate", xn_format_rate_exact(rate, text, sizeof(text)));

	if (burst > 0)
		json_object_set_new(json, "burst",
				    json_string(xn_format_bytes_exact(burst, text, sizeof(text))));
	return json;
}

static void limits_json(json_t *json, const struct xn_limits *limits)
{
	char text[XN_UNIT_TEXT];
	json_t *shaper;

	if (limits->shaper.rate > 0) {
		shaper = limit_json(limits->shaper.rate, limits->shaper.burst);
		json_object_set_new(
			shaper, "delay",
			json_string(xn_format_time(limits->shaper.delay, text, sizeof(text))));
		json_object_set_new(json, "shaper", shaper);
	}
	if (limits->limiter.rate > 0)
		json_object_set_new(json, "limiter",
				    limit_json(limits->limiter.rate, limits->limiter.burst));
}

static json_t *arrival_json(const struct xn_limits *limits)
{
	json_t *json = json_object();

	limits_json(json, limits);
	return json;
}

static json_t *bandwidth_json(const struct xn_bandwidth *entry)
{
	json_t *json = sla_json(XN_BANDWIDTH, &entry->sla);

	json_object_set_new(json, "link", json_string(entry->link));
	if (entry->priority >= 0)
		json_object_set_new(json, "priority", json_integer(entry->priority));
	limits_json(json, &entry->limits);
	return json;
}

json_t *xn_definition_json(const struct xn_definition *def)
{
	json_t *ports = json_array(), *bandwidth = json_array(), *json;

	for (size_t i = 0; i < def->n_ports; i++)
		json_array_append_new(ports, json_string(def->ports[i]));
	for (size_t i = 0; i < def->n_bandwidth; i++)
		json_array_append_new(bandwidth, bandwidth_json(&def->bandwidth[i]));
	json = json_pack("{s:s, s:s, s:s*, s:i, s:o, s:o}", "name", def->name, "data_path",
			 path_names[def->path].str, "domain", def->domain, "priority",
			 (int)def->priority, "ports", ports, "bandwidth", bandwidth);
	for (size_t r = XN_CPU; r < XN_RESOURCES; r++)
		if (def->sold[r].given)
			json_object_set_new(json, xn_quantities[r].name,
					    sla_json(r, &def->sold[r].sla));
	if (xn_limits_any(&def->arrival))
		json_object_set_new(json, "arrival", arrival_json(&def->arrival));
	return json;
}
