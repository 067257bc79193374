// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl port`: the devices that carry the traffic of a network. */
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/status.h"
#include "ctl/table.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Domains may be without a name for a moment; ports need not be vifs. */
static const char *domain_text(const json_t *port)
{
	const char *name = xn_ctl_text(port, "domain");

	return *name ? name : xn_ctl_text(port, "uuid");
}

/* A device that a network lists can be another's, by its domain. */
static bool is_anothers(const json_t *ports, const json_t *port)
{
	const json_t *other;
	size_t i;

	json_array_foreach((json_t *)ports, i, other)
		if (other != port && xn_ctl_number(other, "ifindex") > 0 &&
		    !strcmp(xn_ctl_text(other, "device"), xn_ctl_text(port, "device")))
			return true;
	return false;
}

static void state_cell(struct xn_table *table, const json_t *ports, const json_t *port)
{
	if (xn_ctl_number(port, "ifindex") > 0)
		xn_table_cell(table, XN_GREEN, "bound");
	else if (is_anothers(ports, port))
		xn_table_cell(table, XN_RED, "another network's");
	else
		xn_table_cell(table, XN_YELLOW, "waiting for the device");
}

void xn_ctl_print_ports(const struct xn_ctl *ctl, const json_t *ports)
{
	static const struct xn_column columns[] = {
		{ "PORT", false },    { "NETWORK", false },   { "DOMAIN", false },
		{ "STATE", false },   { "RX BYTES", true },   { "RX PACKETS", true },
		{ "TX BYTES", true }, { "TX PACKETS", true },
	};
	static const char *const counters[] = { "rx_bytes", "rx_packets", "tx_bytes",
						"tx_packets" };
	struct xn_table *table = xn_table_create(columns, N(columns));
	const json_t *port;
	size_t i;

	json_array_foreach((json_t *)ports, i, port) {
		xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(port, "device"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(port, "network"));
		xn_table_cell(table, XN_PLAIN, "%s", domain_text(port));
		state_cell(table, ports, port);
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

static int print_binding(struct xn_ctl *ctl, const char *device, json_t *network)
{
	const char *name = json_string_value(network);
	char clean[256];

	if (ctl->json)
		return xn_ctl_print_json(
			ctl, json_pack("{ss so}", "device", device, "network", network));
	if (name && *name)
		printf("%s: network %s\n", xn_ctl_clean(device, clean, sizeof(clean)), name);
	else
		printf("%s: no network names its domain\n",
		       xn_ctl_clean(device, clean, sizeof(clean)));
	json_decref(network);
	return XN_EXIT_OK;
}

static int port_bind(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "device", NULL };
	struct xn_err err;
	json_t *args = xn_args_parse(names, NULL, 0, argc, argv, &err);
	json_t *network = NULL;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "port bind: %s", err.text);
	code = xn_ctl_call(ctl, &network, "BindPort", "s", xn_ctl_text(args, "device"));
	if (!code)
		code = print_binding(ctl, xn_ctl_text(args, "device"), network);
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
	{ .name = "bind",
	  .run = port_bind,
	  .args = "DEVICE",
	  .brief = "have a vif bound to the network that names its domain, now",
	  .more = "What Xen's hotplug script calls (xnetman.hook), so that a vif is a port before "
		  "its "
		  "first\npacket. Answers when it is.\n" },
	{},
};
