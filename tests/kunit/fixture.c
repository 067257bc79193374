// SPDX-License-Identifier: GPL-2.0-only
/* What the suites share: the live module with the loopback device as its link. */
#include <linux/rtnetlink.h>
#include <linux/xnetman.h>
#include <net/net_namespace.h>

#include "drop.h"
#include "fixture.h"
#include "guards.h"
#include "lease.h"
#include "link.h"
#include "main.h"
#include "network.h"
#include "push.h"
#include "ratios.h"

#define XNET_MESSAGE_MAX 65536

u32 xnet_fixture_ifindex(void)
{
	return init_net.loopback_dev->ifindex;
}

struct xnet_link *xnet_fixture_link(void)
{
	return xa_load(&xnet_links, xnet_fixture_ifindex());
}

struct xnet_share *xnet_fixture_share(u32 net_id)
{
	return xa_load(&xnet_fixture_link()->by_id, net_id);
}

/* Ratio in force of a network on the link, or with @ifindex 0 at its inputs, ppb. */
u32 xnet_fixture_ratio(u32 net_id, u32 ifindex)
{
	const struct xnet_network *network;
	u32 ppb;

	mutex_lock(&xnet_lock);
	network = xa_load(&xnet_networks, net_id);
	ppb = xnet_ratio_ppb(ifindex ? xnet_fixture_link()->slot : XNET_SLOT_INPUT, network->slot);
	mutex_unlock(&xnet_lock);
	return ppb;
}

/*
 * Two networks, one link, no push yet. The suites run when nobody else is there:
 * by kernel before or after module_init().
 */
int xnet_fixture_init(struct kunit *test)
{
	int err;

	rtnl_lock();
	mutex_lock(&xnet_lock);
	xnet_drop_init();
	xnet_generation = 0;
	err = xnet_network_set(XNET_TEST_NET1, "net1", NULL) ?:
	      xnet_network_set(XNET_TEST_NET2, "net2", NULL) ?:
	      xnet_link_create(xnet_fixture_ifindex(), NULL);
	mutex_unlock(&xnet_lock);
	rtnl_unlock();
	return err;
}

/* Leaves the module as it was when it was loaded. */
void xnet_fixture_exit(struct kunit *test)
{
	xnet_lease_exit();
	mutex_lock(&xnet_lock);
	xnet_network_flush();
	xnet_link_flush();
	xnet_ratios_publish(NULL);
	xnet_guards_publish(NULL);
	xnet_generation = 0;
	mutex_unlock(&xnet_lock);
}

static void xnet_message_free(struct kunit_resource *resource)
{
	nlmsg_free(resource->data);
}

/* An empty message, freed with the test. */
struct sk_buff *xnet_message_new(struct kunit *test)
{
	struct sk_buff *message = nlmsg_new(XNET_MESSAGE_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, message);
	kunit_alloc_resource(test, NULL, xnet_message_free, GFP_KERNEL, message);
	return message;
}

struct nlattr *xnet_message_nest(struct sk_buff *message, int type)
{
	return nla_nest_start(message, type);
}

void xnet_message_ratios(struct sk_buff *message, const struct xnetman_ratio *ratios, u32 n)
{
	nla_put(message, XNETMAN_A_RATIOS, n * sizeof(*ratios), ratios);
}

int xnet_message_push(const struct sk_buff *message, u64 generation, u32 lease_ms)
{
	return xnet_message_push_told(message, generation, lease_ms, NULL);
}

/* The same, and what is wrong with it. */
int xnet_message_push_told(const struct sk_buff *message, u64 generation, u32 lease_ms,
			   struct netlink_ext_ack *extack)
{
	int err;

	mutex_lock(&xnet_lock);
	err = xnet_push((const struct nlattr *)message->data, message->len, generation, lease_ms,
			extack);
	mutex_unlock(&xnet_lock);
	return err;
}

/* A push that names one pair. */
int xnet_push_one(struct kunit *test, u64 generation, u32 lease_ms, u32 net_id, u32 ifindex,
		  u32 ppb)
{
	const struct xnetman_ratio ratio = { net_id, ifindex, ppb };
	struct sk_buff *message = xnet_message_new(test);

	xnet_message_ratios(message, &ratio, 1);
	return xnet_message_push(message, generation, lease_ms);
}
