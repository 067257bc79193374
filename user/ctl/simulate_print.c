// SPDX-License-Identifier: GPL-2.0-or-later
/* What `xnetman-ctl simulate` shows of a run: a row per tick and network, and the means. */
#include <stdio.h>

#include "core/series.h"
#include "ctl/output.h"
#include "ctl/simulate_print.h"
#include "ctl/summary.h"
#include "ctl/table.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void verdict_cells(struct xn_table *table, const json_t *verdict)
{
	if (!verdict) {
		xn_table_blank(table);
		xn_table_blank(table);
		return;
	}
	xn_table_cell(table, XN_PLAIN, "%.4f", xn_ctl_number(verdict, "el"));
	xn_table_cell(table, XN_PLAIN, "%.4f", xn_ctl_number(verdict, "conformity"));
}

/* @interval: the one that ends with this tick, or NULL */
static void tick_rows(struct xn_table *table, const json_t *tick, const json_t *interval)
{
	const json_t *networks = json_object_get(tick, "networks"), *network;
	size_t i;

	json_array_foreach((json_t *)networks, i, network) {
		if (i)
			xn_table_blank(table);
		else
			xn_table_cell(table, XN_PLAIN, "%.10g", xn_ctl_number(tick, "t"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(network, "name"));
		xn_table_amount(table, network, "demand");
		xn_table_amount(table, network, "throughput");
		xn_table_amount(table, network, "allowed");
		xn_table_percent(table, XN_PLAIN, xn_ctl_number(network, "ratio"));
		xn_table_cell(table, XN_PLAIN, "%.3f", xn_ctl_number(network, "weight"));
		xn_table_cell(table, XN_PLAIN, "%.4f", xn_ctl_number(network, "ec"));
		verdict_cells(table, json_array_get(json_object_get(interval, "networks"), i));
	}
}

void xn_simulate_print_ticks(const json_t *series)
{
	static const struct xn_column columns[] = {
		{ "T", true },		{ "NETWORK", false }, { "DEMAND", true },
		{ "THROUGHPUT", true }, { "ALLOWED", true },  { "PUNISHED", true },
		{ "WEIGHT", true },	{ "EC", true },	      { "EL", true },
		{ "C", true },
	};
	struct xn_table *table = xn_table_create(columns, N(columns));
	const json_t *intervals = json_object_get(series, "intervals");
	size_t k, next = 0;
	json_t *entry;

	json_array_foreach(json_object_get(series, "ticks"), k, entry) {
		const json_t *interval = json_array_get(intervals, next);
		bool ends = interval && xn_ctl_number(interval, "t") == xn_ctl_number(entry, "t");

		tick_rows(table, entry, ends ? interval : NULL);
		next += ends;
	}
	xn_table_print(table, stdout, false);
	xn_table_destroy(table);
	putchar('\n');
}

void xn_simulate_print_means(const json_t *series, const struct xn_trace *trace)
{
	size_t intervals = json_array_size(json_object_get(series, "intervals"));
	char text[32];

	printf("Means over %zu ticks (%.6g s), policy %s; El and C over %zu long intervals, after "
	       "the first.\n"
	       "Utilisation of the link: %s.\n",
	       trace->n_ticks, trace->n_ticks * (trace->ic / 1e9), xn_policy_name(trace->policy),
	       intervals ? intervals - 1 : 0,
	       xn_ctl_percent(xn_ctl_number(series, "utilisation"), text, sizeof(text)));
	xn_series_print_summary(json_object_get(series, "networks"), false);
}
