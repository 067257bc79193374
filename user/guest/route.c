// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnetlink's attributes, looked at one by one: libnl-route knows no nexthop objects. */
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "guest/route.h"

#define BUCKETS 1024

/* --- nexthop objects --- */

struct nexthop {
	struct nexthop *next;
	uint32_t id;
	bool blackhole;
	struct xn_guest_hop hop;
	size_t n_members; /* of a group */
	struct nexthop_grp members[];
};

struct xn_nexthops {
	struct nexthop *buckets[BUCKETS];
};

struct xn_nexthops *xn_nexthops_create(void)
{
	return calloc(1, sizeof(struct xn_nexthops));
}

void xn_nexthops_clear(struct xn_nexthops *nexthops)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (nexthops->buckets[i]) {
			struct nexthop *nexthop = nexthops->buckets[i];

			nexthops->buckets[i] = nexthop->next;
			free(nexthop);
		}
}

void xn_nexthops_destroy(struct xn_nexthops *nexthops)
{
	if (!nexthops)
		return;
	xn_nexthops_clear(nexthops);
	free(nexthops);
}

static const struct nexthop *find(const struct xn_nexthops *nexthops, uint32_t id)
{
	const struct nexthop *nexthop = nexthops->buckets[id % BUCKETS];

	while (nexthop && nexthop->id != id)
		nexthop = nexthop->next;
	return nexthop;
}

static void take_address(struct nlattr *attr, uint8_t family, struct xn_address *address)
{
	size_t want = family == AF_INET ? 4 : 16;

	if (!attr || (size_t)nla_len(attr) < want)
		return;
	address->family = family;
	memcpy(address->bytes, nla_data(attr), want);
}

void xn_nexthops_learn(struct xn_nexthops *nexthops, const struct nlmsghdr *message)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)message;
	struct nlattr *attrs[NHA_MAX + 1];
	const struct nhmsg *info;
	struct nexthop *nexthop;
	size_t members = 0;

	if (nlmsg_parse(hdr, sizeof(*info), attrs, NHA_MAX, NULL) < 0 || !attrs[NHA_ID])
		return;
	info = nlmsg_data(hdr);
	if (attrs[NHA_GROUP])
		members = nla_len(attrs[NHA_GROUP]) / sizeof(struct nexthop_grp);
	nexthop = calloc(1, sizeof(*nexthop) + members * sizeof(nexthop->members[0]));
	if (!nexthop)
		return;
	nexthop->id = nla_get_u32(attrs[NHA_ID]);
	nexthop->blackhole = attrs[NHA_BLACKHOLE];
	nexthop->n_members = members;
	if (members)
		memcpy(nexthop->members, nla_data(attrs[NHA_GROUP]),
		       members * sizeof(nexthop->members[0]));
	nexthop->hop.weight = 1;
	if (attrs[NHA_OIF] && !attrs[NHA_ENCAP])
		nexthop->hop.interface = nla_get_u32(attrs[NHA_OIF]);
	take_address(attrs[NHA_GATEWAY], info->nh_family, &nexthop->hop.gateway);
	nexthop->next = nexthops->buckets[nexthop->id % BUCKETS];
	nexthops->buckets[nexthop->id % BUCKETS] = nexthop;
}

/* --- next hops --- */

static void add_hop(struct xn_guest_route *route, const struct xn_guest_hop *hop)
{
	if (route->n_hops < XN_ROUTE_HOPS_MAX)
		route->hops[route->n_hops++] = *hop;
}

static void add_object(struct xn_guest_route *route, const struct xn_nexthops *nexthops,
		       uint32_t id)
{
	const struct nexthop *nexthop = find(nexthops, id), *member;
	struct xn_guest_hop hop;

	if (!nexthop)
		return;
	if (nexthop->blackhole)
		route->type = RTN_BLACKHOLE;
	else if (!nexthop->n_members)
		add_hop(route, &nexthop->hop);
	for (size_t i = 0; i < nexthop->n_members; i++) {
		member = find(nexthops, nexthop->members[i].id);
		if (!member || member->n_members || member->blackhole)
			continue;
		hop = member->hop;
		hop.weight = nexthop->members[i].weight + 1;
		add_hop(route, &hop);
	}
}

static void take_gateway(struct nlattr **attrs, uint8_t family, struct xn_guest_hop *hop)
{
	const struct rtvia *via;

	take_address(attrs[RTA_GATEWAY], family, &hop->gateway);
	if (!attrs[RTA_VIA] || (size_t)nla_len(attrs[RTA_VIA]) < sizeof(*via) + 16)
		return;
	via = nla_data(attrs[RTA_VIA]);
	if (via->rtvia_family != AF_INET6)
		return;
	hop->gateway.family = AF_INET6;
	memcpy(hop->gateway.bytes, via->rtvia_addr, 16);
}

