/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which device each port is to be bound to now: the rules of core/owner.h, on what there is. */
#ifndef XN_DAEMON_PLAN_H
#define XN_DAEMON_PLAN_H

#include <stdint.h>

struct xn_daemon;
struct xn_err;

/*
 * Sets want and by_domain of every port, and adds ports for vifs by their domains; those that
 * no vif wants any more stay until xn_state_drop_ports(). What is refused is logged once.
 */
void xn_plan_ports(struct xn_daemon *daemon);

/**
 * xn_plan_network() - whose port is a device now that everything was bound that can be?
 * @network: out, "" if it is nobody's; until the definitions change
 *
 * Return: 0, or with @err: -ENOENT (no such device), -ENODEV (module not loaded), -EINVAL (the
 * module refused the device), -EIO (xenstored does not tell its domain).
 */
int xn_plan_network(const struct xn_daemon *daemon, uint32_t ifindex, const char **network,
		    struct xn_err *err);

#endif
