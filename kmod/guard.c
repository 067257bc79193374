// SPDX-License-Identifier: GPL-2.0-only
/* The guard: holds networks to what they are entitled to while a link is contended. */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>

#include "guard.h"
#include "guards.h"
#include "link.h"
#include "share.h"
#include "trace.h"

/**
 * xnet_guard_above - how far is a network above what it is entitled to?
 * @entitled: what that is; NULL: nothing
 * @queue: the network's phantom queue, all CPUs'
 * @credit: of this CPU: what is left of the last slice that it took
 * @bytes: of the packet
 * @excess: of &struct xnet_guard_link
 * @now: ns
 *
 * Taken from the slice, unless it is wholly above; also of what is dropped then: what counts is what was sent.
 * Return: 0, within its burst, to XNET_ABOVE.
 */
u32 xnet_guard_above(const struct xnet_guard_share *entitled, struct xnet_queue *queue,
		     struct xnet_credit *credit, u64 bytes, u32 excess, u64 now)
{
	u64 level, slice;

	if (!entitled)
		return XNET_ABOVE;
	if (credit->bytes >= (s64)bytes) {
		credit->bytes -= bytes;
		return credit->above;
	}
	level = xnet_queue_level(queue, now);
	if (level >= max(entitled->burst, excess))
		return XNET_ABOVE;
	slice = max_t(u64, entitled->slice, bytes - credit->bytes);
	xnet_queue_add(queue, now, xnet_pace_ns(&entitled->pace, slice), XNET_GUARD_DEBT);
	credit->bytes += slice - bytes;
	credit->above = level < entitled->burst ? 0 : 1 + div_u64(level * (XNET_ABOVE - 1), excess);
	return credit->above;
}

/* What may wait at a link now, ns. */
u64 xnet_guard_limit(const struct xnet_guard_link *guarded,
		     const struct xnet_contention *contention, u64 now)
{
	s64 until = atomic64_read(&contention->until), since = atomic64_read(&contention->since);
	u64 limit = guarded->limit >> XNET_GUARD_START;

	if (until > (s64)now)
		limit += (u64)guarded->limit * clamp_t(s64, now - since, 0, XNET_GUARD_RISE) /
			 XNET_GUARD_RISE;
	return min_t(u64, limit, guarded->limit);
}

/*
 * Is there no room for a packet of who is so far above when so much (ns) waits at the link? Half the limit is left to those
 * who are not wholly above: or they would have their rate only by luck, beside one who takes all that there is.
 */
bool xnet_guard_full(u64 limit, u32 above, u64 level)
{
	if (above == XNET_ABOVE)
		return level > limit;
	return above && level > 2 * limit - limit * above / (2 * XNET_ABOVE);
}

/* A network that is entitled to something is there: it takes its place, or one that nobody has. */
static void xnet_guard_attend(struct xnet_contention *contention, u32 net_id, u64 now)
{
	struct xnet_party *party, *place = NULL;

	for (party = contention->party; party < contention->party + 2; party++) {
		if (READ_ONCE(party->net_id) == net_id)
			place = party;
		else if (!place && atomic64_read(&party->until) <= (s64)now)
			place = party;
	}
	if (!place || (READ_ONCE(place->net_id) == net_id &&
		       atomic64_read(&place->until) > (s64)(now + XNET_GUARD_HOLD / 2)))
		return;
	WRITE_ONCE(place->net_id, net_id);
	atomic64_set(&place->until, now + XNET_GUARD_HOLD);
}

/**
 * xnet_guard_company - does another network need the link?
 * @contention: of the link
 * @net_id: whose packet is there
 * @entitled: to anything; who is not needs no protection
 * @now: ns
 *
 * A network that has the link to itself may fill the queue behind it: it is in nobody's way.
 */
bool xnet_guard_company(struct xnet_contention *contention, u32 net_id, bool entitled, u64 now)
{
	const struct xnet_party *party;

	if (entitled)
		xnet_guard_attend(contention, net_id, now);
	for (party = contention->party; party < contention->party + 2; party++) {
		if (READ_ONCE(party->net_id) != net_id && atomic64_read(&party->until) > (s64)now)
			return true;
	}
	return false;
}

static bool xnet_guard_knows_ecn(const struct sk_buff *skb, bool v6)
{
	return !INET_ECN_is_not_ect(v6 ? ipv6_get_dsfield(ipv6_hdr(skb)) : ip_hdr(skb)->tos);
}

