// SPDX-License-Identifier: GPL-2.0-or-later
/* One virtual machine being created: a request is checked, then put into force on the node or undone there. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/definition.h"
#include "vms/admission.h"
#include "vms/creation.h"
#include "vms/domain.h"
#include "vms/pool.h"
#include "vms/removal.h"
#include "vms/seed.h"

#define RAM_MAX (16U << 20) /* MiB */

/* Parts of an image, and how the volumes made of them are called after the virtual machine. */
static const struct {
	const char *step, *suffix;
} parts[] = {
	[XN_IMAGE_DISK] = { "transferring the disk", ".img" },
	[XN_IMAGE_KERNEL] = { "transferring the kernel", ".kernel" },
	[XN_IMAGE_INITRD] = { "transferring the initrd", ".initrd" },
};

/* --- the request ---------------------------------------------------------------------------- */

static int invalid(struct xn_fault *fault, const char *what, const char *text, const char *wrong)
{
	return xn_fault_set(fault, XN_FAULT_INVALID, "%s \"%s\" %s", what, text, wrong);
}

/* Address and prefix of "10.0.0.2/24". Return: the family, 0: it is none. */
static int parse_ip(const char *text, char address[INET6_ADDRSTRLEN], unsigned int *prefix)
{
	unsigned char binary[16];
	char end;

	if (sscanf(text, "%45[0-9a-fA-F.:]/%3u%c", address, prefix, &end) != 2)
		return 0;
	if (*prefix <= 32 && inet_pton(AF_INET, address, binary) == 1)
		return AF_INET;
	return *prefix <= 128 && inet_pton(AF_INET6, address, binary) == 1 ? AF_INET6 : 0;
}

int xn_ip4_parse(const char *text, struct in_addr *address, unsigned int *prefix)
{
	char name[INET6_ADDRSTRLEN];

	if (parse_ip(text, name, prefix) != AF_INET)
		return -1;
	return inet_pton(AF_INET, name, address) == 1 ? 0 : -1;
}

static int check_ip(const char *text, struct xn_fault *fault)
{
	char address[INET6_ADDRSTRLEN];
	unsigned int prefix;

	if (!*text || parse_ip(text, address, &prefix))
		return 0;
	return invalid(fault, "vmIP", text, "is no address with prefix: write it as 10.0.0.2/24");
}

static int check_request(const struct xn_create_request *request, struct xn_fault *fault)
{
	const char *wrong = xn_network_name_check(request->vm);

	if (wrong)
		return invalid(fault, "vmName", request->vm, wrong);
	wrong = *request->network ? xn_network_name_check(request->network) : NULL;
	if (wrong)
		return invalid(fault, "networkName", request->network, wrong);
	wrong = *request->disk ? xn_network_name_check(request->disk) : NULL;
	if (wrong)
		return invalid(fault, "disk", request->disk, wrong);
	if (request->transfer && *request->disk)
		return invalid(fault, "disk", request->disk, "is for creation without transfer");
	if (!request->ram || request->ram > RAM_MAX)
		return xn_fault_set(fault, XN_FAULT_INVALID, "vmRAM %u: write 1 to %u (MiB)",
				    request->ram, RAM_MAX);
	if (request->n_interfaces > XN_VMS_INTERFACES)
		return xn_fault_set(fault, XN_FAULT_INVALID, "%zu interfaces: %d are the most",
				    request->n_interfaces, XN_VMS_INTERFACES);
	for (size_t i = 0; i < request->n_interfaces; i++) {
		wrong = xn_device_name_check(request->interfaces[i]);
		if (wrong)
			return invalid(fault, "netInterface", request->interfaces[i], wrong);
	}
	return check_ip(request->ip, fault) ||
			       xn_vm_sla_check(request->slas, request->n_slas, fault)
		       ? -1
		       : 0;
}

struct image_choice {
	struct xn_image *image;
	unsigned int n;
};

static void choose_image(const struct xn_image *image, void *arg)
{
	struct image_choice *choice = arg;

	if (!choice->n++)
		*choice->image = *image;
}

static int find_image(struct xn_server *server, const struct xn_create_request *request,
		      struct xn_image *image, struct xn_fault *fault)
{
	struct image_choice choice = { image, 0 };
	bool asked = *request->image || *request->os || *request->arch || *request->kernel_version;
	struct xn_err err;

