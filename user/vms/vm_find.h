/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by what works on a virtual machine that is there. */
#ifndef XN_VMS_VM_FIND_H
#define XN_VMS_VM_FIND_H

#include "vms/op.h"
#include "vms/vm.h"

/* Return: 1: found, with @vm; 0: this server did not make it, but the provider may ask for it; -1: @fault. */
int xn_vm_find(const struct xn_vm_request *request, struct xn_node *node, struct xn_vm *vm,
	       struct xn_fault *fault);

/* An operation of @size on the virtual machine meant, not claimed yet. Return: NULL with @fault. */
struct xn_op *xn_vm_op(const struct xn_vm_request *request, size_t size,
		       void (*act)(struct xn_op *op, virConnectPtr connection),
		       struct xn_fault *fault);

/* Claim, begin, and wait if @wait; @op is not to be touched any more. Return: 0, or -1 with @fault. */
int xn_vm_run(struct xn_op *op, const char *also_on, bool wait, char operation[XN_VMS_UUID],
	      struct xn_fault *fault);

#endif
