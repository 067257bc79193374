// SPDX-License-Identifier: GPL-2.0-or-later
/* migrateVirtualMachine. */
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "vms/admission.h"
#include "vms/vm.h"
#include "vms/vm_find.h"

struct migration {
	struct xn_op op;
	struct xn_node to;
	bool live;
};

/* Where the other hypervisor is to be reached: not by the name it has for itself, which need not be known here. */
static int add_uri(const struct migration *migration, virTypedParameterPtr *parameters, int *n,
		   int *max)
{
	const struct xn_hypervisor *hypervisor =
		xn_hypervisors_find(&migration->op.server->hypervisors, migration->to.hypervisor);
	bool six = strchr(migration->to.address[0], ':');
	char uri[XN_VMS_ADDRESS + 16];

	if (!migration->to.n_addresses || !hypervisor || !xn_hypervisor_by_ssh(hypervisor))
		return 0;
	snprintf(uri, sizeof(uri), "tcp://%s%s%s", six ? "[" : "", migration->to.address[0],
		 six ? "]" : "");
	return virTypedParamsAddString(parameters, n, max, VIR_MIGRATE_PARAM_URI, uri);
}

static int move_running(struct migration *migration, virDomainPtr domain, virConnectPtr to)
{
	unsigned int flags = VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE |
			     (migration->live ? VIR_MIGRATE_LIVE : 0);
	virTypedParameterPtr parameters = NULL;
	virDomainPtr moved = NULL;
	int n = 0, max = 0;

	if (!add_uri(migration, &parameters, &n, &max))
		moved = virDomainMigrate3(domain, to, parameters, n, flags);
	virTypedParamsFree(parameters, n);
	if (!moved)
		return xn_fault_libvirt(&migration->op.work.fault, XN_FAULT_HYPERVISOR,
					"the virtual machine could not be moved");
	virDomainFree(moved);
	return 0;
}

/* One that does not run is its definition: there before it goes here. */
static int move_definition(struct migration *migration, virDomainPtr domain, virConnectPtr to)
{
	struct xn_fault *fault = &migration->op.work.fault;
	char *xml = virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE);
	virDomainPtr moved = xml ? virDomainDefineXML(to, xml) : NULL;
	int ret = 0;

	free(xml);
	if (!moved)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
					"node \"%s\" does not take the virtual machine",
					migration->to.name);
	if (virDomainUndefine(domain)) {
		ret = xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
				       "node \"%s\" does not let the virtual machine go",
				       migration->op.node.name);
		virDomainUndefine(moved);
	}
	virDomainFree(moved);
	return ret;
}

static int move(struct migration *migration, virDomainPtr domain, virConnectPtr to)
{
	struct xn_fault *fault = &migration->op.work.fault;
	int exists = xn_domain_exists(to, migration->op.vm.name, fault);
	int active;

	if (exists > 0)
		return xn_fault_set(fault, XN_FAULT_EXISTS,
				    "node \"%s\" has a virtual machine \"%s\" already",
				    migration->to.name, migration->op.vm.name);
	if (exists < 0)
		return -1;
	active = virDomainIsActive(domain);
	if (active < 0)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "its state");
	return (active ? move_running : move_definition)(migration, domain, to);
}

/* Its network there ends with it. What can't be told now is told in the log: the router is where it should be. */
static void leave(const struct xn_op *op, const struct xn_node *node)
{
	struct xn_fault fault = { 0 };

	if (xn_admission_leave(op->server, node, &op->vm, &fault))
		xn_log(SD_WARNING, "network %s stays in xnetman of node %s: %s", op->vm.name,
		       node->name, fault.reason);
}

/* Of the long interval, so that what was used on one node is not had again on the other. */
static void travel(const struct xn_op *op, const struct xn_node *to)
{
	struct xn_fault fault = { 0 };

	if (*op->vm.sla && xn_admission_travel(op->server, &op->node, to, &op->vm, &fault))
		xn_log(SD_WARNING, "account of network %s does not go from node %s to %s: %s",
		       op->vm.name, op->node.name, to->name, fault.reason);
}

/* The SLA is in force on the other node before the first packet is there. */
static int move_with_sla(struct migration *migration, virDomainPtr domain, virConnectPtr to)
{
	struct xn_op *op = &migration->op;
	struct xn_fault *fault = &op->work.fault;
	const char *sla = op->vm.sla;
	struct xn_err err;

	if (*sla && xn_admission_enter(op->server, &migration->to, &op->vm, sla, true, fault))
		return -1;
	xn_op_progress(op, "moving", 0, 0);
	if (move(migration, domain, to)) {
		leave(op, &migration->to);
		return -1;
	}
	travel(op, &migration->to);
	leave(op, &op->node);
	return xn_fault_registry(
		fault,
		xn_registry_vm_moved(op->server->registry, &op->vm, migration->to.name, &err),
		&err);
}

static void act_migrate(struct xn_op *op, virConnectPtr connection)
{
	struct migration *migration = (struct migration *)op;
	struct xn_fault *fault = &op->work.fault;
	virDomainPtr domain = xn_domain_find(connection, op->vm.name, fault);
	virConnectPtr to;

	if (!domain)
		return;
	to = xn_nodes_connect(op->server->nodes, &migration->to, fault);
	if (to)
		(op->known ? move_with_sla : move)(migration, domain, to);
	if (to)
		virConnectClose(to);
	virDomainFree(domain);
}

int xn_vm_migrate(const struct xn_vm_request *request, const char *to, bool live, bool wait,
		  char operation[XN_VMS_UUID], struct xn_fault *fault)
{
	struct migration *migration;
	struct xn_node node;
	struct xn_err err;

	if (xn_fault_registry(fault, xn_registry_node(request->server->registry, to, &node, &err),
			      &err))
		return -1;
	migration = (struct migration *)xn_vm_op(request, sizeof(*migration), act_migrate, fault);
	if (!migration)
		return -1;
	migration->to = node;
	migration->live = live;
	if (!strcmp(node.name, migration->op.node.name)) {
		free(migration);
		return xn_fault_set(fault, XN_FAULT_INVALID,
				    "the virtual machine is on node \"%s\" already", node.name);
	}
	return xn_vm_run(&migration->op, node.name, wait, operation, fault);
}
