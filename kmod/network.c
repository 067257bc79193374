// SPDX-License-Identifier: GPL-2.0-only
/* Virtual networks: an id, a name, and the ports that carry their traffic. */
#include <linux/hashtable.h>
#include <linux/idr.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "guards.h"
#include "hook.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "port.h"
#include "ratios.h"
#include "route.h"
#include "share.h"
#include "table.h"

DEFINE_XARRAY(xnet_networks);

static DEFINE_HASHTABLE(xnet_names, 10);
static DEFINE_IDA(xnet_network_ida);
static u32 xnet_slots_used;			/* highest slot in use + 1, or more */
static u32 xnet_slot_ids[XNETMAN_NETWORKS_MAX]; /* whose a slot is; 0: nobody's */

static u32 xnet_name_hash(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

static struct xnet_network *xnet_network_by_name(const char *name)
{
	struct xnet_network *network;

	hash_for_each_possible(xnet_names, network, by_name, xnet_name_hash(name)) {
		if (!strcmp(network->name, name))
			return network;
	}
	return NULL;
}

static void xnet_network_name(struct xnet_network *network, const char *name)
{
	hash_del(&network->by_name);
	strscpy(network->name, name, sizeof(network->name));
	hash_add(xnet_names, &network->by_name, xnet_name_hash(name));
	if (network->table)
		xnet_table_rename(network->table, name);
}

static int xnet_slot_get(struct xnet_network *network, struct netlink_ext_ack *extack)
{
	int slot = ida_alloc_max(&xnet_network_ida, XNETMAN_NETWORKS_MAX - 1, GFP_KERNEL);

	if (slot == -ENOSPC)
		NL_SET_ERR_MSG(extack, "there are as many networks as the module can have");
	if (slot < 0)
		return slot;
	network->slot = slot;
	xnet_slot_ids[slot] = network->id;
	xnet_slots_used = max_t(u32, xnet_slots_used, slot + 1);
	return 0;
}

static void xnet_slot_put(struct xnet_network *network)
{
	xnet_ratios_forget_network(network->slot);
	xnet_guards_forget_network(network->slot);
	xnet_slot_ids[network->slot] = 0;
	ida_free(&xnet_network_ida, network->slot);
}

/*
 * Slots are given lowest first, so this is the highest number of networks there
 * were at one time since there was none: near enough, and free.
 */
u32 xnet_network_slots(void)
{
	return xnet_slots_used;
}

/**
 * xnet_network_slot - find the slot of a network
 * @id: of the network; may be any number
 * @slot: in: of the network that was asked for before, or 0; out: of this one
 *
 * A push names thousands of networks, and ids and slots are mostly given in the same order: the next one is as far
 * from the last by the one as by the other. Under xnet_lock. Return: false: there is no such network.
 */
bool xnet_network_slot(u32 id, u32 *slot)
{
	u32 guess = *slot + id - xnet_slot_ids[*slot];
	const struct xnet_network *network;

	if (id && guess < XNETMAN_NETWORKS_MAX && xnet_slot_ids[guess] == id) {
		*slot = guess;
		return true;
	}
	network = xa_load(&xnet_networks, id);
	if (network)
		*slot = network->slot;
	return network;
}

u32 xnet_network_highest_id(void)
{
	struct xnet_network *network;
	unsigned long id, highest = 0;

	xa_for_each(&xnet_networks, id, network)
		highest = id;
	return highest;
}

static void xnet_network_unshare(struct xnet_network *network)
{
	struct xnet_link *link;
	unsigned long ifindex;

	xa_for_each(&xnet_links, ifindex, link)
		xnet_share_destroy(link, network->id);
}

static int xnet_network_share(struct xnet_network *network)
{
	struct xnet_link *link;
	unsigned long ifindex;
	int err;

	xa_for_each(&xnet_links, ifindex, link) {
		err = xnet_share_create(link, network);
		if (err)
			goto err_shares;
	}
	return 0;

err_shares:
	xnet_network_unshare(network);
	return err;
}

static int xnet_network_create(u32 id, const char *name, struct netlink_ext_ack *extack)
{
	struct xnet_network *network;
	int err;

	network = kzalloc(sizeof(*network), GFP_KERNEL);
	if (!network)
		return -ENOMEM;
	network->id = id;
	INIT_LIST_HEAD(&network->ports);
	INIT_HLIST_NODE(&network->by_name);

	err = xnet_slot_get(network, extack);
	if (err)
		goto err_network;
	err = xnet_network_share(network);
	if (err)
		goto err_slot;
	err = xa_err(xa_store(&xnet_networks, id, network, GFP_KERNEL));
	if (err)
		goto err_shares;
	xnet_network_name(network, name);
	xnet_config_seq++;
	return 0;

err_shares:
	xnet_network_unshare(network);
err_slot:
	xnet_slot_put(network);
err_network:
	kfree(network);
	return err;
}

static void xnet_network_destroy(struct xnet_network *network)
{
	struct xnet_port *port, *next;

	list_for_each_entry_safe(port, next, &network->ports, node)
		xnet_port_destroy(port);
	xnet_network_unshare(network);
	xnet_route_retire(network);
	hash_del(&network->by_name);
	xa_erase(&xnet_networks, network->id);
	xnet_slot_put(network);
	kfree(network);
	if (xa_empty(&xnet_networks))
		xnet_slots_used = 0;
	xnet_config_seq++;
}

/**
 * xnet_network_set - create a network, or rename the one that has the id
 * @id: 1..2^31-1
 * @name: 1..XNETMAN_NAME_MAX bytes
 * @extack: why not
 *
 * Under xnet_lock. Return: 0, -EEXIST (name of another), -ERANGE (id doesn't
 * fit the mark mask), -ENOSPC or -ENOMEM.
 */
int xnet_network_set(u32 id, const char *name, struct netlink_ext_ack *extack)
{
	struct xnet_network *network = xa_load(&xnet_networks, id);
	struct xnet_network *other = xnet_network_by_name(name);

	if (other && other != network) {
		NL_SET_ERR_MSG(extack, "another network has this name; choose another name");
		return -EEXIST;
	}
	if (!xnet_mark_fits(xnet_mark_mask, id)) {
		NL_SET_ERR_MSG(extack, "the id does not fit the mark mask; use a smaller id");
		return -ERANGE;
	}
	if (!network)
		return xnet_network_create(id, name, extack);
	xnet_network_name(network, name);
	return 0;
}

/*
 * Deletes a network with its ports. Under xnet_lock; xnet_route_reap() is due after that.
 * Return: 0 or -ENOENT.
 */
int xnet_network_delete(u32 id, struct netlink_ext_ack *extack)
{
	struct xnet_network *network = xa_load(&xnet_networks, id);

	if (!network) {
		NL_SET_ERR_MSG(extack, "there is no network with this id");
		return -ENOENT;
	}
	xnet_network_destroy(network);
	return 0;
}

/* Under xnet_lock; xnet_route_reap() is due after that. */
void xnet_network_flush(void)
{
	struct xnet_network *network;
	unsigned long id;

	xa_for_each(&xnet_networks, id, network)
		xnet_network_destroy(network);
}
