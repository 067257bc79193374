/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a net device a vif, Dom0's end of a Xen domain's network interface? As sysfs has it. */
#ifndef XN_DAEMON_VIF_H
#define XN_DAEMON_VIF_H

#include <stdint.h>

#define XN_SYSFS_NET "/sys/class/net"

/* Which interface of which domain. */
struct xn_vif {
	uint32_t domid;
	uint32_t devid;
};

/**
 * xn_vif_read() - look at a device in sysfs
 * @sysfs: XN_SYSFS_NET, or a test's
 * @name: that the device was said to have
 * @ifindex: of the device
 * @vif: out
 *
 * The name plays no part but to find it. What is not sure is told from what is no vif: the
 * device may have been renamed or removed meanwhile, and word of that is on its way.
 *
 * Return: 1: a vif; 0: none; -EAGAIN: no device of that name and ifindex (any more).
 */
int xn_vif_read(const char *sysfs, const char *name, uint32_t ifindex, struct xn_vif *vif);

#endif
