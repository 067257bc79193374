// SPDX-License-Identifier: GPL-2.0-or-later
/* Taking virtual machines away. */
#include "daemon/log.h"
#include "vms/admission.h"
#include "vms/domain.h"
#include "vms/pool.h"
#include "vms/removal.h"

static int remove_known(struct xn_op *op, virConnectPtr connection, struct xn_fault *fault)
{
	const struct xn_vm *vm = &op->vm;
	struct xn_err err;

	if (xn_domain_remove_uuid(connection, vm->uuid, fault) ||
	    xn_pool_remove(connection, op->server->pool, vm->volumes, fault) ||
	    xn_admission_leave(op->server, &op->node, vm, fault))
		return -1;
	return xn_fault_registry(
		fault, xn_registry_remove_vm(op->server->registry, vm->node, vm->name, &err), &err);
}

static int remove_stranger(struct xn_op *op, virConnectPtr connection, struct xn_fault *fault)
{
	virDomainPtr domain = xn_domain_find(connection, op->vm.name, fault);
	int ret;

	if (!domain)
		return -1;
	ret = xn_domain_remove(domain, fault);
	virDomainFree(domain);
	return ret;
}

void xn_removal_act(struct xn_op *op, virConnectPtr connection)
{
	(op->known ? remove_known : remove_stranger)(op, connection, &op->work.fault);
}

void xn_removal_undo(struct xn_op *op, virConnectPtr connection)
{
	struct xn_fault fault = { 0 };

	if (remove_known(op, connection, &fault))
		xn_log(SD_WARNING, "%s %s on %s: what was begun could not be undone: %s: %s",
		       op->record.service, op->vm.name, op->vm.node, fault.reason, fault.libvirt);
}
