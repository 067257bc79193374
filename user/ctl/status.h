/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of figures that several commands show. */
#ifndef XN_CTL_STATUS_H
#define XN_CTL_STATUS_H

#include <jansson.h>

#include "ctl/ctl.h"
#include "ctl/table.h"

/**
 * xn_ctl_print_figures() - live figures of GetStatus, a line each
 * @figures: the records
 * @key: "name" (networks of a link) or "link" (links of a network): what each line begins with
 * @long_interval: Il, s
 */
void xn_ctl_print_figures(const struct xn_ctl *ctl, const json_t *figures, const char *key,
			  double long_interval);

/* Records of ListPorts. */
void xn_ctl_print_ports(const struct xn_ctl *ctl, const json_t *ports);

/* "eth0  812Mbit of 1Gbit  81.2%  ..." of a row of GetStatus. Return: @buf. */
char *xn_ctl_row_line(const json_t *row, char *buf, size_t size);

/* "Il 7 of 15 s" of GetStatus. Return: @buf. */
char *xn_ctl_interval_line(const json_t *status, char *buf, size_t size);

/* Share of the long-term volume rl x Il that is used, < 0 where there is no rl. */
double xn_ctl_volume_used(const json_t *network, double long_interval);

/*
 * The rows of GetStatus that a person wants to see, from 0 on: links, then CPU and memory if they are
 * controlled or used at all. NULL: there are no more.
 */
const json_t *xn_ctl_row(const json_t *status, size_t i);

/* Row @name of GetStatus, the first one where @name is NULL; NULL if there is none. */
const json_t *xn_ctl_find_row(const json_t *status, const char *name);

/* Colours by how bad a figure is. */
enum xn_table_colour xn_ctl_ratio_colour(double ratio);
enum xn_table_colour xn_ctl_error_colour(double error);

#endif
