// SPDX-License-Identifier: GPL-2.0-or-later
/* Definitions of networks from the words of the command line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/resource.h"
#include "core/units.h"
#include "ctl/args.h"
#include "ctl/define.h"
#include "ctl/words.h"

/* Where we are in the words and in the definition. */
struct define {
	json_t *def;
	json_t *scope; /* @def, or the entry of its schedule that was named last */
	json_t *entry; /* of the link or resource named last, NULL before the first */
	char of[64];   /* what it is of: "link eth0", "cpu", "cpu of schedule[1]" */
	enum xn_resource_kind resource; /* likewise; XN_RESOURCES: arrival */
	json_t *limit; /* the shaper or limiter of it that was named last, or NULL */
	const char *limit_name;
	json_t *given; /* set of "KEY" and "KEY of OF" that were named */
	int argc;
	char **argv;
	struct xn_err *err;
};

struct define_key {
	const char *name; /* first: words.h */
	enum xn_arg_kind kind;
	int (*apply)(struct define *d, const struct define_key *key, const char *value);
};

static json_t *list_of(json_t *def, const char *key)
{
	json_t *list = json_object_get(def, key);

	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(def, key, list);
	}
	return list;
}

/* Index of the port @device, or of the entry for @link; -1 if there is none. */
static int find_port(const json_t *ports, const char *device)
{
	for (size_t i = 0; i < json_array_size(ports); i++) {
		const char *port = json_string_value(json_array_get(ports, i));

		if (port && !strcmp(port, device))
			return (int)i;
	}
	return -1;
}

static int find_link(const json_t *bandwidth, const char *link)
{
	for (size_t i = 0; i < json_array_size(bandwidth); i++) {
		const json_t *entry = json_array_get(bandwidth, i);
		const char *name = json_string_value(json_object_get(entry, "link"));

		if (name && !strcmp(name, link))
			return (int)i;
	}
	return -1;
}

static int once(struct define *d, const struct define_key *key, const char *of)
{
	char what[XN_ARG_KEY + 48];

	snprintf(what, sizeof(what), "%s%s%s", key->name, of ? " of " : "", of ? of : "");
	if (!json_object_get(d->given, what))
		return json_object_set_new(d->given, what, json_true());
	xn_err_set(d->err, "%s: given twice", what);
	return -EINVAL;
}

static int apply_plain(struct define *d, const struct define_key *key, const char *value)
{
	json_t *json;

	if (once(d, key, NULL))
		return -EINVAL;
	json = xn_arg_value(key->kind, key->name, value, d->err);
	return json && !json_object_set_new(d->def, key->name, json) ? 0 : -EINVAL;
}

static int apply_path(struct define *d, const struct define_key *key, const char *value)
{
	if (strcmp(value, "vm") && strcmp(value, "split")) {
		xn_err_set(d->err, "data_path: \"%s\" is not a data path: write vm or split",
			   value);
		return -EINVAL;
	}
	return apply_plain(d, key, value);
}

static int apply_port(struct define *d, const struct define_key *key, const char *value)
{
	json_t *ports = list_of(d->def, "ports"), *port;

	if (find_port(ports, value) >= 0)
		return 0;
	port = xn_arg_value(XN_ARG_TEXT, key->name, value, d->err);
	return port && !json_array_append_new(ports, port) ? 0 : -EINVAL;
}

static double amount_of(const struct define *d, const char *key)
{
	const char *text = json_string_value(json_object_get(d->entry, key));
	double amount = 0;

	return text && !xn_quantities[d->resource].parse(text, &amount) ? amount : 0;
}

/*
 * The daemon tells definitions with defaults filled in. What has its default value (rl = rc + re,
 * rmax = rl) goes on following it, or nobody could raise rc alone.
 */
static void follow_defaults(struct define *d)
{
	if (amount_of(d, "rmax") == amount_of(d, "rl"))
		json_object_del(d->entry, "rmax");
	if (amount_of(d, "rl") == amount_of(d, "rc") + amount_of(d, "re"))
		json_object_del(d->entry, "rl");
}

/* Index of the entry of a schedule that says @when; -1 if there is none. */
static int find_entry(const json_t *schedule, const char *when)
{
	for (size_t i = 0; i < json_array_size(schedule); i++) {
		const json_t *entry = json_array_get(schedule, i);
		const char *text = json_string_value(json_object_get(entry, "when"));

		if (text && !strcmp(text, when))
			return (int)i;
	}
	return -1;
}

