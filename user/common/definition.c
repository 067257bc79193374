// SPDX-License-Identifier: GPL-2.0-or-later
/* One network's definition: YAML -> struct xn_definition, checked as far as it can be alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/definition.h"
#include "common/locate.h"
#include "common/schema.h"
#include "common/zones.h"
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

struct raw_period {
	char *when;
	char *first_day, *last_day;
	struct raw_sla *bandwidth;
	size_t n_bandwidth;
	struct raw_sla *cpu, *memory;
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
	char *timezone;
	struct raw_period *schedule;
	size_t n_schedule;
	char *disk;
	unsigned int *interfaces;
};

#define QUANTITY_MAX   64 /* bytes of a quantity as written */
#define PORTS_MAX      4096
#define ENTRIES_MAX    65 /* XNETMAN_LINKS_MAX and "any" */
#define INTERFACES_MAX 4096

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

static const cyaml_schema_field_t period_bandwidth_fields[] = {
	CYAML_FIELD_STRING_PTR("link", 0, struct raw_sla, link, 0, QUANTITY_MAX),
	SLA_FIELDS,
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t period_bandwidth_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_sla, period_bandwidth_fields),
};

static const cyaml_schema_field_t period_fields[] = {
	CYAML_FIELD_STRING_PTR("when", 0, struct raw_period, when, 0, XN_WHEN_TEXT_MAX),
	CYAML_FIELD_STRING_PTR("first_day", OPT, struct raw_period, first_day, 0, QUANTITY_MAX),
	CYAML_FIELD_STRING_PTR("last_day", OPT, struct raw_period, last_day, 0, QUANTITY_MAX),
	CYAML_FIELD_SEQUENCE_COUNT("bandwidth", OPT | CYAML_FLAG_POINTER, struct raw_period,
				   bandwidth, n_bandwidth, &period_bandwidth_schema, 0,
				   ENTRIES_MAX),
	CYAML_FIELD_MAPPING_PTR("cpu", OPT | CYAML_FLAG_POINTER, struct raw_period, cpu,
				sla_fields),
	CYAML_FIELD_MAPPING_PTR("memory", OPT | CYAML_FLAG_POINTER, struct raw_period, memory,
				sla_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t period_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_period, period_fields),
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
	CYAML_FIELD_STRING_PTR("timezone", OPT, struct raw_definition, timezone, 0, QUANTITY_MAX),
	CYAML_FIELD_SEQUENCE_COUNT("schedule", OPT | CYAML_FLAG_POINTER, struct raw_definition,
				   schedule, n_schedule, &period_schema, 0, XN_SCHEDULE_MAX),
	CYAML_FIELD_STRING_PTR("disk", OPT, struct raw_definition, disk, 0, QUANTITY_MAX),
	CYAML_FIELD_UINT_PTR("interfaces", OPT | CYAML_FLAG_POINTER, struct raw_definition,
			     interfaces),
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
	const char *within;  /* "schedule[0].", or NULL */
};

static const char *key_of(const struct place *at, const char *key, char *path)
{
	const char *within = at->within ? at->within : "";

	if (at->section)
		snprintf(path, XN_KEY_MAX, "%s.%s", at->section, key);
	else if (at->resource == XN_BANDWIDTH)
		snprintf(path, XN_KEY_MAX, "%sbandwidth[%zu].%s", within, at->index, key);
	else
		snprintf(path, XN_KEY_MAX, "%s%s.%s", within, xn_quantities[at->resource].name,
			 key);
	return path;
}

