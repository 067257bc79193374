// SPDX-License-Identifier: GPL-2.0-only
/* The decision which packets to drop, so that a given ratio of them is. */
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/xnetman.h>

#include "drop.h"
#include "main.h"

u8 xnet_sampler __read_mostly = XNETMAN_SAMPLER_SYSTEMATIC;

/*
 * Sampling needs numbers without pattern, not secrets: to know which of one's
 * own packets will be dropped lets nobody send more. So a small generator
 * will do: a few instructions per packet.
 */
static struct rnd_state xnet_rnd;		       /* for phases and starts; under xnet_lock */
static DEFINE_PER_CPU(struct rnd_state, xnet_cpu_rnd); /* Bernoulli; BH off */

u32 xnet_threshold(u32 ppb)
{
	return div_u64(((u64)ppb << 31) + XNETMAN_RATIO_ONE / 2, XNETMAN_RATIO_ONE);
}

/* Like the kernel's own: the first values of a seed are not random enough. */
static void xnet_rnd_seed(struct rnd_state *rnd, u64 value)
{
	int i;

	prandom_seed_state(rnd, value);
	for (i = 0; i < 10; i++)
		prandom_u32_state(rnd);
}

/* Random bytes; under xnet_lock or before anybody else is there. */
void xnet_random_bytes(void *buffer, size_t len)
{
	prandom_bytes_state(&xnet_rnd, buffer, len);
}

void xnet_drop_init(void)
{
	u64 value;
	int cpu;

	xnet_rnd_seed(&xnet_rnd, get_random_u64());
	for_each_possible_cpu(cpu) {
		xnet_random_bytes(&value, sizeof(value));
		xnet_rnd_seed(per_cpu_ptr(&xnet_cpu_rnd, cpu), value);
	}
}

/**
 * xnet_drop - shall this packet be dropped?
 * @phases: of the classes of its share on this CPU
 * @bytes: on the wire
 * @start: of &struct xnet_ratio
 * @threshold: of &struct xnet_ratio
 *
 * With BH off.
 */
bool xnet_drop(u32 *phases, u64 bytes, u32 start, u32 threshold)
{
	if (READ_ONCE(xnet_sampler) == XNETMAN_SAMPLER_BERNOULLI)
		return xnet_drop_bernoulli(this_cpu_ptr(&xnet_cpu_rnd), threshold);
	return xnet_drop_systematic(&phases[xnet_size_class(bytes)], start, threshold);
}
