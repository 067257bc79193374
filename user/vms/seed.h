/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CD by which cloud-init (NoCloud) learns a virtual machine's name and address. */
#ifndef XN_VMS_SEED_H
#define XN_VMS_SEED_H

#include "vms/domxml.h"

/**
 * xn_seed_write() - write the CD's image to a file
 * @path: is made, or replaced
 * @domain: whose it is; the address is its first interface's
 * @ip: address with prefix
 *
 * Return: 0, or -1 with @err.
 */
int xn_seed_write(const char *path, const struct xn_domain *domain, const char *ip,
		  struct xn_err *err);

#endif