static bool fail(const struct place *at, const char *key, const char *value, const char *why)
{
	char path[XN_KEY_MAX];

	key_of(at, key, path);
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

static size_t line_of(const struct place *at, const char *key)
{
	char path[XN_KEY_MAX];

	return xn_locate((yaml_document_t *)&at->source->doc, key_of(at, key, path));
}

static bool read_sla(const struct place *at, const struct raw_sla *raw, struct xn_sla *sla,
		     struct xn_sla_lines *lines)
{
	const char *key, *why;

	sla->restricted = raw->restricted;
	if (!read_amount(at, "rc", raw->rc, 0, &sla->rc) ||
	    !read_amount(at, "re", raw->re, 0, &sla->re) ||
	    !read_amount(at, "rl", raw->rl, xn_sla_guarantee(sla), &sla->rl) ||
	    !read_amount(at, "rmax", raw->rmax, sla->rl, &sla->rmax))
		return false;
	why = xn_sla_check(sla, INFINITY, &key);
	if (why)
		return fail(at, key, written(raw, key), why);
	lines->guarantee = line_of(at, sla->rc >= sla->re ? "rc" : "re");
	lines->rl = line_of(at, raw->rl ? "rl" : sla->rc >= sla->re ? "rc" : "re");
	return true;
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

static bool check_entry_link(const struct place *at, const struct xn_bandwidth *list,
			     const char *link)
{
	const char *why = xn_device_name_check(link);
	char text[80];

	if (why)
		return fail(at, "link", link, why);
	for (size_t i = 0; i < at->index; i++) {
		if (strcmp(list[i].link, link))
			continue;
		snprintf(text, sizeof(text), "has an entry already, bandwidth[%zu]: remove one", i);
		return fail(at, "link", link, text);
	}
	return true;
}

/* Entries of @raw into a list that has room for them; @n counts those that are there. */
static bool read_entries(struct place *at, struct raw_sla *raw, size_t n_raw,
			 struct xn_bandwidth *list, size_t *n)
{
	at->resource = XN_BANDWIDTH;
	for (at->index = 0; at->index < n_raw; at->index++) {
		struct raw_sla *entry = &raw[at->index];
		struct xn_bandwidth *out = &list[at->index];

		if (!check_entry_link(at, list, entry->link) ||
		    !read_sla(at, entry, &out->sla, &out->lines) || !read_qos(at, entry, out))
			return false;
		out->link = entry->link;
		entry->link = NULL;
		++*n;
	}
	return true;
}

static bool out_of_memory(const struct place *at)
{
	xn_err_set(at->err, "%s: out of memory", at->source->shown);
	return false;
}

static bool read_bandwidth(const struct xn_source *source, struct raw_definition *raw,
			   struct xn_definition *def, struct xn_err *err)
{
	struct place at = { source, err, XN_BANDWIDTH, 0 };

	def->bandwidth = calloc(raw->n_bandwidth + 1, sizeof(*def->bandwidth));
	if (!def->bandwidth)
		return out_of_memory(&at);
	return read_entries(&at, raw->bandwidth, raw->n_bandwidth, def->bandwidth,
			    &def->n_bandwidth);
}

static bool read_sold(struct place *at, enum xn_resource_kind resource, const struct raw_sla *raw,
		      struct xn_sold *sold)
{
	at->resource = resource;
	sold[resource].given = raw;
	return !raw || read_sla(at, raw, &sold[resource].sla, &sold[resource].lines);
}

static bool read_solds(const struct xn_source *source, struct raw_definition *raw,
		       struct xn_definition *def, struct xn_err *err)
{
	struct place at = { source, err };

	return read_sold(&at, XN_CPU, raw->cpu, def->sold) &&
	       read_sold(&at, XN_MEMORY, raw->memory, def->sold);
}

/* --- the schedule -------------------------------------------------------------------------- */

static bool read_timezone(const struct xn_source *source, const char *name,
			  struct xn_definition *def, struct xn_err *err)
{
	const char *why = NULL;

	def->zone = xn_zone_get(name ? name : "UTC", &why);
	if (!def->zone)
		xn_source_err(source, err, "timezone", "\"%s\" %s", name, why);
	return def->zone;
}

static bool fail_period(const struct place *at, const char *key, const char *value, const char *why)
{
	char path[XN_KEY_MAX];

	snprintf(path, sizeof(path), "%s%s", at->within, key);
	xn_source_err(at->source, at->err, path, "\"%s\" %s", value, why);
	return false;
}

static bool read_day(const struct place *at, const char *key, const char *text, int32_t *day)
{
	const char *why = text ? xn_parse_day(text, day) : NULL;

	return why ? fail_period(at, key, text, why) : true;
}

static bool read_when(const struct place *at, const struct raw_period *raw, struct xn_when *when)
{
	const char *why = xn_when_parse(raw->when, when);

	if (why)
		return fail_period(at, "when", raw->when, why);
	if (!read_day(at, "first_day", raw->first_day, &when->first_day) ||
	    !read_day(at, "last_day", raw->last_day, &when->last_day))
		return false;
	if (xn_when_first(when, xn_day_of((struct xn_date){ XN_YEAR_MIN, 1, 1 })) != XN_DAY_NEVER)
		return true;
	if (raw->last_day)
		return fail_period(
			at, "last_day", raw->last_day,
			"is before the first day on which the entry would hold: raise it");
	return fail_period(at, "first_day", raw->first_day,
			   "is after the last day on which the entry would hold: lower it");
}

/* Shapers and limiters stay: no entry may be promised more than they let pass. */
static bool check_period_limits(const struct place *period, const struct xn_definition *def,
				const struct xn_bandwidth *entry)
{
	struct place at = *period;
	const char *key, *why;

	at.resource = XN_BANDWIDTH;
	for (size_t i = 0; i < def->n_bandwidth; i++) {
		const struct xn_bandwidth *base = &def->bandwidth[i];

		if (strcmp(base->link, entry->link) && strcmp(entry->link, "any") &&
		    strcmp(base->link, "any"))
			continue;
		why = xn_limits_check(&base->limits, xn_sla_guarantee(&entry->sla), &key);
		if (why)
			return fail(&at, entry->sla.rc >= entry->sla.re ? "rc" : "re", NULL, why);
	}
	return true;
}

static bool read_period(struct place *at, struct raw_period *raw, const struct xn_definition *def,
			struct xn_period *period, struct xn_when *when)
{
	if (!read_when(at, raw, when))
		return false;
	if (!raw->n_bandwidth && !raw->cpu && !raw->memory)
		return fail_period(at, "when", raw->when,
				   "changes nothing: add bandwidth, cpu or memory");
	period->bandwidth = calloc(raw->n_bandwidth + 1, sizeof(*period->bandwidth));
	if (!period->bandwidth)
		return out_of_memory(at);
	if (!read_entries(at, raw->bandwidth, raw->n_bandwidth, period->bandwidth,
			  &period->n_bandwidth) ||
	    !read_sold(at, XN_CPU, raw->cpu, period->sold) ||
	    !read_sold(at, XN_MEMORY, raw->memory, period->sold))
		return false;
	for (size_t i = 0; i < period->n_bandwidth; i++) {
		at->index = i;
		if (!check_period_limits(at, def, &period->bandwidth[i]))
			return false;
	}
	period->when = raw->when;
	raw->when = NULL;
	return true;
}

static bool read_schedule(const struct xn_source *source, struct raw_definition *raw,
			  struct xn_definition *def, struct xn_err *err)
{
	char within[XN_KEY_MAX];
	struct place at = { source, err, .within = within };

	def->periods = calloc(raw->n_schedule + 1, sizeof(*def->periods));
	def->when = calloc(raw->n_schedule + 1, sizeof(*def->when));
	if (!def->periods || !def->when)
		return out_of_memory(&at);
	for (size_t i = 0; i < raw->n_schedule; i++) {
		snprintf(within, sizeof(within), "schedule[%zu].", i);
		def->n_periods++;
		if (!read_period(&at, &raw->schedule[i], def, &def->periods[i], &def->when[i]))
			return false;
	}
	return true;
}

/* --- what the router takes of the machine ---------------------------------------------------- */

static bool read_needs(const struct xn_source *source, const struct raw_definition *raw,
		       struct xn_definition *def, struct xn_err *err)
{
	const char *why = raw->disk ? xn_parse_bytes(raw->disk, &def->disk) : NULL;

	if (why) {
		xn_source_err(source, err, "disk", "%s", why);
		return false;
	}
	if (!raw->interfaces)
		return true;
	def->interfaces = *raw->interfaces;
	if (def->interfaces >= 1 && def->interfaces <= INTERFACES_MAX)
		return true;
	xn_source_err(source, err, "interfaces", "%u is out of range: write 1 to %d",
		      def->interfaces, INTERFACES_MAX);
	return false;
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
	def->shown = strdup(source->shown);
	if (!def->name || !def->shown)
		goto no_memory;
	if (!read_bandwidth(source, raw, def, err) || !read_solds(source, raw, def, err) ||
	    !read_arrival(source, raw->arrival, def, err) ||
	    !read_timezone(source, raw->timezone, def, err) ||
	    !read_schedule(source, raw, def, err) || !read_needs(source, raw, def, err))
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

static void free_entries(struct xn_bandwidth *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i].link);
	free(list);
}

void xn_definition_free(struct xn_definition *def)
{
	if (!def)
		return;
	free_entries(def->bandwidth, def->n_bandwidth);
	for (size_t i = 0; i < def->n_periods; i++) {
		free_entries(def->periods[i].bandwidth, def->periods[i].n_bandwidth);
		free(def->periods[i].when);
	}
	for (size_t i = 0; i < def->n_ports; i++)
		free(def->ports[i]);
	xn_zone_put(def->zone);
	free(def->periods);
	free(def->when);
	free(def->ports);
	free(def->domain);
	free(def->shown);
	free(def->name);
	free(def);
}

ssize_t xn_bandwidth_entry(const struct xn_bandwidth *list, size_t n, const char *link)
{
	ssize_t any = -1;

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(list[i].link, link))
			return i;
		if (!strcmp(list[i].link, "any"))
			any = i;
	}
	return any;
}

