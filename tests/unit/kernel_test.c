// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the module's netlink family, against libnl's own reading and writing of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/genl/genl.h>

#include "common/kernelmsg.h"

#define FAMILY 0x21

static struct nl_msg *new_message(uint8_t command)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	assert_non_null(genlmsg_put(msg, 0, 1, FAMILY, 0, 0, command, XNETMAN_GENL_VERSION));
	return msg;
}

static void put_u64(struct nl_msg *msg, int type, uint64_t value)
{
	/* as the kernel does where 64-bit values must be aligned */
	nla_put(msg, XNETMAN_A_PAD, 0, NULL);
	nla_put_u64(msg, type, value);
}

/* Records of one kind, @size bytes each, as one message; freed with nlmsg_free(). */
static struct nl_msg *records_of(enum xnetman_kind kind, uint32_t size, const void *records,
				 int bytes)
{
	struct nl_msg *msg = new_message(XNETMAN_CMD_GET_COUNTERS);

	nla_put_u8(msg, XNETMAN_A_KIND, kind);
	put_u64(msg, XNETMAN_A_TIME, 1000000000007ULL);
	nla_put_u32(msg, XNETMAN_A_RECORD_SIZE, size);
	nla_put(msg, XNETMAN_A_RECORDS, bytes, records);
	return msg;
}

struct told {
	struct xn_record records[4];
	char names[4][XNETMAN_NAME_MAX + 1];
	size_t n;
};

static void tell(const struct xn_record *record, void *arg)
{
	struct told *told = arg;

	assert_true(told->n < 4);
	if (record->name)
		strcpy(told->names[told->n], record->name);
	told->records[told->n++] = *record;
}

static struct told read_records(struct nl_msg *msg)
{
	struct told told = { .n = 0 };
	struct xn_message message;

	assert_true(xn_message_parse(nlmsg_hdr(msg), &message));
	xn_message_records(&message, tell, &told);
	nlmsg_free(msg);
	for (size_t i = 0; i < told.n; i++)
		assert_int_equal(told.records[i].time, 1000000000007ULL);
	return told;
}

static void every_field_of_a_share(void **state)
{
	const struct xnetman_share shares[] = {
		{ .net_id = 6 },
		{ 1ULL << 41, 2, 3, 4, 5, 6, 7, 8, 1ULL << 40, 7, 3, 500000000, 0x7f000018 },
	};
	struct told told = read_records(
		records_of(XNETMAN_KIND_SHARE, sizeof(*shares), shares, sizeof(shares)));
	const struct xn_record *record = &told.records[1];

	(void)state;
	assert_int_equal(told.n, 2);
	assert_int_equal(told.records[0].net_id, 6);
	assert_int_equal(told.records[0].offered_bytes, 0);
	assert_int_equal(record->kind, XNETMAN_KIND_SHARE);
	assert_int_equal(record->offered_bytes, 1ULL << 41);
	assert_int_equal(record->offered_packets, 2);
	assert_int_equal(record->dropped_bytes, 3);
	assert_int_equal(record->dropped_packets, 4);
	assert_int_equal(record->refused_bytes, 5);
	assert_int_equal(record->refused_packets, 6);
	assert_int_equal(record->marked_bytes, 7);
	assert_int_equal(record->marked_packets, 8);
	assert_int_equal(record->rate, 1ULL << 40);
	assert_int_equal(record->net_id, 7);
	assert_int_equal(record->ifindex, 3);
	assert_int_equal(record->ratio, 500000000);
	assert_int_equal(record->priority, 0x7f000018);
	assert_null(record->name);
}

static void every_field_of_a_port(void **state)
{
	const struct xnetman_port port = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "vif1.0" };
	struct told told =
		read_records(records_of(XNETMAN_KIND_PORT, sizeof(port), &port, sizeof(port)));
	const struct xn_record *record = told.records;

	(void)state;
	assert_int_equal(told.n, 1);
	assert_int_equal(record->kind, XNETMAN_KIND_PORT);
	assert_int_equal(record->rx_bytes, 1);
	assert_int_equal(record->rx_packets, 2);
	assert_int_equal(record->tx_bytes, 3);
	assert_int_equal(record->tx_packets, 4);
	assert_int_equal(record->rx_dropped_bytes, 5);
	assert_int_equal(record->rx_dropped_packets, 6);
	assert_int_equal(record->tx_dropped_bytes, 7);
	assert_int_equal(record->tx_dropped_packets, 8);
	assert_int_equal(record->net_id, 9);
	assert_int_equal(record->ifindex, 10);
	assert_string_equal(told.names[0], "vif1.0");
}

