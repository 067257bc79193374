// SPDX-License-Identifier: GPL-2.0-or-later
/* What nodes tell when they are asked. */
#include <stdlib.h>
#include <string.h>

#include "vms/vm.h"
#include "vms/vm_find.h"

int xn_server_ask(struct xn_server *server, const struct xn_node *node, struct xn_work *work,
		  struct xn_fault *fault)
{
	if (xn_nodes_begin(server->nodes, node, work, fault))
		return -1;
	if (xn_nodes_wait(work, server->question_seconds)) {
		xn_fault_set(fault, XN_FAULT_UNREACHABLE,
			     "node \"%s\" has not answered within %d s", node->name,
			     server->question_seconds);
	} else if (work->fault.code) {
		*fault = work->fault;
	} else {
		return 0;
	}
	xn_nodes_put(work);
	return -1;
}

/* --- virtual machines ----------------------------------------------------------------------- */

struct question {
	struct xn_work work;
	char vm[XN_VMS_NAME];
	struct xn_vm_status status;
	struct xn_scheduler scheduler;
	int (*ask)(struct question *question, virDomainPtr domain);
};

static void run_question(struct xn_work *work, virConnectPtr connection)
{
	struct question *question = (struct question *)work;
	virDomainPtr domain;

	if (!connection)
		return;
	domain = xn_domain_find(connection, question->vm, &work->fault);
	if (!domain)
		return;
	question->ask(question, domain);
	virDomainFree(domain);
}

static void free_question(struct xn_work *work)
{
	free(work);
}

static int ask_status(struct question *question, virDomainPtr domain)
{
	if (virDomainGetInfo(domain, &question->status.info) ||
	    virDomainGetUUIDString(domain, question->status.uuid))
		return xn_fault_libvirt(&question->work.fault, XN_FAULT_HYPERVISOR,
					"the virtual machine's state");
	return 0;
}

static int ask_scheduler(struct question *question, virDomainPtr domain)
{
	return xn_domain_scheduler(domain, &question->scheduler, &question->work.fault);
}

/* Return: the answered question, to be put, or NULL with @fault. */
static struct question *ask(const struct xn_vm_request *request,
			    int (*fn)(struct question *question, virDomainPtr domain),
			    struct xn_vm *vm, struct xn_fault *fault)
{
	struct question *question;
	struct xn_node node;

	memset(vm, 0, sizeof(*vm));
	if (xn_vm_find(request, &node, vm, fault) < 0)
		return NULL;
	question = calloc(1, sizeof(*question));
	if (!question) {
		xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
		return NULL;
	}
	question->work.run = run_question;
	question->work.free = free_question;
	question->ask = fn;
	XN_COPY(question->vm, request->vm);
	return xn_server_ask(request->server, &node, &question->work, fault) ? NULL : question;
}

int xn_vm_status(const struct xn_vm_request *request, struct xn_vm_status *status,
		 struct xn_fault *fault)
{
	struct xn_vm vm;
	struct question *question = ask(request, ask_status, &vm, fault);

	if (!question)
		return -1;
	*status = question->status;
	status->vm = vm;
	xn_nodes_put(&question->work);
	return 0;
}

int xn_vm_scheduler(const struct xn_vm_request *request, struct xn_scheduler *scheduler,
		    struct xn_fault *fault)
{
	struct xn_vm vm;
	struct question *question = ask(request, ask_scheduler, &vm, fault);

	if (!question)
		return -1;
	*scheduler = question->scheduler;
	xn_nodes_put(&question->work);
	return 0;
}

/* --- nodes ---------------------------------------------------------------------------------- */

struct node_question {
	struct xn_work work;
	struct xn_node_status status;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int list_vms(virConnectPtr connection, struct xn_node_status *status, struct xn_fault *fault)
{
	virDomainPtr *domains;
	int n = virConnectListAllDomains(connection, &domains, 0);

	if (n < 0)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "the node's virtual machines");
	status->vms = calloc(n + 1, sizeof(status->vms[0]));
	for (int i = 0; i < n; i++) {
		if (status->vms)
			XN_COPY(status->vms[status->n_vms++], virDomainGetName(domains[i]));
		virDomainFree(domains[i]);
	}
	free(domains);
	if (!status->vms)
		return xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
	qsort(status->vms, status->n_vms, sizeof(status->vms[0]), compare);
	return 0;
}

static void run_node_question(struct xn_work *work, virConnectPtr connection)
{
	struct xn_node_status *status = &((struct node_question *)work)->status;
	unsigned long version = 0;

	if (!connection)
		return;
	if (virNodeGetInfo(connection, &status->info) ||
	    virConnectGetVersion(connection, &version)) {
		xn_fault_libvirt(&work->fault, XN_FAULT_HYPERVISOR, "what the node is");
		return;
	}
	XN_COPY(status->hypervisor, virConnectGetType(connection));
	snprintf(status->version, sizeof(status->version), "%lu.%lu.%lu", version / 1000000,
		 version / 1000 % 1000, version % 1000);
	status->free_memory = virNodeGetFreeMemory(connection) / 1024;
	list_vms(connection, status, &work->fault);
}

static void free_node_question(struct xn_work *work)
{
	free(((struct node_question *)work)->status.vms);
	free(work);
}

int xn_node_status(struct xn_server *server, const char *name, struct xn_node_status *status,
		   struct xn_fault *fault)
{
	struct node_question *question;
	struct xn_node node;
	struct xn_err err;

	if (xn_fault_registry(fault, xn_registry_node(server->registry, name, &node, &err), &err))
		return -1;
	question = calloc(1, sizeof(*question));
	if (!question)
		return xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
	question->work.run = run_node_question;
	question->work.free = free_node_question;
	if (xn_server_ask(server, &node, &question->work, fault))
		return -1;
	*status = question->status;
	XN_COPY(status->name, node.name);
	question->status.vms = NULL; /* the caller's now */
	xn_nodes_put(&question->work);
	return 0;
}
