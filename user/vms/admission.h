/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The xnetman of a node: is there room for one more network, and that network's SLA while it is there. */
#ifndef XN_VMS_ADMISSION_H
#define XN_VMS_ADMISSION_H

#include "vms/server.h"

/**
 * xn_admission_enter() - ask a node's admission, and put the SLA into force there if there is one
 * @definition: of the network
 * @keep: it has an SLA, so the network is to be there before the virtual machine's first packet. Without, the
 *	node is only asked, and one that has no xnetman takes it
 *
 * Return: 0, or -1 with @fault; of code Refused, @fault has the table of checks.
 */
int xn_admission_enter(const struct xn_server *server, const struct xn_node *node,
		       const struct xn_vm *vm, const char *definition, bool keep,
		       struct xn_fault *fault);

/* Take the network away again; fine if it is not there. Nothing is done for one without an SLA. */
int xn_admission_leave(const struct xn_server *server, const struct xn_node *node,
		       const struct xn_vm *vm, struct xn_fault *fault);

/**
 * xn_admission_travel() - the account of the long interval goes from one node to the other
 *
 * Return: 0, or -1 with @fault.
 */
int xn_admission_travel(const struct xn_server *server, const struct xn_node *from,
			const struct xn_node *to, const struct xn_vm *vm, struct xn_fault *fault);

#endif
