// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-vmctl network`. */
#include <stdlib.h>
#include <string.h>

#include "ctl/output.h"
#include "vmctl/call.h"
#include "vmctl/sla.h"

#define MACHINES_MAX 256

/* "NODE,VM,ADDRESS,MIB,BRIDGE", cut in place. */
static bool take_machine(char *text, struct xnetvms_create *to, const char **interface)
{
	char *part[5], *end;

	for (size_t i = 0; i < 5; i++)
		part[i] = strsep(&text, ",");
	if (!part[4] || text)
		return false;
	*to = (struct xnetvms_create){
		.phy_server = part[0],
		.vm_name = part[1],
		.vm_ip = part[2],
		.vm_ram = strtoul(part[3], &end, 10),
		.net_interfaces = interface,
		.n_net_interfaces = 1,
	};
	*interface = part[4];
	return *part[3] && !*end;
}

/* "image=NAME". The list of SLAs is cut in place. */
static bool take_option(char *word, struct xnetvms_create *first, struct xnetvms_sla *slas)
{
	const struct {
		const char *key;
		const char **to;
	} keys[] = {
		{ "image=", &first->image },
		{ "os=", &first->os },
		{ "arch=", &first->arch },
		{ "kernel_version=", &first->kernel_version },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i].key);

		if (!strncmp(word, keys[i].key, n)) {
			*keys[i].to = word + n;
			return true;
		}
	}
	if (!strncmp(word, "sla=", 4)) {
		first->slas = slas;
		return !xn_vmctl_slas(word + 4, slas, &first->n_slas);
	}
	first->transfer |= !strcmp(word, "transfer");
	return !strcmp(word, "transfer");
}

static int print(struct xn_ctl *ctl, const char *name, const char **operations, size_t n)
{
	json_t *list = json_array();

	if (!ctl->json) {
		json_decref(list);
		return XN_EXIT_OK;
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, xn_vmctl_string(operations[i]));
	return xn_ctl_print_json(ctl,
				 json_pack("{s:s, s:o}", "networkName", name, "operation", list));
}

static int run_create(struct xn_ctl *ctl, int argc, char **argv)
{
	struct xnetvms_create requests[MACHINES_MAX] = { 0 }, options = { 0 };
	const char *interfaces[MACHINES_MAX], *operations[MACHINES_MAX];
	struct xnetvms_sla slas[XN_VMCTL_SLAS];
	struct xnetvms *vms;
	size_t n = 0;

	for (int i = 1; i < argc; i++) {
		if (take_option(argv[i], &options, slas))
			continue;
		if (n == MACHINES_MAX || !take_machine(argv[i], &requests[n], &interfaces[n]))
			return xn_ctl_fail(ctl, XN_EXIT_FAILURE,
					   "\"%s\": write NODE,VM,ADDRESS/PREFIX,MIB,BRIDGE",
					   argv[i]);
		n++;
	}
	if (!n)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "a name and virtual machines are missing");
	requests[0].transfer = options.transfer;
	requests[0].image = options.image;
	requests[0].os = options.os;
	requests[0].arch = options.arch;
	requests[0].kernel_version = options.kernel_version;
	requests[0].slas = options.slas;
	requests[0].n_slas = options.n_slas;
	vms = xn_vmctl_open(ctl);
	if (!vms)
		return XN_EXIT_FAILURE;
	if (xnetvms_create_virtual_network(vms, argv[0], requests, n, operations))
		return xn_vmctl_fail(ctl);
	return print(ctl, argv[0], operations, n);
}

const struct xn_ctl_command xn_vmctl_network_commands[] = {
	{ .name = "create",
	  .run = run_create,
	  .args = "NAME NODE,VM,ADDRESS/PREFIX,MIB,BRIDGE... [transfer] [image=NAME] [os=NAME] "
		  "[arch=NAME] [kernel_version=VERSION]\n           [sla=" XN_VMCTL_SLA_USAGE "]",
	  .brief = "create the virtual machines of a network, all or none",
	  .more = "Example: xnetman-vmctl network create blue xen1,r1,10.0.0.1/24,256,xenbr0 "
		  "xen2,r2,10.0.0.2/24,256,xenbr0 transfer image=router\n" },
	{},
};
