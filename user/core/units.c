// SPDX-License-Identifier: GPL-2.0-or-later
/* Quantities as people write them, and back. */
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "units.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Longest text quoted in an error, longest number read. */
#define QUOTE_MAX  32
#define NUMBER_MAX 64

/* A unit is 10^power10 * 2^power2 of the base. */
struct unit {
	const char *name;
	int power10;
	int power2;
};

static const struct unit rate_units[] = { { "bit", 0, 0 },    { "kbit", 3, 0 },
					  { "mbit", 6, 0 },   { "gbit", 9, 0 },
					  { "tbit", 12, 0 },  { "kibit", 0, 10 },
					  { "mibit", 0, 20 }, { "gibit", 0, 30 },
					  { "tibit", 0, 40 }, {} };

static const struct unit time_units[] = { { "ns", 0, 0 },
					  { "nsec", 0, 0 },
					  { "nsecs", 0, 0 },
					  { "us", 3, 0 },
					  { "usec", 3, 0 },
					  { "usecs", 3, 0 },
					  { "ms", 6, 0 },
					  { "msec", 6, 0 },
					  { "msecs", 6, 0 },
					  { "s", 9, 0 },
					  { "sec", 9, 0 },
					  { "secs", 9, 0 },
					  {} };

static const struct unit core_units[] = {
	{ "", 0, 0 }, { "%", -2, 0 }, { "core", 0, 0 }, { "cores", 0, 0 }, {}
};

static const struct unit route_units[] = {
	{ "route", 0, 0 }, { "routes", 0, 0 }, { "kroutes", 3, 0 }, { "mroutes", 6, 0 }, {}
};

/* The base is a byte. */
static const struct unit byte_units[] = { { "B", 0, 0 },    { "kB", 3, 0 },
					  { "MB", 6, 0 },   { "GB", 9, 0 },
					  { "KiB", 0, 10 }, { "MiB", 0, 20 },
					  { "GiB", 0, 30 }, {} };

static const struct unit ratio_units[] = { { "", 0, 0 }, { "%", -2, 0 }, {} };

/* As shown, largest first. */
static const struct {
	double size;
	const char *name;
} rate_shown[] = {
	{ 1e12, "Tbit" }, { 1e9, "Gbit" }, { 1e6, "Mbit" }, { 1e3, "kbit" }, { 1, "bit" }
};

static const struct {
	uint64_t size;
	const char *name;
} time_shown[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };

/* What an error says; the clause quotes the text, so it needs a place of its own. */
static const char *complain(const char *text, const char *why)
{
	static _Thread_local char clause[160];
	char quote[QUOTE_MAX + 1];
	size_t n = strnlen(text, QUOTE_MAX);

	for (size_t i = 0; i < n; i++)
		quote[i] = isprint((unsigned char)text[i]) ? text[i] : '?';
	quote[n] = '\0';
	snprintf(clause, sizeof(clause), "\"%s%s\" %s", quote, text[n] ? "..." : "", why);
	return clause;
}

/* Numbers are written with a point, whatever the locale of the program. */
static locale_t c_locale(void)
{
	static locale_t locale;

	if (!locale)
		locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	return locale;
}

/* Length of "12", "1.5", ".5", "1e9" at the start of @text; 0 if there is no such number. */
static size_t number_length(const char *text)
{
	size_t digits = strspn(text, "0123456789"), n = digits, exponent;

	if (text[n] == '.') {
		size_t decimals = strspn(text + n + 1, "0123456789");

		digits += decimals;
		n += 1 + decimals;
	}
	if (!digits)
		return 0;
	if (text[n] != 'e' && text[n] != 'E')
		return n;
	exponent = n + 1 + (text[n + 1] == '+' || text[n + 1] == '-');
	digits = strspn(text + exponent, "0123456789");
	return digits ? exponent + digits : n;
}

/*
 * The power of ten goes into the text before it is converted, so that 33.3Mbit is 33300000
 * exactly and 0.1Mbit + 0.2Mbit is 0.3Mbit.
 */
static double value_of(const char *text, size_t length, const struct unit *unit)
{
	char number[NUMBER_MAX + 16], *end;
	size_t mantissa = strcspn(text, "eE");
	long exponent = 0;

	if (mantissa < length)
		exponent = strtol(text + mantissa + 1, &end, 10);
	else
		mantissa = length;
	if (labs(exponent) > 9999)
		exponent = exponent < 0 ? -9999 : 9999;
	snprintf(number, sizeof(number), "%.*se%ld", (int)mantissa, text, exponent + unit->power10);
	return ldexp(strtod_l(number, NULL, c_locale()), unit->power2);
}

