/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * xnetman: generic netlink interface of the module.
 *
 * The module counts what every network sends on every link and drops the ratio
 * of it that it was told to; while a link that it guards is contended, it drops what is above what
 * networks are entitled to; and it drops, at every input of a network, the ratio
 * that takes its use of Dom0's CPU back. It knows networks, ports, links, ratios and rates;
 * what a network is entitled to is decided in user space.
 *
 * Integers are in host byte order. "Bytes" are bytes on the wire of the device:
 * with the link-layer header and VLAN tag, without preamble, FCS and gap; a GSO
 * packet counts as the segments it will become, each with its own headers.
 * Everything is in the initial network namespace.
 */
#ifndef _UAPI_LINUX_XNETMAN_H
#define _UAPI_LINUX_XNETMAN_H

#include <linux/types.h>

#define XNETMAN_GENL_NAME    "xnetman"
#define XNETMAN_GENL_VERSION 1
#define XNETMAN_GENL_EVENTS  "events" /* multicast group; needs CAP_NET_ADMIN */

/* Ratios are parts per billion. */
#define XNETMAN_RATIO_ONE 1000000000U

#define XNETMAN_NAME_MAX     63		  /* longest network name, bytes without the NUL */
#define XNETMAN_DEVICE_MAX   15		  /* longest device name, likewise */
#define XNETMAN_NETWORKS_MAX 4096	  /* networks at one time */
#define XNETMAN_LINKS_MAX    64		  /* links at one time */
#define XNETMAN_LEASE_MAX_MS 600000	  /* longest lease of a push */
#define XNETMAN_HOLD_MAX_MS  1000	  /* longest time that a link's packets are held */
#define XNETMAN_RATE_MAX     (1ULL << 40) /* highest rate, bytes/s */
#define XNETMAN_BURST_MAX    (1U << 30)	  /* largest burst, bytes */

#define XNETMAN_ROUTES_UNLIMITED 0xffffffffU

#define XNETMAN_RECORDS_MAX 64 /* records in one message */

