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

/*
 * An extack with figures in it. Newer kernels have room for it in the extack. Older ones keep a
 * pointer only, which is read after the request has let go of every lock: so the text is in
 * memory that nobody ever frees, not even when the module goes (2 KiB each time it was used).
 */
#ifdef NL_SET_ERR_MSG_FMT
#define XNET_ERR_MSG_FMT NL_SET_ERR_MSG_FMT
static inline int xnet_extack_init(void)
{
	return 0;
}
#else
int xnet_extack_init(void);
char *xnet_extack_text(void);
#define XNET_EXTACK_TEXT 128 /* bytes */
#define XNET_ERR_MSG_FMT(extack, ...)                                   \
	do {                                                            \
		struct netlink_ext_ack *extack_ = (extack);             \
                                                                        \
		if (extack_) {                                          \
			char *text_ = xnet_extack_text();               \
                                                                        \
			snprintf(text_, XNET_EXTACK_TEXT, __VA_ARGS__); \
			extack_->_msg = text_;                          \
		}                                                       \
	} while (0)
#endif

#endif /* XNET_COMPAT_H */
