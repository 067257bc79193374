// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Per-device settings go by rtnetlink, for /proc/sys is read-only to the service. The macvlans have no
 * address but a link-local one, without which IPv6 finds no neighbour.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/vrf.h"

#define ALIAS_MAX  256 /* the kernel's IFALIASZ */
#define VRF_ALIAS  "xnetman network "
#define PORT_ALIAS "xnetman port "

/* RFC 7600's dummy address, and one nobody has: neither can be a neighbour's. */
#define GATEWAY4 "192.0.0.8"
#define GATEWAY6 "fe80::786e:6574:6d61:6e"

void xn_vrf_name(unsigned int slot, char name[IFNAMSIZ])
{
	snprintf(name, IFNAMSIZ, "xn%u", slot);
}

void xn_vrf_port_name(unsigned int slot, unsigned int number, char name[IFNAMSIZ])
{
	snprintf(name, IFNAMSIZ, "xn%u.%u", slot, number);
}

const char *xn_vrf_gateway_text(uint8_t family)
{
	return family == AF_INET ? GATEWAY4 : GATEWAY6;
}

struct xn_address xn_vrf_gateway(uint8_t family)
{
	struct xn_address address = { .family = family };

	inet_pton(family, xn_vrf_gateway_text(family), address.bytes);
	return address;
}

/* --- devices --- */

static struct nl_msg *link_message(int flags, uint32_t ifindex, unsigned int up)
{
	struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = ifindex,
		.ifi_flags = up,
		.ifi_change = up,
	};

	return xn_netreq_message(RTM_NEWLINK, flags, &info, sizeof(info));
}

/* @data: of the kind, as one u32. */
static int create(struct xn_netreq *netreq, const char *name, const char *kind, int type,
		  uint32_t data, uint32_t lower, struct xn_err *err)
{
	struct nl_msg *msg = link_message(NLM_F_CREATE | NLM_F_EXCL, 0, 0);
	struct nlattr *info, *nest;
	char doing[64];

	snprintf(doing, sizeof(doing), "making %s %s", kind, name);
	if (!msg)
		return xn_netreq_do(netreq, NULL, err, doing);
	nla_put_string(msg, IFLA_IFNAME, name);
	if (lower)
		nla_put_u32(msg, IFLA_LINK, lower);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, kind);
	nest = nla_nest_start(msg, IFLA_INFO_DATA);
	nla_put_u32(msg, type, data);
	nla_nest_end(msg, nest);
	nla_nest_end(msg, info);
	return xn_netreq_do(netreq, msg, err, doing);
}

/*
 * Forward, without asking where a source would be routed to: the router did not, and the way back may
 * be another. No redirects: Dom0 is nobody's gateway. ARP is answered for no address: it has none.
 */
static void put_settings(struct nl_msg *msg)
{
	static const struct {
		int id;
		uint32_t value;
	} settings[] = {
		{ IPV4_DEVCONF_FORWARDING, 1 },	    { IPV4_DEVCONF_RP_FILTER, 0 },
		{ IPV4_DEVCONF_SEND_REDIRECTS, 0 }, { IPV4_DEVCONF_ACCEPT_REDIRECTS, 0 },
		{ IPV4_DEVCONF_ARP_IGNORE, 8 },	    { IPV4_DEVCONF_PROXY_ARP, 0 },
	};
	struct nlattr *spec = nla_nest_start(msg, IFLA_AF_SPEC);
	struct nlattr *inet = nla_nest_start(msg, AF_INET);
	struct nlattr *conf = nla_nest_start(msg, IFLA_INET_CONF);

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		nla_put_u32(msg, settings[i].id, settings[i].value);
	nla_nest_end(msg, conf);
	nla_nest_end(msg, inet);
	nla_nest_end(msg, spec);
}

/* Without IPv6 in the kernel there is nothing to set, hence no error. */
static void no_automatic_address(struct xn_netreq *netreq, uint32_t ifindex)
{
	struct nl_msg *msg = link_message(0, ifindex, 0);
	struct nlattr *spec, *inet6;

	if (msg) {
		spec = nla_nest_start(msg, IFLA_AF_SPEC);
		inet6 = nla_nest_start(msg, AF_INET6);
		nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
		nla_nest_end(msg, inet6);
		nla_nest_end(msg, spec);
	}
	xn_netreq_do(netreq, msg, NULL, "IPv6");
}

