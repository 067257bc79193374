// SPDX-License-Identifier: GPL-2.0-or-later
/* The services, as gSOAP calls them: what came in the message is handed on, what comes back is written. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/definition.h"
#include "vms/create.h"
#include "vms/soap.h"
#include "vms/soap_fault.h"
#include "vms/vm.h"

#define NODES_MAX 1000 /* in one registration */

static struct xn_call *call_of(struct soap *soap)
{
	return soap->user;
}

static struct xn_server *server_of(struct soap *soap)
{
	return call_of(soap)->server;
}

/* Is the caller allowed to? Return: 0, or -1 with @fault. */
static int permit(struct soap *soap, const char *service, struct xn_fault *fault)
{
	if (xn_access_service(&call_of(soap)->caller, service))
		return 0;
	return xn_fault_set(fault, XN_FAULT_DENIED, "%s is the provider's: you are an operator",
			    service);
}

/* What is cut off could name somebody else. */
static int check_vm(const char *name, struct xn_fault *fault)
{
	if (*name && strlen(name) < XN_VMS_NAME)
		return 0;
	return xn_fault_set(fault, XN_FAULT_INVALID, "vmName: use 1 to %d characters",
			    XN_VMS_NAME - 1);
}

/* The request for services about one virtual machine. Return: 0, or -1 with @fault. */
static int vm_request(struct soap *soap, const char *service, const char *node, const char *vm,
		      struct xn_vm_request *request, struct xn_fault *fault)
{
	*request = (struct xn_vm_request){ .server = server_of(soap),
					   .caller = &call_of(soap)->caller,
					   .service = service,
					   .node = node,
					   .vm = vm };
	return permit(soap, service, fault) || check_vm(vm, fault) ? -1 : 0;
}

/* What fails below tells where by itself; who was asked for is told always. */
static int reply(struct soap *soap, int failed, struct xn_fault *fault, const char *node,
		 const char *vm)
{
	if (!failed)
		return SOAP_OK;
	if (!fault->node[0])
		XN_COPY(fault->node, node);
	if (!fault->vm[0])
		XN_COPY(fault->vm, vm);
	return xn_soap_fault(soap, fault);
}

static char *text(struct soap *soap, const char *from)
{
	return soap_strdup(soap, from);
}

static char *text_if(struct soap *soap, const char *from)
{
	return *from ? soap_strdup(soap, from) : NULL;
}

static const char *or_empty(const char *from)
{
	return from ? from : "";
}

static bool is_true(const enum xsd__boolean *given, bool otherwise)
{
	return given ? *given == true_ : otherwise;
}

/* --- creation ------------------------------------------------------------------------------- */

/* Return: NULL without memory. */
static const struct xn_vm_sla *slas_of(struct soap *soap, const struct xnv__SLA *from, int n)
{
	struct xn_vm_sla *slas = soap_malloc(soap, (n + 1) * sizeof(*slas));

	for (int i = 0; slas && i < n; i++)
		slas[i] = (struct xn_vm_sla){
			.resource = from[i].resource,
			.rc = or_empty(from[i].Rc),
			.re = or_empty(from[i].Re),
			.rl = or_empty(from[i].Rl),
			.rmax = or_empty(from[i].Rmax),
			.restricted = is_true(from[i].restricted, false),
		};
	return slas;
}

int __xnv__createVirtualMachine(struct soap *soap, struct _xnv__createVirtualMachine *in,
				struct _xnv__createVirtualMachineResponse *out)
{
	static const char service[] = "createVirtualMachine";
	const struct xn_create_request request = {
		.node = in->phyServer,
		.vm = in->vmName,
		.ip = or_empty(in->vmIP),
		.ram = in->vmRAM,
		.transfer = is_true(in->transfer, false),
		.image = or_empty(in->image),
		.os = or_empty(in->OS),
		.arch = or_empty(in->arch),
		.kernel_version = or_empty(in->kernelVersion),
		.disk = or_empty(in->disk),
		.network = "",
		.interfaces = (const char *const *)in->netInterface,
		.n_interfaces = in->sizenetInterface,
		.slas = slas_of(soap, in->SLA, in->sizeSLA),
		.n_slas = in->sizeSLA,
	};
	struct xn_fault fault = { 0 };
	struct xn_created created;

