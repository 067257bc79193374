/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's lock.
 *
 * Networks, ports, links, ratios and lease change under xnet_lock, which nests
 * in rtnl. Rtnl is taken besides only where a device must not go away meanwhile
 * (a new port or link; the netdev notifier has it already). A push or a dump
 * never takes it, so whoever sits on rtnl can't delay the control loop. The
 * packet path takes no lock: it reads under RCU.
 */
#ifndef XNET_MAIN_H
#define XNET_MAIN_H

#include <linux/mutex.h>

extern struct mutex xnet_lock;

/* Moves on when a network, port or link comes or goes; under xnet_lock. */
extern unsigned int xnet_config_seq;

#endif /* XNET_MAIN_H */
