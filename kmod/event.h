/* SPDX-License-Identifier: GPL-2.0-only */
/* Events, multicast to whoever listens to the group. All under xnet_lock. */
#ifndef XNET_EVENT_H
#define XNET_EVENT_H

#include <linux/netdevice.h>
#include <linux/xnetman.h>

void xnet_event_lease_expired(u64 generation);
void xnet_event_gone(enum xnetman_event event, enum xnetman_kind kind, const void *object);
void xnet_event_renamed(const struct net_device *dev);
void xnet_event_switch(bool on);

#endif /* XNET_EVENT_H */
