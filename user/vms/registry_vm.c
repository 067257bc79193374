// SPDX-License-Identifier: GPL-2.0-or-later
/* Virtual machines, and the operations on them, in the registry. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vms/registry_db.h"

#define KEEP_SECONDS (7 * 24 * 3600L) /* operations that have ended */

#define VM_COLUMNS "node, name, uuid, network, owner, ip, disk, volumes, ready, sla"

struct vm_walk {
	xn_vm_fn fn;
	void *arg;
};

static void vm_row(void *arg, const char *const *column)
{
	const struct vm_walk *walk = arg;
	struct xn_vm vm;

	XN_COLUMN(vm.node, column[0]);
	XN_COLUMN(vm.name, column[1]);
	XN_COLUMN(vm.uuid, column[2]);
	XN_COLUMN(vm.network, column[3]);
	XN_COLUMN(vm.owner, column[4]);
	XN_COLUMN(vm.ip, column[5]);
	XN_COLUMN(vm.disk, column[6]);
	XN_COLUMN(vm.volumes, column[7]);
	vm.ready = atoi(column[8]);
	XN_COLUMN(vm.sla, column[9]);
	walk->fn(&vm, walk->arg);
}

static void copy_vm(const struct xn_vm *vm, void *arg)
{
	memcpy(arg, vm, sizeof(*vm));
}

int xn_registry_vm(struct xn_registry *registry, const char *node, const char *name,
		   struct xn_vm *vm, struct xn_err *err)
{
	struct vm_walk walk = { copy_vm, vm };
	int rows = xn_registry_do(registry, false, vm_row, &walk, err,
				  "SELECT " VM_COLUMNS " FROM vms WHERE node = $1 AND name = $2",
				  node, name);

	if (rows)
		return rows < 0 ? rows : 0;
	xn_err_set(err, "no virtual machine \"%s\" was made here on node \"%s\"", name, node);
	return -ENOENT;
}

int xn_registry_unfinished(struct xn_registry *registry, xn_vm_fn fn, void *arg, struct xn_err *err)
{
	struct vm_walk walk = { fn, arg };
	int rows = xn_registry_do(registry, false, vm_row, &walk, err,
				  "SELECT " VM_COLUMNS " FROM vms WHERE ready = 0 AND server = $1",
				  registry->server);

	return rows < 0 ? rows : 0;
}

static int changed(int rows, const struct xn_vm *vm, struct xn_err *err)
{
	if (rows)
		return rows < 0 ? rows : 0;
	xn_err_set(err, "virtual machine \"%s\" of node \"%s\" is not in the registry any more",
		   vm->name, vm->node);
	return -ENOENT;
}

int xn_registry_add_volume(struct xn_registry *registry, const struct xn_vm *vm, const char *volume,
			   struct xn_err *err)
{
	return changed(
		xn_registry_do(registry, true, NULL, NULL, err,
			       "UPDATE vms SET volumes = volumes || $1 || ' ' WHERE uuid = $2",
			       volume, vm->uuid),
		vm, err);
}

int xn_registry_vm_ready(struct xn_registry *registry, const struct xn_vm *vm, struct xn_err *err)
{
	return changed(xn_registry_do(registry, true, NULL, NULL, err,
				      "UPDATE vms SET ready = 1 WHERE uuid = $1", vm->uuid),
		       vm, err);
}

int xn_registry_vm_moved(struct xn_registry *registry, const struct xn_vm *vm, const char *node,
			 struct xn_err *err)
{
	return changed(xn_registry_do(registry, true, NULL, NULL, err,
				      "UPDATE vms SET node = $1 WHERE uuid = $2", node, vm->uuid),
		       vm, err);
}

int xn_registry_remove_vm(struct xn_registry *registry, const char *node, const char *name,
			  struct xn_err *err)
{
	int rows = xn_registry_do(registry, true, NULL, NULL, err,
				  "DELETE FROM vms WHERE node = $1 AND name = $2", node, name);

