// SPDX-License-Identifier: GPL-2.0-or-later
/* Log lines on stderr, one write each, so that lines of several threads never mix. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/log.h"

void xn_log(const char *level, const char *fmt, ...)
{
	bool journal = getenv("JOURNAL_STREAM");
	char line[1024];
	va_list args;
	int at, n;

	at = snprintf(line, sizeof(line), "%s%s", journal ? level : program_invocation_short_name,
		      journal ? "" : ": ");
	va_start(args, fmt);
	n = vsnprintf(line + at, sizeof(line) - at - 1, fmt, args);
	va_end(args);
	if (n < 0)
		return;
	at += n;
	if (at > (int)sizeof(line) - 2)
		at = sizeof(line) - 2;
	line[at++] = '\n';
	if (write(STDERR_FILENO, line, at) < 0)
		return; /* nobody is left to tell */
}