static ssize_t entry_of(const struct xn_definition *def, const char *link)
{
	return xn_bandwidth_entry(def->bandwidth, def->n_bandwidth, link);
}

const struct xn_sla *xn_definition_sla(const struct xn_definition *def, const char *link)
{
	ssize_t i = entry_of(def, link);

	return i < 0 ? NULL : &def->bandwidth[i].sla;
}

struct xn_schedule xn_definition_schedule(const struct xn_definition *def)
{
	return (struct xn_schedule){ def->zone, def->when, def->n_periods };
}

/* What an entry of the schedule says of it; NULL: nothing. */
static const struct xn_sla *period_sla(const struct xn_period *period,
				       enum xn_resource_kind resource, const char *link)
{
	ssize_t i;

	if (resource != XN_BANDWIDTH)
		return period->sold[resource].given ? &period->sold[resource].sla : NULL;
	i = xn_bandwidth_entry(period->bandwidth, period->n_bandwidth, link);
	return i < 0 ? NULL : &period->bandwidth[i].sla;
}

const struct xn_sla *xn_definition_sla_in(const struct xn_definition *def,
					  enum xn_resource_kind resource, const char *link,
					  uint32_t held)
{
	const struct xn_sla *sla = NULL;

	for (size_t i = def->n_periods; i-- && !sla;)
		if (held >> i & 1)
			sla = period_sla(&def->periods[i], resource, link);
	if (sla)
		return sla;
	if (resource == XN_BANDWIDTH)
		return xn_definition_sla(def, link);
	return def->sold[resource].given ? &def->sold[resource].sla : NULL;
}