	return rows < 0 ? rows : 0;
}

/* --- operations ----------------------------------------------------------------------------- */

static int claim(struct xn_tx *tx, const char *node, const char *vm, const char *id)
{
	/* nobody else's: -EEXIST */
	return xn_tx_do(tx, NULL, NULL,
			"INSERT INTO claims (node, vm, operation) VALUES ($1, $2, $3)", node, vm,
			id);
}

static void note_operation(struct xn_tx *tx, const char *server,
			   const struct xn_operation *operation)
{
	char now[XN_VMS_TIME];

	xn_tx_do(tx, NULL, NULL,
		 "INSERT INTO operations (id, service, node, vm, owner, server, state, step, done,"
		 " total, started, ended) VALUES ($1, $2, $3, $4, $5, $6, 0, '', 0, 0, $7, '')",
		 operation->id, operation->service, operation->node, operation->vm,
		 operation->owner, server, xn_registry_time(now, 0));
}

static int note_vm(struct xn_tx *tx, const char *server, const struct xn_vm *vm)
{
	return xn_tx_do(tx, NULL, NULL,
			"INSERT INTO vms (" VM_COLUMNS ", server) VALUES"
			" ($1, $2, $3, $4, $5, $6, $7, '', 0, $8, $9)",
			vm->node, vm->name, vm->uuid, vm->network, vm->owner, vm->ip, vm->disk,
			vm->sla, server);
}

static void forget_old(struct xn_tx *tx)
{
	char then[XN_VMS_TIME];

	xn_tx_do(tx, NULL, NULL, "DELETE FROM operations WHERE started < $1 AND state <> 0",
		 xn_registry_time(then, KEEP_SECONDS));
}

static void holder_row(void *arg, const char *const *column)
{
	snprintf(arg, 128, ": %s, operation %s", column[0], column[1]);
}

static int tell_busy(struct xn_registry *registry, const char *node, const char *vm,
		     struct xn_err *err)
{
	char holder[128] = "";
	struct xn_err ignored;

	xn_registry_do(registry, false, holder_row, holder, &ignored,
		       "SELECT service, id FROM operations WHERE id ="
		       " (SELECT operation FROM claims WHERE node = $1 AND vm = $2)",
		       node, vm);
	xn_err_set(err, "another call works on virtual machine \"%s\" of node \"%s\"%s", vm, node,
		   holder);
	return -EBUSY;
}

static int begin_one(struct xn_registry *registry, struct xn_tx *tx,
		     const struct xn_operation *operation, const struct xn_vm *vm,
		     struct xn_err *err)
{
	int ret = claim(tx, operation->node, operation->vm, operation->id);

	if (ret == -EEXIST) {
		xn_tx_cancel(tx);
		return tell_busy(registry, operation->node, operation->vm, err);
	}
	note_operation(tx, registry->server, operation);
	if (!vm || note_vm(tx, registry->server, vm) != -EEXIST)
		return 0;
	xn_tx_cancel(tx);
	xn_err_set(err, "node \"%s\" has a virtual machine \"%s\" already, or one with disk \"%s\"",
		   vm->node, vm->name, vm->disk);
	return -EEXIST;
}

int xn_registry_begin(struct xn_registry *registry, const struct xn_operation *operations,
		      const struct xn_vm *vms, size_t n, const char *also_on, struct xn_err *err)
{
	struct xn_tx *tx = xn_tx_begin(registry->db, true, err);
	int ret;

	if (!tx)
		return -EIO;
	for (size_t i = 0; i < n; i++) {
		ret = begin_one(registry, tx, &operations[i], vms ? &vms[i] : NULL, err);
		if (ret)
			return ret;
	}
	if (also_on && claim(tx, also_on, operations[0].vm, operations[0].id) == -EEXIST) {
		xn_tx_cancel(tx);
		return tell_busy(registry, also_on, operations[0].vm, err);
	}
	forget_old(tx);
	return xn_tx_end(tx, err);
}

