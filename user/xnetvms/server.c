// SPDX-License-Identifier: GPL-2.0-or-later
/* Services about nodes, images and the server itself. */
#include "xnetvms/client.h"

XNETVMS_API int xnetvms_register_nodes(struct xnetvms *vms, const struct xnetvms_node *nodes,
				       size_t n, unsigned int *registered)
{
	struct _xnv__registerNodesResponse out;
	struct _xnv__registerNodes in;

	xnetvms_begin(vms);
	in.sizephyServer = n;
	in.phyServer = xnetvms_alloc(vms, n, sizeof(in.phyServer[0]));
	if (!in.phyServer)
		return -1;
	for (size_t i = 0; i < n; i++) {
		in.phyServer[i].name = (char *)nodes[i].name;
		in.phyServer[i].key = (char *)nodes[i].key;
		in.phyServer[i].hypervisor = (char *)nodes[i].hypervisor;
		in.phyServer[i].sizeIP = nodes[i].n_ips;
		in.phyServer[i].IP = (char **)nodes[i].ips;
	}
	if (XNETVMS_CALL(vms, registerNodes, &in, &out))
		return -1;
	if (registered)
		*registered = out.registered;
	return 0;
}

XNETVMS_API int xnetvms_get_registered_nodes(struct xnetvms *vms, const struct xnetvms_node **nodes,
					     size_t *n)
{
	struct _xnv__getRegisteredNodesResponse out;
	struct _xnv__getRegisteredNodes in;
	struct xnetvms_node *list;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getRegisteredNodes, &in, &out))
		return -1;
	list = xnetvms_alloc(vms, out.sizephyServer, sizeof(*list));
	if (!list)
		return -1;
	for (int i = 0; i < out.sizephyServer; i++) {
		list[i].name = out.phyServer[i].name;
		list[i].key = out.phyServer[i].key;
		list[i].hypervisor = out.phyServer[i].hypervisor;
		list[i].ips = (const char **)out.phyServer[i].IP;
		list[i].n_ips = out.phyServer[i].sizeIP;
	}
	*nodes = list;
	*n = out.sizephyServer;
	return 0;
}

XNETVMS_API int xnetvms_get_physical_server_status(struct xnetvms *vms, const char *phy_server,
						   struct xnetvms_node_status *status)
{
	struct _xnv__getPhysicalServerStatus in = { (char *)phy_server };
	struct _xnv__getPhysicalServerStatusResponse out;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getPhysicalServerStatus, &in, &out))
		return -1;
	*status = (struct xnetvms_node_status){
		.name = out.name,
		.hypervisor = out.hypervisor,
		.hypervisor_version = out.hypervisorVersion,
		.arch = out.arch,
		.cpus = out.CPUs,
		.mhz = out.MHz,
		.memory = out.memory,
		.free_memory = out.freeMemory,
		.virtual_machines = (const char *const *)out.virtualMachine,
		.n_virtual_machines = out.sizevirtualMachine,
	};
	return 0;
}

XNETVMS_API int xnetvms_get_available_oses(struct xnetvms *vms, const char *const **texts,
					   size_t *n)
{
	struct _xnv__getAvailableOSesResponse out;
	struct _xnv__getAvailableOSes in;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getAvailableOSes, &in, &out))
		return -1;
	*texts = (const char *const *)out.OS;
	*n = out.sizeOS;
	return 0;
}

XNETVMS_API int xnetvms_get_available_arch(struct xnetvms *vms, const char *const **texts,
					   size_t *n)
{
	struct _xnv__getAvailableArchResponse out;
	struct _xnv__getAvailableArch in;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getAvailableArch, &in, &out))
		return -1;
	*texts = (const char *const *)out.arch;
	*n = out.sizearch;
	return 0;
}

XNETVMS_API int xnetvms_get_available_kernel_versions(struct xnetvms *vms,
						      const char *const **texts, size_t *n)
{
	struct _xnv__getAvailableKernelVersionsResponse out;
	struct _xnv__getAvailableKernelVersions in;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getAvailableKernelVersions, &in, &out))
		return -1;
	*texts = (const char *const *)out.kernelVersion;
	*n = out.sizekernelVersion;
	return 0;
}

XNETVMS_API int xnetvms_sanity_test(struct xnetvms *vms, const char *test_string, const char **echo)
{
	struct _xnv__sanityTest in = { (char *)test_string };
	struct _xnv__sanityTestResponse out;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, sanityTest, &in, &out))
		return -1;
	if (echo)
		*echo = out.testString;
	return 0;
}

XNETVMS_API int xnetvms_get_operations(struct xnetvms *vms, const char *operation,
				       const char *phy_server, const char *vm_name,
				       const struct xnetvms_operation **operations, size_t *n)
{
	struct _xnv__getOperations in = { (char *)operation, (char *)phy_server, (char *)vm_name };
	struct _xnv__getOperationsResponse out;
	struct xnetvms_operation *list;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getOperations, &in, &out))
		return -1;
	list = xnetvms_alloc(vms, out.sizeoperation, sizeof(*list));
	if (!list)
		return -1;
	for (int i = 0; i < out.sizeoperation; i++) {
		const struct xnv__Operation *from = &out.operation[i];

		list[i] = (struct xnetvms_operation){
			.id = from->id,
			.service = from->service,
			.phy_server = from->phyServer,
			.vm_name = from->vmName,
			.state = soap_xnv__operationState2s(vms->soap, from->state),
			.step = from->step,
			.done = from->done,
			.total = from->total,
			.started = from->started,
			.ended = from->ended,
		};
	}
	*operations = list;
	*n = out.sizeoperation;
	return 0;
}
