// SPDX-License-Identifier: GPL-2.0-or-later
/* Virtual machines on their nodes. */
#include <inttypes.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vms/domain.h"

virDomainPtr xn_domain_find(virConnectPtr connection, const char *name, struct xn_fault *fault)
{
	virDomainPtr domain = virDomainLookupByName(connection, name);

	if (!domain)
		xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
				 "the node has no virtual machine \"%s\"", name);
	return domain;
}

int xn_domain_exists(virConnectPtr connection, const char *name, struct xn_fault *fault)
{
	virDomainPtr domain = virDomainLookupByName(connection, name);

	if (domain) {
		virDomainFree(domain);
		return 1;
	}
	if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
		return 0;
	return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "virtual machine \"%s\"", name);
}

/* With what libvirt keeps of it beside, as far as this driver knows of such things. */
static int undefine(virDomainPtr domain)
{
	if (!virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE |
						    VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
						    VIR_DOMAIN_UNDEFINE_NVRAM))
		return 0;
	if (!virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE))
		return 0;
	return virDomainUndefine(domain);
}

int xn_domain_remove(virDomainPtr domain, struct xn_fault *fault)
{
	/* It may end by itself between the question and the order. */
	if (virDomainIsActive(domain) == 1 && virDomainDestroy(domain) &&
	    virDomainIsActive(domain) != 0)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
					"the virtual machine cannot be ended");
	/* one that was not persistent is gone with its end */
	if (undefine(domain) && virGetLastErrorCode() != VIR_ERR_NO_DOMAIN)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
					"the virtual machine cannot be removed");
	return 0;
}

int xn_domain_remove_uuid(virConnectPtr connection, const char *uuid, struct xn_fault *fault)
{
	virDomainPtr domain = virDomainLookupByUUIDString(connection, uuid);
	int ret;

	if (!domain && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
		return 0;
	if (!domain)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "virtual machine %s", uuid);
	ret = xn_domain_remove(domain, fault);
	virDomainFree(domain);
	return ret;
}

/* --- scheduler ------------------------------------------------------------------------------ */

int xn_domain_scheduler(virDomainPtr domain, struct xn_scheduler *scheduler, struct xn_fault *fault)
{
	char *type;

	scheduler->n = 0;
	type = virDomainGetSchedulerType(domain, &scheduler->n);
	if (!type)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "the scheduler's type");
	snprintf(scheduler->type, sizeof(scheduler->type), "%s", type);
	free(type);
	if (scheduler->n > XN_SCHEDULER_PARAMETERS)
		scheduler->n = XN_SCHEDULER_PARAMETERS;
	if (scheduler->n &&
	    virDomainGetSchedulerParameters(domain, scheduler->parameter, &scheduler->n))
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "the scheduler's parameters");
	return 0;
}

const virTypedParameter *xn_scheduler_find(const struct xn_scheduler *scheduler, const char *name)
{
	for (int i = 0; i < scheduler->n; i++)
		if (!strcmp(scheduler->parameter[i].field, name))
			return &scheduler->parameter[i];
	return NULL;
}

void xn_scheduler_text(const virTypedParameter *parameter, char *text, size_t size)
{
	switch (parameter->type) {
	case VIR_TYPED_PARAM_INT:
		snprintf(text, size, "%d", parameter->value.i);
		break;
	case VIR_TYPED_PARAM_UINT:
		snprintf(text, size, "%u", parameter->value.ui);
		break;
	case VIR_TYPED_PARAM_LLONG:
		snprintf(text, size, "%lld", parameter->value.l);
		break;
	case VIR_TYPED_PARAM_ULLONG:
		snprintf(text, size, "%llu", parameter->value.ul);
		break;
	case VIR_TYPED_PARAM_DOUBLE:
		snprintf(text, size, "%g", parameter->value.d);
		break;
	case VIR_TYPED_PARAM_BOOLEAN:
		snprintf(text, size, "%d", parameter->value.b);
		break;
	default:
		snprintf(text, size, "?");
	}
}

static void set_value(virTypedParameter *to, unsigned int value)
{
	switch (to->type) {
	case VIR_TYPED_PARAM_INT:
		to->value.i = value;
		break;
	case VIR_TYPED_PARAM_UINT:
		to->value.ui = value;
		break;
	case VIR_TYPED_PARAM_LLONG:
		to->value.l = value;
		break;
	default:
		to->value.ul = value;
	}
}

/* Add parameter @name, of the type that the scheduler has it in, to those that are to be set. */
static int add_parameter(const struct xn_scheduler *scheduler, struct xn_scheduler *set,
			 const char *name, const unsigned int *value, struct xn_fault *fault)
{
	const virTypedParameter *has = xn_scheduler_find(scheduler, name);

	if (!value)
		return 0;
	if (!has)
		return xn_fault_set(fault, XN_FAULT_INVALID,
				    "scheduler \"%s\" of the node has no %s", scheduler->type,
				    name);
	set->parameter[set->n] = *has;
	set_value(&set->parameter[set->n++], *value);
	return 0;
}

int xn_domain_set_scheduler(virDomainPtr domain, const unsigned int *weight,
			    const unsigned int *cap, struct xn_fault *fault)
{
	struct xn_scheduler scheduler, set = { .n = 0 };
	const char *weight_name = "weight";

	if (xn_domain_scheduler(domain, &scheduler, fault))
		return -1;
	if (!xn_scheduler_find(&scheduler, "weight") && xn_scheduler_find(&scheduler, "cpu_shares"))
		weight_name = "cpu_shares"; /* of QEMU's */
	if (add_parameter(&scheduler, &set, weight_name, weight, fault) ||
	    add_parameter(&scheduler, &set, "cap", cap, fault))
		return -1;
	if (set.n && virDomainSetSchedulerParameters(domain, set.parameter, set.n))
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
					"the scheduler's parameters cannot be set");
	return 0;
}
