// SPDX-License-Identifier: GPL-2.0-or-later
/* The one line in which a person is told what is wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/config.h"

/* Length of the well-formed, printable UTF-8 character at @s, 0 if there is none. */
static size_t printable(const unsigned char *s)
{
	static const unsigned char lead[] = { 0x00, 0x00, 0xc0, 0xe0, 0xf0 };
	size_t len = *s < 0x80 ? 1 : *s >= 0xf0 ? 4 : *s >= 0xe0 ? 3 : 2;
	unsigned int code = *s;

	if (len == 1)
		return *s >= 0x20 && *s != 0x7f;
	if (*s < 0xc2 || *s > 0xf4)
		return 0;
	code = *s - lead[len];
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if ((len == 2 && code < 0xa0) || (len == 3 && code < 0x800) ||
	    (len == 4 && (code < 0x10000 || code > 0x10ffff)))
		return 0;
	return code >= 0xd800 && code <= 0xdfff ? 0 : len;
}

/* What people wrote is quoted in errors: it must not break the line, the terminal or D-Bus. */
static void sanitize(char *text)
{
	char *out = text;

	for (size_t len; *text; text += len) {
		len = printable((const unsigned char *)text);
		if (!len) {
			*out++ = '?';
			len = 1;
			continue;
		}
		memmove(out, text, len);
		out += len;
	}
	*out = '\0';
}

void xn_err_set(struct xn_err *err, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	sanitize(err->text);
}
