/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Phantom queues: what a queue would hold that is served at a given rate, told from when
 * it would be empty (the virtual scheduling of GCRA, ITU-T I.371). No packet waits in one, no timer
 * serves it, and CPUs share it by one word.
 */
#ifndef XNET_QUEUE_H
#define XNET_QUEUE_H

#include <linux/atomic.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/types.h>

/**
 * struct xnet_pace - a rate as the packet path wants it: how long a byte takes
 * @mult: mult / 2^shift is that, in ns; 0: there is no rate
 * @shift: 0..34
 */
struct xnet_pace {
	u32 mult;
	u32 shift;
};

/**
 * struct xnet_queue - a phantom queue
 * @empty: when it will be, ns of CLOCK_MONOTONIC
 */
struct xnet_queue {
	atomic64_t empty;
};

/**
 * xnet_pace_of - how long a byte takes
 * @rate: bytes/s; 0: none
 */
struct xnet_pace xnet_pace_of(u64 rate);

/* ns that @bytes take. What no packet and no slice of packets has (4 GiB) counts as that. No division. */
static inline u64 xnet_pace_ns(const struct xnet_pace *pace, u64 bytes)
{
	return (min_t(u64, bytes, U32_MAX) * READ_ONCE(pace->mult)) >> pace->shift;
}

/* What is in it at @now, as the time that it takes, ns. */
static inline u64 xnet_queue_level(const struct xnet_queue *queue, u64 now)
{
	s64 left = atomic64_read(&queue->empty) - (s64)now;

	return max_t(s64, left, 0);
}

/**
 * xnet_queue_add - put something in
 * @queue: may be other CPUs' too
 * @now: ns
 * @ns: that it takes
 * @most: that there is room for, ns; what is above is lost
 *
 * Return: what is in it then, ns.
 */
u64 xnet_queue_add(struct xnet_queue *queue, u64 now, u64 ns, u64 most);

/**
 * xnet_queue_tell - put in what came since it was told last
 * @queue: may be other CPUs' too
 * @now: ns
 * @ns: that it takes
 * @most: that there is room for, ns; what is above is lost
 *
 * As it came bit by bit, the queue has served it meanwhile. Return: what is in it then, ns.
 */
u64 xnet_queue_tell(struct xnet_queue *queue, u64 now, u64 ns, u64 most);

#endif /* XNET_QUEUE_H */
