/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a network costs of Dom0's CPU: seconds = sum over paths of a x packets + b x bytes, plus what
 * its own kernel threads were seen to run. Pure.
 */
#ifndef XN_CORE_COST_H
#define XN_CORE_COST_H

#include <stdbool.h>

/* What the counters of ports and links can tell apart. */
enum xn_cost_path {
	XN_COST_RX,	 /* came in by a port, up to where it leaves Dom0 */
	XN_COST_FORWARD, /* came in by a VRF or a sub-interface: routed by Dom0 itself */
	XN_COST_TX,	 /* left by a port, from where it came into Dom0 */
	XN_COST_LINK,	 /* sent by a link */
	XN_COST_DROP,	 /* dropped at an input */
	XN_COST_PATHS,
};

struct xn_cost_model {
	struct {
		double packet; /* a, s per packet, >= 0 */
		double byte;   /* b, s per byte, >= 0 */
	} path[XN_COST_PATHS];
};

/* Name of a path in files: "rx", "forward", "tx", "link", "drop". */
const char *xn_cost_path_name(enum xn_cost_path path);

/* What is taken where nothing was measured (xnetman-ctl calibrate). */
extern const struct xn_cost_model xn_cost_defaults;

struct xn_flow {
	double packets;
	double bytes;
};

/* Who does the work for packets that come in by a port. */
enum xn_cost_worker {
	XN_COST_SOFTIRQ, /* softirq, in whose time nobody's packets can be told apart: by the model */
	XN_COST_THREAD, /* threaded NAPI of the port: measured */
	XN_COST_WORKERS,
};

/* What one network did in one interval. */
struct xn_usage {
	struct {
		struct xn_flow offered, dropped; /* @dropped is part of @offered */
	} in[XN_COST_WORKERS][XN_COST_PATHS];	 /* XN_COST_RX, _FORWARD and _TX */
	struct xn_flow link;			 /* what links let through */
	struct xn_flow to_links;		 /* what was offered to them */
	double napi;				 /* s that threaded NAPI of its ports ran */
	double copy; /* s that threads ran that only hand packets on to its ports (netback) */
};

/* CPU seconds in that interval. */
struct xn_cost {
	double through; /* V: what was spent */
	double demand;	/* D: what had been spent if nothing had been dropped at inputs */
	double floor;	/* what had been spent if all had been dropped there */
};

/* How much of what comes in goes out by links, remembered for when nothing does. */
struct xn_cost_memory {
	double packets; /* sent by links per packet let in */
	double bytes;
	bool known;
};

/**
 * xn_cost() - cost of an interval
 * @model: of this machine
 * @usage: counters and run times of the interval
 * @memory: of this network; zeroed at first
 *
 * What threaded NAPI runs is the whole way of the packets that it takes in: receiving, forwarding
 * and sending. So the model's cost of these packets is not added to @usage->napi; it
 * only says how much of that time dropped packets would have taken. netback's threads do what
 * no path of the model has in it (they copy to and from the domain), so theirs is added.
 */
struct xn_cost xn_cost(const struct xn_cost_model *model, const struct xn_usage *usage,
		       struct xn_cost_memory *memory);

/**
 * xn_cost_ratio() - drop probability at the inputs that takes a network back to what it may use
 * @demand: D, any unit
 * @allowed: in the same unit
 * @floor: what dropping all would cost
 *
 * To drop is not for nothing: of a network of which the ratio r is dropped, (1 - r) D + r x floor is
 * spent. With floor = 0 this is SPEC's 1 - allowed / D.
 *
 * Return: 0..1; 1 also where @allowed can't be reached.
 */
double xn_cost_ratio(double demand, double allowed, double floor);

#endif
