/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples of where a network's packets go, by which user space ranks its routes.
 *
 * What is kept is the destination, not the route that it took: the routes that were
 * trimmed are not in the kernel, and a packet of theirs takes the default route. User
 * space knows all routes and finds the one that is meant, so a trimmed route and one
 * that is held are measured by the same rule, and a busy one comes back. It costs no
 * look-up here, and no memory for what is not held.
 */
#ifndef XNET_SAMPLE_H
#define XNET_SAMPLE_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>

#include "drop.h"

#define XNET_SAMPLE_EVERY 16   /* packets, on average */
#define XNET_SAMPLES	  4096 /* remembered, of a network; a power of 2 */

/**
 * struct xnet_sample - where one packet went
 * @family: AF_INET or AF_INET6; 0: nothing here yet
 * @address: the destination, in network order; IPv4 in the first word
 */
struct xnet_sample {
	u32 family;
	__be32 address[4];
};

/**
 * struct xnet_samples - the last ones of a network
 * @taken: how many there were, ever
 * @table: routing table of the VRF whose packets count
 * @rcu: frees it when no packet can be in the port's hook
 * @ring: sample n is at n modulo its length
 *
 * Written by all CPUs without a lock, one packet in XNET_SAMPLE_EVERY. A sample that
 * is read while it is written may mix two addresses: one of thousands is wrong then.
 */
struct xnet_samples {
	atomic64_t taken;
	u32 table;
	struct rcu_head rcu;
	struct xnet_sample ring[XNET_SAMPLES];
};

DECLARE_PER_CPU(u32, xnet_sample_phase);

/*
 * Is this packet one of those that are sampled? By the golden ratio, as in drop.h: evenly,
 * and no sender that goes through its destinations in turn keeps in step with it. With BH off.
 */
static inline bool xnet_sample_due(void)
{
	return this_cpu_add_return(xnet_sample_phase, XNET_GOLDEN_STEP) <
	       U32_MAX / XNET_SAMPLE_EVERY;
}

struct xnet_samples *xnet_samples_create(u32 table);
void xnet_samples_destroy(struct xnet_samples *samples);
void xnet_sample(struct xnet_samples *samples, const struct sk_buff *skb);
bool xnet_samples_get(const struct xnet_samples *samples, u64 *position,
		      struct xnet_sample *sample);

#endif /* XNET_SAMPLE_H */
