/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the definitions in force make of this machine: networks, resources, ports,
 * and all that is known of each network on each resource. Rebuilt when the definitions
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
#include "core/breach.h"
#include "core/conformity.h"
#include "core/controller.h"
#include "core/cost.h"
#include "core/owner.h"
#include "core/resource.h"
#include "daemon/idmap.h"

#define XN_NS 1000000000ULL /* in a second */

struct xn_net {
	const struct xn_definition *def;
	uint32_t held;	   /* entries of its schedule that are in force, bits (daemon/contract.h) */
	uint32_t id;	   /* the kernel's; 0: not there */
	size_t first_port; /* of those that @def lists */
	uint64_t time;	   /* of its record in this tick, ns */
	bool fresh;	   /* it came in this tick's dump */

	struct xn_usage usage; /* since the last tick */
	struct xn_cost_memory memory;
	double routes_wanted, routes_held; /* last reported (daemon/memory.h) */
	uint32_t table, routes;		   /* as the module counts them; table 0: it counts none */
};

/* A resource that all networks share. First the links, in their order; then CPU; then memory. */
struct xn_row {
	enum xn_resource_kind kind;
	const char *name; /* of the link, or xn_quantities[].name */
	double capacity;  /* in its unit; 0: it is not controlled */
	double through;	  /* V of all networks, and of a link Dom0's own */
	bool oversold;	  /* guarantees do not fit, in the last decision */
	bool overbooked;  /* nor do long-term reservations */
	bool down;	  /* a link without carrier: what it is given is lost */
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
	bool waiting; /* told already that there is no device */
};

struct xn_port_counts {
	uint64_t rx_bytes, rx_packets;
	uint64_t tx_bytes, tx_packets; /* without what was dropped */
	uint64_t rx_dropped_bytes, rx_dropped_packets;
	uint64_t tx_dropped_bytes, tx_dropped_packets;
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
	struct xn_port_counts now;  /* last read */
	struct xn_port_counts last; /* up to here it is in its network's usage */
	uint32_t counted;	    /* device that @last is of */
	bool forwards;		    /* a VRF or a sub-interface: Dom0 itself routes what comes in */
	bool threaded;		    /* threaded NAPI of it is measured (daemon/threads.h) */
};

/*
 * Counters of one network on one resource at one moment. Of a link they are the kernel's, bytes; of CPU
 * (ns) and memory (route x ms) the daemon's own, which only ever go up.
 */
struct xn_counts {
	uint64_t time; /* ns, CLOCK_MONOTONIC; 0: never read */
	uint64_t offered, dropped;
	uint64_t offered_packets, dropped_packets; /* of a link, as those below */
	uint64_t refused, refused_packets;	   /* of those dropped, by the guard */
	uint64_t marked, marked_packets;	   /* by it, instead of dropping them */
};

/* One network on one resource. */
struct xn_pair {
	uint32_t net_id, ifindex; /* the kernel's share that @last is of; 0: the daemon's own */
	struct xn_counts last;	  /* up to here it is in @acc */
	struct xn_counts now;	  /* read in this tick */
	bool known;		  /* @last holds */
	bool fresh;		  /* @now came in this tick's dump */
	uint64_t total; /* of CPU: what the kernel's counters say was used so far, by the model, ns */

	struct xn_account acc;	   /* of this Il, in the resource's unit x s */
	uint64_t since;		   /* @acc counts from here, ns */
	struct xn_sla sla;	   /* that @acc goes by since the last tick */
	bool has_sla;		   /* @sla holds */
	struct xn_shift past;	   /* of the SLAs before it in this Il */
	struct xn_shift ahead;	   /* of those that its schedule has for the rest of it */
	struct xn_verdict verdict; /* of the last closed Il */
	bool judged;		   /* @verdict holds */

	double through; /* V of the last Ic */
	double refused; /* of the demand of the last Ic, by the guard */
	double floor;	/* of CPU: what dropping all would have cost in it */
	double ec;	/* of the last Ic */
	double told;	/* ratio last told by a Punished signal */
	double standing; /* ratio that is pushed: what was decided, or more while it fades (daemon/fade.h) */
	double ceiling; /* that it counts above, unit/s; of guarded links */

	/* the SLA monitor's (daemon/watch.h) */
	enum xn_why why;	   /* it is punished, if it is */
	struct xn_tally tally;	   /* of this Il */
	struct xn_episode episode; /* short-term breach that is on */
	double began;		   /* when it did, s since 1970 */
	enum xn_turn turn;	   /* what this tick did to it; not told yet */
	struct xn_episode ended;   /* the one that ended in this tick */
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

	struct xn_row *rows;
	size_t n_rows; /* n_links + CPU + memory */

	/* n_rows rows of n_nets */
	struct xn_pair *pairs;
	struct xn_share *shares;

	struct xn_share **order;      /* scratch of xn_decide() */
	struct xnetman_ratio *ratios; /* scratch of the push */
	struct xn_guard *guards;      /* likewise: each link, and its pairs */

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

/* The rows of what is no link. */
static inline size_t xn_state_cpu(const struct xn_state *state)
{
	return state->n_links;
}

static inline size_t xn_state_memory(const struct xn_state *state)
{
	return state->n_links + 1;
}

/* What a network was sold of a resource by the entries of its schedule that are in force. */
struct xn_sla xn_state_sla(const struct xn_state *state, size_t row, size_t net);

/* The same by entries @held (bits). */
struct xn_sla xn_state_sla_in(const struct xn_state *state, size_t row, size_t net, uint32_t held);

/* By name. Return: index, or -1. */
long xn_state_net(const struct xn_state *state, const char *name);
long xn_state_row(const struct xn_state *state, const char *name);
long xn_state_link(const struct xn_state *state, const char *name);
long xn_state_port(const struct xn_state *state, const char *device);

static inline struct xn_pair *xn_state_pair(const struct xn_state *state, size_t row, size_t net)
{
	return &state->pairs[row * state->n_nets + net];
}

static inline struct xn_share *xn_state_share(const struct xn_state *state, size_t row, size_t net)
{
	return &state->shares[row * state->n_nets + net];
}

/* What the kernel's numbers mean here. Return: NULL if it is none of ours. */
struct xn_pair *xn_state_pair_of(const struct xn_state *state, uint32_t net_id, uint32_t ifindex);

/* The counters are new: they count from zero, from @time (ns) on. The account stays. */
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

/* Counters out of a SHARE record, and out of a PORT record. */
struct xn_counts xn_counts_of(const struct xn_record *record);
struct xn_port_counts xn_port_counts_of(const struct xn_record *record);

#endif
