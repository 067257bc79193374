// SPDX-License-Identifier: GPL-2.0-or-later
/* Rtnetlink in batches: many changes in one system call, and a table read piece by piece. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/kernelmsg.h"
#include "daemon/rtnl.h"

#define RECEIVE_SIZE (64 * 1024)
/* A refusal takes up to 2 KiB of it, whatever its length, and a batch may be refused as a whole. */
#define RECEIVE_QUEUE (4 * 1024 * 1024)

/* Reading goes on while changes are made: each has a socket. */
struct xn_rtnl {
	int requests;
	int dump;
	bool interrupted; /* the dump */
	char buffer[RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static int fail(struct xn_err *err, int ret, const char *doing)
{
	xn_err_set(err, "rtnetlink: %s: %s", doing, strerror(-ret));
	return ret;
}

static int connect_socket(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int on = 1, bytes = RECEIVE_QUEUE;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (!connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)))
		return fd;
	on = -errno;
	close(fd);
	return on;
}

struct xn_rtnl *xn_rtnl_open(struct xn_err *err)
{
	struct xn_rtnl *rtnl = calloc(1, sizeof(*rtnl));

	if (!rtnl) {
		xn_err_set(err, "rtnetlink: no memory");
		return NULL;
	}
	rtnl->requests = connect_socket();
	rtnl->dump = connect_socket();
	if (rtnl->requests >= 0 && rtnl->dump >= 0)
		return rtnl;
	fail(err, rtnl->requests < 0 ? rtnl->requests : rtnl->dump, "connect");
	xn_rtnl_close(rtnl);
	return NULL;
}

void xn_rtnl_close(struct xn_rtnl *rtnl)
{
	if (!rtnl)
		return;
	if (rtnl->requests >= 0)
		close(rtnl->requests);
	if (rtnl->dump >= 0)
		close(rtnl->dump);
	free(rtnl);
}

static ssize_t receive(struct xn_rtnl *rtnl, int fd)
{
	ssize_t n;

	do
		n = recv(fd, rtnl->buffer, sizeof(rtnl->buffer), MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* --- changes --- */

struct execution {
	xn_rtnl_refused_fn refused;
	void *arg;
	uint32_t last; /* number of the message that is always answered */
	bool done;
};

/* Answers to an earlier batch that were left over are read before a new one is sent. */
static void drain(struct xn_rtnl *rtnl)
{
	while (receive(rtnl, rtnl->requests) > 0)
		;
}

static void take_answer(const struct nlmsghdr *nlh, struct execution *execution)
{
	const char *text;
	int error;

	if (nlh->nlmsg_type != NLMSG_ERROR)
		return;
	error = xn_message_error(nlh, &text);
	if (error)
		execution->refused(nlh->nlmsg_seq, error, text, execution->arg);
	if (nlh->nlmsg_seq == execution->last)
		execution->done = true;
}

static int take_answers(struct xn_rtnl *rtnl, struct execution *execution)
{
	while (!execution->done) {
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)rtnl->buffer;
		ssize_t n = receive(rtnl, rtnl->requests);

		if (n < 0)
			return n;
		for (; NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n))
			take_answer(nlh, execution);
	}
	return 0;
}

/* Errors are always answered, success only where it is asked for: the last one. */
static uint32_t ask_for_last(void *messages, size_t size)
{
	struct nlmsghdr *nlh = messages, *last = nlh;

	for (; NLMSG_OK(nlh, size); nlh = NLMSG_NEXT(nlh, size))
		last = nlh;
	last->nlmsg_flags |= NLM_F_ACK;
	return last->nlmsg_seq;
}

int xn_rtnl_execute(struct xn_rtnl *rtnl, void *messages, size_t size, xn_rtnl_refused_fn refused,
		    void *arg, struct xn_err *err)
{
	struct execution execution = { .refused = refused, .arg = arg };
	ssize_t n;
	int ret;

	execution.last = ask_for_last(messages, size);
	drain(rtnl);
	do
		n = send(rtnl->requests, messages, size, 0);
	while (n < 0 && errno == EINTR);
	ret = n < 0 ? -errno : take_answers(rtnl, &execution);
	return ret ? fail(err, ret, "change routes") : 0;
}

/* --- reading --- */

int xn_rtnl_dump(struct xn_rtnl *rtnl, uint8_t family, uint32_t table, uint8_t protocol,
		 struct xn_err *err)
{
	struct {
		struct nlmsghdr nlh;
		struct rtmsg message;
		struct rtattr attr;
		uint32_t table;
	} request = {
		.nlh = { sizeof(request), RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP },
		.message = { .rtm_family = family, .rtm_protocol = protocol },
		.attr = { RTA_LENGTH(sizeof(table)), RTA_TABLE },
		.table = table,
	};

	/* What is left of a dump before would come first. */
	while (receive(rtnl, rtnl->dump) > 0)
		;
	rtnl->interrupted = false;
	if (send(rtnl->dump, &request, sizeof(request), 0) < 0)
		return fail(err, -errno, "read routes");
	return 0;
}

/* Return: 1 to go on, 0 or -errno at the end. A table that nobody has written to yet isn't there. */
static int take_message(struct xn_rtnl *rtnl, const struct nlmsghdr *nlh,
			void (*route)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	const char *text;
	int error;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		rtnl->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
		error = xn_message_error(nlh, &text);
		if (error && error != -ENOENT)
			return error;
		return rtnl->interrupted ? -EAGAIN : 0;
	}
	route(nlh, arg);
	return 1;
}

int xn_rtnl_dump_read(struct xn_rtnl *rtnl, void (*route)(const struct nlmsghdr *nlh, void *arg),
		      void *arg, struct xn_err *err)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)rtnl->buffer;
	ssize_t n = receive(rtnl, rtnl->dump);
	int ret = 1;

	if (n < 0)
		return fail(err, n == -EAGAIN ? -EBADMSG : n, "read routes");
	for (; ret == 1 && NLMSG_OK(nlh, n); nlh = NLMSG_NEXT(nlh, n))
		ret = take_message(rtnl, nlh, route, arg);
	return ret < 0 && ret != -EAGAIN ? fail(err, ret, "read routes") : ret;
}
