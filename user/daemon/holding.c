// SPDX-License-Identifier: GPL-2.0-or-later
/* The routes of one network under the memory resource. */
#include <errno.h>

#include "daemon/holding.h"
#include "daemon/memory.h"

static void use(const struct xn_address *destination, void *arg)
{
	xn_table_use(arg, destination);
}

/*
 * The module first: whatever comes after that, the kernel never holds more than it may. Once told, it
 * is told again only what changed, or if it was loaded anew and counts no such table.
 */
static int tell_module(struct xn_holding *h, struct xn_kernel *kernel, const struct xn_net *net,
		       uint32_t id, uint32_t limit, struct xn_err *err)
{
	int ret;

	if (h->told && h->table == id && h->limit == limit && net->table == id)
		return 0;
	ret = xn_kernel_set_table(kernel, net->id, id, limit, err);
	h->told = !ret;
	h->table = id;
	h->limit = limit;
	return ret;
}

/*
 * Routes that others have put into the table take of the room as well. What the module counts can be
 * compared only while nothing is under way.
 */
static size_t foreign(const struct xn_net *net, uint32_t id, const struct xn_table_stats *stats)
{
	bool same = net->table == id && !stats->left && net->routes > stats->held;

	return same ? net->routes - stats->held : 0;
}

/*
 * Fewer than were put there: a device took its routes along. Once is enough, if the reason is another one
 * (an address of Dom0 hides a route of the same prefix).
 */
static void look_for_losses(struct xn_holding *h, const struct xn_net *net, struct xn_table *table,
			    uint32_t id, const struct xn_table_stats *stats)
{
	size_t missing = 0;

	if (stats->left || net->table != id)
		return;
	if (net->routes < stats->held)
		missing = stats->held - net->routes;
	if (missing && missing != h->missing)
		xn_table_check(table);
	h->missing = missing;
}

static size_t without(size_t limit, size_t taken)
{
	if (limit == SIZE_MAX)
		return limit;
	return limit > taken ? limit - taken : 0;
}

/* A module loaded anew since the last tick has no samples: it is told in the next one. */
static int read_samples(struct xn_holding *h, struct xn_kernel *kernel, uint32_t id,
			struct xn_table *table, struct xn_err *err)
{
	int ret = xn_kernel_samples(kernel, id, &h->position, use, table, err);

	return ret == -ENODATA ? 0 : ret;
}

int xn_holding_tick(struct xn_holding *h, struct xn_kernel *kernel, struct xn_state *state,
		    size_t net, struct xn_table *table, uint32_t id, size_t rules,
		    struct xn_err *err)
{
	size_t limit = xn_trim_room(&h->room, xn_memory_limit(state, net));
	const struct xn_net *n = &state->nets[net];
	struct xn_table_stats stats = xn_table_stats(table);
	int ret = 0;

	limit = without(limit, rules);
	if (n->id)
		ret = tell_module(
			h, kernel, n, id,
			limit < XNETMAN_ROUTES_UNLIMITED ? limit : XNETMAN_ROUTES_UNLIMITED, err);
	if (!ret && n->id && limit < XNETMAN_ROUTES_UNLIMITED) /* else nothing has to be ranked */
		ret = read_samples(h, kernel, n->id, table, err);
	if (!stats.left)
		h->foreign = foreign(n, id, &stats);
	xn_table_limit(table, without(limit, h->foreign));
	xn_table_rank(table);
	look_for_losses(h, n, table, id, &stats);
	xn_memory_report(state, net, stats.wanted + rules, stats.held + rules);
	return ret;
}

int xn_holding_end(struct xn_holding *h, struct xn_kernel *kernel, struct xn_state *state,
		   size_t net, struct xn_err *err)
{
	const struct xn_net *n = &state->nets[net];
	int ret = 0;

	if (h->told && n->id)
		ret = xn_kernel_set_table(kernel, n->id, 0, XNETMAN_ROUTES_UNLIMITED, err);
	*h = (struct xn_holding){ .told = false };
	xn_memory_report(state, net, 0, 0);
	return ret;
}
