// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The held and wanted routes of a network, over a kernel that is a list: whatever comes and goes, after
 * every single message no packet of a route is on the way of a shorter one, and the limit is kept.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/prefixes.h"
#include "daemon/routemsg.h"
#include "daemon/rtnl.h"
#include "daemon/table.h"

#define TABLE 1001
#define MOST  4096
#define STEPS 4000

/* --- the kernel --- */

struct fib_route {
	struct xn_route route;
	uint64_t digest;
};

static struct {
	struct fib_route routes[MOST];
	size_t n;
	size_t limit;	/* of prefixes that are no default route */
	size_t foreign; /* prefixes of others */
	size_t vetoes, messages, reads;
	int refuse;	 /* error for what goes by interface 66 */
	int fail;	 /* of the next batch as a whole */
	uint8_t reading; /* family, 0: none */
	void (*after)(void);
} fib;

static bool same_prefix(const struct xn_route *a, const struct xn_route *b)
{
	return a->length == b->length && a->destination.family == b->destination.family &&
	       !memcmp(a->destination.bytes, b->destination.bytes, 16);
}

static struct fib_route *fib_find(const struct xn_route *route)
{
	for (size_t i = 0; i < fib.n; i++)
		if (same_prefix(&fib.routes[i].route, route))
			return &fib.routes[i];
	return NULL;
}

static size_t fib_count(void)
{
	size_t n = fib.foreign;

	for (size_t i = 0; i < fib.n; i++)
		n += fib.routes[i].route.length > 0;
	return n;
}

static int fib_add(const struct xn_route *route)
{
	struct fib_route *there = fib_find(route);

	if (fib.refuse && route->n_hops && route->hops[0].ifindex == 66)
		return fib.refuse;
	if (!there && route->length && fib_count() >= fib.limit) {
		fib.vetoes++;
		return -ENOSPC;
	}
	if (!there)
		there = &fib.routes[fib.n++];
	there->route = *route;
	there->digest = xn_route_digest(route);
	return 0;
}

static int fib_del(const struct xn_route *route)
{
	struct fib_route *there = fib_find(route);

	if (!there)
		return -ESRCH;
	*there = fib.routes[--fib.n];
	return 0;
}

struct xn_rtnl *xn_rtnl_open(struct xn_err *err)
{
	(void)err;
	return (struct xn_rtnl *)&fib;
}

void xn_rtnl_close(struct xn_rtnl *rtnl)
{
	(void)rtnl;
}

static int carry_out(struct nlmsghdr *nlh)
{
	bool add = nlh->nlmsg_type == RTM_NEWROUTE;
	struct xn_route route;

	nlh->nlmsg_type = RTM_NEWROUTE;
	assert_true(xn_routemsg_parse(nlh, TABLE, &route));
	assert_true(!add || nlh->nlmsg_flags & NLM_F_REPLACE);
	fib.messages++;
	return add ? fib_add(&route) : fib_del(&route);
}

int xn_rtnl_execute(struct xn_rtnl *rtnl, void *messages, size_t size, xn_rtnl_refused_fn refused,
		    void *arg, struct xn_err *err)
{
	struct nlmsghdr *nlh = messages;
	uint32_t number = 0;

	(void)rtnl;
	for (; NLMSG_OK(nlh, size); nlh = NLMSG_NEXT(nlh, size), number++) {
		int error = carry_out(nlh);

		assert_int_equal(nlh->nlmsg_seq, number);
		if (error)
			refused(number, error, "because", arg);
		if (fib.after)
			fib.after();
	}
	if (!fib.fail)
		return 0;
	xn_err_set(err, "lost");
	return fib.fail;
}

int xn_rtnl_dump(struct xn_rtnl *rtnl, uint8_t family, uint32_t table, uint8_t protocol,
		 struct xn_err *err)
{
	(void)rtnl;
	(void)err;
	assert_int_equal(table, TABLE);
	assert_int_equal(protocol, XN_ROUTE_PROTOCOL);
	fib.reading = family;
	fib.reads++;
	return 0;
}

