// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of the module's netlink family: bytes <-> structs, no socket. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernelmsg.h"

/* --- reading ------------------------------------------------------------------------------- */

/* Where an attribute goes. Size 0: a string, or bytes if it has room for them. */
struct field {
	uint16_t offset;
	uint8_t size;
	uint8_t room; /* of the member it goes to */
};

#define FIELD(member, wire)                                         \
	{                                                           \
		offsetof(struct xn_message, member), sizeof(wire),  \
			sizeof(((struct xn_message *)NULL)->member) \
	}
#define STRING(member)                                  \
	{                                               \
		offsetof(struct xn_message, member), 0, \
	}

#define BYTES(member)                                               \
	{                                                           \
		offsetof(struct xn_message, member), 0,             \
			sizeof(((struct xn_message *)NULL)->member) \
	}

static const struct field fields[XNETMAN_A_MAX + 1] = {
	[XNETMAN_A_VERSION] = STRING(version),
	[XNETMAN_A_NET_ID] = FIELD(record.net_id, uint32_t),
	[XNETMAN_A_NET_NAME] = STRING(record.name),
	[XNETMAN_A_IFINDEX] = FIELD(record.ifindex, uint32_t),
	[XNETMAN_A_IFNAME] = STRING(record.name),
	[XNETMAN_A_KIND] = FIELD(kind, uint8_t),
	[XNETMAN_A_TIME] = FIELD(record.time, uint64_t),
	[XNETMAN_A_OFFERED_BYTES] = FIELD(record.offered_bytes, uint64_t),
	[XNETMAN_A_OFFERED_PACKETS] = FIELD(record.offered_packets, uint64_t),
	[XNETMAN_A_DROPPED_BYTES] = FIELD(record.dropped_bytes, uint64_t),
	[XNETMAN_A_DROPPED_PACKETS] = FIELD(record.dropped_packets, uint64_t),
	[XNETMAN_A_RX_BYTES] = FIELD(record.rx_bytes, uint64_t),
	[XNETMAN_A_RX_PACKETS] = FIELD(record.rx_packets, uint64_t),
	[XNETMAN_A_TX_BYTES] = FIELD(record.tx_bytes, uint64_t),
	[XNETMAN_A_TX_PACKETS] = FIELD(record.tx_packets, uint64_t),
	[XNETMAN_A_RATIO] = FIELD(record.ratio, uint32_t),
	[XNETMAN_A_GENERATION] = FIELD(generation, uint64_t),
	[XNETMAN_A_LEASE_MS] = FIELD(lease_ms, uint32_t),
	[XNETMAN_A_SAMPLER] = FIELD(sampler, uint8_t),
	[XNETMAN_A_MARK_MASK] = FIELD(mark_mask, uint32_t),
	[XNETMAN_A_RX_DROPPED_BYTES] = FIELD(record.rx_dropped_bytes, uint64_t),
	[XNETMAN_A_RX_DROPPED_PACKETS] = FIELD(record.rx_dropped_packets, uint64_t),
	[XNETMAN_A_TX_DROPPED_BYTES] = FIELD(record.tx_dropped_bytes, uint64_t),
	[XNETMAN_A_TX_DROPPED_PACKETS] = FIELD(record.tx_dropped_packets, uint64_t),
	[XNETMAN_A_EVENT] = FIELD(event, uint8_t),
	[XNETMAN_A_TABLE] = FIELD(record.table, uint32_t),
	[XNETMAN_A_ROUTES] = FIELD(record.routes, uint32_t),
	[XNETMAN_A_ROUTE_LIMIT] = FIELD(record.route_limit, uint32_t),
	[XNETMAN_A_VETOED] = FIELD(record.vetoed, uint64_t),
	[XNETMAN_A_PRIORITY] = FIELD(record.priority, uint32_t),
	[XNETMAN_A_REFUSED_BYTES] = FIELD(record.refused_bytes, uint64_t),
	[XNETMAN_A_REFUSED_PACKETS] = FIELD(record.refused_packets, uint64_t),
	[XNETMAN_A_MARKED_BYTES] = FIELD(record.marked_bytes, uint64_t),
	[XNETMAN_A_MARKED_PACKETS] = FIELD(record.marked_packets, uint64_t),
	[XNETMAN_A_RATE] = FIELD(record.rate, uint64_t),
	[XNETMAN_A_SAMPLED] = FIELD(sampled, uint64_t),
	[XNETMAN_A_DESTINATIONS4] = BYTES(destinations4),
	[XNETMAN_A_DESTINATIONS6] = BYTES(destinations6),
};

/* Integers of the wire are as wide as their member, but for the u8 that go to a u32. */
static bool read_field(const struct field *field, const struct nlattr *attr, char *message)
{
	const char *data = (const char *)attr + NLA_HDRLEN;
	size_t size = attr->nla_len - NLA_HDRLEN;
	char *member = message + field->offset;

	if (!field->offset)
		return true; /* newer than this program, or padding */
	if (!field->size && field->room) {
		memcpy(member, &(struct xn_bytes){ data, size }, sizeof(struct xn_bytes));
		return true;
	}
	if (!field->size) {
		if (!size || data[size - 1])
			return false;
		memcpy(member, &data, sizeof(data));
		return true;
	}
	if (size != field->size)
		return false;
	if (size == field->room)
		memcpy(member, data, size);
	else
		memcpy(member, &(uint32_t){ (uint8_t)*data }, sizeof(uint32_t));
	return true;
}

