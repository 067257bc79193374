// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-vmctl vm`: services about one virtual machine. */
#include <inttypes.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/output.h"
#include "vmctl/call.h"
#include "vmctl/sla.h"

static const char *const node_and_vm[] = { "node", "vm", NULL };

/* Node and name, and nothing more. */
static json_t *take_vm(struct xn_ctl *ctl, int argc, char **argv, const char **node,
		       const char **vm)
{
	json_t *args = xn_vmctl_args(ctl, node_and_vm, NULL, 0, argc, argv);

	*node = xn_vmctl_text(args, "node");
	*vm = xn_vmctl_text(args, "vm");
	return args;
}

/* --- create --------------------------------------------------------------------------------- */

static const struct xn_arg create_args[] = {
	{ "ram", XN_ARG_COUNT, true }, { "ip", XN_ARG_TEXT },
	{ "image", XN_ARG_TEXT },      { "os", XN_ARG_TEXT },
	{ "arch", XN_ARG_TEXT },       { "kernel_version", XN_ARG_TEXT },
	{ "disk", XN_ARG_TEXT },       { "interfaces", XN_ARG_TEXT },
	{ "sla", XN_ARG_TEXT },	       { "transfer", XN_ARG_FLAG },
	{ "no_wait", XN_ARG_FLAG },
};

#define INTERFACES_MAX 8

/* "br0,br1", cut in place. */
static size_t split(char *text, const char **parts)
{
	size_t n = 0;

	for (char *save, *part = strtok_r(text, ",", &save); part && n < INTERFACES_MAX;
	     part = strtok_r(NULL, ",", &save))
		parts[n++] = part;
	return n;
}

static int create(struct xn_ctl *ctl, const json_t *args)
{
	struct xnetvms *vms = xn_vmctl_open(ctl);
	const char *interfaces = xn_vmctl_text(args, "interfaces"),
		   *sla = xn_vmctl_text(args, "sla");
	const char *parts[INTERFACES_MAX];
	struct xnetvms_sla slas[XN_VMCTL_SLAS];
	char text[256], sla_text[512];
	struct xnetvms_create request = {
		.phy_server = xn_vmctl_text(args, "node"),
		.vm_name = xn_vmctl_text(args, "vm"),
		.vm_ip = xn_vmctl_text(args, "ip"),
		.vm_ram = json_integer_value(json_object_get(args, "ram")),
		.transfer = json_object_get(args, "transfer"),
		.image = xn_vmctl_text(args, "image"),
		.os = xn_vmctl_text(args, "os"),
		.arch = xn_vmctl_text(args, "arch"),
		.kernel_version = xn_vmctl_text(args, "kernel_version"),
		.disk = xn_vmctl_text(args, "disk"),
		.net_interfaces = parts,
		.slas = slas,
		.no_wait = json_object_get(args, "no_wait") || xn_vmctl_shows(ctl),
	};
	struct xnetvms_created created;

	snprintf(text, sizeof(text), "%s", interfaces ? interfaces : "");
	request.n_net_interfaces = split(text, parts);
	snprintf(sla_text, sizeof(sla_text), "%s", sla ? sla : "");
	if (xn_vmctl_slas(sla_text, slas, &request.n_slas))
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "sla \"%s\": write " XN_VMCTL_SLA_USAGE,
				   sla);
	if (!vms)
		return XN_EXIT_FAILURE;
	if (xnetvms_create_virtual_machine(vms, &request, &created))
		return xn_vmctl_fail(ctl);
	if (ctl->json)
		return xn_ctl_print_json(ctl, json_pack("{s:s, s:s}", "operation",
							created.operation, "uuid", created.uuid));
	if (!json_object_get(args, "no_wait") && xn_vmctl_shows(ctl))
		return xn_vmctl_follow(ctl, created.operation);
	puts(created.operation);
	return XN_EXIT_OK;
}

static int run_create(struct xn_ctl *ctl, int argc, char **argv)
{
	json_t *args = xn_vmctl_args(ctl, node_and_vm, create_args,
				     sizeof(create_args) / sizeof(create_args[0]), argc, argv);
	int code = args ? create(ctl, args) : XN_EXIT_FAILURE;

	json_decref(args);
	return code;
}

/* --- end ------------------------------------------------------------------------------------ */

