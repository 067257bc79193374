/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rtnetlink in batches: many changes in one system call, and a table read piece by piece. */
#ifndef XN_DAEMON_RTNL_H
#define XN_DAEMON_RTNL_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#include "common/config.h" /* struct xn_err */

struct xn_rtnl;

struct xn_rtnl *xn_rtnl_open(struct xn_err *err);
void xn_rtnl_close(struct xn_rtnl *rtnl);

/* What the kernel refused: number of the message, from 0, -errno, and its words, or NULL. */
typedef void (*xn_rtnl_refused_fn)(size_t number, int error, const char *text, void *arg);

/**
 * xn_rtnl_execute() - carry out requests in one system call
 * @rtnl: connection
 * @messages: one after the other, at most 64 KiB; their nlmsg_seq is their number, from 0
 * @size: bytes
 * @refused: called for each that fails
 * @arg: for @refused
 * @err: out
 *
 * The kernel carries them out before this returns. Return: 0, or -errno: then it is not known
 * what became of some of them.
 */
int xn_rtnl_execute(struct xn_rtnl *rtnl, void *messages, size_t size, xn_rtnl_refused_fn refused,
		    void *arg, struct xn_err *err);

/* Begin to read a table's routes of one family and protocol. */
int xn_rtnl_dump(struct xn_rtnl *rtnl, uint8_t family, uint32_t table, uint8_t protocol,
		 struct xn_err *err);

/*
 * Read on, some hundred routes. Return: 1: there is more; 0: that was all; -EAGAIN: routes changed
 * meanwhile, and some may be missing; or -errno.
 */
int xn_rtnl_dump_read(struct xn_rtnl *rtnl, void (*route)(const struct nlmsghdr *nlh, void *arg),
		      void *arg, struct xn_err *err);

#endif
