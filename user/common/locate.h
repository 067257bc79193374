/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a key as errors name it ("bandwidth[0].rc") to its place in the text. */
#ifndef XN_COMMON_LOCATE_H
#define XN_COMMON_LOCATE_H

#include <stddef.h>
#include <yaml.h>

/* One key of a mapping; NULL if it has no such key. */
yaml_node_pair_t *xn_locate_pair(yaml_document_t *doc, const yaml_node_t *mapping, const char *name,
				 size_t len);

/**
 * xn_locate() - line of a key
 * @doc: the document
 * @key: path of names and [indices]; "" is the document
 *
 * Return: its line from 1; of the innermost part of the path that exists, where the key itself
 * was left to its default.
 */
size_t xn_locate(yaml_document_t *doc, const char *key);

#endif