/* Before any is dropped: tells sender and receiver that there is congestion, if they understand (RFC 3168). */
static bool xnet_guard_mark(struct sk_buff *skb)
{
	bool v6 = skb_protocol(skb, true) == htons(ETH_P_IPV6);
	int offset = skb_network_offset(skb);
	int len = offset + (v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));

	if (offset < 0 || skb_headlen(skb) < len || !xnet_guard_knows_ecn(skb, v6))
		return false;
	return !skb_ensure_writable(skb, len) && INET_ECN_set_ce(skb);
}

/* The link is contended: what becomes of this packet? */
static bool xnet_guard_judge(struct xnet_link *link, const struct xnet_guard_link *guarded,
			     const struct xnet_guard_share *entitled, struct xnet_share *share,
			     struct sk_buff *skb, const struct xnet_size *size, u64 now)
{
	struct xnet_share_cpu *cpu = this_cpu_ptr(share->cpu);
	u32 above = xnet_guard_above(entitled, &share->queue, &cpu->credit, size->bytes,
				     guarded->excess, now);
	bool company = xnet_guard_company(&link->contention, share->net_id, entitled, now);
	u64 level = xnet_queue_level(&link->contention.queue, now) +
		    xnet_pace_ns(&guarded->pace, this_cpu_ptr(link->cpu)->guard.pending);
	u64 limit = xnet_guard_limit(guarded, &link->contention, now);
	bool drop;

	if (!company || !xnet_guard_full(limit / 2, above, level))
		return false;
	drop = xnet_guard_full(limit, above, level);
	if (!drop && !xnet_guard_mark(skb))
		return false;
	xnet_acct_add(&cpu->guard, drop ? XNET_REFUSED : XNET_MARKED, size);
	trace_guard(share->net_id, share->ifindex, size->bytes, level, !drop);
	return drop;
}

/*
 * The queue is above what the limit is at first: the link is contended for some time. Where bursts come often
 * it stays so, hence the limit stays what it has risen to. Often is: before all that may wait would have been sent.
 */
static void xnet_guard_contend(struct xnet_contention *contention, u32 limit, u64 now)
{
	s64 until = atomic64_read(&contention->until);
	u64 hold = max_t(u64, XNET_GUARD_HOLD, 2 * (u64)limit);

	if (until >= (s64)(now + hold / 2))
		return;
	if (until <= (s64)now)
		atomic64_set(&contention->since, now);
	atomic64_set(&contention->until, now + hold);
}

/* Adds to the link's queue what this CPU let pass. Return: is the link contended? */
static bool xnet_guard_settle(struct xnet_link *link, const struct xnet_guard_link *guarded,
			      u64 now)
{
	struct xnet_contention *contention = &link->contention;
	struct xnet_guard_cpu *cpu = &this_cpu_ptr(link->cpu)->guard;
	u64 level;

	if (cpu->pending > guarded->slice) {
		level = xnet_queue_add(&contention->queue, now,
				       xnet_pace_ns(&guarded->pace, cpu->pending),
				       4 * (u64)guarded->limit);
		cpu->pending = 0;
		if (level > guarded->limit >> XNET_GUARD_START)
			xnet_guard_contend(contention, guarded->limit, now);
	}
	return atomic64_read(&contention->until) > (s64)now;
}

bool xnet_guard_look(struct xnet_link *link, struct xnet_share *share, struct sk_buff *skb,
		     const struct xnet_size *size)
{
	const struct xnet_guards *guards = rcu_dereference(xnet_guards);
	const struct xnet_guard_link *guarded = xnet_guards_link(guards, link->slot);
	struct xnet_guard_cpu *cpu = &this_cpu_ptr(link->cpu)->guard;
	bool contended = !cpu->slice, drop = false;
	u64 now;

	if (!guarded) {
		*cpu = (struct xnet_guard_cpu){ .slice = XNET_SLICE_MAX };
		return false;
	}
	now = ktime_get_ns();
	if (share && contended)
		drop = xnet_guard_judge(link, guarded,
					xnet_guards_share(guards, link->slot, share->network_slot),
					share, skb, size, now);
	if (drop)
		cpu->pending -= size->bytes;
	cpu->slice = xnet_guard_settle(link, guarded, now) ? 0 : guarded->slice;
	return drop;
}
