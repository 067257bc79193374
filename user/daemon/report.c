// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of the store -> sums per network and resource, points to draw, breaches. */
#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/resource.h"
#include "daemon/report.h"

#define POINTS_MAX   240   /* of a resource */
#define DRAWN_MAX    100   /* resources, for which there are points */
#define BREACHES_MAX 1000  /* listed, of a network */
#define LISTED_MAX   20000 /* of all */
#define HOUR	     3600.0
#define DAY	     (24 * HOUR)

struct point {
	double time;
	struct xn_figures period;
};

/* One network on one resource. */
struct part {
	char network[XN_STORE_NAME], link[XN_STORE_NAME];
	struct xn_figures sum;
	struct point *points;
	size_t n, max;
};

struct report {
	enum xn_level level;
	double from, to;
	void *parts; /* tree (search.h), by network and link */
	size_t n_parts;
	json_t *breaches; /* lists, by network */
	size_t listed;
	json_t *networks; /* list that is being made */
	struct xn_err *err;
};

/* --- which rows --- */

static const struct {
	enum xn_level level;
	double most;   /* s of a report that is made of them */
	double length; /* s of one, at most */
} steps[] = {
	{ XN_LEVEL_INTERVAL, 3 * HOUR, DAY },
	{ XN_LEVEL_HOUR, 4 * DAY, HOUR },
	{ XN_LEVEL_DAY, 120 * DAY, 25 * HOUR },
	{ XN_LEVEL_MONTH, INFINITY, 32 * DAY },
};

/* Is there something of the time before what @level has, one level up? */
static bool is_forgotten(struct xn_store *store, enum xn_level level, double from)
{
	double oldest = xn_store_oldest(store, level);
	double above = xn_store_oldest(store, level + 1);

	return oldest > from && above > 0 && above + steps[level + 1].length < oldest;
}

static enum xn_level choose_level(struct xn_store *store, const struct xn_report_request *request)
{
	enum xn_level level = XN_LEVEL_INTERVAL;

	while (level < XN_LEVEL_MONTH && request->to - request->from > steps[level].most)
		level++;
	while (level < XN_LEVEL_MONTH && is_forgotten(store, level, request->from))
		level++;
	return level;
}

int xn_report_check(struct xn_report_request *request, double now, struct xn_err *err)
{
	if (!(request->to > 0))
		request->to = now;
	if (!(request->from > 0))
		request->from = request->to - DAY;
	if (isfinite(request->from) && isfinite(request->to) && request->from < request->to &&
	    request->to < 1e11)
		return 0;
	xn_err_set(err, "a report begins before it ends: give another from or to");
	return -EINVAL;
}

/* --- sums --- */

static int compare_parts(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int order = strcmp(x->network, y->network);

	return order ? order : strcmp(x->link, y->link);
}

static struct part *part_of(struct report *report, const struct xn_store_row *row)
{
	struct part key, **found, *part;

	strcpy(key.network, row->network);
	strcpy(key.link, row->link);
	found = tfind(&key, &report->parts, compare_parts);
	if (found)
		return *found;
	part = calloc(1, sizeof(*part));
	if (!part)
		return NULL;
	strcpy(part->network, row->network);
	strcpy(part->link, row->link);
	if (!tsearch(part, &report->parts, compare_parts)) {
		free(part);
		return NULL;
	}
	report->n_parts++;
	return part;
}

static void free_part(void *part)
{
	free(((struct part *)part)->points);
	free(part);
}

/* Start of the point that a row belongs to. */
static double point_of(const struct report *report, const struct xn_store_row *row)
{
	double width = (report->to - report->from) / POINTS_MAX;

	if (report->level != XN_LEVEL_INTERVAL)
		return row->time;
	if (width < row->period.seconds)
		return row->time - row->period.seconds;
	return report->from + floor((row->time - 0.001 - report->from) / width) * width;
}

/* Return: the point that begins at @time, NULL without memory. */
static struct point *add_point(struct part *part, double time)
{
	struct point *points = part->points;

