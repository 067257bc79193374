// SPDX-License-Identifier: GPL-2.0-only
/* A punished network is spared while it is below what it is allowed. */
#include <linux/if_ether.h>
#include <linux/ktime.h>

#include "guards.h"
#include "share.h"
#include "spare.h"

static u64 xnet_spare_passed(const struct xnet_acct *acct)
{
	return u64_stats_read(&acct->bytes[XNET_OFFERED]) -
	       u64_stats_read(&acct->bytes[XNET_DROPPED]);
}

/* What is known of what it is allowed: of the link and of itself there. False: nothing, the ratio always counts. */
static bool xnet_spare_allowed(const struct xnet_share *share, const struct xnet_guard_link **link,
			       const struct xnet_guard_share **allowed)
{
	const struct xnet_guards *guards = rcu_dereference(xnet_guards);

	*link = xnet_guards_link(guards, share->link_slot);
	if (!*link)
		return false;
	*allowed = xnet_guards_share(guards, share->link_slot, share->network_slot);
	return *allowed && (*allowed)->allowed.mult;
}

/*
 * What was saved of a rate is nothing to spend at one that is lower by more than an eighth, as when the others come
 * back. Nor is there anything saved when a punishment begins. Each CPU that finds it so says the same.
 */
static void xnet_spare_begin(struct xnet_share *share, struct xnet_spare *spare, u32 start,
			     u32 frame, s64 least)
{
	if (spare->start == start && frame <= spare->frame + spare->frame / 8)
		return;
	if (spare->start != start || atomic64_read(&share->spent.empty) < least)
		atomic64_set(&share->spent.empty, least);
}

void xnet_spare_look(struct xnet_share *share, const struct xnet_ratio *ratio)
{
	struct xnet_share_cpu *cpu = this_cpu_ptr(share->cpu);
	const struct xnet_guard_share *allowed;
	const struct xnet_guard_link *link;
	struct xnet_spare *spare = &cpu->spare;
	u64 passed = xnet_spare_passed(&cpu->acct), now, level;
	u32 frame;

	spare->offered = u64_stats_read(&cpu->acct.bytes[XNET_OFFERED]);
	if (!xnet_spare_allowed(share, &link, &allowed)) {
		spare->slice = XNET_SLICE_MAX;
		spare->spared = false;
		return;
	}
	now = ktime_get_ns();
	frame = min_t(u64, xnet_pace_ns(&allowed->allowed, ETH_FRAME_LEN), U32_MAX);
	if (spare->start != ratio->start)
		spare->passed = passed;
	xnet_spare_begin(share, spare, ratio->start, frame, now + link->slack);
	level = xnet_queue_tell(&share->spent, now,
				xnet_pace_ns(&allowed->allowed, passed - spare->passed),
				link->slack + XNET_SPARE_DEBT);
	spare->passed = passed;
	spare->slice = allowed->slice;
	spare->start = ratio->start;
	spare->frame = frame;
	spare->spared = level < link->slack;
}

bool xnet_spare(struct xnet_share *share, const struct xnet_ratio *ratio)
{
	struct xnet_share_cpu *cpu = this_cpu_ptr(share->cpu);
	u64 offered = u64_stats_read(&cpu->acct.bytes[XNET_OFFERED]);

	if (offered - cpu->spare.offered >= cpu->spare.slice)
		xnet_spare_look(share, ratio);
	return cpu->spare.spared;
}
