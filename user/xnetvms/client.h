/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the library's files. */
#ifndef XN_XNETVMS_CLIENT_H
#define XN_XNETVMS_CLIENT_H

#include "gsoap/xnvH.h"
#include "xnetman/vms.h"

#define XNETVMS_API __attribute__((visibility("default")))

struct xnetvms {
	struct soap *soap;
	char *endpoint, *token;
	struct xnetvms_fault fault;
	char reason[512]; /* of the fault, where no message came that has one */
};

/* Before a call: what the last one gave is freed. */
struct soap *xnetvms_begin(struct xnetvms *vms);

/* After it. Return: 0, or -1 with the fault taken. */
int xnetvms_end(struct xnetvms *vms, int failed);

/* Memory until the next call. Return: NULL with the fault set. */
void *xnetvms_alloc(struct xnetvms *vms, size_t n, size_t size);

/*
 * A call of SERVICE with @request: the stub takes pointers that it does not write through.
 * Return: 0, or -1 with the fault.
 */
#define XNETVMS_CALL(vms, service, request, response)                                          \
	xnetvms_end(vms, soap_call___xnv__##service((vms)->soap, (vms)->endpoint, "", request, \
						    response))

#endif
