/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a virtual machine is sold on its node: a network of the xnetman there. No I/O. */
#ifndef XN_VMS_VM_SLA_H
#define XN_VMS_VM_SLA_H

#include "vms/fault.h"

#define XN_VM_SLAS_MAX 8

/* Of one resource, as it came. "" where nothing was said. */
struct xn_vm_sla {
	const char *resource; /* link, or `any`; cpu; memory */
	const char *rc, *re, *rl, *rmax;
	bool restricted;
};

/* Can each be written into a definition? What they mean is xnetman's to say. Return: 0, or -1 with @fault. */
int xn_vm_sla_check(const struct xn_vm_sla *slas, size_t n, struct xn_fault *fault);

/**
 * xn_vm_sla_definition() - the network's definition, as AddNetwork and Admit take it
 * @vm: name, UUID and number of interfaces
 * @disk: bytes of its image; 0: not known
 *
 * Return: 0, or -1 with @fault: it has no room in @text.
 */
int xn_vm_sla_definition(const struct xn_vm *vm, size_t interfaces, unsigned long long disk,
			 const struct xn_vm_sla *slas, size_t n, char text[XN_VM_SLA_TEXT],
			 struct xn_fault *fault);

#endif
