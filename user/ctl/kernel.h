/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `xnetman-ctl kernel`: the module without the daemon. */
#ifndef XN_CTL_KERNEL_H
#define XN_CTL_KERNEL_H

#include "ctl/ctl.h"

/* The words after "kernel". Return: exit status. */
int xn_ctl_kernel(struct xn_ctl *ctl, int argc, char **argv);

#endif
