/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sent a request: by token, by certificate, or as he is on this machine. */
#ifndef XN_VMS_IDENTITY_H
#define XN_VMS_IDENTITY_H

#include <microhttpd.h>

#include "vms/access.h"

struct xn_identity {
	struct xn_registry *registry;
	bool certificates; /* of clients are asked for */
	bool trust_local;  /* who says nothing is the provider */
};

/* Return: 0 with @caller, or HTTP's status with @why. */
unsigned int xn_identify(const struct xn_identity *identity, struct MHD_Connection *connection,
			 struct xn_caller *caller, const char **why);

#endif
