/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libxnetvms: the services of the virtual machine server (doc/vms.md), a function for each.
 *
 * A connection is one thread's at a time. What a function fills in belongs to the connection and is good until
 * its next call: copy what that one is to be given. Every function returns 0, or -1 with a fault that
 * xnetvms_fault() tells. Text is UTF-8; where a member may be left out it says so, and NULL, or 0, leaves it out.
 */
#ifndef XNETMAN_VMS_H
#define XNETMAN_VMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XNETVMS_ENDPOINT "http://localhost:4780/"

struct xnetvms;

struct xnetvms_options {
	const char *endpoint; /* NULL: XNETVMS_ENDPOINT */
	const char *token;    /* bearer token; NULL: none */
	const char *ca;	  /* file in PEM: who signed the server's certificate; NULL: the system's */
	const char *cert; /* file in PEM with the client's certificate and its key; NULL: none */
	int timeout;	  /* seconds that nothing may come; 0: for ever */
};

/* Return: NULL without memory, or if a file of @options can't be used. Nothing is sent yet. */
struct xnetvms *xnetvms_open(const struct xnetvms_options *options);
void xnetvms_close(struct xnetvms *vms);

/* Why the last call failed. */
struct xnetvms_fault {
	const char *
		code; /* Invalid, Denied, NotFound ...; "Unreachable" also if the server itself is not */
	const char *reason;
	const char *phy_server, *vm_name, *libvirt, *operation; /* NULL: nothing was said of it */
	const char *
		admission; /* of Refused: the checks of the node's xnetman, as a table; else NULL */
};

const struct xnetvms_fault *xnetvms_fault(const struct xnetvms *vms);

/* --- virtual machines --- */

/* Of one resource of the node; written as in xnetman's definitions. NULL may be left out. */
struct xnetvms_sla {
	const char *resource; /* a link's name, any, cpu, memory */
	const char *rc, *re, *rl, *rmax;
	bool restricted;
};

struct xnetvms_create {
	const char *phy_server, *vm_name;
	const char *vm_ip;   /* with prefix; may be left out */
	unsigned int vm_ram; /* MiB */
	bool transfer;	     /* an image, which one of these two ways names: */
	const char *image;   /* by its name */
	const char *os, *arch, *kernel_version;
	const char *disk; /* without transfer: volume on the node; may be left out */
	const char **net_interfaces;
	size_t n_net_interfaces;
	const struct xnetvms_sla *slas; /* none may be given */
	size_t n_slas;
	bool no_wait; /* answer at once; xnetvms_get_operations() tells how it goes */
};

struct xnetvms_created {
	const char *operation, *uuid;
};

int xnetvms_create_virtual_machine(struct xnetvms *vms, const struct xnetvms_create *request,
				   struct xnetvms_created *created);

/* All of one network: image and SLAs are the first one's. @operations gets @n. */
int xnetvms_create_virtual_network(struct xnetvms *vms, const char *network_name,
				   const struct xnetvms_create *requests, size_t n,
				   const char **operations);

int xnetvms_destroy_virtual_machine(struct xnetvms *vms, const char *phy_server,
				    const char *vm_name);
int xnetvms_shutdown_virtual_machine(struct xnetvms *vms, const char *phy_server,
				     const char *vm_name);

/* @operation gets its id; may be NULL. */
int xnetvms_migrate_virtual_machine(struct xnetvms *vms, const char *source_phy_server,
				    const char *dest_phy_server, const char *vm_name, bool live,
				    bool no_wait, const char **operation);

struct xnetvms_vm_status {
	const char *vm_name, *uuid;
	const char *state;	     /* running, shutoff, ... */
	uint64_t max_memory, memory; /* KiB */
	unsigned int virtual_cpus;
	uint64_t cpu_time;		  /* ns */
	const char *vm_ip, *network_name; /* NULL: not known */
};

int xnetvms_get_virtual_machine_status(struct xnetvms *vms, const char *phy_server,
				       const char *vm_name, struct xnetvms_vm_status *status);

/* --- scheduler --- */

int xnetvms_get_virtual_machine_scheduler_type(struct xnetvms *vms, const char *phy_server,
					       const char *vm_name, const char **type);

struct xnetvms_scheduler {
	const unsigned int *weight, *cap; /* NULL: the scheduler has none */
	size_t n_parameters;
	const struct xnetvms_parameter {
		const char *name, *value;
	} * parameters;
};

int xnetvms_get_virtual_machine_scheduler_parameters(struct xnetvms *vms, const char *phy_server,
						     const char *vm_name,
						     struct xnetvms_scheduler *scheduler);

/* NULL leaves one as it is. */
int xnetvms_set_virtual_machine_scheduler_parameters(struct xnetvms *vms, const char *phy_server,
						     const char *vm_name,
						     const unsigned int *weight,
						     const unsigned int *cap);

/* --- nodes --- */

struct xnetvms_node {
	const char *name;
	const char *key;	/* SSH host key; may be left out */
	const char *hypervisor; /* kind of node; may be left out */
	const char **ips;
	size_t n_ips;
};

/* @registered gets how many are new; may be NULL. */
int xnetvms_register_nodes(struct xnetvms *vms, const struct xnetvms_node *nodes, size_t n,
			   unsigned int *registered);
int xnetvms_get_registered_nodes(struct xnetvms *vms, const struct xnetvms_node **nodes, size_t *n);

struct xnetvms_node_status {
	const char *name, *hypervisor, *hypervisor_version, *arch;
	unsigned int cpus, mhz;
	uint64_t memory, free_memory; /* KiB */
	const char *const *virtual_machines;
	size_t n_virtual_machines;
};

int xnetvms_get_physical_server_status(struct xnetvms *vms, const char *phy_server,
				       struct xnetvms_node_status *status);

/* --- images, the server itself --- */

int xnetvms_get_available_oses(struct xnetvms *vms, const char *const **texts, size_t *n);
int xnetvms_get_available_arch(struct xnetvms *vms, const char *const **texts, size_t *n);
int xnetvms_get_available_kernel_versions(struct xnetvms *vms, const char *const **texts,
					  size_t *n);

/* @echo gets the text back; may be NULL. */
int xnetvms_sanity_test(struct xnetvms *vms, const char *test_string, const char **echo);

struct xnetvms_operation {
	const char *id, *service, *phy_server, *vm_name;
	const char *state;	     /* running, done, failed */
	const char *step;	     /* what it does now, or why it failed; may be NULL */
	uint64_t done, total;	     /* bytes; 0: nothing is counted */
	const char *started, *ended; /* UTC; ended is NULL while it runs */
};

/* By id, or those of a node, or of a virtual machine; NULL matches any. The newest first. */
int xnetvms_get_operations(struct xnetvms *vms, const char *operation, const char *phy_server,
			   const char *vm_name, const struct xnetvms_operation **operations,
			   size_t *n);

#ifdef __cplusplus
}
#endif

#endif