int xn_rtnl_dump_read(struct xn_rtnl *rtnl, void (*route)(const struct nlmsghdr *nlh, void *arg),
		      void *arg, struct xn_err *err)
{
	char buffer[XN_ROUTEMSG_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));

	(void)rtnl;
	(void)err;
	for (size_t i = 0; i < fib.n; i++) {
		if (fib.routes[i].route.destination.family != fib.reading)
			continue;
		xn_routemsg_put(buffer, RTM_NEWROUTE, 0, TABLE, &fib.routes[i].route);
		route((struct nlmsghdr *)buffer, arg);
	}
	return 0;
}

/* --- routes --- */

/* "10.1.0.0/16" by interface and gateway number; interface 0: no hops */
static struct xn_route route(const char *prefix, uint32_t metric, uint32_t ifindex, uint8_t gateway)
{
	struct xn_route to = { .metric = metric, .type = RTN_UNICAST };
	char text[INET6_ADDRSTRLEN];
	unsigned int length;

	assert_int_equal(sscanf(prefix, "%45[^/]/%u", text, &length), 2);
	to.destination.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(to.destination.family, text, to.destination.bytes), 1);
	to.length = length;
	if (!ifindex)
		return to;
	to.n_hops = 1;
	to.hops[0] = (struct xn_hop){ .ifindex = ifindex, .weight = 1 };
	if (gateway) {
		to.hops[0].gateway.family = AF_INET;
		memcpy(to.hops[0].gateway.bytes, (uint8_t[]){ 192, 0, 2, gateway }, 4);
	}
	return to;
}

static void want(struct xn_table *table, const char *prefix, uint32_t metric, uint32_t ifindex,
		 uint8_t gateway)
{
	struct xn_route wanted = route(prefix, metric, ifindex, gateway);

	assert_int_equal(xn_table_set(table, &wanted), 0);
}

static void want_no_more(struct xn_table *table, const char *prefix, uint32_t metric)
{
	struct xn_route gone = route(prefix, metric, 0, 0);

	xn_table_remove(table, &gone);
}

static void used(struct xn_table *table, const char *address, unsigned int times)
{
	struct xn_address to = { .family = strchr(address, ':') ? AF_INET6 : AF_INET };

	inet_pton(to.family, address, to.bytes);
	while (times--)
		xn_table_use(table, &to);
}

static void flush(struct xn_table *table)
{
	struct xn_err err;
	long left;

	while ((left = xn_table_flush(table, 1000, &err)) > 0)
		;
	assert_int_equal(left, 0);
}

static void holds(const char *prefix, uint8_t gateway)
{
	struct xn_route wanted = route(prefix, 0, 1, gateway);
	struct fib_route *there = fib_find(&wanted);

	if (!there || there->digest != xn_route_digest(&wanted))
		fail_msg("%s is %s", prefix, there ? "another one" : "not there");
}

static void holds_not(const char *prefix)
{
	struct xn_route wanted = route(prefix, 0, 1, 0);

	if (fib_find(&wanted))
		fail_msg("%s is there", prefix);
}

static struct xn_table *start(void)
{
	struct xn_table *table;
	struct xn_err err;

	memset(&fib, 0, sizeof(fib));
	fib.limit = SIZE_MAX;
	table = xn_table_open(TABLE, &err);
	assert_non_null(table);
	return table;
}

/* --- one thing at a time --- */

static void wanted_is_held(void **state)
{
	struct xn_table *table = start();

	(void)state;
	want(table, "10.1.0.0/16", 0, 1, 5);
	want(table, "10.2.3.4/16", 0, 1, 0); /* what is behind the prefix does not matter */
	want(table, "2001:db8::/32", 0, 1, 0);
	assert_int_equal(fib.messages, 0);
	flush(table);
	holds("10.1.0.0/16", 5);
	holds("10.2.0.0/16", 0);
	holds("2001:db8::/32", 0);
	want(table, "10.1.0.0/16", 0, 1, 6);
	flush(table);
	holds("10.1.0.0/16", 6);
	want(table, "10.1.0.0/16", 0, 1, 6);
	fib.messages = 0;
	flush(table);
	assert_int_equal(fib.messages, 0);
	want_no_more(table, "10.2.0.0/16", 0);
	flush(table);
	holds_not("10.2.0.0/16");
	assert_int_equal(xn_table_stats(table).wanted, 2);
	assert_int_equal(xn_table_stats(table).held, 2);
	xn_table_close(table);
	assert_int_equal(fib.n, 0);
}

