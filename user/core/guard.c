// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module's guard is told: rates in bytes, and the bursts that go with them. */
#include <linux/xnetman.h>

#include "core/guard.h"

#define FRAME 1514 /* bytes */

/*
 * Passes whatever waits at the link already, so it must be little: in the tenth of a second in which all networks
 * send their bursts at once, these take 1% of what others have.
 */
#define BURSTS_PER_SECOND 1000
#define BURST_FRAMES	  2

/*
 * Twice that may wait at the link (linux/xnetman.h), so it must be less than the queue that really is there holds: 10 ms or
 * 128 KiB in our trees, whichever is more; 10 ms in an fq_codel at 10 Gbit/s. And more than what senders that fit sometimes
 * put there: on a slow link, what a domain sends in a row when it has waited for a CPU.
 */
#define LIMITS_PER_SECOND 250
#define LIMIT_FRAMES	  32

uint64_t xn_guard_rate(double bps)
{
	double bytes = bps / 8;

	if (!(bytes >= 1))
		return 0;
	return bytes < XNETMAN_RATE_MAX ? bytes : XNETMAN_RATE_MAX;
}

static uint32_t bytes_of(uint64_t bytes)
{
	return bytes < XNETMAN_BURST_MAX ? bytes : XNETMAN_BURST_MAX;
}

uint32_t xn_guard_burst(uint64_t rate)
{
	return bytes_of(rate / BURSTS_PER_SECOND + BURST_FRAMES * FRAME);
}

uint32_t xn_guard_limit(uint64_t rate)
{
	uint64_t bytes = rate / LIMITS_PER_SECOND;

	return bytes_of(bytes > LIMIT_FRAMES * FRAME ? bytes : LIMIT_FRAMES * FRAME);
}
