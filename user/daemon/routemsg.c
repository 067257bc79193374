// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes as rtnetlink messages: bytes <-> structs, no socket. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/routemsg.h"

static size_t address_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

/* --- writing --- */

static void put_attr(struct nlmsghdr *nlh, uint16_t type, const void *data, size_t size)
{
	struct rtattr *attr = (struct rtattr *)((char *)nlh + NLMSG_ALIGN(nlh->nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attr), data, size);
	nlh->nlmsg_len = NLMSG_ALIGN(nlh->nlmsg_len) + RTA_ALIGN(attr->rta_len);
}

static void put_u32(struct nlmsghdr *nlh, uint16_t type, uint32_t value)
{
	put_attr(nlh, type, &value, sizeof(value));
}

/* IPv4 may go by an IPv6 gateway: RTA_VIA says of which family it is. */
static void put_gateway(struct nlmsghdr *nlh, uint8_t family, const struct xn_address *gateway)
{
	struct {
		uint16_t family;
		uint8_t bytes[16];
	} via = { .family = gateway->family };
	size_t size = address_size(gateway->family);

	if (!gateway->family)
		return;
	if (gateway->family == family) {
		put_attr(nlh, RTA_GATEWAY, gateway->bytes, size);
		return;
	}
	memcpy(via.bytes, gateway->bytes, size);
	put_attr(nlh, RTA_VIA, &via, sizeof(via.family) + size);
}

/* The VRF's devices need no addresses in Dom0, so that nothing says that a gateway is on the link. */
static void put_hop(struct nlmsghdr *nlh, uint8_t family, const struct xn_hop *hop)
{
	struct rtnexthop *nexthop = (struct rtnexthop *)((char *)nlh + nlh->nlmsg_len);
	uint32_t start = nlh->nlmsg_len;

	memset(nexthop, 0, sizeof(*nexthop));
	nexthop->rtnh_ifindex = hop->ifindex;
	nexthop->rtnh_hops = hop->weight ? hop->weight - 1 : 0;
	nexthop->rtnh_flags = hop->gateway.family ? RTNH_F_ONLINK : 0;
	nlh->nlmsg_len += sizeof(*nexthop);
	put_gateway(nlh, family, &hop->gateway);
	nexthop->rtnh_len = nlh->nlmsg_len - start;
}

static void put_hops(struct nlmsghdr *nlh, const struct xn_route *route)
{
	struct rtattr *attr = (struct rtattr *)((char *)nlh + nlh->nlmsg_len);
	uint32_t start = nlh->nlmsg_len;

	nlh->nlmsg_len += RTA_LENGTH(0);
	for (uint8_t i = 0; i < route->n_hops; i++)
		put_hop(nlh, route->destination.family, &route->hops[i]);
	attr->rta_type = RTA_MULTIPATH;
	attr->rta_len = nlh->nlmsg_len - start;
}

static void put_way(struct nlmsghdr *nlh, struct rtmsg *message, const struct xn_route *route)
{
	const struct xn_hop *hop = &route->hops[0];

	if (route->n_hops > 1) {
		put_hops(nlh, route);
		return;
	}
	if (!route->n_hops)
		return;
	if (hop->gateway.family)
		message->rtm_flags = RTNH_F_ONLINK;
	else if (route->destination.family == AF_INET)
		message->rtm_scope = RT_SCOPE_LINK;
	put_gateway(nlh, route->destination.family, &hop->gateway);
	put_u32(nlh, RTA_OIF, hop->ifindex);
}

size_t xn_routemsg_put(void *buffer, uint16_t type, uint32_t seq, uint32_t table,
		       const struct xn_route *route)
{
	bool add = type == RTM_NEWROUTE;
	struct nlmsghdr *nlh = buffer;
	struct rtmsg *message = NLMSG_DATA(nlh);

	memset(nlh, 0, NLMSG_LENGTH(sizeof(*message)));
	nlh->nlmsg_len = NLMSG_LENGTH(sizeof(*message));
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | (add ? NLM_F_CREATE | NLM_F_REPLACE : 0);
	nlh->nlmsg_seq = seq;
	message->rtm_family = route->destination.family;
	message->rtm_dst_len = route->length;
	message->rtm_table = table < 256 ? table : RT_TABLE_COMPAT;
	message->rtm_protocol = XN_ROUTE_PROTOCOL;
	message->rtm_scope = add ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE;
	message->rtm_type = add ? route->type : RTN_UNSPEC;
	put_u32(nlh, RTA_TABLE, table);
	put_u32(nlh, RTA_PRIORITY, XN_ROUTE_METRIC);
	put_attr(nlh, RTA_DST, route->destination.bytes, address_size(route->destination.family));
	if (add)
		put_way(nlh, message, route);
	return nlh->nlmsg_len;
}

/* --- reading --- */

static bool read_u32(const struct rtattr *attr, uint32_t *value)
{
	if (RTA_PAYLOAD(attr) != sizeof(*value))
		return false;
	memcpy(value, RTA_DATA(attr), sizeof(*value));
	return true;
}

static bool read_address(const struct rtattr *attr, uint8_t family, struct xn_address *address)
{
	if (RTA_PAYLOAD(attr) != address_size(family))
		return false;
	address->family = family;
	memcpy(address->bytes, RTA_DATA(attr), address_size(family));
	return true;
}

static bool read_via(const struct rtattr *attr, struct xn_address *gateway)
{
	uint16_t family;

	if (RTA_PAYLOAD(attr) < sizeof(family))
		return false;
	memcpy(&family, RTA_DATA(attr), sizeof(family));
	if ((family != AF_INET && family != AF_INET6) ||
	    RTA_PAYLOAD(attr) != sizeof(family) + address_size(family))
		return false;
	gateway->family = family;
	memcpy(gateway->bytes, (const char *)RTA_DATA(attr) + sizeof(family), address_size(family));
	return true;
}