static void take_nexthop(struct xn_guest_route *route, const struct rtnexthop *from)
{
	size_t length = from->rtnh_len - sizeof(*from);
	struct xn_guest_hop hop = { .weight = from->rtnh_hops + 1 };
	struct nlattr *attrs[RTA_MAX + 1];

	if (from->rtnh_flags & RTNH_F_DEAD ||
	    nla_parse(attrs, RTA_MAX, (struct nlattr *)RTNH_DATA(from), length, NULL) < 0)
		return;
	hop.interface = attrs[RTA_ENCAP] ? 0 : from->rtnh_ifindex;
	take_gateway(attrs, route->destination.family, &hop);
	add_hop(route, &hop);
}

static void take_multipath(struct xn_guest_route *route, struct nlattr *attr)
{
	const struct rtnexthop *at = nla_data(attr);
	int left = nla_len(attr);

	while (RTNH_OK(at, left)) {
		take_nexthop(route, at);
		left -= RTNH_ALIGN(at->rtnh_len);
		at = RTNH_NEXT(at);
	}
}

static void take_hops(struct xn_guest_route *route, const struct rtmsg *info, struct nlattr **attrs,
		      const struct xn_nexthops *nexthops)
{
	struct xn_guest_hop hop = { .weight = 1 };

	if (attrs[RTA_MULTIPATH]) {
		take_multipath(route, attrs[RTA_MULTIPATH]);
	} else if (attrs[RTA_OIF]) {
		hop.interface = attrs[RTA_ENCAP] ? 0 : nla_get_u32(attrs[RTA_OIF]);
		take_gateway(attrs, info->rtm_family, &hop);
		if (!(info->rtm_flags & RTNH_F_DEAD))
			add_hop(route, &hop);
	} else if (attrs[RTA_NH_ID]) {
		add_object(route, nexthops, nla_get_u32(attrs[RTA_NH_ID]));
	}
}

/* --- routes --- */

static bool is_carried_type(uint8_t type)
{
	return type == RTN_UNICAST || type == RTN_BLACKHOLE || type == RTN_UNREACHABLE ||
	       type == RTN_PROHIBIT;
}

/* These never leave a link: there is nothing to forward. */
static bool is_local(const struct xn_address *destination, uint8_t length)
{
	const uint8_t *b = destination->bytes;

	if (destination->family == AF_INET)
		return length >= 4 && (b[0] & 0xf0) == 0xe0;
	return (length >= 8 && b[0] == 0xff) ||
	       (length >= 10 && b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}

static bool is_main(const struct rtmsg *info, struct nlattr **attrs)
{
	return (info->rtm_family == AF_INET || info->rtm_family == AF_INET6) &&
	       !(info->rtm_flags & RTM_F_CLONED) &&
	       (attrs[RTA_TABLE] ? nla_get_u32(attrs[RTA_TABLE]) : info->rtm_table) ==
		       RT_TABLE_MAIN;
}

static bool is_ordinary(const struct rtmsg *info)
{
	return !info->rtm_tos && !info->rtm_src_len && is_carried_type(info->rtm_type);
}

enum xn_route_kind xn_route_parse(const struct nlmsghdr *message,
				  const struct xn_nexthops *nexthops, struct xn_guest_route *route)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)message;
	struct nlattr *attrs[RTA_MAX + 1];
	const struct rtmsg *info;

	memset(route, 0, sizeof(*route));
	if (nlmsg_parse(hdr, sizeof(*info), attrs, RTA_MAX, NULL) < 0)
		return XN_ROUTE_ELSEWHERE;
	info = nlmsg_data(hdr);
	if (!is_main(info, attrs))
		return XN_ROUTE_ELSEWHERE;
	route->destination.family = info->rtm_family;
	take_address(attrs[RTA_DST], info->rtm_family, &route->destination);
	route->length = info->rtm_dst_len;
	route->type = info->rtm_type;
	if (attrs[RTA_PRIORITY])
		route->metric = nla_get_u32(attrs[RTA_PRIORITY]);
	if (!is_ordinary(info) || is_local(&route->destination, route->length))
		return XN_ROUTE_NOT_CARRIED;
	if (route->type == RTN_UNICAST)
		take_hops(route, info, attrs, nexthops);
	return route->type != RTN_UNICAST || route->n_hops ? XN_ROUTE_CARRIED
							   : XN_ROUTE_NOT_CARRIED;
}