static const struct unit *unit_named(const struct unit *units, const char *name)
{
	while (units->name && strcasecmp(units->name, name))
		units++;
	return units->name ? units : NULL;
}

/* What is wrong with quantities of a kind, and what to write instead. */
struct kind {
	const struct unit *units;
	const char *no_number, *no_unit, *bad_unit;
};

static const struct kind rates = {
	.units = rate_units,
	.no_number = "is no rate: write a number and a unit, such as 100Mbit",
	.no_unit = "has no unit: write 100Mbit, 100kbit or 100bit",
	.bad_unit = "has an unknown unit: write bit, kbit, Mbit, Gbit or Tbit, as in 100Mbit",
};

static const struct kind times = {
	.units = time_units,
	.no_number = "is no time: write a number and a unit, such as 1s",
	.no_unit = "has no unit: write 1s, 500ms or 100us",
	.bad_unit = "has an unknown unit: write s, ms, us or ns, as in 500ms",
};

static const struct kind cores_kind = {
	.units = core_units,
	.no_number = "is no share of CPU: write cores, such as 0.5, or percent of one, such as 50%",
	.bad_unit = "is no share of CPU: write cores, such as 0.5, or percent of one, such as 50%",
};

static const struct kind routes_kind = {
	.units = route_units,
	.no_number = "is no amount of routes: write a number and a unit, such as 4000routes",
	.no_unit = "has no unit: write 4000routes, or bytes such as 2MiB",
	.bad_unit = "has an unknown unit: write 4000routes, or bytes such as 2MiB",
};

static const struct kind bytes_kind = {
	.units = byte_units,
	.no_number = "is no amount of routes: write a number and a unit, such as 4000routes",
	.no_unit = "has no unit: write 4000routes, or bytes such as 2MiB",
	.bad_unit = "has an unknown unit: write 4000routes, or bytes such as 2MiB",
};

static const struct kind sizes_kind = {
	.units = byte_units,
	.no_number = "is no size: write a number and a unit, such as 64KiB",
	.no_unit = "has no unit: write bytes, such as 64KiB, 64kB or 1500B",
	.bad_unit = "has an unknown unit: write B, kB, MB, GB, KiB, MiB or GiB, as in 64KiB",
};

static const struct kind ratios = {
	.units = ratio_units,
	.no_number = "is no ratio: write 30% or 0.3",
	.bad_unit = "is no ratio: write 30% or 0.3",
};

static const char *parse(const struct kind *kind, const char *text, double *value)
{
	size_t length = number_length(text);
	const struct unit *unit = unit_named(kind->units, text + length);

	if (!length && text[0] == '-' && number_length(text + 1))
		return complain(text, "is negative: write 0 or more");
	if (!length || length > NUMBER_MAX)
		return complain(text, kind->no_number);
	if (!unit && text[length])
		return complain(text, kind->bad_unit);
	*value = value_of(text, length, unit ? unit : &kind->units[0]);
	if (!isfinite(*value))
		return complain(text, "is too large");
	return unit || *value == 0 ? NULL : complain(text, kind->no_unit);
}

/* "100Mbps": iproute2 reads bytes, people mean bits as often. */
static bool is_per_second(const char *text)
{
	size_t n = strlen(text);

	return n > 3 && !strcasecmp(text + n - 3, "bps");
}

const char *xn_parse_rate(const char *text, double *bps)
{
	double value;
	const char *wrong = parse(&rates, text, &value);

	if (wrong && number_length(text) && is_per_second(text))
		return complain(text, "may mean bytes or bits: write bits, such as 100Mbit");
	if (!wrong)
		*bps = value;
	return wrong;
}

const char *xn_parse_cores(const char *text, double *cores)
{
	double value;
	const char *wrong = parse(&cores_kind, text, &value);

	if (!wrong)
		*cores = value;
	return wrong;
}

const char *xn_parse_routes(const char *text, double *routes)
{
	bool bytes = unit_named(byte_units, text + number_length(text));
	double value;
	const char *wrong = parse(bytes ? &bytes_kind : &routes_kind, text, &value);

	if (!wrong)
		*routes = floor(bytes ? value / XN_ROUTE_BYTES : value);
	return wrong;
}

/* "64kbit" would be an eighth of what was meant, or eight times as much: units of rates are refused. */
const char *xn_parse_bytes(const char *text, double *bytes)
{
	double value;
	const char *wrong = parse(&sizes_kind, text, &value);

	if (!wrong)
		*bytes = floor(value);
	return wrong;
}

const char *xn_parse_time(const char *text, uint64_t *ns)
{
	double value;
	const char *wrong = parse(&times, text, &value);

	if (wrong)
		return wrong;
	if (value > 1e18)
		return complain(text, "is too long: write a shorter time");
	if (value < 0.5)
		return complain(text, "is no time: write more than 0");
	*ns = llrint(value);
	return NULL;
}