static void every_field_of_a_link_and_a_network(void **state)
{
	const struct xnetman_link link = { 1, 2, 3, 4, 0, "eth0" };
	const struct xnetman_network network = { 1, 2, 3, 4, 5, 6, 0, "net1" };
	struct told told =
		read_records(records_of(XNETMAN_KIND_LINK, sizeof(link), &link, sizeof(link)));

	(void)state;
	assert_int_equal(told.n, 1);
	assert_int_equal(told.records->kind, XNETMAN_KIND_LINK);
	assert_int_equal(told.records->offered_bytes, 1);
	assert_int_equal(told.records->offered_packets, 2);
	assert_int_equal(told.records->rate, 3);
	assert_int_equal(told.records->ifindex, 4);
	assert_string_equal(told.names[0], "eth0");
	told = read_records(
		records_of(XNETMAN_KIND_NETWORK, sizeof(network), &network, sizeof(network)));
	assert_int_equal(told.n, 1);
	assert_int_equal(told.records->kind, XNETMAN_KIND_NETWORK);
	assert_int_equal(told.records->vetoed, 1);
	assert_int_equal(told.records->net_id, 2);
	assert_int_equal(told.records->ratio, 3);
	assert_int_equal(told.records->table, 4);
	assert_int_equal(told.records->routes, 5);
	assert_int_equal(told.records->route_limit, 6);
	assert_string_equal(told.names[0], "net1");
}

/* Of a module that says more, or less, of each record than this program knows. */
static void records_of_another_length(void **state)
{
	struct {
		struct xnetman_share share;
		uint64_t more;
	} longer[2] = { { { .net_id = 1, .priority = 5 }, 99 },
			{ { .net_id = 2, .priority = 6 }, 99 } };
	struct xnetman_share shorter = { .offered_bytes = 5, .offered_packets = 6 };
	struct told told = read_records(
		records_of(XNETMAN_KIND_SHARE, sizeof(*longer), longer, sizeof(longer)));

	(void)state;
	assert_int_equal(told.n, 2);
	assert_int_equal(told.records[1].net_id, 2);
	assert_int_equal(told.records[1].priority, 6);
	told = read_records(records_of(XNETMAN_KIND_SHARE, 8, &shorter, 16));
	assert_int_equal(told.n, 2);
	assert_int_equal(told.records[0].offered_bytes, 5);
	assert_int_equal(told.records[1].offered_bytes, 6);
	assert_int_equal(told.records[1].offered_packets, 0);
}

/* A name without an end has one all the same; a kind that is not known says nothing. */
static void strange_records(void **state)
{
	struct xnetman_link link = { .ifindex = 1 };
	struct told told;

	(void)state;
	memset(link.name, 'x', sizeof(link.name));
	told = read_records(records_of(XNETMAN_KIND_LINK, sizeof(link), &link, sizeof(link)));
	assert_string_equal(told.names[0], "xxxxxxxxxxxxxxx");
	told = read_records(records_of(XNETMAN_KIND_SHARE + 1, sizeof(link), &link, sizeof(link)));
	assert_int_equal(told.n, 0);
	told = read_records(records_of(0, sizeof(link), &link, sizeof(link)));
	assert_int_equal(told.n, 0);
}

static void records_that_end_within_one_are_refused(void **state)
{
	static const struct {
		uint32_t size;
		int bytes;
	} wrong[] = { { 88, 87 }, { 88, 89 }, { 88, 1 }, { 0, 88 } };
	const char bytes[89] = { 0 };
	struct xn_message message;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct nl_msg *msg =
			records_of(XNETMAN_KIND_SHARE, wrong[i].size, bytes, wrong[i].bytes);

		assert_false(xn_message_parse(nlmsg_hdr(msg), &message));
		nlmsg_free(msg);
	}
}