unsigned int xn_definition_interfaces(const struct xn_definition *def)
{
	return def->interfaces ? def->interfaces : def->n_ports;
}

unsigned int xn_definition_priority(const struct xn_definition *def, const char *link)
{
	ssize_t i = entry_of(def, link);

	return i >= 0 && def->bandwidth[i].priority >= 0 ? (unsigned int)def->bandwidth[i].priority
							 : def->priority;
}

const struct xn_limits *xn_definition_limits(const struct xn_definition *def, const char *link)
{
	ssize_t i = entry_of(def, link);

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

static json_t *entry_json(const struct xn_bandwidth *entry)
{
	json_t *json = sla_json(XN_BANDWIDTH, &entry->sla);

	json_object_set_new(json, "link", json_string(entry->link));
	return json;
}

static json_t *bandwidth_json(const struct xn_bandwidth *entry)
{
	json_t *json = entry_json(entry);

	if (entry->priority >= 0)
		json_object_set_new(json, "priority", json_integer(entry->priority));
	limits_json(json, &entry->limits);
	return json;
}

static void day_json(json_t *json, const char *key, int32_t day)
{
	char text[16];

	if (day != XN_DAY_NEVER)
		json_object_set_new(json, key, json_string(xn_format_day(day, text, sizeof(text))));
}

static json_t *period_json(const struct xn_period *period, const struct xn_when *when)
{
	json_t *json = json_pack("{s:s}", "when", period->when), *bandwidth;

	day_json(json, "first_day", when->first_day);
	day_json(json, "last_day", when->last_day);
	for (size_t i = 0; i < period->n_bandwidth; i++) {
		bandwidth = json_object_get(json, "bandwidth");
		if (!bandwidth)
			json_object_set_new(json, "bandwidth", bandwidth = json_array());
		json_array_append_new(bandwidth, entry_json(&period->bandwidth[i]));
	}
	for (size_t r = XN_CPU; r < XN_RESOURCES; r++)
		if (period->sold[r].given)
			json_object_set_new(json, xn_quantities[r].name,
					    sla_json(r, &period->sold[r].sla));
	return json;
}

static void schedule_json(json_t *json, const struct xn_definition *def)
{
	json_t *schedule = json_array();

	for (size_t i = 0; i < def->n_periods; i++)
		json_array_append_new(schedule, period_json(&def->periods[i], &def->when[i]));
	json_object_set_new(json, "schedule", schedule);
}

static void needs_json(json_t *json, const struct xn_definition *def)
{
	char text[XN_UNIT_TEXT];

	if (def->disk > 0)
		json_object_set_new(
			json, "disk",
			json_string(xn_format_bytes_exact(def->disk, text, sizeof(text))));
	if (def->interfaces)
		json_object_set_new(json, "interfaces", json_integer(def->interfaces));
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
	if (def->zone != &xn_zone_utc)
		json_object_set_new(json, "timezone", json_string(def->zone->name));
	if (def->n_periods)
		schedule_json(json, def);
	needs_json(json, def);
	return json;
}
