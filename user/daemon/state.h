/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the definitions in force make of this machine: networks, links, ports,
 * and all that is known of each network on each link. Rebuilt when the definitions
 * change; what stays defined keeps its counters and account.
 */
#ifndef XN_DAEMON_STATE_H
#define XN_DAEMON_STATE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/config.h"
#include "common/kernel.h"
#include "core/conformity.h"
#include "core/controller.h"
#include "core/owner.h"
#include "daemon/idmap.h"

#define XN_NS 1000000000ULL /* in a second */

struct xn_net {
	const struct xn_definition *def;
	uint32_t id;	   /* the kernel's; 0: not there */
	size_t first_port; /* of those that @def lists */
};

struct xn_link {
	const struct xn_link_def *def;
	uint32_t ifindex;    /* link in the kernel; 0: not there */
	uint32_t refused;    /* device the module did not take; asked again when it changes */
	uint64_t time;	     /* of the last reading, ns; 0: never read */
	uint64_t host_bytes; /* Dom0's own, at @time */
	uint64_t now;	     /* of the record in this tick, ns */
	uint64_t now_bytes;  /* Dom0's own, at @now */
	double host_bps;
	double through_bps; /* networks and Dom0 */
	bool waiting;	    /* told already that there is no device */
	bool oversold;
};

/* A device that a network lists, or a vif of the domain that it names. */
struct xn_port {
	char device[IFNAMSIZ];
	size_t net;	  /* index of the network */
	bool by_domain;	  /* it is the network's by its domain */
	uint32_t want;	  /* device to be bound; 0: there is none that may be (daemon/plan.h) */
	uint32_t ifindex; /* port in the kernel; 0: not there */
	uint32_t refused; /* as in struct xn_link */
	uint32_t told;	  /* device of which a person was warned already */
	uint64_t rx_bytes, rx_packets;
	uint64_t tx_bytes, tx_packets;
};

/* Counters of one share at one moment. */
struct xn_counts {
	uint64_t time; /* ns, CLOCK_MONOTONIC; 0: never read */
	uint64_t offered_bytes, offered_packets;
	uint64_t dropped_bytes, dropped_packets;
};

/* One network on one link. */
struct xn_pair {
	uint32_t net_id, ifindex; /* the kernel's share that @last is of */
	struct xn_counts last;	  /* up to here it is in @acc */
	struct xn_counts now;	  /* read in this tick */
	bool known;		  /* @last holds */
	bool fresh;		  /* @now came in this tick's dump */

	struct xn_account acc;	   /* of this Il, bits */
	uint64_t since;		   /* @acc counts from here, ns */
	size_t punished;	   /* ticks of this Il with a punishment */
	struct xn_verdict verdict; /* of the last closed Il */
	bool judged;		   /* @verdict holds */

	double through_bps; /* V of the last Ic */
	double ec;	    /* of the last Ic */
	double told;	    /* ratio last told by a Punished signal */
};

struct xn_state {
	struct xn_config *config; /* owned */
	struct xn_net *nets;	  /* sorted by name */
	size_t n_nets;
	struct xn_link *links;
	size_t n_links;
	struct xn_port *ports; /* first those of the definitions, in their order */
	size_t n_listed;       /* so many */
	size_t n_ports, max_ports;
	struct xn_named *named; /* networks that name a domain; order of xn_owner_of() */
	size_t n_named;

	/* n_links rows of n_nets */
	struct xn_pair *pairs;
	struct xn_share *shares;

	struct xn_share **order; /* scratch of xn_decide() */
	struct xn_ratio *ratios; /* scratch of the push */

	/* from the kernel's numbers; see xn_state_index() */
	struct xn_idmap net_by_id;
	struct xn_idmap link_by_ifindex;
	struct xn_idmap port_by_ifindex;
};

/**
 * xn_state_new() - state for @config
 * @config: owned by the state from now on; still the caller's if this fails
 * @old: state whose networks, links and ports live on, or NULL; is not changed
 *
 * Return: the state, or NULL without memory.
 */
struct xn_state *xn_state_new(struct xn_config *config, const struct xn_state *old);
void xn_state_free(struct xn_state *state);

/* The port that a network lists under this name. Return: NULL: it does not. */
struct xn_port *xn_state_listed(const struct xn_state *state, size_t net, const char *device);

/* A port that no network lists. Return: NULL without memory; other pointers to ports are void. */
struct xn_port *xn_state_add_port(struct xn_state *state, size_t net);

/* Remove those of them that want no device. */
void xn_state_drop_ports(struct xn_state *state);

/* After ids or ifindexes changed: make the maps follow. */
void xn_state_index(struct xn_state *state);

/* By name. Return: index, or -1. */
long xn_state_net(const struct xn_state *state, const char *name);
long xn_state_link(const struct xn_state *state, const char *name);
long xn_state_port(const struct xn_state *state, const char *device);

static inline struct xn_pair *xn_state_pair(const struct xn_state *state, size_t link, size_t net)
{
	return &state->pairs[link * state->n_nets + net];
}

static inline struct xn_share *xn_state_share(const struct xn_state *state, size_t link, size_t net)
{
	return &state->shares[link * state->n_nets + net];
}

/* What the kernel's numbers mean here. Return: NULL if it is none of ours. */
struct xn_pair *xn_state_pair_of(const struct xn_state *state, uint32_t net_id, uint32_t ifindex);

/* The share is new in the kernel: it counts from zero, from @time (ns) on. The account stays. */
void xn_pair_restart(struct xn_pair *pair, uint32_t net_id, uint32_t ifindex, uint64_t time);

/**
 * xn_pair_delta() - what was counted since @last
 * @pair: with @now just read
 * @net_id: of the share that @now is of
 * @ifindex: likewise
 * @delta: out; its time is the length, ns
 *
 * A share that was made anew meanwhile, or whose counters went backwards, counts from zero.
 */
void xn_pair_delta(const struct xn_pair *pair, uint32_t net_id, uint32_t ifindex,
		   struct xn_counts *delta);

/* Counters out of a SHARE record. */
struct xn_counts xn_counts_of(const struct xn_record *record);

#endif
