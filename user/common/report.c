// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures of a report as people read them. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/report.h"
#include "core/resource.h"

#define REASONS_MAX 16

bool xn_report_is(const json_t *json)
{
	return json_is_array(json_object_get(json, "networks")) &&
	       json_is_number(json_object_get(json, "from")) &&
	       json_is_number(json_object_get(json, "to"));
}

const char *xn_report_string(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

double xn_report_number(const json_t *record, const char *key)
{
	double value = json_number_value(json_object_get(record, key));

	return isfinite(value) ? value : 0;
}

static enum xn_resource_kind kind_of(const json_t *resource)
{
	enum xn_resource_kind kind = xn_resource_named(xn_report_string(resource, "resource"));

	return kind == XN_RESOURCES ? XN_BANDWIDTH : kind;
}

double xn_report_rate(const json_t *resource, const json_t *record, const char *what)
{
	char key[XN_RESOURCE_KEY];

	return xn_report_number(record, xn_resource_key(kind_of(resource), what, key));
}

char *xn_report_amount(const json_t *resource, double rate, char buf[XN_REPORT_FIGURE])
{
	return xn_quantities[kind_of(resource)].format(rate, buf, XN_REPORT_FIGURE);
}

char *xn_report_time(double time, char buf[XN_REPORT_FIGURE])
{
	time_t seconds = (time_t)fmin(fmax(time, 0), 1e11);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(buf, XN_REPORT_FIGURE, "%Y-%m-%d %H:%M:%S %z", &tm))
		snprintf(buf, XN_REPORT_FIGURE, "?");
	return buf;
}

char *xn_report_span(double seconds, char buf[XN_REPORT_FIGURE])
{
	static const struct {
		double size;
		const char *name, *next;
		double part;
	} units[] = {
		{ 86400, "d", "h", 3600 },
		{ 3600, "h", "min", 60 },
		{ 60, "min", "s", 1 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double whole = floor(seconds / units[i].size + 1e-9);
		double rest = floor((seconds - whole * units[i].size) / units[i].part + 1e-9);

		if (whole < 1 || whole > 1e9)
			continue;
		snprintf(buf, XN_REPORT_FIGURE, rest > 0 ? "%.0f %s %.0f %s" : "%.0f %s", whole,
			 units[i].name, rest, units[i].next);
		return buf;
	}
	snprintf(buf, XN_REPORT_FIGURE, "%.3g s", seconds);
	return buf;
}

/* Who comes after a reason that was told with so many ticks? */
static const char *next_reason(const json_t *why, double *ticks, const char *told[], size_t n)
{
	const char *best = NULL, *name;
	json_t *value;

	*ticks = 0;
	json_object_foreach((json_t *)why, name, value) {
		bool old = false;

		for (size_t i = 0; i < n; i++)
			old |= told[i] == name;
		if (old || !(json_number_value(value) > *ticks))
			continue;
		*ticks = json_number_value(value);
		best = name;
	}
	return best;
}

char *xn_report_why(const json_t *resource, char *buf, size_t size)
{
	const json_t *why = json_object_get(resource, "why");
	double all = xn_report_number(resource, "punished_ticks"), ticks;
	const char *told[REASONS_MAX];
	size_t length = 0;

	buf[0] = '\0';
	for (size_t n = 0; n < REASONS_MAX && length < size; n++) {
		told[n] = next_reason(why, &ticks, told, n);
		if (!told[n])
			break;
		length += (size_t)snprintf(buf + length, size - length, "%s%.20s %.0f%%",
					   n ? ", " : "", told[n], all > 0 ? 100 * ticks / all : 0);
	}
	return buf;
}

double xn_report_breaches(const json_t *network)
{
	const json_t *resource;
	double sum = 0;
	size_t i;

	json_array_foreach(json_object_get(network, "resources"), i, resource)
		sum += xn_report_number(resource, "breaches_short") +
		       xn_report_number(resource, "breaches_long");
	return sum;
}

double xn_report_conformity(const json_t *network, double *lowest)
{
	const json_t *resource;
	double sum = 0, n = 0;
	size_t i;

	*lowest = 1;
	json_array_foreach(json_object_get(network, "resources"), i, resource) {
		sum += xn_report_number(resource, "conformity");
		*lowest = fmin(*lowest, xn_report_number(resource, "conformity_min"));
		n++;
	}
	return n > 0 ? sum / n : 1;
}
