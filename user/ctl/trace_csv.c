// SPDX-License-Identifier: GPL-2.0-or-later
/* Demand traces as CSV: settings in lines with #, a header, a row for every tick. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "ctl/trace.h"

#define BLANK  " \t\r"
#define SUFFIX "_bps" /* of columns with plain numbers */

/* Which network a column is of, and how its figures are written. */
struct column {
	size_t network;
	bool plain; /* bit/s without unit */
};

struct csv {
	struct xn_trace *trace;
	const char *path;
	size_t line; /* from 1 */
	struct xn_err *err;
	size_t interval_line;	/* of the last setting of an interval, 0: none */
	struct column *columns; /* NULL: no header yet */
	size_t room;		/* rows that fit, so that adding them is not quadratic */
	size_t rows;
	double t; /* of the last row, s */
};

__attribute__((format(printf, 3, 4))) static int fail(const struct csv *csv, const char *key,
						      const char *fmt, ...)
{
	char what[sizeof(csv->err->text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	xn_err_set(csv->err, "%s:%zu: %s%s%s", csv->path, csv->line, key, *key ? ": " : "", what);
	return -EINVAL;
}

/* Next field of a line, without the blanks around it; NULL: no more. */
static char *field(char **line)
{
	char *text = strsep(line, ","), *end;

	if (!text)
		return NULL;
	text += strspn(text, BLANK);
	end = text + strlen(text);
	while (end > text && strchr(BLANK, end[-1]))
		*--end = '\0';
	return text;
}

static char *word(char **line)
{
	char *text;

	do
		text = strsep(line, BLANK);
	while (text && !*text);
	return text;
}

/* A number without unit. */
static bool parse_plain(const char *text, double *value)
{
	char with_unit[80];

	return (size_t)snprintf(with_unit, sizeof(with_unit), "%sbit", text) < sizeof(with_unit) &&
	       !xn_parse_rate(with_unit, value);
}

/* --- lines with # --- */

/* network NAME KEY VALUE ... */
static int read_network(struct csv *csv, char *line)
{
	char *name = word(&line), *parameter, *value;
	const char *wrong, *key;

	if (!name)
		return fail(csv, "network", "has no name: write # network NAME rc 50Mbit ...");
	wrong = xn_trace_add_network(csv->trace, name);
	if (wrong)
		return fail(csv, "network", "%s: %s", name, wrong);
	while ((parameter = word(&line))) {
		value = word(&line);
		if (!value)
			return fail(csv, parameter,
				    "has no value: write it behind, such as rc 50Mbit");
		wrong = xn_trace_set_sla(csv->trace, parameter, value);
		if (wrong)
			return fail(csv, parameter, "%s", wrong);
	}
	wrong = xn_trace_end_sla(csv->trace, &key);
	return wrong ? fail(csv, key, "%s", wrong) : 0;
}

static int read_setting(struct csv *csv, char *line)
{
	char *key = word(&line), *value;
	const char *wrong;

	if (!key)
		return 0;
	if (csv->columns)
		return fail(csv, key,
			    "is below the header: put settings above it, and ## before a "
			    "comment");
	if (!strcmp(key, "network"))
		return read_network(csv, line);
	value = word(&line);
	wrong = xn_trace_set(csv->trace, key, value ? value : "");
	if (wrong)
		return fail(csv, key, "%s", wrong);
	if (strstr(key, "_interval"))
		csv->interval_line = csv->line;
	return word(&line) ? fail(csv, key, "has more than one value: write one") : 0;
}

/* --- header --- */

static bool find_column(const struct xn_trace *trace, char *name, struct column *column)
{
	size_t length = strlen(name), suffix = strlen(SUFFIX);

	*column = (struct column){ .network = xn_trace_find(trace, name) };
	if (column->network < trace->n_networks)
		return true;
	if (length <= suffix || strcmp(name + length - suffix, SUFFIX))
		return false;
	name[length - suffix] = '\0';
	*column = (struct column){ .network = xn_trace_find(trace, name), .plain = true };
	return column->network < trace->n_networks;
}

static int read_column(struct csv *csv, size_t i, char *name)
{
	struct column *column = &csv->columns[i];

	if (!find_column(csv->trace, name, column))
		return fail(csv, name,
			    "no such network: define it above, # network %s rc ... rl ...", name);
	for (size_t j = 0; j < i; j++)
		if (csv->columns[j].network == column->network)
			return fail(csv, name, "has two columns: keep one");
	return 0;
}

static int check_intervals(struct csv *csv)
{
	const char *wrong = xn_trace_check_intervals(csv->trace);

	if (!wrong)
		return 0;
	csv->line = csv->interval_line;
	return fail(csv, "long_interval", "%s", wrong);
}

static int read_header(struct csv *csv, char *line)
{
	size_t n = csv->trace->n_networks, i = 0;
	char *name = field(&line);

	if (strcmp(name, "t"))
		return fail(csv, "t", "the header is missing: write t,NETWORK,NETWORK,...");
	if (check_intervals(csv))
		return -EINVAL;
	csv->columns = calloc(n + 1, sizeof(*csv->columns));
	if (!csv->columns)
		return fail(csv, "", "out of memory");
	while ((name = field(&line))) {
		if (i == n && !find_column(csv->trace, name, &csv->columns[n]))
			return fail(csv, name, "no such network: define it above, # network %s ...",
				    name);
		if (i == n)
			return fail(csv, name, "has two columns: keep one");
		if (read_column(csv, i++, name))
			return -EINVAL;
	}
	if (!n)
		return fail(csv, "network", "there are none: write # network NAME rc 50Mbit ...");
	if (i < n)
		return fail(csv, "t", "has %zu columns for %zu networks: write one for each", i, n);
	return 0;
}

/* --- rows --- */

static int check_time(struct csv *csv, const char *text)
{
	double t, ic = csv->trace->ic / 1e9;
	char interval[XN_UNIT_TEXT];

	if (!parse_plain(text, &t))
		return fail(csv, "t", "\"%s\" is no number: write seconds", text);
	if (csv->rows && !(fabs(t - csv->t - ic) <= 0.01 * ic))
		return fail(csv, "t",
			    "%s does not follow %.10g after short_interval, %s: write a row "
			    "for every tick",
			    text, csv->t,
			    xn_format_time(csv->trace->ic, interval, sizeof(interval)));
	csv->t = t;
	return 0;
}

static int read_demand(struct csv *csv, size_t i, const char *text, double *demand)
{
	const char *name = csv->trace->networks[csv->columns[i].network].name, *wrong;

	if (csv->columns[i].plain)
		return parse_plain(text, demand)
			       ? 0
			       : fail(csv, name,
				      "\"%s\" is no number: write plain bit/s, or leave " SUFFIX
				      " out of the header",
				      text);
	wrong = xn_parse_rate(text, demand);
	return wrong ? fail(csv, name, "%s", wrong) : 0;
}

static const char *add_row(struct csv *csv)
{
	const char *wrong;

	if (csv->rows == csv->room) {
		csv->room = csv->room ? 2 * csv->room : 256;
		wrong = xn_trace_resize(csv->trace, csv->room);
		if (wrong)
			return wrong;
	}
	csv->rows++;
	return NULL;
}

static int read_row(struct csv *csv, char *line)
{
	size_t n = csv->trace->n_networks, i = 0;
	const char *wrong;
	double *demand;
	char *text;

	if (check_time(csv, field(&line)))
		return -EINVAL;
	wrong = add_row(csv);
	if (wrong)
		return fail(csv, "t", "%s", wrong);
	demand = csv->trace->demand + (csv->rows - 1) * n;
	while ((text = field(&line))) {
		if (i == n)
			return fail(csv, "", "has more values than the header columns: write %zu",
				    n + 1);
		if (read_demand(csv, i, text, &demand[csv->columns[i].network]))
			return -EINVAL;
		i++;
	}
	return i < n ? fail(csv, "", "has %zu values, the header %zu: write one for each column",
			    i + 1, n + 1)
		     : 0;
}

static int read_line(struct csv *csv, char *line)
{
	csv->line++;
	line += strspn(line, BLANK);
	if (!*line || !strncmp(line, "##", 2))
		return 0;
	if (*line == '#')
		return read_setting(csv, line + 1);
	return csv->columns ? read_row(csv, line) : read_header(csv, line);
}

int xn_trace_read_csv(struct xn_trace *trace, const char *path, char *text, struct xn_err *err)
{
	struct csv csv = { .trace = trace, .path = path, .err = err };
	int ret = 0;
	char *line;

	/* byte order mark */
	if (!strncmp(text, "\xef\xbb\xbf", 3))
		text += 3;
	while (!ret && (line = strsep(&text, "\n")))
		ret = read_line(&csv, line);
	if (!ret && !csv.columns)
		ret = fail(&csv, "t", "the header is missing: write t,NETWORK,NETWORK,...");
	if (!ret && !csv.rows)
		ret = fail(&csv, "t", "there are no rows: write one for every tick");
	if (!ret && xn_trace_resize(trace, csv.rows))
		ret = fail(&csv, "", "out of memory");
	free(csv.columns);
	return ret;
}