/* A device that was just made: what it is for, what it is a part of, up. */
static int set_up(struct xn_netreq *netreq, uint32_t ifindex, uint32_t master, const char *alias,
		  const char *name, struct xn_err *err)
{
	struct nl_msg *msg = link_message(0, ifindex, IFF_UP);
	char doing[64];

	snprintf(doing, sizeof(doing), "setting up %s", name);
	no_automatic_address(netreq, ifindex);
	if (msg) {
		nla_put(msg, IFLA_IFALIAS, strlen(alias), alias);
		if (master)
			nla_put_u32(msg, IFLA_MASTER, master);
		put_settings(msg);
	}
	return xn_netreq_do(netreq, msg, err, doing);
}

int xn_vrf_remove(struct xn_netreq *netreq, uint32_t ifindex, struct xn_err *err)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	int rc = xn_netreq_do(netreq, xn_netreq_message(RTM_DELLINK, 0, &info, sizeof(info)), err,
			      "removing a device of a data plane");

	return rc == -ENODEV ? 0 : rc;
}

/* --- routes that are always there --- */

struct route {
	uint8_t family;
	uint8_t type;
	uint8_t length; /* 0, or all bits of the gateway */
	uint32_t metric;
	uint32_t ifindex;
};

static size_t address_size(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

/* As the kernel's own ("kernel"), so that nobody counts them as the network's, or takes them for routes of its. */
static int change_route(struct xn_netreq *netreq, int type, unsigned int slot,
			const struct route *route, struct xn_err *err)
{
	struct xn_address gateway = xn_vrf_gateway(route->family);
	struct rtmsg rtm = {
		.rtm_family = route->family,
		.rtm_dst_len = route->length,
		.rtm_table = RT_TABLE_UNSPEC,
		.rtm_protocol = RTPROT_KERNEL,
		.rtm_scope = route->length ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
		.rtm_type = route->type,
	};
	int flags = type == RTM_NEWROUTE ? NLM_F_CREATE | NLM_F_REPLACE : 0;
	struct nl_msg *msg = xn_netreq_message(type, flags, &rtm, sizeof(rtm));
	size_t size = address_size(route->family);

	if (!msg)
		return -ENOMEM;
	nla_put_u32(msg, RTA_TABLE, xn_vrf_table(slot));
	if (route->metric)
		nla_put_u32(msg, RTA_PRIORITY, route->metric);
	if (route->length)
		nla_put(msg, RTA_DST, size, gateway.bytes);
	else if (route->type == RTN_UNICAST)
		nla_put(msg, RTA_GATEWAY, size, gateway.bytes);
	if (route->ifindex)
		nla_put_u32(msg, RTA_OIF, route->ifindex);
	return xn_netreq_do(netreq, msg, err, "the route to the router");
}

static int put_route(struct xn_netreq *netreq, unsigned int slot, const struct route *route,
		     struct xn_err *err)
{
	return change_route(netreq, RTM_NEWROUTE, slot, route, err);
}

/* These have no device to go with. */
static void remove_unreachable(struct xn_netreq *netreq, unsigned int slot)
{
	struct route route = { AF_INET, RTN_UNREACHABLE, 0, XN_VRF_LAST_RESORT + 1, 0 };

	change_route(netreq, RTM_DELROUTE, slot, &route, NULL);
	route.family = AF_INET6;
	change_route(netreq, RTM_DELROUTE, slot, &route, NULL);
}

static int put_unreachable(struct xn_netreq *netreq, unsigned int slot, struct xn_err *err)
{
	struct route route = { AF_INET, RTN_UNREACHABLE, 0, XN_VRF_LAST_RESORT + 1, 0 };
	int rc = put_route(netreq, slot, &route, err);

	route.family = AF_INET6;
	if (!rc && put_route(netreq, slot, &route, NULL) == -ENOMEM)
		rc = -ENOMEM;
	return rc;
}

static int put_neighbour(struct xn_netreq *netreq, uint8_t family, uint32_t ifindex,
			 const uint8_t mac[6], struct xn_err *err)
{
	struct xn_address gateway = xn_vrf_gateway(family);
	struct ndmsg ndm = {
		.ndm_family = family,
		.ndm_ifindex = ifindex,
		.ndm_state = NUD_PERMANENT,
		.ndm_type = RTN_UNICAST,
	};
	struct nl_msg *msg =
		xn_netreq_message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &ndm, sizeof(ndm));

	if (msg) {
		nla_put(msg, NDA_DST, address_size(family), gateway.bytes);
		nla_put(msg, NDA_LLADDR, 6, mac);
	}
	return xn_netreq_do(netreq, msg, err, "the router's neighbour entry");
}

