/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aligned tables on a terminal. */
#ifndef XN_CTL_TABLE_H
#define XN_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <jansson.h>

enum xn_table_colour {
	XN_PLAIN,
	XN_DIM,
	XN_BOLD,
	XN_GREEN,
	XN_YELLOW,
	XN_RED,
};

struct xn_column {
	const char *heading;
	bool right; /* numbers */
};

struct xn_table;

/* @columns are kept, not copied. Return: NULL without memory. */
struct xn_table *xn_table_create(const struct xn_column *columns, size_t n);
void xn_table_destroy(struct xn_table *table);

/* Append a cell, row by row. Control characters are made visible as '?'. An empty one shows "-". */
void xn_table_cell(struct xn_table *table, enum xn_table_colour colour, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Append a cell that stays empty. */
void xn_table_blank(struct xn_table *table);

/* The usual kinds of figure; an amount is xn_ctl_rate() (output.h) with its unit. */
void xn_table_rate(struct xn_table *table, double bps);
void xn_table_amount(struct xn_table *table, const json_t *record, const char *what);
void xn_table_percent(struct xn_table *table, enum xn_table_colour colour, double ratio);

/* Columns of text on a terminal that @text takes. */
size_t xn_text_width(const char *text);

/* Escape sequence of a colour, "" where @on is false. */
const char *xn_colour(bool on, enum xn_table_colour colour);

/* Appends a row: what one element of an array says. */
typedef void (*xn_row_fn)(struct xn_table *table, const json_t *element);

/* A whole table on standard output: a row of each element of @array. */
void xn_table_show(const struct xn_column *columns, size_t n, const json_t *array, xn_row_fn row,
		   bool colour);

/* Headings and rows; columns as wide as their widest cell. */
void xn_table_print(const struct xn_table *table, FILE *out, bool colour);

#endif
