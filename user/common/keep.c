// SPDX-License-Identifier: GPL-2.0-or-later
/* Ages are whole hours, days, weeks or years. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/keep.h"
#include "core/units.h"

#define TEXT_MAX    64
#define FOLDER_MAX  1024
#define HOUR	    3600.0
#define DAY	    (24 * HOUR)
#define YEAR	    (365 * DAY)
#define AGE_MIN	    HOUR
#define AGE_MAX	    (100 * YEAR)
#define SIZE	    (256.0 * (1 << 20))
#define SIZE_LEAST  (8.0 * (1 << 20))
#define SIZE_MOST   (1024.0 * (1 << 30))
#define KEEP	    60
#define KEEP_MOST   100000
#define EVERY_NEVER XN_LEVELS

#define OPT    CYAML_FLAG_OPTIONAL
#define STRICT (CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT)

#define AGE_FIELD(key) CYAML_FIELD_STRING_PTR(#key, OPT, struct xn_raw_history, key, 0, TEXT_MAX)

const cyaml_schema_field_t xn_history_fields[] = {
	AGE_FIELD(intervals), AGE_FIELD(hours), AGE_FIELD(days), AGE_FIELD(months),
	AGE_FIELD(breaches),  AGE_FIELD(size),	CYAML_FIELD_END,
};

/* 0 is what is not written. */
static const cyaml_strval_t every_names[] = {
	{ "day", 0 },
	{ "hour", XN_LEVEL_HOUR },
	{ "week", XN_LEVEL_WEEK },
	{ "month", XN_LEVEL_MONTH },
	{ "never", EVERY_NEVER },
};

const cyaml_schema_field_t xn_reports_fields[] = {
	CYAML_FIELD_ENUM("every", STRICT, struct xn_raw_reports, every, every_names,
			 CYAML_ARRAY_LEN(every_names)),
	CYAML_FIELD_STRING_PTR("folder", OPT, struct xn_raw_reports, folder, 0, FOLDER_MAX),
	CYAML_FIELD_UINT_PTR("keep", OPT, struct xn_raw_reports, keep),
	CYAML_FIELD_END,
};

static const struct age {
	const char *key;
	size_t raw; /* offset in struct xn_raw_history */
	size_t at;  /* in struct xn_keep */
	double fallback;
} ages[] = {
	{ "intervals", offsetof(struct xn_raw_history, intervals),
	  offsetof(struct xn_keep, age[XN_LEVEL_INTERVAL]), 7 * DAY },
	{ "hours", offsetof(struct xn_raw_history, hours),
	  offsetof(struct xn_keep, age[XN_LEVEL_HOUR]), 90 * DAY },
	{ "days", offsetof(struct xn_raw_history, days),
	  offsetof(struct xn_keep, age[XN_LEVEL_DAY]), 2 * YEAR },
	{ "months", offsetof(struct xn_raw_history, months),
	  offsetof(struct xn_keep, age[XN_LEVEL_MONTH]), 10 * YEAR },
	{ "breaches", offsetof(struct xn_raw_history, breaches), offsetof(struct xn_keep, breaches),
	  YEAR },
};

static const struct {
	const char *name;
	double seconds;
} units[] = { { "y", YEAR }, { "w", 7 * DAY }, { "d", DAY }, { "h", HOUR } };

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char *parse_age(const char *text, double *seconds)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	for (size_t i = 0; end > text && i < N(units); i++) {
		if (strcmp(end, units[i].name) || *text < '0' || *text > '9')
			continue;
		*seconds = number * units[i].seconds;
		return *seconds >= AGE_MIN && *seconds <= AGE_MAX
			       ? NULL
			       : "is out of range: write 1h to 100y";
	}
	return "is no age: write whole hours, days, weeks or years: 12h, 7d, 4w, 2y";
}

static char *format_age(double seconds, char *buf, size_t size)
{
	size_t i = 0;

	while (i + 1 < N(units) &&
	       seconds / units[i].seconds != (double)(unsigned long)(seconds / units[i].seconds))
		i++;
	snprintf(buf, size, "%.0f%s", seconds / units[i].seconds, units[i].name);
	return buf;
}

static bool fail(const struct xn_source *source, const char *key, const char *value,
		 const char *why, struct xn_err *err)
{
	if (value)
		xn_source_err(source, err, key, "\"%s\" %s", value, why);
	else
		xn_source_err(source, err, key, "%s", why);
	return false;
}

static bool read_size(const struct xn_source *source, const char *text, double *size,
		      struct xn_err *err)
{
	const char *why = text ? xn_parse_bytes(text, size) : NULL;

	if (why)
		return fail(source, "history.size", NULL, why, err);
	if (*size < SIZE_LEAST || *size > SIZE_MOST)
		return fail(source, "history.size", text, "is out of range: write 8MiB to 1024GiB",
			    err);
	return true;
}

bool xn_keep_read(const struct xn_source *source, const struct xn_raw_history *raw,
		  struct xn_keep *keep, struct xn_err *err)
{
	static const struct xn_raw_history none;
	char key[TEXT_MAX];

	raw = raw ? raw : &none;
	for (size_t i = 0; i < N(ages); i++) {
		const char *text = *(char *const *)((const char *)raw + ages[i].raw);
		double *age = (double *)((char *)keep + ages[i].at);
		const char *why = NULL;

		*age = ages[i].fallback;
		if (text)
			why = parse_age(text, age);
		snprintf(key, sizeof(key), "history.%s", ages[i].key);
		if (why)
			return fail(source, key, text, why, err);
	}
	keep->size = SIZE;
	return read_size(source, raw->size, &keep->size, err);
}

bool xn_reports_read(const struct xn_source *source, struct xn_raw_reports *raw,
		     struct xn_reports *reports, struct xn_err *err)
{
	*reports = (struct xn_reports){ .every = XN_LEVEL_DAY, .keep = KEEP };
	if (!raw)
		return true;
	if (raw->every)
		reports->every = raw->every;
	if (raw->keep)
		reports->keep = *raw->keep;
	if (reports->keep > KEEP_MOST)
		return fail(source, "reports.keep", NULL, "is out of range: write 0 to 100000",
			    err);
	if (raw->folder && raw->folder[0] != '/')
		return fail(source, "reports.folder", raw->folder,
			    "is not a whole path: begin it with /", err);
	reports->folder = raw->folder;
	raw->folder = NULL;
	return true;
}

json_t *xn_keep_json(const struct xn_keep *keep)
{
	json_t *json = json_object();
	char text[XN_UNIT_TEXT];

	for (size_t i = 0; i < N(ages); i++)
		json_object_set_new(
			json, ages[i].key,
			json_string(format_age(*(const double *)((const char *)keep + ages[i].at),
					       text, sizeof(text))));
	json_object_set_new(json, "size",
			    json_string(xn_format_bytes_exact(keep->size, text, sizeof(text))));
	return json;
}

json_t *xn_reports_json(const struct xn_reports *reports)
{
	json_t *json =
		json_pack("{ss sI}", "every",
			  reports->every == EVERY_NEVER ? "never" : xn_level_name(reports->every),
			  "keep", (json_int_t)reports->keep);

	if (json && reports->folder)
		json_object_set_new(json, "folder", json_string(reports->folder));
	return json;
}
