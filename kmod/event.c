// SPDX-License-Identifier: GPL-2.0-only
/* Events, multicast to whoever listens to the group. */
#include <net/genetlink.h>

#include "event.h"
#include "main.h"
#include "netlink.h"
#include "record.h"

static bool xnet_events_on; /* the family is there; under xnet_lock */

struct xnet_event {
	struct sk_buff *skb;
	void *header;
};

static int xnet_event_start(struct xnet_event *message, enum xnetman_event event)
{
	if (!xnet_events_on)
		return -ESHUTDOWN;
	message->skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!message->skb)
		return -ENOMEM;
	message->header = genlmsg_put(message->skb, 0, 0, &xnet_family, 0, XNETMAN_CMD_EVENT);
	if (message->header && !nla_put_u8(message->skb, XNETMAN_A_EVENT, event))
		return 0;
	nlmsg_free(message->skb);
	return -EMSGSIZE;
}

static void xnet_event_end(struct xnet_event *message, int err)
{
	if (WARN_ON_ONCE(err)) { /* no event is that long */
		nlmsg_free(message->skb);
		return;
	}
	genlmsg_end(message->skb, message->header);
	genlmsg_multicast(&xnet_family, message->skb, 0, 0, GFP_KERNEL);
}

/* @generation: of the push whose lease it was */
void xnet_event_lease_expired(u64 generation)
{
	struct xnet_event message;

	if (xnet_event_start(&message, XNETMAN_EVENT_LEASE_EXPIRED))
		return;
	xnet_event_end(&message, nla_put_u64_64bit(message.skb, XNETMAN_A_GENERATION, generation,
						   XNETMAN_A_PAD));
}

static int xnet_event_record(struct sk_buff *skb, enum xnetman_kind kind, const void *object)
{
	struct xnet_records records;

	if (xnet_records_begin(&records, skb, kind) || !xnet_records_add(&records, object))
		return -EMSGSIZE;
	xnet_records_end(&records);
	return 0;
}

/* The device of @object went away; its counters are final. */
void xnet_event_gone(enum xnetman_event event, enum xnetman_kind kind, const void *object)
{
	struct xnet_event message;

	if (xnet_event_start(&message, event))
		return;
	xnet_event_end(&message, xnet_event_record(message.skb, kind, object));
}

void xnet_event_renamed(const struct net_device *dev)
{
	struct xnet_event message;

	if (xnet_event_start(&message, XNETMAN_EVENT_RENAMED))
		return;
	xnet_event_end(&message,
		       nla_put_u32(message.skb, XNETMAN_A_IFINDEX, dev->ifindex)
			       ?: nla_put_string(message.skb, XNETMAN_A_IFNAME, dev->name));
}

/* Events need the family: on when it has come, off before it goes. */
void xnet_event_switch(bool on)
{
	mutex_lock(&xnet_lock);
	xnet_events_on = on;
	mutex_unlock(&xnet_lock);
}
