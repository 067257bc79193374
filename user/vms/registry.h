/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the server remembers: nodes, virtual machines, images, who may call, and the operations under way.
 *
 * Every function is one transaction and may be called from any thread, also of several servers that share
 * a PostgreSQL database. Return values, where nothing else is said: 0; -ENOENT: it is not there; -EEXIST: it
 * is there already; -EIO: the database failed; @err says it all.
 */
#ifndef XN_VMS_REGISTRY_H
#define XN_VMS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/config.h" /* struct xn_err */

#define XN_VMS_NAME	  64 /* with the NUL, as for all of these */
#define XN_VMS_UUID	  37
#define XN_VMS_ADDRESS	  64
#define XN_VMS_ADDRESSES  8 /* of one node */
#define XN_VMS_INTERFACES 8 /* of one virtual machine */
#define XN_VMS_TIME	  28
#define XN_VM_SLA_TEXT	  2048 /* of a definition for xnetman */

/* Text into an array of characters, cut off if it has no room: lengths are checked where text comes in. */
#define XN_COPY(to, text) snprintf(to, sizeof(to), "%s", text)

struct xn_registry;

/* @uri as of xn_db_open(). @server: this server's name among those that share the database. */
struct xn_registry *xn_registry_open(const char *uri, const char *server, struct xn_err *err);
void xn_registry_close(struct xn_registry *registry);

/* Does the database answer? */
int xn_registry_ping(struct xn_registry *registry, struct xn_err *err);

/* --- nodes --- */

struct xn_node {
	char name[XN_VMS_NAME];
	char hypervisor[XN_VMS_NAME]; /* of those the server was configured for */
	char key[1024];		      /* SSH host key; "" if it has none */
	size_t n_addresses;
	char address[XN_VMS_ADDRESSES][XN_VMS_ADDRESS];
};

typedef void (*xn_node_fn)(const struct xn_node *node, void *arg);

/* Add @n nodes or replace what is known of them, all or none. -EEXIST: an address is another node's. */
int xn_registry_add_nodes(struct xn_registry *registry, const struct xn_node *nodes, size_t n,
			  unsigned int *added, struct xn_err *err);

/* The node with this name or, if there is none, this address. */
int xn_registry_node(struct xn_registry *registry, const char *name, struct xn_node *node,
		     struct xn_err *err);

/* All, by name. */
int xn_registry_nodes(struct xn_registry *registry, xn_node_fn fn, void *arg, struct xn_err *err);

/* -EEXIST: there are virtual machines on it. */
int xn_registry_remove_node(struct xn_registry *registry, const char *name, struct xn_err *err);

/* --- virtual machines that this server made --- */

struct xn_vm {
	char node[XN_VMS_NAME];
	char name[XN_VMS_NAME];
	char uuid[XN_VMS_UUID];
	char network[XN_VMS_NAME]; /* "": none */
	char owner[XN_VMS_NAME];   /* who created it; "": the provider */
	char ip[XN_VMS_ADDRESS];   /* "": none was asked for */
	char disk[128];		   /* its volume on the node */
	char volumes[512];	   /* those that go with it, with a space after each */
	char sla[XN_VM_SLA_TEXT];  /* its definition for its node's xnetman; "": it has no SLA */
	bool ready;		   /* false: being created */
};

int xn_registry_vm(struct xn_registry *registry, const char *node, const char *name,
		   struct xn_vm *vm, struct xn_err *err);

/* Those that a server with this one's name was creating when it ended. */
typedef void (*xn_vm_fn)(const struct xn_vm *vm, void *arg);
int xn_registry_unfinished(struct xn_registry *registry, xn_vm_fn fn, void *arg,
			   struct xn_err *err);

/* Before a volume is made, so that it is found again whatever happens. */
int xn_registry_add_volume(struct xn_registry *registry, const struct xn_vm *vm, const char *volume,
			   struct xn_err *err);
int xn_registry_vm_ready(struct xn_registry *registry, const struct xn_vm *vm, struct xn_err *err);
int xn_registry_vm_moved(struct xn_registry *registry, const struct xn_vm *vm, const char *node,
			 struct xn_err *err);

