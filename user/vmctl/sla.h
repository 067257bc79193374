/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SLAs on the command line. */
#ifndef XN_VMCTL_SLA_H
#define XN_VMCTL_SLA_H

#include <xnetman/vms.h>

#define XN_VMCTL_SLAS	   8
#define XN_VMCTL_SLA_USAGE "RESOURCE[:rc=N][:re=N][:rl=N][:rmax=N][:restricted],..."

/* Parts of @text, which is cut; "": none. Return: 0, or -1: it is not written like XN_VMCTL_SLA_USAGE. */
int xn_vmctl_slas(char *text, struct xnetvms_sla slas[XN_VMCTL_SLAS], size_t *n);

#endif