/* The gateway among the attributes of one next hop. */
static bool read_gateway(const struct rtattr *attr, size_t size, uint8_t family,
			 struct xn_address *gateway)
{
	for (; RTA_OK(attr, size); attr = RTA_NEXT(attr, size)) {
		if (attr->rta_type == RTA_GATEWAY && !read_address(attr, family, gateway))
			return false;
		if (attr->rta_type == RTA_VIA && !read_via(attr, gateway))
			return false;
	}
	return true;
}

static bool read_hop(const struct rtnexthop *nexthop, struct xn_route *route)
{
	struct xn_hop *hop;

	if (route->n_hops == XN_ROUTE_HOPS_MAX)
		return false;
	hop = &route->hops[route->n_hops++];
	hop->ifindex = nexthop->rtnh_ifindex;
	hop->weight = nexthop->rtnh_hops + 1;
	return read_gateway(RTNH_DATA(nexthop), nexthop->rtnh_len - sizeof(*nexthop),
			    route->destination.family, &hop->gateway);
}

static bool read_hops(const struct rtattr *attr, struct xn_route *route)
{
	const struct rtnexthop *nexthop = RTA_DATA(attr);
	size_t left = RTA_PAYLOAD(attr), step;

	while (left >= sizeof(*nexthop)) {
		if (nexthop->rtnh_len < sizeof(*nexthop) || nexthop->rtnh_len > left ||
		    !read_hop(nexthop, route))
			return false;
		step = RTNH_ALIGN(nexthop->rtnh_len);
		if (step >= left)
			return true;
		left -= step;
		nexthop = RTNH_NEXT(nexthop);
	}
	return true;
}

/* What is told of a route beside its hops. */
struct facts {
	uint32_t table, metric, oif;
};

static bool read_attr(const struct rtattr *attr, struct xn_route *route, struct facts *facts)
{
	switch (attr->rta_type) {
	case RTA_DST:
		return read_address(attr, route->destination.family, &route->destination);
	case RTA_TABLE:
		return read_u32(attr, &facts->table);
	case RTA_PRIORITY:
		return read_u32(attr, &facts->metric);
	case RTA_OIF:
		return read_u32(attr, &facts->oif);
	case RTA_GATEWAY:
		return read_address(attr, route->destination.family, &route->hops[0].gateway);
	case RTA_VIA:
		return read_via(attr, &route->hops[0].gateway);
	case RTA_MULTIPATH:
		return read_hops(attr, route);
	default:
		return true;
	}
}

static bool read_message(const struct rtmsg *message, struct xn_route *route)
{
	memset(route, 0, sizeof(*route));
	route->destination.family = message->rtm_family;
	route->length = message->rtm_dst_len;
	route->type = message->rtm_type;
	return message->rtm_protocol == XN_ROUTE_PROTOCOL &&
	       (message->rtm_family == AF_INET || message->rtm_family == AF_INET6) &&
	       route->length <= 8 * address_size(message->rtm_family);
}

bool xn_routemsg_parse(const struct nlmsghdr *nlh, uint32_t table, struct xn_route *route)
{
	const struct rtmsg *message = NLMSG_DATA(nlh);
	const struct rtattr *attr;
	struct facts facts = { 0 };
	size_t size;

	if (nlh->nlmsg_type != RTM_NEWROUTE || nlh->nlmsg_len < NLMSG_LENGTH(sizeof(*message)) ||
	    !read_message(message, route))
		return false;
	facts.table = message->rtm_table;
	size = RTM_PAYLOAD(nlh);
	for (attr = RTM_RTA(message); RTA_OK(attr, size); attr = RTA_NEXT(attr, size))
		if (!read_attr(attr, route, &facts))
			return false;
	/* IPv6 has routes to nowhere go by the loopback device. */
	if (!route->n_hops && facts.oif && route->type == RTN_UNICAST) {
		route->n_hops = 1;
		route->hops[0].ifindex = facts.oif;
		route->hops[0].weight = 1;
	}
	route->metric = facts.metric;
	return facts.table == table && facts.metric == XN_ROUTE_METRIC;
}

/* --- comparing --- */

static int compare_hops(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct xn_hop));
}

static uint64_t fold(uint64_t digest, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	while (size--)
		digest = (digest ^ *bytes++) * 0x100000001b3; /* FNV-1a */
	return digest;
}

/* Field by field: padding says nothing. */
static void copy_hop(struct xn_hop *to, const struct xn_hop *from, uint8_t n)
{
	memset(to, 0, sizeof(*to));
	to->ifindex = from->ifindex;
	to->weight = n > 1 && from->weight ? from->weight : 1;
	to->gateway.family = from->gateway.family;
	if (from->gateway.family)
		memcpy(to->gateway.bytes, from->gateway.bytes, address_size(from->gateway.family));
}

uint64_t xn_route_digest(const struct xn_route *route)
{
	uint8_t head[] = { route->destination.family, route->length, route->type, route->n_hops };
	struct xn_hop hops[XN_ROUTE_HOPS_MAX];
	uint64_t digest = 0xcbf29ce484222325;

	for (uint8_t i = 0; i < route->n_hops; i++)
		copy_hop(&hops[i], &route->hops[i], route->n_hops);
	qsort(hops, route->n_hops, sizeof(hops[0]), compare_hops);
	digest = fold(digest, head, sizeof(head));
	digest = fold(digest, route->destination.bytes, sizeof(route->destination.bytes));
	digest = fold(digest, hops, route->n_hops * sizeof(hops[0]));
	return digest ? digest : 1;
}