static void info_and_event(void **state)
{
	struct nl_msg *msg = new_message(XNETMAN_CMD_GET_INFO);
	struct xn_message message;

	(void)state;
	nla_put_string(msg, XNETMAN_A_VERSION, "0.1");
	put_u64(msg, XNETMAN_A_GENERATION, 12);
	nla_put_u32(msg, XNETMAN_A_LEASE_MS, 3000);
	nla_put_u8(msg, XNETMAN_A_SAMPLER, XNETMAN_SAMPLER_BERNOULLI);
	nla_put_u32(msg, XNETMAN_A_MARK_MASK, 0xff000000);
	nla_put_u8(msg, XNETMAN_A_EVENT, XNETMAN_EVENT_LINK_GONE);
	assert_true(xn_message_parse(nlmsg_hdr(msg), &message));
	assert_string_equal(message.version, "0.1");
	assert_int_equal(message.generation, 12);
	assert_int_equal(message.lease_ms, 3000);
	assert_int_equal(message.sampler, XNETMAN_SAMPLER_BERNOULLI);
	assert_int_equal(message.mark_mask, 0xff000000);
	assert_int_equal(message.event, XNETMAN_EVENT_LINK_GONE);
	nlmsg_free(msg);
}

static void wrong_width_is_refused(void **state)
{
	struct nl_msg *msg = new_message(XNETMAN_CMD_GET_COUNTERS);
	struct xn_message message;

	(void)state;
	nla_put_u32(msg, XNETMAN_A_TIME, 1);
	assert_false(xn_message_parse(nlmsg_hdr(msg), &message));
	nlmsg_free(msg);
	msg = new_message(XNETMAN_CMD_GET_COUNTERS);
	nla_put(msg, XNETMAN_A_IFNAME, 4, "eth0"); /* no NUL */
	assert_false(xn_message_parse(nlmsg_hdr(msg), &message));
	nlmsg_free(msg);
}

/* Cut a message anywhere, exactly at the end of its memory: no byte beyond is touched. */
static void truncated_is_refused(void **state)
{
	struct nl_msg *msg = new_message(XNETMAN_CMD_GET_COUNTERS);
	size_t head = NLMSG_HDRLEN + GENL_HDRLEN, full;
	struct xn_message message;

	(void)state;
	nla_put_u8(msg, XNETMAN_A_KIND, XNETMAN_KIND_LINK);
	put_u64(msg, XNETMAN_A_TIME, 1);
	nla_put_string(msg, XNETMAN_A_IFNAME, "eth0");
	full = nlmsg_hdr(msg)->nlmsg_len;
	for (size_t len = head; len < full; len++) {
		struct nlmsghdr *copy = malloc(len);

		memcpy(copy, nlmsg_hdr(msg), len);
		copy->nlmsg_len = len;
		xn_message_parse(copy, &message);
		assert_true(!message.record.name || len >= full - 3);
		free(copy);
	}
	nlmsg_free(msg);
}

/* --- errors --------------------------------------------------------------------------------- */

static struct nl_msg *new_error(int error, int flags, const char *text)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct nlmsgerr body = { .error = error, .msg = { .nlmsg_len = NLMSG_HDRLEN } };

	nlmsg_put(msg, 0, 1, NLMSG_ERROR, 0, flags);
	nlmsg_append(msg, &body, sizeof(body), 0);
	if (text) {
		nla_put_u32(msg, NLMSGERR_ATTR_OFFS, 4);
		nla_put_string(msg, NLMSGERR_ATTR_MSG, text);
	}
	return msg;
}

static void the_modules_own_words(void **state)
{
	struct nl_msg *msg = new_error(-EEXIST, NLM_F_CAPPED | NLM_F_ACK_TLVS, "is a port already");
	const char *text;

	(void)state;
	assert_int_equal(xn_message_error(nlmsg_hdr(msg), &text), -EEXIST);
	assert_string_equal(text, "is a port already");
	nlmsg_free(msg);
	msg = new_error(-EPERM, NLM_F_CAPPED, NULL);
	assert_int_equal(xn_message_error(nlmsg_hdr(msg), &text), -EPERM);
	assert_null(text);
	nlmsg_free(msg);
	msg = new_error(0, NLM_F_CAPPED, NULL);
	assert_int_equal(xn_message_error(nlmsg_hdr(msg), &text), 0);
	nlmsg_free(msg);
}

