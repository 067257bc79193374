/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One link of xnetman.yaml changed in the text, so that people's comments and order stay. */
#ifndef XN_COMMON_LINKEDIT_H
#define XN_COMMON_LINKEDIT_H

#include "common/source.h"

/**
 * xn_link_edit() - the text with one link added, set or deleted
 * @source: the text as it is; may be empty
 * @change: what to do
 * @name: of the link; must be there or not, as @change needs it
 * @value: capacity, qos or guard, as people write it; unused for XN_LINK_DELETE
 *
 * Knows block style, one key a line. The caller reads the result again and compares.
 *
 * Return: to be freed; NULL if the text is of a style that this does not know.
 */
char *xn_link_edit(const struct xn_source *source, enum xn_link_change change, const char *name,
		   const char *value);

#endif
