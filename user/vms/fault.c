// SPDX-License-Identifier: GPL-2.0-or-later
/* Why a call failed. */
#include <errno.h>
#include <libvirt/virterror.h>
#include <stdarg.h>
#include <stdio.h>

#include "vms/fault.h"

static void set(struct xn_fault *fault, enum xn_fault_code code, const char *fmt, va_list args)
{
	struct xn_err err;
	char text[sizeof(err.text)];

	vsnprintf(text, sizeof(text), fmt, args);
	xn_err_set(&err, "%s", text);
	fault->code = code;
	snprintf(fault->reason, sizeof(fault->reason), "%s", err.text);
}

int xn_fault_set(struct xn_fault *fault, enum xn_fault_code code, const char *fmt, ...)
{
	va_list args;

	if (fault->code)
		return -1;
	va_start(args, fmt);
	set(fault, code, fmt, args);
	va_end(args);
	return -1;
}

bool xn_libvirt_lost(void)
{
	const virError *error = virGetLastError();

	if (!error)
		return false;
	switch (error->code) {
	case VIR_ERR_SYSTEM_ERROR:
	case VIR_ERR_RPC:
	case VIR_ERR_NO_CONNECT:
	case VIR_ERR_AUTH_FAILED:
	case VIR_ERR_LIBSSH:
		return error->domain == VIR_FROM_RPC || error->domain == VIR_FROM_REMOTE ||
		       error->domain == VIR_FROM_LIBSSH || error->code == VIR_ERR_NO_CONNECT;
	case VIR_ERR_INTERNAL_ERROR:
	case VIR_ERR_OPERATION_FAILED:
		return error->domain == VIR_FROM_RPC;
	default:
		return false;
	}
}

static enum xn_fault_code better_code(enum xn_fault_code code)
{
	static const struct {
		int libvirt;
		enum xn_fault_code code;
	} codes[] = {
		{ VIR_ERR_NO_DOMAIN, XN_FAULT_NOT_FOUND },
		{ VIR_ERR_NO_STORAGE_VOL, XN_FAULT_NOT_FOUND },
		{ VIR_ERR_NO_STORAGE_POOL, XN_FAULT_NOT_FOUND },
		{ VIR_ERR_DOM_EXIST, XN_FAULT_EXISTS },
		{ VIR_ERR_STORAGE_VOL_EXIST, XN_FAULT_EXISTS },
	};
	const virError *error = virGetLastError();

	if (xn_libvirt_lost())
		return XN_FAULT_UNREACHABLE;
	for (size_t i = 0; error && i < sizeof(codes) / sizeof(codes[0]); i++)
		if (error->code == codes[i].libvirt)
			return codes[i].code;
	return code;
}

int xn_fault_libvirt(struct xn_fault *fault, enum xn_fault_code code, const char *fmt, ...)
{
	struct xn_err words;
	va_list args;

	if (fault->code)
		return -1;
	va_start(args, fmt);
	set(fault, better_code(code), fmt, args);
	va_end(args);
	xn_err_set(&words, "%s", virGetLastErrorMessage());
	snprintf(fault->libvirt, sizeof(fault->libvirt), "%s", words.text);
	return -1;
}

int xn_fault_registry(struct xn_fault *fault, int status, const struct xn_err *err)
{
	if (status >= 0)
		return 0;
	return xn_fault_set(fault,
			    status == -ENOENT	? XN_FAULT_NOT_FOUND
			    : status == -EEXIST ? XN_FAULT_EXISTS
			    : status == -EBUSY	? XN_FAULT_BUSY
						: XN_FAULT_INTERNAL,
			    "%s", err->text);
}