static int end(struct xn_ctl *ctl, int argc, char **argv,
	       int (*call)(struct xnetvms *vms, const char *node, const char *vm))
{
	const char *node, *vm;
	json_t *args = take_vm(ctl, argc, argv, &node, &vm);
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	int code = XN_EXIT_FAILURE;

	if (vms)
		code = call(vms, node, vm) ? xn_vmctl_fail(ctl) : xn_ctl_done(ctl);
	json_decref(args);
	return code;
}

static int run_destroy(struct xn_ctl *ctl, int argc, char **argv)
{
	return end(ctl, argc, argv, xnetvms_destroy_virtual_machine);
}

static int run_shutdown(struct xn_ctl *ctl, int argc, char **argv)
{
	return end(ctl, argc, argv, xnetvms_shutdown_virtual_machine);
}

/* --- migrate -------------------------------------------------------------------------------- */

static const struct xn_arg migrate_args[] = {
	{ "to", XN_ARG_TEXT, true },
	{ "live", XN_ARG_FLAG },
	{ "no_wait", XN_ARG_FLAG },
};

static int migrate(struct xn_ctl *ctl, const json_t *args)
{
	bool no_wait = json_object_get(args, "no_wait"), follow = !no_wait && xn_vmctl_shows(ctl);
	struct xnetvms *vms = xn_vmctl_open(ctl);
	const char *operation;

	if (!vms)
		return XN_EXIT_FAILURE;
	if (xnetvms_migrate_virtual_machine(vms, xn_vmctl_text(args, "node"),
					    xn_vmctl_text(args, "to"), xn_vmctl_text(args, "vm"),
					    json_object_get(args, "live"), no_wait || follow,
					    &operation))
		return xn_vmctl_fail(ctl);
	if (follow)
		return xn_vmctl_follow(ctl, operation);
	if (ctl->json)
		return xn_ctl_print_json(ctl, json_pack("{s:s}", "operation", operation));
	puts(operation);
	return XN_EXIT_OK;
}

static int run_migrate(struct xn_ctl *ctl, int argc, char **argv)
{
	json_t *args = xn_vmctl_args(ctl, node_and_vm, migrate_args,
				     sizeof(migrate_args) / sizeof(migrate_args[0]), argc, argv);
	int code = args ? migrate(ctl, args) : XN_EXIT_FAILURE;

	json_decref(args);
	return code;
}

/* --- what it is ----------------------------------------------------------------------------- */

static json_t *status_json(const struct xnetvms_vm_status *status)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:i, s:I, s:o, s:o}", "vmName", status->vm_name,
			 "uuid", status->uuid, "state", status->state, "maxMemory",
			 (json_int_t)status->max_memory, "memory", (json_int_t)status->memory,
			 "virtualCPUs", status->virtual_cpus, "cpuTime",
			 (json_int_t)status->cpu_time, "vmIP", xn_vmctl_string(status->vm_ip),
			 "networkName", xn_vmctl_string(status->network_name));
}

static void print_status(const struct xnetvms_vm_status *status)
{
	printf("%-10s %s\n%-10s %s\n%-10s %s\n", "name", status->vm_name, "uuid", status->uuid,
	       "state", status->state);
	printf("%-10s %" PRIu64 " of %" PRIu64 " MiB\n", "memory", status->memory / 1024,
	       status->max_memory / 1024);
	printf("%-10s %u, %.3f s used\n", "CPUs", status->virtual_cpus, status->cpu_time / 1e9);
	if (status->vm_ip)
		printf("%-10s %s\n", "address", status->vm_ip);
	if (status->network_name)
		printf("%-10s %s\n", "network", status->network_name);
}

