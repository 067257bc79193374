// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A report as one HTML page: no script, no request to anywhere, drawings as inline SVG. All of it can be had without
 * seeing: each drawing has a title, a description and its figures as a table.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/report.h"

/* A drawing: user units. */
#define WIDTH  720
#define HEIGHT 150
#define LEFT   88 /* of the plot */
#define RIGHT  712
#define TOP    8
#define BOTTOM 126

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'\">\n"
	"<title>SLA report</title>\n<style>\n"
	":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--faint:#57606a;--line:#d0d7de;"
	"--demand:#8250df;--through:#0969da;--sold:#1a7f37;--bad:#cf222e;--card:#f6f8fa}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--faint:#9aa4af;"
	"--line:#3d444d;--demand:#b79bff;--through:#58a6ff;--sold:#3fb950;--bad:#ff7b72;"
	"--card:#161b22}}\n"
	"body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
	"margin:0 auto;max-width:62rem;padding:1rem}\n"
	"h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem;"
	"border-bottom:1px solid var(--line)}h3{font-size:1.05rem;margin:1.2rem 0 .3rem}\n"
	"p{margin:.3rem 0}.faint,figcaption{color:var(--faint);font-size:.9rem}\n"
	".bad{color:var(--bad);font-weight:600}\n"
	".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;"
	"font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--faint)}\n"
	"th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:left;"
	"white-space:nowrap}td.n,th.n{text-align:right}\n"
	"figure{margin:.5rem 0;padding:.5rem;background:var(--card);border-radius:.5rem}\n"
	"svg{width:100%;height:auto;display:block}svg text{fill:var(--faint);font-size:11px}\n"
	".grid{stroke:var(--line)}.demand{fill:none;stroke:var(--demand);stroke-width:1.5;"
	"stroke-dasharray:5 3}.through{fill:none;stroke:var(--through);stroke-width:2}\n"
	".sold{fill:none;stroke:var(--sold);stroke-width:1.5;stroke-dasharray:2 3}"
	".punished{fill:var(--bad);opacity:.45}.mark{fill:var(--bad)}\n"
	".key{display:inline-block;width:1.8em;height:0;border-top:2px solid;margin:0 .3em .25em "
	".9em;vertical-align:middle}\n"
	"@media (max-width:40rem){svg text{font-size:17px}}\n"
	"summary{cursor:pointer}a{color:var(--through)}\n"
	"@media print{details{display:none}}\n"
	"</style>\n</head>\n<body>\n";

/* --- text --- */

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc((unsigned char)*text < ' ' ? '?' : *text, out);
		}
}

static void put_member(FILE *out, const json_t *record, const char *key)
{
	put_text(out, xn_report_string(record, key));
}

static void cell(FILE *out, const char *text)
{
	fputs("<td class=\"n\">", out);
	put_text(out, text);
	fputs("</td>", out);
}

static void cell_amount(FILE *out, const json_t *resource, const json_t *record, const char *what)
{
	char text[XN_REPORT_FIGURE];

	cell(out, xn_report_amount(resource, xn_report_rate(resource, record, what), text));
}

static void cell_number(FILE *out, const char *format, double value)
{
	char text[XN_REPORT_FIGURE];

	snprintf(text, sizeof(text), format, value);
	cell(out, text);
}

/* --- drawings --- */

struct plot {
	FILE *out;
	const json_t *resource, *points;
	double from, to, top;
	double gap; /* s without a point that break a line */
};

static double x_of(const struct plot *plot, double time)
{
	double part = (time - plot->from) / (plot->to - plot->from);

	return LEFT + (RIGHT - LEFT) * fmin(fmax(part, 0), 1);
}

static double y_of(const struct plot *plot, double value)
{
	return BOTTOM - (BOTTOM - TOP) * fmin(fmax(value / plot->top, 0), 1);
}

