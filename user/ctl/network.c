// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl network`: definitions of the virtual networks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/define.h"
#include "ctl/output.h"
#include "ctl/status.h"
#include "ctl/table.h"

/* ---- list --------------------------------------------------------------------------------- */

static const struct xn_column list_columns[] = {
	{ "NETWORK", false }, { "PATH", false },     { "PRIORITY", true },    { "DOMAIN", false },
	{ "PORTS", false },   { "RESOURCE", false }, { "RC", true },	      { "RE", true },
	{ "RL", true },	      { "RMAX", true },	     { "RESTRICTED", false },
};

#define N_LIST (sizeof(list_columns) / sizeof(list_columns[0]))
#define N_SLA  6 /* the columns of one SLA */

static void join_ports(const json_t *ports, char *buf, size_t size)
{
	const json_t *port;
	size_t i, len = 0;

	buf[0] = '\0';
	json_array_foreach((json_t *)ports, i, port) {
		len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? "," : "",
					json_string_value(port));
		if (len >= size)
			break;
	}
}

static void sla_cells(struct xn_table *table, const json_t *entry)
{
	static const char *const keys[] = { "link", "rc", "re", "rl", "rmax" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(entry, keys[i]));
	xn_table_cell(table, XN_PLAIN, "%s",
		      json_is_true(json_object_get(entry, "restricted")) ? "yes" : "no");
}

/* All SLAs of a definition, what they are of under "link". New reference. */
static json_t *slas_of(const json_t *def)
{
	json_t *all = json_copy(json_object_get(def, "bandwidth")), *sla;

	all = all ? all : json_array();
	for (size_t r = XN_CPU; r < XN_RESOURCES; r++) {
		sla = json_copy(json_object_get(def, xn_quantities[r].name));
		if (!sla)
			continue;
		json_object_set_new(sla, "link", json_string(xn_quantities[r].name));
		json_array_append_new(all, sla);
	}
	return all;
}

/* One line per SLA of the network; the network itself on the first. */
static void list_network(struct xn_table *table, const json_t *def)
{
	json_t *slas = slas_of(def);
	size_t n = json_array_size(slas);
	char ports[256];

	join_ports(json_object_get(def, "ports"), ports, sizeof(ports));
	xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(def, "name"));
	xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(def, "data_path"));
	xn_table_cell(table, XN_PLAIN, "%.0f", xn_ctl_number(def, "priority"));
	xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(def, "domain"));
	xn_table_cell(table, XN_PLAIN, "%s", ports);
	for (size_t i = 0; i < N_SLA && !n; i++)
		xn_table_cell(table, XN_PLAIN, "-");
	for (size_t i = 0; i < n; i++) {
		for (size_t blank = 0; i && blank < N_LIST - N_SLA; blank++)
			xn_table_blank(table);
		sla_cells(table, json_array_get(slas, i));
	}
	json_decref(slas);
}

static void print_networks(const struct xn_ctl *ctl, const json_t *networks)
{
	xn_table_show(list_columns, N_LIST, networks, list_network, ctl->colour);
}

static int network_list(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_show(ctl, "network list", "ListNetworks", print_networks, argc, argv);
}

/* ---- show --------------------------------------------------------------------------------- */

/* What status says of one network: its figures of each resource, with the row's name as "link". */
static json_t *figures_of(const json_t *status, const char *name)
{
	json_t *all = json_array(), *network, *figures;
	const json_t *row;
	size_t j;

	for (size_t i = 0; (row = xn_ctl_row(status, i)); i++) {
		json_array_foreach(json_object_get(row, "networks"), j, network) {
			if (strcmp(xn_ctl_text(network, "name"), name))
				continue;
			figures = json_copy(network);
			json_object_set(figures, "link", json_object_get(row, "name"));
			json_array_append_new(all, figures);
		}
	}
	return all;
}

static json_t *ports_of(const json_t *ports, const char *name)
{
	json_t *mine = json_array(), *port;
	size_t i;

	json_array_foreach((json_t *)ports, i, port) {
		if (!strcmp(xn_ctl_text(port, "network"), name))
			json_array_append(mine, port);
	}
	return mine;
}

