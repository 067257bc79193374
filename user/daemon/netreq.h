/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink requests, one after the other, each with the kernel's verdict and its own words. */
#ifndef XN_DAEMON_NETREQ_H
#define XN_DAEMON_NETREQ_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdint.h>

#include "common/config.h" /* struct xn_err */

struct xn_netreq;

/* Return: NULL with @err. */
struct xn_netreq *xn_netreq_open(struct xn_err *err);
/* NULL is fine. */
void xn_netreq_close(struct xn_netreq *netreq);

/* A message with room for @size bytes of header behind nlmsghdr. NULL without memory. */
struct nl_msg *xn_netreq_message(int type, int flags, const void *header, size_t size);

/**
 * xn_netreq_do() - send a request and wait for the verdict
 * @msg: is freed; NULL is -ENOMEM
 * @err: NULL, or "DOING: why" on error
 * @doing: what a person is told was tried
 *
 * Return: 0 or the kernel's -errno.
 */
int xn_netreq_do(struct xn_netreq *netreq, struct nl_msg *msg, struct xn_err *err,
		 const char *doing);

/* The same for a request that is answered by records (a dump too): each is handed to @record. */
int xn_netreq_get(struct xn_netreq *netreq, struct nl_msg *msg,
		  void (*record)(const struct nlmsghdr *nlh, void *arg), void *arg);

/* By name. Return: ifindex, or 0: no such device. */
uint32_t xn_netreq_index(struct xn_netreq *netreq, const char *name);

#endif
