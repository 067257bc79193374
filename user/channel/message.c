// SPDX-License-Identifier: GPL-2.0-or-later
/* Bodies of messages: written by one end, judged by the other. */
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "channel/cursor.h"
#include "channel/message.h"

#define SHORT	   "ends too early"
#define WEIGHT_MAX 256

const char *xn_type_name(unsigned int type)
{
	static const char *const names[XN_TYPES] = {
		[XN_HELLO] = "HELLO",	    [XN_ENROLL] = "ENROLL",
		[XN_ENROLLED] = "ENROLLED", [XN_SYNC_BEGIN] = "SYNC_BEGIN",
		[XN_SYNC_END] = "SYNC_END", [XN_INTERFACES] = "INTERFACES",
		[XN_ROUTES] = "ROUTES",	    [XN_RULES] = "RULES",
		[XN_ACK] = "ACK",	    [XN_REFUSED] = "REFUSED",
		[XN_REPORT] = "REPORT",	    [XN_PING] = "PING",
		[XN_PONG] = "PONG",	    [XN_QOS] = "QOS",
	};

	return type < XN_TYPES && names[type] ? names[type] : "?";
}

const char *xn_decode_end(const struct xn_reader *r)
{
	if (r->bad)
		return SHORT;
	return r->at == r->end ? NULL : "has bytes left over";
}

/* --- text --- */

static void put_text(struct xn_writer *w, const char *text)
{
	size_t n = strnlen(text, XN_TEXT_MAX);

	xn_put_number(w, n, 1);
	xn_put(w, text, n);
}

