// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl link`: the devices on whose egress networks compete. */
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/table.h"

static void print_links(const struct xn_ctl *ctl, const json_t *links)
{
	static const struct xn_column columns[] = {
		{ "LINK", false },   { "CAPACITY", true }, { "STATE", false },
		{ "IFINDEX", true }, { "QOS", false },	   { "GUARD", false },
	};
	struct xn_table *table = xn_table_create(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *link;
	size_t i;

	json_array_foreach((json_t *)links, i, link) {
		double ifindex = xn_ctl_number(link, "ifindex");
		bool up = json_is_true(json_object_get(link, "up"));

		xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(link, "name"));
		xn_table_rate(table, xn_ctl_number(link, "capacity_bps"));
		xn_table_cell(table, up ? XN_GREEN : XN_RED, "%s",
			      ifindex <= 0 ? "no such device"
			      : up	   ? "up"
					   : "down");
		xn_table_cell(table, XN_PLAIN, ifindex > 0 ? "%.0f" : "-", ifindex);
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(link, "qos"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(link, "guard"));
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

static int link_list(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_show(ctl, "link list", "ListLinks", print_links, argc, argv);
}

static int link_add(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "link", NULL };
	static const struct xn_arg keys[] = { { "capacity", XN_ARG_RATE, true } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, 1, argc, argv, &err);
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "link add: %s", err.text);
	code = xn_ctl_do(ctl, "AddLink", "ss", xn_ctl_text(args, "link"),
			 xn_ctl_text(args, "capacity"));
	json_decref(args);
	return code;
}

/* What can be set of a link: by which word, and by which method. */
static const struct {
	const char *key, *method;
} settings[] = {
	{ "capacity", "SetLink" },
	{ "qos", "SetLinkQos" },
	{ "guard", "SetLinkGuard" },
};

static int set_all(struct xn_ctl *ctl, const json_t *args)
{
	int code = XN_EXIT_OK, n = 0;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]) && !code; i++) {
		const char *value = xn_ctl_text(args, settings[i].key);

		if (!*value)
			continue;
		code = xn_ctl_do(ctl, settings[i].method, "ss", xn_ctl_text(args, "link"), value);
		n++;
	}
	if (n)
		return code;
	return xn_ctl_fail(ctl, XN_EXIT_FAILURE,
			   "link set: nothing to set: write capacity RATE, qos auto, on or off, "
			   "or guard on or off");
}

static int link_set(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "link", NULL };
	static const struct xn_arg keys[] = { { "capacity", XN_ARG_RATE, false },
					      { "qos", XN_ARG_TEXT, false },
					      { "guard", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, 3, argc, argv, &err);
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "link set: %s", err.text);
	code = set_all(ctl, args);
	json_decref(args);
	return code;
}

static int link_delete(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_do_name(ctl, "link del", "DeleteLink", "link", argc, argv);
}

const struct xn_ctl_command xn_ctl_link_commands[] = {
	{ .name = "list",
	  .run = link_list,
	  .brief = "all links and whether their devices are there" },
	{ .name = "add",
	  .run = link_add,
	  .args = "DEVICE capacity RATE",
	  .brief = "have networks compete on a device's egress",
	  .more = "RATE is what can be sent there. It is written to xnetman.yaml.\n"
		  "Example: xnetman-ctl link add eth0 capacity 1Gbit\n" },
	{ .name = "set",
	  .run = link_set,
	  .args = "DEVICE [capacity RATE] [qos auto|on|off] [guard on|off]",
	  .brief = "change what can be sent on a link, whether it has a tree of classes, and a "
		   "guard",
	  .more = "qos auto: it has one if some network has a priority, a shaper or a limiter "
		  "there.\n"
		  "guard on: between two decisions, too, networks are held to what they are "
		  "entitled "
		  "to while\nthe link is full.\n" },
	{ .name = "delete",
	  .run = link_delete,
	  .args = "DEVICE",
	  .brief = "control a link no longer" },
	{},
};
