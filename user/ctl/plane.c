// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl plane`: the copy of a router's data plane in Dom0. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/table.h"

#define FILE_MAX (16 << 20)

static void print_ports(const struct xn_ctl *ctl, const json_t *ports)
{
	static const struct xn_column columns[] = {
		{ "PORT", false }, { "DEVICE", false },	     { "INTERFACE", false },
		{ "MAC", false },  { "DIVERTED AT", false },
	};
	struct xn_table *table = xn_table_create(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *port, *uplink;
	char text[256];
	size_t i, j, len;

	json_array_foreach((json_t *)ports, i, port) {
		len = 0;
		text[0] = '\0';
		json_array_foreach(json_object_get(port, "uplinks"), j, uplink)
			if (len < sizeof(text))
				len += snprintf(text + len, sizeof(text) - len, "%s%s",
						j ? "," : "", json_string_value(uplink));
		xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(port, "port"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(port, "device"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(port, "interface"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(port, "mac"));
		if (json_is_true(json_object_get(port, "contested")))
			xn_table_cell(table, XN_RED, "another network has this MAC, too");
		else
			xn_table_cell(table, XN_PLAIN, "%s", text);
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

/* The router's tc configurations. */
static void print_qos(const struct xn_ctl *ctl, const json_t *list)
{
	static const struct xn_column columns[] = {
		{ "TC OF", false },
		{ "QDISCS IN FORCE AT", false },
		{ "FILTERS", false },
	};
	struct xn_table *table;
	const json_t *row, *link;
	char links[256], clean[64];
	size_t i, j;

	if (!json_array_size(list))
		return;
	puts("");
	table = xn_table_create(columns, sizeof(columns) / sizeof(columns[0]));
	json_array_foreach((json_t *)list, i, row) {
		links[0] = '\0';
		json_array_foreach(json_object_get(row, "links"), j, link)
			snprintf(links + strlen(links), sizeof(links) - strlen(links), "%s%s",
				 j ? "," : "", json_string_value(link));
		xn_table_cell(table, XN_PLAIN, "%s",
			      xn_ctl_clean(xn_ctl_text(row, "interface"), clean, sizeof(clean)));
		xn_table_cell(table, XN_PLAIN, "%s", *links ? links : "-");
		xn_table_cell(table, XN_PLAIN, "%s",
			      json_is_true(json_object_get(row, "filters")) ? "yes" : "-");
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

static void print_plane(const struct xn_ctl *ctl, const json_t *plane)
{
	char clean[256];

	printf("%s: %s\n", xn_ctl_clean(xn_ctl_text(plane, "network"), clean, sizeof(clean)),
	       xn_ctl_text(plane, "state"));
	printf("vrf %s  table %.0f  routes %.0f of %.0f  rules %.0f\n\n", xn_ctl_text(plane, "vrf"),
	       xn_ctl_number(plane, "table"), xn_ctl_number(plane, "routes_held"),
	       xn_ctl_number(plane, "routes_wanted"), xn_ctl_number(plane, "rules"));
	print_ports(ctl, json_object_get(plane, "ports"));
	print_qos(ctl, json_object_get(plane, "qos"));
}

static int plane_show(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "network", NULL };
	struct xn_err err;
	json_t *args = xn_args_parse(names, NULL, 0, argc, argv, &err), *plane = NULL;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "plane show: %s", err.text);
	code = xn_ctl_call(ctl, &plane, "GetPlane", "s", xn_ctl_text(args, "network"));
	if (!code && ctl->json)
		code = xn_ctl_print_json(ctl, json_incref(plane));
	else if (!code)
		print_plane(ctl, plane);
	json_decref(plane);
	json_decref(args);
	return code;
}

static int plane_load(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "network", "file", NULL };
	struct xn_err err;
	json_t *args = xn_args_parse(names, NULL, 0, argc, argv, &err);
	const char *path;
	char *text;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "plane load: %s", err.text);
	path = xn_ctl_text(args, "file");
	text = xn_ctl_read_file(path, FILE_MAX);
	if (text)
		code = xn_ctl_do(ctl, "SetPlane", "ss", xn_ctl_text(args, "network"), text);
	else
		code = xn_ctl_fail(ctl, XN_EXIT_FAILURE, "plane load: %s: %s", path,
				   strerror(errno));
	free(text);
	json_decref(args);
	return code;
}

const struct xn_ctl_command xn_ctl_plane_commands[] = {
	{ .name = "show",
	  .run = plane_show,
	  .args = "NETWORK",
	  .brief = "what Dom0 forwards for a network with data_path split" },
	{ .name = "load",
	  .run = plane_load,
	  .args = "NETWORK FILE",
	  .brief = "give Dom0 a data plane from a file, for a router without xnetman-guest",
	  .more = "FILE is JSON, - standard input: {\"interfaces\": [{\"name\": \"eth0\", \"mac\": "
		  "\"00:16:3e:00:00:01\",\n"
		  "\"addresses\": [\"192.0.2.1\"]}], \"routes\": [{\"to\": \"198.51.100.0/24\", "
		  "\"via\": "
		  "\"192.0.2.9\",\n"
		  "\"dev\": \"eth0\"}], \"nftables\": [...]}. It replaces all that was loaded or "
		  "told "
		  "before;\n"
		  "nftables is what nft -j list ruleset says in the router. See "
		  "xnetman.yaml(5).\n" },
	{},
};