/* Printable or UTF-8: what goes to logs and terminals. */
static const char *take_text(struct xn_reader *r, char text[XN_TEXT_MAX + 1])
{
	size_t n = xn_take_number(r, 1);
	const uint8_t *bytes = xn_take(r, n);

	if (!bytes)
		return SHORT;
	memcpy(text, bytes, n);
	text[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (bytes[i] < ' ' || bytes[i] == 0x7f)
			return "has a text that is not printable";
	return NULL;
}

void xn_encode_name(struct xn_writer *w, const char *name)
{
	put_text(w, name);
}

const char *xn_decode_name(struct xn_reader *r, char name[XN_TEXT_MAX + 1])
{
	const char *why = take_text(r, name);

	return why ? why : xn_decode_end(r);
}

/* --- hello, serials, refusals --- */

void xn_encode_hello(struct xn_writer *w, const struct xn_hello *hello)
{
	xn_put_number(w, hello->version, 2);
	xn_put_number(w, hello->flags, 1);
	put_text(w, hello->name);
}

/* What a later version adds behind this is not read: its number is what decides. */
const char *xn_decode_hello(struct xn_reader *r, struct xn_hello *hello)
{
	const char *why;

	hello->version = xn_take_number(r, 2);
	hello->flags = xn_take_number(r, 1);
	why = take_text(r, hello->name);
	if (!why && hello->version == XN_CHANNEL_VERSION)
		why = xn_decode_end(r);
	return why;
}

void xn_encode_serial(struct xn_writer *w, uint32_t serial)
{
	xn_put_number(w, serial, 4);
}

const char *xn_decode_serial(struct xn_reader *r, uint32_t *serial)
{
	*serial = xn_take_number(r, 4);
	return xn_decode_end(r);
}

void xn_encode_refusal(struct xn_writer *w, const struct xn_refusal *refusal)
{
	xn_put_number(w, refusal->serial, 4);
	put_text(w, refusal->reason);
}

const char *xn_decode_refusal(struct xn_reader *r, struct xn_refusal *refusal)
{
	const char *why;

	refusal->serial = xn_take_number(r, 4);
	why = take_text(r, refusal->reason);
	return why ? why : xn_decode_end(r);
}

/* --- addresses --- */

static size_t address_size(uint8_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

/* On the wire a family is 4, 6, or 0 for none. */
static void put_address(struct xn_writer *w, const struct xn_address *address)
{
	size_t n = address_size(address->family);

	xn_put_number(w, n == 4 ? 4 : n ? 6 : 0, 1);
	xn_put(w, address->bytes, n);
}

static const char *take_address(struct xn_reader *r, struct xn_address *address)
{
	uint8_t family = xn_take_number(r, 1);
	const uint8_t *bytes;

	memset(address, 0, sizeof(*address));
	if (family != 0 && family != 4 && family != 6)
		return "has an address of no known family";
	address->family = family == 4 ? AF_INET : family ? AF_INET6 : 0;
	bytes = xn_take(r, address_size(address->family));
	if (!bytes)
		return SHORT;
	memcpy(address->bytes, bytes, address_size(address->family));
	return NULL;
}

/* --- interfaces --- */

static void put_interface(struct xn_writer *w, const struct xn_guest_interface *interface)
{
	xn_put_number(w, interface->index, 4);
	put_text(w, interface->name);
	xn_put(w, interface->mac, sizeof(interface->mac));
	xn_put_number(w, interface->up, 1);
	xn_put_number(w, interface->n_addresses, 1);
	for (size_t i = 0; i < interface->n_addresses; i++)
		put_address(w, &interface->addresses[i]);
}

static const char *take_interface(struct xn_reader *r, struct xn_guest_interface *interface)
{
	char name[XN_TEXT_MAX + 1];
	const uint8_t *mac;
	const char *why;

	memset(interface, 0, sizeof(*interface));
	interface->index = xn_take_number(r, 4);
	why = take_text(r, name);
	if (why)
		return why;
	if (!*name || strlen(name) >= sizeof(interface->name))
		return "names an interface with no or more than 15 bytes";
	strcpy(interface->name, name);
	mac = xn_take(r, sizeof(interface->mac));
	if (mac)
		memcpy(interface->mac, mac, sizeof(interface->mac));
	interface->up = xn_take_number(r, 1);
	interface->n_addresses = xn_take_number(r, 1);
	if (!interface->index || interface->up > 1)
		return "has an interface that makes no sense";
	if (interface->n_addresses > XN_GUEST_ADDRESSES_MAX)
		return "has more addresses than an interface may have";
	for (size_t i = 0; i < interface->n_addresses && !why; i++) {
		why = take_address(r, &interface->addresses[i]);
		if (!why && !interface->addresses[i].family)
			why = "has an address of no family";
	}
	return why ? why : r->bad ? SHORT : NULL;
}

void xn_encode_interfaces(struct xn_writer *w, uint32_t serial, const struct xn_interfaces *all)
{
	xn_put_number(w, serial, 4);
	xn_put_number(w, all->n, 1);
	for (size_t i = 0; i < all->n; i++)
		put_interface(w, &all->list[i]);
}

const char *xn_decode_interfaces(struct xn_reader *r, uint32_t *serial, struct xn_interfaces *all)
{
	const char *why;

	*serial = xn_take_number(r, 4);
	all->n = xn_take_number(r, 1);
	if (all->n > XN_GUEST_INTERFACES_MAX)
		return "has more interfaces than a router may have";
	for (size_t i = 0; i < all->n; i++) {
		why = take_interface(r, &all->list[i]);
		if (why)
			return why;
		for (size_t k = 0; k < i; k++)
			if (all->list[k].index == all->list[i].index)
				return "has an interface twice";
	}
	return xn_decode_end(r);
}

/* --- routes --- */

uint8_t *xn_batch_begin(struct xn_writer *w, uint32_t serial)
{
	uint8_t *number;

	xn_put_number(w, serial, 4);
	number = w->at;
	xn_put_number(w, 0, 2);
	return number;
}

void xn_batch_end(uint8_t *number, uint16_t n)
{
	number[0] = n >> 8;
	number[1] = n;
}

static void put_hop(struct xn_writer *w, const struct xn_guest_hop *hop)
{
	xn_put_number(w, hop->interface, 4);
	xn_put_number(w, hop->weight, 2);
	put_address(w, &hop->gateway);
}

void xn_encode_route(struct xn_writer *w, bool add, const struct xn_guest_route *route)
{
	xn_put_number(w, add, 1);
	put_address(w, &route->destination);
	xn_put_number(w, route->length, 1);
	xn_put_number(w, route->metric, 4);
	if (!add)
		return;
	xn_put_number(w, route->type, 1);
	xn_put_number(w, route->n_hops, 1);
	for (size_t i = 0; i < route->n_hops; i++)
		put_hop(w, &route->hops[i]);
}

const char *xn_decode_batch(struct xn_reader *r, uint32_t *serial, uint16_t *n)
{
	*serial = xn_take_number(r, 4);
	*n = xn_take_number(r, 2);
	if (r->bad)
		return SHORT;
	if (!*n || *n > XN_BATCH_MAX)
		return "has no routes, or more than a batch may have";
	return NULL;
}

static bool has_host_bits(const struct xn_address *address, uint8_t length)
{
	for (size_t bit = length; bit < 8 * address_size(address->family); bit++)
		if (address->bytes[bit / 8] & (0x80 >> bit % 8))
			return true;
	return false;
}

static const char *take_prefix(struct xn_reader *r, struct xn_guest_route *route)
{
	const char *why = take_address(r, &route->destination);

	route->length = xn_take_number(r, 1);
	if (why || r->bad)
		return why ? why : SHORT;
	if (!route->destination.family)
		return "has a route to no family of addresses";
	if (route->length > 8 * address_size(route->destination.family))
		return "has a prefix longer than its address";
	if (has_host_bits(&route->destination, route->length))
		return "has a prefix with bits beyond its length";
	return NULL;
}

/* IPv4 by way of an IPv6 neighbour is usual (RFC 8950), the other way round there is nothing. */
static const char *take_hop(struct xn_reader *r, struct xn_guest_hop *hop, uint8_t family)
{
	const char *why;

	hop->interface = xn_take_number(r, 4);
	hop->weight = xn_take_number(r, 2);
	why = take_address(r, &hop->gateway);
	if (why || r->bad)
		return why ? why : SHORT;
	if (!hop->weight || hop->weight > WEIGHT_MAX)
		return "has a next hop whose weight is not 1 to 256";
	if (hop->gateway.family == AF_INET && family == AF_INET6)
		return "has an IPv6 route by way of an IPv4 gateway";
	return NULL;
}

static const char *take_way(struct xn_reader *r, struct xn_guest_route *route)
{
	const char *why = NULL;

	route->type = xn_take_number(r, 1);
	route->n_hops = xn_take_number(r, 1);
	if (r->bad)
		return SHORT;
	if (route->type != RTN_UNICAST && route->type != RTN_BLACKHOLE &&
	    route->type != RTN_UNREACHABLE && route->type != RTN_PROHIBIT)
		return "has a route of a type that is not carried";
	if (route->n_hops > XN_ROUTE_HOPS_MAX || !route->n_hops != (route->type != RTN_UNICAST))
		return "has a route with too many or too few next hops";
	for (size_t i = 0; i < route->n_hops && !why; i++)
		why = take_hop(r, &route->hops[i], route->destination.family);
	return why;
}

const char *xn_decode_route(struct xn_reader *r, struct xn_route_change *change)
{
	uint8_t add = xn_take_number(r, 1);
	const char *why;

	memset(change, 0, sizeof(*change));
	if (add > 1)
		return "has a route that neither comes nor goes";
	change->add = add;
	why = take_prefix(r, &change->route);
	change->route.metric = xn_take_number(r, 4);
	if (!why && add)
		why = take_way(r, &change->route);
	return why ? why : r->bad ? SHORT : NULL;
}

/* --- rules --- */

void xn_encode_chunk(struct xn_writer *w, uint32_t serial, const struct xn_chunk *chunk)
{
	xn_put_number(w, serial, 4);
	xn_put_number(w, chunk->flags, 1);
	xn_put(w, chunk->text, chunk->length);
}

const char *xn_decode_chunk(struct xn_reader *r, uint32_t *serial, struct xn_chunk *chunk)
{
	*serial = xn_take_number(r, 4);
	chunk->flags = xn_take_number(r, 1);
	if (r->bad)
		return SHORT;
	if (chunk->flags & ~(XN_RULES_FIRST | XN_RULES_LAST))
		return "has unknown flags";
	chunk->length = xn_left(r);
	if (chunk->length > XN_CHUNK_MAX)
		return "is longer than a part of rules may be";
	chunk->text = (const char *)xn_take(r, chunk->length);
	return xn_decode_end(r);
}