static int run_status(struct xn_ctl *ctl, int argc, char **argv)
{
	const char *node, *vm;
	json_t *args = take_vm(ctl, argc, argv, &node, &vm);
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	struct xnetvms_vm_status status;
	int code = XN_EXIT_FAILURE;

	if (vms && xnetvms_get_virtual_machine_status(vms, node, vm, &status)) {
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

/* --- scheduler ------------------------------------------------------------------------------ */

static int run_type(struct xn_ctl *ctl, int argc, char **argv)
{
	const char *node, *vm, *type;
	json_t *args = take_vm(ctl, argc, argv, &node, &vm);
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	int code = XN_EXIT_FAILURE;

	if (vms && xnetvms_get_virtual_machine_scheduler_type(vms, node, vm, &type))
		code = xn_vmctl_fail(ctl);
	else if (vms && ctl->json)
		code = xn_ctl_print_json(ctl, json_pack("{s:s}", "schedulerType", type));
	else if (vms)
		code = puts(type) == EOF;
	json_decref(args);
	return code;
}

static int print_scheduler(struct xn_ctl *ctl, const struct xnetvms_scheduler *scheduler)
{
	json_t *all = json_object();

	for (size_t i = 0; i < scheduler->n_parameters; i++) {
		const struct xnetvms_parameter *parameter = &scheduler->parameters[i];

		if (!ctl->json)
			printf("%-14s %s\n", parameter->name, parameter->value);
		json_object_set_new(all, parameter->name, json_string(parameter->value));
	}
	if (!ctl->json) {
		json_decref(all);
		return XN_EXIT_OK;
	}
	return xn_ctl_print_json(
		ctl, json_pack("{s:o, s:o, s:o}", "Weight",
			       scheduler->weight ? json_integer(*scheduler->weight) : json_null(),
			       "Cap", scheduler->cap ? json_integer(*scheduler->cap) : json_null(),
			       "parameter", all));
}

static int run_parameters(struct xn_ctl *ctl, int argc, char **argv)
{
	const char *node, *vm;
	json_t *args = take_vm(ctl, argc, argv, &node, &vm);
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	struct xnetvms_scheduler scheduler;
	int code = XN_EXIT_FAILURE;

	if (vms)
		code = xnetvms_get_virtual_machine_scheduler_parameters(vms, node, vm, &scheduler)
			       ? xn_vmctl_fail(ctl)
			       : print_scheduler(ctl, &scheduler);
	json_decref(args);
	return code;
}

static const struct xn_arg set_args[] = {
	{ "weight", XN_ARG_COUNT },
	{ "cap", XN_ARG_COUNT },
};

static const unsigned int *number(const json_t *args, const char *key, unsigned int *to)
{
	const json_t *value = json_object_get(args, key);

	*to = json_integer_value(value);
	return value ? to : NULL;
}

static int run_set(struct xn_ctl *ctl, int argc, char **argv)
{
	json_t *args = xn_vmctl_args(ctl, node_and_vm, set_args, 2, argc, argv);
	struct xnetvms *vms = args ? xn_vmctl_open(ctl) : NULL;
	unsigned int weight, cap;
	int code = XN_EXIT_FAILURE;

	if (vms)
		code = xnetvms_set_virtual_machine_scheduler_parameters(
			       vms, xn_vmctl_text(args, "node"), xn_vmctl_text(args, "vm"),
			       number(args, "weight", &weight), number(args, "cap", &cap))
			       ? xn_vmctl_fail(ctl)
			       : xn_ctl_done(ctl);
	json_decref(args);
	return code;
}

const struct xn_ctl_command xn_vmctl_vm_commands[] = {
	{ .name = "status",
	  .run = run_status,
	  .args = "NODE VM",
	  .brief = "state, memory and processors, as the node tells them now" },
	{ .name = "create",
	  .run = run_create,
	  .args = "NODE VM ram MIB [ip ADDRESS/PREFIX] [interfaces BRIDGE,...] [transfer] "
		  "[image NAME | os NAME arch NAME kernel_version VERSION] [disk VOLUME]\n"
		  "           [sla " XN_VMCTL_SLA_USAGE "] [no_wait]",
	  .brief = "create and start one; with transfer an image is copied to the node",
	  .more = "Example: xnetman-vmctl vm create xen1 r1 ram 256 ip 10.0.0.1/24 interfaces "
		  "xenbr0 "
		  "transfer image router\n" },
	{ .name = "shutdown",
	  .run = run_shutdown,
	  .args = "NODE VM",
	  .brief = "ask it to shut itself down" },
	{ .name = "destroy",
	  .run = run_destroy,
	  .args = "NODE VM",
	  .brief = "end it at once and remove it, with what was transferred for it" },
	{ .name = "migrate",
	  .run = run_migrate,
	  .args = "NODE VM to NODE [live] [no_wait]",
	  .brief = "move it to another node" },
	{ .name = "scheduler",
	  .run = run_type,
	  .args = "NODE VM",
	  .brief = "name of the CPU scheduler" },
	{ .name = "parameters",
	  .run = run_parameters,
	  .args = "NODE VM",
	  .brief = "the scheduler's parameters" },
	{ .name = "set",
	  .run = run_set,
	  .args = "NODE VM [weight N] [cap PERCENT]",
	  .brief = "set the scheduler's parameters" },
	{},
};
