/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The qdisc that a person had put at the root of a device before the provider's tree came there. It is kept in a file
 * of the state folder, so that it is put back whichever xnetmand takes the tree away.
 */
#ifndef XN_DAEMON_FORMER_H
#define XN_DAEMON_FORMER_H

#include "daemon/netreq.h"

/* Where it is kept, and whose it is: a number that a device had may be another's later. */
struct xn_former {
	const char *state; /* folder */
	uint32_t ifindex;
	const char *device;
};

/**
 * xn_former_save() - keep what is at the device's root now
 *
 * What is kept is a qdisc of a kind that the kernel takes back as it has told it, without size table, and with
 * nothing of a person below it: no qdisc, no filter.
 *
 * Return: 0, or -errno with @err: what stands against it, as a clause; then nothing is kept.
 */
int xn_former_save(struct xn_netreq *netreq, const struct xn_former *former, struct xn_err *err);

/* Put back what is kept in the place of whatever is there. Return: 0, -ENOENT: nothing is kept; or -errno with @err. */
int xn_former_restore(struct xn_netreq *netreq, const struct xn_former *former, struct xn_err *err);

/* Nothing is kept any more. */
void xn_former_forget(const struct xn_former *former);

#endif