	if (!asked && !request->transfer)
		return 0;
	if (!asked)
		return xn_fault_set(fault, XN_FAULT_INVALID,
				    "which image is to be transferred? Say image, or OS, arch and "
				    "kernelVersion");
	if (xn_fault_registry(fault,
			      xn_registry_images(server->registry, request->image, request->os,
						 request->arch, request->kernel_version,
						 choose_image, &choice, &err),
			      &err))
		return -1;
	if (choice.n == 1)
		return 0;
	if (choice.n)
		return xn_fault_set(fault, XN_FAULT_INVALID,
				    "%u images are like that: say which by image", choice.n);
	return xn_fault_set(fault, XN_FAULT_NOT_FOUND,
			    "no image is like that: getAvailableOSes, getAvailableArch and "
			    "getAvailableKernelVersions say which there are");
}

static int find_node(struct xn_server *server, const char *name, struct xn_node *node,
		     struct xn_fault *fault)
{
	struct xn_err err;

	return xn_fault_registry(fault, xn_registry_node(server->registry, name, node, &err), &err);
}

/*
 * With some of the UUID in its name: what is taken back when this fails, or goes with the virtual machine, can't
 * be a volume that was there before.
 */
static void own_volume(const struct xn_op *op, const char *suffix, char *name, size_t size)
{
	snprintf(name, size, "%s.%.8s%s", op->vm.name, op->vm.uuid, suffix);
}

/* The volume that is its disk. */
static void set_disk(struct xn_creation *creation, const struct xn_create_request *request)
{
	struct xn_vm *vm = &creation->op.vm;
	const char *format = creation->image.format;

	if (creation->transfer)
		own_volume(&creation->op, parts[XN_IMAGE_DISK].suffix, vm->disk, sizeof(vm->disk));
	else if (*request->disk)
		XN_COPY(vm->disk, request->disk);
	else
		snprintf(vm->disk, sizeof(vm->disk), "%s%s", vm->name, parts[XN_IMAGE_DISK].suffix);
	if (!creation->transfer)
		format = strstr(vm->disk, ".qcow2") ? "qcow2" : "raw";
	XN_COPY(creation->domain.format, format);
}

static void fill(struct xn_creation *creation, const struct xn_create_request *request)
{
	struct xn_domain *domain = &creation->domain;
	struct xn_vm *vm = &creation->op.vm;

	xn_uuid_make(vm->uuid);
	XN_COPY(vm->network, request->network);
	XN_COPY(vm->owner, creation->op.record.owner);
	XN_COPY(vm->ip, request->ip);
	creation->op.known = true;
	creation->op.fresh = true;
	creation->transfer = request->transfer;
	set_disk(creation, request);
	XN_COPY(domain->name, vm->name);
	XN_COPY(domain->uuid, vm->uuid);
	XN_COPY(domain->arch, creation->image.arch);
	domain->ram = request->ram;
	domain->n_interfaces = request->n_interfaces;
	for (size_t i = 0; i < request->n_interfaces; i++)
		XN_COPY(domain->interface[i], request->interfaces[i]);
}

/*
 * Without transfer, a disk is whatever the pool has. An operator may take those that were put there for him: their
 * names begin with his and a dot, which names of operators don't have.
 */
static int check_disk(const struct xn_creation *creation, const struct xn_caller *caller,
		      struct xn_fault *fault)
{
	const char *disk = creation->op.vm.disk;
	size_t n = strlen(caller->name);

	if (creation->transfer || caller->role == XN_ROLE_PROVIDER ||
	    (!strncmp(disk, caller->name, n) && disk[n] == '.'))
		return 0;
	return xn_fault_set(fault, XN_FAULT_DENIED,
			    "volume \"%s\" is not yours: yours begin with \"%s.\"; or create with "
			    "transfer",
			    disk, caller->name);
}

/* What an SLA costs is for the provider to say. */
static int check_right(const struct xn_create_request *request, const struct xn_caller *caller,
		       struct xn_fault *fault)
{
	if (!request->n_slas || caller->role == XN_ROLE_PROVIDER)
		return 0;
	return xn_fault_set(fault, XN_FAULT_DENIED,
			    "an SLA is the provider's to give: you are an operator");
}

/* Bytes of the image's disk; 0: it is not transferred, or not there (which is found out when it is read). */
static unsigned long long image_size(const struct xn_creation *creation)
{
	char file[XN_PATH_SIZE];
	struct stat st;

	snprintf(file, sizeof(file), "%s/%s", creation->op.server->images,
		 creation->image.sha256[XN_IMAGE_DISK]);
	return creation->transfer && !stat(file, &st) ? st.st_size : 0;
}