static void best_metric_is_held(void **state)
{
	struct xn_table *table = start();

	(void)state;
	want(table, "10.1.0.0/16", 20, 1, 5);
	want(table, "10.1.0.0/16", 10, 1, 6);
	want(table, "10.1.0.0/16", 30, 1, 7);
	flush(table);
	holds("10.1.0.0/16", 6);
	assert_int_equal(xn_table_stats(table).wanted, 1);
	want_no_more(table, "10.1.0.0/16", 10);
	want_no_more(table, "10.1.0.0/16", 11);
	fib.messages = 0;
	flush(table);
	holds("10.1.0.0/16", 5);
	assert_int_equal(fib.messages, 1); /* replaced, not removed and added */
	xn_table_close(table);
}

static void router_only_is_never_held(void **state)
{
	struct xn_table *table = start();

	(void)state;
	want(table, "0.0.0.0/0", 0, 1, 1);
	want(table, "10.0.0.0/8", 0, 1, 2);
	want(table, "10.1.0.0/16", 0, 1, 3);
	flush(table);
	assert_int_equal(fib.n, 3);
	want(table, "10.2.0.0/16", 0, 0, 0);
	flush(table);
	holds("10.1.0.0/16", 3);
	assert_int_equal(fib.n, 1);
	want_no_more(table, "10.2.0.0/16", 0);
	flush(table);
	assert_int_equal(fib.n, 3);
	xn_table_close(table);
}

/* Neither the /8 nor a default route without the /16 that they cover. */
static void check_refused(void)
{
	struct xn_route longer = route("10.1.0.0/16", 0, 1, 0),
			eight = route("10.0.0.0/8", 0, 1, 0);
	struct xn_route all = route("0.0.0.0/0", 0, 1, 0);

	if (!fib_find(&longer) && (fib_find(&eight) || fib_find(&all)))
		fail_msg("a packet goes astray");
}

static void refused_is_left_to_the_router(void **state)
{
	struct xn_table *table = start();

	(void)state;
	fib.refuse = -EINVAL;
	fib.after = check_refused;
	want(table, "10.0.0.0/8", 0, 1, 2);
	want(table, "10.1.0.0/16", 0, 66, 3);
	want(table, "11.0.0.0/8", 0, 1, 4);
	flush(table);
	holds_not("10.1.0.0/16");
	holds_not("10.0.0.0/8");
	holds("11.0.0.0/8", 4);
	assert_int_equal(xn_table_stats(table).refused, 1);
	fib.refuse = 0;
	xn_table_check(table);
	flush(table);
	holds("10.0.0.0/8", 2);
	assert_int_equal(fib.n, 3);
	xn_table_close(table);
}

static void least_used_go_and_most_used_return(void **state)
{
	struct xn_table *table = start();

	(void)state;
	want(table, "10.1.0.0/16", 0, 1, 1);
	want(table, "10.2.0.0/16", 0, 1, 2);
	want(table, "10.3.0.0/16", 0, 1, 3);
	want(table, "2001:db8::/32", 0, 1, 0);
	used(table, "10.1.9.9", 50);
	used(table, "10.2.9.9", 10);
	used(table, "2001:db8::9", 70);
	flush(table);
	xn_table_limit(table, 2);
	flush(table);
	holds("10.1.0.0/16", 1);
	holds("2001:db8::/32", 0);
	assert_int_equal(fib.n, 2);
	used(table, "10.3.1.1", 30); /* by way of the router */
	xn_table_rank(table);
	flush(table);
	assert_int_equal(fib.n, 2);
	xn_table_limit(table, 3);
	flush(table);
	holds("10.3.0.0/16", 3);
	holds_not("10.2.0.0/16");
	used(table, "10.2.1.1", 100);
	flush(table);
	holds_not("10.2.0.0/16"); /* not before the next interval */
	xn_table_rank(table);
	flush(table);
	holds("10.2.0.0/16", 2);
	holds_not("10.3.0.0/16");
	for (int i = 0; i < 400; i++) /* all that is long ago */
		xn_table_rank(table);
	used(table, "10.3.1.1", 5);
	xn_table_rank(table);
	flush(table);
	holds("10.3.0.0/16", 3);
	xn_table_limit(table, SIZE_MAX);
	flush(table);
	assert_int_equal(fib.n, 4);
	xn_table_close(table);
}

