// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl port`: the devices that carry the traffic of a network. */
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/status.h"
#include "ctl/table.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

void xn_ctl_print_ports(const struct xn_ctl *ctl, const json_t *ports)
{
	static const struct xn_column columns[] = {
		{ "PORT", false },	{ "NETWORK", false },	{ "STATE", false },
		{ "RX BYTES", true },	{ "RX PACKETS", true }, { "TX BYTES", true },
		{ "TX PACKETS", true },
	};
	static const char *const counters[] = { "rx_bytes", "rx_packets", "tx_bytes",
						"tx_packets" };
	struct xn_table *table = xn_table_create(columns, N(columns));
	const json_t *port;
	size_t i;

	json_array_foreach((json_t *)ports, i, port) {
		bool bound = xn_ctl_number(port, "ifindex") > 0;

		xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(port, "device"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(port, "network"));
		xn_table_cell(table, bound ? XN_GREEN : XN_YELLOW, "%s",
			      bound ? "bound" : "waiting for the device");
		for (size_t k = 0; k < N(counters); k++)
			xn_table_cell(table, XN_PLAIN, "%.0f", xn_ctl_number(port, counters[k]));
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

static int port_list(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_show(ctl, "port list", "ListPorts", xn_ctl_print_ports, argc, argv);
}

static int port_add(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "device", NULL };
	static const struct xn_arg keys[] = { { "network", XN_ARG_TEXT, true } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, N(keys), argc, argv, &err);
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "port add: %s", err.text);
	code = xn_ctl_do(ctl, "AddPort", "ss", xn_ctl_text(args, "network"),
			 xn_ctl_text(args, "device"));
	json_decref(args);
	return code;
}

static int port_delete(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_do_name(ctl, "port del", "DeletePort", "device", argc, argv);
}

const struct xn_ctl_command xn_ctl_port_commands[] = {
	{ .name = "list",
	  .run = port_list,
	  .brief = "all ports, whose they are, and their counters" },
	{ .name = "add",
	  .run = port_add,
	  .args = "DEVICE network NAME",
	  .brief = "have a device carry the traffic of a network",
	  .more = "It is added to the network's definition; a device that doesn't exist yet is "
		  "bound as soon\n"
		  "as it appears.\n"
		  "Example: xnetman-ctl port add vif1.0 network net1\n" },
	{ .name = "delete",
	  .run = port_delete,
	  .args = "DEVICE",
	  .brief = "remove a port from its network" },
	{},
};
