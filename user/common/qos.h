/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's QoS of one interface (SPEC section 5) as values: what the guest reads from its kernel's tc, the
 * channel carries, and Dom0 checks, maps to its own handles and builds again. What has no value here is told by its
 * name only, so that it can be refused by name.
 */
#ifndef XN_COMMON_QOS_H
#define XN_COMMON_QOS_H

#include <stddef.h>
#include <stdint.h>

#include "common/dataplane.h"

#define XN_QDISCS_MAX	   16
#define XN_CLASSES_MAX	   64
#define XN_FILTERS_MAX	   64
#define XN_FILTERS_ROOM	   96 /* with those that Dom0 adds itself */
#define XN_FILTER_KEYS_MAX 8  /* of a u32 filter */
#define XN_ACTIONS_MAX	   3  /* of a filter */
#define XN_BANDS_MAX	   16
#define XN_QOS_WORD	   32	       /* bytes of a name, with its end */
#define XN_QOS_INGRESS	   0xfffffff2u /* parents of filters of clsact or ingress */
#define XN_QOS_EGRESS	   0xfffffff3u
#define XN_QOS_ROOT	   0xffffffffu

/* As tc means them: bytes per second; overhead and least size of a packet in bytes. */
struct xn_qos_rate {
	uint64_t rate;
	uint16_t overhead, mpu;
	uint8_t atm; /* in cells of 53 bytes */
};

enum xn_qdisc_kind {
	XN_QDISC_OTHER, /* by name only */
	XN_QDISC_HTB,
	XN_QDISC_PRIO,
	XN_QDISC_TBF,
	XN_QDISC_FQ_CODEL,
	XN_QDISC_CAKE,
	XN_QDISC_PFIFO,
	XN_QDISC_BFIFO,
	XN_QDISC_CLSACT, /* ingress, too */
	XN_QDISC_KINDS,
};

struct xn_qos_prio {
	uint8_t bands; /* 2..16 */
	uint8_t map[16];
};

struct xn_qos_tbf {
	struct xn_qos_rate rate;
	uint32_t buffer; /* time to send the burst, in 64 ns */
	uint32_t limit;	 /* bytes */
};

struct xn_qos_fq_codel {
	uint32_t target, interval, ce_threshold; /* us; 0: no threshold */
	uint32_t limit;				 /* packets */
	uint32_t memory, flows, quantum;
	uint8_t ecn;
};

struct xn_qos_cake {
	uint64_t rate;	      /* bytes per second, 0: unlimited */
	uint32_t rtt, target; /* us */
	uint32_t memory, mpu;
	int32_t overhead;
	uint8_t diffserv, atm, flows; /* as TCA_CAKE_* number them */
	uint8_t raw, wash, ingress, ack_filter, split_gso;
};

struct xn_qdisc {
	uint8_t kind;
	uint32_t handle; /* major << 16 */
	uint32_t parent; /* a class, or XN_QOS_ROOT */
	union {
		char name[XN_QOS_WORD]; /* other */
		uint32_t default_class; /* HTB: minor */
		struct xn_qos_prio prio;
		struct xn_qos_tbf tbf;
		struct xn_qos_fq_codel fq_codel;
		struct xn_qos_cake cake;
		uint32_t limit; /* pfifo: packets; bfifo: bytes */
	};
};

/* Of HTB: the others' classes come with their qdisc. */
struct xn_class {
	uint32_t id, parent; /* a class or the qdisc */
	struct xn_qos_rate rate, ceil;
	uint32_t buffer, cbuffer; /* as of TBF */
	uint32_t quantum;	  /* bytes */
	uint32_t prio;		  /* 0..7 */
};

enum xn_filter_kind {
	XN_FILTER_OTHER, /* by name only */
	XN_FILTER_FLOWER,
	XN_FILTER_U32,
	XN_FILTER_FW,
	XN_FILTER_MATCHALL,
	XN_FILTER_KINDS,
};

/* Each of a value and a mask; mask 0: whatever. */
struct xn_flower {
	uint8_t protocol, has_protocol;
	uint8_t tos, tos_mask, ttl, ttl_mask;
	uint8_t icmp_type, icmp_type_mask, icmp_code, icmp_code_mask;
	uint16_t tcp_flags, tcp_flags_mask;
	uint16_t sport, sport_mask, dport, dport_mask;
	struct xn_address src, dst; /* family 0: whatever */
	uint8_t src_length, dst_length;
};

/* Four bytes at a distance from the IP header's beginning, as big endian numbers. */
struct xn_u32_key {
	uint16_t offset;
	uint32_t value, mask;
};

struct xn_u32 {
	uint8_t n;
	struct xn_u32_key keys[XN_FILTER_KEYS_MAX + 1]; /* one more for Dom0's own */
};

struct xn_fw {
	uint32_t mark, mask;
};

enum xn_action_kind {
	XN_ACTION_OTHER, /* by name only */
	XN_ACTION_GACT,
	XN_ACTION_POLICE,
	XN_ACTION_SKBEDIT,
	XN_ACTION_KINDS,
};

struct xn_police {
	struct xn_qos_rate rate;
	uint32_t burst;	 /* time to send it, in 64 ns */
	uint32_t mtu;	 /* bytes; 0: any */
	int32_t conform; /* TC_ACT_*, for what is within the rate */
};

struct xn_skbedit {
	uint8_t has_priority, has_mark;
	uint32_t priority, mark;
};

struct xn_action {
	uint8_t kind;
	int32_t verdict; /* TC_ACT_*; of police for what exceeds */
	union {
		char name[XN_QOS_WORD];
		struct xn_police police;
		struct xn_skbedit skbedit;
	};
};

struct xn_filter {
	uint8_t kind;
	uint32_t parent;   /* a qdisc, a class of HTB, XN_QOS_INGRESS or _EGRESS */
	uint16_t prio;	   /* filters of one parent are asked by prio, then in the order told */
	uint16_t protocol; /* ETH_P_* */
	uint32_t class;	   /* 0: none */
	uint8_t n_actions;
	struct xn_action actions[XN_ACTIONS_MAX];
	union {
		char name[XN_QOS_WORD];
		struct xn_flower flower;
		struct xn_u32 u32;
		struct xn_fw fw;
	};
};

struct xn_qos {
	uint32_t interface; /* the guest's ifindex (common/dataplane.h) */
	size_t n_qdiscs, n_classes, n_filters;
	struct xn_qdisc qdiscs[XN_QDISCS_MAX];
	struct xn_class classes[XN_CLASSES_MAX];
	struct xn_filter filters[XN_FILTERS_ROOM];
};

#endif