static void show_definition(const struct xn_ctl *ctl, const json_t *def)
{
	static const struct xn_column columns[] = {
		{ "RESOURCE", false }, { "RC", true },	 { "RE", true },
		{ "RL", true },	       { "RMAX", true }, { "RESTRICTED", false },
	};
	const char *const text_keys[] = { "data_path", "domain" };
	struct xn_table *table = xn_table_create(columns, N_SLA);
	json_t *slas = slas_of(def), *entry;
	char clean[256];
	size_t i;

	printf("%s%s%s", xn_colour(ctl->colour, XN_BOLD),
	       xn_ctl_clean(xn_ctl_text(def, "name"), clean, sizeof(clean)),
	       ctl->colour ? "\033[0m" : "");
	for (i = 0; i < sizeof(text_keys) / sizeof(text_keys[0]); i++)
		if (*xn_ctl_text(def, text_keys[i]))
			printf("  %s %s", text_keys[i],
			       xn_ctl_clean(xn_ctl_text(def, text_keys[i]), clean, sizeof(clean)));
	printf("  priority %.0f  id %.0f\n\n", xn_ctl_number(def, "priority"),
	       xn_ctl_number(def, "id"));
	json_array_foreach(slas, i, entry)
		sla_cells(table, entry);
	json_decref(slas);
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

static void show_counters(const struct xn_ctl *ctl, const json_t *figures)
{
	static const struct xn_column columns[] = {
		{ "LINK", false },	   { "OFFERED BYTES", true }, { "PACKETS", true },
		{ "DROPPED BYTES", true }, { "PACKETS", true },	      { "BY GUARD", true },
		{ "MARKED", true },
	};
	static const char *const keys[] = { "offered_bytes",	     "offered_packets",
					    "dropped_bytes",	     "dropped_packets",
					    "guard_dropped_packets", "guard_marked_packets" };
	struct xn_table *table = xn_table_create(columns, sizeof(columns) / sizeof(columns[0]));
	json_t *link;
	size_t i;

	json_array_foreach((json_t *)figures, i, link) {
		if (xn_ctl_resource(link) != XN_BANDWIDTH)
			continue;
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(link, "link"));
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			xn_table_cell(table, XN_PLAIN, "%.0f", xn_ctl_number(link, keys[k]));
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

static void show_text(const struct xn_ctl *ctl, const json_t *shown)
{
	const json_t *figures = json_object_get(shown, "links");
	const json_t *ports = json_object_get(shown, "ports");

	show_definition(ctl, json_object_get(shown, "definition"));
	if (json_array_size(figures)) {
		putchar('\n');
		xn_ctl_print_figures(ctl, figures, "link", xn_ctl_number(shown, "long_interval"));
		putchar('\n');
		show_counters(ctl, figures);
	}
	if (json_array_size(ports)) {
		putchar('\n');
		xn_ctl_print_ports(ctl, ports);
	}
}

static int network_show(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "name", NULL };
	struct xn_err err;
	json_t *args = xn_args_parse(names, NULL, 0, argc, argv, &err);
	json_t *def = NULL, *status = NULL, *ports = NULL, *shown;
	const char *name;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "network show: %s", err.text);
	name = xn_ctl_text(args, "name");
	code = xn_ctl_call(ctl, &def, "GetNetwork", "s", name);
	if (!code)
		code = xn_ctl_call(ctl, &status, "GetStatus", "");
	if (!code)
		code = xn_ctl_call(ctl, &ports, "ListPorts", "");
	if (!code) {
		shown = json_pack("{s:O, s:o, s:o, s:O*}", "definition", def, "links",
				  figures_of(status, name), "ports", ports_of(ports, name),
				  "long_interval", json_object_get(status, "long_interval"));
		if (ctl->json)
			code = xn_ctl_print_json(ctl, json_incref(shown));
		else
			show_text(ctl, shown);
		json_decref(shown);
	}
	json_decref(ports);
	json_decref(status);
	json_decref(def);
	json_decref(args);
	return code;
}

/* ---- add, set, delete ---------------------------------------------------------------------- */

/* Send @def under @method. Takes the reference. */
static int send_definition(struct xn_ctl *ctl, const char *method, const char *name, json_t *def)
{
	char *text = json_dumps(def, xn_ctl_json_flags(true));
	int code = xn_ctl_do(ctl, method, "ss", name, text);

	free(text);
	json_decref(def);
	return code;
}

static int need_name(struct xn_ctl *ctl, int argc, char **argv, const char *path)
{
	struct xn_err err;
	json_t *text;

	if (!argc)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s: the network's name is missing", path);
	text = xn_arg_value(XN_ARG_TEXT, "name", argv[0], &err);
	json_decref(text);
	return text ? XN_EXIT_OK : xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s: %s", path, err.text);
}

