// SPDX-License-Identifier: GPL-2.0-or-later
/* Aligned tables on a terminal. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/units.h"
#include "ctl/output.h"
#include "ctl/table.h"

#define GAP 2 /* spaces between columns, or one on a terminal too narrow for two */

struct cell {
	char *text;
	enum xn_table_colour colour;
};

struct xn_table {
	const struct xn_column *columns;
	size_t n_columns;
	struct cell *cells; /* row by row */
	size_t n_cells;
	size_t room;
};

static const char *const sequences[] = {
	[XN_PLAIN] = "",	 [XN_DIM] = "\033[2m",	   [XN_BOLD] = "\033[1m",
	[XN_GREEN] = "\033[32m", [XN_YELLOW] = "\033[33m", [XN_RED] = "\033[1;31m",
};

const char *xn_colour(bool on, enum xn_table_colour colour)
{
	return on ? sequences[colour] : "";
}

struct xn_table *xn_table_create(const struct xn_column *columns, size_t n)
{
	struct xn_table *table = calloc(1, sizeof(*table));

	if (table) {
		table->columns = columns;
		table->n_columns = n;
	}
	return table;
}

void xn_table_destroy(struct xn_table *table)
{
	for (size_t i = 0; table && i < table->n_cells; i++)
		free(table->cells[i].text);
	if (table)
		free(table->cells);
	free(table);
}

static void append(struct xn_table *table, enum xn_table_colour colour, const char *text)
{
	char clean[512];

	if (table->n_cells == table->room) {
		size_t room = table->room ? 2 * table->room : 64;
		struct cell *cells = realloc(table->cells, room * sizeof(*cells));

		if (!cells)
			abort();
		table->cells = cells;
		table->room = room;
	}
	table->cells[table->n_cells].colour = colour;
	table->cells[table->n_cells].text = strdup(xn_ctl_clean(text, clean, sizeof(clean)));
	if (!table->cells[table->n_cells++].text)
		abort();
}

void xn_table_cell(struct xn_table *table, enum xn_table_colour colour, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	append(table, colour, *text ? text : "-");
}

void xn_table_blank(struct xn_table *table)
{
	append(table, XN_PLAIN, "");
}

void xn_table_rate(struct xn_table *table, double bps)
{
	char text[XN_UNIT_TEXT];

	xn_table_cell(table, XN_PLAIN, "%s", xn_format_rate(bps, text, sizeof(text)));
}

void xn_table_amount(struct xn_table *table, const json_t *record, const char *what)
{
	char text[XN_UNIT_TEXT];

	xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_rate_text(record, what, text, sizeof(text)));
}

void xn_table_percent(struct xn_table *table, enum xn_table_colour colour, double ratio)
{
	char text[32];

	xn_table_cell(table, colour, "%s", xn_ctl_percent(ratio, text, sizeof(text)));
}

size_t xn_text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static size_t column_width(const struct xn_table *table, size_t column)
{
	size_t width = xn_text_width(table->columns[column].heading);

	for (size_t i = column; i < table->n_cells; i += table->n_columns) {
		size_t w = xn_text_width(table->cells[i].text);

		if (w > width)
			width = w;
	}
	return width;
}

static void print_cell(const struct xn_table *table, FILE *out, size_t column, size_t width,
		       int gap, const char *text, const char *colour)
{
	size_t pad = width - xn_text_width(text);
	bool last = column + 1 == table->n_columns;

	if (table->columns[column].right)
		fprintf(out, "%*s", (int)pad, "");
	fprintf(out, "%s%s%s", colour, text, *colour ? "\033[0m" : "");
	if (!table->columns[column].right && !last)
		fprintf(out, "%*s", (int)pad, "");
	fprintf(out, "%*s", last ? 0 : gap, "");
	if (last)
		fputc('\n', out);
}

/* Columns of the terminal that  is; 0 if it is none. */
static size_t terminal_width(FILE *out)
{
	struct winsize size;

	return isatty(fileno(out)) && !ioctl(fileno(out), TIOCGWINSZ, &size) ? size.ws_col : 0;
}

void xn_table_print(const struct xn_table *table, FILE *out, bool colour)
{
	size_t n = table->n_columns, widths[n], total = 0, terminal = terminal_width(out);
	int gap;

	for (size_t i = 0; i < n; i++) {
		widths[i] = column_width(table, i);
		total += widths[i] + GAP;
	}
	gap = terminal && total - GAP > terminal ? 1 : GAP;
	for (size_t i = 0; i < n; i++)
		print_cell(table, out, i, widths[i], gap, table->columns[i].heading,
			   xn_colour(colour, XN_BOLD));
	for (size_t i = 0; i < table->n_cells; i++)
		print_cell(table, out, i % n, widths[i % n], gap, table->cells[i].text,
			   xn_colour(colour, table->cells[i].colour));
}

void xn_table_show(const struct xn_column *columns, size_t n, const json_t *array, xn_row_fn row,
		   bool colour)
{
	struct xn_table *table = xn_table_create(columns, n);
	const json_t *element;
	size_t i;

	json_array_foreach((json_t *)array, i, element)
		row(table, element);
	xn_table_print(table, stdout, colour);
	xn_table_destroy(table);
}