	if (part->n && points[part->n - 1].time >= time)
		return &points[part->n - 1];
	if (part->n == part->max) {
		size_t max = part->max ? 2 * part->max : 32;

		points = reallocarray(points, max, sizeof(*points));
		if (!points)
			return NULL;
		part->points = points;
		part->max = max;
	}
	points[part->n] = (struct point){ .time = time };
	return &points[part->n++];
}

static bool add_row(const struct xn_store_row *row, void *arg)
{
	struct report *report = arg;
	struct part *part = part_of(report, row);
	struct point *point;

	if (!part)
		goto no_memory;
	xn_figures_add(&part->sum, &row->period);
	if (report->n_parts > DRAWN_MAX)
		return true;
	point = add_point(part, point_of(report, row));
	if (!point)
		goto no_memory;
	xn_figures_add(&point->period, &row->period);
	return true;

no_memory:
	xn_err_set(report->err, "no memory for the report");
	return false;
}

/* --- as JSON --- */

static void put_rate(json_t *json, enum xn_resource_kind kind, const char *what, double rate)
{
	char key[XN_RESOURCE_KEY];

	json_object_set_new(json, xn_resource_key(kind, what, key), json_real(rate));
}

/* "used_bits", "offered_bits": volumes. */
static void put_volumes(json_t *json, enum xn_resource_kind kind, const struct xn_figures *p)
{
	const char *used = xn_quantities[kind].used;
	char offered[XN_RESOURCE_KEY + 8];

	snprintf(offered, sizeof(offered), "offered%s", strchr(used, '_'));
	json_object_set_new(json, used, json_real(p->through));
	json_object_set_new(json, offered, json_real(p->offered));
}

static json_t *why_json(const struct xn_figures *p)
{
	json_t *why = json_object();

	for (enum xn_why i = 0; i < XN_WHYS; i++)
		if (p->why[i] > 0)
			json_object_set_new(why, xn_why_name(i), json_integer(p->why[i]));
	return why;
}

static json_t *point_json(double time, enum xn_resource_kind kind, const struct xn_figures *p)
{
	json_t *json = json_pack("{sf sf sf sf sf sf sI}", "time", time, "seconds", p->seconds,
				 "conformity", xn_figures_c(p), "conformity_min", p->c_min,
				 "punished", xn_figures_punished(p), "depth", xn_figures_depth(p),
				 "breaches", (json_int_t)(p->breaches_short + p->breaches_long));

	put_rate(json, kind, "demand", xn_figures_demand(p));
	put_rate(json, kind, "throughput", xn_figures_through(p));
	put_rate(json, kind, "rl", p->rl / p->seconds);
	return json;
}

static json_t *sum_json(const char *link, enum xn_resource_kind kind, const struct xn_figures *p)
{
	json_t *json = json_pack(
		"{ss ss sf sI sI sI sf sf sf sf sf sf sf sf sf so sI sI sI sf}", "name", link,
		"resource", xn_quantities[kind].name, "seconds", p->seconds, "intervals",
		(json_int_t)p->intervals, "ticks", (json_int_t)p->ticks, "punished_ticks",
		(json_int_t)p->punished, "ec_mean", xn_figures_ec(p), "ec_max", p->ec_max,
		"el_mean", xn_figures_el(p), "el_max", p->el_max, "conformity", xn_figures_c(p),
		"conformity_min", p->c_min, "punished", xn_figures_punished(p), "depth",
		xn_figures_depth(p), "depth_max", p->ratio_max, "why", why_json(p),
		"breaches_short", (json_int_t)p->breaches_short, "breaches_long",
		(json_int_t)p->breaches_long, "excused", (json_int_t)p->excused, "broken",
		p->broken);

	put_rate(json, kind, "demand", xn_figures_demand(p));
	put_rate(json, kind, "throughput", xn_figures_through(p));
	put_rate(json, kind, "rc", p->rc / p->seconds);
	put_rate(json, kind, "rl", p->rl / p->seconds);
	put_volumes(json, kind, p);
	return json;
}

