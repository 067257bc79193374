// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One virtual machine, or those of a network. A network's are claimed together, made at the same time, each on
 * its node's thread, and judged together when the last of them has ended: if one failed, the others go.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "vms/clock.h"
#include "vms/creation.h"
#include "vms/reach.h"
#include "vms/removal.h"

/* A network being created. Freed by the last of two: its thread, and who waits. */
struct group {
	struct xn_server *server;
	size_t n, begun;
	struct xn_creation **member;
	struct xn_fault fault; /* the first member's that failed */
	pthread_mutex_t lock;
	pthread_cond_t finished;
	bool done;
	unsigned int holders;
};

/* --- one ------------------------------------------------------------------------------------ */

static int create_one(struct xn_server *server, const struct xn_caller *caller, const char *service,
		      const struct xn_create_request *request, bool wait,
		      struct xn_created *created, struct xn_fault *fault)
{
	struct xn_creation *creation = xn_creation_new(server, caller, service, request, fault);
	struct xn_op *op;

	if (!creation)
		return -1;
	op = &creation->op;
	XN_COPY(created->operation, op->record.id);
	XN_COPY(created->uuid, op->vm.uuid);
	if (xn_op_claim(op, &op->vm, NULL, fault)) {
		free(creation);
		return -1;
	}
	return xn_op_begin(op, fault) ? -1 : xn_op_answer(op, wait, fault);
}

/* --- a network ------------------------------------------------------------------------------ */

static void free_group(struct group *group)
{
	pthread_cond_destroy(&group->finished);
	pthread_mutex_destroy(&group->lock);
	free(group->member);
	free(group);
}

static void put_group(struct group *group)
{
	bool last;

	pthread_mutex_lock(&group->lock);
	last = !--group->holders;
	pthread_mutex_unlock(&group->lock);
	if (last)
		free_group(group);
}

static struct group *new_group(struct xn_server *server, size_t n)
{
	struct group *group = calloc(1, sizeof(*group));

	if (!group)
		return NULL;
	group->server = server;
	group->n = n;
	group->holders = 2;
	group->member = calloc(n, sizeof(struct xn_creation *));
	pthread_mutex_init(&group->lock, NULL);
	pthread_cond_init(&group->finished, NULL);
	if (group->member)
		return group;
	free_group(group);
	return NULL;
}

/* Nothing was claimed yet. */
static void drop_group(struct group *group)
{
	for (size_t i = 0; i < group->n; i++)
		free(group->member[i]);
	free_group(group);
}

static int check_members(struct group *group, const struct xn_caller *caller, const char *service,
			 const struct xn_create_request *requests, struct xn_fault *fault)
{
	for (size_t i = 0; i < group->n; i++) {
		for (size_t j = 0; j < i; j++)
			if (*requests[i].ip && !strcmp(requests[i].ip, requests[j].ip))
				return xn_fault_set(fault, XN_FAULT_INVALID,
						    "IPs: \"%s\" is given twice", requests[i].ip);
		group->member[i] =
			xn_creation_new(group->server, caller, service, &requests[i], fault);
		if (!group->member[i])
			return -1;
		group->member[i]->op.held = true;
	}
	return 0;
}

static int claim_members(struct group *group, struct xn_fault *fault)
{
	struct xn_operation *operations = calloc(group->n, sizeof(*operations));
	struct xn_vm *vms = calloc(group->n, sizeof(*vms));
	struct xn_err err;
	int ret = -1;

	if (!operations || !vms) {
		xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
		goto out;
	}
	for (size_t i = 0; i < group->n; i++) {
		operations[i] = group->member[i]->op.record;
		vms[i] = group->member[i]->op.vm;
	}
	ret = xn_fault_registry(
		fault,
		xn_registry_begin(group->server->registry, operations, vms, group->n, NULL, &err),
		&err);
out:
	free(operations);
	free(vms);
	return ret;
}

