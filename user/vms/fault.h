/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a call failed, as its SOAP fault tells it. */
#ifndef XN_VMS_FAULT_H
#define XN_VMS_FAULT_H

#include <stdbool.h>

#include "vms/registry.h"

/* In the order of service.gsoap's faultCode, one more. */
enum xn_fault_code {
	XN_FAULT_NONE,
	XN_FAULT_INVALID,
	XN_FAULT_DENIED,
	XN_FAULT_NOT_FOUND,
	XN_FAULT_EXISTS,
	XN_FAULT_BUSY,
	XN_FAULT_REFUSED,
	XN_FAULT_UNREACHABLE,
	XN_FAULT_TIMEOUT,
	XN_FAULT_HYPERVISOR,
	XN_FAULT_IMAGE,
	XN_FAULT_INTERNAL,
};

struct xn_fault {
	enum xn_fault_code code;
	char reason[512];
	char node[XN_VMS_NAME];
	char vm[XN_VMS_NAME];
	char libvirt[512];    /* its own words; "" if it said nothing */
	char admission[4096]; /* the node's table of checks; "": it was not asked, or there is room */
	char operation[XN_VMS_UUID];
};

/* Set @fault's code and reason; the first one counts, what fails while it is undone does not. Return: -1. */
int xn_fault_set(struct xn_fault *fault, enum xn_fault_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with what libvirt said last in this thread; its error may tell of a better code. Return: -1. */
int xn_fault_libvirt(struct xn_fault *fault, enum xn_fault_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for what the registry returned. Return: -1, or 0 if @status is not negative. */
int xn_fault_registry(struct xn_fault *fault, int status, const struct xn_err *err);

/* Is it the node, and not what was asked of it? Of the last error of libvirt in this thread. */
bool xn_libvirt_lost(void);

#endif
