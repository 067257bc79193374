// SPDX-License-Identifier: GPL-2.0-or-later
/* TZif files (RFC 8536): a table of changes, and the rule for all years after it. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "date.h"
#include "zone.h"

#define HEADER 44
#define HOUR   3600

const struct xn_zone xn_zone_utc = { .name = "UTC", .regular = XN_ZONE_FIRST };

/* --- the rule: a POSIX TZ string ----------------------------------------------------------- */

enum day_form {
	DAY_JULIAN,  /* 1..365, without 29 February */
	DAY_OF_YEAR, /* 0..365 */
	DAY_OF_WEEK, /* the n-th such day of a month; 5: the last */
};

struct rule_day {
	enum day_form form;
	int day, week, month; /* of a week: 0 is Sunday */
	int32_t time;	      /* s after midnight; may be outside of the day */
};

struct rule {
	bool dst;
	int32_t standard, summer; /* offsets, s */
	struct rule_day begin, end;
};

struct cursor {
	const char *at;
	bool bad;
};

static int number(struct cursor *c, int most)
{
	int value = 0, digits = 0;

	for (; *c->at >= '0' && *c->at <= '9' && digits < 4; digits++)
		value = value * 10 + *c->at++ - '0';
	if (!digits || value > most)
		c->bad = true;
	return value;
}

static bool take(struct cursor *c, char what)
{
	if (*c->at != what)
		return false;
	c->at++;
	return true;
}

/* [+-]hh[:mm[:ss]] */
static int32_t duration(struct cursor *c)
{
	int sign = take(c, '-') ? -1 : 1;
	int32_t value;

	if (sign > 0)
		take(c, '+');
	value = number(c, 167) * HOUR;
	if (take(c, ':'))
		value += number(c, 59) * 60;
	if (take(c, ':'))
		value += number(c, 59);
	return sign * value;
}

static void skip_name(struct cursor *c)
{
	const char *begin = c->at;

	if (take(c, '<')) {
		while (*c->at && *c->at != '>')
			c->at++;
		c->bad |= !take(c, '>');
		return;
	}
	while ((*c->at >= 'a' && *c->at <= 'z') || (*c->at >= 'A' && *c->at <= 'Z'))
		c->at++;
	c->bad |= c->at == begin;
}

static struct rule_day rule_day(struct cursor *c)
{
	struct rule_day day = { .form = DAY_OF_YEAR, .time = 2 * HOUR };

	if (take(c, 'M')) {
		day.form = DAY_OF_WEEK;
		day.month = number(c, 12);
		c->bad |= !day.month || !take(c, '.');
		day.week = number(c, 5);
		c->bad |= !day.week || !take(c, '.');
		day.day = number(c, 6);
	} else {
		if (take(c, 'J'))
			day.form = DAY_JULIAN;
		day.day = number(c, 365);
		c->bad |= day.form == DAY_JULIAN && !day.day;
	}
	if (take(c, '/'))
		day.time = duration(c);
	return day;
}

/* Return: false: this is none. */
static bool parse_rule(const char *text, struct rule *rule)
{
	struct cursor c = { text };

	memset(rule, 0, sizeof(*rule));
	skip_name(&c);
	rule->standard = -duration(&c);
	if (!*c.at)
		return !c.bad;
	skip_name(&c);
	rule->dst = true;
	rule->summer = rule->standard + HOUR;
	if (*c.at && *c.at != ',')
		rule->summer = -duration(&c);
	c.bad |= !take(&c, ',');
	rule->begin = rule_day(&c);
	c.bad |= !take(&c, ',');
	rule->end = rule_day(&c);
	return !c.bad && !*c.at;
}