	if (!request.slas)
		return SOAP_EOM;
	if (permit(soap, service, &fault) ||
	    xn_create(server_of(soap), &call_of(soap)->caller, service, &request, 1,
		      is_true(in->wait, true), &created, &fault))
		return reply(soap, -1, &fault, in->phyServer, in->vmName);
	out->operation = text(soap, created.operation);
	out->uuid = text(soap, created.uuid);
	return SOAP_OK;
}

static int check_lists(const struct _xnv__createVirtualNetwork *in, struct xn_fault *fault)
{
	const struct {
		const char *name;
		int n;
	} lists[] = {
		{ "VMNames", in->sizeVMNames },
		{ "IPs", in->sizeIPs },
		{ "RAMs", in->sizeRAMs },
		{ "netInterface", in->sizenetInterface },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i].n != in->sizephyServers)
			return xn_fault_set(
				fault, XN_FAULT_INVALID,
				"phyServers has %d entries, %s has %d: each virtual machine "
				"needs one of each",
				in->sizephyServers, lists[i].name, lists[i].n);
	if (in->sizephyServers < 1 || in->sizephyServers > XN_NETWORK_MAX)
		return xn_fault_set(fault, XN_FAULT_INVALID, "%d virtual machines: write 1 to %d",
				    in->sizephyServers, XN_NETWORK_MAX);
	return 0;
}

static struct xn_create_request *network_requests(struct soap *soap,
						  const struct _xnv__createVirtualNetwork *in,
						  const char *network)
{
	size_t n = in->sizephyServers;
	struct xn_create_request *requests = soap_malloc(soap, n * sizeof(*requests));
	const struct xn_vm_sla *slas = slas_of(soap, in->SLA, in->sizeSLA);

	for (size_t i = 0; requests && slas && i < n; i++)
		requests[i] = (struct xn_create_request){
			.node = in->phyServers[i],
			.vm = in->VMNames[i],
			.ip = in->IPs[i],
			.ram = in->RAMs[i],
			.transfer = is_true(in->transfer, false),
			.image = or_empty(in->image),
			.os = or_empty(in->OS),
			.arch = or_empty(in->arch),
			.kernel_version = or_empty(in->kernelVersion),
			.disk = "",
			.network = network,
			.interfaces = (const char *const *)&in->netInterface[i],
			.n_interfaces = 1,
			.slas = slas,
			.n_slas = in->sizeSLA,
		};
	return slas ? requests : NULL;
}

int __xnv__createVirtualNetwork(struct soap *soap, struct _xnv__createVirtualNetwork *in,
				struct _xnv__createVirtualNetworkResponse *out)
{
	static const char service[] = "createVirtualNetwork";
	struct xn_create_request *requests;
	struct xn_fault fault = { 0 };
	struct xn_created *created;
	const char *network;
	size_t n = in->sizephyServers;

	if (permit(soap, service, &fault) || check_lists(in, &fault))
		return reply(soap, -1, &fault, "", "");
	network = in->networkName ? in->networkName : in->VMNames[0];
	requests = network_requests(soap, in, network);
	created = soap_malloc(soap, n * sizeof(*created));
	out->operation = soap_malloc(soap, n * sizeof(char *));
	if (!requests || !created || !out->operation)
		return SOAP_EOM;
	if (xn_create(server_of(soap), &call_of(soap)->caller, service, requests, n,
		      is_true(in->wait, true), created, &fault))
		return reply(soap, -1, &fault, "", "");
	out->networkName = text(soap, network);
	out->sizeoperation = n;
	for (size_t i = 0; i < n; i++)
		out->operation[i] = text(soap, created[i].operation);
	return SOAP_OK;
}

