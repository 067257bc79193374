// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each route's coming and going is told by the kernel, but not all of it: when a link goes down or an address
 * goes, its IPv4 routes go without a word. Then, and when messages were lost, everything is read anew.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/log.h"
#include "guest/route.h"
#include "guest/watch.h"

#define EVENT_BUFFER (8 << 20) /* bytes; some ten thousand routes at once */
#define SETTLE_USEC  10000     /* changes come in swarms */
#define GAP_USEC     50000     /* between two readings of everything, at least */
#define DUMP_TRIES   5
#define RETRY_USEC   1000000

struct xn_watch {
	struct nl_sock *events;
	sd_event_source *io, *timer;
	void (*changed)(void *arg);
	void *arg;

	struct xn_mirror *routes;
	struct xn_nexthops *nexthops;
	struct xn_interfaces interfaces, fresh; /* @fresh: being read */
	uint64_t version;
	bool stale_interfaces, stale_routes;
	bool no_memory;
	uint64_t last, resyncs;
};

/* --- reading everything --- */

struct dump {
	int type, family;
	void (*take)(struct xn_watch *watch, struct nlmsghdr *message);
};

struct dumping {
	struct xn_watch *watch;
	const struct dump *dump;
};

static int on_dumped(struct nl_msg *msg, void *arg)
{
	struct dumping *dumping = arg;

	dumping->dump->take(dumping->watch, nlmsg_hdr(msg));
	return NL_OK;
}

/* Return: 0 or a libnl error; -NLE_DUMP_INTR: there were changes meanwhile. */
static int read_dump(struct xn_watch *watch, const struct dump *dump)
{
	struct dumping dumping = { watch, dump };
	struct rtmsg request = { .rtm_family = dump->family }; /* the longest of all headers */
	struct nl_sock *sock = nl_socket_alloc();
	int rc;

	if (!sock)
		return -NLE_NOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_dumped, &dumping);
	rc = nl_connect(sock, NETLINK_ROUTE);
	if (rc >= 0)
		rc = nl_send_simple(sock, dump->type, NLM_F_DUMP, &request, sizeof(request));
	if (rc >= 0)
		rc = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	return rc < 0 ? rc : 0;
}

static int read_dumps(struct xn_watch *watch, const struct dump *dumps, size_t n)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++)
		rc = read_dump(watch, &dumps[i]);
	return rc;
}

/* --- interfaces --- */

/*
 * What stands on another interface (a VLAN, a bridge, a tunnel) puts something on the wire that Dom0 would
 * have to do as well: packets that go by those are left to the router.
 */
static bool is_plain(struct nlattr **attrs)
{
	struct nlattr *info[IFLA_INFO_MAX + 1];

	if (attrs[IFLA_MASTER])
		return false;
	if (!attrs[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, attrs[IFLA_LINKINFO], NULL) < 0 ||
	    !info[IFLA_INFO_KIND])
		return true;
	return !strcmp(nla_get_string(info[IFLA_INFO_KIND]), "veth");
}

static void take_link(struct xn_watch *watch, struct nlmsghdr *message)
{
	struct xn_interfaces *all = &watch->fresh;
	struct nlattr *attrs[IFLA_MAX + 1];
	struct xn_guest_interface *interface = &all->list[all->n];
	const struct ifinfomsg *info;

	if (message->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(message, sizeof(*info), attrs, IFLA_MAX, NULL) < 0)
		return;
	info = nlmsg_data(message);
	if (info->ifi_type != ARPHRD_ETHER || !attrs[IFLA_IFNAME] || !attrs[IFLA_ADDRESS] ||
	    nla_len(attrs[IFLA_ADDRESS]) != sizeof(interface->mac) || !is_plain(attrs))
		return;
	if (all->n == XN_GUEST_INTERFACES_MAX) {
		xn_log(SD_WARNING, "%s: Dom0 takes no more than %d interfaces",
		       nla_get_string(attrs[IFLA_IFNAME]), XN_GUEST_INTERFACES_MAX);
		return;
	}
	memset(interface, 0, sizeof(*interface));
	interface->index = info->ifi_index;
	interface->up = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING);
	nla_strlcpy(interface->name, attrs[IFLA_IFNAME], sizeof(interface->name));
	memcpy(interface->mac, nla_data(attrs[IFLA_ADDRESS]), sizeof(interface->mac));
	all->n++;
}

static void take_interface_address(struct xn_watch *watch, struct nlmsghdr *message)
{
	struct xn_interfaces *all = &watch->fresh;
	struct nlattr *attrs[IFA_MAX + 1], *own;
	struct xn_guest_interface *interface;
	const struct ifaddrmsg *info;
	struct xn_address *address;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    nlmsg_parse(message, sizeof(*info), attrs, IFA_MAX, NULL) < 0)
		return;
	info = nlmsg_data(message);
	own = attrs[IFA_LOCAL] ? attrs[IFA_LOCAL]
			       : attrs[IFA_ADDRESS]; /* with a peer, that is _ADDRESS */
	for (size_t i = 0; i < all->n && own; i++) {
		interface = &all->list[i];
		if (interface->index != info->ifa_index ||
		    interface->n_addresses == XN_GUEST_ADDRESSES_MAX || nla_len(own) > 16)
			continue;
		address = &interface->addresses[interface->n_addresses++];
		address->family = info->ifa_family;
		memcpy(address->bytes, nla_data(own), nla_len(own));
	}
}