/* "schedule WHEN": what comes behind it is of that entry, which is made if there is none. */
static int apply_schedule(struct define *d, const struct define_key *key, const char *value)
{
	json_t *schedule = list_of(d->def, "schedule"), *when;
	int i = find_entry(schedule, value);

	d->entry = d->limit = NULL;
	d->scope = i < 0 ? NULL : json_array_get(schedule, (size_t)i);
	if (d->scope)
		return 0;
	when = xn_arg_value(XN_ARG_TEXT, key->name, value, d->err);
	if (!when)
		return -EINVAL;
	d->scope = json_pack("{s:o}", "when", when);
	return json_array_append_new(schedule, d->scope);
}

static int apply_day(struct define *d, const struct define_key *key, const char *value)
{
	if (d->scope != d->def)
		return json_object_set_new(d->scope, key->name, json_string(value));
	xn_err_set(d->err, "%s: of what? Write schedule WHEN %s %s", key->name, key->name, value);
	return -EINVAL;
}

/* What the next keys are of, for messages. */
static void set_of(struct define *d, const char *what, const char *name)
{
	const json_t *schedule = json_object_get(d->def, "schedule");
	size_t i = 0;

	snprintf(d->of, sizeof(d->of), "%s%.16s", what, name);
	if (d->scope == d->def)
		return;
	while (json_array_get(schedule, i) != d->scope)
		i++;
	snprintf(d->of, sizeof(d->of), "%s%.16s of schedule[%zu]", what, name, i);
}

static int apply_link(struct define *d, const struct define_key *key, const char *value)
{
	json_t *bandwidth = list_of(d->scope, "bandwidth"), *link;
	int i = find_link(bandwidth, value);

	d->resource = XN_BANDWIDTH;
	d->limit = NULL;
	set_of(d, "link ", value);
	if (i >= 0) {
		d->entry = json_array_get(bandwidth, (size_t)i);
		follow_defaults(d);
		return 0;
	}
	link = xn_arg_value(XN_ARG_TEXT, key->name, value, d->err);
	if (!link)
		return -EINVAL;
	d->entry = json_pack("{s:o}", "link", link);
	return json_array_append_new(bandwidth, d->entry);
}

/* "cpu", "memory". */
static int apply_resource(struct define *d, const struct define_key *key, const char *value)
{
	(void)value;
	d->resource = xn_resource_named(key->name);
	d->limit = NULL;
	set_of(d, "", key->name);
	d->entry = json_object_get(d->scope, key->name);
	if (json_is_object(d->entry)) {
		follow_defaults(d);
		return 0;
	}
	d->entry = json_object();
	return json_object_set_new(d->scope, key->name, d->entry);
}

/* Of the link that was named last, or else of the network. */
static int apply_priority(struct define *d, const struct define_key *key, const char *value)
{
	json_t *json;

	if (!d->entry || d->resource != XN_BANDWIDTH)
		return apply_plain(d, key, value);
	if (once(d, key, d->of))
		return -EINVAL;
	json = xn_arg_value(key->kind, key->name, value, d->err);
	return json && !json_object_set_new(d->entry, key->name, json) ? 0 : -EINVAL;
}

static int apply_arrival(struct define *d, const struct define_key *key, const char *value)
{
	(void)value;
	d->resource = XN_RESOURCES;
	d->limit = NULL;
	d->scope = d->def;
	snprintf(d->of, sizeof(d->of), "arrival");
	d->entry = json_object_get(d->def, key->name);
	if (json_is_object(d->entry))
		return 0;
	d->entry = json_object();
	return json_object_set_new(d->def, key->name, d->entry);
}

