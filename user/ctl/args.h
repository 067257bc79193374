/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments in iproute2's manner: "key value key value", where a key may also be
 * written --key, --key=value or as any unambiguous beginning.
 */
#ifndef XN_CTL_ARGS_H
#define XN_CTL_ARGS_H

#include <jansson.h>

#include "common/config.h" /* struct xn_err */
#include "ctl/ctl.h"

enum xn_arg_kind {
	XN_ARG_TEXT,
	XN_ARG_RATE, /* stays the text that was written, once it is known to be a rate */
	XN_ARG_ONOFF,
	XN_ARG_COUNT, /* integer >= 0 */
	XN_ARG_FLAG,  /* no value; true */
};

/* A key that a command takes. @name must be first (words.h). */
struct xn_arg {
	const char *name;
	enum xn_arg_kind kind;
	bool required;
};

/**
 * xn_arg_value() - one value as JSON
 * @key: for messages
 * @text: as written
 *
 * Return: new reference, or NULL with @err filled in.
 */
json_t *xn_arg_value(enum xn_arg_kind kind, const char *key, const char *text, struct xn_err *err);

#define XN_ARG_KEY 64 /* no key is longer */

/**
 * xn_arg_split() - the key in "key", "--key", "key=value" or "--key=value"
 * @key: gets it, cut off if it is too long to be one
 *
 * Return: the value, NULL if it is the next word.
 */
const char *xn_arg_split(const char *word, char *key, size_t size);

/**
 * xn_args_parse() - arguments of a command as a JSON object
 * @names: keys under which words without key are put, in order; NULL-terminated; may be NULL.
 *         A name that begins with '?' may be missing
 * @args: keys
 * @n: number of @args
 *
 * Return: new object, or NULL with @err filled in.
 */
json_t *xn_args_parse(const char *const *names, const struct xn_arg *args, size_t n, int argc,
		      char **argv, struct xn_err *err);

/* For commands without arguments: true, and the error told, if there are any. */
bool xn_ctl_no_args(struct xn_ctl *ctl, const char *command, int argc, char **argv);

#endif