/* --- one virtual machine -------------------------------------------------------------------- */

int __xnv__destroyVirtualMachine(struct soap *soap, struct _xnv__destroyVirtualMachine *in,
				 struct _xnv__destroyVirtualMachineResponse *out)
{
	struct xn_fault fault = { 0 };
	struct xn_vm_request request;
	char operation[XN_VMS_UUID];

	if (vm_request(soap, "destroyVirtualMachine", in->phyServer, in->vmName, &request,
		       &fault) ||
	    xn_vm_destroy(&request, operation, &fault))
		return reply(soap, -1, &fault, in->phyServer, in->vmName);
	out->operation = text(soap, operation);
	return SOAP_OK;
}

int __xnv__shutdownVirtualMachine(struct soap *soap, struct _xnv__shutdownVirtualMachine *in,
				  struct _xnv__shutdownVirtualMachineResponse *out)
{
	struct xn_fault fault = { 0 };
	struct xn_vm_request request;
	char operation[XN_VMS_UUID];

	if (vm_request(soap, "shutdownVirtualMachine", in->phyServer, in->vmName, &request,
		       &fault) ||
	    xn_vm_shutdown(&request, operation, &fault))
		return reply(soap, -1, &fault, in->phyServer, in->vmName);
	out->operation = text(soap, operation);
	return SOAP_OK;
}

int __xnv__migrateVirtualMachine(struct soap *soap, struct _xnv__migrateVirtualMachine *in,
				 struct _xnv__migrateVirtualMachineResponse *out)
{
	struct xn_fault fault = { 0 };
	struct xn_vm_request request;
	char operation[XN_VMS_UUID];

	if (vm_request(soap, "migrateVirtualMachine", in->sourcePhyServer, in->vmName, &request,
		       &fault) ||
	    xn_vm_migrate(&request, in->destPhyServer, in->live == true_, is_true(in->wait, true),
			  operation, &fault))
		return reply(soap, -1, &fault, in->sourcePhyServer, in->vmName);
	out->operation = text(soap, operation);
	return SOAP_OK;
}

int __xnv__getVirtualMachineStatus(struct soap *soap, struct _xnv__getVirtualMachineStatus *in,
				   struct _xnv__getVirtualMachineStatusResponse *out)
{
	static const enum xnv__vmState states[] = {
		[VIR_DOMAIN_NOSTATE] = xnv__vmState__unknown,
		[VIR_DOMAIN_RUNNING] = xnv__vmState__running,
		[VIR_DOMAIN_BLOCKED] = xnv__vmState__blocked,
		[VIR_DOMAIN_PAUSED] = xnv__vmState__paused,
		[VIR_DOMAIN_SHUTDOWN] = xnv__vmState__shutdown,
		[VIR_DOMAIN_SHUTOFF] = xnv__vmState__shutoff,
		[VIR_DOMAIN_CRASHED] = xnv__vmState__crashed,
		[VIR_DOMAIN_PMSUSPENDED] = xnv__vmState__suspended,
	};
	struct xn_fault fault = { 0 };
	struct xn_vm_request request;
	struct xn_vm_status status;

	if (vm_request(soap, "getVirtualMachineStatus", in->phyServer, in->vmName, &request,
		       &fault) ||
	    xn_vm_status(&request, &status, &fault))
		return reply(soap, -1, &fault, in->phyServer, in->vmName);
	out->vmName = in->vmName;
	out->uuid = text(soap, status.uuid);
	out->state = status.info.state < sizeof(states) / sizeof(states[0])
			     ? states[status.info.state]
			     : xnv__vmState__unknown;
	out->maxMemory = status.info.maxMem;
	out->memory = status.info.memory;
	out->virtualCPUs = status.info.nrVirtCpu;
	out->cpuTime = status.info.cpuTime;
	out->vmIP = text_if(soap, status.vm.ip);
	out->networkName = text_if(soap, status.vm.network);
	return SOAP_OK;
}