static int32_t day_in_year(const struct rule_day *rule, int year)
{
	int32_t first = xn_day_of((struct xn_date){ year, 1, 1 }), day;
	int last;

	if (rule->form == DAY_OF_YEAR)
		return first + rule->day;
	if (rule->form == DAY_JULIAN)
		return first + rule->day - 1 + (rule->day >= 60 && xn_month_length(year, 2) == 29);
	day = xn_day_of((struct xn_date){ year, rule->month, 1 });
	last = day + xn_month_length(year, rule->month) - 1;
	day += (rule->day + 6 - xn_weekday(day)) % 7; /* ours begin with Monday */
	day += 7 * (rule->week - 1);
	return day > last ? day - 7 : day;
}

static int64_t rule_time(const struct rule_day *rule, int year, int32_t offset)
{
	return (int64_t)day_in_year(rule, year) * XN_DAY_SECONDS + rule->time - offset;
}

/* --- the table ------------------------------------------------------------------------------- */

/* What is gathered; @zone has room for all of it. */
struct reader {
	const uint8_t *at, *end;
	struct xn_zone *zone;
	size_t room;
	const char *why;
};

struct counts {
	uint32_t utc, standard, leap, time, type, chars;
};

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static int64_t be64(const uint8_t *at)
{
	return (int64_t)((uint64_t)be32(at) << 32 | be32(at + 4));
}

static size_t block_size(const struct counts *n, size_t width)
{
	return n->time * (width + 1) + n->type * 6 + n->chars + n->leap * (width + 4) +
	       n->standard + n->utc;
}

static bool read_header(struct reader *r, size_t width, struct counts *n)
{
	uint32_t counts[6];

	r->why = "is not a time zone";
	if (r->end - r->at < HEADER || memcmp(r->at, "TZif", 4))
		return false;
	if (r->at[4] < '2') {
		r->why = "is a time zone of an old format";
		return false;
	}
	for (size_t i = 0; i < 6; i++) {
		counts[i] = be32(r->at + 20 + 4 * i);
		if (counts[i] > UINT16_MAX)
			return false;
	}
	*n = (struct counts){ counts[0], counts[1], counts[2], counts[3], counts[4], counts[5] };
	r->at += HEADER;
	if (n->leap) {
		r->why = "counts leap seconds: use the zone without right/";
		return false;
	}
	return n->type && (size_t)(r->end - r->at) >= block_size(n, width);
}

/* Changes that change nothing are none. */
static bool add_change(struct reader *r, int64_t at, int32_t offset)
{
	struct xn_zone *zone = r->zone;
	const int64_t begin =
		(int64_t)xn_day_of((struct xn_date){ XN_ZONE_FIRST, 1, 1 }) * XN_DAY_SECONDS;

	if (at <= begin) {
		zone->first = offset;
		return true;
	}
	if (offset == (zone->n ? zone->changes[zone->n - 1].offset : zone->first))
		return true;
	r->why = "changes at no whole minute";
	if (at % 60 || offset % 60 || abs(offset) >= 26 * HOUR)
		return false;
	r->why = "has too many changes, or not in order";
	if (zone->n == r->room || (zone->n && zone->changes[zone->n - 1].at >= at))
		return false;
	zone->changes[zone->n++] = (struct xn_zone_change){ at, offset };
	return true;
}

static bool read_table(struct reader *r, const struct counts *n)
{
	const uint8_t *types = r->at + n->time * 8, *infos = types + n->time;

	r->why = "is not a time zone";
	r->zone->first = (int32_t)be32(infos);
	for (size_t i = 0; i < n->time; i++) {
		int64_t at = be64(r->at + 8 * i);

		if (types[i] >= n->type)
			return false;
		if (!add_change(r, at, (int32_t)be32(infos + 6 * types[i])))
			return false;
		if (i == n->time - 1 && at > 0)
			r->zone->regular = xn_date_of(xn_floor_div(at, XN_DAY_SECONDS)).year + 1;
	}
	r->at += block_size(n, 8);
	return r->zone->first % 60 == 0;
}

