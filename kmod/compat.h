/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels. Kbuild looks for an API in the kernel's headers
 * and defines XNET_HAVE_*; nothing here or elsewhere asks for a version.
 */
#ifndef XNET_COMPAT_H
#define XNET_COMPAT_H

#include <linux/netdevice.h>
#include <net/genetlink.h>

#if !IS_ENABLED(CONFIG_NETFILTER_INGRESS) || !IS_ENABLED(CONFIG_NETFILTER_EGRESS)
#error "xnetman needs CONFIG_NETFILTER_INGRESS and CONFIG_NETFILTER_EGRESS (Linux 5.16 or later)"
#endif

#ifndef XNET_HAVE_NETDEV_HOLD
typedef struct {
} netdevice_tracker;

static inline void netdev_hold(struct net_device *dev, netdevice_tracker *tracker, gfp_t gfp)
{
	dev_hold(dev);
}

static inline void netdev_put(struct net_device *dev, netdevice_tracker *tracker)
{
	dev_put(dev);
}
#endif

/* Kernels without it let anybody listen to a generic netlink group. */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define XNET_MCGRP_ADMIN .flags = GENL_MCAST_CAP_NET_ADMIN
#else
#define XNET_MCGRP_ADMIN
#endif

#endif /* XNET_COMPAT_H */