static int read_interfaces(struct xn_watch *watch)
{
	static const struct dump dumps[] = {
		{ RTM_GETLINK, AF_UNSPEC, take_link },
		{ RTM_GETADDR, AF_INET, take_interface_address },
		{ RTM_GETADDR, AF_INET6, take_interface_address },
	};
	int rc;

	memset(&watch->fresh, 0, sizeof(watch->fresh));
	rc = read_dumps(watch, dumps, sizeof(dumps) / sizeof(dumps[0]));
	if (rc)
		return rc;
	if (memcmp(&watch->fresh, &watch->interfaces, sizeof(watch->fresh))) {
		watch->interfaces = watch->fresh;
		watch->version++;
	}
	watch->stale_interfaces = false;
	return 0;
}

/* --- routes --- */

static void keep_memory(struct xn_watch *watch, int rc)
{
	if (rc && !watch->no_memory)
		xn_log(SD_ERR, "no memory for more routes: Dom0 is not told of all");
	watch->no_memory = rc;
}

static void take_route(struct xn_watch *watch, struct nlmsghdr *message)
{
	struct xn_guest_route route;

	if (message->nlmsg_type == RTM_NEWROUTE &&
	    xn_route_parse(message, watch->nexthops, &route) == XN_ROUTE_CARRIED)
		keep_memory(watch, xn_mirror_set(watch->routes, &route, XN_MIRROR_PUT));
}

static void take_nexthop(struct xn_watch *watch, struct nlmsghdr *message)
{
	if (message->nlmsg_type == RTM_NEWNEXTHOP)
		xn_nexthops_learn(watch->nexthops, message);
}

static int read_routes(struct xn_watch *watch)
{
	static const struct dump nexthops = { RTM_GETNEXTHOP, AF_UNSPEC, take_nexthop };
	static const struct dump routes[] = {
		{ RTM_GETROUTE, AF_INET, take_route },
		{ RTM_GETROUTE, AF_INET6, take_route },
	};
	int rc;

	watch->resyncs++;
	xn_nexthops_clear(watch->nexthops);
	rc = read_dump(watch, &nexthops);
	if (rc == -NLE_OPNOTSUPP) /* a kernel before 5.3 has none */
		rc = 0;
	xn_mirror_sweep_begin(watch->routes);
	if (!rc)
		rc = read_dumps(watch, routes, sizeof(routes) / sizeof(routes[0]));
	if (rc)
		return rc; /* nothing is taken for gone */
	xn_mirror_sweep_end(watch->routes);
	watch->stale_routes = false;
	return 0;
}

/* --- what was not told --- */

static uint64_t now_usec(struct xn_watch *watch)
{
	uint64_t now = 0;

	sd_event_now(sd_event_source_get_event(watch->timer), CLOCK_MONOTONIC, &now);
	return now;
}

static void arm(struct xn_watch *watch, uint64_t time)
{
	int on;

	if (sd_event_source_get_enabled(watch->timer, &on) > 0 && on)
		return;
	sd_event_source_set_time(watch->timer, time);
	sd_event_source_set_enabled(watch->timer, SD_EVENT_ONESHOT);
}

static void read_again(struct xn_watch *watch)
{
	uint64_t now = now_usec(watch);
	uint64_t soon = now + SETTLE_USEC, next = watch->last + GAP_USEC;

	arm(watch, soon > next ? soon : next);
}

static int read_stale(struct xn_watch *watch)
{
	int rc = -NLE_DUMP_INTR;

	for (int tries = DUMP_TRIES; tries && rc == -NLE_DUMP_INTR; tries--) {
		rc = watch->stale_interfaces ? read_interfaces(watch) : 0;
		if (!rc && watch->stale_routes)
			rc = read_routes(watch);
	}
	return rc;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_watch *watch = arg;
	int rc = read_stale(watch);

	(void)source;
	(void)usec;
	watch->last = now_usec(watch);
	if (rc && rc != -NLE_DUMP_INTR)
		xn_log(SD_ERR, "rtnetlink: %s: trying again", nl_geterror(rc));
	if (rc)
		arm(watch, watch->last + (rc == -NLE_DUMP_INTR ? GAP_USEC : RETRY_USEC));
	watch->changed(watch->arg);
	return 0;
}

/* --- events --- */

static void on_new_route(struct xn_watch *watch, struct nlmsghdr *message)
{
	struct xn_guest_route route;
	bool behind = message->nlmsg_flags & NLM_F_APPEND;

	switch (xn_route_parse(message, watch->nexthops, &route)) {
	case XN_ROUTE_CARRIED:
		break;
	case XN_ROUTE_NOT_CARRIED: /* perhaps in place of one that was */
		watch->stale_routes = true;
		return;
	case XN_ROUTE_ELSEWHERE:
		return;
	}
	/* of IPv6 the message tells of all, of IPv4 of the one that was appended */
	if (route.destination.family == AF_INET6)
		behind = false;
	keep_memory(watch, xn_mirror_set(watch->routes, &route,
					 behind ? XN_MIRROR_BEHIND : XN_MIRROR_PUT));
}

