// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations on a virtual machine that is there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vms/op.h"
#include "vms/removal.h"
#include "vms/vm.h"
#include "vms/vm_find.h"

int xn_vm_find(const struct xn_vm_request *request, struct xn_node *node, struct xn_vm *vm,
	       struct xn_fault *fault)
{
	struct xn_registry *registry = request->server->registry;
	struct xn_err err;
	int rc;

	if (xn_fault_registry(fault, xn_registry_node(registry, request->node, node, &err), &err))
		return -1;
	rc = xn_registry_vm(registry, node->name, request->vm, vm, &err);
	if (!rc && xn_access_owner(request->caller, vm->owner))
		return 1;
	if (rc == -ENOENT && request->caller->role == XN_ROLE_PROVIDER)
		return 0;
	if (!rc || rc == -ENOENT)
		return xn_fault_set(fault, XN_FAULT_NOT_FOUND,
				    "you have no virtual machine \"%s\" on node \"%s\"",
				    request->vm, node->name);
	return xn_fault_registry(fault, rc, &err);
}

/* Claimed and begun. */
struct xn_op *xn_vm_op(const struct xn_vm_request *request, size_t size,
		       void (*act)(struct xn_op *op, virConnectPtr connection),
		       struct xn_fault *fault)
{
	struct xn_op *op = calloc(1, size);
	struct xn_node node;
	struct xn_vm vm;
	int known;

	if (!op) {
		xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
		return NULL;
	}
	known = xn_vm_find(request, &node, &vm, fault);
	if (known < 0) {
		free(op);
		return NULL;
	}
	xn_op_init(op, request->server, request->service, request->caller, &node, request->vm);
	op->act = act;
	op->known = known;
	if (known)
		op->vm = vm;
	return op;
}

int xn_vm_run(struct xn_op *op, const char *also_on, bool wait, char operation[XN_VMS_UUID],
	      struct xn_fault *fault)
{
	snprintf(operation, XN_VMS_UUID, "%s", op->record.id);
	if (xn_op_claim(op, NULL, also_on, fault)) {
		op->work.free(&op->work);
		return -1;
	}
	return xn_op_begin(op, fault) ? -1 : xn_op_answer(op, wait, fault);
}

int xn_vm_destroy(const struct xn_vm_request *request, char operation[XN_VMS_UUID],
		  struct xn_fault *fault)
{
	struct xn_op *op = xn_vm_op(request, sizeof(*op), xn_removal_act, fault);

	return op ? xn_vm_run(op, NULL, true, operation, fault) : -1;
}

static void act_shutdown(struct xn_op *op, virConnectPtr connection)
{
	struct xn_fault *fault = &op->work.fault;
	virDomainPtr domain = xn_domain_find(connection, op->vm.name, fault);

	if (!domain)
		return;
	if (virDomainShutdown(domain))
		xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
				 "the virtual machine cannot be shut down");
	virDomainFree(domain);
}

int xn_vm_shutdown(const struct xn_vm_request *request, char operation[XN_VMS_UUID],
		   struct xn_fault *fault)
{
	struct xn_op *op = xn_vm_op(request, sizeof(*op), act_shutdown, fault);

	return op ? xn_vm_run(op, NULL, true, operation, fault) : -1;
}

struct scheduling {
	struct xn_op op;
	unsigned int value[2];
	const unsigned int *weight, *cap; /* into value; NULL: as it is */
};

static void act_schedule(struct xn_op *op, virConnectPtr connection)
{
	struct scheduling *scheduling = (struct scheduling *)op;
	struct xn_fault *fault = &op->work.fault;
	virDomainPtr domain = xn_domain_find(connection, op->vm.name, fault);

	if (!domain)
		return;
	xn_domain_set_scheduler(domain, scheduling->weight, scheduling->cap, fault);
	virDomainFree(domain);
}

static const unsigned int *keep(unsigned int *to, const unsigned int *value)
{
	if (!value)
		return NULL;
	*to = *value;
	return to;
}

int xn_vm_set_scheduler(const struct xn_vm_request *request, const unsigned int *weight,
			const unsigned int *cap, char operation[XN_VMS_UUID],
			struct xn_fault *fault)
{
	struct scheduling *scheduling;

	if (!weight && !cap)
		return xn_fault_set(fault, XN_FAULT_INVALID, "say Weight, or Cap, or both");
	scheduling =
		(struct scheduling *)xn_vm_op(request, sizeof(*scheduling), act_schedule, fault);
	if (!scheduling)
		return -1;
	scheduling->weight = keep(&scheduling->value[0], weight);
	scheduling->cap = keep(&scheduling->value[1], cap);
	return xn_vm_run(&scheduling->op, NULL, true, operation, fault);
}
