// SPDX-License-Identifier: GPL-2.0-only
/* Phantom queues: what a queue would hold that is served at a given rate. */
#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/time64.h>

#include "queue.h"

/* The largest by which a second in ns can be shifted. */
#define XNET_PACE_SHIFT 34

struct xnet_pace xnet_pace_of(u64 rate)
{
	u64 mult = rate ? div64_u64((u64)NSEC_PER_SEC << XNET_PACE_SHIFT, rate) : 0;
	int above = max(fls64(mult) - 32, 0); /* bits that there is no room for */

	return (struct xnet_pace){ mult >> above, XNET_PACE_SHIFT - above };
}

u64 xnet_queue_add(struct xnet_queue *queue, u64 now, u64 ns, u64 most)
{
	s64 old = atomic64_read(&queue->empty), new;

	do
		new = min_t(s64, max_t(s64, old, now) + min(ns, most), now + most);
	while (!atomic64_try_cmpxchg(&queue->empty, &old, new));
	return new - (s64)now;
}

u64 xnet_queue_tell(struct xnet_queue *queue, u64 now, u64 ns, u64 most)
{
	s64 old = atomic64_read(&queue->empty), new;

	do
		new = clamp_t(s64, old + min_t(u64, ns, S64_MAX / 2), now, now + most);
	while (!atomic64_try_cmpxchg(&queue->empty, &old, new));
	return new - (s64)now;
}
