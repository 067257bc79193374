// SPDX-License-Identifier: GPL-2.0-only
/* A punished network is spared while it is below what it is allowed. */
#include <linux/ktime.h>

#include "guards.h"
#include "share.h"
#include "spare.h"

static u64 xnet_spare_passed(const struct xnet_acct *acct)
{
	return u64_stats_read(&acct->bytes[XNET_OFFERED]) -
	       u64_stats_read(&acct->bytes[XNET_DROPPED]);
}

/* What it is allowed, or NULL: the ratio always counts. */
static const struct xnet_guard_share *xnet_spare_allowed(const struct xnet_share *share)
{
	const struct xnet_guards *guards = rcu_dereference(xnet_guards);
	const struct xnet_guard_share *allowed;

	if (!xnet_guards_link(guards, share->link_slot))
		return NULL;
	allowed = xnet_guards_share(guards, share->link_slot, share->network_slot);
	return allowed && allowed->allowed.mult ? allowed : NULL;
}

void xnet_spare_look(struct xnet_share *share, const struct xnet_ratio *ratio)
{
	struct xnet_share_cpu *cpu = this_cpu_ptr(share->cpu);
	const struct xnet_guard_share *allowed = xnet_spare_allowed(share);
	struct xnet_spare *spare = &cpu->spare;
	u64 passed = xnet_spare_passed(&cpu->acct), now, level;

	if (!allowed) {
		*spare = (struct xnet_spare){ .left = XNET_SLICE_MAX };
		return;
	}
	now = ktime_get_ns();
	if (spare->start != ratio->start) {
		/* a new punishment; each CPU that finds it so says the same */
		atomic64_set(&share->spent.empty, now + XNET_SPARE_SLACK);
		spare->passed = passed;
		spare->start = ratio->start;
	}
	level = xnet_queue_add(&share->spent, now,
			       xnet_pace_ns(&allowed->allowed, passed - spare->passed),
			       XNET_SPARE_SLACK + XNET_SPARE_DEBT);
	spare->passed = passed;
	spare->left = allowed->slice;
	spare->spared = level < XNET_SPARE_SLACK;
}
