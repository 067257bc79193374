/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The resources that networks share: a link's bandwidth, Dom0's CPU, Dom0's memory for routes. All
 * are decided, accounted and shown alike; what differs is their unit.
 */
#ifndef XN_CORE_RESOURCE_H
#define XN_CORE_RESOURCE_H

#include <stddef.h>

enum xn_resource_kind {
	XN_BANDWIDTH, /* of each link; bit/s */
	XN_CPU,	      /* cores: seconds of CPU per second */
	XN_MEMORY,    /* routes and rules held in Dom0; a level, which accounts add up over time */
	XN_RESOURCES,
};

/* How one is written, read and counted. */
struct xn_quantity {
	const char *name;   /* "cpu"; where rows have names, that of the one that is no link */
	const char *suffix; /* of keys of rates in records: "bps" */
	const char *used;   /* key of the volume of this Il: "used_bits" */
	double per_count;   /* units in one of the account's counts: bytes, ns, route x ms */

	/* as in core/units.h */
	const char *(*parse)(const char *text, double *value);
	char *(*format)(double value, char *buf, size_t size);
	char *(*format_exact)(double value, char *buf, size_t size);

	const char *capacity; /* what a capacity of 0 is to be replaced by, for a person */
};

extern const struct xn_quantity xn_quantities[XN_RESOURCES];

/* By its name. Return: XN_RESOURCES: there is none. */
enum xn_resource_kind xn_resource_named(const char *name);

/* Of a row's name: what is called neither cpu nor memory is a link. */
enum xn_resource_kind xn_resource_of_row(const char *name);

/* Longest key of a record, with the NUL. */
#define XN_RESOURCE_KEY 32

/* "demand_bps", "rl_cores". Return: @buf, of XN_RESOURCE_KEY bytes. */
char *xn_resource_key(enum xn_resource_kind kind, const char *what, char *buf);

#endif
