// SPDX-License-Identifier: GPL-2.0-or-later
/* The text formats of metrics. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web/openmetrics.h"

bool xn_om_accepted(const char *accept)
{
	static const char type[] = "application/openmetrics-text";

	for (; accept && *accept; accept += strcspn(accept, ",") + (strchr(accept, ',') != NULL)) {
		size_t space = strspn(accept, " \t");

		if (!strncasecmp(accept + space, type, strlen(type)) &&
		    strchr(" ;,", accept[space + strlen(type)]))
			return true;
	}
	return false;
}

/* What would end a line or a quoted text is escaped. */
static void put_escaped(FILE *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", out);
		else if (strchr(special, *text))
			fprintf(out, "\\%c", *text);
		else
			putc(*text, out);
	}
}

static const char *sample_suffix(const struct xn_om_family *family)
{
	static const char *const suffixes[] = {
		[XN_OM_GAUGE] = "",
		[XN_OM_COUNTER] = "_total",
		[XN_OM_INFO] = "_info",
	};

	return suffixes[family->type];
}

void xn_om_begin(struct xn_om *om, const struct xn_om_family *family)
{
	static const char *const types[] = {
		[XN_OM_GAUGE] = "gauge",
		[XN_OM_COUNTER] = "counter",
		[XN_OM_INFO] = "info",
	};
	bool old_info = !om->openmetrics && family->type == XN_OM_INFO;
	const char *suffix = om->openmetrics ? "" : sample_suffix(family);

	om->family = family;
	fprintf(om->out, "# TYPE %s%s %s\n", family->name, suffix,
		old_info ? "gauge" : types[family->type]);
	if (*family->unit)
		fprintf(om->out, "# UNIT %s%s %s\n", family->name, suffix, family->unit);
	fprintf(om->out, "# HELP %s%s ", family->name, suffix);
	put_escaped(om->out, family->help, om->openmetrics ? "\\\"" : "\\");
	putc('\n', om->out);
}

/* The fewest digits that are read back as the same. */
static void put_number(FILE *out, double value)
{
	char text[40];

	if (isnan(value) || isinf(value)) {
		fputs(isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf", out);
		return;
	}
	snprintf(text, sizeof(text), "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof(text), "%.17g", value);
	fputs(text, out);
}

void xn_om_sample(struct xn_om *om, double value, const struct xn_om_label *labels, size_t n)
{
	const char *before = "{";

	fprintf(om->out, "%s%s", om->family->name, sample_suffix(om->family));
	for (size_t i = 0; i < n; i++) {
		if (!*labels[i].value)
			continue;
		fprintf(om->out, "%s%s=\"", before, labels[i].name);
		put_escaped(om->out, labels[i].value, "\\\"");
		putc('"', om->out);
		before = ",";
	}
	fputs(*before == ',' ? "} " : " ", om->out);
	put_number(om->out, value);
	putc('\n', om->out);
}

void xn_om_end(struct xn_om *om)
{
	fputs("# EOF\n", om->out);
}