static json_t *part_json(const struct report *report, const struct part *part)
{
	enum xn_resource_kind kind = xn_resource_of_row(part->link);
	json_t *json = sum_json(part->link, kind, &part->sum), *points = json_array();

	for (size_t i = 0; i < part->n && report->n_parts <= DRAWN_MAX; i++)
		json_array_append_new(
			points, point_json(part->points[i].time, kind, &part->points[i].period));
	json_object_set_new(json, "points", points);
	return json;
}

static json_t *breach_json(const struct xn_store_breach *breach)
{
	return json_pack(
		"{sf sf ss ss ss ss ss sb sf sf}", "time", breach->time, "seconds", breach->seconds,
		"name", breach->link, "kind", breach->kind == XN_BREACH_SHORT ? "short" : "long",
		"cause", xn_cause_name(breach->cause), "text", xn_cause_text(breach->cause),
		"fault", xn_cause_fault(breach->cause), "breach", breach->cause != XN_CAUSE_BURST,
		"error", breach->worst, "error_mean", breach->mean);
}

static json_t *new_network(const char *name)
{
	return json_pack("{ss s[] s[] si}", "network", name, "resources", "breaches", "left_out",
			 0);
}

static void leave_out(json_t *network)
{
	json_int_t n = json_integer_value(json_object_get(network, "left_out"));

	json_object_set_new(network, "left_out", json_integer(n + 1));
}

static bool add_breach(const struct xn_store_breach *breach, void *arg)
{
	struct report *report = arg;
	json_t *network = json_object_get(report->breaches, breach->network), *list;

	if (!network) {
		network = new_network(breach->network);
		json_object_set_new(report->breaches, breach->network, network);
	}
	list = json_object_get(network, "breaches");
	if (json_array_size(list) < BREACHES_MAX && report->listed < LISTED_MAX) {
		json_array_append_new(list, breach_json(breach));
		report->listed++;
	} else {
		leave_out(network);
	}
	return true;
}

/* Parts come by network; the network's breaches are with it. */
static void put_part(const void *node, VISIT visit, void *arg)
{
	const struct part *part = *(const struct part *const *)node;
	struct report *report = arg;
	size_t n = json_array_size(report->networks);
	json_t *network = n ? json_array_get(report->networks, n - 1) : NULL;

	if (visit != postorder && visit != leaf)
		return;
	if (!network ||
	    strcmp(json_string_value(json_object_get(network, "network")), part->network)) {
		network = json_incref(json_object_get(report->breaches, part->network));
		json_object_del(report->breaches, part->network);
		if (!network)
			network = new_network(part->network);
		json_array_append_new(report->networks, network);
	}
	json_array_append_new(json_object_get(network, "resources"), part_json(report, part));
}

static json_t *report_json(struct report *report)
{
	json_t *network;
	const char *name;

	report->networks = json_array();
	twalk_r(report->parts, put_part, report);
	json_object_foreach(report->breaches, name, network)
		json_array_append(report->networks, network);
	return json_pack("{sf sf sf ss ss so}", "from", report->from, "to", report->to, "generated",
			 (double)time(NULL), "step", xn_level_name(report->level), "version",
			 XN_VERSION, "networks", report->networks);
}

json_t *xn_report_build(struct xn_store *store, const struct xn_report_request *request,
			struct xn_err *err)
{
	struct report report = { .err = err, .breaches = json_object() };
	json_t *json = NULL;

	report.level = choose_level(store, request);
	report.from = xn_level_start(report.level, request->from);
	report.to = xn_level_start(report.level, request->to);
	if (report.to < request->to)
		report.to = xn_level_next(report.level, request->to);
	err->text[0] = '\0';
	if (!xn_store_periods(store, report.level, request->network, report.from, report.to,
			      add_row, &report, err) &&
	    !xn_store_breaches(store, request->network, report.from, report.to, add_breach, &report,
			       err) &&
	    !*err->text)
		json = report_json(&report);
	tdestroy(report.parts, free_part);
	json_decref(report.breaches);
	return json;
}
