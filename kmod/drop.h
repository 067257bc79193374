/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decision which packets to drop, so that a given ratio of them is.
 *
 * Systematic sampling: the packets of a size class walk round a circle of 2^32
 * points by steps of the golden ratio, and those that land in the part of it
 * that is the ratio are dropped. The walk starts at random, so every packet has
 * drop probability = ratio; the golden ratio spreads any number of steps more
 * evenly than any other, so the number dropped differs from ratio x number by a
 * few, and no period of a sender can keep in step with it. A class for every
 * quarter of an octave of size makes the same true of bytes: an accumulator of
 * bytes would drop big packets more often than small ones in a mix of both.
 */
#ifndef XNET_DROP_H
#define XNET_DROP_H

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/types.h>

/* A threshold is a ratio in units of 2^-31: this one is everything. */
#define XNET_THRESHOLD_ONE (1U << 31)

/* 2^32 / golden ratio, odd: the walk comes by every point before one again */
#define XNET_GOLDEN_STEP 0x9E3779B9U

#define XNET_CLASS_FIRST_OCTAVE 6  /* the first class ends below 80 bytes, */
#define XNET_CLASS_OCTAVES	10 /* the last one begins with 56 KiB */
#define XNET_CLASSES		(XNET_CLASS_OCTAVES * 4)

/**
 * struct xnet_ratio - punishment of one network on one link
 * @threshold: part of the packets to drop, in units of 2^-31
 * @start: where on the circle that part is, random
 */
struct xnet_ratio {
	u32 threshold;
	u32 start;
};

/**
 * xnet_threshold - ratio as the packet path wants it
 * @ppb: parts per billion, 0..XNETMAN_RATIO_ONE
 *
 * Return: the nearest threshold; 0 and all are exact.
 */
u32 xnet_threshold(u32 ppb);

/* The inverse, exact for what came from xnet_threshold(). No division. */
static inline u32 xnet_threshold_ppb(u32 threshold)
{
	return ((u64)threshold * 1000000000U + (1U << 30)) >> 31;
}

/* Class of a packet of @bytes on the wire: 0..XNET_CLASSES - 1. */
static inline unsigned int xnet_size_class(u64 bytes)
{
	unsigned int octave = fls64(bytes | BIT(XNET_CLASS_FIRST_OCTAVE)) - 1;

	if (bytes < BIT(XNET_CLASS_FIRST_OCTAVE))
		return 0;
	if (octave >= XNET_CLASS_FIRST_OCTAVE + XNET_CLASS_OCTAVES)
		return XNET_CLASSES - 1;
	return (octave - XNET_CLASS_FIRST_OCTAVE) * 4 + ((bytes >> (octave - 2)) & 3);
}

/**
 * xnet_drop_systematic - next decision of a class
 * @phase: where the class is on the circle; of this CPU
 * @start: of &struct xnet_ratio
 * @threshold: of &struct xnet_ratio
 */
static inline bool xnet_drop_systematic(u32 *phase, u32 start, u32 threshold)
{
	*phase += XNET_GOLDEN_STEP;
	return ((*phase + start) >> 1) < threshold;
}

/**
 * xnet_drop_bernoulli - a decision that knows of no other
 * @rnd: generator of this CPU
 * @threshold: of &struct xnet_ratio
 */
static inline bool xnet_drop_bernoulli(struct rnd_state *rnd, u32 threshold)
{
	return (prandom_u32_state(rnd) >> 1) < threshold;
}

/* enum xnetman_sampler; written under xnet_lock */
extern u8 xnet_sampler;

void xnet_drop_init(void);
void xnet_random_bytes(void *buffer, size_t len);
bool xnet_drop(u32 *phases, u64 bytes, u32 start, u32 threshold);

#endif /* XNET_DROP_H */