/* "shaper RATE", "limiter RATE": of the link that was named last, or at arrival. */
static int apply_limit(struct define *d, const struct define_key *key, const char *value)
{
	json_t *rate;

	if (!d->entry || d->resource == XN_CPU || d->resource == XN_MEMORY) {
		xn_err_set(d->err, "%s: where? Write link LINK %s %s, or arrival %s %s", key->name,
			   key->name, value, key->name, value);
		return -EINVAL;
	}
	if (once(d, key, d->of))
		return -EINVAL;
	rate = xn_arg_value(XN_ARG_RATE, key->name, value, d->err);
	if (!rate)
		return -EINVAL;
	d->limit = json_object_get(d->entry, key->name);
	d->limit_name = key->name;
	if (!json_is_object(d->limit)) {
		d->limit = json_object();
		json_object_set_new(d->entry, key->name, d->limit);
	}
	return json_object_set_new(d->limit, "rate", rate);
}

/* "burst BYTES", "delay TIME" of that. */
static int apply_limit_key(struct define *d, const struct define_key *key, const char *value)
{
	bool shaper = d->limit && !strcmp(d->limit_name, "shaper");
	bool burst = !strcmp(key->name, "burst");
	const char *why;
	uint64_t time;
	double bytes;

	if (!d->limit || (!burst && !shaper)) {
		xn_err_set(d->err, "%s: of what? Write shaper RATE %s %s%s", key->name, key->name,
			   value, burst ? ", or the same of limiter" : "");
		return -EINVAL;
	}
	why = burst ? xn_parse_bytes(value, &bytes) : xn_parse_time(value, &time);
	if (!why)
		return json_object_set_new(d->limit, key->name, json_string(value));
	xn_err_set(d->err, "%s: %s", key->name, why);
	return -EINVAL;
}

/* A quantity stays the text that was written, once it is known to be one of the resource. */
static json_t *sla_value(const struct define *d, const struct define_key *key, const char *value)
{
	const char *wrong;
	double amount;

	if (key->kind != XN_ARG_RATE)
		return xn_arg_value(key->kind, key->name, value, d->err);
	wrong = xn_quantities[d->resource].parse(value, &amount);
	if (wrong)
		xn_err_set(d->err, "%s: %s", key->name, wrong);
	return wrong ? NULL : json_string(value);
}

/* A key of the SLA on the link, or for the resource, named before. */
static int apply_sla(struct define *d, const struct define_key *key, const char *value)
{
	json_t *json;

	if (!d->entry || d->resource == XN_RESOURCES) {
		xn_err_set(d->err,
			   "%s: on which link? Write link LINK %s %s, or link any %s %s; or cpu or "
			   "memory before it",
			   key->name, key->name, value, key->name, value);
		return -EINVAL;
	}
	if (once(d, key, d->of))
		return -EINVAL;
	json = sla_value(d, key, value);
	return json && !json_object_set_new(d->entry, key->name, json) ? 0 : -EINVAL;
}

static int remove_item(struct define *d, const char *key, int i, const char *what)
{
	if (i < 0) {
		xn_err_set(d->err, "no %s: the network has none of that name", what);
		return -EINVAL;
	}
	return json_array_remove(json_object_get(strcmp(key, "bandwidth") ? d->def : d->scope, key),
				 (size_t)i);
}

/* Return: may it be there or not? That is all there is to "no domain", "no cpu", "no memory", "no arrival". */
static bool is_single(const char *key)
{
	return !strcmp(key, "domain") || !strcmp(key, "timezone") || !strcmp(key, "disk") ||
	       !strcmp(key, "interfaces") || !strcmp(key, "cpu") || !strcmp(key, "memory") ||
	       !strcmp(key, "arrival");
}

/* "no shaper", "no limiter" of the link named last, or at arrival. */
static int remove_limit(struct define *d, const char *key)
{
	d->limit = NULL;
	if (d->entry && json_is_object(json_object_get(d->entry, key)))
		return json_object_del(d->entry, key);
	xn_err_set(d->err, "no %s: there is none: write link LINK no %s, or arrival no %s", key,
		   key, key);
	return -EINVAL;
}

