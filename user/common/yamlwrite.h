/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Definitions -> YAML as a person would write it, defaults left out. */
#ifndef XN_COMMON_YAMLWRITE_H
#define XN_COMMON_YAMLWRITE_H

#include "common/config.h"

/* Text that reads back as the same definition. Return: to be freed, NULL without memory. */
char *xn_yaml_definition(const struct xn_definition *def);
char *xn_yaml_machine(const struct xn_machine *machine);

/* @text as a YAML scalar, in quotes where it needs them. Return: @buf. */
char *xn_yaml_scalar(const char *text, char *buf, size_t size);

#endif