static struct nl_msg *about_neighbour(int type, int flags, uint32_t ifindex,
				      const struct xn_address *address, uint8_t how)
{
	struct ndmsg ndm = {
		.ndm_family = address->family,
		.ndm_ifindex = ifindex,
		.ndm_flags = how,
	};
	struct nl_msg *msg = xn_netreq_message(type, flags, &ndm, sizeof(ndm));

	if (msg)
		nla_put(msg, NDA_DST, address_size(address->family), address->bytes);
	return msg;
}

void xn_vrf_ask(struct xn_netreq *netreq, uint32_t ifindex, const struct xn_address *address)
{
	xn_netreq_do(netreq, about_neighbour(RTM_NEWNEIGH, NLM_F_CREATE, ifindex, address, NTF_USE),
		     NULL, "asking for a neighbour");
}

static void take_state(const struct nlmsghdr *nlh, void *arg)
{
	const struct ndmsg *ndm = nlmsg_data(nlh);

	if (nlh->nlmsg_type == RTM_NEWNEIGH)
		*(uint16_t *)arg = ndm->ndm_state;
}

bool xn_vrf_answered(struct xn_netreq *netreq, uint32_t ifindex, const struct xn_address *address)
{
	uint16_t state = NUD_INCOMPLETE;

	xn_netreq_get(netreq, about_neighbour(RTM_GETNEIGH, 0, ifindex, address, 0), take_state,
		      &state);
	return state != NUD_NONE && state != NUD_INCOMPLETE;
}

static int last_resort(struct xn_netreq *netreq, unsigned int slot, uint8_t family,
		       uint32_t ifindex, const uint8_t mac[6], struct xn_err *err)
{
	struct route link = { family, RTN_UNICAST, 8 * address_size(family), 0, ifindex };
	struct route to = { family, RTN_UNICAST, 0, XN_VRF_LAST_RESORT, ifindex };
	int rc = put_neighbour(netreq, family, ifindex, mac, err);

	if (!rc)
		rc = put_route(netreq, slot, &link, err);
	return rc ? rc : put_route(netreq, slot, &to, err);
}

int xn_vrf_last_resort(struct xn_netreq *netreq, unsigned int slot, uint32_t ifindex,
		       const uint8_t mac[6], struct xn_err *err)
{
	int rc = last_resort(netreq, slot, AF_INET, ifindex, mac, err);

	if (!rc && last_resort(netreq, slot, AF_INET6, ifindex, mac, NULL) == -ENOMEM)
		rc = -ENOMEM;
	return rc;
}

/* --- as a whole --- */

int xn_vrf_create(struct xn_netreq *netreq, unsigned int slot, const char *network,
		  uint32_t *ifindex, struct xn_err *err)
{
	char name[IFNAMSIZ], alias[ALIAS_MAX];
	int rc;

	xn_vrf_name(slot, name);
	snprintf(alias, sizeof(alias), VRF_ALIAS "%s", network);
	rc = create(netreq, name, "vrf", IFLA_VRF_TABLE, xn_vrf_table(slot), 0, err);
	if (rc)
		return rc;
	*ifindex = xn_netreq_index(netreq, name);
	rc = set_up(netreq, *ifindex, 0, alias, name, err);
	if (!rc)
		rc = put_unreachable(netreq, slot, err);
	if (rc)
		xn_vrf_destroy(netreq, slot, *ifindex, NULL);
	return rc;
}

int xn_vrf_destroy(struct xn_netreq *netreq, unsigned int slot, uint32_t ifindex,
		   struct xn_err *err)
{
	remove_unreachable(netreq, slot);
	return xn_vrf_remove(netreq, ifindex, err);
}

