// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl channel`: the guests (xnetman-guest) that speak to Dom0, and their keys. */
#include <stdio.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/table.h"

#define N(array)  (sizeof(array) / sizeof((array)[0]))
#define KEY_SHOWN 16 /* digits; -j has them all */

static void state_cell(struct xn_table *table, const json_t *channel)
{
	if (json_is_true(json_object_get(channel, "connected")))
		xn_table_cell(table, XN_GREEN, "connected");
	else if (json_is_true(json_object_get(channel, "enrolling")))
		xn_table_cell(table, XN_YELLOW, "waiting for enrolment");
	else if (*xn_ctl_text(channel, "key"))
		xn_table_cell(table, XN_RED, "not connected");
	else
		xn_table_cell(table, XN_PLAIN, "not enrolled");
}

static void print_channels(const struct xn_ctl *ctl, const json_t *channels)
{
	static const struct xn_column columns[] = {
		{ "NETWORK", false }, { "STATE", false },   { "KEY", false },
		{ "PEER", false },    { "MESSAGES", true }, { "ROUTES TOLD", true },
		{ "REFUSED", true },
	};
	static const char *const counters[] = { "messages", "routes", "refused" };
	struct xn_table *table = xn_table_create(columns, N(columns));
	const json_t *channel;
	size_t i;

	json_array_foreach((json_t *)channels, i, channel) {
		xn_table_cell(table, XN_BOLD, "%s", xn_ctl_text(channel, "network"));
		state_cell(table, channel);
		xn_table_cell(table, XN_PLAIN, "%.*s", KEY_SHOWN, xn_ctl_text(channel, "key"));
		xn_table_cell(table, XN_PLAIN, "%s", xn_ctl_text(channel, "peer"));
		for (size_t k = 0; k < N(counters); k++)
			xn_table_cell(table, XN_PLAIN, "%.0f", xn_ctl_number(channel, counters[k]));
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

static int channel_list(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_show(ctl, "channel list", "ListChannels", print_channels, argc, argv);
}

static int print_token(struct xn_ctl *ctl, const char *network, json_t *token)
{
	if (ctl->json)
		return xn_ctl_print_json(ctl,
					 json_pack("{ss so}", "network", network, "token", token));
	printf("Run this in the guest within an hour, once:\n\n    xnetman-guest enroll '%s'\n",
	       json_string_value(token));
	json_decref(token);
	return XN_EXIT_OK;
}

static int channel_enroll(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "network", NULL };
	static const struct xn_arg keys[] = { { "address", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, N(keys), argc, argv, &err);
	json_t *token = NULL;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "channel enroll: %s", err.text);
	code = xn_ctl_call(ctl, &token, "EnrollChannel", "ss", xn_ctl_text(args, "network"),
			   xn_ctl_text(args, "address"));
	if (!code)
		code = print_token(ctl, xn_ctl_text(args, "network"), token);
	json_decref(args);
	return code;
}

static int channel_revoke(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_do_name(ctl, "channel revoke", "RevokeChannel", "network", argc, argv);
}

const struct xn_ctl_command xn_ctl_channel_commands[] = {
	{ .name = "list",
	  .run = channel_list,
	  .brief = "each network's guest: its key, whether it is connected, what it has told" },
	{ .name = "enroll",
	  .run = channel_enroll,
	  .args = "NETWORK [address ADDRESS]",
	  .brief = "let a guest become a network's",
	  .more = "Prints the command to run in the guest. It holds a secret that is good for one "
		  "hour, once.\n"
		  "A network has one guest: the one that enrols takes the place of the one "
		  "before.\n"
		  "ADDRESS is Dom0 as the guest sees it: vchan (default for a network with a Xen "
		  "domain), or\n"
		  "HOST:PORT (default: channel.listen of xnetman.yaml).\n" },
	{ .name = "revoke",
	  .run = channel_revoke,
	  .args = "NETWORK",
	  .brief = "disconnect a network's guest, and forget its key" },
	{},
};
