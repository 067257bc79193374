/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The routes of one network under the memory resource: what it may hold of it goes to its table and to
 * the module, what it wants and holds goes to the controller, and what it uses decides which routes these are.
 */
#ifndef XN_DAEMON_HOLDING_H
#define XN_DAEMON_HOLDING_H

#include "core/trim.h"
#include "daemon/state.h"
#include "daemon/table.h"

/* What is known of one network from interval to interval. All 0 at first. */
struct xn_holding {
	struct xn_trim_room room;
	uint64_t position; /* samples read */
	bool told;	   /* the module has @table and @limit */
	uint32_t table;
	uint32_t limit;
	size_t foreign; /* routes in the table that others put there */
	size_t missing; /* routes that the module did not count the last time */
};

/**
 * xn_holding_tick() - an interval of one network, after the controller has decided
 * @holding: of the network
 * @kernel: connection to the module
 * @state: what is known of all
 * @net: index of the network
 * @table: its routes; the caller flushes them from now on
 * @id: the kernel's number of the table
 * @rules: filter rules that are held besides: they take of the same memory, but are never trimmed
 * @err: out
 *
 * Return: 0, or -errno of the module; then its limit stays as it was.
 */
int xn_holding_tick(struct xn_holding *holding, struct xn_kernel *kernel, struct xn_state *state,
		    size_t net, struct xn_table *table, uint32_t id, size_t rules,
		    struct xn_err *err);

/* The network has no table any more: the module forgets it, and nothing is wanted or held. */
int xn_holding_end(struct xn_holding *holding, struct xn_kernel *kernel, struct xn_state *state,
		   size_t net, struct xn_err *err);

#endif
