/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volumes in a node's storage pool. */
#ifndef XN_VMS_POOL_H
#define XN_VMS_POOL_H

#include <libvirt/libvirt.h>

#include "vms/op.h"

#define XN_PATH_SIZE 1024

/* Where volume @name is on the node. Return: 0, or -1 with @fault. */
int xn_pool_path(virConnectPtr connection, const char *pool, const char *name,
		 char path[XN_PATH_SIZE], struct xn_fault *fault);

/* Is there such a volume? */
bool xn_pool_has(virConnectPtr connection, const char *pool, const char *name);

/* What a new volume is filled with, from its first to its last byte. */
struct xn_source_file {
	const char *path;   /* here */
	const char *sha256; /* what it must be, in hexadecimal; NULL: not known */
	const char *step;   /* what progress calls it */
};

/**
 * xn_pool_upload() - make volume @name of what is in a file here
 * @op: gets the progress, and notes the volume in the registry before it is made
 *
 * A volume that was not written whole, or of a file that is not what it should be, does not stay.
 *
 * Return: 0 with @path set to where it is, or -1 with the operation's fault.
 */
int xn_pool_upload(struct xn_op *op, virConnectPtr connection, const char *name,
		   const struct xn_source_file *source, char path[XN_PATH_SIZE]);

/* Remove @volumes (names, with a space after each); fine if they are not there. Return: 0, or -1 with @fault. */
int xn_pool_remove(virConnectPtr connection, const char *pool, const char *volumes,
		   struct xn_fault *fault);

#endif