/**
 * enum xnetman_cmd - what can be asked
 * @XNETMAN_CMD_GET_INFO: what the module is and does now. Anyone may ask.
 *	Reply: VERSION, GENERATION, LEASE_MS (what is left), SAMPLER, MARK_MASK,
 *	TIME.
 * @XNETMAN_CMD_SET_CONFIG: SAMPLER and/or MARK_MASK.
 * @XNETMAN_CMD_NEW_NETWORK: NET_ID, NET_NAME. Creates the network, or renames
 *	it if the id exists. -EEXIST if another id has that name, -ENOSPC above
 *	XNETMAN_NETWORKS_MAX.
 * @XNETMAN_CMD_DEL_NETWORK: NET_ID. Its ports go with it.
 * @XNETMAN_CMD_NEW_LINK: IFINDEX. Networks compete on the egress of this
 *	device from now on. -EEXIST if it is a link already.
 * @XNETMAN_CMD_DEL_LINK: IFINDEX.
 * @XNETMAN_CMD_NEW_PORT: IFINDEX, NET_ID. The device carries this network's
 *	traffic. -EEXIST if it is a port already, of any network.
 * @XNETMAN_CMD_DEL_PORT: IFINDEX.
 * @XNETMAN_CMD_PUSH: GENERATION, LEASE_MS, any number of RATIOS and of GUARD. The
 *	ratios of all (network, link) pairs and of the inputs of
 *	networks from now on: what is not named is not punished, of what is named
 *	twice the last ratio counts. Likewise what links carry and what networks are
 *	entitled to there: a link that is not named is not guarded, a network that
 *	is not named in its GUARD is entitled to nothing. The push takes effect as
 *	a whole or not at all.
 *	-ESTALE if GENERATION is not above the last one; -ENOENT, with an extack that
 *	points at the array and names the entry, if a network or a link is not known.
 * @XNETMAN_CMD_GET_COUNTERS: dump; anyone may ask. Messages with KIND, TIME, RECORD_SIZE and
 *	RECORDS each, all records of a kind before those of the next: of every network,
 *	link and port, and a SHARE for every (network, link).
 *	NLM_F_DUMP_INTR is set if objects came or went meanwhile.
 * @XNETMAN_CMD_SET_TABLE: NET_ID, TABLE, ROUTE_LIMIT. The routing table of the
 *	network's VRF, of no other network and not one of Dom0's own; 0: it has
 *	none. From now on its routes are counted, those that are there included,
 *	and one by which there would be more than ROUTE_LIMIT is refused, whoever
 *	adds it, with -ENOSPC and an extack that names the network. If there are
 *	more already, they stay. To replace a route is always possible.
 * @XNETMAN_CMD_GET_SAMPLES: NET_ID, SAMPLED. Where the network's packets go that
 *	come in by a port of the VRF that has its table: one of 16, evenly.
 *	Reply: the samples behind number SAMPLED as DESTINATIONS4 and
 *	DESTINATIONS6, and SAMPLED, the number of the last one told: ask again
 *	with that until no more come. The module remembers the last 4,096;
 *	-ENODATA if the network has no ROUTE_LIMIT.
 * @XNETMAN_CMD_SET_PRIORITIES: any number of PRIORITIES. The skb->priority that
 *	packets of (network, link) pairs get at the link's egress from now on; of
 *	what is not named it stays what it was. All of it or nothing; -ENOENT, with an extack that
 *	points at the array and names the entry, if a network or a link is not known.
 * @XNETMAN_CMD_HOLD_LINK: IFINDEX, HOLD_MS. What is to leave by the link waits in
 *	the module, counted already, for at most HOLD_MS, at most 16,384 packets and
 *	32 MiB; with 0 it goes on its way, in its order. So that nothing is lost
 *	while the device's root qdisc is exchanged. -EOPNOTSUPP on a kernel without
 *	CONFIG_NETFILTER_SKIP_EGRESS.
 * @XNETMAN_CMD_EVENT: never sent to the module; multicast on the events group.
 *	EVENT, and by kind: LEASE_EXPIRED: GENERATION. PORT_GONE, LINK_GONE: the
 *	device went away, with its last record as in GET_COUNTERS. RENAMED: IFINDEX, IFNAME.
 *
 * All but GET_INFO and GET_COUNTERS need CAP_NET_ADMIN in the initial user namespace.
 */
enum xnetman_cmd {
	XNETMAN_CMD_UNSPEC,
	XNETMAN_CMD_GET_INFO,
	XNETMAN_CMD_SET_CONFIG,
	XNETMAN_CMD_NEW_NETWORK,
	XNETMAN_CMD_DEL_NETWORK,
	XNETMAN_CMD_NEW_LINK,
	XNETMAN_CMD_DEL_LINK,
	XNETMAN_CMD_NEW_PORT,
	XNETMAN_CMD_DEL_PORT,
	XNETMAN_CMD_PUSH,
	XNETMAN_CMD_GET_COUNTERS,
	XNETMAN_CMD_EVENT,
	XNETMAN_CMD_SET_TABLE,
	XNETMAN_CMD_GET_SAMPLES,
	XNETMAN_CMD_SET_PRIORITIES,
	XNETMAN_CMD_HOLD_LINK,

	__XNETMAN_CMD_MAX,
	XNETMAN_CMD_MAX = __XNETMAN_CMD_MAX - 1
};

