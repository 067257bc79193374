/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entitlements in force: what each link can carry and what each network may send there when it is
 * contended; replaced as a whole by each push, as the ratios are. Read once per slice of
 * packets, so apart from the ratios, which are read for each.
 */
#ifndef XNET_GUARDS_H
#define XNET_GUARDS_H

#include <linux/rcupdate.h>
#include <linux/xnetman.h>
#include <net/netlink.h>

#include "queue.h"
#include "ratios.h"
#include "slate.h"

/**
 * struct xnet_guard_link - a link that is guarded
 * @rate: what it can carry, bytes/s
 * @pace: of @rate; none: it is not guarded
 * @limit: what may wait there before who is above its entitlement is dropped, in the end, ns
 * @slice: bytes that a CPU lets pass before it tells the others
 * @excess: so much in its queue is when a network is wholly above its rate, ns
 * @slack: so much of what it is allowed may a punished network save up, ns
 */
struct xnet_guard_link {
	u64 rate;
	struct xnet_pace pace;
	u32 limit;
	u32 slice;
	u32 excess;
	u32 slack;
};

/**
 * struct xnet_guard_share - entitlement of a network on a guarded link
 * @rate: bytes/s
 * @pace: of @rate; none: it is entitled to nothing
 * @burst: what may come at once, ns at @rate
 * @slice: bytes that a CPU takes of it at a time
 * @allowed: pace of what it may use now; none: its ratio always counts
 */
struct xnet_guard_share {
	u64 rate;
	struct xnet_pace pace;
	u32 burst;
	u32 slice;
	struct xnet_pace allowed;
};

/**
 * struct xnet_guards - the entitlements of a push
 * @slate: its memory
 * @links: rows of @shares; a link with a higher slot is not guarded
 * @networks: columns; a network with a higher slot is entitled to nothing
 * @guarded: some link is
 * @link: by slot
 * @shares: by slot of the link, then of the network
 */
struct xnet_guards {
	struct xnet_slate slate;
	u32 links;
	u32 networks;
	bool guarded;
	struct xnet_guard_link link[XNET_SLOT_INPUT + 1 + XNETMAN_LINKS_MAX];
	struct xnet_guard_share shares[];
};

/* NULL when no link is guarded; written under xnet_lock */
extern struct xnet_guards __rcu *xnet_guards;

/* What of a link? NULL: it is not guarded. */
static inline const struct xnet_guard_link *xnet_guards_link(const struct xnet_guards *guards,
							     u32 link)
{
	if (!guards || link >= guards->links || !READ_ONCE(guards->link[link].pace.mult))
		return NULL;
	return &guards->link[link];
}

/* What of a network there? NULL: it is entitled to nothing. */
static inline const struct xnet_guard_share *xnet_guards_share(const struct xnet_guards *guards,
							       u32 link, u32 network)
{
	const struct xnet_guard_share *share;

	if (link >= guards->links || network >= guards->networks)
		return NULL;
	share = &guards->shares[link * guards->networks + network];
	return READ_ONCE(share->pace.mult) ? share : NULL;
}

struct xnet_guards *xnet_guards_alloc(u32 links, u32 networks);
int xnet_guards_read(struct xnet_guards *guards, const struct nlattr *head, int len,
		     struct netlink_ext_ack *extack);
void xnet_guards_retire(struct xnet_guards *guards);
void xnet_guards_publish(struct xnet_guards *guards);
u64 xnet_guards_link_rate(u32 link);
u64 xnet_guards_share_rate(u32 link, u32 network);
void xnet_guards_forget_network(u32 slot);
void xnet_guards_forget_link(u32 slot);
void xnet_guards_exit(void);

#endif /* XNET_GUARDS_H */
