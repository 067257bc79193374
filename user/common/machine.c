// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine's definition, xnetman.yaml: YAML -> struct xn_machine. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/xnetman.h>

#include "common/address.h"
#include "common/definition.h"
#include "common/keep.h"
#include "common/machine.h"
#include "common/schema.h"
#include "core/units.h"

/* What is in the file. Quantities are text until their units are understood. */
struct raw_link {
	char *name;
	char *capacity;
	enum xn_link_qos qos;
	enum xn_link_guard guard;
	char *overbooking;
};

struct raw_channel {
	char *listen;
};

struct raw_machine {
	char *short_interval, *long_interval, *lease;
	enum xn_policy policy;
	unsigned int sampler;
	char *mark_mask;
	struct raw_link *links;
	size_t n_links;
	char *capacity[XN_RESOURCES]; /* but [XN_BANDWIDTH] */
	char *disk;
	unsigned int interfaces;
	struct raw_channel *channel;
	struct xn_raw_history *history;
	struct xn_raw_reports *reports;
};

#define MSEC	 1000000ULL
#define SEC	 (1000 * MSEC)
#define TEXT_MAX 64 /* bytes of a value as written */

#define IC_DEFAULT SEC
#define IC_MIN	   (50 * MSEC)
#define IC_MAX	   (60 * SEC)
#define IL_DEFAULT (15 * SEC)
#define IL_MAX	   (24 * 3600 * SEC)
#define LEASE_MAX  (XNETMAN_LEASE_MAX_MS * MSEC)

#define OVERBOOKING_MIN 0.01
#define OVERBOOKING_MAX 100
#define INTERFACES_MAX	1000000

static const cyaml_strval_t policy_names[] = {
	{ "xnetman", XN_POLICY_XNETMAN },
	{ "xnetmon", XN_POLICY_XNETMON },
	{ "off", XN_POLICY_OFF },
};

static const cyaml_strval_t sampler_names[] = {
	{ "systematic", XNETMAN_SAMPLER_SYSTEMATIC },
	{ "bernoulli", XNETMAN_SAMPLER_BERNOULLI },
};

static const cyaml_strval_t qos_names[] = {
	{ "auto", XN_QOS_AUTO },
	{ "on", XN_QOS_ON },
	{ "off", XN_QOS_OFF },
};

static const cyaml_strval_t guard_names[] = {
	{ "on", XN_GUARD_ON },
	{ "off", XN_GUARD_OFF },
};

