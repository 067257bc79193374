// SPDX-License-Identifier: GPL-2.0-or-later
/* What leaves the program: JSON documents, errors, and text safe for a terminal. */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/output.h"

size_t xn_ctl_json_flags(bool pretty)
{
	return JSON_ENSURE_ASCII | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15) |
	       (pretty ? JSON_INDENT(4) : 0);
}

static int print_json(json_t *value, bool pretty)
{
	int ret = value ? json_dumpf(value, stdout, xn_ctl_json_flags(pretty)) : -1;

	json_decref(value);
	if (ret || putchar('\n') == EOF || fflush(stdout)) {
		fprintf(stderr, "%s: can't write the result: %s\n", program_invocation_short_name,
			strerror(errno));
		clearerr(stdout); /* told */
		return XN_EXIT_FAILURE;
	}
	return XN_EXIT_OK;
}

int xn_ctl_print_json(struct xn_ctl *ctl, json_t *value)
{
	return print_json(value, ctl->pretty);
}

int xn_ctl_print_json_line(json_t *value)
{
	return print_json(value, false);
}

int xn_ctl_done(struct xn_ctl *ctl)
{
	return ctl->json ? xn_ctl_print_json(ctl, json_pack("{s:b}", "ok", 1)) : XN_EXIT_OK;
}

int xn_ctl_fail_json(struct xn_ctl *ctl, int code, const char *text)
{
	xn_ctl_print_json(ctl, json_pack("{s:s, s:i}", "error", text, "code", code));
	return code;
}

int xn_ctl_fail(struct xn_ctl *ctl, int code, const char *fmt, ...)
{
	char raw[1024], text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	xn_ctl_clean(raw, text, sizeof(text));
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, text);
	return ctl->json ? xn_ctl_fail_json(ctl, code, text) : code;
}

char *xn_ctl_read_file(const char *path, size_t max)
{
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *text = in ? calloc(1, max + 1) : NULL;
	size_t n = text ? fread(text, 1, max + 1, in) : 0;
	bool failed = in && ferror(in);
	int error = errno;

	if (in && in != stdin)
		fclose(in);
	if (text && n <= max && !failed)
		return text;
	free(text);
	errno = failed ? error : n > max ? EFBIG : errno;
	return NULL;
}

/* Bytes of the UTF-8 character at @s, 0 if there is none; *@code is its number. */
static size_t utf8_char(const unsigned char *s, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *s < 0x80	 ? 1
		     : *s < 0xc0 ? 0
		     : *s < 0xe0 ? 2
		     : *s < 0xf0 ? 3
		     : *s < 0xf8 ? 4
				 : 0;

	if (len <= 1) {
		*code = *s;
		return len;
	}
	*code = *s & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	return *code < smallest[len] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)
		       ? 0
		       : len;
}

/* C0, DEL, C1, and what turns or splits lines of text. */
static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	       (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

char *xn_ctl_clean(const char *text, char *buf, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t out = 0;

	while (*s && out + 1 < size) {
		uint32_t code = 0;
		size_t len = utf8_char(s, &code);

		if (!len || is_control(code)) {
			buf[out++] = '?';
			s += len ? len : 1;
			continue;
		}
		if (out + len >= size)
			break;
		memcpy(buf + out, s, len);
		out += len;
		s += len;
	}
	buf[out] = '\0';
	return buf;
}

char *xn_ctl_percent(double ratio, char *buf, size_t size)
{
	double percent = 100 * ratio;

	/* Rounding must not make all or nothing of what is only nearly so. */
	if (percent > 0 && percent < 100)
		snprintf(buf, size, "%.1f%%", fmin(fmax(percent, 0.1), 99.9));
	else
		snprintf(buf, size, "%.0f%%", percent);
	return buf;
}

const char *xn_ctl_text(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

double xn_ctl_number(const json_t *record, const char *key)
{
	return json_number_value(json_object_get(record, key));
}

enum xn_resource_kind xn_ctl_resource(const json_t *record)
{
	enum xn_resource_kind kind = xn_resource_named(xn_ctl_text(record, "resource"));

	return kind == XN_RESOURCES ? XN_BANDWIDTH : kind;
}

double xn_ctl_rate(const json_t *record, const char *what)
{
	char key[XN_RESOURCE_KEY];

	return xn_ctl_number(record, xn_resource_key(xn_ctl_resource(record), what, key));
}

char *xn_ctl_rate_text(const json_t *record, const char *what, char *buf, size_t size)
{
	return xn_quantities[xn_ctl_resource(record)].format(xn_ctl_rate(record, what), buf, size);
}