/* An error that carries the request again, longer than what is there. */
static void lying_error(void **state)
{
	struct nl_msg *msg = new_error(-EINVAL, NLM_F_ACK_TLVS, "x");
	struct nlmsgerr *body = nlmsg_data(nlmsg_hdr(msg));
	const char *text;

	(void)state;
	body->msg.nlmsg_len = 100000;
	assert_int_equal(xn_message_error(nlmsg_hdr(msg), &text), -EINVAL);
	assert_null(text);
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN + 2;
	assert_int_equal(xn_message_error(nlmsg_hdr(msg), &text), -EBADMSG);
	nlmsg_free(msg);
}

/* --- pushes --------------------------------------------------------------------------------- */

static uint32_t member(struct nlattr *entry, int type)
{
	struct nlattr *attr = nla_find(nla_data(entry), nla_len(entry), type);

	assert_non_null(attr);
	return nla_get_u32(attr);
}

static size_t count_ratios(struct nlattr *attr, size_t at)
{
	const struct xnetman_ratio *ratios = nla_data(attr);
	size_t n = nla_len(attr) / sizeof(*ratios);

	assert_int_equal(nla_type(attr), XNETMAN_A_RATIOS);
	assert_int_equal(nla_len(attr) % sizeof(*ratios), 0);
	for (size_t i = 0; i < n; i++, at++) {
		assert_int_equal(ratios[i].net_id, at + 1);
		assert_int_equal(ratios[i].ifindex, at % 4 + 1);
		assert_int_equal(ratios[i].ratio, at * 1000);
	}
	return at;
}

static void push_of(size_t n)
{
	struct xnetman_ratio *ratios = calloc(n + 1, sizeof(*ratios));
	struct xn_request request;
	struct nlattr *attr;
	uint64_t generation = 42;
	size_t at = 0;
	int rem;

	for (size_t i = 0; i < n; i++)
		ratios[i] = (struct xnetman_ratio){ i + 1, i % 4 + 1, i * 1000 };
	xn_request_init(&request, FAMILY, XNETMAN_CMD_PUSH, 0);
	xn_request_put(&request, XNETMAN_A_GENERATION, &generation, sizeof(generation));
	xn_request_put_ratios(&request, ratios, n);
	assert_false(request.failed);
	assert_true(genlmsg_valid_hdr(request.nlh, 0));
	assert_int_equal(nlmsg_attrlen(request.nlh, GENL_HDRLEN),
			 12 + xn_entries_size(n) - (n / 5460 + 1 - (n + 5459) / 5460) * NLA_HDRLEN);
	nlmsg_for_each_attr(attr, request.nlh, GENL_HDRLEN, rem)
	{
		if (nla_type(attr) == XNETMAN_A_GENERATION)
			assert_int_equal(nla_get_u64(attr), 42);
		else
			at = count_ratios(attr, at);
	}
	assert_int_equal(rem, 0);
	assert_int_equal(at, n);
	xn_request_exit(&request);
	free(ratios);
}

static void pushes_of_any_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 5459, 5460, 5461, 10920, 16384, 262144 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		push_of(sizes[i]);
}

static uint64_t member64(struct nlattr *nest, int type)
{
	struct nlattr *attr = nla_find(nla_data(nest), nla_len(nest), type);

	assert_non_null(attr);
	assert_int_equal(nla_len(attr), sizeof(uint64_t));
	return nla_get_u64(attr);
}

/* A GUARD of link @at / @shares + 1. Return: how many of its networks were told, @at and those here. */
static size_t count_guard(struct nlattr *nest, size_t at, size_t shares)
{
	struct nlattr *attr = nla_find(nla_data(nest), nla_len(nest), XNETMAN_A_ENTITLED);
	struct xnetman_entitled entitled;

	assert_int_equal(nla_type(nest), XNETMAN_A_GUARD);
	assert_int_equal(member(nest, XNETMAN_A_IFINDEX), at / shares + 1);
	assert_int_equal(member64(nest, XNETMAN_A_RATE), 125000000);
	assert_int_equal(member(nest, XNETMAN_A_BURST), 500000);
	assert_int_equal(member(nest, XNETMAN_A_INTERVAL_MS), 250);
	assert_non_null(attr);
	assert_int_equal(nla_len(attr) % sizeof(entitled), 0);
	for (int i = 0; i < nla_len(attr); i += sizeof(entitled)) {
		memcpy(&entitled, (char *)nla_data(attr) + i, sizeof(entitled));
		assert_int_equal(entitled.net_id, at % shares + 1);
		assert_int_equal(entitled.rate, (at % shares + 1) << 30);
		assert_int_equal(entitled.burst, at % shares + 3028);
		assert_int_equal(entitled.allowed, (at % shares) << 30);
		at++;
	}
	return at;
}

