// SPDX-License-Identifier: GPL-2.0-or-later
/* Arguments in iproute2's manner. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "ctl/args.h"
#include "ctl/output.h"
#include "ctl/words.h"

static json_t *value_text(const char *key, const char *text, struct xn_err *err)
{
	json_t *value = json_string(text);

	if (!value)
		xn_err_set(err, "%s: is not UTF-8 text", key);
	return value;
}

static json_t *value_rate(const char *key, const char *text, struct xn_err *err)
{
	double bps;
	const char *wrong = xn_parse_rate(text, &bps);

	if (wrong) {
		xn_err_set(err, "%s: %s", key, wrong);
		return NULL;
	}
	return json_string(text);
}

static json_t *value_onoff(const char *key, const char *text, struct xn_err *err)
{
	static const char *const words[] = { "off", "on", "no", "yes", "false", "true" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(text, words[i]))
			return json_boolean(i % 2);
	xn_err_set(err, "%s: \"%s\" is neither on nor off", key, text);
	return NULL;
}

static json_t *value_count(const char *key, const char *text, struct xn_err *err)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || end == text || *end || n < 0) {
		xn_err_set(err, "%s: \"%s\" is not a whole number from 0 on", key, text);
		return NULL;
	}
	return json_integer(n);
}

static json_t *(*const value_of[])(const char *key, const char *text, struct xn_err *err) = {
	[XN_ARG_TEXT] = value_text,
	[XN_ARG_RATE] = value_rate,
	[XN_ARG_ONOFF] = value_onoff,
	[XN_ARG_COUNT] = value_count,
};

json_t *xn_arg_value(enum xn_arg_kind kind, const char *key, const char *text, struct xn_err *err)
{
	return value_of[kind](key, text, err);
}

/* Walks over the arguments. */
struct walk {
	int argc;
	char **argv;
	int at;
};

const char *xn_arg_split(const char *word, char *key, size_t size)
{
	const char *eq = strchr(word, '=');
	bool option = !strncmp(word, "--", 2);

	snprintf(key, size, "%.*s", eq ? (int)(eq - word) - 2 * option : INT_MAX,
		 word + 2 * option);
	return eq ? eq + 1 : NULL;
}

static int parse_key(struct walk *walk, const struct xn_arg *args, size_t n, json_t *out,
		     struct xn_err *err)
{
	const char *value;
	struct xn_words words = XN_WORDS(args, n);
	char key[XN_ARG_KEY], text[400];
	json_t *json;
	int i;

	value = xn_arg_split(walk->argv[walk->at++], key, sizeof(key));
	i = xn_words_find(&words, key);
	if (i < 0) {
		xn_err_set(err, "%s", xn_words_complain(&words, "key", key, i, text, sizeof(text)));
		return -EINVAL;
	}
	if (json_object_get(out, args[i].name)) {
		xn_err_set(err, "%s: given twice", args[i].name);
		return -EINVAL;
	}
	if (args[i].kind == XN_ARG_FLAG && value) {
		xn_err_set(err, "%s: takes no value", args[i].name);
		return -EINVAL;
	}
	if (args[i].kind == XN_ARG_FLAG) {
		json_object_set_new(out, args[i].name, json_true());
		return 0;
	}
	if (!value && walk->at >= walk->argc) {
		xn_err_set(err, "%s: its value is missing", args[i].name);
		return -EINVAL;
	}
	json = xn_arg_value(args[i].kind, args[i].name, value ? value : walk->argv[walk->at++],
			    err);
	return json ? json_object_set_new(out, args[i].name, json) : -EINVAL;
}

static int parse_all(const char *const *names, const struct xn_arg *args, size_t n,
		     struct walk *walk, json_t *out, struct xn_err *err)
{
	size_t named = 0;
	int ret = 0;

	while (!ret && walk->at < walk->argc) {
		const char *word = walk->argv[walk->at];
		struct xn_words words = XN_WORDS(args, n);
		const char *name = names ? names[named] : NULL;
		bool optional = name && name[0] == '?';

		/* An optional word without key gives way to a key of that name. */
		if (!name || !strncmp(word, "--", 2) ||
		    (optional && xn_words_find(&words, word) >= 0)) {
			if (!n) {
				xn_err_set(err, "\"%s\": nothing more is expected here", word);
				return -EINVAL;
			}
			ret = parse_key(walk, args, n, out, err);
			continue;
		}
		ret = json_object_set_new(out, name + optional, json_string(word));
		if (ret)
			xn_err_set(err, "%s: is not UTF-8 text", name + optional);
		named++;
		walk->at++;
	}
	return ret;
}

/* Is everything there that must be? */
static int check_missing(const char *const *names, const struct xn_arg *args, size_t n,
			 const json_t *out, struct xn_err *err)
{
	for (; names && *names; names++) {
		if (**names != '?' && !json_object_get(out, *names)) {
			xn_err_set(err, "%s is missing", *names);
			return -EINVAL;
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (args[i].required && !json_object_get(out, args[i].name)) {
			xn_err_set(err, "%s is missing", args[i].name);
			return -EINVAL;
		}
	}
	return 0;
}

json_t *xn_args_parse(const char *const *names, const struct xn_arg *args, size_t n, int argc,
		      char **argv, struct xn_err *err)
{
	struct walk walk = { argc, argv, 0 };
	json_t *out = json_object();

	if (parse_all(names, args, n, &walk, out, err) || check_missing(names, args, n, out, err)) {
		json_decref(out);
		return NULL;
	}
	return out;
}

bool xn_ctl_no_args(struct xn_ctl *ctl, const char *command, int argc, char **argv)
{
	if (argc)
		xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s: \"%s\": nothing more is expected here",
			    command, argv[0]);
	return argc;
}
