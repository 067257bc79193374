/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What carries the bytes of a channel: a stream that never blocks. Over it all is the same. */
#ifndef XN_CHANNEL_TRANSPORT_H
#define XN_CHANNEL_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/address.h"
#include "common/config.h" /* struct xn_err */

#define XN_TRANSPORT_NAME 80

struct xn_transport;

struct xn_transport_ops {
	/* Return: bytes; 0: the other end closed; -EAGAIN; another -errno. */
	ssize_t (*read)(struct xn_transport *transport, void *buf, size_t n);
	/* Return: bytes, or -EAGAIN or another -errno. */
	ssize_t (*write)(struct xn_transport *transport, const void *buf, size_t n);
	/* Of epoll, that tell of what is wanted. */
	uint32_t (*events)(bool reading, bool writing);
	/* The descriptor has fired. */
	void (*woken)(struct xn_transport *transport);
	void (*close)(struct xn_transport *transport);
};

struct xn_transport {
	const struct xn_transport_ops *ops;
	int fd;
	char name[XN_TRANSPORT_NAME]; /* for messages: who is at the other end */
};

/* A connected, or connecting, non-blocking stream socket; is taken. Return: NULL: no memory. */
struct xn_transport *xn_socket_transport(int fd, const char *name);

/* Return: a descriptor, or -errno. Connecting goes on by itself. */
int xn_socket_listen(const struct xn_socket_address *address);
int xn_socket_connect(const struct xn_socket_address *address);

/* Xen's shared memory between two domains; the DomU is the server at data/vchan/xnetman. */
#define XN_VCHAN_NAME "xnetman"

/*
 * From Dom0 to @domid. Waits for xenstored: for a thread. Return: NULL with @err; errno is ENOENT if
 * nobody serves there.
 */
struct xn_transport *xn_vchan_client(uint32_t domid, struct xn_err *err);
/* In a DomU, for Dom0. Return: NULL with @err. */
struct xn_transport *xn_vchan_server(struct xn_err *err);

#endif