/* What failed first stands for all of them. */
static void blame(struct group *group, const struct xn_op *op)
{
	if (group->fault.code || !op->work.fault.code)
		return;
	group->fault = op->work.fault;
	XN_COPY(group->fault.node, op->vm.node);
	XN_COPY(group->fault.vm, op->vm.name);
}

/* Remove the member again, on its node's thread. The operation that does it is only the work, unclaimed. */
static struct xn_op *begin_undo(struct xn_op *made)
{
	struct xn_op *op = calloc(1, sizeof(*op));
	struct xn_caller provider = { XN_ROLE_PROVIDER, "" };
	struct xn_fault fault = { 0 };

	if (!op)
		return NULL;
	xn_op_init(op, made->server, made->record.service, &provider, &made->node, made->vm.name);
	op->vm = made->vm;
	op->known = true;
	op->held = true;
	op->act = xn_removal_act;
	return xn_nodes_begin(op->server->nodes, &op->node, &op->work, &fault) ? NULL : op;
}

static void wait_for(struct xn_op *op)
{
	while (xn_nodes_wait(&op->work, 3600))
		;
}

static void finish_undo(struct xn_op *undo, const struct xn_op *made)
{
	if (undo)
		wait_for(undo);
	if (!undo || undo->work.fault.code)
		xn_log(SD_WARNING, "%s %s on %s: could not be undone: %s", made->record.service,
		       made->vm.name, made->vm.node,
		       undo ? undo->work.fault.reason : "too much to do");
	if (undo)
		xn_nodes_put(&undo->work);
}

/* It is there, whatever happened to it then. */
static bool made(const struct xn_op *op)
{
	return ((const struct xn_creation *)op)->made;
}

static void undo_members(struct group *group)
{
	struct xn_op **undo = calloc(group->begun, sizeof(struct xn_op *));

	for (size_t i = 0; undo && i < group->begun; i++)
		if (made(&group->member[i]->op))
			undo[i] = begin_undo(&group->member[i]->op);
	for (size_t i = 0; i < group->begun; i++) {
		struct xn_op *op = &group->member[i]->op;

		if (!made(op))
			continue;
		finish_undo(undo ? undo[i] : NULL, op);
		xn_fault_set(&op->work.fault, group->fault.code,
			     "taken away again, as \"%s\" on \"%s\" failed: %.300s",
			     group->fault.vm, group->fault.node, group->fault.reason);
	}
	free(undo);
}

/* --- do they answer? ------------------------------------------------------------------------ */

static bool same_network(const struct xn_vm *a, const struct xn_vm *b)
{
	struct in_addr addresses[2];
	unsigned int prefix[2];
	uint32_t mask;

	if (xn_ip4_parse(a->ip, &addresses[0], &prefix[0]) ||
	    xn_ip4_parse(b->ip, &addresses[1], &prefix[1]) || prefix[0] != prefix[1])
		return false;
	mask = prefix[0] ? htonl(~0U << (32 - prefix[0])) : 0;
	return !((addresses[0].s_addr ^ addresses[1].s_addr) & mask);
}

/* Who asks for the @i-th: the next on the same network, so that the way between nodes is tried; or itself. */
static const struct xn_creation *neighbour(const struct group *group, size_t i)
{
	const struct xn_creation *member = group->member[i];

	for (size_t step = 1; step < group->n; step++) {
		const struct xn_creation *other = group->member[(i + step) % group->n];

		if (same_network(&member->op.vm, &other->op.vm) &&
		    strcmp(member->op.vm.node, other->op.vm.node))
			return other;
	}
	return member;
}