static int network_add(struct xn_ctl *ctl, int argc, char **argv)
{
	json_t *def = json_object();
	struct xn_err err;
	int code = need_name(ctl, argc, argv, "network add");

	if (code) {
		json_decref(def);
		return code;
	}
	if (json_object_set_new(def, "name", json_string(argv[0])) ||
	    xn_ctl_define(def, argc - 1, argv + 1, &err)) {
		json_decref(def);
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "network add: %s", err.text);
	}
	return send_definition(ctl, "AddNetwork", argv[0], def);
}

int xn_ctl_network_set(struct xn_ctl *ctl, const char *path, int argc, char **argv)
{
	json_t *def = NULL;
	struct xn_err err;
	int code = need_name(ctl, argc, argv, path);

	if (!code && argc == 1)
		code = xn_ctl_fail(ctl, XN_EXIT_FAILURE,
				   "%s: nothing to set: see xnetman-ctl %s --help", path, path);
	if (!code)
		code = xn_ctl_call(ctl, &def, "GetNetwork", "s", argv[0]);
	if (code)
		return code;
	json_object_del(def, "id"); /* the daemon's, not part of a definition */
	if (xn_ctl_define(def, argc - 1, argv + 1, &err)) {
		json_decref(def);
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s: %s", path, err.text);
	}
	return send_definition(ctl, "SetNetwork", argv[0], def);
}

static int network_set(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_network_set(ctl, "network set", argc, argv);
}

static int network_delete(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_do_name(ctl, "network del", "DeleteNetwork", "name", argc, argv);
}

#define LIMITS "[shaper RATE [burst BYTES] [delay TIME]] [limiter RATE [burst BYTES]]"
#define DEFINITION                                                                               \
	"[data_path vm|split] [domain DOMAIN] [priority 0..7] [port DEVICE]...\n"                \
	"           [link LINK|any [rc RATE] [re RATE] [rl RATE] [rmax RATE] [restricted "       \
	"on|off]\n"                                                                              \
	"            [priority 0..7] " LIMITS "]...\n"                                           \
	"           [arrival " LIMITS "]\n"                                                      \
	"           [cpu [rc CORES] ...] [memory [rc ROUTES] ...]\n"                             \
	"           [disk BYTES] [interfaces N] [timezone ZONE]\n"                               \
	"           [schedule WHEN [first_day DAY] [last_day DAY] [link ...] [cpu ...] [memory " \
	"...]]..."

const struct xn_ctl_command xn_ctl_network_commands[] = {
	{ .name = "list", .run = network_list, .brief = "all networks and their SLAs" },
	{ .name = "show",
	  .run = network_show,
	  .args = "NAME",
	  .brief = "one network: definition, live figures, counters, ports" },
	{ .name = "add",
	  .run = network_add,
	  .args = "NAME " DEFINITION,
	  .brief = "define a network",
	  .more = "Rates: rc short-term reservation, lent when idle; re the same, never lent; rl "
		  "long-term\n"
		  "reservation (default rc + re); rmax most it may use (default rl). restricted: "
		  "never above\n"
		  "rc + re. `link any` is for every link without an entry of its own. cpu and "
		  "memory "
		  "take the\n"
		  "same keys, in cores (0.5, 50%) and routes (4000routes, 2MiB). priority behind a "
		  "link is "
		  "that link's; see\n"
		  "xnetman-ctl qos set --help for shapers and limiters.\n"
		  "What is behind schedule WHEN holds only then, as Mon..Fri 08:00..18:00 of the "
		  "time zone\n"
		  "(UTC); see xnetman.yaml(5).\n"
		  "Example: xnetman-ctl network add net1 port vif1.0 link eth0 rc 50Mbit rl "
		  "350Mbit\n" },
	{ .name = "set",
	  .run = network_set,
	  .args = "NAME " DEFINITION "\n           [no port DEVICE]... [no link LINK]... [no "
		  "domain] [no cpu] [no memory]\n           [no arrival] [no shaper] [no limiter] "
		  "[no schedule WHEN]... [no timezone]",
	  .brief = "change what is named of a network, and nothing else",
	  .more = "Counters and the account of the long interval stay. An rl or rmax that has its "
		  "default\n"
		  "value goes on following rc, re and rl.\n"
		  "Example: xnetman-ctl network set net1 link eth0 rc 60Mbit no port vif1.1\n" },
	{ .name = "delete",
	  .run = network_delete,
	  .args = "NAME",
	  .brief = "remove a network and its file" },
	{},
};
