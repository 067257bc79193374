/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's definition, xnetman.yaml: YAML -> struct xn_machine. */
#ifndef XN_COMMON_MACHINE_H
#define XN_COMMON_MACHINE_H

#include "common/source.h"

/**
 * xn_machine_parse() - the machine that a text defines
 * @source: the text; NULL or empty: defaults, no links
 * @machine: out; to be freed with xn_machine_free(), also after an error
 * @err: on error, line, key and what to do
 */
bool xn_machine_parse(const struct xn_source *source, struct xn_machine *machine,
		      struct xn_err *err);
void xn_machine_free(struct xn_machine *machine);

const struct xn_link_def *xn_machine_link(const struct xn_machine *machine, const char *name);

/* "auto", "on", "off". */
const char *xn_link_qos_name(enum xn_link_qos qos);

/* Return: false: it is none of them. */
bool xn_link_qos_parse(const char *text, enum xn_link_qos *qos);

/* "on", "off"; and back. Return: false: it is neither. */
const char *xn_link_guard_name(enum xn_link_guard guard);
bool xn_link_guard_parse(const char *text, enum xn_link_guard *guard);

/* Is this a capacity? NULL, or a clause that says why not and what to do. */
const char *xn_capacity_parse(enum xn_resource_kind resource, const char *text, double *capacity);

#endif
