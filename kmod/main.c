// SPDX-License-Identifier: GPL-2.0-only
/* The module: what is started and stopped, in which order. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/xnetman.h>

#include "compat.h"
#include "drop.h"
#include "guards.h"
#include "lease.h"
#include "link.h"
#include "main.h"
#include "netdev.h"
#include "netlink.h"
#include "network.h"
#include "ratios.h"
#include "route.h"

DEFINE_MUTEX(xnet_lock);
unsigned int xnet_config_seq = 1; /* 0 would say "not checked" to netlink */

static void xnet_flush(void)
{
	mutex_lock(&xnet_lock);
	xnet_network_flush();
	xnet_link_flush();
	mutex_unlock(&xnet_lock);
	xnet_route_reap();
}

static int __init xnet_init(void)
{
	int err;

	xnet_drop_init();

	err = xnet_netdev_init();
	if (err)
		return err;

	/* Last: commands may come from here on. */
	err = xnet_netlink_init();
	if (err)
		goto err_netdev;

	pr_info("version %s\n", XNETMAN_VERSION);
	return 0;

err_netdev:
	xnet_netdev_exit();
	return err;
}

static void __exit xnet_exit(void)
{
	xnet_netlink_exit();
	/* Before the notifier, which would be told that every device goes away. */
	xnet_flush();
	xnet_netdev_exit();
	xnet_lease_exit();
	xnet_ratios_exit();
	xnet_guards_exit();
	/* Ports, links and shares are freed by functions of this module. */
	rcu_barrier();
}

module_init(xnet_init);
module_exit(xnet_exit);

MODULE_DESCRIPTION("Isolation of virtual networks that share links");
MODULE_AUTHOR("xnetman developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(XNETMAN_VERSION);
MODULE_ALIAS_GENL_FAMILY(XNETMAN_GENL_NAME);