/* Fine if it is not there. */
int xn_registry_remove_vm(struct xn_registry *registry, const char *node, const char *name,
			  struct xn_err *err);

/* --- operations --- */

enum xn_operation_state {
	XN_OPERATION_RUNNING,
	XN_OPERATION_DONE,
	XN_OPERATION_FAILED,
};

struct xn_operation {
	char id[XN_VMS_UUID];
	char service[64];
	char node[XN_VMS_NAME];
	char vm[XN_VMS_NAME];
	char owner[XN_VMS_NAME];
	enum xn_operation_state state;
	char step[512];
	uint64_t done, total;			       /* bytes */
	char started[XN_VMS_TIME], ended[XN_VMS_TIME]; /* UTC */
};

/**
 * xn_registry_begin() - claim virtual machines for operations, and note both
 * @operations: id, service, node, vm and owner are set
 * @vms: those to be created by them, in the same order; NULL: none is
 * @also_on: the node @operations[0].vm is claimed on, too; NULL: none
 *
 * Return: as above; -EBUSY: another operation has one of them, @err says which. -EEXIST: a name, or a disk,
 * is taken. Nothing is noted then.
 */
int xn_registry_begin(struct xn_registry *registry, const struct xn_operation *operations,
		      const struct xn_vm *vms, size_t n, const char *also_on, struct xn_err *err);

/* How it goes. */
int xn_registry_progress(struct xn_registry *registry, const struct xn_operation *operation,
			 struct xn_err *err);

/* It has ended: its claims go. */
int xn_registry_finish(struct xn_registry *registry, const struct xn_operation *operation,
		       struct xn_err *err);

typedef void (*xn_operation_fn)(const struct xn_operation *operation, void *arg);

/* Most that one call tells of. */
#define XN_OPERATIONS_MAX 1000

/* The newest first; "" matches any. */
int xn_registry_operations(struct xn_registry *registry, const char *id, const char *node,
			   const char *vm, const char *owner, xn_operation_fn fn, void *arg,
			   struct xn_err *err);

/* Operations of a server with this one's name that ended without finishing them: failed; claims go. */
int xn_registry_abandon(struct xn_registry *registry, struct xn_err *err);

/* --- images --- */

struct xn_image {
	char name[XN_VMS_NAME];
	char os[XN_VMS_NAME];
	char arch[XN_VMS_NAME];
	char kernel_version[XN_VMS_NAME];
	char format[16];     /* raw, qcow2 */
	char sha256[3][65];  /* enum xn_image_part, in hexadecimal; "": has none */
	char arguments[256]; /* of its kernel */
};

enum xn_image_part {
	XN_IMAGE_DISK,
	XN_IMAGE_KERNEL,
	XN_IMAGE_INITRD,
	XN_IMAGE_PARTS,
};

typedef void (*xn_image_fn)(const struct xn_image *image, void *arg);

int xn_registry_add_image(struct xn_registry *registry, const struct xn_image *image,
			  struct xn_err *err);
int xn_registry_remove_image(struct xn_registry *registry, const char *name, struct xn_err *err);

/* By name; "" matches any. */
int xn_registry_images(struct xn_registry *registry, const char *name, const char *os,
		       const char *arch, const char *kernel_version, xn_image_fn fn, void *arg,
		       struct xn_err *err);

/* --- who may call --- */

enum xn_role {
	XN_ROLE_PROVIDER,
	XN_ROLE_OPERATOR,
};

struct xn_principal {
	char name[XN_VMS_NAME];
	enum xn_role role;
	char token[65]; /* SHA-256 of it, in hexadecimal; "": only by certificate */
};

typedef void (*xn_principal_fn)(const struct xn_principal *principal, void *arg);

int xn_registry_add_principal(struct xn_registry *registry, const struct xn_principal *principal,
			      struct xn_err *err);
int xn_registry_remove_principal(struct xn_registry *registry, const char *name,
				 struct xn_err *err);

/* By name, or by token; "" matches any. */
int xn_registry_principals(struct xn_registry *registry, const char *name, const char *token,
			   xn_principal_fn fn, void *arg, struct xn_err *err);

#endif
