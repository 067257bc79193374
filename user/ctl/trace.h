/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A demand trace: what networks of given SLAs offer, tick by tick (its formats: simulate.c). */
#ifndef XN_CTL_TRACE_H
#define XN_CTL_TRACE_H

#include <stdint.h>

#include "common/config.h" /* struct xn_err */
#include "core/controller.h"

struct xn_trace_network {
	char *name;
	struct xn_sla sla;
	unsigned int given; /* which parameters the trace names, one bit each */
};

struct xn_trace {
	double capacity; /* bit/s */
	uint64_t ic, il; /* ns */
	enum xn_policy policy;
	unsigned int given; /* which settings the trace names, one bit each */
	struct xn_trace_network *networks;
	size_t n_networks;
	double *demand; /* bit/s, [tick][network] */
	size_t n_ticks;
};

/**
 * xn_trace_read() - read a trace of either format
 * @path: file, or "-" for standard input
 * @err: on error file, line, key and what to do
 *
 * Return: the trace with defaults filled in, or NULL.
 */
struct xn_trace *xn_trace_read(const char *path, struct xn_err *err);
void xn_trace_free(struct xn_trace *trace);

/**
 * xn_trace_set() - one setting: capacity, short_interval, long_interval, policy
 * @text: as people write it
 *
 * Return: NULL, or a clause that says what is wrong and what to do.
 */
const char *xn_trace_set(struct xn_trace *trace, const char *key, const char *text);

/**
 * xn_trace_finish() - check what settings make together, and have one tick per Ic
 * @ic: short interval for which @trace has its demand, ns
 * @key: out, on error: the setting at fault
 *
 * Where trace->ic is another by now, each tick gets the mean demand of the time it covers.
 *
 * Return: NULL, or a clause as above.
 */
const char *xn_trace_finish(struct xn_trace *trace, uint64_t ic, const char **key);

/* --- for the readers of the two formats; clauses as above --- */

/* The last network added may be changed. */
const char *xn_trace_add_network(struct xn_trace *trace, const char *name);

/* One parameter of the last network: rc, re, rl, rmax, restricted. */
const char *xn_trace_set_sla(struct xn_trace *trace, const char *key, const char *text);

/* Defaults and rules of the last network's SLA; @key: out, the one at fault. */
const char *xn_trace_end_sla(struct xn_trace *trace, const char **key);

/* The rule for long_interval. */
const char *xn_trace_check_intervals(const struct xn_trace *trace);

/* Room for @n ticks; those that are new are 0. */
const char *xn_trace_resize(struct xn_trace *trace, size_t n);

/* Index of a network, n_networks if there is none of that name. */
size_t xn_trace_find(const struct xn_trace *trace, const char *name);

/* @text is the file, with a NUL behind it, and may be changed. Return: 0, or -EINVAL with @err. */
int xn_trace_read_csv(struct xn_trace *trace, const char *path, char *text, struct xn_err *err);
int xn_trace_read_json(struct xn_trace *trace, const char *path, const char *text, size_t size,
		       struct xn_err *err);

#endif