/* EUI-64 of the macvlan's own MAC, at once: nobody else's can be the same. */
static void add_link_local(struct xn_netreq *netreq, uint32_t ifindex, const uint8_t mac[6])
{
	struct ifaddrmsg ifa = {
		.ifa_family = AF_INET6,
		.ifa_prefixlen = 64,
		.ifa_flags = IFA_F_NODAD,
		.ifa_scope = RT_SCOPE_LINK,
		.ifa_index = ifindex,
	};
	uint8_t address[16] = { 0xfe,	    0x80,   0,	    0,	  0,	0,	0,	0,
				mac[0] ^ 2, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5] };
	struct nl_msg *msg = xn_netreq_message(RTM_NEWADDR, NLM_F_CREATE, &ifa, sizeof(ifa));

	if (msg)
		nla_put(msg, IFA_LOCAL, sizeof(address), address);
	xn_netreq_do(netreq, msg, NULL, "IPv6");
}

static void take_mac(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *mac =
		nlmsg_find_attr((struct nlmsghdr *)nlh, sizeof(struct ifinfomsg), IFLA_ADDRESS);

	if (mac && nla_len(mac) == 6)
		memcpy(arg, nla_data(mac), 6);
}

static void read_mac(struct xn_netreq *netreq, uint32_t ifindex, uint8_t mac[6])
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };

	memset(mac, 0, 6);
	xn_netreq_get(netreq, xn_netreq_message(RTM_GETLINK, 0, &info, sizeof(info)), take_mac,
		      mac);
}

int xn_vrf_add_port(struct xn_netreq *netreq, unsigned int slot, unsigned int number, uint32_t vrf,
		    uint32_t bridge, const char *port, uint32_t *ifindex, struct xn_err *err)
{
	char name[IFNAMSIZ], alias[ALIAS_MAX];
	uint8_t mac[6];
	int rc;

	xn_vrf_port_name(slot, number, name);
	snprintf(alias, sizeof(alias), PORT_ALIAS "%s", port);
	rc = create(netreq, name, "macvlan", IFLA_MACVLAN_MODE, MACVLAN_MODE_PRIVATE, bridge, err);
	if (rc)
		return rc;
	*ifindex = xn_netreq_index(netreq, name);
	rc = set_up(netreq, *ifindex, vrf, alias, name, err);
	if (rc) {
		xn_vrf_remove(netreq, *ifindex, NULL);
		return rc;
	}
	read_mac(netreq, *ifindex, mac);
	add_link_local(netreq, *ifindex, mac);
	return 0;
}

/* --- finding them again --- */

struct search {
	void (*found)(const struct xn_vrf_found *found, void *arg);
	void *arg;
};

/* Name and alias together: a device that somebody else named so is left alone. */
static bool parse_name(const char *name, struct xn_vrf_found *found)
{
	char again[IFNAMSIZ];

	found->number = -1;
	if (sscanf(name, "xn%u.%d", &found->slot, &found->number) < 1 || !found->slot ||
	    found->slot > XN_VRF_SLOTS || found->number >= XN_VRF_PORTS)
		return false;
	if (found->number < 0)
		xn_vrf_name(found->slot, again);
	else
		xn_vrf_port_name(found->slot, found->number, again);
	return !strcmp(name, again);
}

static uint32_t get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static void take_device(const struct nlmsghdr *nlh, void *arg)
{
	const struct search *search = arg;
	const struct ifinfomsg *info = nlmsg_data(nlh);
	struct nlattr *attrs[IFLA_MAX + 1];
	struct xn_vrf_found found = { .ifindex = info->ifi_index };
	const char *alias, *prefix;

	if (nlh->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*info), attrs, IFLA_MAX, NULL) < 0 ||
	    !attrs[IFLA_IFNAME] || !attrs[IFLA_IFALIAS] ||
	    !parse_name(nla_get_string(attrs[IFLA_IFNAME]), &found))
		return;
	prefix = found.number < 0 ? VRF_ALIAS : PORT_ALIAS;
	alias = nla_get_string(attrs[IFLA_IFALIAS]);
	if (strncmp(alias, prefix, strlen(prefix)))
		return;
	found.name = alias + strlen(prefix);
	found.master = get_u32(attrs[IFLA_MASTER]);
	found.lower = get_u32(attrs[IFLA_LINK]);
	search->found(&found, search->arg);
}

int xn_vrf_find(struct xn_netreq *netreq,
		void (*found)(const struct xn_vrf_found *found, void *arg), void *arg)
{
	struct search search = { found, arg };
	struct ifinfomsg all = { .ifi_family = AF_UNSPEC };

	return xn_netreq_get(netreq, xn_netreq_message(RTM_GETLINK, NLM_F_DUMP, &all, sizeof(all)),
			     take_device, &search);
}