/* "no port DEV", "no link LINK", "no schedule WHEN", "no domain", "no cpu", "no memory", "no arrival", "no shaper", "no limiter". */
static int apply_no(struct define *d, const struct define_key *key, const char *value)
{
	const char *name = d->argc ? d->argv[0] : NULL;

	(void)key;
	if (is_single(value)) {
		json_object_del(d->scope, value);
		d->entry = d->limit = NULL;
		return 0;
	}
	if (!strcmp(value, "shaper") || !strcmp(value, "limiter"))
		return remove_limit(d, value);
	if (strcmp(value, "port") && strcmp(value, "link") && strcmp(value, "schedule")) {
		xn_err_set(d->err,
			   "no %s: only no port DEV, no link LINK, no schedule WHEN, no domain, no "
			   "cpu, no "
			   "memory, no arrival, no shaper, no limiter, no timezone, no disk and no "
			   "interfaces",
			   value);
		return -EINVAL;
	}
	if (!name) {
		xn_err_set(d->err, "no %s: which one? Its name is missing", value);
		return -EINVAL;
	}
	d->argc--;
	d->argv++;
	d->entry = d->limit = NULL;
	if (!strcmp(value, "port"))
		return remove_item(d, "ports", find_port(json_object_get(d->def, "ports"), name),
				   "port");
	if (!strcmp(value, "schedule")) {
		d->scope = d->def;
		return remove_item(d, "schedule",
				   find_entry(json_object_get(d->def, "schedule"), name),
				   "schedule");
	}
	return remove_item(d, "bandwidth", find_link(json_object_get(d->scope, "bandwidth"), name),
			   "link");
}

static const struct define_key keys[] = {
	{ "data_path", XN_ARG_TEXT, apply_path },
	{ "domain", XN_ARG_TEXT, apply_plain },
	{ "priority", XN_ARG_COUNT, apply_priority },
	{ "port", XN_ARG_TEXT, apply_port },
	{ "link", XN_ARG_TEXT, apply_link },
	{ "rc", XN_ARG_RATE, apply_sla },
	{ "re", XN_ARG_RATE, apply_sla },
	{ "rl", XN_ARG_RATE, apply_sla },
	{ "rmax", XN_ARG_RATE, apply_sla },
	{ "restricted", XN_ARG_ONOFF, apply_sla },
	{ "cpu", XN_ARG_FLAG, apply_resource },
	{ "memory", XN_ARG_FLAG, apply_resource },
	{ "shaper", XN_ARG_RATE, apply_limit },
	{ "limiter", XN_ARG_RATE, apply_limit },
	{ "burst", XN_ARG_TEXT, apply_limit_key },
	{ "delay", XN_ARG_TEXT, apply_limit_key },
	{ "arrival", XN_ARG_FLAG, apply_arrival },
	{ "timezone", XN_ARG_TEXT, apply_plain },
	{ "disk", XN_ARG_TEXT, apply_plain },
	{ "interfaces", XN_ARG_COUNT, apply_plain },
	{ "schedule", XN_ARG_TEXT, apply_schedule },
	{ "first_day", XN_ARG_TEXT, apply_day },
	{ "last_day", XN_ARG_TEXT, apply_day },
	{ "no", XN_ARG_TEXT, apply_no },
};

/* Take "KEY VALUE", "--KEY VALUE" or "--KEY=VALUE" from the words. */
static int take_key(struct define *d)
{
	struct xn_words words = XN_WORDS(keys, sizeof(keys) / sizeof(keys[0]));
	char name[XN_ARG_KEY], text[400];
	const char *value = xn_arg_split(d->argv[0], name, sizeof(name));
	int i = xn_words_find(&words, name), n;

	if (i < 0) {
		xn_err_set(d->err, "%s",
			   xn_words_complain(&words, "key", name, i, text, sizeof(text)));
		return -EINVAL;
	}
	if (keys[i].kind == XN_ARG_FLAG && value) {
		xn_err_set(d->err, "%s: takes no value", keys[i].name);
		return -EINVAL;
	}
	n = value || keys[i].kind == XN_ARG_FLAG ? 1 : 2;
	if (d->argc < n) {
		xn_err_set(d->err, "%s: its value is missing", keys[i].name);
		return -EINVAL;
	}
	if (!value && n > 1)
		value = d->argv[1];
	d->argc -= n;
	d->argv += n;
	return keys[i].apply(d, &keys[i], value) ? -EINVAL : 0;
}

int xn_ctl_define(json_t *def, int argc, char **argv, struct xn_err *err)
{
	struct define d = { .def = def,
			    .scope = def,
			    .given = json_object(),
			    .argc = argc,
			    .argv = argv,
			    .err = err };
	int ret = 0;

	while (d.argc && !ret)
		ret = take_key(&d);
	json_decref(d.given);
	return ret;
}
