/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual machines on their nodes, by libvirt. */
#ifndef XN_VMS_DOMAIN_H
#define XN_VMS_DOMAIN_H

#include <libvirt/libvirt.h>

#include "vms/fault.h"

/* Return: the virtual machine, to be freed by virDomainFree(), or NULL with @fault. */
virDomainPtr xn_domain_find(virConnectPtr connection, const char *name, struct xn_fault *fault);

/* Is there one with this name? -1: the node can't tell, @fault. */
int xn_domain_exists(virConnectPtr connection, const char *name, struct xn_fault *fault);

/* End it at once and undefine it. Return: 0, or -1 with @fault. */
int xn_domain_remove(virDomainPtr domain, struct xn_fault *fault);

/* The same for the one with this UUID; fine if there is none. */
int xn_domain_remove_uuid(virConnectPtr connection, const char *uuid, struct xn_fault *fault);

/* CPU scheduler. */
#define XN_SCHEDULER_PARAMETERS 16

struct xn_scheduler {
	char type[32];
	int n;
	virTypedParameter parameter[XN_SCHEDULER_PARAMETERS];
};

int xn_domain_scheduler(virDomainPtr domain, struct xn_scheduler *scheduler,
			struct xn_fault *fault);

/* Parameter @name, as libvirt calls it; NULL: the scheduler has none. Its value as text of @size. */
const virTypedParameter *xn_scheduler_find(const struct xn_scheduler *scheduler, const char *name);
void xn_scheduler_text(const virTypedParameter *parameter, char *text, size_t size);

/* Set weight and cap at once; NULL leaves one as it is. A scheduler without that parameter is a fault. */
int xn_domain_set_scheduler(virDomainPtr domain, const unsigned int *weight,
			    const unsigned int *cap, struct xn_fault *fault);

#endif