const char *xn_parse_ratio(const char *text, double *ratio)
{
	double value;
	const char *wrong = parse(&ratios, text, &value);

	if (!wrong && value > 1)
		wrong = complain(text, "is above 1: write 0..1, or 0%..100%");
	if (!wrong)
		*ratio = value;
	return wrong;
}

/* printf() in the "C" locale. */
static char *print(char *buf, size_t size, int precision, double value, const char *unit)
{
	locale_t old = uselocale(c_locale());

	snprintf(buf, size, "%.*g%s", precision, value, unit);
	uselocale(old);
	return buf;
}

char *xn_format_rate(double bps, char *buf, size_t size)
{
	size_t i = 0;

	if (!isfinite(bps))
		return print(buf, size, 4, bps, "");
	/* 999.95kbit would be shown as 1000kbit */
	while (i + 1 < N_OF(rate_shown) && fabs(bps) < rate_shown[i].size * 0.99995)
		i++;
	/* no exponents: above 9999Tbit all digits, below a thousandth of a bit none */
	if (fabs(bps) >= 9999.5e12)
		snprintf(buf, size, "%.0fTbit", fmin(fmax(bps / 1e12, -1e25), 1e25));
	else
		print(buf, size, 4, fabs(bps) < 0.0005 ? 0 : bps / rate_shown[i].size,
		      rate_shown[i].name);
	return buf;
}

char *xn_format_rate_exact(double bps, char *buf, size_t size)
{
	double back;

	for (size_t i = 0; i < N_OF(rate_shown); i++) {
		if (bps < rate_shown[i].size)
			continue;
		for (int precision = 3; precision <= 15; precision++) {
			print(buf, size, precision, bps / rate_shown[i].size, rate_shown[i].name);
			if (!strchr(buf, 'e') && !xn_parse_rate(buf, &back) && back == bps)
				return buf;
		}
	}
	return print(buf, size, 17, bps, "bit");
}

/* Shortest text of all digits and @unit that @parse reads back to @value. */
static char *print_exact(double value, const char *unit,
			 const char *(*parse_text)(const char *text, double *value), char *buf,
			 size_t size)
{
	double back;

	for (int precision = 3; precision <= 15; precision++) {
		print(buf, size, precision, value, unit);
		if (!strchr(buf, 'e') && !parse_text(buf, &back) && back == value)
			return buf;
	}
	return print(buf, size, 17, value, unit);
}

char *xn_format_cores(double cores, char *buf, size_t size)
{
	const char *unit = cores == 1 ? "core" : "cores";

	if (!isfinite(cores))
		return print(buf, size, 4, cores, "");
	/* no exponents */
	if (fabs(cores) >= 9999.5)
		snprintf(buf, size, "%.0f%s", fmin(fmax(cores, -1e25), 1e25), unit);
	else
		print(buf, size, 4, fabs(cores) < 0.0001 ? 0 : cores, unit);
	return buf;
}

char *xn_format_cores_exact(double cores, char *buf, size_t size)
{
	return print_exact(cores, "", xn_parse_cores, buf, size);
}

char *xn_format_routes(double routes, char *buf, size_t size)
{
	if (!isfinite(routes))
		return print(buf, size, 4, routes, "");
	snprintf(buf, size, "%.0froutes", fmin(fmax(routes, -1e25), 1e25));
	return buf;
}

char *xn_format_routes_exact(double routes, char *buf, size_t size)
{
	return print_exact(routes, "routes", xn_parse_routes, buf, size);
}

char *xn_format_bytes_exact(double bytes, char *buf, size_t size)
{
	static const struct {
		double size;
		const char *name;
	} shown[] = { { 1 << 20, "MiB" }, { 1e6, "MB" }, { 1 << 10, "KiB" }, { 1e3, "kB" } };

	for (size_t i = 0; i < N_OF(shown); i++) {
		if (bytes < shown[i].size || fmod(bytes, shown[i].size) != 0)
			continue;
		snprintf(buf, size, "%.0f%s", bytes / shown[i].size, shown[i].name);
		return buf;
	}
	snprintf(buf, size, "%.0fB", fmin(bytes, 1e25));
	return buf;
}

char *xn_format_time(uint64_t ns, char *buf, size_t size)
{
	size_t i = 0;

	while (i + 1 < N_OF(time_shown) && (!ns || ns % time_shown[i].size))
		i++;
	snprintf(buf, size, "%llu%s", (unsigned long long)(ns / time_shown[i].size),
		 time_shown[i].name);
	return buf;
}
