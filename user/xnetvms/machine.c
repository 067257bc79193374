// SPDX-License-Identifier: GPL-2.0-or-later
/* Services about virtual machines. gSOAP's structures want pointers that are not const, and leave them alone. */
#include "xnetvms/client.h"

static const enum xsd__boolean yes = true_, no = false_;

static enum xsd__boolean *boolean(bool value)
{
	return (enum xsd__boolean *)(value ? &yes : &no);
}

/* Return: NULL with the fault set. */
static struct xnv__SLA *make_slas(struct xnetvms *vms, const struct xnetvms_create *request)
{
	struct xnv__SLA *slas = xnetvms_alloc(vms, request->n_slas, sizeof(*slas));

	for (size_t i = 0; slas && i < request->n_slas; i++) {
		const struct xnetvms_sla *from = &request->slas[i];

		slas[i].resource = (char *)from->resource;
		slas[i].Rc = (char *)from->rc;
		slas[i].Re = (char *)from->re;
		slas[i].Rl = (char *)from->rl;
		slas[i].Rmax = (char *)from->rmax;
		slas[i].restricted = boolean(from->restricted);
	}
	return slas;
}

XNETVMS_API int xnetvms_create_virtual_machine(struct xnetvms *vms,
					       const struct xnetvms_create *request,
					       struct xnetvms_created *created)
{
	struct _xnv__createVirtualMachine in = {
		.phyServer = (char *)request->phy_server,
		.vmName = (char *)request->vm_name,
		.vmIP = (char *)request->vm_ip,
		.vmRAM = request->vm_ram,
		.transfer = boolean(request->transfer),
		.image = (char *)request->image,
		.OS = (char *)request->os,
		.arch = (char *)request->arch,
		.kernelVersion = (char *)request->kernel_version,
		.disk = (char *)request->disk,
		.sizenetInterface = request->n_net_interfaces,
		.netInterface = (char **)request->net_interfaces,
		.sizeSLA = request->n_slas,
		.wait = boolean(!request->no_wait),
	};
	struct _xnv__createVirtualMachineResponse out;

	xnetvms_begin(vms);
	in.SLA = make_slas(vms, request);
	if (!in.SLA || XNETVMS_CALL(vms, createVirtualMachine, &in, &out))
		return -1;
	created->operation = out.operation;
	created->uuid = out.uuid;
	return 0;
}

/* One list for each member, as the service wants them. */
static int make_lists(struct xnetvms *vms, struct _xnv__createVirtualNetwork *in,
		      const struct xnetvms_create *requests, size_t n)
{
	in->phyServers = xnetvms_alloc(vms, n, sizeof(char *));
	in->VMNames = xnetvms_alloc(vms, n, sizeof(char *));
	in->IPs = xnetvms_alloc(vms, n, sizeof(char *));
	in->RAMs = xnetvms_alloc(vms, n, sizeof(unsigned int));
	in->netInterface = xnetvms_alloc(vms, n, sizeof(char *));
	if (!in->phyServers || !in->VMNames || !in->IPs || !in->RAMs || !in->netInterface)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct xnetvms_create *from = &requests[i];

		in->phyServers[i] = (char *)from->phy_server;
		in->VMNames[i] = (char *)from->vm_name;
		in->IPs[i] = (char *)(from->vm_ip ? from->vm_ip : "");
		in->RAMs[i] = from->vm_ram;
		in->netInterface[i] =
			(char *)(from->n_net_interfaces ? from->net_interfaces[0] : "");
	}
	in->sizephyServers = in->sizeVMNames = in->sizeIPs = in->sizeRAMs = in->sizenetInterface =
		n;
	return 0;
}

XNETVMS_API int xnetvms_create_virtual_network(struct xnetvms *vms, const char *network_name,
					       const struct xnetvms_create *requests, size_t n,
					       const char **operations)
{
	struct _xnv__createVirtualNetwork in = {
		.networkName = (char *)network_name,
		.transfer = boolean(requests[0].transfer),
		.image = (char *)requests[0].image,
		.OS = (char *)requests[0].os,
		.arch = (char *)requests[0].arch,
		.kernelVersion = (char *)requests[0].kernel_version,
		.sizeSLA = requests[0].n_slas,
		.wait = boolean(!requests[0].no_wait),
	};
	struct _xnv__createVirtualNetworkResponse out;

	xnetvms_begin(vms);
	in.SLA = make_slas(vms, &requests[0]);
	if (!in.SLA || make_lists(vms, &in, requests, n) ||
	    XNETVMS_CALL(vms, createVirtualNetwork, &in, &out))
		return -1;
	for (size_t i = 0; i < n; i++)
		operations[i] = i < (size_t)out.sizeoperation ? out.operation[i] : NULL;
	return 0;
}