/* --- scheduler ------------------------------------------------------------------------------ */

int __xnv__getVirtualMachineSchedulerType(struct soap *soap,
					  struct _xnv__getVirtualMachineSchedulerType *in,
					  struct _xnv__getVirtualMachineSchedulerTypeResponse *out)
{
	struct xn_fault fault = { 0 };
	struct xn_scheduler scheduler;
	struct xn_vm_request request;

	if (vm_request(soap, "getVirtualMachineSchedulerType", in->phyServer, in->vmName, &request,
		       &fault) ||
	    xn_vm_scheduler(&request, &scheduler, &fault))
		return reply(soap, -1, &fault, in->phyServer, in->vmName);
	out->schedulerType = text(soap, scheduler.type);
	return SOAP_OK;
}

static unsigned int *figure(struct soap *soap, const struct xn_scheduler *scheduler,
			    const char *name)
{
	const virTypedParameter *parameter = xn_scheduler_find(scheduler, name);
	unsigned int *value = parameter ? soap_malloc(soap, sizeof(*value)) : NULL;
	char number[64];

	if (!value)
		return NULL;
	xn_scheduler_text(parameter, number, sizeof(number));
	*value = strtoul(number, NULL, 10);
	return value;
}

int __xnv__getVirtualMachineSchedulerParameters(
	struct soap *soap, struct _xnv__getVirtualMachineSchedulerParameters *in,
	struct _xnv__getVirtualMachineSchedulerParametersResponse *out)
{
	struct xn_fault fault = { 0 };
	struct xn_scheduler scheduler;
	struct xn_vm_request request;
	char value[64];

	if (vm_request(soap, "getVirtualMachineSchedulerParameters", in->phyServer, in->vmName,
		       &request, &fault) ||
	    xn_vm_scheduler(&request, &scheduler, &fault))
		return reply(soap, -1, &fault, in->phyServer, in->vmName);
	out->Weight = figure(soap, &scheduler, "weight");
	if (!out->Weight)
		out->Weight = figure(soap, &scheduler, "cpu_shares");
	out->Cap = figure(soap, &scheduler, "cap");
	out->parameter = soap_malloc(soap, (scheduler.n + 1) * sizeof(out->parameter[0]));
	if (!out->parameter)
		return SOAP_EOM;
	out->sizeparameter = scheduler.n;
	for (int i = 0; i < scheduler.n; i++) {
		xn_scheduler_text(&scheduler.parameter[i], value, sizeof(value));
		out->parameter[i].name = text(soap, scheduler.parameter[i].field);
		out->parameter[i].value = text(soap, value);
	}
	return SOAP_OK;
}

int __xnv__setVirtualMachineSchedulerParameters(
	struct soap *soap, struct _xnv__setVirtualMachineSchedulerParameters *in,
	struct _xnv__setVirtualMachineSchedulerParametersResponse *out)
{
	struct xn_fault fault = { 0 };
	struct xn_vm_request request;
	char operation[XN_VMS_UUID];

	if (vm_request(soap, "setVirtualMachineSchedulerParameters", in->phyServer, in->vmName,
		       &request, &fault) ||
	    xn_vm_set_scheduler(&request, in->Weight, in->Cap, operation, &fault))
		return reply(soap, -1, &fault, in->phyServer, in->vmName);
	out->operation = text(soap, operation);
	return SOAP_OK;
}

/* --- nodes ---------------------------------------------------------------------------------- */

int __xnv__getPhysicalServerStatus(struct soap *soap, struct _xnv__getPhysicalServerStatus *in,
				   struct _xnv__getPhysicalServerStatusResponse *out)
{
	struct xn_node_status status = { .vms = NULL };
	struct xn_fault fault = { 0 };

