/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A punished network is spared while it is below what it is allowed.
 *
 * A ratio takes a demand that stays back to what is allowed. One that does not stay (TCP, which answers to
 * a few drops by sending half as much) falls far below that, if the ratio goes on until the next push. So the module
 * keeps a phantom queue of what a punished network sends, served at what it is allowed, and the
 * ratio counts only while the queue is above its slack. A punishment begins there: a demand that stays loses
 * exactly what the ratio says, from the first packet on.
 *
 * Nobody is dropped more than by the ratio alone, and who sends in bursts is not spared in the
 * pauses for more than the slack, as debts are kept.
 */
#ifndef XNET_SPARE_H
#define XNET_SPARE_H

#include <linux/time64.h>
#include <linux/types.h>

struct xnet_ratio;
struct xnet_share;

/*
 * Above that the ratio counts, ns of what is allowed: so much can be saved up, and sent at once. A fifth of the time between
 * pushes, if that is less.
 */
#define XNET_SPARE_SLACK (20 * NSEC_PER_MSEC)
/* What is sent above the slack is forgotten above that, ns. */
#define XNET_SPARE_DEBT (100 * NSEC_PER_MSEC)

/**
 * struct xnet_spare - of a share, on a CPU; touched by it alone
 * @offered: bytes that had been offered when it was looked at last
 * @passed: of those, not dropped
 * @slice: so many bytes may be offered before something is to be looked at
 * @start: of the ratio that was in force then: says which punishment it was
 * @frame: what a full frame takes of what was allowed then, ns
 * @spared: the ratio does not count
 */
struct xnet_spare {
	u64 offered;
	u64 passed;
	u32 slice;
	u32 start;
	u32 frame;
	bool spared;
};

/**
 * xnet_spare - is a packet spared that the ratio would drop?
 * @share: its network's, of a link
 * @ratio: the punishment
 *
 * With BH off, under rcu_read_lock(). What the ratio lets pass costs nothing.
 */
bool xnet_spare(struct xnet_share *share, const struct xnet_ratio *ratio);

/* Looks what holds for the packets of this CPU that come next; for xnet_spare(), and for tests. */
void xnet_spare_look(struct xnet_share *share, const struct xnet_ratio *ratio);

#endif /* XNET_SPARE_H */
