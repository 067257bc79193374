// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's table "local", read again whenever an address comes or goes. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/own.h"

struct xn_own {
	struct xn_prefix *prefixes;
	size_t n, max;
	bool no_memory;
	struct xn_netreq *netreq;
	struct nl_sock *events;
	sd_event_source *source;
	void (*changed)(void *arg);
	void *arg;
};

static void add(struct xn_own *own, const struct xn_prefix *prefix)
{
	if (own->n == own->max) {
		size_t max = own->max ? 2 * own->max : 32;
		struct xn_prefix *prefixes = reallocarray(own->prefixes, max, sizeof(*prefixes));

		own->no_memory |= !prefixes;
		if (!prefixes)
			return;
		own->prefixes = prefixes;
		own->max = max;
	}
	own->prefixes[own->n++] = *prefix;
}

/* Multicast, broadcast, link-local: nobody forwards these. */
static void add_fixed(struct xn_own *own)
{
	static const struct xn_prefix fixed[] = {
		{ { AF_INET, { 127 } }, 8 },   { { AF_INET, { 169, 254 } }, 16 },
		{ { AF_INET, { 224 } }, 3 },   { { AF_INET6, { 0xfe, 0x80 } }, 10 },
		{ { AF_INET6, { 0xff } }, 8 },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		add(own, &fixed[i]);
}

static bool within(const struct xn_prefix *outer, const struct xn_prefix *inner)
{
	size_t whole = outer->length / 8, rest = outer->length % 8;
	uint8_t mask = 0xff00 >> rest;

	if (outer->address.family != inner->address.family || outer->length > inner->length ||
	    memcmp(outer->address.bytes, inner->address.bytes, whole))
		return false;
	return !rest || !((outer->address.bytes[whole] ^ inner->address.bytes[whole]) & mask);
}

static void take_route(const struct nlmsghdr *nlh, void *arg)
{
	struct xn_own *own = arg;
	const struct rtmsg *rtm = nlmsg_data(nlh);
	struct xn_prefix prefix = { { .family = rtm->rtm_family }, rtm->rtm_dst_len };
	struct nlattr *dst = nlmsg_find_attr((struct nlmsghdr *)nlh, sizeof(*rtm), RTA_DST);

	if (nlh->nlmsg_type != RTM_NEWROUTE || rtm->rtm_table != RT_TABLE_LOCAL || !dst ||
	    nla_len(dst) > (int)sizeof(prefix.address.bytes))
		return;
	memcpy(prefix.address.bytes, nla_data(dst), nla_len(dst));
	for (size_t i = 0; i < own->n; i++)
		if (within(&own->prefixes[i], &prefix))
			return;
	add(own, &prefix);
}

static int read_family(struct xn_own *own, uint8_t family)
{
	struct rtmsg rtm = { .rtm_family = family, .rtm_table = RT_TABLE_LOCAL };

	return xn_netreq_get(own->netreq,
			     xn_netreq_message(RTM_GETROUTE, NLM_F_DUMP, &rtm, sizeof(rtm)),
			     take_route, own);
}

static int read_all(struct xn_own *own)
{
	int rc;

	own->n = 0;
	add_fixed(own);
	rc = read_family(own, AF_INET);
	if (!rc)
		read_family(own, AF_INET6); /* there may be no IPv6 in the kernel */
	return own->no_memory ? -ENOMEM : rc;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int on_event(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct xn_own *own = arg;
	struct xn_prefix *was = own->prefixes;
	size_t n = own->n;

	(void)source;
	(void)fd;
	(void)revents;
	while (nl_recvmsgs_default(own->events) == 0)
		;
	own->prefixes = NULL;
	own->max = 0;
	if (read_all(own))
		xn_log(SD_ERR, "Dom0's addresses could not be read");
	if (own->n != n || memcmp(own->prefixes, was, n * sizeof(*was)))
		own->changed(own->arg);
	free(was);
	return 0;
}

static int listen_events(struct xn_own *own, sd_event *event)
{
	own->events = nl_socket_alloc();
	if (!own->events)
		return -ENOMEM;
	nl_socket_disable_seq_check(own->events);
	nl_socket_modify_cb(own->events, NL_CB_VALID, NL_CB_CUSTOM, on_message, NULL);
	if (nl_connect(own->events, NETLINK_ROUTE) || nl_socket_set_nonblocking(own->events) ||
	    nl_socket_add_memberships(own->events, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, 0))
		return -EIO;
	return sd_event_add_io(event, &own->source, nl_socket_get_fd(own->events), EPOLLIN,
			       on_event, own);
}

struct xn_own *xn_own_open(sd_event *event, struct xn_netreq *netreq, void (*changed)(void *arg),
			   void *arg, struct xn_err *err)
{
	struct xn_own *own = calloc(1, sizeof(*own));
	int rc = -ENOMEM;

	if (own) {
		own->netreq = netreq;
		own->changed = changed;
		own->arg = arg;
		rc = listen_events(own, event);
	}
	if (rc >= 0)
		rc = read_all(own);
	if (rc >= 0)
		return own;
	xn_err_set(err, "Dom0's addresses: %s", strerror(-rc));
	xn_own_close(own);
	return NULL;
}

void xn_own_close(struct xn_own *own)
{
	if (!own)
		return;
	sd_event_source_disable_unref(own->source);
	nl_socket_free(own->events);
	free(own->prefixes);
	free(own);
}

const struct xn_prefix *xn_own_prefixes(const struct xn_own *own, size_t *n)
{
	*n = own->n;
	return own->prefixes;
}