	if (permit(soap, "getPhysicalServerStatus", &fault) ||
	    xn_node_status(server_of(soap), in->phyServer, &status, &fault))
		return reply(soap, -1, &fault, in->phyServer, "");
	out->name = text(soap, status.name);
	out->hypervisor = text(soap, status.hypervisor);
	out->hypervisorVersion = text(soap, status.version);
	out->arch = text(soap, status.info.model);
	out->CPUs = status.info.cpus;
	out->MHz = status.info.mhz;
	out->memory = status.info.memory;
	out->freeMemory = status.free_memory;
	out->virtualMachine = soap_malloc(soap, (status.n_vms + 1) * sizeof(char *));
	for (size_t i = 0; out->virtualMachine && i < status.n_vms; i++)
		out->virtualMachine[i] = text(soap, status.vms[i]);
	out->sizevirtualMachine = out->virtualMachine ? status.n_vms : 0;
	free(status.vms);
	return out->virtualMachine ? SOAP_OK : SOAP_EOM;
}

static int check_address(const char *address, struct xn_fault *fault)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789.-";
	unsigned char binary[16];
	size_t size = strlen(address);

	if (size < XN_VMS_ADDRESS &&
	    (inet_pton(AF_INET6, address, binary) == 1 ||
	     (size && strspn(address, allowed) == size && *address != '-')))
		return 0;
	return xn_fault_set(fault, XN_FAULT_INVALID,
			    "IP \"%s\" is no address: write it as 192.0.2.1, 2001:db8::1 or "
			    "node.example",
			    address);
}

/* It goes into a file of lines, of words. */
static int check_key(const char *key, struct xn_fault *fault)
{
	static const char type[] = "abcdefghijklmnopqrstuvwxyz0123456789-@.";
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/=";
	size_t first = strspn(key, type), second;

	if (!*key)
		return 0;
	second = key[first] == ' ' ? strspn(key + first + 1, base64) : 0;
	if (first && second && !key[first + 1 + second] &&
	    strlen(key) < sizeof(((struct xn_node *)0)->key))
		return 0;
	return xn_fault_set(fault, XN_FAULT_INVALID,
			    "key: write the host's key as in known_hosts: ssh-ed25519 AAAA...");
}

static int take_node(struct soap *soap, const struct xnv__PhysicalServer *from,
		     struct xn_node *node, struct xn_fault *fault)
{
	const char *wrong = xn_network_name_check(from->name);
	const struct xn_hypervisor *hypervisor =
		xn_hypervisors_find(&server_of(soap)->hypervisors, or_empty(from->hypervisor));

	XN_COPY(fault->node, from->name);
	if (wrong)
		return xn_fault_set(fault, XN_FAULT_INVALID, "name \"%s\" %s", from->name, wrong);
	if (!hypervisor)
		return xn_fault_set(fault, XN_FAULT_INVALID,
				    "hypervisor \"%s\" is none that this server knows",
				    from->hypervisor);
	if (from->sizeIP > XN_VMS_ADDRESSES)
		return xn_fault_set(fault, XN_FAULT_INVALID, "%d addresses: %d are the most",
				    from->sizeIP, XN_VMS_ADDRESSES);
	if (check_key(or_empty(from->key), fault))
		return -1;
	for (int i = 0; i < from->sizeIP; i++) {
		if (check_address(from->IP[i], fault))
			return -1;
		XN_COPY(node->address[node->n_addresses++], from->IP[i]);
	}
	XN_COPY(node->name, from->name);
	XN_COPY(node->hypervisor, hypervisor->name);
	XN_COPY(node->key, or_empty(from->key));
	fault->node[0] = '\0';
	return 0;
}

