// SPDX-License-Identifier: GPL-2.0-or-later
/* TCP: in labs, and where domains and Dom0 speak over a network. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "channel/transport.h"

#define BACKLOG 64

static ssize_t socket_read(struct xn_transport *transport, void *buf, size_t n)
{
	ssize_t done = recv(transport->fd, buf, n, 0);

	return done < 0 ? (errno == EINTR ? -EAGAIN : -errno) : done;
}

static ssize_t socket_write(struct xn_transport *transport, const void *buf, size_t n)
{
	ssize_t done = send(transport->fd, buf, n, MSG_NOSIGNAL);

	return done < 0 ? (errno == EINTR || errno == ENOTCONN ? -EAGAIN : -errno) : done;
}

static uint32_t socket_events(bool reading, bool writing)
{
	return (reading ? EPOLLIN : 0) | (writing ? EPOLLOUT : 0);
}

static void socket_woken(struct xn_transport *transport)
{
	(void)transport;
}

static void socket_close(struct xn_transport *transport)
{
	close(transport->fd);
	free(transport);
}

struct xn_transport *xn_socket_transport(int fd, const char *name)
{
	static const struct xn_transport_ops ops = {
		.read = socket_read,
		.write = socket_write,
		.events = socket_events,
		.woken = socket_woken,
		.close = socket_close,
	};
	struct xn_transport *transport = calloc(1, sizeof(*transport));
	int one = 1;

	if (!transport)
		return NULL;
	transport->ops = &ops;
	transport->fd = fd;
	snprintf(transport->name, sizeof(transport->name), "%s", name);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* no matter for others */
	return transport;
}

/* --- making --- */

static int open_socket(const struct xn_socket_address *address)
{
	int fd = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* An address that is not there yet may be bound: Dom0's may come up after its daemon. */
int xn_socket_listen(const struct xn_socket_address *address)
{
	int fd = open_socket(address), one = 1, rc;

	if (fd < 0)
		return fd;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (address->storage.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof(one));
	else
		setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (!bind(fd, (const struct sockaddr *)&address->storage, address->length) &&
	    !listen(fd, BACKLOG))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int xn_socket_connect(const struct xn_socket_address *address)
{
	int fd = open_socket(address), rc;

	if (fd < 0)
		return fd;
	if (!connect(fd, (const struct sockaddr *)&address->storage, address->length) ||
	    errno == EINPROGRESS)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}
