// SPDX-License-Identifier: GPL-2.0-only
/* The entitlements in force: one table for all links and networks. */
#include <linux/cpumask.h>
#include <linux/overflow.h>

#include "array.h"
#include "guard.h"
#include "guards.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "policy.h"
#include "spare.h"

struct xnet_guards __rcu *xnet_guards;
static struct xnet_slate *xnet_guards_spare; /* under xnet_lock */

static struct xnet_guards *xnet_guards_locked(void)
{
	return rcu_dereference_protected(xnet_guards, lockdep_is_held(&xnet_lock));
}

/* An empty table for slots below @links and @networks, or NULL. At most 6 MiB. Under xnet_lock. */
struct xnet_guards *xnet_guards_alloc(u32 links, u32 networks)
{
	struct xnet_guards *guards;

	guards = xnet_slate_take(&xnet_guards_spare,
				 struct_size(guards, shares, (size_t)links * networks));
	if (!guards)
		return NULL;
	guards->links = links;
	guards->networks = networks;
	return guards;
}

/* A table was not published, or is not in force any more. Under xnet_lock. */
void xnet_guards_retire(struct xnet_guards *guards)
{
	xnet_slate_retire(&xnet_guards_spare, &guards->slate);
}

static u32 xnet_guard_ns(const struct xnet_pace *pace, u32 bytes)
{
	return min_t(u64, xnet_pace_ns(pace, bytes), U32_MAX);
}

/*
 * What CPUs have not told each other yet may be half of what decides at first, if all are at work; more
 * often than every few packets costs more than it is worth.
 */
static u32 xnet_guard_link_slice(u32 burst)
{
	return clamp_t(u32, (burst >> XNET_GUARD_START) / (2 * num_online_cpus()), XNET_SLICE_MIN,
		       XNET_SLICE_MAX);
}

/* One network is rarely on more than a few CPUs at a time. */
static u32 xnet_guard_share_slice(u32 burst)
{
	return clamp_t(u32, burst / 4, XNET_SLICE_MIN, XNET_SLICE_MAX);
}

static bool xnet_guards_in_range(const struct xnetman_entitled *entitled)
{
	return entitled->rate && entitled->rate <= XNETMAN_RATE_MAX &&
	       entitled->allowed <= XNETMAN_RATE_MAX && entitled->burst &&
	       entitled->burst <= XNETMAN_BURST_MAX;
}

/* Return: what is wrong with it, or NULL. */
static const struct xnet_fault *xnet_guards_read_share(struct xnet_guards *guards, u32 link,
						       u32 *slot,
						       const struct xnetman_entitled *entitled)
{
	static const struct xnet_fault no_network = { -ENOENT, "there is no network with its id" };
	static const struct xnet_fault range = { -ERANGE, "its rate or burst is out of range" };
	struct xnet_guard_share *share;

	if (!xnet_network_slot(entitled->net_id, slot))
		return &no_network;
	if (!xnet_guards_in_range(entitled))
		return &range;
	share = &guards->shares[link * guards->networks + *slot];
	share->rate = entitled->rate;
	share->pace = xnet_pace_of(entitled->rate);
	share->burst = xnet_guard_ns(&share->pace, entitled->burst);
	share->slice = xnet_guard_share_slice(entitled->burst);
	share->allowed = xnet_pace_of(entitled->allowed);
	return NULL;
}

static int xnet_guards_read_shares(struct xnet_guards *guards, u32 link, const struct nlattr *attr,
				   struct netlink_ext_ack *extack)
{
	int n = xnet_array_length(attr, sizeof(struct xnetman_entitled), extack), i;
	const char *at = nla_data(attr);
	struct xnetman_entitled entitled;
	const struct xnet_fault *fault;
	u32 slot = 0;

	for (i = 0; i < n; i++, at += sizeof(entitled)) {
		memcpy(&entitled, at, sizeof(entitled)); /* need not be aligned */
		fault = xnet_guards_read_share(guards, link, &slot, &entitled);
		if (fault)
			return xnet_array_blame(attr, i, fault, extack);
	}
	return n < 0 ? n : 0;
}

/* How often pushes come, ns. */
static u64 xnet_guard_interval(const struct nlattr *attr)
{
	u32 ms = attr ? nla_get_u32(attr) : 0;

	return (ms ?: MSEC_PER_SEC) * (u64)NSEC_PER_MSEC;
}

