// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl qos`: what the provider does with each network's packets, class by class. */
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/table.h"

static const struct xn_column columns[] = {
	{ "NETWORK", false },	  { "CLASS", false },	       { "PRIORITY", true },
	{ "GUARANTEE", true },	  { "AT MOST", true },	       { "SENT BYTES", true },
	{ "SENT PACKETS", true }, { "DROPPED", true },	       { "LIMITED", true },
	{ "WAITING", true },	  { "WAITING PACKETS", true }, { "QUEUE", false },
	{ "DELAY", true },
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* Where the qdisc tells how long its packets wait. */
static void delay_cell(struct xn_table *table, const json_t *class)
{
	if (json_object_get(class, "delay_mean"))
		xn_table_cell(table, XN_PLAIN, "%.1fms (at most %.1fms)",
			      xn_ctl_number(class, "delay_mean") * 1e3,
			      xn_ctl_number(class, "delay_peak") * 1e3);
	else
		xn_table_cell(table, XN_PLAIN, "-");
}

static void counter_cells(struct xn_table *table, const json_t *class)
{
	static const char *const keys[] = { "sent_bytes",      "sent_packets",
					    "dropped_packets", "limiter_dropped_packets",
					    "backlog_bytes",   "backlog_packets" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (json_object_get(class, keys[i]))
			xn_table_cell(table, XN_PLAIN, "%.0f", xn_ctl_number(class, keys[i]));
		else
			xn_table_cell(table, XN_PLAIN, "-");
	}
	xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(class, "queue"));
	delay_cell(table, class);
}

static void print_class(struct xn_table *table, const json_t *class)
{
	const char *network = xn_ctl_text(class, "network");

	xn_table_cell(table, XN_BOLD, "%s", *network ? network : "(Dom0)");
	xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(class, "class"));
	xn_table_cell(table, XN_PLAIN, "%.0f", xn_ctl_number(class, "priority"));
	xn_table_rate(table, xn_ctl_number(class, "rate_bps"));
	xn_table_rate(table, xn_ctl_number(class, "ceil_bps"));
	counter_cells(table, class);
}

static void print_link(const struct xn_ctl *ctl, const json_t *link)
{
	char clean[600];

	printf("%s: %s", xn_ctl_clean(xn_ctl_text(link, "link"), clean, sizeof(clean)),
	       xn_ctl_text(link, "state"));
	if (*xn_ctl_text(link, "why"))
		printf(": %s", xn_ctl_clean(xn_ctl_text(link, "why"), clean, sizeof(clean)));
	putchar('\n');
	if (strcmp(xn_ctl_text(link, "state"), "on"))
		return;
	xn_table_show(columns, N_COLUMNS, json_object_get(link, "classes"), print_class,
		      ctl->colour);
}

static void print_arrivals(const struct xn_ctl *ctl, const json_t *arrivals)
{
	static const struct xn_column heads[] = {
		{ "NETWORK", false },	  { "ARRIVES AT", false },     { "STATE", false },
		{ "SHAPER", true },	  { "LIMITER", true },	       { "SENT BYTES", true },
		{ "SENT PACKETS", true }, { "DROPPED", true },	       { "LIMITED", true },
		{ "WAITING", true },	  { "WAITING PACKETS", true }, { "QUEUE", false },
		{ "DELAY", true },
	};
	struct xn_table *table = xn_table_create(heads, sizeof(heads) / sizeof(heads[0]));
	const json_t *arrival;
	size_t i;

	json_array_foreach((json_t *)arrivals, i, arrival) {
		xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(arrival, "network"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(arrival, "port"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(arrival, "state"));
		xn_table_rate(table, xn_ctl_number(arrival, "shaper_bps"));
		xn_table_rate(table, xn_ctl_number(arrival, "limiter_bps"));
		counter_cells(table, arrival);
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

static void print_qos(const struct xn_ctl *ctl, const json_t *qos)
{
	const json_t *arrivals = json_object_get(qos, "arrivals"), *link;
	size_t i;

	json_array_foreach(json_object_get(qos, "links"), i, link) {
		if (i)
			putchar('\n');
		print_link(ctl, link);
	}
	if (!json_array_size(arrivals))
		return;
	putchar('\n');
	print_arrivals(ctl, arrivals);
}

/* A link, or else a network. */
static int get_qos(struct xn_ctl *ctl, const char *name, json_t **qos)
{
	struct xn_err err;
	int code = xn_ctl_try(ctl, &err, qos, "GetQos", "ss", "", name);

	if (code == XN_EXIT_NOT_FOUND)
		return xn_ctl_call(ctl, qos, "GetQos", "ss", name, "");
	return code ? xn_ctl_fail(ctl, code, "%s", err.text) : code;
}

static int qos_show(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "?name", NULL };
	struct xn_err err;
	json_t *args = xn_args_parse(names, NULL, 0, argc, argv, &err), *qos = NULL;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "qos show: %s", err.text);
	code = get_qos(ctl, xn_ctl_text(args, "name"), &qos);
	if (!code && ctl->json)
		code = xn_ctl_print_json(ctl, json_incref(qos));
	else if (!code)
		print_qos(ctl, qos);
	json_decref(qos);
	json_decref(args);
	return code;
}

static int qos_set(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_network_set(ctl, "qos set", argc, argv);
}

const struct xn_ctl_command xn_ctl_qos_commands[] = {
	{ .name = "show",
	  .run = qos_show,
	  .args = "[NETWORK|LINK]",
	  .brief = "classes of all links, with what they sent, dropped and hold",
	  .more = "DROPPED: there was no room in the queue. LIMITED: dropped by the limiter.\n" },
	{ .name = "set",
	  .run = qos_set,
	  .args = "NETWORK [priority 0..7]\n"
		  "           [link LINK|any [priority 0..7] [shaper RATE [burst BYTES] [delay "
		  "TIME]]\n"
		  "            [limiter RATE [burst BYTES]] [no shaper] [no limiter]]...\n"
		  "           [arrival [shaper ...] [limiter ...] [no shaper] [no limiter]] [no "
		  "arrival]",
	  .brief = "change a network's priority, shapers and limiters; the same as network set",
	  .more = "A shaper sends at most RATE; what comes faster waits, at most TIME (default "
		  "50ms), then it is\n"
		  "dropped. A limiter drops at once. priority behind a link is that link's, 7 is "
		  "served first; the\n"
		  "guarantee of others, rc + re, always comes first. arrival: what goes to the "
		  "router by its vifs.\n"
		  "Example: xnetman-ctl qos set net1 link eth0 priority 7 shaper 40Mbit delay "
		  "20ms\n" },
	{},
};
