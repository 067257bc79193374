/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may call which service. */
#ifndef XN_VMS_ACCESS_H
#define XN_VMS_ACCESS_H

#include <stdbool.h>

#include "vms/registry.h"

struct xn_caller {
	enum xn_role role;
	char name[XN_VMS_NAME]; /* "": a local user, as the provider */
};

/* May @caller call @service ("createVirtualMachine") at all? */
bool xn_access_service(const struct xn_caller *caller, const char *service);

/* May @caller see and change what belongs to @owner? */
bool xn_access_owner(const struct xn_caller *caller, const char *owner);

/* @caller as the owner of what he creates: "" for the provider. */
const char *xn_access_owner_name(const struct xn_caller *caller);

#define XN_TOKEN_SIZE 64 /* with the NUL */

/* A new token, of 32 random bytes. Return: 0 or -1. */
int xn_token_make(char token[XN_TOKEN_SIZE]);

/* What the registry keeps of it: SHA-256 in hexadecimal. A token is long and random, so no salt is needed. */
void xn_token_hash(const char *token, char hash[65]);

#endif