static void on_lost_route(struct xn_watch *watch, struct nlmsghdr *message)
{
	struct xn_guest_route route;

	/* of a nexthop object that is gone already, nothing is known but the key */
	if (xn_route_parse(message, watch->nexthops, &route) == XN_ROUTE_CARRIED &&
	    !xn_mirror_remove(watch->routes, &route))
		watch->stale_routes = true;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct xn_watch *watch = arg;
	struct nlmsghdr *message = nlmsg_hdr(msg);

	switch (message->nlmsg_type) {
	case RTM_NEWROUTE:
		on_new_route(watch, message);
		break;
	case RTM_DELROUTE:
		on_lost_route(watch, message);
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_NEWADDR:
	case RTM_DELADDR:
		watch->stale_interfaces = watch->stale_routes = true;
		break;
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		watch->stale_routes = true;
		break;
	}
	return NL_OK;
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct xn_watch *watch = arg;
	int rc;

	(void)source;
	(void)fd;
	(void)revents;
	do
		rc = nl_recvmsgs_default(watch->events);
	while (rc == 0);
	if (rc == -NLE_NOMEM) {
		xn_log(SD_NOTICE, "lost messages of the kernel: reading everything again");
		watch->stale_interfaces = watch->stale_routes = true;
	}
	if (watch->stale_interfaces || watch->stale_routes)
		read_again(watch);
	watch->changed(watch->arg);
	return 0;
}

static int open_events(struct xn_watch *watch)
{
	int size = EVENT_BUFFER, rc;

	watch->events = nl_socket_alloc();
	if (!watch->events)
		return -NLE_NOMEM;
	nl_socket_disable_seq_check(watch->events);
	nl_socket_modify_cb(watch->events, NL_CB_VALID, NL_CB_CUSTOM, on_message, watch);
	rc = nl_connect(watch->events, NETLINK_ROUTE);
	if (rc)
		return rc;
	setsockopt(nl_socket_get_fd(watch->events), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	rc = nl_socket_set_nonblocking(watch->events);
	if (!rc)
		rc = nl_socket_add_memberships(watch->events, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
					       RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
					       RTNLGRP_IPV6_ROUTE, 0);
	if (!rc) /* a kernel before 5.3 has no such group */
		nl_socket_add_memberships(watch->events, RTNLGRP_NEXTHOP, 0);
	return rc;
}

/* --- life --- */

/* First listen, then read: nothing is missed in between. */
static int start(struct xn_watch *watch, sd_event *event, struct xn_err *err)
{
	int rc;

	watch->routes = xn_mirror_create();
	watch->nexthops = xn_nexthops_create();
	watch->stale_interfaces = watch->stale_routes = true;
	rc = watch->routes && watch->nexthops ? open_events(watch) : -NLE_NOMEM;
	if (!rc)
		rc = read_stale(watch);
	if (rc && rc != -NLE_DUMP_INTR) {
		xn_err_set(err, "rtnetlink: %s", nl_geterror(rc));
		return -EIO;
	}
	rc = sd_event_add_io(event, &watch->io, nl_socket_get_fd(watch->events), EPOLLIN, on_events,
			     watch);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &watch->timer, CLOCK_MONOTONIC, SETTLE_USEC,
						1, on_timer, watch);
	if (rc < 0)
		xn_err_set(err, "rtnetlink: %s", strerror(-rc));
	return rc < 0 ? rc : 0;
}

struct xn_watch *xn_watch_open(sd_event *event, void (*changed)(void *arg), void *arg,
			       struct xn_err *err)
{
	struct xn_watch *watch = calloc(1, sizeof(*watch));

	if (!watch) {
		xn_err_set(err, "no memory");
		return NULL;
	}
	watch->version = 1; /* even if there is no interface at all */
	watch->changed = changed;
	watch->arg = arg;
	if (!start(watch, event, err))
		return watch;
	xn_watch_close(watch);
	return NULL;
}

void xn_watch_close(struct xn_watch *watch)
{
	if (!watch)
		return;
	sd_event_source_disable_unref(watch->io);
	sd_event_source_disable_unref(watch->timer);
	nl_socket_free(watch->events);
	xn_mirror_destroy(watch->routes);
	xn_nexthops_destroy(watch->nexthops);
	free(watch);
}

struct xn_mirror *xn_watch_routes(struct xn_watch *watch)
{
	return watch->routes;
}

const struct xn_interfaces *xn_watch_interfaces(const struct xn_watch *watch, uint64_t *version)
{
	*version = watch->version;
	return &watch->interfaces;
}

uint64_t xn_watch_resyncs(const struct xn_watch *watch)
{
	return watch->resyncs;
}
