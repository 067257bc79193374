/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds of node: how libvirt reaches them. */
#ifndef XN_VMS_HYPERVISORS_H
#define XN_VMS_HYPERVISORS_H

#include <stdbool.h>
#include <stddef.h>

#include "vms/registry.h"

#define XN_HYPERVISORS_MAX 16
#define XN_URI_SIZE	   1024

/*
 * A URI in which %a is the node's address and %n its name. Callers choose one by its name, they never write a
 * URI: libvirt's can name programs to run.
 */
struct xn_hypervisor {
	char name[XN_VMS_NAME];
	char uri[256];
};

struct xn_hypervisors {
	struct xn_hypervisor list[XN_HYPERVISORS_MAX];
	size_t n;
};

/* Add "NAME=URI", or replace the one with that name. Return: 0, or -1 with @err. */
int xn_hypervisors_add(struct xn_hypervisors *hypervisors, const char *text, struct xn_err *err);

/* NULL: there is none. "" is the first. */
const struct xn_hypervisor *xn_hypervisors_find(const struct xn_hypervisors *hypervisors,
						const char *name);

/* Is it reached by SSH, with the server's key and the host keys that were registered? */
bool xn_hypervisor_by_ssh(const struct xn_hypervisor *hypervisor);

/* The user that its URI tells before the address; root if it tells none. */
void xn_hypervisor_user(const struct xn_hypervisor *hypervisor, char user[64]);

/* The port that its URI tells after the address; 0: the usual one. */
unsigned int xn_hypervisor_port(const struct xn_hypervisor *hypervisor);

/**
 * xn_hypervisor_uri() - URI of a node
 * @address: one of the node's, may be "" where the URI needs none
 * @state: folder with id_ed25519 and known_hosts/NAME, which are added to URIs by SSH
 *
 * Return: 0, or -1 with @err: too long, or an address is needed.
 */
int xn_hypervisor_uri(const struct xn_hypervisor *hypervisor, const char *name, const char *address,
		      const char *state, char uri[XN_URI_SIZE], struct xn_err *err);

#endif