static int xnet_guards_read_link(struct xnet_guards *guards, const struct nlattr *nest,
				 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[XNETMAN_A_MAX + 1];
	struct xnet_guard_link *guarded;
	const struct xnet_link *link;
	u64 interval;
	int err;

	err = nla_parse_nested(tb, XNETMAN_A_MAX, nest, xnet_policy_guard, extack);
	if (err)
		return err;
	if (!tb[XNETMAN_A_IFINDEX] || !tb[XNETMAN_A_RATE] || !tb[XNETMAN_A_BURST]) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a GUARD needs IFINDEX, RATE and BURST");
		return -EINVAL;
	}
	link = xa_load(&xnet_links, nla_get_u32(tb[XNETMAN_A_IFINDEX]));
	if (!link) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "the device of a GUARD is not a link");
		return -ENOENT;
	}
	interval = xnet_guard_interval(tb[XNETMAN_A_INTERVAL_MS]);
	guarded = &guards->link[link->slot];
	guarded->rate = nla_get_u64(tb[XNETMAN_A_RATE]);
	guarded->pace = xnet_pace_of(guarded->rate);
	guarded->limit = xnet_guard_ns(&guarded->pace, nla_get_u32(tb[XNETMAN_A_BURST]));
	guarded->slice = xnet_guard_link_slice(nla_get_u32(tb[XNETMAN_A_BURST]));
	guarded->excess = min_t(u64, interval / 10, XNET_GUARD_EXCESS);
	guarded->slack = min_t(u64, interval / 5, XNET_SPARE_SLACK);
	guards->guarded = true;
	if (!tb[XNETMAN_A_ENTITLED])
		return 0;
	return xnet_guards_read_shares(guards, link->slot, tb[XNETMAN_A_ENTITLED], extack);
}

/**
 * xnet_guards_read - fill in a table from a push
 * @guards: the table, not published yet
 * @head: attributes of the message
 * @len: their length, bytes
 * @extack: why not
 *
 * Under xnet_lock. Return: 0, -ENOENT, -ERANGE or -EINVAL.
 */
int xnet_guards_read(struct xnet_guards *guards, const struct nlattr *head, int len,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem, err;

	nla_for_each_attr(attr, head, len, rem) {
		if (nla_type(attr) != XNETMAN_A_GUARD)
			continue;
		err = xnet_guards_read_link(guards, attr, extack);
		if (err)
			return err;
	}
	return 0;
}

/**
 * xnet_guards_publish - put a table in force
 * @guards: the table, which is not the caller's any more; NULL guards no link
 *
 * Under xnet_lock.
 */
void xnet_guards_publish(struct xnet_guards *guards)
{
	struct xnet_guards *old = xnet_guards_locked();

	if (guards && !guards->guarded) {
		xnet_guards_retire(guards);
		guards = NULL;
	}
	rcu_assign_pointer(xnet_guards, guards);
	if (old)
		xnet_guards_retire(old);
}

/* What a link can carry, bytes/s; 0: it is not guarded. Under xnet_lock. */
u64 xnet_guards_link_rate(u32 link)
{
	const struct xnet_guard_link *guarded = xnet_guards_link(xnet_guards_locked(), link);

	return guarded ? guarded->rate : 0;
}

/* What a network is entitled to there, bytes/s. Under xnet_lock. */
u64 xnet_guards_share_rate(u32 link, u32 network)
{
	const struct xnet_guards *guards = xnet_guards_locked();
	const struct xnet_guard_share *share;

	if (!xnet_guards_link(guards, link))
		return 0;
	share = xnet_guards_share(guards, link, network);
	return share ? share->rate : 0;
}

/* The next network that gets @slot is entitled to nothing before a push says so. Under xnet_lock. */
void xnet_guards_forget_network(u32 slot)
{
	struct xnet_guards *guards = xnet_guards_locked();
	u32 link;

	if (!guards || slot >= guards->networks)
		return;
	for (link = 0; link < guards->links; link++)
		WRITE_ONCE(guards->shares[link * guards->networks + slot].pace.mult, 0);
}

/* The next link that gets @slot is not guarded before a push says so. Under xnet_lock. */
void xnet_guards_forget_link(u32 slot)
{
	struct xnet_guards *guards = xnet_guards_locked();

	if (guards && slot < guards->links)
		WRITE_ONCE(guards->link[slot].pace.mult, 0);
}

void xnet_guards_exit(void)
{
	mutex_lock(&xnet_lock);
	xnet_guards_publish(NULL);
	xnet_slate_free(&xnet_guards_spare);
	mutex_unlock(&xnet_lock);
}
