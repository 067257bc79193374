// SPDX-License-Identifier: GPL-2.0-only
/* Devices that are ports or links: when they go away or change their name. */
#include <linux/netdevice.h>

#include "event.h"
#include "link.h"
#include "main.h"
#include "netdev.h"
#include "port.h"

/*
 * The device goes, or moves to another namespace. Nobody uses its ifindex again
 * before this returns, so that can't be taken for the port or link it was. It
 * sends and receives nothing any more: the counters are final.
 */
static void xnet_netdev_gone(struct xnet_port *port, struct xnet_link *link)
{
	if (port) {
		xnet_event_gone(XNETMAN_EVENT_PORT_GONE, XNETMAN_KIND_PORT, port);
		xnet_port_destroy(port);
	}
	if (link) {
		xnet_event_gone(XNETMAN_EVENT_LINK_GONE, XNETMAN_KIND_LINK, link);
		xnet_link_destroy(link);
	}
}

static void xnet_netdev_renamed(const struct net_device *dev, struct xnet_port *port,
				struct xnet_link *link)
{
	if (port)
		strscpy(port->name, dev->name, sizeof(port->name));
	if (link)
		strscpy(link->name, dev->name, sizeof(link->name));
	if (port || link)
		xnet_event_renamed(dev);
}

static void xnet_netdev_change(struct net_device *dev, unsigned long event)
{
	struct xnet_port *port = xa_load(&xnet_ports, dev->ifindex);
	struct xnet_link *link = xa_load(&xnet_links, dev->ifindex);

	/* Another namespace has devices with the same numbers. */
	if (port && port->dev != dev)
		port = NULL;
	if (link && link->dev != dev)
		link = NULL;

	if (event == NETDEV_UNREGISTER)
		xnet_netdev_gone(port, link);
	else
		xnet_netdev_renamed(dev, port, link);
}

/* Under rtnl. */
static int xnet_netdev_event(struct notifier_block *nb, unsigned long event, void *info)
{
	if (event != NETDEV_UNREGISTER && event != NETDEV_CHANGENAME)
		return NOTIFY_DONE;

	mutex_lock(&xnet_lock);
	xnet_netdev_change(netdev_notifier_info_to_dev(info), event);
	mutex_unlock(&xnet_lock);
	return NOTIFY_DONE;
}

static struct notifier_block xnet_netdev_notifier = {
	.notifier_call = xnet_netdev_event,
};

int xnet_netdev_init(void)
{
	return register_netdevice_notifier(&xnet_netdev_notifier);
}

void xnet_netdev_exit(void)
{
	unregister_netdevice_notifier(&xnet_netdev_notifier);
}