XNETVMS_API int xnetvms_destroy_virtual_machine(struct xnetvms *vms, const char *phy_server,
						const char *vm_name)
{
	struct _xnv__destroyVirtualMachine in = { (char *)phy_server, (char *)vm_name };
	struct _xnv__destroyVirtualMachineResponse out;

	xnetvms_begin(vms);
	return XNETVMS_CALL(vms, destroyVirtualMachine, &in, &out);
}

XNETVMS_API int xnetvms_shutdown_virtual_machine(struct xnetvms *vms, const char *phy_server,
						 const char *vm_name)
{
	struct _xnv__shutdownVirtualMachine in = { (char *)phy_server, (char *)vm_name };
	struct _xnv__shutdownVirtualMachineResponse out;

	xnetvms_begin(vms);
	return XNETVMS_CALL(vms, shutdownVirtualMachine, &in, &out);
}

XNETVMS_API int xnetvms_migrate_virtual_machine(struct xnetvms *vms, const char *source_phy_server,
						const char *dest_phy_server, const char *vm_name,
						bool live, bool no_wait, const char **operation)
{
	struct _xnv__migrateVirtualMachine in = {
		.sourcePhyServer = (char *)source_phy_server,
		.destPhyServer = (char *)dest_phy_server,
		.vmName = (char *)vm_name,
		.live = live ? true_ : false_,
		.wait = boolean(!no_wait),
	};
	struct _xnv__migrateVirtualMachineResponse out;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, migrateVirtualMachine, &in, &out))
		return -1;
	if (operation)
		*operation = out.operation;
	return 0;
}

XNETVMS_API int xnetvms_get_virtual_machine_status(struct xnetvms *vms, const char *phy_server,
						   const char *vm_name,
						   struct xnetvms_vm_status *status)
{
	struct _xnv__getVirtualMachineStatus in = { (char *)phy_server, (char *)vm_name };
	struct _xnv__getVirtualMachineStatusResponse out;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getVirtualMachineStatus, &in, &out))
		return -1;
	*status = (struct xnetvms_vm_status){
		.vm_name = out.vmName,
		.uuid = out.uuid,
		.state = soap_xnv__vmState2s(vms->soap, out.state),
		.max_memory = out.maxMemory,
		.memory = out.memory,
		.virtual_cpus = out.virtualCPUs,
		.cpu_time = out.cpuTime,
		.vm_ip = out.vmIP,
		.network_name = out.networkName,
	};
	return 0;
}

XNETVMS_API int xnetvms_get_virtual_machine_scheduler_type(struct xnetvms *vms,
							   const char *phy_server,
							   const char *vm_name, const char **type)
{
	struct _xnv__getVirtualMachineSchedulerType in = { (char *)phy_server, (char *)vm_name };
	struct _xnv__getVirtualMachineSchedulerTypeResponse out;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getVirtualMachineSchedulerType, &in, &out))
		return -1;
	*type = out.schedulerType;
	return 0;
}

XNETVMS_API int
xnetvms_get_virtual_machine_scheduler_parameters(struct xnetvms *vms, const char *phy_server,
						 const char *vm_name,
						 struct xnetvms_scheduler *scheduler)
{
	struct _xnv__getVirtualMachineSchedulerParameters in = { (char *)phy_server,
								 (char *)vm_name };
	struct _xnv__getVirtualMachineSchedulerParametersResponse out;
	struct xnetvms_parameter *parameters;

	xnetvms_begin(vms);
	if (XNETVMS_CALL(vms, getVirtualMachineSchedulerParameters, &in, &out))
		return -1;
	parameters = xnetvms_alloc(vms, out.sizeparameter, sizeof(*parameters));
	if (!parameters)
		return -1;
	for (int i = 0; i < out.sizeparameter; i++) {
		parameters[i].name = out.parameter[i].name;
		parameters[i].value = out.parameter[i].value;
	}
	*scheduler =
		(struct xnetvms_scheduler){ out.Weight, out.Cap, out.sizeparameter, parameters };
	return 0;
}

XNETVMS_API int xnetvms_set_virtual_machine_scheduler_parameters(struct xnetvms *vms,
								 const char *phy_server,
								 const char *vm_name,
								 const unsigned int *weight,
								 const unsigned int *cap)
{
	struct _xnv__setVirtualMachineSchedulerParameters in = {
		.phyServer = (char *)phy_server,
		.vmName = (char *)vm_name,
		.Weight = (unsigned int *)weight,
		.Cap = (unsigned int *)cap,
	};
	struct _xnv__setVirtualMachineSchedulerParametersResponse out;

	xnetvms_begin(vms);
	return XNETVMS_CALL(vms, setVirtualMachineSchedulerParameters, &in, &out);
}
