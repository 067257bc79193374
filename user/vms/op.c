// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations. */
#include <errno.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "vms/clock.h"
#include "vms/op.h"

void xn_uuid_make(char uuid[XN_VMS_UUID])
{
	sd_id128_t id = SD_ID128_NULL;

	sd_id128_randomize(&id);
	sd_id128_to_uuid_string(id, uuid);
}

/* The node was not reached: there is nothing to undo but what was noted. */
static void forget(struct xn_registry *registry, const struct xn_vm *vm)
{
	struct xn_err err;

	if (xn_registry_remove_vm(registry, vm->node, vm->name, &err))
		xn_log(SD_ERR, "virtual machine %s on %s stays noted: %s", vm->name, vm->node,
		       err.text);
}

static void run_op(struct xn_work *work, virConnectPtr connection)
{
	struct xn_op *op = (struct xn_op *)work;

	if (connection)
		op->act(op, connection);
	else if (op->fresh)
		forget(op->server->registry, &op->vm);
	if (!op->held)
		xn_op_end(op);
}

static void free_op(struct xn_work *work)
{
	struct xn_op *op = (struct xn_op *)work;

	if (op->free)
		op->free(op);
	free(op);
}

void xn_op_init(struct xn_op *op, struct xn_server *server, const char *service,
		const struct xn_caller *caller, const struct xn_node *node, const char *vm)
{
	op->work.run = run_op;
	op->work.free = free_op;
	op->server = server;
	op->node = *node;
	xn_uuid_make(op->record.id);
	XN_COPY(op->record.service, service);
	XN_COPY(op->record.node, node->name);
	XN_COPY(op->record.vm, vm);
	XN_COPY(op->record.owner, xn_access_owner_name(caller));
	XN_COPY(op->vm.node, node->name);
	XN_COPY(op->vm.name, vm);
}

int xn_op_claim(struct xn_op *op, const struct xn_vm *new_vm, const char *also_on,
		struct xn_fault *fault)
{
	struct xn_err err;

	return xn_fault_registry(
		fault,
		xn_registry_begin(op->server->registry, &op->record, new_vm, 1, also_on, &err),
		&err);
}

int xn_op_begin(struct xn_op *op, struct xn_fault *fault)
{
	struct xn_operation record = op->record;
	struct xn_registry *registry = op->server->registry;
	struct xn_vm vm = op->vm;
	bool fresh = op->fresh;
	struct xn_err err;

	if (!xn_nodes_begin(op->server->nodes, &op->node, &op->work, fault))
		return 0;
	if (fresh)
		forget(registry, &vm);
	record.state = XN_OPERATION_FAILED;
	XN_COPY(record.step, fault->reason);
	if (xn_registry_finish(registry, &record, &err))
		xn_log(SD_ERR, "%s", err.text);
	return -1;
}

int xn_op_answer(struct xn_op *op, bool wait, struct xn_fault *fault)
{
	int ret = 0;

	if (!wait) {
		xn_nodes_put(&op->work);
		return 0;
	}
	if (xn_nodes_wait(&op->work, op->server->work_seconds)) {
		ret = xn_fault_set(fault, XN_FAULT_TIMEOUT,
				   "node \"%s\" has not finished within %d s and goes on: ask "
				   "getOperations",
				   op->node.name, op->server->work_seconds);
	} else if (op->work.fault.code) {
		*fault = op->work.fault;
		ret = -1;
	}
	XN_COPY(fault->operation, op->record.id);
	xn_nodes_put(&op->work);
	return ret;
}

void xn_op_progress(struct xn_op *op, const char *step, uint64_t done, uint64_t total)
{
	bool new = strcmp(op->record.step, step);
	struct xn_err err;

	op->record.done = done;
	op->record.total = total;
	if (!new && op->told == xn_seconds())
		return;
	op->told = xn_seconds();
	XN_COPY(op->record.step, step);
	/* it is only told of; the end will be noted */
	xn_registry_progress(op->server->registry, &op->record, &err);
}

void xn_op_end(struct xn_op *op)
{
	const struct xn_fault *fault = &op->work.fault;
	struct xn_err err;

	op->record.state = fault->code ? XN_OPERATION_FAILED : XN_OPERATION_DONE;
	snprintf(op->record.step, sizeof(op->record.step), "%.300s%s%.200s", fault->reason,
		 fault->libvirt[0] ? ": " : "", fault->libvirt);
	if (xn_registry_finish(op->server->registry, &op->record, &err))
		xn_log(SD_ERR, "operation %s on %s is over, but stays noted: %s", op->record.id,
		       op->record.vm, err.text);
	xn_log(fault->code ? SD_WARNING : SD_INFO, "%s %s on %s: %s", op->record.service,
	       op->record.vm, op->record.node, fault->code ? op->record.step : "done");
}
