/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services about one virtual machine or one node that is there. */
#ifndef XN_VMS_VM_H
#define XN_VMS_VM_H

#include "vms/domain.h"
#include "vms/server.h"

/* Who is meant: all functions here take it from the caller as it came. */
struct xn_vm_request {
	struct xn_server *server;
	const struct xn_caller *caller;
	const char *service; /* what was called */
	const char *node, *vm;
};

/*
 * Operations. @operation gets its id. Return: 0, or -1 with @fault. What belongs to somebody else is not found,
 * so that nobody learns of it.
 */
int xn_vm_destroy(const struct xn_vm_request *request, char operation[XN_VMS_UUID],
		  struct xn_fault *fault);
int xn_vm_shutdown(const struct xn_vm_request *request, char operation[XN_VMS_UUID],
		   struct xn_fault *fault);

/* NULL leaves weight, or cap, as it is. */
int xn_vm_set_scheduler(const struct xn_vm_request *request, const unsigned int *weight,
			const unsigned int *cap, char operation[XN_VMS_UUID],
			struct xn_fault *fault);
int xn_vm_migrate(const struct xn_vm_request *request, const char *to, bool live, bool wait,
		  char operation[XN_VMS_UUID], struct xn_fault *fault);

struct xn_vm_status {
	char uuid[XN_VMS_UUID];
	virDomainInfo info;
	struct xn_vm vm; /* "" in what this server does not know of it */
};

int xn_vm_status(const struct xn_vm_request *request, struct xn_vm_status *status,
		 struct xn_fault *fault);
int xn_vm_scheduler(const struct xn_vm_request *request, struct xn_scheduler *scheduler,
		    struct xn_fault *fault);

struct xn_node_status {
	char name[XN_VMS_NAME];
	char hypervisor[32];
	char version[32];
	virNodeInfo info;
	unsigned long long free_memory; /* KiB */
	size_t n_vms;
	char (*vms)[XN_VMS_NAME]; /* sorted; to be freed by free() */
};

int xn_node_status(struct xn_server *server, const char *node, struct xn_node_status *status,
		   struct xn_fault *fault);

#endif
