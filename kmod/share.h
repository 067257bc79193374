/* SPDX-License-Identifier: GPL-2.0-only */
/* A share: what is known of one network on one link. */
#ifndef XNET_SHARE_H
#define XNET_SHARE_H

#include <linux/percpu.h>
#include <linux/types.h>

#include "acct.h"
#include "drop.h"
#include "guard.h"
#include "spare.h"

struct xnet_link;
struct xnet_network;

/* Touched by its own CPU alone; but what is counted is in one cache line, which a dump reads. */
struct xnet_share_cpu {
	struct xnet_acct acct;	/* XNET_OFFERED, XNET_DROPPED */
	struct xnet_acct guard; /* XNET_REFUSED, of those dropped; XNET_MARKED */
	u32 phases[XNET_CLASSES];
	struct xnet_credit credit; /* of the guard */
	struct xnet_spare spare;
};

/*
 * From creation to the grace period after its end; read under RCU. Constant but for the priority
 * and, where CPUs share a line of their own, the queue.
 */
struct xnet_share {
	struct xnet_share_cpu __percpu *cpu;
	u32 link_slot; /* row and column in the table of ratios */
	u32 network_slot;
	u32 net_id;
	u32 ifindex;  /* of the link */
	u32 priority; /* skb->priority at its egress, 0: as it came; written under xnet_lock */
	struct rcu_head rcu;

	struct xnet_queue queue
		____cacheline_aligned_in_smp; /* of the guard, at what it is entitled to */
	struct xnet_queue spent;	      /* while it is punished, at what it is allowed */
};

int xnet_share_create(struct xnet_link *link, const struct xnet_network *network);
void xnet_share_destroy(struct xnet_link *link, u32 net_id);

#endif /* XNET_SHARE_H */
