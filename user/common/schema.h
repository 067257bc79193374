/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A YAML text against a cyaml schema: every mistake with its line, then the C struct. */
#ifndef XN_COMMON_SCHEMA_H
#define XN_COMMON_SCHEMA_H

#include <cyaml/cyaml.h>

#include "common/source.h"

/* Longest key path of a schema, with the NUL. */
#define XN_KEY_MAX 128

/**
 * xn_schema_load() - the struct that a schema describes
 * @source: the text, not empty
 * @schema: of the document, a pointer to a mapping
 * @err: on error, the line, the key and what to do
 *
 * Stricter than cyaml: duplicate keys, keys without a value, NULs and anything but true, false,
 * yes and no for a boolean are refused.
 *
 * Return: the struct, to be freed with xn_schema_free(), or NULL.
 */
void *xn_schema_load(const struct xn_source *source, const cyaml_schema_value_t *schema,
		     struct xn_err *err);
void xn_schema_free(const cyaml_schema_value_t *schema, void *data);

#endif