/* The two changes of a year, behind those of the table. */
static bool add_year(struct reader *r, const struct rule *rule, int year)
{
	struct xn_zone_change both[2] = {
		{ rule_time(&rule->begin, year, rule->standard), rule->summer },
		{ rule_time(&rule->end, year, rule->summer), rule->standard },
	};
	bool south = both[1].at < both[0].at;

	for (size_t i = 0; i < 2; i++) {
		const struct xn_zone_change *change = &both[i ^ south];

		if (r->zone->n && change->at <= r->zone->changes[r->zone->n - 1].at)
			continue;
		if (!add_change(r, change->at, change->offset))
			return false;
	}
	return true;
}

static bool is_change(const struct xn_zone *zone, int64_t at, int32_t offset)
{
	int64_t until;

	return xn_zone_offset(zone, at, NULL) == offset &&
	       xn_zone_offset(zone, at - 1, &until) != offset && until == at;
}

/* Is a year of the table as the rule would have it? Tables are often written far ahead. */
static bool follows(const struct xn_zone *zone, const struct rule *rule, int year)
{
	int64_t begin = (int64_t)xn_day_of((struct xn_date){ year, 1, 1 }) * XN_DAY_SECONDS;
	int64_t end = (int64_t)xn_day_of((struct xn_date){ year + 1, 1, 1 }) * XN_DAY_SECONDS;
	size_t n = 0;

	for (size_t i = 0; i < zone->n && zone->changes[i].at < end; i++)
		n += zone->changes[i].at >= begin;
	if (!rule->dst)
		return !n && xn_zone_offset(zone, begin, NULL) == rule->standard;
	return n == 2 &&
	       is_change(zone, rule_time(&rule->begin, year, rule->standard), rule->summer) &&
	       is_change(zone, rule_time(&rule->end, year, rule->summer), rule->standard);
}

static bool read_rule(struct reader *r)
{
	const uint8_t *end;
	struct rule rule;
	char text[128];

	r->why = "has no rule for the years to come";
	if (r->at >= r->end || *r->at++ != '\n')
		return false;
	end = memchr(r->at, '\n', r->end - r->at);
	if (!end || (size_t)(end - r->at) >= sizeof(text))
		return false;
	memcpy(text, r->at, end - r->at);
	text[end - r->at] = '\0';
	if (!parse_rule(text, &rule))
		return false;
	for (int year = r->zone->regular - 1; rule.dst && year <= XN_ZONE_LAST; year++)
		if (!add_year(r, &rule, year))
			return false;
	while (r->zone->regular > XN_ZONE_FIRST && follows(r->zone, &rule, r->zone->regular - 1))
		r->zone->regular--;
	return true;
}

static bool read_zone(struct reader *r)
{
	struct counts n;

	if (!read_header(r, 4, &n))
		return false;
	r->at += block_size(&n, 4);
	if (!read_header(r, 8, &n))
		return false;
	r->room = n.time + 2 * (XN_ZONE_LAST - XN_ZONE_FIRST + 2);
	r->zone->changes = calloc(r->room, sizeof(*r->zone->changes));
	r->why = NULL;
	return r->zone->changes && read_table(r, &n) && read_rule(r);
}

struct xn_zone *xn_zone_parse(const char *name, const void *data, size_t size, const char **why)
{
	struct reader r = { .at = data, .end = (const uint8_t *)data + size };

	*why = NULL;
	r.zone = calloc(1, sizeof(*r.zone));
	if (!r.zone)
		return NULL;
	r.zone->regular = XN_ZONE_FIRST;
	r.zone->name = strdup(name);
	if (r.zone->name && read_zone(&r))
		return r.zone;
	*why = r.zone->name ? r.why : NULL;
	xn_zone_free(r.zone);
	return NULL;
}

void xn_zone_free(struct xn_zone *zone)
{
	if (!zone)
		return;
	free(zone->changes);
	free(zone->name);
	free(zone);
}

int32_t xn_zone_offset(const struct xn_zone *zone, int64_t time, int64_t *until)
{
	size_t low = 0, high = zone->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle].at <= time)
			low = middle + 1;
		else
			high = middle;
	}
	if (until)
		*until = low < zone->n ? zone->changes[low].at : INT64_MAX;
	return low ? zone->changes[low - 1].offset : zone->first;
}
