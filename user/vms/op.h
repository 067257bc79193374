/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations: work that changes something of a virtual machine. Each claims it in the registry first, so that
 * there is one at a time, whichever server was called; goes on when the caller does not wait any longer; and
 * tells how it goes.
 */
#ifndef XN_VMS_OP_H
#define XN_VMS_OP_H

#include "vms/server.h"

struct xn_op {
	struct xn_work work;
	struct xn_server *server;
	struct xn_operation record;
	struct xn_node node;
	struct xn_vm vm; /* name and node are set, also if this server did not make it */
	bool known;	 /* it did */
	bool fresh;	 /* it is to be created, and nothing of it is on the node yet */
	bool held;	 /* it ends with others: its claim stays until xn_op_end() */
	long told;	 /* when progress was last noted */
	void (*act)(struct xn_op *op, virConnectPtr connection);
	void (*free)(struct xn_op *op); /* what @act needed; NULL: nothing */
};

/**
 * xn_op_init() - an operation that is not begun yet
 * @op: all zeros
 * @service: what was called
 */
void xn_op_init(struct xn_op *op, struct xn_server *server, const char *service,
		const struct xn_caller *caller, const struct xn_node *node, const char *vm);

/* Claim, and note the virtual machine where one is to be created. See xn_registry_begin(). */
int xn_op_claim(struct xn_op *op, const struct xn_vm *new_vm, const char *also_on,
		struct xn_fault *fault);

/* Begin what was claimed. @op is freed in time, and not to be touched unless 0 is returned. */
int xn_op_begin(struct xn_op *op, struct xn_fault *fault);

/**
 * xn_op_answer() - wait for it, if the caller wants to, and let go of it
 *
 * Return: 0: it is done, or goes on; -1: @fault.
 */
int xn_op_answer(struct xn_op *op, bool wait, struct xn_fault *fault);

/* What it does now. Noted at once if @step changed, else once a second. */
void xn_op_progress(struct xn_op *op, const char *step, uint64_t done, uint64_t total);

/* It has ended, as its fault says. */
void xn_op_end(struct xn_op *op);

/* An UUID that is nobody's. */
void xn_uuid_make(char uuid[XN_VMS_UUID]);

#endif