/* 1, 2 or 5 times a power of ten. */
static double round_up(double value)
{
	double power = value > 0 ? pow(10, floor(log10(value))) : 1;
	static const double steps[] = { 1, 2, 5, 10 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (value <= steps[i] * power * (1 + 1e-9))
			return steps[i] * power;
	return 10 * power;
}

static double highest(const json_t *resource, const json_t *points)
{
	const json_t *point;
	double most = 0;
	size_t i;

	json_array_foreach(points, i, point) {
		most = fmax(most, xn_report_rate(resource, point, "demand"));
		most = fmax(most, xn_report_rate(resource, point, "rl"));
	}
	return most > 0 ? round_up(most) : 1;
}

/* Each point is a level that holds from its time on. */
static void put_line(const struct plot *plot, const char *what)
{
	const json_t *point;
	double before = -INFINITY;
	size_t i;

	fprintf(plot->out, "<path class=\"%s\" d=\"",
		strcmp(what, "rl") ? (strcmp(what, "demand") ? "through" : "demand") : "sold");
	json_array_foreach(plot->points, i, point) {
		double time = xn_report_number(point, "time");
		double next =
			i + 1 < json_array_size(plot->points)
				? xn_report_number(json_array_get(plot->points, i + 1), "time")
				: plot->to;
		double end = fmin(next, time + plot->gap);
		double y = y_of(plot, xn_report_rate(plot->resource, point, what));

		fprintf(plot->out, "%c%.1f %.1fH%.1f", time > before + 1 ? 'M' : 'L',
			x_of(plot, time), y, x_of(plot, end));
		before = end;
	}
	fputs("\"/>", plot->out);
}

static void put_grid(const struct plot *plot, char *(*label)(const struct plot *plot, double value,
							     char buf[XN_REPORT_FIGURE]))
{
	char text[XN_REPORT_FIGURE];

	for (int i = 0; i <= 2; i++) {
		double value = plot->top * i / 2, y = y_of(plot, value);

		fprintf(plot->out,
			"<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" "
			"text-anchor=\"end\">",
			LEFT, y, RIGHT, LEFT - 6, y + 4);
		put_text(plot->out, label(plot, value, text));
		fputs("</text>", plot->out);
	}
}

/* At the ends and in the middle: time of day, and the date where a report is of more than one. */
static void put_times(const struct plot *plot)
{
	static const char *const anchors[] = { "start", "middle", "end" };
	const char *format = plot->to - plot->from > 2 * 86400.0 ? "%Y-%m-%d" : "%m-%d %H:%M";

	for (int i = 0; i <= 2; i++) {
		time_t at = (time_t)(plot->from + (plot->to - plot->from) * i / 2);
		char text[XN_REPORT_FIGURE] = "";
		struct tm tm;

		if (localtime_r(&at, &tm))
			strftime(text, sizeof(text), format, &tm);
		fprintf(plot->out, "<text x=\"%.0f\" y=\"%d\" text-anchor=\"%s\">%s</text>",
			LEFT + (RIGHT - LEFT) * i / 2.0, HEIGHT - 8, anchors[i], text);
	}
}

static char *amount_label(const struct plot *plot, double value, char buf[XN_REPORT_FIGURE])
{
	return xn_report_amount(plot->resource, value, buf);
}

static char *percent_label(const struct plot *plot, double value, char buf[XN_REPORT_FIGURE])
{
	(void)plot;
	snprintf(buf, XN_REPORT_FIGURE, "%.0f%%", 100 * value);
	return buf;
}

static void begin_svg(const struct plot *plot, const char *title, const char *description)
{
	fprintf(plot->out, "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>", WIDTH, HEIGHT);
	put_text(plot->out, title);
	fputs("</title><desc>", plot->out);
	put_text(plot->out, description);
	fputs("</desc>", plot->out);
}

static void draw_rates(const struct plot *plot)
{
	const json_t *r = plot->resource;
	char demand[XN_REPORT_FIGURE], through[XN_REPORT_FIGURE], text[256];

	snprintf(text, sizeof(text), "On average %s asked for and %s let through",
		 xn_report_amount(r, xn_report_rate(r, r, "demand"), demand),
		 xn_report_amount(r, xn_report_rate(r, r, "throughput"), through));
	fputs("<figure>", plot->out);
	begin_svg(plot, "Demand and throughput over time", text);
	put_grid(plot, amount_label);
	put_line(plot, "rl");
	put_line(plot, "demand");
	put_line(plot, "throughput");
	put_times(plot);
	fputs("</svg><figcaption>"
	      "<span class=\"key\" style=\"color:var(--demand);border-top-style:dashed\"></span>"
	      "asked for"
	      "<span class=\"key\" style=\"color:var(--through)\"></span>let through"
	      "<span class=\"key\" style=\"color:var(--sold);border-top-style:dotted\"></span>"
	      "sold for the long term</figcaption></figure>\n",
	      plot->out);
}

/* Bars of the time that was punished, as high as the punishment was deep; a mark on top of each breach. */
static void put_bars(const struct plot *plot)
{
	const json_t *point;
	size_t i;

	json_array_foreach(plot->points, i, point) {
		double time = xn_report_number(point, "time");
		double left = x_of(plot, time);
		double right = x_of(plot, time + fmax(xn_report_number(point, "seconds"), 1));
		double y = y_of(plot, xn_report_number(point, "punished") *
					      xn_report_number(point, "depth"));

		if (y < BOTTOM)
			fprintf(plot->out,
				"<rect class=\"punished\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
				"height=\"%.1f\"/>",
				left, y, fmax(right - left, 0.7), BOTTOM - y);
		if (xn_report_number(point, "breaches") > 0)
			fprintf(plot->out,
				"<path class=\"mark\" d=\"M%.1f %dl-5 -9h10z\"><title>%.0f "
				"breaches</title></path>",
				(left + right) / 2, BOTTOM - 1,
				xn_report_number(point, "breaches"));
	}
}

static void put_conformity(const struct plot *plot)
{
	const json_t *point;
	size_t i;

	fputs("<path class=\"through\" d=\"", plot->out);
	json_array_foreach(plot->points, i, point) {
		double time = xn_report_number(point, "time");

		fprintf(plot->out, "%c%.1f %.1fH%.1f", i ? 'L' : 'M', x_of(plot, time),
			y_of(plot, xn_report_number(point, "conformity")),
			x_of(plot, time + fmin(xn_report_number(point, "seconds"), plot->gap)));
	}
	fputs("\"/>", plot->out);
}

static void draw_conformity(const struct plot *plot)
{
	struct plot unit = *plot;
	char text[256];

	unit.top = 1;
	snprintf(
		text, sizeof(text),
		"Conformity %.4f on average and %.4f at least; punished for %.1f%% of the time, by "
		"%.1f%% then; %.0f breaches",
		xn_report_number(plot->resource, "conformity"),
		xn_report_number(plot->resource, "conformity_min"),
		100 * xn_report_number(plot->resource, "punished"),
		100 * xn_report_number(plot->resource, "depth"),
		xn_report_number(plot->resource, "breaches_short") +
			xn_report_number(plot->resource, "breaches_long"));
	fputs("<figure>", plot->out);
	begin_svg(&unit, "Conformity, punishment and breaches over time", text);
	put_grid(&unit, percent_label);
	put_bars(&unit);
	put_conformity(&unit);
	put_times(&unit);
	fputs("</svg><figcaption>"
	      "<span class=\"key\" style=\"color:var(--through)\"></span>conformity"
	      "<span class=\"key\" style=\"color:var(--bad)\"></span>share dropped as punishment"
	      " <span class=\"bad\" aria-hidden=\"true\">&#9660;</span> "
	      "breach</figcaption></figure>\n",
	      plot->out);
}

/* The same as figures. */
static void put_points(FILE *out, const json_t *resource, const json_t *points)
{
	const json_t *point;
	char when[XN_REPORT_FIGURE];
	size_t i;

	fputs("<details><summary>Figures</summary><div class=\"scroll\" tabindex=\"0\"><table>"
	      "<thead><tr><th scope=\"col\">From</th><th scope=\"col\" class=\"n\">Asked for</th>"
	      "<th scope=\"col\" class=\"n\">Let through</th><th scope=\"col\" "
	      "class=\"n\">Sold</th>"
	      "<th scope=\"col\" class=\"n\">Conformity</th><th scope=\"col\" "
	      "class=\"n\">Lowest</th>"
	      "<th scope=\"col\" class=\"n\">Punished</th><th scope=\"col\" class=\"n\">Depth</th>"
	      "<th scope=\"col\" class=\"n\">Breaches</th></tr></thead><tbody>\n",
	      out);
	json_array_foreach(points, i, point) {
		fprintf(out, "<tr><th scope=\"row\">%s</th>",
			xn_report_time(xn_report_number(point, "time"), when));
		cell_amount(out, resource, point, "demand");
		cell_amount(out, resource, point, "throughput");
		cell_amount(out, resource, point, "rl");
		cell_number(out, "%.4f", xn_report_number(point, "conformity"));
		cell_number(out, "%.4f", xn_report_number(point, "conformity_min"));
		cell_number(out, "%.1f%%", 100 * xn_report_number(point, "punished"));
		cell_number(out, "%.1f%%", 100 * xn_report_number(point, "depth"));
		cell_number(out, "%.0f", xn_report_number(point, "breaches"));
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div></details>\n", out);
}

/* --- sections --- */

/* How long a point is, at most. */
static double step_of(const json_t *report)
{
	const char *step = xn_report_string(report, "step");
	double span = xn_report_number(report, "to") - xn_report_number(report, "from");

	if (!strcmp(step, "hour"))
		return 3600;
	if (!strcmp(step, "day"))
		return 25 * 3600;
	if (!strcmp(step, "month"))
		return 31 * 86400;
	return fmax(60, span / 100);
}

static void put_resource(FILE *out, const json_t *report, const json_t *resource)
{
	const json_t *points = json_object_get(resource, "points");
	struct plot plot = {
		.out = out,
		.resource = resource,
		.points = points,
		.from = xn_report_number(report, "from"),
		.to = xn_report_number(report, "to"),
		.top = highest(resource, points),
		.gap = step_of(report),
	};
	char why[128], span[XN_REPORT_FIGURE];

	fputs("<h3>", out);
	put_member(out, resource, "name");
	fputs("</h3>\n<p class=\"faint\">", out);
	fprintf(out,
		"Watched for %s, %.0f long intervals. Short-term error %.4f on average, %.4f at "
		"most; long-term error %.4f, %.4f at most.",
		xn_report_span(xn_report_number(resource, "seconds"), span),
		xn_report_number(resource, "intervals"), xn_report_number(resource, "ec_mean"),
		xn_report_number(resource, "ec_max"), xn_report_number(resource, "el_mean"),
		xn_report_number(resource, "el_max"));
	if (*xn_report_why(resource, why, sizeof(why))) {
		fputs(" Punished because: ", out);
		put_text(out, why);
		fputc('.', out);
	}
	if (xn_report_number(resource, "excused") > 0)
		fprintf(out, " %.0f long-term errors were of the demand's own making: no breaches.",
			xn_report_number(resource, "excused"));
	fputs("</p>\n", out);
	if (!json_array_size(points) || !(plot.to > plot.from))
		return;
	draw_rates(&plot);
	draw_conformity(&plot);
	put_points(out, resource, points);
}

static void put_breach(FILE *out, const json_t *breach)
{
	bool is = json_is_true(json_object_get(breach, "breach"));
	char text[XN_REPORT_FIGURE];

	fprintf(out, "<tr><th scope=\"row\">%s</th><td>",
		xn_report_time(xn_report_number(breach, "time"), text));
	put_member(out, breach, "name");
	fputs("</td><td>", out);
	put_member(out, breach, "kind");
	fputs("-term</td>", out);
	cell(out, xn_report_span(xn_report_number(breach, "seconds"), text));
	cell_number(out, "%.3f", xn_report_number(breach, "error"));
	fprintf(out, "<td%s>", is ? " class=\"bad\"" : "");
	put_member(out, breach, "fault");
	fputs(is ? "</td><td>" : " (no breach)</td><td>", out);
	put_member(out, breach, "text");
	fputs("</td></tr>\n", out);
}

static void put_breaches(FILE *out, const json_t *network)
{
	const json_t *breaches = json_object_get(network, "breaches"), *breach;
	size_t i;

	if (!json_array_size(breaches)) {
		fprintf(out,
			xn_report_breaches(network) > 0
				? "<p>%.0f breaches; when they were is not kept any more.</p>\n"
				: "<p>No breach.</p>\n",
			xn_report_breaches(network));
		return;
	}
	fputs("<div class=\"scroll\" tabindex=\"0\"><table><caption>Breaches, and whose fault they "
	      "were</caption><thead><tr><th scope=\"col\">Began</th><th scope=\"col\">Resource</th>"
	      "<th scope=\"col\">Kind</th><th scope=\"col\" class=\"n\">For</th><th scope=\"col\" "
	      "class=\"n\">Error</th><th scope=\"col\">Fault</th><th scope=\"col\">Cause</th></tr>"
	      "</thead><tbody>\n",
	      out);
	json_array_foreach(breaches, i, breach)
		put_breach(out, breach);
	fputs("</tbody></table></div>\n", out);
	if (xn_report_number(network, "left_out") > 0)
		fprintf(out, "<p>And %.0f more.</p>\n", xn_report_number(network, "left_out"));
}

static void put_network(FILE *out, const json_t *report, const json_t *network, size_t at)
{
	const json_t *resource;
	size_t i;

	fprintf(out, "<section aria-labelledby=\"n%zu\"><h2 id=\"n%zu\">Network ", at, at);
	put_member(out, network, "network");
	fputs("</h2>\n", out);
	put_breaches(out, network);
	json_array_foreach(json_object_get(network, "resources"), i, resource)
		put_resource(out, report, resource);
	fputs("</section>\n", out);
}

static void put_overview(FILE *out, const json_t *networks)
{
	const json_t *network;
	double lowest, mean;
	size_t i;

	fputs("<div class=\"scroll\" tabindex=\"0\"><table><caption>Overview</caption><thead><tr>"
	      "<th scope=\"col\">Network</th><th scope=\"col\" class=\"n\">Breaches</th>"
	      "<th scope=\"col\" class=\"n\">Conformity</th><th scope=\"col\" class=\"n\">Lowest"
	      "</th></tr></thead><tbody>\n",
	      out);
	json_array_foreach(networks, i, network) {
		double breaches = xn_report_breaches(network);

		mean = xn_report_conformity(network, &lowest);
		fprintf(out, "<tr><th scope=\"row\"><a href=\"#n%zu\">", i);
		put_member(out, network, "network");
		fprintf(out, "</a></th><td class=\"n%s\">%.0f</td>", breaches > 0 ? " bad" : "",
			breaches);
		cell_number(out, "%.4f", mean);
		cell_number(out, "%.4f", lowest);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n", out);
}

static void put_page(FILE *out, const json_t *report)
{
	const json_t *networks = json_object_get(report, "networks"), *network;
	char from[XN_REPORT_FIGURE], to[XN_REPORT_FIGURE], made[XN_REPORT_FIGURE];
	size_t i;

	fputs(head, out);
	fprintf(out, "<header><h1>SLA report</h1>\n<p>%s to %s, by ",
		xn_report_time(xn_report_number(report, "from"), from),
		xn_report_time(xn_report_number(report, "to"), to));
	put_member(out, report, "step");
	fprintf(out, "</p>\n<p class=\"faint\">Made %s by xnetman ",
		xn_report_time(xn_report_number(report, "generated"), made));
	put_member(out, report, "version");
	fputs("</p></header>\n<main>\n", out);
	if (json_array_size(networks))
		put_overview(out, networks);
	else
		fputs("<p>Nothing is known of that time.</p>\n", out);
	json_array_foreach(networks, i, network)
		put_network(out, report, network, i);
	fputs("</main>\n</body>\n</html>\n", out);
}

char *xn_report_html(const json_t *report)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put_page(out, report);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
