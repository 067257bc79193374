/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One YAML text, parsed, that knows on which line everything in it is. */
#ifndef XN_COMMON_SOURCE_H
#define XN_COMMON_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "common/config.h"

struct xn_source {
	char *shown; /* what errors call it: a path, or "(request)" */
	char *text;
	size_t size;
	yaml_document_t doc;
	bool parsed; /* doc is to be deleted */
};

/* Deepest nesting a definition may have; the schemas need 3. */
#define XN_SOURCE_DEPTH 16

/**
 * xn_source_read() - read and parse a file
 *
 * Aliases, deep nesting and more than one document are refused.
 *
 * Return: the source, or NULL with errno and @err set (ENOENT: no such file).
 */
struct xn_source *xn_source_read(const char *path, struct xn_err *err);

/* The same for @size bytes of text; errors call it @shown. */
struct xn_source *xn_source_text(const char *shown, const char *text, size_t size,
				 struct xn_err *err);
void xn_source_free(struct xn_source *source);

/* The outermost node; NULL if the text has none (empty, or only comments). */
yaml_node_t *xn_source_root(const struct xn_source *source);

/* Fill in @err: "FILE:LINE: KEY: ...", with the line on which @key ("bandwidth[0].rc") is. */
void xn_source_err(const struct xn_source *source, struct xn_err *err, const char *key,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same for a @line, from 1, already known. */
void xn_source_err_at(const struct xn_source *source, struct xn_err *err, size_t line,
		      const char *key, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
