/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: what the module did to whom, for perf and ftrace. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xnetman

#if !defined(XNET_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define XNET_TRACE_H

#include <linux/if.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "drop.h"

/* clang-format off */

/* A packet was dropped as punishment. */
TRACE_EVENT(drop,
	TP_PROTO(u32 net_id, u32 ifindex, u64 bytes, u32 threshold),
	TP_ARGS(net_id, ifindex, bytes, threshold),
	TP_STRUCT__entry(
		__field(u64, bytes)
		__field(u32, net_id)
		__field(u32, ifindex)
		__field(u32, ratio)
	),
	TP_fast_assign(
		__entry->bytes = bytes;
		__entry->net_id = net_id;
		__entry->ifindex = ifindex;
		__entry->ratio = xnet_threshold_ppb(threshold);
	),
	TP_printk("net=%u ifindex=%u len=%llu B ratio=%u ppb",
		  __entry->net_id, __entry->ifindex, __entry->bytes, __entry->ratio)
);

/* The guard dropped a packet, or marked it instead; so much was waiting at the link. */
TRACE_EVENT(guard,
	TP_PROTO(u32 net_id, u32 ifindex, u64 bytes, u64 queue_ns, bool marked),
	TP_ARGS(net_id, ifindex, bytes, queue_ns, marked),
	TP_STRUCT__entry(
		__field(u64, bytes)
		__field(u64, queue_ns)
		__field(u32, net_id)
		__field(u32, ifindex)
		__field(bool, marked)
	),
	TP_fast_assign(
		__entry->bytes = bytes;
		__entry->queue_ns = queue_ns;
		__entry->net_id = net_id;
		__entry->ifindex = ifindex;
		__entry->marked = marked;
	),
	TP_printk("net=%u ifindex=%u len=%llu B queue=%llu ns %s", __entry->net_id,
		  __entry->ifindex, __entry->bytes, __entry->queue_ns,
		  __entry->marked ? "marked" : "dropped")
);

/* The ratio of a network on a link is another one from now on. */
TRACE_EVENT(punish,
	TP_PROTO(u32 net_id, u32 ifindex, u32 old_ratio, u32 new_ratio, u64 generation),
	TP_ARGS(net_id, ifindex, old_ratio, new_ratio, generation),
	TP_STRUCT__entry(
		__field(u64, generation)
		__field(u32, net_id)
		__field(u32, ifindex)
		__field(u32, old_ratio)
		__field(u32, new_ratio)
	),
	TP_fast_assign(
		__entry->generation = generation;
		__entry->net_id = net_id;
		__entry->ifindex = ifindex;
		__entry->old_ratio = old_ratio;
		__entry->new_ratio = new_ratio;
	),
	TP_printk("net=%u ifindex=%u old=%u ppb new=%u ppb generation=%llu",
		  __entry->net_id, __entry->ifindex, __entry->old_ratio, __entry->new_ratio,
		  __entry->generation)
);

/* A push gave a lease of so many ms; or, at 0, it ended and with it all punishments. */
TRACE_EVENT(lease,
	TP_PROTO(u64 generation, u32 ms),
	TP_ARGS(generation, ms),
	TP_STRUCT__entry(
		__field(u64, generation)
		__field(u32, ms)
	),
	TP_fast_assign(
		__entry->generation = generation;
		__entry->ms = ms;
	),
	TP_printk("generation=%llu %s left=%u ms", __entry->generation,
		  __entry->ms ? "renewed" : "expired", __entry->ms)
);

/* A device was bound to a network as its port, or is so no more. */
TRACE_EVENT(port,
	TP_PROTO(u32 ifindex, const char *name, u32 net_id, bool bound),
	TP_ARGS(ifindex, name, net_id, bound),
	TP_STRUCT__entry(
		__field(u32, ifindex)
		__field(u32, net_id)
		__field(bool, bound)
		__array(char, name, IFNAMSIZ)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->net_id = net_id;
		__entry->bound = bound;
		strscpy(__entry->name, name, IFNAMSIZ);
	),
	TP_printk("ifindex=%u name=%s net=%u %s", __entry->ifindex, __entry->name,
		  __entry->net_id, __entry->bound ? "bound" : "unbound")
);

/* A route was refused: its network has as many as it may. */
TRACE_EVENT(route_veto,
	TP_PROTO(u32 net_id, u16 family, const __be32 *address, u16 length, u32 limit),
	TP_ARGS(net_id, family, address, length, limit),
	TP_STRUCT__entry(
		__field(u32, net_id)
		__field(u32, limit)
		__field(u16, family)
		__field(u16, length)
		__array(u8, address, 16)
	),
	TP_fast_assign(
		__entry->net_id = net_id;
		__entry->limit = limit;
		__entry->family = family;
		__entry->length = length;
		memcpy(__entry->address, address, 16);
	),
	TP_printk("net=%u family=%u prefix=%s/%u limit=%u", __entry->net_id, __entry->family,
		  __print_hex_str(__entry->address, __entry->family == AF_INET ? 4 : 16),
		  __entry->length, __entry->limit)
);

/* clang-format on */

#endif /* XNET_TRACE_H */

/* Found by Kbuild's -I of this directory. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