/**
 * enum xnetman_attr - attributes; "in" is towards the module
 * @XNETMAN_A_VERSION: string, out. Version of the module, as in its modinfo.
 * @XNETMAN_A_NET_ID: u32, in/out, 1..2^31-1. Chosen by user space.
 * @XNETMAN_A_NET_NAME: string, in/out, 1..XNETMAN_NAME_MAX bytes.
 * @XNETMAN_A_IFINDEX: u32, in/out, of the device that is the link or port.
 * @XNETMAN_A_IFNAME: string, out. The device's name now.
 * @XNETMAN_A_KIND: u8, out, &enum xnetman_kind. What records are about.
 * @XNETMAN_A_TIME: u64, out, ns, CLOCK_MONOTONIC. Now; of records, when the first of the message was read.
 * @XNETMAN_A_RECORD_SIZE: u32, out, bytes of each of RECORDS. They may become longer at their end: who knows
 *	less of them skips the rest.
 * @XNETMAN_A_RECORDS: array, out, 1..XNETMAN_RECORDS_MAX of struct xnetman_network, xnetman_link, xnetman_port or
 *	xnetman_share, by KIND. Not aligned.
 * @XNETMAN_A_GENERATION: u64, in/out, from 1. Number of a push; 0: none yet.
 * @XNETMAN_A_LEASE_MS: u32, ms; in: 1..XNETMAN_LEASE_MAX_MS, after that time
 *	without a new push all punishments end; out: what is left, 0: none.
 * @XNETMAN_A_SAMPLER: u8, in/out, &enum xnetman_sampler.
 * @XNETMAN_A_MARK_MASK: u32, in/out, contiguous bits or 0 (default: off).
 *	Packets that come in through a port get their network's id in these bits
 *	of skb->mark, and a link trusts them where skb_iif does not name a port
 *	(Dom0 routes out of a bridge). Ids must fit: a NEW_NETWORK or SET_CONFIG
 *	by which one would not is refused with -ERANGE.
 * @XNETMAN_A_RATIOS: array of struct xnetman_ratio, in. An attribute can't be
 *	longer than 65,535 bytes, 5,460 of them: a longer push has several
 *	in its one message (whose sender needs a large enough SO_SNDBUF).
 * @XNETMAN_A_EVENT: u8, out, &enum xnetman_event.
 * @XNETMAN_A_TABLE: u32, in, the kernel's number of a routing table; 0: none.
 * @XNETMAN_A_ROUTE_LIMIT: u32, in, most routes. XNETMAN_ROUTES_UNLIMITED
 *	(default): any number.
 * @XNETMAN_A_SAMPLED: u64, in/out, number of a sample, from 1 on; 0: before all.
 * @XNETMAN_A_DESTINATIONS4: binary, out. IPv4 addresses, 4 bytes each, in network
 *	order, oldest first.
 * @XNETMAN_A_DESTINATIONS6: binary, out. IPv6 addresses, 16 bytes each.
 * @XNETMAN_A_PAD: padding of 64-bit attributes.
 * @XNETMAN_A_PRIORITIES: array of struct xnetman_priority, in; as long as RATIOS
 *	may be, and several in one message likewise.
 * @XNETMAN_A_HOLD_MS: u32, ms, in, 0..XNETMAN_HOLD_MAX_MS. 0: let go.
 * @XNETMAN_A_GUARD: nest, in: IFINDEX, RATE, BURST and perhaps INTERVAL_MS of a link, and
 *	ENTITLED. The link is contended while more
 *	than an eighth of BURST would wait in a queue that is served at RATE, and after that for 100 ms
 *	or as long as RATE takes for twice BURST, whichever is longer. Its limit is so much at first, and
 *	while this lasts rises by BURST in 2^30 ns, to BURST at most. While it
 *	is, and another network that is entitled to something needs it, a packet that the ratio lets
 *	pass is dropped if its network is above its own burst and more than twice the limit waits; less,
 *	the more it is above its own rate, and the limit when it is so for
 *	100 ms (at most INTERVAL_MS / 10). What understands ECN is marked from half of
 *	that on. A nest can't be longer than 65,535 bytes: there may be several of
 *	one link.
 * @XNETMAN_A_RATE: u64, bytes/s, in, 1..XNETMAN_RATE_MAX. What the link can carry.
 * @XNETMAN_A_BURST: u32, bytes, in, 1..XNETMAN_BURST_MAX: what may wait at a link that stays contended.
 * @XNETMAN_A_ENTITLED: array of struct xnetman_entitled, in: of networks on the link of a GUARD.
 * @XNETMAN_A_INTERVAL_MS: u32, ms, in, 0..XNETMAN_LEASE_MAX_MS. In GUARD, how often pushes come; 0 or
 *	none: each second.
 */
