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
	[XNETMAN_A_RECORD_SIZE] = FIELD(record_size, uint32_t),
	[XNETMAN_A_RECORDS] = BYTES(records),
	[XNETMAN_A_GENERATION] = FIELD(generation, uint64_t),
	[XNETMAN_A_LEASE_MS] = FIELD(lease_ms, uint32_t),
	[XNETMAN_A_SAMPLER] = FIELD(sampler, uint8_t),
	[XNETMAN_A_MARK_MASK] = FIELD(mark_mask, uint32_t),
	[XNETMAN_A_EVENT] = FIELD(event, uint8_t),
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
	return !message->records.size ||
	       (message->record_size && message->records.size % message->record_size == 0);
}

/* A record as it is on the wire. */
union wire {
	struct xnetman_network network;
	struct xnetman_link link;
	struct xnetman_port port;
	struct xnetman_share share;
};

static void read_network(struct xn_record *record, union wire *wire)
{
	struct xnetman_network *from = &wire->network;

	record->net_id = from->net_id;
	record->ratio = from->ratio;
	record->table = from->table;
	record->routes = from->routes;
	record->route_limit = from->route_limit;
	record->vetoed = from->vetoed;
	from->name[XNETMAN_NAME_MAX] = 0;
	record->name = from->name;
}

static void read_link(struct xn_record *record, union wire *wire)
{
	struct xnetman_link *from = &wire->link;

	record->ifindex = from->ifindex;
	record->offered_bytes = from->offered_bytes;
	record->offered_packets = from->offered_packets;
	record->rate = from->rate;
	from->name[XNETMAN_DEVICE_MAX] = 0;
	record->name = from->name;
}

static void read_port(struct xn_record *record, union wire *wire)
{
	struct xnetman_port *from = &wire->port;

	record->net_id = from->net_id;
	record->ifindex = from->ifindex;
	record->rx_bytes = from->rx_bytes;
	record->rx_packets = from->rx_packets;
	record->tx_bytes = from->tx_bytes;
	record->tx_packets = from->tx_packets;
	record->rx_dropped_bytes = from->rx_dropped_bytes;
	record->rx_dropped_packets = from->rx_dropped_packets;
	record->tx_dropped_bytes = from->tx_dropped_bytes;
	record->tx_dropped_packets = from->tx_dropped_packets;
	from->name[XNETMAN_DEVICE_MAX] = 0;
	record->name = from->name;
}

static void read_share(struct xn_record *record, union wire *wire)
{
	const struct xnetman_share *from = &wire->share;

	record->net_id = from->net_id;
	record->ifindex = from->ifindex;
	record->offered_bytes = from->offered_bytes;
	record->offered_packets = from->offered_packets;
	record->dropped_bytes = from->dropped_bytes;
	record->dropped_packets = from->dropped_packets;
	record->refused_bytes = from->refused_bytes;
	record->refused_packets = from->refused_packets;
	record->marked_bytes = from->marked_bytes;
	record->marked_packets = from->marked_packets;
	record->rate = from->rate;
	record->ratio = from->ratio;
	record->priority = from->priority;
}

static const struct {
	size_t size;
	void (*read)(struct xn_record *record, union wire *wire);
} kinds[] = {
	[XNETMAN_KIND_NETWORK] = { sizeof(struct xnetman_network), read_network },
	[XNETMAN_KIND_LINK] = { sizeof(struct xnetman_link), read_link },
	[XNETMAN_KIND_PORT] = { sizeof(struct xnetman_port), read_port },
	[XNETMAN_KIND_SHARE] = { sizeof(struct xnetman_share), read_share },
};

void xn_message_records(const struct xn_message *message, xn_record_fn fn, void *arg)
{
	const char *at = message->records.data, *end = at + message->records.size;
	struct xn_record record = { .kind = message->kind, .time = message->record.time };
	union wire wire = { 0 };
	size_t size;

	if (message->kind >= sizeof(kinds) / sizeof(*kinds) || !kinds[message->kind].read)
		return; /* newer than this program */
	size = kinds[message->kind].size;
	if (size > message->record_size)
		size = message->record_size;
	for (; at < end; at += message->record_size) {
		memcpy(&wire, at, size);
		kinds[message->kind].read(&record, &wire);
		fn(&record, arg);
	}
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

/* Room for @size bytes, which are the caller's to fill, or NULL. */
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
	nlh->nlmsg_len = used + size;
	return (char *)nlh + used;
}

void xn_request_init(struct xn_request *request, uint16_t family, uint8_t command, size_t payload)
{
	struct genlmsghdr *genl;

	request->room = NLMSG_HDRLEN + GENL_HDRLEN + payload;
	request->failed = false;
	request->nlh = malloc(request->room);
	if (!request->nlh) {
		request->failed = true;
		return;
	}
	*request->nlh = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN,
		.nlmsg_type = family,
		.nlmsg_flags = NLM_F_REQUEST,
	};
	genl = (struct genlmsghdr *)((char *)request->nlh + NLMSG_HDRLEN);
	*genl = (struct genlmsghdr){ .cmd = command, .version = XNETMAN_GENL_VERSION };
}

void xn_request_exit(struct xn_request *request)
{
	free(request->nlh);
	request->nlh = NULL;
}

void xn_request_put(struct xn_request *request, uint16_t type, const void *value, size_t size)
{
	size_t padding = NLA_ALIGN(size) - size;
	struct nlattr *attr = reserve(request, NLA_HDRLEN + size + padding);
	char *data = (char *)attr + NLA_HDRLEN;

	if (!attr)
		return;
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memcpy(data, value, size);
	memset(data + size, 0, padding);
}

void xn_request_put_u32(struct xn_request *request, uint16_t type, uint32_t value)
{
	xn_request_put(request, type, &value, sizeof(value));
}

/* Bytes of an entry of RATIOS or PRIORITIES. */
#define ENTRY_SIZE sizeof(struct xnetman_ratio)
_Static_assert(ENTRY_SIZE == sizeof(struct xnetman_priority), "both are as long");

/* An attribute's length is 16 bits. */
#define ENTRIES_MAX ((UINT16_MAX - NLA_HDRLEN) / ENTRY_SIZE)

size_t xn_entries_size(size_t n)
{
	return n * ENTRY_SIZE + (n / ENTRIES_MAX + 1) * NLA_HDRLEN;
}

static void put_entries(struct xn_request *request, uint16_t type, const void *entries, size_t n)
{
	const char *at = entries;

	for (size_t part; n; at += part * ENTRY_SIZE, n -= part) {
		part = n < ENTRIES_MAX ? n : ENTRIES_MAX;
		xn_request_put(request, type, at, part * ENTRY_SIZE);
	}
}

void xn_request_put_ratios(struct xn_request *request, const struct xnetman_ratio *ratios, size_t n)
{
	put_entries(request, XNETMAN_A_RATIOS, ratios, n);
}

void xn_request_put_priorities(struct xn_request *request,
			       const struct xnetman_priority *priorities, size_t n)
{
	put_entries(request, XNETMAN_A_PRIORITIES, priorities, n);
}

struct attr_u32 {
	struct nlattr attr;
	uint32_t value;
};

static struct attr_u32 attr_u32(uint16_t type, uint32_t value)
{
	return (struct attr_u32){ { sizeof(struct attr_u32), type }, value };
}

/* u64 attributes are not aligned in a message, so this is. */
struct __attribute__((packed)) attr_u64 {
	struct nlattr attr;
	uint64_t value;
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