int __xnv__registerNodes(struct soap *soap, struct _xnv__registerNodes *in,
			 struct _xnv__registerNodesResponse *out)
{
	struct xn_fault fault = { 0 };
	struct xn_node *nodes = NULL;
	struct xn_err err;
	int failed = permit(soap, "registerNodes", &fault);

	if (!failed && (in->sizephyServer < 1 || in->sizephyServer > NODES_MAX))
		failed = xn_fault_set(&fault, XN_FAULT_INVALID, "%d nodes: write 1 to %d",
				      in->sizephyServer, NODES_MAX);
	if (!failed && !(nodes = calloc(in->sizephyServer, sizeof(*nodes))))
		failed = xn_fault_set(&fault, XN_FAULT_INTERNAL, "no memory");
	for (int i = 0; i < in->sizephyServer && !failed; i++)
		failed = take_node(soap, &in->phyServer[i], &nodes[i], &fault);
	if (!failed)
		failed = xn_fault_registry(&fault,
					   xn_registry_add_nodes(server_of(soap)->registry, nodes,
								 in->sizephyServer,
								 &out->registered, &err),
					   &err);
	free(nodes);
	return reply(soap, failed, &fault, "", "");
}

struct node_list {
	struct soap *soap;
	struct _xnv__getRegisteredNodesResponse *out;
	int room;
	bool names_only;
};

static bool make_room(struct node_list *list)
{
	int room = list->room ? 2 * list->room : 64;
	struct xnv__PhysicalServer *more;

	if (list->out->sizephyServer < list->room)
		return true;
	more = soap_malloc(list->soap, room * sizeof(*more));
	if (!more)
		return false;
	if (list->room)
		memcpy(more, list->out->phyServer, list->room * sizeof(*more));
	list->out->phyServer = more;
	list->room = room;
	return true;
}

static void add_node(const struct xn_node *node, void *arg)
{
	struct node_list *list = arg;
	struct soap *soap = list->soap;
	struct xnv__PhysicalServer *to;

	if (!make_room(list))
		return;
	to = &list->out->phyServer[list->out->sizephyServer++];
	soap_default_xnv__PhysicalServer(soap, to);
	to->name = text(soap, node->name);
	if (list->names_only)
		return;
	to->key = text_if(soap, node->key);
	to->hypervisor = text(soap, node->hypervisor);
	to->IP = soap_malloc(soap, (node->n_addresses + 1) * sizeof(char *));
	for (size_t i = 0; to->IP && i < node->n_addresses; i++)
		to->IP[to->sizeIP++] = text(soap, node->address[i]);
}

int __xnv__getRegisteredNodes(struct soap *soap, struct _xnv__getRegisteredNodes *in,
			      struct _xnv__getRegisteredNodesResponse *out)
{
	struct node_list list = { .soap = soap,
				  .out = out,
				  .names_only = call_of(soap)->caller.role != XN_ROLE_PROVIDER };
	struct xn_fault fault = { 0 };
	struct xn_err err;
	int rc;

	(void)in;
	rc = xn_registry_nodes(server_of(soap)->registry, add_node, &list, &err);
	return reply(soap, xn_fault_registry(&fault, rc, &err), &fault, "", "");
}

/* --- images --------------------------------------------------------------------------------- */

/* Different texts, sorted. */
struct text_list {
	struct soap *soap;
	size_t offset; /* of the member of struct xn_image */
	char **text;
	int n;
};

static void add_image(const struct xn_image *image, void *arg)
{
	struct text_list *list = arg;
	const char *new = (const char *)image + list->offset;
	char **more;
	int at = 0;

	while (at < list->n && strcmp(list->text[at], new) < 0)
		at++;
	if (at < list->n && !strcmp(list->text[at], new))
		return;
	more = soap_malloc(list->soap, (list->n + 1) * sizeof(char *));
	if (!more)
		return;
	if (list->n) {
		memcpy(more, list->text, at * sizeof(char *));
		memcpy(more + at + 1, list->text + at, (list->n - at) * sizeof(char *));
	}
	more[at] = text(list->soap, new);
	list->text = more;
	list->n++;
}