enum xnetman_attr {
	XNETMAN_A_UNSPEC,
	XNETMAN_A_VERSION,
	XNETMAN_A_NET_ID,
	XNETMAN_A_NET_NAME,
	XNETMAN_A_IFINDEX,
	XNETMAN_A_IFNAME,
	XNETMAN_A_KIND,
	XNETMAN_A_TIME,
	XNETMAN_A_RECORD_SIZE,
	XNETMAN_A_RECORDS,
	XNETMAN_A_GENERATION,
	XNETMAN_A_LEASE_MS,
	XNETMAN_A_SAMPLER,
	XNETMAN_A_MARK_MASK,
	XNETMAN_A_RATIOS,
	XNETMAN_A_EVENT,
	XNETMAN_A_PAD,
	XNETMAN_A_TABLE,
	XNETMAN_A_ROUTE_LIMIT,
	XNETMAN_A_SAMPLED,
	XNETMAN_A_DESTINATIONS4,
	XNETMAN_A_DESTINATIONS6,
	XNETMAN_A_PRIORITIES,
	XNETMAN_A_HOLD_MS,
	XNETMAN_A_GUARD,
	XNETMAN_A_RATE,
	XNETMAN_A_BURST,
	XNETMAN_A_ENTITLED,
	XNETMAN_A_INTERVAL_MS,

	__XNETMAN_A_MAX,
	XNETMAN_A_MAX = __XNETMAN_A_MAX - 1
};

/* What a record of XNETMAN_CMD_GET_COUNTERS is about, and which struct it is. */
enum xnetman_kind {
	XNETMAN_KIND_NETWORK = 1, /* struct xnetman_network */
	XNETMAN_KIND_LINK,	  /* struct xnetman_link */
	XNETMAN_KIND_PORT,	  /* struct xnetman_port */
	XNETMAN_KIND_SHARE,	  /* struct xnetman_share */
};

/**
 * enum xnetman_sampler - how the packets to drop are chosen
 * @XNETMAN_SAMPLER_SYSTEMATIC: evenly. Every packet has drop probability =
 *	ratio, and what is dropped differs from ratio x offered by a few packets
 *	only, whatever the mix of sizes.
 * @XNETMAN_SAMPLER_BERNOULLI: each packet by an independent draw.
 */
enum xnetman_sampler {
	XNETMAN_SAMPLER_SYSTEMATIC,
	XNETMAN_SAMPLER_BERNOULLI,

	__XNETMAN_SAMPLER_MAX,
	XNETMAN_SAMPLER_MAX = __XNETMAN_SAMPLER_MAX - 1
};

enum xnetman_event {
	XNETMAN_EVENT_LEASE_EXPIRED = 1,
	XNETMAN_EVENT_PORT_GONE,
	XNETMAN_EVENT_LINK_GONE,
	XNETMAN_EVENT_RENAMED,
};

/*
 * What a tick tells and asks for is arrays of structs, not an attribute for each figure: there are thousands of
 * them, each time.
 */

/**
 * struct xnetman_network - record of a network
 * @vetoed: routes refused since the table was set
 * @net_id: its id
 * @ratio: punishment of its inputs in force, parts per billion, 0..XNETMAN_RATIO_ONE
 * @table: the kernel's number of its routing table; 0: it has none, and what follows on routes, and @vetoed, is 0
 * @routes: prefixes, IPv4 and IPv6, that have a route in the
 *	table: of several to one prefix only the best forwards. Not counted are
 *	default routes (length 0), which take to the router what has no other
 *	route, and what the kernel makes itself (protocol "kernel", local
 *	addresses, broadcast, multicast)
 * @route_limit: most of them; XNETMAN_ROUTES_UNLIMITED: any number
 * @reserved: 0
 * @name: its name, with a NUL and then NULs to the end
 */
struct xnetman_network {
	__u64 vetoed;
	__u32 net_id;
	__u32 ratio;
	__u32 table;
	__u32 routes;
	__u32 route_limit;
	__u32 reserved;
	char name[XNETMAN_NAME_MAX + 1];
};

/**
 * struct xnetman_link - record of a link
 * @offered_bytes: what Dom0 itself sent
 * @offered_packets: likewise
 * @rate: what it can carry, bytes/s; 0: it is not guarded
 * @ifindex: of its device
 * @reserved: 0
 * @name: of its device, with a NUL and then NULs to the end
 */
