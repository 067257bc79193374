/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The definition that libvirt gets of a virtual machine. No I/O. */
#ifndef XN_VMS_DOMXML_H
#define XN_VMS_DOMXML_H

#include <stddef.h>

#include "vms/registry.h"

/* A virtual machine, all checked. */
struct xn_domain {
	char name[XN_VMS_NAME];
	char uuid[XN_VMS_UUID];
	unsigned int ram;	     /* MiB */
	char arch[XN_VMS_NAME];	     /* libvirt's name; "": the node's own */
	const char *disk;	     /* path on the node */
	char format[16];	     /* of the disk */
	const char *kernel, *initrd; /* paths on the node; NULL: it boots from its disk */
	char arguments[512];	     /* of the kernel */
	const char *seed;	     /* path of a CD with its addresses; NULL: none */
	size_t n_interfaces;
	char interface[XN_VMS_INTERFACES][16]; /* bridges of the node */
};

/**
 * xn_domain_xml() - the definition of @domain
 * @capabilities: what libvirt says of the node
 *
 * On Xen it is paravirtualised, booted by the given kernel or by pygrub; on others it is a full virtual machine.
 *
 * Return: text to be freed by free(), or NULL with @err: the node can't run that architecture.
 */
char *xn_domain_xml(const struct xn_domain *domain, const char *capabilities, struct xn_err *err);

/* MAC address of its @index-th interface, always the same. @text has 18 characters. */
char *xn_domain_mac(const char *uuid, size_t index, char text[18]);

#endif