/* The network that it is to be for its node's xnetman. */
static int define_network(struct xn_creation *creation, const struct xn_create_request *request,
			  struct xn_fault *fault)
{
	struct xn_vm *vm = &creation->op.vm;

	if (xn_vm_sla_definition(vm, request->n_interfaces, image_size(creation), request->slas,
				 request->n_slas, creation->network, fault))
		return -1;
	XN_COPY(vm->sla, request->n_slas ? creation->network : "");
	return 0;
}

static void act_create(struct xn_op *op, virConnectPtr connection);

struct xn_creation *xn_creation_new(struct xn_server *server, const struct xn_caller *caller,
				    const char *service, const struct xn_create_request *request,
				    struct xn_fault *fault)
{
	struct xn_creation *creation = calloc(1, sizeof(*creation));
	struct xn_node node;

	if (!creation) {
		xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
		return NULL;
	}
	if (check_request(request, fault) || check_right(request, caller, fault) ||
	    find_node(server, request->node, &node, fault) ||
	    find_image(server, request, &creation->image, fault)) {
		free(creation);
		return NULL;
	}
	xn_op_init(&creation->op, server, service, caller, &node, request->vm);
	creation->op.act = act_create;
	fill(creation, request);
	if (!check_disk(creation, caller, fault) && !define_network(creation, request, fault))
		return creation;
	free(creation);
	return NULL;
}

/* --- on the node ---------------------------------------------------------------------------- */

/* Where the volumes are. */
struct places {
	char disk[XN_PATH_SIZE], kernel[XN_PATH_SIZE], initrd[XN_PATH_SIZE], seed[XN_PATH_SIZE];
};

static int transfer_part(struct xn_creation *creation, virConnectPtr connection,
			 enum xn_image_part part, char place[XN_PATH_SIZE])
{
	const char *sha256 = creation->image.sha256[part];
	struct xn_op *op = &creation->op;
	char file[XN_PATH_SIZE], volume[128];
	const struct xn_source_file source = { file, sha256, parts[part].step };

	if (!*sha256)
		return 0;
	snprintf(file, sizeof(file), "%s/%s", op->server->images, sha256);
	own_volume(op, parts[part].suffix, volume, sizeof(volume));
	return xn_pool_upload(op, connection, volume, &source, place);
}

static int transfer(struct xn_creation *creation, virConnectPtr connection, struct places *places)
{
	return transfer_part(creation, connection, XN_IMAGE_KERNEL, places->kernel) ||
			       transfer_part(creation, connection, XN_IMAGE_INITRD,
					     places->initrd) ||
			       transfer_part(creation, connection, XN_IMAGE_DISK, places->disk)
		       ? -1
		       : 0;
}

/* A volume beside the disk, that has its name but for the end; none is fine. */
static void find_beside(struct xn_creation *creation, virConnectPtr connection,
			enum xn_image_part part, char place[XN_PATH_SIZE])
{
	const char *disk = creation->op.vm.disk, *pool = creation->op.server->pool;
	const char *dot = strrchr(disk, '.');
	struct xn_fault ignored = { 0 };
	char name[160];

	snprintf(name, sizeof(name), "%.*s%s", dot ? (int)(dot - disk) : (int)strlen(disk), disk,
		 parts[part].suffix);
	if (xn_pool_path(connection, pool, name, place, &ignored))
		place[0] = '\0';
}

static int find_volumes(struct xn_creation *creation, virConnectPtr connection,
			struct places *places)
{
	struct xn_op *op = &creation->op;

	find_beside(creation, connection, XN_IMAGE_KERNEL, places->kernel);
	find_beside(creation, connection, XN_IMAGE_INITRD, places->initrd);
	return xn_pool_path(connection, op->server->pool, op->vm.disk, places->disk,
			    &op->work.fault);
}

/* By the kernel's own parameter: nothing in the image needs to know of it. */
static int address_by_kernel(struct xn_creation *creation)
{
	char address[INET6_ADDRSTRLEN], mask[INET_ADDRSTRLEN];
	unsigned int prefix = 0;
	struct in_addr bits;

	if (parse_ip(creation->op.vm.ip, address, &prefix) != AF_INET)
		return xn_fault_set(
			&creation->op.work.fault, XN_FAULT_INVALID,
			"vmIP \"%s\": a kernel takes IPv4 only; for IPv6 use an image that "
			"boots from its disk, with cloud-init",
			creation->op.vm.ip);
	bits.s_addr = htonl(prefix ? ~0U << (32 - prefix) : 0);
	inet_ntop(AF_INET, &bits, mask, sizeof(mask));
	snprintf(creation->domain.arguments, sizeof(creation->domain.arguments),
		 "%s ip=%s:::%s:%s:eth0:off", creation->image.arguments, address, mask,
		 creation->domain.name);
	return 0;
}