struct xnetman_link {
	__u64 offered_bytes;
	__u64 offered_packets;
	__u64 rate;
	__u32 ifindex;
	__u32 reserved;
	char name[XNETMAN_DEVICE_MAX + 1];
};

/**
 * struct xnetman_port - record of a port
 * @rx_bytes: came into Dom0 through it, before any drop
 * @rx_packets: likewise
 * @tx_bytes: left Dom0 through it
 * @tx_packets: likewise
 * @rx_dropped_bytes: of @rx_bytes, dropped as punishment
 * @rx_dropped_packets: likewise
 * @tx_dropped_bytes: was to leave Dom0 through it, and was dropped as punishment; not in @tx_bytes
 * @tx_dropped_packets: likewise
 * @net_id: whose it is
 * @ifindex: of its device
 * @name: of its device, with a NUL and then NULs to the end
 */
struct xnetman_port {
	__u64 rx_bytes;
	__u64 rx_packets;
	__u64 tx_bytes;
	__u64 tx_packets;
	__u64 rx_dropped_bytes;
	__u64 rx_dropped_packets;
	__u64 tx_dropped_bytes;
	__u64 tx_dropped_packets;
	__u32 net_id;
	__u32 ifindex;
	char name[XNETMAN_DEVICE_MAX + 1];
};

/**
 * struct xnetman_share - record of a network on a link
 * @offered_bytes: offered to the link, before any drop
 * @offered_packets: likewise
 * @dropped_bytes: of those, dropped as punishment, by the ratio or by the guard
 * @dropped_packets: likewise
 * @refused_bytes: of @dropped_bytes, dropped by the guard
 * @refused_packets: likewise
 * @marked_bytes: marked by the guard (ECN), and not dropped
 * @marked_packets: likewise
 * @rate: what it is entitled to, bytes/s; 0: nothing, or the link is not guarded
 * @net_id: whose it is
 * @ifindex: of the link
 * @ratio: punishment in force, parts per billion, 0..XNETMAN_RATIO_ONE
 * @priority: skb->priority of its packets there; 0: as they came
 */
struct xnetman_share {
	__u64 offered_bytes;
	__u64 offered_packets;
	__u64 dropped_bytes;
	__u64 dropped_packets;
	__u64 refused_bytes;
	__u64 refused_packets;
	__u64 marked_bytes;
	__u64 marked_packets;
	__u64 rate;
	__u32 net_id;
	__u32 ifindex;
	__u32 ratio;
	__u32 priority;
};

/**
 * struct xnetman_ratio - how a network is punished
 * @net_id: whose
 * @ifindex: of the link where it is; 0: at its inputs. That drops at the ingress of each of the network's
 *	ports; and at their egress, towards the network, what did not come in
 *	through a port of the same network and is not Dom0's own
 * @ratio: parts per billion, 0..XNETMAN_RATIO_ONE
 */
struct xnetman_ratio {
	__u32 net_id;
	__u32 ifindex;
	__u32 ratio;
};

/**
 * struct xnetman_priority - what a network's packets are at a link's egress
 * @net_id: whose
 * @ifindex: of the link
 * @priority: skb->priority: a classid of the link's qdisc, so that HTB or PRIO find the
 *	class without a filter. 0 (default): it stays as it came
 */
struct xnetman_priority {
	__u32 net_id;
	__u32 ifindex;
	__u32 priority;
};

/**
 * struct xnetman_entitled - what a network is entitled to on a link
 * @rate: bytes/s, 1..XNETMAN_RATE_MAX
 * @allowed: bytes/s, 0..XNETMAN_RATE_MAX. Of a network that is punished there: what its RATIO takes it back to. The
 *	ratio counts only while the network sends more than that, but for what it sends in 20 ms (at most
 *	INTERVAL_MS / 5), so that a sender that heeds losses is not taken back further. 0: it always counts.
 * @net_id: whose
 * @burst: bytes that it may send at once, whatever waits, 1..XNETMAN_BURST_MAX
 */
struct xnetman_entitled {
	__u64 rate;
	__u64 allowed;
	__u32 net_id;
	__u32 burst;
};

#endif /* _UAPI_LINUX_XNETMAN_H */
