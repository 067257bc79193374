/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One network's definition: YAML -> struct xn_definition, checked as far as it can be alone. */
#ifndef XN_COMMON_DEFINITION_H
#define XN_COMMON_DEFINITION_H

#include "common/source.h"

/**
 * xn_definition_parse() - the network that a text defines
 * @source: the text
 * @name: what it has to be called: its file's name
 * @need_name: the text must say its name (a file must, a request need not)
 * @err: on error, line, key and what to do
 *
 * Return: the definition with defaults filled in, or NULL.
 */
struct xn_definition *xn_definition_parse(const struct xn_source *source, const char *name,
					  bool need_name, struct xn_err *err);
void xn_definition_free(struct xn_definition *def);

/* Is this a name for a network? Return: NULL, or a clause that says why not and what to do. */
const char *xn_network_name_check(const char *name);

/* Is this a name that the kernel gives to devices? As above. */
const char *xn_device_name_check(const char *name);

/* Index of the entry of a list that rules @link, its own or "any"; -1: none. */
ssize_t xn_bandwidth_entry(const struct xn_bandwidth *list, size_t n, const char *link);

#endif