#define OPT    CYAML_FLAG_OPTIONAL
#define STRICT (CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT)
static const cyaml_schema_field_t link_fields[] = {
	CYAML_FIELD_STRING_PTR("name", 0, struct raw_link, name, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("capacity", 0, struct raw_link, capacity, 0, TEXT_MAX),
	CYAML_FIELD_ENUM("qos", STRICT, struct raw_link, qos, qos_names,
			 CYAML_ARRAY_LEN(qos_names)),
	CYAML_FIELD_ENUM("guard", STRICT, struct raw_link, guard, guard_names,
			 CYAML_ARRAY_LEN(guard_names)),
	CYAML_FIELD_STRING_PTR("overbooking", OPT, struct raw_link, overbooking, 0, TEXT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t link_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_link, link_fields),
};

static const cyaml_schema_field_t channel_fields[] = {
	CYAML_FIELD_STRING_PTR("listen", 0, struct raw_channel, listen, 0, TEXT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t machine_fields[] = {
	CYAML_FIELD_STRING_PTR("short_interval", OPT, struct raw_machine, short_interval, 0,
			       TEXT_MAX),
	CYAML_FIELD_STRING_PTR("long_interval", OPT, struct raw_machine, long_interval, 0,
			       TEXT_MAX),
	CYAML_FIELD_ENUM("policy", STRICT, struct raw_machine, policy, policy_names,
			 CYAML_ARRAY_LEN(policy_names)),
	CYAML_FIELD_ENUM("sampler", STRICT, struct raw_machine, sampler, sampler_names,
			 CYAML_ARRAY_LEN(sampler_names)),
	CYAML_FIELD_STRING_PTR("lease", OPT, struct raw_machine, lease, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("mark_mask", OPT, struct raw_machine, mark_mask, 0, TEXT_MAX),
	CYAML_FIELD_SEQUENCE_COUNT("links", OPT | CYAML_FLAG_POINTER, struct raw_machine, links,
				   n_links, &link_schema, 0, XNETMAN_LINKS_MAX),
	CYAML_FIELD_STRING_PTR("cpu", OPT, struct raw_machine, capacity[XN_CPU], 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("memory", OPT, struct raw_machine, capacity[XN_MEMORY], 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("disk", OPT, struct raw_machine, disk, 0, TEXT_MAX),
	CYAML_FIELD_UINT("interfaces", OPT, struct raw_machine, interfaces),
	CYAML_FIELD_MAPPING_PTR("channel", OPT, struct raw_machine, channel, channel_fields),
	CYAML_FIELD_MAPPING_PTR("history", OPT, struct raw_machine, history, xn_history_fields),
	CYAML_FIELD_MAPPING_PTR("reports", OPT, struct raw_machine, reports, xn_reports_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t machine_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_machine, machine_fields),
};

/* --- intervals ----------------------------------------------------------------------------- */

static bool read_time(const struct xn_source *source, const char *key, const char *text,
		      uint64_t fallback, uint64_t *time, struct xn_err *err)
{
	const char *why;

	*time = fallback;
	if (!text)
		return true;
	why = xn_parse_time(text, time);
	if (why)
		xn_source_err(source, err, key, "%s", why);
	return !why;
}

static bool check_range(const struct xn_source *source, const char *key, uint64_t time,
			uint64_t min, uint64_t max, struct xn_err *err)
{
	char text[XN_UNIT_TEXT], low[XN_UNIT_TEXT], high[XN_UNIT_TEXT];

	if (time >= min && time <= max)
		return true;
	xn_source_err(source, err, key, "%s is out of range: write %s to %s",
		      xn_format_time(time, text, sizeof(text)),
		      xn_format_time(min, low, sizeof(low)),
		      xn_format_time(max, high, sizeof(high)));
	return false;
}

/* The line to blame is the one that is there: either interval may be left to its default. */
static bool check_multiple(const struct xn_source *source, const struct raw_machine *raw,
			   const struct xn_machine *machine, struct xn_err *err)
{
	uint64_t above = (machine->il / machine->ic + 1) * machine->ic;
	char il[XN_UNIT_TEXT], ic[XN_UNIT_TEXT], next[XN_UNIT_TEXT];

	if (!(machine->il % machine->ic))
		return true;
	xn_source_err(source, err, raw->long_interval ? "long_interval" : "short_interval",
		      "the long interval, %s%s, is no multiple of the short one, %s: "
		      "write long_interval: %s",
		      xn_format_time(machine->il, il, sizeof(il)),
		      raw->long_interval ? "" : " by default",
		      xn_format_time(machine->ic, ic, sizeof(ic)),
		      xn_format_time(above, next, sizeof(next)));
	return false;
}

static bool read_times(const struct xn_source *source, const struct raw_machine *raw,
		       struct xn_machine *machine, struct xn_err *err)
{
	return read_time(source, "short_interval", raw->short_interval, IC_DEFAULT, &machine->ic,
			 err) &&
	       check_range(source, "short_interval", machine->ic, IC_MIN, IC_MAX, err) &&
	       read_time(source, "long_interval", raw->long_interval, IL_DEFAULT, &machine->il,
			 err) &&
	       check_multiple(source, raw, machine, err) &&
	       check_range(source, "long_interval", machine->il, machine->ic, IL_MAX, err) &&
	       read_time(source, "lease", raw->lease, 3 * machine->ic, &machine->lease, err) &&
	       check_range(source, "lease", machine->lease, 2 * machine->ic, LEASE_MAX, err);
}

/* --- mark ---------------------------------------------------------------------------------- */

static bool contiguous(uint32_t mask)
{
	uint32_t lowest = mask & -mask;

	return !(mask & (mask + lowest));
}

static bool read_mark(const struct xn_source *source, const char *text, uint32_t *mask,
		      struct xn_err *err)
{
	unsigned long long value;
	const char *why = NULL;
	char *end;

	*mask = 0;
	if (!text)
		return true;
	errno = 0;
	value = strtoull(text, &end, 0);
	if (*end || end == text || strchr("+- ", *text))
		why = "is not a number: write 0, or bits such as 0xfff00000";
	else if (errno || value > UINT32_MAX)
		why = "has more than 32 bits: write 0, or bits such as 0xfff00000";
	else if (!contiguous(value))
		why = "is not contiguous: set bits that are next to each other, such as "
		      "0xfff00000";
	if (why)
		xn_source_err(source, err, "mark_mask", "\"%s\" %s", text, why);
	*mask = value;
	return !why;
}

/* --- links --------------------------------------------------------------------------------- */

const char *xn_capacity_parse(enum xn_resource_kind resource, const char *text, double *capacity)
{
	static _Thread_local char clause[128];
	const char *why = xn_quantities[resource].parse(text, capacity);

	if (why || *capacity > 0)
		return why;
	snprintf(clause, sizeof(clause), "0 is no capacity: write %s",
		 xn_quantities[resource].capacity);
	return clause;
}

static bool fail_link(const struct xn_source *source, size_t i, const char *key, const char *value,
		      const char *why, struct xn_err *err)
{
	char path[XN_KEY_MAX];

	snprintf(path, sizeof(path), "links[%zu].%s", i, key);
	if (value)
		xn_source_err(source, err, path, "\"%s\" %s", value, why);
	else
		xn_source_err(source, err, path, "%s", why);
	return false;
}

/* Return: NULL, or a clause that says what is wrong and what to write. */
static const char *read_overbooking(const char *text, double *factor)
{
	char *end;

	*factor = 1;
	if (!text)
		return NULL;
	if (strspn(text, "0123456789.") != strlen(text) || !strpbrk(text, "0123456789"))
		return "is no factor: write a number such as 1.5; 1 sells what there is";
	*factor = strtod(text, &end);
	if (*end || !(*factor >= OVERBOOKING_MIN && *factor <= OVERBOOKING_MAX))
		return "is no factor: write a number from 0.01 to 100; 1 sells what there is";
	return NULL;
}

static bool read_link(const struct xn_source *source, size_t i, struct raw_link *raw,
		      struct xn_machine *machine, struct xn_err *err)
{
	const char *why = xn_device_name_check(raw->name);

	if (!why && !strcmp(raw->name, "any"))
		why = "means every link in networks.d: write the name of a device";
	if (!why && xn_machine_link(machine, raw->name))
		why = "is a link already: remove one of the two";
	if (!why && xn_resource_of_row(raw->name) != XN_BANDWIDTH)
		why = "is the name of a resource that is no link: rename the device";
	if (why)
		return fail_link(source, i, "name", raw->name, why, err);
	why = xn_capacity_parse(XN_BANDWIDTH, raw->capacity, &machine->links[i].capacity);
	if (why)
		return fail_link(source, i, "capacity", NULL, why, err);
	why = read_overbooking(raw->overbooking, &machine->links[i].overbooking);
	if (why)
		return fail_link(source, i, "overbooking", raw->overbooking, why, err);
	machine->links[i].qos = raw->qos;
	machine->links[i].guard = raw->guard;
	machine->links[i].name = raw->name;
	raw->name = NULL;
	machine->n_links++;
	return true;
}

static bool read_links(const struct xn_source *source, struct raw_machine *raw,
		       struct xn_machine *machine, struct xn_err *err)
{
	machine->links = calloc(raw->n_links + 1, sizeof(*machine->links));
	if (!machine->links) {
		xn_err_set(err, "xnetman.yaml: out of memory");
		return false;
	}
	for (size_t i = 0; i < raw->n_links; i++)
		if (!read_link(source, i, &raw->links[i], machine, err))
			return false;
	return true;
}

/* --- CPU and memory ------------------------------------------------------------------------ */

static bool read_capacity(const struct xn_source *source, enum xn_resource_kind resource,
			  const char *text, double *capacity, struct xn_err *err)
{
	const char *why = text ? xn_capacity_parse(resource, text, capacity) : NULL;

	if (why)
		xn_source_err(source, err, xn_quantities[resource].name, "%s", why);
	return !why;
}

/* --- disk and interfaces ------------------------------------------------------------------- */

static bool read_disk(const struct xn_source *source, const char *text, double *disk,
		      struct xn_err *err)
{
	const char *why = text ? xn_parse_bytes(text, disk) : NULL;

	if (text && !why && *disk <= 0)
		why = "0 is no disk: write what there is for routers' images, as 100GiB, or remove "
		      "it";
	if (why)
		xn_source_err(source, err, "disk", "%s", why);
	return !why;
}

static bool read_interfaces(const struct xn_source *source, unsigned int raw,
			    unsigned int *interfaces, struct xn_err *err)
{
	*interfaces = raw;
	if (raw <= INTERFACES_MAX)
		return true;
	xn_source_err(source, err, "interfaces", "%u is out of range: write 1 to %d", raw,
		      INTERFACES_MAX);
	return false;
}

/* --- channel ------------------------------------------------------------------------------- */

static bool read_channel(const struct xn_source *source, struct raw_channel *raw,
			 struct xn_machine *machine, struct xn_err *err)
{
	struct xn_socket_address address;
	const char *why = raw ? xn_address_parse(raw->listen, &address) : NULL;

	if (why)
		xn_source_err(source, err, "channel.listen", "\"%s\" %s", raw->listen, why);
	if (why || !raw)
		return !why;
	machine->channel_listen = raw->listen;
	raw->listen = NULL;
	return true;
}

/* --- the machine --------------------------------------------------------------------------- */

static bool convert(const struct xn_source *source, struct raw_machine *raw,
		    struct xn_machine *machine, struct xn_err *err)
{
	machine->policy = raw->policy;
	machine->sampler = raw->sampler;
	return read_times(source, raw, machine, err) &&
	       read_mark(source, raw->mark_mask, &machine->mark_mask, err) &&
	       read_links(source, raw, machine, err) &&
	       read_capacity(source, XN_CPU, raw->capacity[XN_CPU], &machine->capacity[XN_CPU],
			     err) &&
	       read_capacity(source, XN_MEMORY, raw->capacity[XN_MEMORY],
			     &machine->capacity[XN_MEMORY], err) &&
	       read_disk(source, raw->disk, &machine->disk, err) &&
	       read_interfaces(source, raw->interfaces, &machine->interfaces, err) &&
	       read_channel(source, raw->channel, machine, err) &&
	       xn_keep_read(source, raw->history, &machine->keep, err) &&
	       xn_reports_read(source, raw->reports, &machine->reports, err);
}

bool xn_machine_parse(const struct xn_source *source, struct xn_machine *machine,
		      struct xn_err *err)
{
	struct raw_machine none = { .policy = XN_POLICY_XNETMAN }, *raw;
	bool ok;

	memset(machine, 0, sizeof(*machine));
	if (!source || !xn_source_root(source))
		return convert(source, &none, machine, err);
	raw = xn_schema_load(source, &machine_schema, err);
	if (!raw)
		return false;
	ok = convert(source, raw, machine, err);
	xn_schema_free(&machine_schema, raw);
	return ok;
}

void xn_machine_free(struct xn_machine *machine)
{
	for (size_t i = 0; i < machine->n_links; i++)
		free(machine->links[i].name);
	free(machine->links);
	free(machine->channel_listen);
	free(machine->reports.folder);
	memset(machine, 0, sizeof(*machine));
}

const struct xn_link_def *xn_machine_link(const struct xn_machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->n_links; i++)
		if (!strcmp(machine->links[i].name, name))
			return &machine->links[i];
	return NULL;
}

const char *xn_link_qos_name(enum xn_link_qos qos)
{
	return qos_names[qos].str;
}

/* Return: its value, -1: there is none. */
static int find_name(const cyaml_strval_t *names, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i].str, text))
			return names[i].val;
	return -1;
}

bool xn_link_qos_parse(const char *text, enum xn_link_qos *qos)
{
	int value = find_name(qos_names, CYAML_ARRAY_LEN(qos_names), text);

	*qos = value < 0 ? XN_QOS_AUTO : value;
	return value >= 0;
}

const char *xn_link_guard_name(enum xn_link_guard guard)
{
	return guard_names[guard].str;
}

bool xn_link_guard_parse(const char *text, enum xn_link_guard *guard)
{
	int value = find_name(guard_names, CYAML_ARRAY_LEN(guard_names), text);

	*guard = value < 0 ? XN_GUARD_ON : value;
	return value >= 0;
}

static json_t *link_json(const struct xn_link_def *link)
{
	char text[XN_UNIT_TEXT];

	return json_pack("{s:s, s:s, s:s, s:s, s:f}", "name", link->name, "capacity",
			 xn_format_rate_exact(link->capacity, text, sizeof(text)), "qos",
			 xn_link_qos_name(link->qos), "guard", xn_link_guard_name(link->guard),
			 "overbooking", link->overbooking);
}

json_t *xn_machine_json(const struct xn_machine *machine)
{
	char ic[XN_UNIT_TEXT], il[XN_UNIT_TEXT], lease[XN_UNIT_TEXT], capacity[XN_UNIT_TEXT];
	json_t *links = json_array(), *json;

	for (size_t i = 0; i < machine->n_links; i++)
		json_array_append_new(links, link_json(&machine->links[i]));
	json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o}", "short_interval",
			 xn_format_time(machine->ic, ic, sizeof(ic)), "long_interval",
			 xn_format_time(machine->il, il, sizeof(il)), "policy",
			 policy_names[machine->policy].str, "sampler",
			 sampler_names[machine->sampler].str, "lease",
			 xn_format_time(machine->lease, lease, sizeof(lease)), "mark_mask",
			 (json_int_t)machine->mark_mask, "links", links);
	for (size_t r = XN_CPU; r < XN_RESOURCES; r++)
		if (machine->capacity[r] > 0)
			json_object_set_new(
				json, xn_quantities[r].name,
				json_string(xn_quantities[r].format_exact(
					machine->capacity[r], capacity, sizeof(capacity))));
	if (json && machine->disk > 0)
		json_object_set_new(json, "disk",
				    json_string(xn_format_bytes_exact(machine->disk, capacity,
								      sizeof(capacity))));
	if (json && machine->interfaces)
		json_object_set_new(json, "interfaces", json_integer(machine->interfaces));
	if (json && machine->channel_listen)
		json_object_set_new(json, "channel",
				    json_pack("{ss}", "listen", machine->channel_listen));
	json_object_set_new(json, "history", xn_keep_json(&machine->keep));
	json_object_set_new(json, "reports", xn_reports_json(&machine->reports));
	return json;
}
