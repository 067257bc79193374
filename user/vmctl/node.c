// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-vmctl node`, `image`, `operations`, `test`. */
#include <inttypes.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/output.h"
#include "ctl/table.h"
#include "vmctl/call.h"

/* --- nodes ---------------------------------------------------------------------------------- */

static json_t *texts_json(const char *const *texts, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

static int print_nodes_json(struct xn_ctl *ctl, const struct xnetvms_node *nodes, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:o, s:o, s:o}", "name", nodes[i].name, "key",
				  xn_vmctl_string(nodes[i].key), "hypervisor",
				  xn_vmctl_string(nodes[i].hypervisor), "IP",
				  texts_json((const char *const *)nodes[i].ips, nodes[i].n_ips)));
	return xn_ctl_print_json(ctl, list);
}

static int print_nodes(struct xn_ctl *ctl, const struct xnetvms_node *nodes, size_t n)
{
	static const struct xn_column columns[] = { { "NODE" }, { "KIND" }, { "ADDRESS" } };
	struct xn_table *table = xn_table_create(columns, 3);

	if (!table)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "no memory");
	for (size_t i = 0; i < n; i++) {
		xn_table_cell(table, XN_PLAIN, "%s", nodes[i].name);
		xn_table_cell(table, XN_PLAIN, "%s",
			      nodes[i].hypervisor ? nodes[i].hypervisor : "");
		xn_table_cell(table, XN_PLAIN, "%s", nodes[i].n_ips ? nodes[i].ips[0] : "");
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
	return XN_EXIT_OK;
}

static int run_list(struct xn_ctl *ctl, int argc, char **argv)
{
	const struct xnetvms_node *nodes;
	struct xnetvms *vms;
	size_t n;

	if (xn_ctl_no_args(ctl, "node list", argc, argv) || !(vms = xn_vmctl_open(ctl)))
		return XN_EXIT_FAILURE;
	if (xnetvms_get_registered_nodes(vms, &nodes, &n))
		return xn_vmctl_fail(ctl);
	return (ctl->json ? print_nodes_json : print_nodes)(ctl, nodes, n);
}

#define ADDRESSES_MAX 8

static size_t split(char *text, const char **parts)
{
	size_t n = 0;

	for (char *save, *part = strtok_r(text, ",", &save); part && n < ADDRESSES_MAX;
	     part = strtok_r(NULL, ",", &save))
		parts[n++] = part;
	return n;
}

static int run_register(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "name", NULL };
	static const struct xn_arg keys[] = {
		{ "addresses", XN_ARG_TEXT },
		{ "key", XN_ARG_TEXT },
		{ "kind", XN_ARG_TEXT },
	};
	json_t *args = xn_vmctl_args(ctl, names, keys, 3, argc, argv);
	const char *addresses[ADDRESSES_MAX], *text = xn_vmctl_text(args, "addresses");
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	struct xnetvms_node node = {
		.name = xn_vmctl_text(args, "name"),
		.key = xn_vmctl_text(args, "key"),
		.hypervisor = xn_vmctl_text(args, "kind"),
		.ips = addresses,
	};
	char copy[1024];
	int code = XN_EXIT_FAILURE;

	snprintf(copy, sizeof(copy), "%s", text ? text : "");
	node.n_ips = split(copy, addresses);
	if (vms)
		code = xnetvms_register_nodes(vms, &node, 1, NULL) ? xn_vmctl_fail(ctl)
								   : xn_ctl_done(ctl);
	json_decref(args);
	return code;
}

static void print_status(const struct xnetvms_node_status *status)
{
	printf("%-12s %s\n%-12s %s %s\n%-12s %s\n", "name", status->name, "hypervisor",
	       status->hypervisor, status->hypervisor_version, "arch", status->arch);
	printf("%-12s %u at %u MHz\n", "CPUs", status->cpus, status->mhz);
	printf("%-12s %" PRIu64 " of %" PRIu64 " MiB free\n", "memory", status->free_memory / 1024,
	       status->memory / 1024);
	printf("%-12s %zu\n", "machines", status->n_virtual_machines);
	for (size_t i = 0; i < status->n_virtual_machines; i++)
		printf("  %s\n", status->virtual_machines[i]);
}

static json_t *status_json(const struct xnetvms_node_status *status)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:I, s:I, s:o}", "name", status->name,
			 "hypervisor", status->hypervisor, "hypervisorVersion",
			 status->hypervisor_version, "arch", status->arch, "CPUs", status->cpus,
			 "MHz", status->mhz, "memory", (json_int_t)status->memory, "freeMemory",
			 (json_int_t)status->free_memory, "virtualMachine",
			 texts_json(status->virtual_machines, status->n_virtual_machines));
}

static int run_status(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "node", NULL };
	json_t *args = xn_vmctl_args(ctl, names, NULL, 0, argc, argv);
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	struct xnetvms_node_status status;
	int code = XN_EXIT_FAILURE;

	if (vms && xnetvms_get_physical_server_status(vms, xn_vmctl_text(args, "node"), &status)) {
		code = xn_vmctl_fail(ctl);
	} else if (vms && ctl->json) {
		code = xn_ctl_print_json(ctl, status_json(&status));
	} else if (vms) {
		print_status(&status);
		code = XN_EXIT_OK;
	}
	json_decref(args);
	return code;
}

