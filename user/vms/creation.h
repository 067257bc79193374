/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One virtual machine being created. */
#ifndef XN_VMS_CREATION_H
#define XN_VMS_CREATION_H

#include <netinet/in.h>

#include "vms/create.h"
#include "vms/domxml.h"
#include "vms/op.h"

struct xn_creation {
	struct xn_op op;
	struct xn_domain domain;
	struct xn_image image;
	bool transfer;
	bool made;		      /* it runs */
	char network[XN_VM_SLA_TEXT]; /* what its node's xnetman is asked */
};

/**
 * xn_creation_new() - check a request
 *
 * Return: the creation, not claimed yet, to be freed by free(), or NULL with @fault.
 */
struct xn_creation *xn_creation_new(struct xn_server *server, const struct xn_caller *caller,
				    const char *service, const struct xn_create_request *request,
				    struct xn_fault *fault);

/* IPv4 address and prefix of "10.0.0.2/24". Return: 0, or -1: it is none. */
int xn_ip4_parse(const char *text, struct in_addr *address, unsigned int *prefix);

#endif
