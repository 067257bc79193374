/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operator has at ingress and egress of an interface itself (police, drop): it goes to the network's own macvlan,
 * which nobody else uses. Filters are made in one of two chains that no packet comes to, and put in force by
 * replacing the one filter that leads there.
 */
#ifndef XN_DAEMON_OPERATOR_DEVICE_H
#define XN_DAEMON_OPERATOR_DEVICE_H

#include <stdbool.h>

#include "common/qos.h"
#include "daemon/netreq.h"

struct xn_operator_device {
	uint32_t ifindex;   /* of the macvlan; 0: none yet */
	unsigned int chain; /* in force: 1 or 2; 0: none is */
	bool prepared;	    /* the other chain has the next filters */
};

/* Has the operator any such filters? */
bool xn_operator_on_device(const struct xn_qos *told);

/* As those of daemon/operator_tree.h. */
int xn_operator_device_prepare(struct xn_netreq *netreq, struct xn_operator_device *device,
			       const struct xn_qos *told, struct xn_err *err);
int xn_operator_device_commit(struct xn_netreq *netreq, struct xn_operator_device *device,
			      struct xn_err *err);
void xn_operator_device_abort(struct xn_netreq *netreq, struct xn_operator_device *device);

/* No filters any more. */
void xn_operator_device_clear(struct xn_netreq *netreq, struct xn_operator_device *device);

#endif