static size_t fill_guards(struct xn_guard *guards, size_t links, size_t shares)
{
	size_t n = 0;

	for (size_t l = 1; l <= links; l++) {
		guards[n++] = (struct xn_guard){ 0, l, 125000000, 500000, .interval_ms = 250 };
		for (size_t i = 0; i < shares; i++)
			guards[n++] =
				(struct xn_guard){ i + 1, l, (i + 1) << 30, i + 3028, i << 30 };
	}
	return n;
}

static void guards_of(size_t links, size_t shares)
{
	struct xn_guard *guards = calloc(links * (shares + 1) + 1, sizeof(*guards));
	size_t n = fill_guards(guards, links, shares), at = 0;
	struct xn_request request;
	struct nlattr *attr;
	int rem;

	xn_request_init(&request, FAMILY, XNETMAN_CMD_PUSH, 0);
	xn_request_put_guards(&request, guards, n);
	assert_false(request.failed);
	assert_true(nlmsg_attrlen(request.nlh, GENL_HDRLEN) <= (int)xn_guards_size(n));
	nlmsg_for_each_attr(attr, request.nlh, GENL_HDRLEN, rem) at = count_guard(attr, at, shares);
	assert_int_equal(rem, 0);
	assert_int_equal(at, links * shares);
	xn_request_exit(&request);
	free(guards);
}

static void guards_of_any_size(void **state)
{
	static const struct {
		size_t links, shares;
	} sizes[] = { { 0, 1 },	   { 1, 1 },	{ 3, 2 },   { 2, 2728 },
		      { 2, 2729 }, { 2, 2730 }, { 4, 4096 } };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		guards_of(sizes[i].links, sizes[i].shares);
}

static void a_guard_of_a_link_alone(void **state)
{
	const struct xn_guard guards[] = { { 0, 1, 7, 8 }, { 0, 2, 9, 10 } };
	struct xn_request request;

	(void)state;
	xn_request_init(&request, FAMILY, XNETMAN_CMD_PUSH, 0);
	xn_request_put_guards(&request, guards, 2);
	assert_int_equal(nlmsg_attrlen(request.nlh, GENL_HDRLEN), 2 * (4 + 8 + 12 + 8 + 8 + 4));
	xn_request_exit(&request);
}

static void priorities_are_an_array_of_their_own(void **state)
{
	const struct xnetman_priority priority = { 3, 7, 0x7f000038 };
	struct xn_request request;
	struct nlattr *attr;

	(void)state;
	xn_request_init(&request, FAMILY, XNETMAN_CMD_SET_PRIORITIES, 0);
	xn_request_put_priorities(&request, &priority, 1);
	assert_false(request.failed);
	assert_int_equal(nlmsg_attrlen(request.nlh, GENL_HDRLEN), xn_entries_size(1));
	attr = nlmsg_find_attr(request.nlh, GENL_HDRLEN, XNETMAN_A_PRIORITIES);
	assert_non_null(attr);
	assert_int_equal(nla_len(attr), sizeof(priority));
	assert_memory_equal(nla_data(attr), &priority, sizeof(priority));
	xn_request_exit(&request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_of_a_share),
		cmocka_unit_test(every_field_of_a_port),
		cmocka_unit_test(every_field_of_a_link_and_a_network),
		cmocka_unit_test(records_of_another_length),
		cmocka_unit_test(strange_records),
		cmocka_unit_test(records_that_end_within_one_are_refused),
		cmocka_unit_test(info_and_event),
		cmocka_unit_test(wrong_width_is_refused),
		cmocka_unit_test(truncated_is_refused),
		cmocka_unit_test(the_modules_own_words),
		cmocka_unit_test(lying_error),
		cmocka_unit_test(pushes_of_any_size),
		cmocka_unit_test(guards_of_any_size),
		cmocka_unit_test(a_guard_of_a_link_alone),
		cmocka_unit_test(priorities_are_an_array_of_their_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("netlink messages", tests, NULL, NULL);
}