int xn_registry_progress(struct xn_registry *registry, const struct xn_operation *operation,
			 struct xn_err *err)
{
	char done[24], total[24];
	int rows;

	snprintf(done, sizeof(done), "%" PRIu64, operation->done);
	snprintf(total, sizeof(total), "%" PRIu64, operation->total);
	rows = xn_registry_do(registry, true, NULL, NULL, err,
			      "UPDATE operations SET step = $1, done = $2, total = $3"
			      " WHERE id = $4 AND state = 0",
			      operation->step, done, total, operation->id);
	return rows < 0 ? rows : 0;
}

int xn_registry_finish(struct xn_registry *registry, const struct xn_operation *operation,
		       struct xn_err *err)
{
	struct xn_tx *tx = xn_tx_begin(registry->db, true, err);
	char now[XN_VMS_TIME], state[24], done[24], total[24];

	if (!tx)
		return -EIO;
	snprintf(state, sizeof(state), "%d", operation->state);
	snprintf(done, sizeof(done), "%" PRIu64, operation->done);
	snprintf(total, sizeof(total), "%" PRIu64, operation->total);
	xn_tx_do(tx, NULL, NULL,
		 "UPDATE operations SET state = $1, step = $2, done = $3, total = $4, ended = $5"
		 " WHERE id = $6",
		 state, operation->step, done, total, xn_registry_time(now, 0), operation->id);
	xn_tx_do(tx, NULL, NULL, "DELETE FROM claims WHERE operation = $1", operation->id);
	return xn_tx_end(tx, err);
}

struct operation_walk {
	xn_operation_fn fn;
	void *arg;
};

static void operation_row(void *arg, const char *const *column)
{
	const struct operation_walk *walk = arg;
	struct xn_operation operation;

	XN_COLUMN(operation.id, column[0]);
	XN_COLUMN(operation.service, column[1]);
	XN_COLUMN(operation.node, column[2]);
	XN_COLUMN(operation.vm, column[3]);
	XN_COLUMN(operation.owner, column[4]);
	operation.state = atoi(column[5]);
	XN_COLUMN(operation.step, column[6]);
	operation.done = strtoull(column[7], NULL, 10);
	operation.total = strtoull(column[8], NULL, 10);
	XN_COLUMN(operation.started, column[9]);
	XN_COLUMN(operation.ended, column[10]);
	walk->fn(&operation, walk->arg);
}

int xn_registry_operations(struct xn_registry *registry, const char *id, const char *node,
			   const char *vm, const char *owner, xn_operation_fn fn, void *arg,
			   struct xn_err *err)
{
	struct operation_walk walk = { fn, arg };
	char limit[24];
	int rows;

	snprintf(limit, sizeof(limit), "%d", XN_OPERATIONS_MAX);
	rows = xn_registry_do(
		registry, false, operation_row, &walk, err,
		"SELECT id, service, node, vm, owner, state, step, done, total, started,"
		" ended FROM operations WHERE ($1 = '' OR id = $1)"
		" AND ($2 = '' OR node = $2) AND ($3 = '' OR vm = $3)"
		" AND ($4 = '' OR owner = $4) ORDER BY started DESC LIMIT $5",
		id, node, vm, owner, limit);
	return rows < 0 ? rows : 0;
}

int xn_registry_abandon(struct xn_registry *registry, struct xn_err *err)
{
	struct xn_tx *tx = xn_tx_begin(registry->db, true, err);
	char now[XN_VMS_TIME];

	if (!tx)
		return -EIO;
	xn_tx_do(tx, NULL, NULL,
		 "DELETE FROM claims WHERE operation IN"
		 " (SELECT id FROM operations WHERE state = 0 AND server = $1)",
		 registry->server);
	xn_tx_do(tx, NULL, NULL,
		 "UPDATE operations SET state = 2, step = 'the server was stopped in the middle',"
		 " ended = $1 WHERE state = 0 AND server = $2",
		 xn_registry_time(now, 0), registry->server);
	return xn_tx_end(tx, err);
}