bool xn_message_parse(const struct nlmsghdr *nlh, struct xn_message *message)
{
	const char *at = (const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN;
	const char *end = (const char *)nlh + nlh->nlmsg_len;

	memset(message, 0, sizeof(*message));
	for (size_t step; end - at >= NLA_HDRLEN; at += step) {
		const struct nlattr *attr = (const struct nlattr *)at;
		unsigned int type = attr->nla_type & NLA_TYPE_MASK;

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > end - at)
			return false;
		if (type <= XNETMAN_A_MAX && !read_field(&fields[type], attr, (char *)message))
			return false;
		step = NLA_ALIGN(attr->nla_len);
		if (step > (size_t)(end - at))
			break;
	}
	message->record.kind = message->kind;
	return true;
}

static const char *find_text(const char *at, const char *end)
{
	while (end - at >= NLA_HDRLEN) {
		const struct nlattr *attr = (const struct nlattr *)at;

		if (attr->nla_len <= NLA_HDRLEN || attr->nla_len > end - at)
			return NULL;
		if ((attr->nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
			return at[attr->nla_len - 1] ? NULL : at + NLA_HDRLEN;
		at += NLA_ALIGN(attr->nla_len);
	}
	return NULL;
}

int xn_message_error(const struct nlmsghdr *nlh, const char **text)
{
	const char *at = (const char *)nlh + NLMSG_HDRLEN;
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const struct nlmsgerr *error = (const struct nlmsgerr *)at;

	*text = NULL;
	if (end - at < (ptrdiff_t)sizeof(error->error))
		return nlh->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
	at += sizeof(error->error);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		if (end - at < (ptrdiff_t)sizeof(error->msg))
			return -EBADMSG;
		at += sizeof(error->msg);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			at += NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof(error->msg);
	}
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		*text = find_text(at, end);
	return error->error;
}

/* --- writing ------------------------------------------------------------------------------- */

static void *reserve(struct xn_request *request, size_t size)
{
	size_t used = request->nlh ? request->nlh->nlmsg_len : 0;
	struct nlmsghdr *nlh = request->nlh;

	if (request->failed)
		return NULL;
	if (used + size > request->room) {
		request->room = 2 * used + size;
		nlh = realloc(nlh, request->room);
	}
	if (!nlh) {
		request->failed = true;
		return NULL;
	}
	request->nlh = nlh;
	memset((char *)nlh + used, 0, size);
	nlh->nlmsg_len = used + size;
	return (char *)nlh + used;
}

void xn_request_init(struct xn_request *request, uint16_t family, uint8_t command, size_t payload)
{
	struct genlmsghdr *genl;

	request->room = NLMSG_HDRLEN + GENL_HDRLEN + payload;
	request->failed = false;
	request->nlh = calloc(1, request->room);
	if (!request->nlh) {
		request->failed = true;
		return;
	}
	request->nlh->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	request->nlh->nlmsg_type = family;
	request->nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = (struct genlmsghdr *)((char *)request->nlh + NLMSG_HDRLEN);
	genl->cmd = command;
	genl->version = XNETMAN_GENL_VERSION;
}

void xn_request_exit(struct xn_request *request)
{
	free(request->nlh);
	request->nlh = NULL;
}

void xn_request_put(struct xn_request *request, uint16_t type, const void *value, size_t size)
{
	struct nlattr *attr = reserve(request, NLA_HDRLEN + NLA_ALIGN(size));

	if (!attr)
		return;
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memcpy((char *)attr + NLA_HDRLEN, value, size);
}

void xn_request_put_u32(struct xn_request *request, uint16_t type, uint32_t value)
{
	xn_request_put(request, type, &value, sizeof(value));
}

struct attr_u32 {
	struct nlattr attr;
	uint32_t value;
};

/* XNETMAN_A_ENTRY as it is on the wire. */
struct entry {
	struct nlattr nest;
	struct attr_u32 net_id, ifindex, value;
};

/* What it says of a pair: of which nest it is, and as which attribute. */
struct entry_kind {
	uint16_t nest, value;
};

/* Of a pair, as struct xn_ratio and struct xn_priority have it. */
struct triple {
	uint32_t net_id, ifindex, value;
};

_Static_assert(sizeof(struct triple) == sizeof(struct xn_ratio), "a ratio is a triple");
_Static_assert(sizeof(struct triple) == sizeof(struct xn_priority), "a priority is a triple");

/* An attribute's length is 16 bits. */
#define ENTRIES_PER_NEST ((UINT16_MAX - NLA_HDRLEN) / sizeof(struct entry))

size_t xn_entries_size(size_t n)
{
	return n * sizeof(struct entry) + (n / ENTRIES_PER_NEST + 1) * NLA_HDRLEN;
}

static struct attr_u32 attr_u32(uint16_t type, uint32_t value)
{
	return (struct attr_u32){ { sizeof(struct attr_u32), type }, value };
}

static void put_nest(struct xn_request *request, const struct entry_kind *kind, const char *from,
		     size_t n)
{
	struct nlattr *nest = reserve(request, NLA_HDRLEN + n * sizeof(struct entry));
	struct triple triple;
	struct entry *entry;

	if (!nest)
		return;
	nest->nla_type = kind->nest | NLA_F_NESTED;
	nest->nla_len = NLA_HDRLEN + n * sizeof(struct entry);
	entry = (struct entry *)((char *)nest + NLA_HDRLEN);
	for (; n; n--, entry++, from += sizeof(triple)) {
		memcpy(&triple, from, sizeof(triple));
		*entry = (struct entry){
			{ sizeof(*entry), XNETMAN_A_ENTRY | NLA_F_NESTED },
			attr_u32(XNETMAN_A_NET_ID, triple.net_id),
			attr_u32(XNETMAN_A_IFINDEX, triple.ifindex),
			attr_u32(kind->value, triple.value),
		};
	}
}

static void put_entries(struct xn_request *request, const struct entry_kind *kind, const void *from,
			size_t n)
{
	const char *at = from;

	for (size_t part; n; at += part * sizeof(struct triple), n -= part) {
		part = n < ENTRIES_PER_NEST ? n : ENTRIES_PER_NEST;
		put_nest(request, kind, at, part);
	}
}

void xn_request_put_ratios(struct xn_request *request, const struct xn_ratio *ratios, size_t n)
{
	put_entries(request, &(struct entry_kind){ XNETMAN_A_RATIOS, XNETMAN_A_RATIO }, ratios, n);
}

void xn_request_put_priorities(struct xn_request *request, const struct xn_priority *priorities,
			       size_t n)
{
	put_entries(request, &(struct entry_kind){ XNETMAN_A_PRIORITIES, XNETMAN_A_PRIORITY },
		    priorities, n);
}

/* u64 attributes are not aligned in a message, so this is. */
struct __attribute__((packed)) attr_u64 {
	struct nlattr attr;
	uint64_t value;
};

/* RATE and BURST, of a link or of a network there. */
struct pace {
	struct attr_u64 rate;
	struct attr_u32 burst;
};

/* The beginning of an XNETMAN_A_GUARD as it is on the wire; struct xnetman_entitled follow. */
struct guard_head {
	struct nlattr nest;
	struct attr_u32 ifindex;
	struct attr_u64 rate;
	struct attr_u32 burst;
	struct attr_u32 interval;
	struct nlattr entitled;
};

#define GUARDS_PER_NEST ((UINT16_MAX - sizeof(struct guard_head)) / sizeof(struct xnetman_entitled))

size_t xn_guards_size(size_t n)
{
	return n * (sizeof(struct guard_head) + sizeof(struct xnetman_entitled));
}

static struct attr_u64 attr_u64(uint16_t type, uint64_t value)
{
	return (struct attr_u64){ { sizeof(struct attr_u64), type }, value };
}

static void put_entitled(struct xnetman_entitled *entitled, const struct xn_guard *share)
{
	const struct xnetman_entitled value = {
		.rate = share->rate,
		.allowed = share->allowed,
		.net_id = share->net_id,
		.burst = share->burst,
	};

	memcpy(entitled, &value, sizeof(value)); /* may not be aligned */
}

static void put_guard(struct xn_request *request, const struct xn_guard *link,
		      const struct xn_guard *shares, size_t n)
{
	size_t entitled = n * sizeof(struct xnetman_entitled);
	size_t size = sizeof(struct guard_head) + entitled;
	struct guard_head *head = reserve(request, size);

	if (!head)
		return;
	*head = (struct guard_head){
		{ size, XNETMAN_A_GUARD | NLA_F_NESTED },
		attr_u32(XNETMAN_A_IFINDEX, link->ifindex),
		attr_u64(XNETMAN_A_RATE, link->rate),
		attr_u32(XNETMAN_A_BURST, link->burst),
		attr_u32(XNETMAN_A_INTERVAL_MS, link->interval_ms),
		{ sizeof(struct nlattr) + entitled, XNETMAN_A_ENTITLED },
	};
	for (size_t i = 0; i < n; i++)
		put_entitled((struct xnetman_entitled *)(head + 1) + i, shares + i);
}

void xn_request_put_guards(struct xn_request *request, const struct xn_guard *guards, size_t n)
{
	const struct xn_guard *end = guards + n, *link = guards, *at = guards;
	size_t shares;

	while (at < end) {
		if (!at->net_id)
			link = at++;
		for (shares = 0; at + shares < end && at[shares].net_id; shares++)
			if (shares == GUARDS_PER_NEST)
				break;
		put_guard(request, link, at, shares);
		at += shares;
	}
}