static void old_samples_weigh_less_for_ever(void **state)
{
	struct xn_table *table = start();

	(void)state;
	want(table, "10.1.0.0/16", 0, 1, 1);
	want(table, "10.2.0.0/16", 0, 1, 2);
	xn_table_limit(table, 1);
	for (int i = 0; i < 30000; i++) { /* weights would be infinite by now */
		used(table, i % 2 ? "10.1.0.1" : "10.2.0.1", 1);
		xn_table_rank(table);
	}
	used(table, "10.2.0.1", 1000);
	xn_table_rank(table);
	flush(table);
	holds("10.2.0.0/16", 2);
	xn_table_close(table);
}

static void others_take_room(void **state)
{
	struct xn_table *table = start();

	(void)state;
	fib.limit = 4;
	fib.foreign = 3;
	fib.after = check_refused;
	xn_table_limit(table, 4);
	want(table, "10.0.0.0/8", 0, 1, 1);
	want(table, "10.1.0.0/16", 0, 1, 2);
	want(table, "10.2.0.0/16", 0, 1, 3);
	want(table, "10.3.0.0/16", 0, 1, 4);
	want(table, "0.0.0.0/0", 0, 1, 9);
	flush(table);
	assert_int_equal(fib.n, 1);
	holds_not("10.0.0.0/8");
	holds_not("0.0.0.0/0");
	fib.after = NULL;
	fib.foreign = 0;
	xn_table_rank(table);
	flush(table);
	assert_int_equal(fib.n, 5);
	xn_table_close(table);
}

static void restart_takes_over(void **state)
{
	struct xn_table *table = start();
	struct xn_err err;

	(void)state;
	want(table, "10.1.0.0/16", 5, 1, 1);
	want(table, "10.2.0.0/16", 0, 1, 2);
	want(table, "10.3.0.0/16", 0, 1, 3);
	want(table, "2001:db8::/32", 0, 1, 0);
	flush(table);
	xn_table_leave(table);
	assert_int_equal(fib.n, 4);

	fib.messages = 0;
	table = xn_table_open(TABLE, &err);
	flush(table);
	assert_int_equal(xn_table_stats(table).held, 4);
	assert_int_equal(xn_table_stats(table).wanted, 4);
	xn_table_sync_begin(table);
	want(table, "10.1.0.0/16", 7, 1, 1); /* another metric is no other way */
	want(table, "10.2.0.0/16", 0, 1, 9);
	want(table, "2001:db8::/32", 0, 1, 0);
	flush(table);
	assert_int_equal(fib.messages, 1);
	assert_int_equal(fib.n, 4);
	xn_table_sync_end(table);
	flush(table);
	assert_int_equal(fib.messages, 2);
	holds("10.2.0.0/16", 9);
	holds_not("10.3.0.0/16");
	assert_int_equal(xn_table_stats(table).wanted, 3);

	xn_table_sync_begin(table); /* a reconnection */
	want(table, "10.1.0.0/16", 7, 1, 1);
	xn_table_sync_end(table);
	flush(table);
	assert_int_equal(fib.n, 1);
	xn_table_close(table);
	assert_int_equal(fib.n, 0);
}

