/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a report, in a folder of its own: NETWORK.txt, .json, .html of each network, and _all of all together. */
#ifndef XN_DAEMON_REPORTFILE_H
#define XN_DAEMON_REPORTFILE_H

#include <jansson.h>

#include "common/config.h"

/* "day-2026-11-20", by the local time of its start. Return: @name. */
char *xn_reportfile_name(enum xn_level level, double start, char name[64]);

/* Write a report as BASE.txt, BASE.json and BASE.html into @folder, which is made. Return: 0 or -errno with @err. */
int xn_reportfile_write(const char *folder, const char *base, const json_t *report,
			struct xn_err *err);

/* Remove all but the newest @keep folders of @level in @folder; 0: none is removed. */
void xn_reportfile_prune(const char *folder, enum xn_level level, unsigned int keep);

#endif
