// SPDX-License-Identifier: GPL-2.0-or-later
/* Definitions of networks from the words of the command line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/units.h"
#include "ctl/args.h"
#include "ctl/define.h"
#include "ctl/words.h"

/* Where we are in the words and in the definition. */
struct define {
	json_t *def;
	json_t *entry; /* of the link named last, NULL before the first */
	json_t *given; /* set of "KEY" and "KEY of link LINK" that were named */
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

static int once(struct define *d, const struct define_key *key, const char *of_link)
{
	char what[XN_ARG_KEY + 32];

	snprintf(what, sizeof(what), "%s%s%.16s", key->name, of_link ? " of link " : "",
		 of_link ? of_link : "");
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
		xn_err_set(d->err, "path: \"%s\" is not a data path: write vm or split", value);
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

static double rate_of(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));
	double bps = 0;

	return text && !xn_parse_rate(text, &bps) ? bps : 0;
}

/*
 * The daemon tells definitions with defaults filled in. What has its default value (rl = rc + re,
 * rmax = rl) goes on following it, or nobody could raise rc alone.
 */
static void follow_defaults(json_t *entry)
{
	if (rate_of(entry, "rmax") == rate_of(entry, "rl"))
		json_object_del(entry, "rmax");
	if (rate_of(entry, "rl") == rate_of(entry, "rc") + rate_of(entry, "re"))
		json_object_del(entry, "rl");
}

static int apply_link(struct define *d, const struct define_key *key, const char *value)
{
	json_t *bandwidth = list_of(d->def, "bandwidth"), *link;
	int i = find_link(bandwidth, value);

	if (i >= 0) {
		d->entry = json_array_get(bandwidth, (size_t)i);
		follow_defaults(d->entry);
		return 0;
	}
	link = xn_arg_value(XN_ARG_TEXT, key->name, value, d->err);
	if (!link)
		return -EINVAL;
	d->entry = json_pack("{s:o}", "link", link);
	return json_array_append_new(bandwidth, d->entry);
}

/* A key of the SLA on the link named before. */
static int apply_sla(struct define *d, const struct define_key *key, const char *value)
{
	json_t *json;

	if (!d->entry) {
		xn_err_set(d->err, "%s: on which link? Write link LINK %s %s, or link any %s %s",
			   key->name, key->name, value, key->name, value);
		return -EINVAL;
	}
	if (once(d, key, json_string_value(json_object_get(d->entry, "link"))))
		return -EINVAL;
	json = xn_arg_value(key->kind, key->name, value, d->err);
	return json && !json_object_set_new(d->entry, key->name, json) ? 0 : -EINVAL;
}

static int remove_item(struct define *d, const char *key, int i, const char *what)
{
	if (i < 0) {
		xn_err_set(d->err, "no %s: the network has none of that name", what);
		return -EINVAL;
	}
	return json_array_remove(json_object_get(d->def, key), (size_t)i);
}

/* "no port DEV", "no link LINK", "no domain". */
static int apply_no(struct define *d, const struct define_key *key, const char *value)
{
	const char *name = d->argc ? d->argv[0] : NULL;

	(void)key;
	if (!strcmp(value, "domain")) {
		json_object_del(d->def, "domain");
		return 0;
	}
	if (strcmp(value, "port") && strcmp(value, "link")) {
		xn_err_set(d->err, "no %s: only no port DEV, no link LINK and no domain", value);
		return -EINVAL;
	}
	if (!name) {
		xn_err_set(d->err, "no %s: which one? Its name is missing", value);
		return -EINVAL;
	}
	d->argc--;
	d->argv++;
	d->entry = NULL;
	if (!strcmp(value, "port"))
		return remove_item(d, "ports", find_port(json_object_get(d->def, "ports"), name),
				   "port");
	return remove_item(d, "bandwidth", find_link(json_object_get(d->def, "bandwidth"), name),
			   "link");
}

static const struct define_key keys[] = {
	{ "path", XN_ARG_TEXT, apply_path },	   { "domain", XN_ARG_TEXT, apply_plain },
	{ "priority", XN_ARG_COUNT, apply_plain }, { "port", XN_ARG_TEXT, apply_port },
	{ "link", XN_ARG_TEXT, apply_link },	   { "rc", XN_ARG_RATE, apply_sla },
	{ "re", XN_ARG_RATE, apply_sla },	   { "rl", XN_ARG_RATE, apply_sla },
	{ "rmax", XN_ARG_RATE, apply_sla },	   { "restricted", XN_ARG_ONOFF, apply_sla },
	{ "no", XN_ARG_TEXT, apply_no },
};

/* Take "KEY VALUE", "--KEY VALUE" or "--KEY=VALUE" from the words. */
static int take_key(struct define *d)
{
	struct xn_words words = XN_WORDS(keys, sizeof(keys) / sizeof(keys[0]));
	char name[XN_ARG_KEY], text[400];
	const char *value = xn_arg_split(d->argv[0], name, sizeof(name));
	int i = xn_words_find(&words, name), n = value ? 1 : 2;

	if (i < 0) {
		xn_err_set(d->err, "%s",
			   xn_words_complain(&words, "key", name, i, text, sizeof(text)));
		return -EINVAL;
	}
	if (d->argc < n) {
		xn_err_set(d->err, "%s: its value is missing", keys[i].name);
		return -EINVAL;
	}
	value = value ? value : d->argv[1];
	d->argc -= n;
	d->argv += n;
	return keys[i].apply(d, &keys[i], value) ? -EINVAL : 0;
}

int xn_ctl_define(json_t *def, int argc, char **argv, struct xn_err *err)
{
	struct define d = {
		.def = def, .given = json_object(), .argc = argc, .argv = argv, .err = err
	};
	int ret = 0;

	while (d.argc && !ret)
		ret = take_key(&d);
	json_decref(d.given);
	return ret;
}
