/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes metrics as text: OpenMetrics 1.0, or Prometheus' older format 0.0.4, which every scraper and `promtool
 * check metrics` read. They differ in where a counter's _total is, and in what is no comment.
 */
#ifndef XN_WEB_OPENMETRICS_H
#define XN_WEB_OPENMETRICS_H

#include <stdbool.h>
#include <stdio.h>

enum xn_om_type {
	XN_OM_GAUGE,
	XN_OM_COUNTER,
	XN_OM_INFO, /* in 0.0.4 a gauge */
};

/* A metric family. */
struct xn_om_family {
	const char *name; /* without _total or _info; ends in its unit */
	const char *unit; /* "bytes"; "" if it has none */
	const char *help;
	enum xn_om_type type;
};

struct xn_om_label {
	const char *name, *value; /* "": as if it were not there */
};

struct xn_om {
	FILE *out;
	bool openmetrics;
	const struct xn_om_family *family; /* the one begun last */
};

#define XN_OM_TYPE   "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define XN_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Does who says this in Accept read OpenMetrics? NULL: says nothing. */
bool xn_om_accepted(const char *accept);

/* All samples of a family follow its beginning, before another one begins. */
void xn_om_begin(struct xn_om *om, const struct xn_om_family *family);
void xn_om_sample(struct xn_om *om, double value, const struct xn_om_label *labels, size_t n);
void xn_om_end(struct xn_om *om);

#endif
