// SPDX-License-Identifier: GPL-2.0-or-later
/* A report as plain text, 100 columns wide. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/report.h"

static void print_resource(FILE *out, const json_t *r)
{
	char demand[XN_REPORT_FIGURE], through[XN_REPORT_FIGURE], rl[XN_REPORT_FIGURE], why[128];

	fprintf(out, "  %-15s %12s %12s %12s %6.4f %6.4f %7.1f%% %6.1f%%  %s\n",
		xn_report_string(r, "name"),
		xn_report_amount(r, xn_report_rate(r, r, "demand"), demand),
		xn_report_amount(r, xn_report_rate(r, r, "throughput"), through),
		xn_report_amount(r, xn_report_rate(r, r, "rl"), rl),
		xn_report_number(r, "conformity"), xn_report_number(r, "conformity_min"),
		100 * xn_report_number(r, "punished"), 100 * xn_report_number(r, "depth"),
		xn_report_why(r, why, sizeof(why)));
}

static void print_errors(FILE *out, const json_t *r)
{
	char span[XN_REPORT_FIGURE], broken[XN_REPORT_FIGURE];
	double excused = xn_report_number(r, "excused");

	fprintf(out,
		"  %-15s watched for %s, %.0f long intervals; Ec mean %.4f, highest %.4f; El mean "
		"%.4f, highest %.4f\n",
		xn_report_string(r, "name"), xn_report_span(xn_report_number(r, "seconds"), span),
		xn_report_number(r, "intervals"), xn_report_number(r, "ec_mean"),
		xn_report_number(r, "ec_max"), xn_report_number(r, "el_mean"),
		xn_report_number(r, "el_max"));
	if (xn_report_number(r, "broken") > 0)
		fprintf(out, "  %-15s   guarantee not met during %s\n", "",
			xn_report_span(xn_report_number(r, "broken"), broken));
	if (excused > 0)
		fprintf(out, "  %-15s   %.0f long-term errors were of the demand's own making\n",
			"", excused);
}

static void print_breach(FILE *out, const json_t *b)
{
	bool breach = json_is_true(json_object_get(b, "breach"));
	char when[XN_REPORT_FIGURE], span[XN_REPORT_FIGURE];

	fprintf(out, "  %s %-15s %-5s %-10s error %.3f  %s%s: %s (%s)\n",
		xn_report_time(xn_report_number(b, "time"), when), xn_report_string(b, "name"),
		xn_report_string(b, "kind"), xn_report_span(xn_report_number(b, "seconds"), span),
		xn_report_number(b, "error"), breach ? "" : "no breach, ",
		xn_report_string(b, "fault"), xn_report_string(b, "text"),
		xn_report_string(b, "cause"));
}

static void print_network(FILE *out, const json_t *network)
{
	const json_t *resources = json_object_get(network, "resources");
	const json_t *breaches = json_object_get(network, "breaches"), *entry;
	size_t i;

	fprintf(out, "\nNetwork %s: %.0f breaches\n\n", xn_report_string(network, "network"),
		xn_report_breaches(network));
	fprintf(out, "  %-15s %12s %12s %12s %6s %6s %8s %7s  %s\n", "RESOURCE", "DEMAND", "GOT",
		"SOLD (RL)", "C", "LOWEST", "PUNISHED", "DEPTH", "WHY");
	json_array_foreach(resources, i, entry)
		print_resource(out, entry);
	fputc('\n', out);
	json_array_foreach(resources, i, entry)
		print_errors(out, entry);
	if (json_array_size(breaches))
		fputs("\n  Breaches\n", out);
	json_array_foreach(breaches, i, entry)
		print_breach(out, entry);
	if (xn_report_number(network, "left_out") > 0)
		fprintf(out, "  and %.0f more\n", xn_report_number(network, "left_out"));
}

char *xn_report_text(const json_t *report)
{
	char from[XN_REPORT_FIGURE], to[XN_REPORT_FIGURE], *text = NULL;
	const json_t *networks = json_object_get(report, "networks"), *network;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "SLA report, %s to %s, by %s\n",
		xn_report_time(xn_report_number(report, "from"), from),
		xn_report_time(xn_report_number(report, "to"), to),
		xn_report_string(report, "step"));
	json_array_foreach(networks, i, network)
		print_network(out, network);
	if (!json_array_size(networks))
		fputs("\nNothing is known of that time.\n", out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
