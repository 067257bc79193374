/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites share: the live module with the loopback device as its link. */
#ifndef XNET_FIXTURE_H
#define XNET_FIXTURE_H

#include <kunit/test.h>
#include <linux/xnetman.h>
#include <net/netlink.h>

/* Ids of the networks that xnet_fixture_init() makes. */
enum {
	XNET_TEST_NET1 = 11,
	XNET_TEST_NET2 = 12
};

struct xnet_link;
struct xnet_share;

int xnet_fixture_init(struct kunit *test);
void xnet_fixture_exit(struct kunit *test);
struct xnet_link *xnet_fixture_link(void);
struct xnet_share *xnet_fixture_share(u32 net_id);
u32 xnet_fixture_ifindex(void);

struct sk_buff *xnet_message_new(struct kunit *test);
struct nlattr *xnet_message_nest(struct sk_buff *message, int type);
void xnet_message_ratios(struct sk_buff *message, const struct xnetman_ratio *ratios, u32 n);
int xnet_message_push(const struct sk_buff *message, u64 generation, u32 lease_ms);
int xnet_message_push_told(const struct sk_buff *message, u64 generation, u32 lease_ms,
			   struct netlink_ext_ack *extack);
u32 xnet_fixture_ratio(u32 net_id, u32 ifindex);
int xnet_push_one(struct kunit *test, u64 generation, u32 lease_ms, u32 net_id, u32 ifindex,
		  u32 ppb);

#endif /* XNET_FIXTURE_H */
