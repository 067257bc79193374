/* SPDX-License-Identifier: GPL-2.0-or-later */
/* createVirtualMachine and createVirtualNetwork. */
#ifndef XN_VMS_CREATE_H
#define XN_VMS_CREATE_H

#include "vms/server.h"
#include "vms/vm_sla.h"

/* A virtual machine as it is asked for, nothing of it checked. "" where nothing was said. */
struct xn_create_request {
	const char *node, *vm, *ip;
	unsigned int ram; /* MiB */
	bool transfer;
	const char *image, *os, *arch, *kernel_version;
	const char *disk;
	const char *network;
	const char *const *interfaces;
	size_t n_interfaces;
	const struct xn_vm_sla *slas;
	size_t n_slas;
};

struct xn_created {
	char operation[XN_VMS_UUID];
	char uuid[XN_VMS_UUID];
};

#define XN_NETWORK_MAX 256 /* virtual machines of one virtual network */

/**
 * xn_create() - create virtual machines, all or none
 * @n: 1 to XN_NETWORK_MAX
 * @service: what was called
 * @wait: until they run; else what goes wrong later is told by getOperations
 * @created: gets @n
 *
 * Return: 0, or -1 with @fault.
 */
int xn_create(struct xn_server *server, const struct xn_caller *caller, const char *service,
	      const struct xn_create_request *requests, size_t n, bool wait,
	      struct xn_created *created, struct xn_fault *fault);

#endif
