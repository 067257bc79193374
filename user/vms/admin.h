/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of xnetman-vms that work on the registry and the repository, whether the server runs or not. */
#ifndef XN_VMS_ADMIN_H
#define XN_VMS_ADMIN_H

#include "vms/options.h"

/* Return: exit status. */
int xn_vms_admin(const struct xn_vms_options *options, struct xn_registry *registry);

/* Folder of the images in @state. Return: @path. */
char *xn_vms_images(const char *state, char *path, size_t size);

/* Make the server's key if there is none. Return: 0, or -1 with @err. */
int xn_vms_make_key(const char *state, struct xn_err *err);

#endif
