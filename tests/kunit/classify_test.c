// SPDX-License-Identifier: GPL-2.0-only
/* Classification: whose packet is this at a link's egress? */
#include <kunit/test.h>

#include "hook.h"
#include "link.h"
#include "port.h"
#include "share.h"

#define PORT1 1000007			     /* ifindexes of ports of networks 1 and 2, */
#define PORT2 (PORT1 + XNET_PORT_CHAINS)     /* in the same chain */
#define NIC   (PORT1 + 2 * XNET_PORT_CHAINS) /* not a port, but there too */

enum {
	HOST = 0
};

static const struct lookup {
	const char *name;
	u32 iif, mark, mask;
	u32 network; /* expected */
} lookups[] = {
	{ "a port names its network", PORT1, 0, 0, 1 },
	{ "another port another", PORT2, 0, 0, 2 },
	{ "Dom0's own packet has no ingress device", 0, 0, 0, HOST },
	{ "a device that is no port is the host's", NIC, 0, 0, HOST },
	{ "marks mean nothing while they are off", NIC, 0x0100, 0, HOST },
	{ "a mark stands in for a lost port", NIC, 0x0100, 0xff00, 1 },
	{ "only its bits count", NIC, 0xab02cd, 0xff00, 2 },
	{ "a port is worth more than a mark", PORT1, 0x0200, 0xff00, 1 },
	{ "no mark is the host's", NIC, 0xff0000, 0xff00, HOST },
	{ "a mark of nobody is the host's", NIC, 0x0300, 0xff00, HOST },
	{ "a mark may take all bits", 0, 2, U32_MAX, 2 },
	{ "a mark may take the top bit", 0, 1U << 31, 1U << 31, 1 },
};

static void lookup_name(const struct lookup *lookup, char *desc)
{
	strscpy(desc, lookup->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(lookup, lookups, lookup_name);

struct classify_link {
	struct xnet_link link;
	struct xnet_share share1, share2;
	struct xnet_port port1, port2;
};

static void classify_port(struct xnet_port *port, u32 ifindex, u32 slot)
{
	port->ifindex = ifindex;
	port->network_slot = slot;
	hlist_add_head_rcu(&port->chain, xnet_port_chain(ifindex));
}

static int classify_init(struct kunit *test)
{
	struct classify_link *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	xa_init(&t->link.by_id);
	t->share1.net_id = 1;
	t->share2.net_id = 2;
	rcu_assign_pointer(t->link.by_slot[0], &t->share1);
	rcu_assign_pointer(t->link.by_slot[XNETMAN_NETWORKS_MAX - 1], &t->share2);
	classify_port(&t->port1, PORT1, 0);
	classify_port(&t->port2, PORT2, XNETMAN_NETWORKS_MAX - 1);
	test->priv = t;
	return xa_err(xa_store(&t->link.by_id, 1, &t->share1, GFP_KERNEL))
		       ?: xa_err(xa_store(&t->link.by_id, 2, &t->share2, GFP_KERNEL));
}

static void classify_exit(struct kunit *test)
{
	struct classify_link *t = test->priv;

	hlist_del_rcu(&t->port1.chain);
	hlist_del_rcu(&t->port2.chain);
	synchronize_rcu();
	xa_destroy(&t->link.by_id);
}

static void packet_finds_its_network(struct kunit *test)
{
	const struct lookup *lookup = test->param_value;
	struct classify_link *t = test->priv;
	struct xnet_share *share;

	rcu_read_lock();
	share = xnet_classify_iif(&t->link, lookup->iif)
			?: xnet_classify_mark(&t->link, lookup->mark, lookup->mask);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, share ? share->net_id : HOST, lookup->network);
}

static const struct {
	u32 mark, mask, id, want;
} marks[] = {
	{ 0xdeadbeef, 0, 5, 0xdeadbeef },
	{ 0, 0xff00, 5, 0x0500 },
	{ 0xffffffff, 0xff00, 5, 0xffff05ff },
	{ 0x12345678, U32_MAX, S32_MAX, S32_MAX },
};

static void mark_keeps_other_bits(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(marks); i++)
		KUNIT_EXPECT_EQ(test, xnet_mark_set(marks[i].mark, marks[i].mask, marks[i].id),
				marks[i].want);
}

static const struct {
	u32 mask, id;
	bool fits;
} fits[] = {
	{ 0, S32_MAX, true },	  { 0xff, 255, true },	      { 0xff, 256, false },
	{ 0xf0, 15, true },	  { 0xf0, 16, false },	      { 0x80000000, 1, true },
	{ 0x80000000, 2, false }, { U32_MAX, S32_MAX, true },
};

static void mark_holds_ids_that_fit(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(fits); i++)
		KUNIT_EXPECT_EQ_MSG(test, xnet_mark_fits(fits[i].mask, fits[i].id), fits[i].fits,
				    "id %u, mask %#x", fits[i].id, fits[i].mask);
}

static struct kunit_case classify_cases[] = { KUNIT_CASE_PARAM(packet_finds_its_network,
							       lookup_gen_params),
					      KUNIT_CASE(mark_keeps_other_bits),
					      KUNIT_CASE(mark_holds_ids_that_fit),
					      {} };

static struct kunit_suite classify_suite = {
	.name = "xnetman_classify",
	.init = classify_init,
	.exit = classify_exit,
	.test_cases = classify_cases,
};

kunit_test_suite(classify_suite);
