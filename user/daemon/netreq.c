// SPDX-License-Identifier: GPL-2.0-or-later
/* libnl sends and receives; the kernel's words are taken out of its extended acknowledgement. */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/kernelmsg.h"
#include "daemon/netreq.h"

struct xn_netreq {
	struct nl_sock *sock;
	int error; /* of the request under way, -errno */
	bool over; /* it has its verdict */
	char why[128];
	void (*record)(const struct nlmsghdr *nlh, void *arg);
	void *arg;
};

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	const struct nlmsghdr *nlh = (const void *)((const char *)e - NLMSG_HDRLEN);
	struct xn_netreq *netreq = arg;
	const char *text;

	(void)from;
	netreq->error = xn_message_error(nlh, &text);
	netreq->over = true;
	if (text)
		snprintf(netreq->why, sizeof(netreq->why), "%s", text);
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct xn_netreq *netreq = arg;

	(void)msg;
	netreq->over = true;
	return NL_STOP;
}

static int on_record(struct nl_msg *msg, void *arg)
{
	struct xn_netreq *netreq = arg;

	if (netreq->record)
		netreq->record(nlmsg_hdr(msg), netreq->arg);
	return NL_OK;
}

struct xn_netreq *xn_netreq_open(struct xn_err *err)
{
	struct xn_netreq *netreq = calloc(1, sizeof(*netreq));
	int on = 1, rc = -NLE_NOMEM;

	if (netreq)
		netreq->sock = nl_socket_alloc();
	if (!netreq || !netreq->sock)
		goto err_rtnl;
	nl_socket_modify_err_cb(netreq->sock, NL_CB_CUSTOM, on_error, netreq);
	nl_socket_modify_cb(netreq->sock, NL_CB_VALID, NL_CB_CUSTOM, on_record, netreq);
	nl_socket_modify_cb(netreq->sock, NL_CB_ACK, NL_CB_CUSTOM, on_ack, netreq);
	nl_socket_modify_cb(netreq->sock, NL_CB_FINISH, NL_CB_CUSTOM, on_ack, netreq);
	rc = nl_connect(netreq->sock, NETLINK_ROUTE);
	if (rc)
		goto err_rtnl;
	setsockopt(nl_socket_get_fd(netreq->sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(netreq->sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(netreq->sock), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on,
		   sizeof(on));
	nl_socket_set_msg_buf_size(netreq->sock, 1 << 16);
	return netreq;

err_rtnl:
	xn_err_set(err, "rtnetlink: %s", nl_geterror(rc));
	xn_netreq_close(netreq);
	return NULL;
}

void xn_netreq_close(struct xn_netreq *netreq)
{
	if (!netreq)
		return;
	nl_socket_free(netreq->sock);
	free(netreq);
}

struct nl_msg *xn_netreq_message(int type, int flags, const void *header, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (!msg || !nlmsg_append(msg, (void *)header, size, NLMSG_ALIGNTO))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int finish(struct xn_netreq *netreq, struct nl_msg *msg)
{
	int rc;

	if (!msg)
		return -ENOMEM;
	netreq->over = false;
	netreq->error = 0;
	netreq->why[0] = '\0';
	rc = nl_send_auto(netreq->sock, msg);
	while (rc >= 0 && !netreq->over) /* a record and the verdict may come one by one */
		rc = nl_recvmsgs_default(netreq->sock);
	nlmsg_free(msg);
	if (netreq->error)
		return netreq->error;
	return rc < 0 ? -EIO : 0;
}

int xn_netreq_do(struct xn_netreq *netreq, struct nl_msg *msg, struct xn_err *err,
		 const char *doing)
{
	int rc;

	netreq->record = NULL;
	rc = finish(netreq, msg);
	if (rc)
		xn_err_set(err, "%s: %s", doing, *netreq->why ? netreq->why : strerror(-rc));
	return rc;
}

int xn_netreq_get(struct xn_netreq *netreq, struct nl_msg *msg,
		  void (*record)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	netreq->record = record;
	netreq->arg = arg;
	return finish(netreq, msg);
}

static void take_index(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *info = nlmsg_data(nlh);

	if (nlh->nlmsg_type == RTM_NEWLINK)
		*(uint32_t *)arg = info->ifi_index;
}

uint32_t xn_netreq_index(struct xn_netreq *netreq, const char *name)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = xn_netreq_message(RTM_GETLINK, 0, &info, sizeof(info));
	uint32_t ifindex = 0;

	if (msg)
		nla_put_string(msg, IFLA_IFNAME, name);
	xn_netreq_get(netreq, msg, take_index, &ifindex);
	return ifindex;
}
