// SPDX-License-Identifier: GPL-2.0-or-later
/* A server that ended in the middle of something begins by undoing it. */
#include <stdlib.h>

#include "daemon/log.h"
#include "vms/op.h"
#include "vms/removal.h"
#include "vms/server.h"

static void recover_vm(const struct xn_vm *vm, void *arg)
{
	struct xn_caller provider = { XN_ROLE_PROVIDER, "" };
	struct xn_op *op = calloc(1, sizeof(*op));
	struct xn_server *server = arg;
	struct xn_fault fault = { 0 };
	struct xn_node node;
	struct xn_err err;

	if (!op || xn_registry_node(server->registry, vm->node, &node, &err)) {
		free(op);
		return;
	}
	xn_op_init(op, server, "undo of createVirtualMachine", &provider, &node, vm->name);
	op->vm = *vm;
	op->known = true;
	op->act = xn_removal_act;
	if (xn_op_claim(op, NULL, NULL, &fault)) {
		free(op);
		return;
	}
	if (!xn_op_begin(op, &fault))
		xn_op_answer(op, false, &fault);
}

/* Kept until the connection is free again: undoing needs the registry, too. */
struct found {
	struct xn_vm *vms;
	size_t n;
};

static void keep(const struct xn_vm *vm, void *arg)
{
	struct found *found = arg;
	struct xn_vm *vms = reallocarray(found->vms, found->n + 1, sizeof(*vms));

	if (!vms)
		return;
	found->vms = vms;
	found->vms[found->n++] = *vm;
}

void xn_server_recover(struct xn_server *server)
{
	struct found found = { NULL, 0 };
	struct xn_err err;

	if (xn_registry_abandon(server->registry, &err) ||
	    xn_registry_unfinished(server->registry, keep, &found, &err))
		xn_log(SD_ERR, "%s", err.text);
	for (size_t i = 0; i < found.n; i++)
		recover_vm(&found.vms[i], server);
	free(found.vms);
}
