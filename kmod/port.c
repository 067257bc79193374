// SPDX-License-Identifier: GPL-2.0-only
/* Ports: devices that carry one network's traffic into and out of Dom0. */
#include <linux/netlink.h>
#include <linux/slab.h>

#include "hook.h"
#include "main.h"
#include "network.h"
#include "port.h"
#include "route.h"
#include "trace.h"

DEFINE_XARRAY(xnet_ports);
struct hlist_head xnet_port_chains[XNET_PORT_CHAINS];

static void xnet_port_free(struct xnet_port *port)
{
	free_percpu(port->cpu);
	kfree(port);
}

static void xnet_port_free_rcu(struct rcu_head *rcu)
{
	xnet_port_free(container_of(rcu, struct xnet_port, rcu));
}

static void xnet_port_cpu_init(struct xnet_port_cpu *cpu)
{
	xnet_acct_init(&cpu->acct);
	xnet_acct_init(&cpu->dropped);
	xnet_random_bytes(cpu->phases, sizeof(cpu->phases));
}

static struct xnet_port *xnet_port_alloc(struct net_device *dev, struct xnet_network *network)
{
	struct xnet_port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	int cpu;

	if (!port)
		return NULL;
	port->cpu = __alloc_percpu(sizeof(struct xnet_port_cpu), L1_CACHE_BYTES);
	if (!port->cpu) {
		kfree(port);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		xnet_port_cpu_init(per_cpu_ptr(port->cpu, cpu));
	port->dev = dev;
	strscpy(port->name, dev->name, sizeof(port->name));
	port->ifindex = dev->ifindex;
	port->network = network;
	port->net_id = network->id;
	port->network_slot = network->slot;
	RCU_INIT_POINTER(port->samples, xnet_route_samples(network));
	return port;
}

static int xnet_port_hook(struct xnet_port *port, struct netlink_ext_ack *extack)
{
	int err;

	err = xnet_hook_register(&port->ingress, XNET_HOOK_PORT_INGRESS, port->dev, port, extack);
	if (err)
		return err;
	err = xnet_hook_register(&port->egress, XNET_HOOK_PORT_EGRESS, port->dev, port, extack);
	if (err)
		xnet_hook_unregister(&port->ingress);
	return err;
}

static int xnet_port_start(struct xnet_port *port, struct netlink_ext_ack *extack)
{
	int err;

	err = xa_err(xa_store(&xnet_ports, port->ifindex, port, GFP_KERNEL));
	if (err)
		return err;
	hlist_add_head_rcu(&port->chain, xnet_port_chain(port->ifindex));
	err = xnet_port_hook(port, extack);
	if (err)
		goto err_ports;
	return 0;

err_ports:
	hlist_del_rcu(&port->chain);
	xa_erase(&xnet_ports, port->ifindex);
	return err;
}

/**
 * xnet_port_create - let a device carry a network's traffic from now on
 * @ifindex: of the device, in the initial network namespace
 * @net_id: of the network
 * @extack: why not
 *
 * Under rtnl and xnet_lock. Return: 0, -ENODEV, -ENOENT (no such network),
 * -EEXIST (is a port already, of whomever), -ENOMEM or what netfilter says.
 */
int xnet_port_create(u32 ifindex, u32 net_id, struct netlink_ext_ack *extack)
{
	struct xnet_network *network = xa_load(&xnet_networks, net_id);
	struct net_device *dev;
	struct xnet_port *port;
	int err;

	if (!network) {
		NL_SET_ERR_MSG(extack, "there is no network with this id; create it first");
		return -ENOENT;
	}
	dev = xnet_hook_device(ifindex, extack);
	if (!dev)
		return -ENODEV;
	if (xa_load(&xnet_ports, ifindex)) {
		NL_SET_ERR_MSG(extack, "the device is a port already; delete that port first");
		return -EEXIST;
	}
	port = xnet_port_alloc(dev, network);
	if (!port)
		return -ENOMEM;
	err = xnet_port_start(port, extack);
	if (err) {
		call_rcu(&port->rcu, xnet_port_free_rcu); /* the ingress hook may have run */
		return err;
	}
	netdev_hold(dev, &port->tracker, GFP_KERNEL);
	list_add_tail(&port->node, &network->ports);
	xnet_config_seq++;
	trace_port(dev->ifindex, port->name, net_id, true);
	return 0;
}

/* Under xnet_lock. */
void xnet_port_destroy(struct xnet_port *port)
{
	trace_port(port->dev->ifindex, port->name, port->net_id, false);
	xnet_hook_unregister(&port->egress);
	xnet_hook_unregister(&port->ingress);
	hlist_del_rcu(&port->chain);
	xa_erase(&xnet_ports, port->ifindex);
	list_del(&port->node);
	netdev_put(port->dev, &port->tracker);
	call_rcu(&port->rcu, xnet_port_free_rcu);
	xnet_config_seq++;
}

/* Under xnet_lock. Return: 0 or -ENOENT. */
int xnet_port_delete(u32 ifindex, struct netlink_ext_ack *extack)
{
	struct xnet_port *port = xa_load(&xnet_ports, ifindex);

	if (!port) {
		NL_SET_ERR_MSG(extack, "the device is not a port");
		return -ENOENT;
	}
	xnet_port_destroy(port);
	return 0;
}
