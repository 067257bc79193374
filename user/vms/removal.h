/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking virtual machines away: because it was asked for, or because they were not made whole. */
#ifndef XN_VMS_REMOVAL_H
#define XN_VMS_REMOVAL_H

#include "vms/op.h"

/* An operation's act: end the virtual machine, remove it from the node with what came with it, forget it. */
void xn_removal_act(struct xn_op *op, virConnectPtr connection);

/*
 * The same after @op has failed: its fault stays as it is. What cannot be undone, as the node is gone, stays in
 * the registry, so that destroyVirtualMachine or the next start of the server finds it.
 */
void xn_removal_undo(struct xn_op *op, virConnectPtr connection);

#endif