/* By a CD for cloud-init. */
static int address_by_seed(struct xn_creation *creation, virConnectPtr connection,
			   char place[XN_PATH_SIZE])
{
	char file[] = "/tmp/xnetman-vms-XXXXXX", volume[128];
	const struct xn_source_file source = { file, NULL, "transferring the address" };
	struct xn_fault *fault = &creation->op.work.fault;
	int fd = mkstemp(file), ret = -1;
	struct xn_err err;

	if (fd < 0)
		return xn_fault_set(fault, XN_FAULT_INTERNAL, "no file can be made in /tmp");
	close(fd);
	own_volume(&creation->op, ".seed", volume, sizeof(volume));
	if (xn_seed_write(file, &creation->domain, creation->op.vm.ip, &err))
		xn_fault_set(fault, XN_FAULT_INTERNAL, "%s", err.text);
	else
		ret = xn_pool_upload(&creation->op, connection, volume, &source, place);
	unlink(file);
	return ret;
}

static int set_address(struct xn_creation *creation, virConnectPtr connection,
		       struct places *places)
{
	XN_COPY(creation->domain.arguments, creation->image.arguments);
	if (!creation->op.vm.ip[0])
		return 0;
	return places->kernel[0] ? address_by_kernel(creation)
				 : address_by_seed(creation, connection, places->seed);
}

static int start(struct xn_creation *creation, virConnectPtr connection, const char *xml)
{
	struct xn_fault *fault = &creation->op.work.fault;
	virDomainPtr domain;
	struct xn_err err;
	int ret = 0;

	xn_op_progress(&creation->op, "starting", creation->op.record.done,
		       creation->op.record.total);
	domain = virDomainDefineXML(connection, xml);
	if (!domain)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
					"the node does not take the virtual machine");
	if (virDomainCreate(domain))
		ret = xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
				       "the virtual machine does not start");
	virDomainFree(domain);
	if (ret)
		return ret;
	return xn_fault_registry(
		fault, xn_registry_vm_ready(creation->op.server->registry, &creation->op.vm, &err),
		&err);
}

static const char *given(const char *path)
{
	return *path ? path : NULL;
}

static int define_and_start(struct xn_creation *creation, virConnectPtr connection,
			    const struct places *places)
{
	struct xn_domain *domain = &creation->domain;
	struct xn_fault *fault = &creation->op.work.fault;
	char *capabilities = virConnectGetCapabilities(connection), *xml;
	struct xn_err err;
	int ret;

	if (!capabilities)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "what the node can do");
	domain->disk = places->disk;
	domain->kernel = given(places->kernel);
	domain->initrd = given(places->initrd);
	domain->seed = given(places->seed);
	xml = xn_domain_xml(domain, capabilities, &err);
	ret = xml ? start(creation, connection, xml)
		  : xn_fault_set(fault, XN_FAULT_REFUSED, "%s", err.text);
	free(xml);
	free(capabilities);
	return ret;
}

/* Somebody may have made one without this server. */
static int check_name(struct xn_creation *creation, virConnectPtr connection)
{
	struct xn_fault *fault = &creation->op.work.fault;
	int exists = xn_domain_exists(connection, creation->domain.name, fault);

	if (exists > 0)
		return xn_fault_set(fault, XN_FAULT_EXISTS,
				    "the node has a virtual machine \"%s\" already",
				    creation->domain.name);
	return exists;
}

/* Before anything else is done on the node, and so before its first packet. */
static int enter(struct xn_creation *creation)
{
	struct xn_op *op = &creation->op;

	xn_op_progress(op, "asking for admission", 0, 0);
	return xn_admission_enter(op->server, &op->node, &op->vm, creation->network, op->vm.sla[0],
				  &op->work.fault);
}

static int create(struct xn_creation *creation, virConnectPtr connection)
{
	struct places places = { "" };

	if (check_name(creation, connection) || enter(creation) ||
	    (creation->transfer ? transfer : find_volumes)(creation, connection, &places) ||
	    set_address(creation, connection, &places))
		return -1;
	return define_and_start(creation, connection, &places);
}

static void act_create(struct xn_op *op, virConnectPtr connection)
{
	struct xn_creation *creation = (struct xn_creation *)op;

	op->fresh = false;
	creation->made = !create(creation, connection);
	if (!creation->made)
		xn_removal_undo(op, connection);
}
