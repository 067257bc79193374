/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guard: between two pushes it holds networks to what they are entitled to, while a link is
 * contended. A ratio follows from the demand of the last interval; the guard is for what came after it.
 *
 * A phantom queue served at the link's rate tells whether the link is contended. While it is, each
 * network's packets go through a phantom queue served at what it is entitled to. Within its burst it passes,
 * always; above, it passes while the link's queue is below twice its limit, and the less of that, the longer it has been
 * above, down to one and a half; when it is wholly above below the limit, and then it adds nothing to its own queue.
 * So nothing is lost unless the link itself has more than it can carry, and who is most above loses first. As the limit rises
 * slowly, the queue does so, too, and takes no more than a little of what others have in any tenth of a second.
 *
 * A CPU lets a slice of bytes pass before it adds them to the link's queue, and takes slices of a network's
 * rate: no word that CPUs share is written for each packet.
 */
#ifndef XNET_GUARD_H
#define XNET_GUARD_H

#include <linux/cache.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>

#include "acct.h"
#include "queue.h"

/* Bytes of a slice. */
#define XNET_SLICE_MIN 2048
#define XNET_SLICE_MAX 262144

/* A network is wholly above its rate when so much is in its queue, ns; a tenth of the time between pushes, if that is less. */
#define XNET_GUARD_EXCESS (100 * NSEC_PER_MSEC)
/* How far above it is: 0, within its burst, to that. */
#define XNET_ABOVE 256
/* A network's debts above that are forgotten, ns. */
#define XNET_GUARD_DEBT (4 * NSEC_PER_SEC)
/*
 * A link is contended so long after its queue was last above what the limit is at first, ns, or twice its limit, if that
 * is more. A network counts as there so long after its last packet.
 */
#define XNET_GUARD_HOLD (100 * NSEC_PER_MSEC)
/* Of a link that becomes contended the limit begins with 2^-3 of what it is told, and rises by all of that in so long, ns. */
#define XNET_GUARD_START 3
#define XNET_GUARD_RISE	 (1 << 30)

struct xnet_guard_link;
struct xnet_guard_share;
struct xnet_link;
struct xnet_share;

/* Of a link, on a CPU; touched by it alone. */
struct xnet_guard_cpu {
	u64 pending; /* bytes that the link's queue does not know of */
	u64 slice;   /* that may pass before something is to be looked at; 0: each packet */
};

/**
 * struct xnet_contention - of a link; shared by all CPUs, written once in many packets
 * @queue: of the link
 * @until: the link is contended till then, ns
 * @since: from then on, ns
 * @party: two of the networks that are entitled to something and need it, if there are so many
 */
struct xnet_contention {
	struct xnet_queue queue;
	atomic64_t until;
	atomic64_t since;
	struct xnet_party {
		atomic64_t until; /* it counts as there till then, ns */
		u32 net_id;
	} party[2];
} ____cacheline_aligned_in_smp;

/* Of a network on a link, on a CPU; touched by it alone. */
struct xnet_credit {
	s64 bytes; /* left of its slice */
	u32 above; /* 0..XNET_ABOVE, then */
};

u32 xnet_guard_above(const struct xnet_guard_share *entitled, struct xnet_queue *queue,
		     struct xnet_credit *credit, u64 bytes, u32 excess, u64 now);
u64 xnet_guard_limit(const struct xnet_guard_link *guarded,
		     const struct xnet_contention *contention, u64 now);
bool xnet_guard_full(u64 limit, u32 above, u64 level);
bool xnet_guard_company(struct xnet_contention *contention, u32 net_id, bool entitled, u64 now);

/**
 * xnet_guard_due - counts a packet for the guard
 * @cpu: this CPU's, of the link
 * @bytes: on the wire
 *
 * With BH off. Return: the guard is to look at it: xnet_guard_look().
 */
static inline bool xnet_guard_due(struct xnet_guard_cpu *cpu, u64 bytes)
{
	cpu->pending += bytes;
	return cpu->pending > cpu->slice;
}

/**
 * xnet_guard_look - is a packet to be dropped for the others' sake?
 * @link: where it is to leave
 * @share: of its network; NULL: Dom0's own, which is never dropped
 * @skb: the packet; may be marked instead, if its sender understands that (ECN)
 * @size: on the wire
 *
 * With BH off, under rcu_read_lock(). A packet that is to be dropped is counted as refused; as dropped, the
 * caller has to.
 */
bool xnet_guard_look(struct xnet_link *link, struct xnet_share *share, struct sk_buff *skb,
		     const struct xnet_size *size);

#endif /* XNET_GUARD_H */
