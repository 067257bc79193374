/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves the program: JSON documents, errors, and text safe for a terminal. */
#ifndef XN_CTL_OUTPUT_H
#define XN_CTL_OUTPUT_H

#include <stddef.h>
#include <jansson.h>

#include "core/resource.h"
#include "ctl/ctl.h"

/* Write @value as this run's JSON document. Takes the reference. Return: exit status. */
int xn_ctl_print_json(struct xn_ctl *ctl, json_t *value);

/* Write @value as a line of its own, flushed, as JSON lines. Takes the reference. */
int xn_ctl_print_json_line(json_t *value);

/* How all JSON of this program is written: short reals, ASCII only. */
size_t xn_ctl_json_flags(bool pretty);

/* Nothing to tell but that it is done: silent, or {"ok": true} with -j. Return: exit status. */
int xn_ctl_done(struct xn_ctl *ctl);

/**
 * xn_ctl_fail() - tell an error: text on stderr, and with -j {"error","code"} on stdout
 * @code: enum xn_ctl_exit
 *
 * Return: @code.
 */
int xn_ctl_fail(struct xn_ctl *ctl, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The JSON half of xn_ctl_fail(), for an error already told on stderr. Return: @code. */
int xn_ctl_fail_json(struct xn_ctl *ctl, int code, const char *text);

/* The text of a file; "-" is standard input. NULL: errno says why (EFBIG: more than @max bytes). */
char *xn_ctl_read_file(const char *path, size_t max);

/* @text without what could control a terminal or is not UTF-8: '?' instead. Return: @buf. */
char *xn_ctl_clean(const char *text, char *buf, size_t size);

/* "30.5%" of a ratio, "100%" only if it is. Return: @buf. */
char *xn_ctl_percent(double ratio, char *buf, size_t size);

/* Member of a record; "" or 0 where it has none. */
const char *xn_ctl_text(const json_t *record, const char *key);
double xn_ctl_number(const json_t *record, const char *key);

/* Its "resource"; bandwidth where it has none. */
enum xn_resource_kind xn_ctl_resource(const json_t *record);

/* Rate @what of a record ("demand"), in the unit of its resource; 0 where it has none. */
double xn_ctl_rate(const json_t *record, const char *what);

/* The same as text, with its unit. Return: @buf. */
char *xn_ctl_rate_text(const json_t *record, const char *what, char *buf, size_t size);

#endif
