// SPDX-License-Identifier: GPL-2.0-only
/* A share: what is known of one network on one link. */
#include <linux/slab.h>

#include "link.h"
#include "network.h"
#include "share.h"

static void xnet_share_free(struct xnet_share *share)
{
	free_percpu(share->cpu);
	kfree(share);
}

static void xnet_share_free_rcu(struct rcu_head *rcu)
{
	xnet_share_free(container_of(rcu, struct xnet_share, rcu));
}

/* Every CPU and class starts its walk somewhere else; see drop.h. */
static void xnet_share_cpu_init(struct xnet_share_cpu *cpu)
{
	xnet_acct_init(&cpu->acct);
	xnet_acct_init(&cpu->guard);
	xnet_random_bytes(cpu->phases, sizeof(cpu->phases));
}

static struct xnet_share *xnet_share_alloc(const struct xnet_link *link,
					   const struct xnet_network *network)
{
	struct xnet_share *share = kzalloc(sizeof(*share), GFP_KERNEL);
	int cpu;

	if (!share)
		return NULL;
	share->cpu = __alloc_percpu(sizeof(struct xnet_share_cpu), L1_CACHE_BYTES);
	if (!share->cpu) {
		kfree(share);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		xnet_share_cpu_init(per_cpu_ptr(share->cpu, cpu));
	share->link_slot = link->slot;
	share->network_slot = network->slot;
	share->net_id = network->id;
	share->ifindex = link->dev->ifindex;
	return share;
}

/**
 * xnet_share_create - start to count a network on a link
 * @link: the link; finds the share by the network's id and by its slot from now on
 * @network: the network
 *
 * Under xnet_lock. Return: 0 or -ENOMEM.
 */
int xnet_share_create(struct xnet_link *link, const struct xnet_network *network)
{
	struct xnet_share *share = xnet_share_alloc(link, network);
	int err;

	if (!share)
		return -ENOMEM;
	err = xa_err(xa_store(&link->by_id, network->id, share, GFP_KERNEL));
	if (err) {
		xnet_share_free(share);
		return err;
	}
	rcu_assign_pointer(link->by_slot[network->slot], share);
	return 0;
}

/* Under xnet_lock. No share: no-op. */
void xnet_share_destroy(struct xnet_link *link, u32 net_id)
{
	struct xnet_share *share = xa_erase(&link->by_id, net_id);

	if (!share)
		return;
	RCU_INIT_POINTER(link->by_slot[share->network_slot], NULL);
	call_rcu(&share->rcu, xnet_share_free_rcu);
}