/* All of them have been starting since the same time. */
static void wait_for_answers(struct group *group)
{
	time_t end = xn_seconds() + group->server->boot_seconds;

	for (size_t i = 0; i < group->n && !group->fault.code; i++) {
		const struct xn_creation *from = neighbour(group, i);
		struct xn_op *op = &group->member[i]->op;
		time_t left = end - xn_seconds();

		if (!group->server->boot_seconds || !from->domain.n_interfaces)
			return;
		xn_op_progress(op, "waiting until it answers", op->record.done, op->record.total);
		xn_reach_wait(group->server, &from->op.node, from->domain.interface[0], op->vm.ip,
			      left > 1 ? left : 1, &op->work.fault);
		blame(group, op);
	}
}

/* --- the end -------------------------------------------------------------------------------- */

static void *run_group(void *arg)
{
	struct group *group = arg;

	for (size_t i = 0; i < group->begun; i++) {
		wait_for(&group->member[i]->op);
		blame(group, &group->member[i]->op);
	}
	if (!group->fault.code)
		wait_for_answers(group);
	if (group->fault.code)
		undo_members(group);
	for (size_t i = 0; i < group->begun; i++) {
		xn_op_end(&group->member[i]->op);
		xn_nodes_put(&group->member[i]->op.work);
	}
	pthread_mutex_lock(&group->lock);
	group->done = true;
	pthread_cond_broadcast(&group->finished);
	pthread_mutex_unlock(&group->lock);
	put_group(group);
	return NULL;
}

/* One that cannot begin ends the row, and fails the network. */
static void begin_members(struct group *group)
{
	for (group->begun = 0; group->begun < group->n; group->begun++)
		if (xn_op_begin(&group->member[group->begun]->op, &group->fault))
			break;
	for (size_t i = group->begun + 1; i < group->n; i++) {
		struct xn_op *op = &group->member[i]->op;
		struct xn_err err;

		op->work.fault = group->fault;
		xn_op_end(op);
		xn_registry_remove_vm(group->server->registry, op->vm.node, op->vm.name, &err);
		free(op);
	}
}

static int wait_group(struct group *group, struct xn_fault *fault)
{
	int seconds = group->server->work_seconds, ret = 0;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&group->lock);
	while (!group->done && !pthread_cond_timedwait(&group->finished, &group->lock, &until))
		;
	if (!group->done) {
		ret = xn_fault_set(fault, XN_FAULT_TIMEOUT,
				   "the network is not there within %d s, and goes on: ask "
				   "getOperations",
				   seconds);
	} else if (group->fault.code) {
		*fault = group->fault;
		ret = -1;
	}
	pthread_mutex_unlock(&group->lock);
	return ret;
}

static int run_members(struct group *group, bool wait, struct xn_fault *fault)
{
	pthread_t thread;
	int ret = 0;

	begin_members(group);
	if (pthread_create(&thread, NULL, run_group, group))
		run_group(group);
	else
		pthread_detach(thread);
	if (wait)
		ret = wait_group(group, fault);
	put_group(group);
	return ret;
}

static int create_network(struct xn_server *server, const struct xn_caller *caller,
			  const char *service, const struct xn_create_request *requests, size_t n,
			  bool wait, struct xn_created *created, struct xn_fault *fault)
{
	struct group *group = new_group(server, n);

	if (!group)
		return xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
	if (check_members(group, caller, service, requests, fault) || claim_members(group, fault)) {
		drop_group(group);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		XN_COPY(created[i].operation, group->member[i]->op.record.id);
		XN_COPY(created[i].uuid, group->member[i]->op.vm.uuid);
	}
	return run_members(group, wait, fault);
}

int xn_create(struct xn_server *server, const struct xn_caller *caller, const char *service,
	      const struct xn_create_request *requests, size_t n, bool wait,
	      struct xn_created *created, struct xn_fault *fault)
{
	if (!n || n > XN_NETWORK_MAX)
		return xn_fault_set(fault, XN_FAULT_INVALID, "%zu virtual machines: write 1 to %d",
				    n, XN_NETWORK_MAX);
	if (n == 1)
		return create_one(server, caller, service, requests, wait, created, fault);
	return create_network(server, caller, service, requests, n, wait, created, fault);
}