static void what_the_kernel_lost_is_put_back(void **state)
{
	struct xn_table *table = start();
	struct xn_route gone = route("10.1.0.0/16", 0, 1, 1), more = route("10.9.0.0/16", 0, 1, 1);
	struct xn_err err;

	(void)state;
	want(table, "10.1.0.0/16", 0, 1, 1);
	want(table, "10.2.0.0/16", 0, 1, 2);
	xn_table_sync_end(table);
	flush(table);
	fib_del(&gone);
	fib_add(&more);
	xn_table_check(table);
	flush(table);
	holds("10.1.0.0/16", 1);
	holds_not("10.9.0.0/16");
	fib.fail = -ENOBUFS;
	want(table, "10.3.0.0/16", 0, 1, 3);
	assert_int_equal(xn_table_flush(table, 9, &err), -ENOBUFS);
	fib.fail = 0;
	fib.reads = 0;
	flush(table);
	assert_int_equal(fib.reads, 2);
	holds("10.3.0.0/16", 3);
	xn_table_close(table);
}

static void same_way_same_digest(void **state)
{
	struct xn_route one = route("10.1.0.0/16", 1, 1, 5), two = one;

	(void)state;
	two.metric = 9;
	two.hops[0].weight = 9;
	assert_true(xn_route_digest(&one) == xn_route_digest(&two));
	one.n_hops = two.n_hops = 2;
	one.hops[0].weight = two.hops[1].weight = 9;
	one.hops[1] = (struct xn_hop){ .ifindex = 2, .weight = 3 };
	two.hops[0] = one.hops[1];
	two.hops[1] = one.hops[0];
	assert_true(xn_route_digest(&one) == xn_route_digest(&two));
	two.hops[0].weight = 4;
	assert_true(xn_route_digest(&one) != xn_route_digest(&two));
	two.hops[0].weight = 3;
	two.type = RTN_BLACKHOLE;
	assert_true(xn_route_digest(&one) != xn_route_digest(&two));
}

/* What a hostile or newer kernel might say: no byte beyond the message is read. */
static void cut_messages_are_no_routes(void **state)
{
	char buffer[XN_ROUTEMSG_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct xn_route two = route("10.1.0.0/16", 1, 1, 5), parsed;
	size_t size;

	(void)state;
	two.n_hops = 2;
	two.hops[1] = (struct xn_hop){ .ifindex = 2, .weight = 3 };
	size = xn_routemsg_put(buffer, RTM_NEWROUTE, 0, TABLE, &two);
	assert_true(xn_routemsg_parse((struct nlmsghdr *)buffer, TABLE, &parsed));
	assert_true(xn_route_digest(&parsed) == xn_route_digest(&two));
	assert_false(xn_routemsg_parse((struct nlmsghdr *)buffer, TABLE + 1, &parsed));
	for (size_t i = 0; i < 100000; i++) {
		size_t length = sizeof(struct nlmsghdr) + (size_t)rand() % size;
		struct nlmsghdr *message;

		length = length < size ? length : size;
		message = malloc(length); /* so that ASan sees its end */
		memcpy(message, buffer, length);
		message->nlmsg_len = length;
		if (length > sizeof(*message))
			((uint8_t *)message)[sizeof(*message) +
					     (size_t)rand() % (length - sizeof(*message))] = rand();
		xn_routemsg_parse(message, TABLE, &parsed);
		free(message);
	}
}

/* --- everything at random --- */

#define RANDOM 200

static struct wanted {
	struct xn_route route;
	bool there;
	bool settled; /* was there when all was carried out last */
} model[RANDOM];

static bool route_covers(const struct xn_route *a, const struct xn_route *b)
{
	uint8_t bytes[16];

	memcpy(bytes, b->destination.bytes, 16);
	xn_prefix_mask(bytes, a->length);
	return a->destination.family == b->destination.family && a->length < b->length &&
	       !memcmp(bytes, a->destination.bytes, 16);
}

/* No packet of a route that is not held goes by a shorter one that is. */
static void check_ways(void)
{
	for (size_t i = 0; i < RANDOM; i++) {
		if (!model[i].there || !model[i].settled || fib_find(&model[i].route))
			continue;
		for (size_t j = 0; j < fib.n; j++)
			if (route_covers(&fib.routes[j].route, &model[i].route))
				fail_msg("a packet goes astray");
	}
}

static void random_route(struct xn_route *to)
{
	static const uint8_t lengths[] = { 0, 8, 9, 16, 17, 24, 32 };

	memset(to, 0, sizeof(*to));
	to->destination.family = rand() % 4 ? AF_INET : AF_INET6;
	to->length = lengths[rand() % sizeof(lengths)];
	for (size_t i = 0; i < 4; i++)
		to->destination.bytes[i] = rand() & (i ? 0x81 : 0x01);
	xn_prefix_mask(to->destination.bytes, to->length);
	to->type = RTN_UNICAST;
}

static bool is_new(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_prefix(&model[i].route, &model[j].route))
			return false;
	return true;
}

