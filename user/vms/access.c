// SPDX-License-Identifier: GPL-2.0-or-later
/* Roles, and tokens that stand for them. */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "vms/access.h"

/* What an operator may call, for what is his. Everything else is the provider's. */
static const char *const operator_services[] = {
	"createVirtualMachine",
	"createVirtualNetwork",
	"destroyVirtualMachine",
	"getAvailableArch",
	"getAvailableKernelVersions",
	"getAvailableOSes",
	"getOperations",
	"getRegisteredNodes",
	"getVirtualMachineSchedulerParameters",
	"getVirtualMachineSchedulerType",
	"getVirtualMachineStatus",
	"sanityTest",
	"shutdownVirtualMachine",
};

bool xn_access_service(const struct xn_caller *caller, const char *service)
{
	size_t n = sizeof(operator_services) / sizeof(operator_services[0]);

	if (caller->role == XN_ROLE_PROVIDER)
		return true;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(service, operator_services[i]))
			return true;
	return false;
}

bool xn_access_owner(const struct xn_caller *caller, const char *owner)
{
	return caller->role == XN_ROLE_PROVIDER ||
	       (caller->name[0] && !strcmp(caller->name, owner));
}

const char *xn_access_owner_name(const struct xn_caller *caller)
{
	return caller->role == XN_ROLE_PROVIDER ? "" : caller->name;
}

int xn_token_make(char token[XN_TOKEN_SIZE])
{
	unsigned char bytes[32];
	char text[45];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return -1;
	EVP_EncodeBlock((unsigned char *)text, bytes, sizeof(bytes));
	/* as RFC 4648's URL alphabet, which needs no quoting anywhere */
	for (char *c = text; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	text[strcspn(text, "=")] = '\0';
	snprintf(token, XN_TOKEN_SIZE, "xnv-%s", text);
	return 0;
}

void xn_token_hash(const char *token, char hash[65])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;

	EVP_Digest(token, strlen(token), digest, &size, EVP_sha256(), NULL);
	for (unsigned int i = 0; i < 32; i++)
		sprintf(hash + 2 * i, "%02x", digest[i]);
}
