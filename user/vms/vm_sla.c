// SPDX-License-Identifier: GPL-2.0-or-later
/* Definitions of networks, in JSON, which xnetman takes as it takes YAML. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/definition.h"
#include "vms/vm_sla.h"

#define QUANTITY_MAX 32

static bool is_resource(const struct xn_vm_sla *sla, const char *name)
{
	return !strcmp(sla->resource, name);
}

/* A number and its unit: nothing that a definition, or a shell, could take for something else. */
static int check_quantity(const char *key, const char *text, struct xn_fault *fault)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789.%";
	size_t size = strlen(text);

	if (size < QUANTITY_MAX && strspn(text, allowed) == size)
		return 0;
	return xn_fault_set(fault, XN_FAULT_INVALID,
			    "SLA: %s \"%s\" is no quantity: write it as 100Mbit, 50%% or "
			    "4000routes",
			    key, text);
}

/* Names of devices may have characters that a shell would see. */
static int check_resource(const struct xn_vm_sla *sla, struct xn_fault *fault)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789.-_@";
	const char *wrong = xn_device_name_check(sla->resource);

	if (!wrong && strspn(sla->resource, allowed) != strlen(sla->resource))
		wrong = "has other characters than letters, digits and .-_@";
	if (!wrong)
		return 0;
	return xn_fault_set(fault, XN_FAULT_INVALID, "SLA: resource \"%s\" %s", sla->resource,
			    wrong);
}

int xn_vm_sla_check(const struct xn_vm_sla *slas, size_t n, struct xn_fault *fault)
{
	if (n > XN_VM_SLAS_MAX)
		return xn_fault_set(fault, XN_FAULT_INVALID, "SLA: %zu resources: %d are the most",
				    n, XN_VM_SLAS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (check_resource(&slas[i], fault) || check_quantity("Rc", slas[i].rc, fault) ||
		    check_quantity("Re", slas[i].re, fault) ||
		    check_quantity("Rl", slas[i].rl, fault) ||
		    check_quantity("Rmax", slas[i].rmax, fault))
			return -1;
		for (size_t j = 0; j < i; j++)
			if (is_resource(&slas[i], slas[j].resource))
				return xn_fault_set(fault, XN_FAULT_INVALID,
						    "SLA: resource \"%s\" is given twice",
						    slas[i].resource);
	}
	return 0;
}

/* --- writing -------------------------------------------------------------------------------- */

struct text {
	char *at;
	size_t room;
	bool full;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *text, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text->at, text->room, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= text->room) {
		text->full = true;
		return;
	}
	text->at += n;
	text->room -= n;
}

/* Members of what was begun, each behind a comma but the first. */
static void put_member(struct text *text, const char *key, const char *value)
{
	if (*value)
		put(text, "%s\"%s\": \"%s\"", text->at[-1] == '{' ? "" : ", ", key, value);
}

static void put_sla(struct text *text, const struct xn_vm_sla *sla, bool link)
{
	put(text, "{");
	put_member(text, "link", link ? sla->resource : "");
	put_member(text, "rc", sla->rc);
	put_member(text, "re", sla->re);
	put_member(text, "rl", sla->rl);
	put_member(text, "rmax", sla->rmax);
	if (sla->restricted)
		put(text, "%s\"restricted\": true", text->at[-1] == '{' ? "" : ", ");
	put(text, "}");
}

static void put_slas(struct text *text, const struct xn_vm_sla *slas, size_t n)
{
	bool links = false;

	for (size_t i = 0; i < n; i++) {
		if (!is_resource(&slas[i], "cpu") && !is_resource(&slas[i], "memory"))
			continue;
		put(text, ", \"%s\": ", slas[i].resource);
		put_sla(text, &slas[i], false);
	}
	for (size_t i = 0; i < n; i++) {
		if (is_resource(&slas[i], "cpu") || is_resource(&slas[i], "memory"))
			continue;
		put(text, links ? ", " : ", \"bandwidth\": [");
		put_sla(text, &slas[i], true);
		links = true;
	}
	if (links)
		put(text, "]");
}

int xn_vm_sla_definition(const struct xn_vm *vm, size_t interfaces, unsigned long long disk,
			 const struct xn_vm_sla *slas, size_t n, char text[XN_VM_SLA_TEXT],
			 struct xn_fault *fault)
{
	struct text to = { text, XN_VM_SLA_TEXT, false };

	put(&to, "{\"name\": \"%s\", \"domain\": \"%s\"", vm->name, vm->uuid);
	if (interfaces)
		put(&to, ", \"interfaces\": %zu", interfaces);
	if (disk)
		put(&to, ", \"disk\": \"%lluKiB\"", (disk + 1023) / 1024);
	put_slas(&to, slas, n);
	put(&to, "}");
	if (!to.full)
		return 0;
	return xn_fault_set(fault, XN_FAULT_INVALID, "SLA: it is too long");
}