static int list_images(struct soap *soap, size_t offset, int *n, char ***texts)
{
	struct text_list list = { .soap = soap, .offset = offset };
	struct xn_fault fault = { 0 };
	struct xn_err err;
	int rc = xn_registry_images(server_of(soap)->registry, "", "", "", "", add_image, &list,
				    &err);

	*n = list.n;
	*texts = list.text;
	return reply(soap, xn_fault_registry(&fault, rc, &err), &fault, "", "");
}

int __xnv__getAvailableOSes(struct soap *soap, struct _xnv__getAvailableOSes *in,
			    struct _xnv__getAvailableOSesResponse *out)
{
	(void)in;
	return list_images(soap, offsetof(struct xn_image, os), &out->sizeOS, &out->OS);
}

int __xnv__getAvailableArch(struct soap *soap, struct _xnv__getAvailableArch *in,
			    struct _xnv__getAvailableArchResponse *out)
{
	(void)in;
	return list_images(soap, offsetof(struct xn_image, arch), &out->sizearch, &out->arch);
}

int __xnv__getAvailableKernelVersions(struct soap *soap,
				      struct _xnv__getAvailableKernelVersions *in,
				      struct _xnv__getAvailableKernelVersionsResponse *out)
{
	(void)in;
	return list_images(soap, offsetof(struct xn_image, kernel_version), &out->sizekernelVersion,
			   &out->kernelVersion);
}

/* --- the server itself ---------------------------------------------------------------------- */

int __xnv__sanityTest(struct soap *soap, struct _xnv__sanityTest *in,
		      struct _xnv__sanityTestResponse *out)
{
	struct xn_fault fault = { 0 };
	struct xn_err err;
	int rc = xn_registry_ping(server_of(soap)->registry, &err);

	out->testString = in->testString;
	return reply(soap, xn_fault_registry(&fault, rc, &err), &fault, "", "");
}

struct operation_list {
	struct soap *soap;
	struct _xnv__getOperationsResponse *out;
};

static void add_operation(const struct xn_operation *operation, void *arg)
{
	static const enum xnv__operationState states[] = {
		[XN_OPERATION_RUNNING] = xnv__operationState__running,
		[XN_OPERATION_DONE] = xnv__operationState__done,
		[XN_OPERATION_FAILED] = xnv__operationState__failed,
	};
	struct operation_list *list = arg;
	struct soap *soap = list->soap;
	struct xnv__Operation *to = &list->out->operation[list->out->sizeoperation++];

	soap_default_xnv__Operation(soap, to);
	to->id = text(soap, operation->id);
	to->service = text(soap, operation->service);
	to->phyServer = text(soap, operation->node);
	to->vmName = text_if(soap, operation->vm);
	to->state = states[operation->state];
	to->step = text_if(soap, operation->step);
	to->done = operation->done;
	to->total = operation->total;
	to->started = text(soap, operation->started);
	to->ended = text_if(soap, operation->ended);
}

int __xnv__getOperations(struct soap *soap, struct _xnv__getOperations *in,
			 struct _xnv__getOperationsResponse *out)
{
	struct operation_list list = { soap, out };
	const struct xn_caller *caller = &call_of(soap)->caller;
	struct xn_fault fault = { 0 };
	struct xn_err err;
	int rc;

	out->operation = soap_malloc(soap, XN_OPERATIONS_MAX * sizeof(*out->operation));
	if (!out->operation)
		return SOAP_EOM;
	rc = xn_registry_operations(server_of(soap)->registry, or_empty(in->operation),
				    or_empty(in->phyServer), or_empty(in->vmName),
				    xn_access_owner_name(caller), add_operation, &list, &err);
	return reply(soap, xn_fault_registry(&fault, rc, &err), &fault, "", "");
}
