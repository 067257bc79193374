/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report of SLAs over a time, out of the history: what doc/dbus.md says of GetReport. On the history's thread. */
#ifndef XN_DAEMON_REPORT_H
#define XN_DAEMON_REPORT_H

#include <jansson.h>

#include "daemon/store.h"

struct xn_report_request {
	char network[XN_STORE_NAME]; /* "": all */
	double from, to;	     /* s since 1970; from < to */
};

/* Is it one? @now: s since 1970, of which 0 for @from and @to is a day before, and now. Return: 0, or -EINVAL with @err. */
int xn_report_check(struct xn_report_request *request, double now, struct xn_err *err);

/* New reference, or NULL with @err. Its ends are those of whole periods of the level that it is made of. */
json_t *xn_report_build(struct xn_store *store, const struct xn_report_request *request,
			struct xn_err *err);

#endif
