/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys `history` and `reports` of xnetman.yaml: how much of the past is kept, and what is reported of it. */
#ifndef XN_COMMON_KEEP_H
#define XN_COMMON_KEEP_H

#include <cyaml/cyaml.h>

#include "common/config.h"
#include "common/source.h"

/* As written; NULL: the default. */
struct xn_raw_history {
	char *intervals, *hours, *days, *months, *breaches, *size;
};

struct xn_raw_reports {
	enum xn_level every;
	char *folder;
	unsigned int *keep;
};

extern const cyaml_schema_field_t xn_history_fields[];
extern const cyaml_schema_field_t xn_reports_fields[];

/* @raw may be NULL: defaults. Return: false with @err. */
bool xn_keep_read(const struct xn_source *source, const struct xn_raw_history *raw,
		  struct xn_keep *keep, struct xn_err *err);
/* What is taken of @raw is NULL there afterwards. */
bool xn_reports_read(const struct xn_source *source, struct xn_raw_reports *raw,
		     struct xn_reports *reports, struct xn_err *err);

/* As in doc/dbus.md. New references. */
json_t *xn_keep_json(const struct xn_keep *keep);
json_t *xn_reports_json(const struct xn_reports *reports);

#endif