static void step(struct xn_table *table, struct wanted *wanted)
{
	if (!is_new((size_t)(wanted - model)))
		return;
	if (wanted->there && rand() % 3) {
		xn_table_remove(table, &wanted->route);
		wanted->there = false;
		return;
	}
	wanted->settled = wanted->there && wanted->settled;
	wanted->there = true;
	wanted->route.n_hops = 1 + rand() % 3;
	for (uint8_t i = 0; i < wanted->route.n_hops; i++)
		wanted->route.hops[i] =
			(struct xn_hop){ .ifindex = 1 + i, .weight = 1 + rand() % 4 };
	assert_int_equal(xn_table_set(table, &wanted->route), 0);
}

static size_t wanted_now(void)
{
	size_t n = 0;

	for (size_t i = 0; i < RANDOM; i++)
		n += model[i].there && model[i].route.length;
	return n;
}

static void settled(struct xn_table *table)
{
	struct xn_table_stats stats = xn_table_stats(table);
	size_t limit = stats.limit < wanted_now() ? stats.limit : wanted_now();

	assert_int_equal(stats.wanted, wanted_now());
	assert_int_equal(stats.held, limit);
	assert_int_equal(fib_count(), limit);
	for (size_t i = 0; i < RANDOM; i++) {
		const struct fib_route *there = fib_find(&model[i].route);

		model[i].settled = model[i].there;
		if (there && is_new(i)) {
			assert_true(model[i].there);
			assert_true(there->digest == xn_route_digest(&model[i].route));
		}
	}
	check_ways();
}

static void no_packet_goes_astray(void **state)
{
	struct xn_table *table = start();
	struct xn_err err;

	(void)state;
	for (size_t i = 0; i < RANDOM; i++)
		random_route(&model[i].route);
	fib.after = check_ways;
	for (int i = 0; i < STEPS; i++) {
		long left;

		for (int k = rand() % 20; k; k--)
			step(table, &model[(size_t)rand() % RANDOM]);
		if (rand() % 10 == 0) {
			fib.limit = rand() % 4 ? (size_t)(rand() % 150) : SIZE_MAX;
			xn_table_limit(table, fib.limit);
		}
		for (int k = rand() % 50; k; k--)
			xn_table_use(table, &model[(size_t)rand() % RANDOM].route.destination);
		if (rand() % 3 == 0)
			xn_table_rank(table);
		if (rand() % 50 == 0)
			xn_table_check(table);
		left = xn_table_flush(table, 1 + rand() % 60, &err);
		assert_true(left >= 0);
		if (!left)
			settled(table);
	}
	assert_int_equal(fib.vetoes, 0); /* it never tried to pass the limit */
	fib.after = NULL;
	xn_table_close(table);
	assert_int_equal(fib.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wanted_is_held),
		cmocka_unit_test(best_metric_is_held),
		cmocka_unit_test(router_only_is_never_held),
		cmocka_unit_test(refused_is_left_to_the_router),
		cmocka_unit_test(least_used_go_and_most_used_return),
		cmocka_unit_test(old_samples_weigh_less_for_ever),
		cmocka_unit_test(others_take_room),
		cmocka_unit_test(restart_takes_over),
		cmocka_unit_test(what_the_kernel_lost_is_put_back),
		cmocka_unit_test(same_way_same_digest),
		cmocka_unit_test(cut_messages_are_no_routes),
		cmocka_unit_test(no_packet_goes_astray),
	};

	srand(4);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