const struct xn_ctl_command xn_vmctl_node_commands[] = {
	{ .name = "list", .run = run_list, .brief = "the nodes that the server knows" },
	{ .name = "status",
	  .run = run_status,
	  .args = "NODE",
	  .brief = "hypervisor, processors, memory and virtual machines of one" },
	{ .name = "register",
	  .run = run_register,
	  .args = "NAME [addresses ADDRESS,...] [key 'TYPE BASE64'] [kind KIND]",
	  .brief = "make one known to the server, or change what is known",
	  .more = "Example: xnetman-vmctl node register xen1 addresses 192.0.2.1 key "
		  "\"$(ssh-keyscan -t ed25519 192.0.2.1 | cut -d' ' -f2-)\"\n" },
	{},
};

/* --- images --------------------------------------------------------------------------------- */

typedef int texts_fn(struct xnetvms *vms, const char *const **texts, size_t *n);

static int list_texts(struct xn_ctl *ctl, const char *command, texts_fn *call, int argc,
		      char **argv)
{
	const char *const *texts;
	struct xnetvms *vms;
	size_t n;

	if (xn_ctl_no_args(ctl, command, argc, argv) || !(vms = xn_vmctl_open(ctl)))
		return XN_EXIT_FAILURE;
	if (call(vms, &texts, &n))
		return xn_vmctl_fail(ctl);
	if (ctl->json)
		return xn_ctl_print_json(ctl, texts_json(texts, n));
	for (size_t i = 0; i < n; i++)
		puts(texts[i]);
	return XN_EXIT_OK;
}

static int run_oses(struct xn_ctl *ctl, int argc, char **argv)
{
	return list_texts(ctl, "image os", xnetvms_get_available_oses, argc, argv);
}

static int run_archs(struct xn_ctl *ctl, int argc, char **argv)
{
	return list_texts(ctl, "image arch", xnetvms_get_available_arch, argc, argv);
}

static int run_kernels(struct xn_ctl *ctl, int argc, char **argv)
{
	return list_texts(ctl, "image kernel", xnetvms_get_available_kernel_versions, argc, argv);
}

const struct xn_ctl_command xn_vmctl_image_commands[] = {
	{ .name = "os", .run = run_oses, .brief = "operating systems that there are images of" },
	{ .name = "arch", .run = run_archs, .brief = "architectures that there are images for" },
	{ .name = "kernel", .run = run_kernels, .brief = "kernel versions that images have" },
	{},
};

/* --- operations, test ----------------------------------------------------------------------- */

static json_t *operation_json(const struct xnetvms_operation *operation)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:I, s:I, s:s, s:o}", "id", operation->id,
			 "service", operation->service, "phyServer", operation->phy_server,
			 "vmName", xn_vmctl_string(operation->vm_name), "state", operation->state,
			 "step", xn_vmctl_string(operation->step), "done",
			 (json_int_t)operation->done, "total", (json_int_t)operation->total,
			 "started", operation->started, "ended", xn_vmctl_string(operation->ended));
}

static int print_operations(struct xn_ctl *ctl, const struct xnetvms_operation *list, size_t n)
{
	static const struct xn_column columns[] = { { "STARTED" }, { "SERVICE" }, { "NODE" },
						    { "VM" },	   { "STATE" },	  { "STEP" } };
	struct xn_table *table = xn_table_create(columns, 6);

	if (!table)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "no memory");
	for (size_t i = 0; i < n; i++) {
		xn_table_cell(table, XN_PLAIN, "%s", list[i].started);
		xn_table_cell(table, XN_PLAIN, "%s", list[i].service);
		xn_table_cell(table, XN_PLAIN, "%s", list[i].phy_server);
		xn_table_cell(table, XN_PLAIN, "%s", list[i].vm_name ? list[i].vm_name : "");
		xn_table_cell(table, strcmp(list[i].state, "failed") ? XN_PLAIN : XN_RED, "%s",
			      list[i].state);
		xn_table_cell(table, XN_PLAIN, "%s", list[i].step ? list[i].step : "");
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
	return XN_EXIT_OK;
}

int xn_vmctl_operations(struct xn_ctl *ctl, int argc, char **argv)
{
	static const struct xn_arg keys[] = {
		{ "id", XN_ARG_TEXT },
		{ "node", XN_ARG_TEXT },
		{ "vm", XN_ARG_TEXT },
	};
	json_t *args = xn_vmctl_args(ctl, NULL, keys, 3, argc, argv), *all;
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	const struct xnetvms_operation *list;
	int code = XN_EXIT_FAILURE;
	size_t n;

	if (vms &&
	    xnetvms_get_operations(vms, xn_vmctl_text(args, "id"), xn_vmctl_text(args, "node"),
				   xn_vmctl_text(args, "vm"), &list, &n)) {
		code = xn_vmctl_fail(ctl);
	} else if (vms && ctl->json) {
		all = json_array();
		for (size_t i = 0; i < n; i++)
			json_array_append_new(all, operation_json(&list[i]));
		code = xn_ctl_print_json(ctl, all);
	} else if (vms) {
		code = print_operations(ctl, list, n);
	}
	json_decref(args);
	return code;
}

int xn_vmctl_test(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "?text", NULL };
	json_t *args = xn_vmctl_args(ctl, names, NULL, 0, argc, argv);
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	const char *text = xn_vmctl_text(args, "text"), *echo;
	int code = XN_EXIT_FAILURE;

	if (vms && xnetvms_sanity_test(vms, text ? text : "xnetman-vmctl", &echo))
		code = xn_vmctl_fail(ctl);
	else if (vms && ctl->json)
		code = xn_ctl_print_json(ctl, json_pack("{s:s}", "testString", echo));
	else if (vms)
		code = puts(echo) == EOF;
	json_decref(args);
	return code;
}
