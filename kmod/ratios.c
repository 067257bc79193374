// SPDX-License-Identifier: GPL-2.0-only
/* The ratios in force: one table for links and inputs, and all networks. */
#include <linux/overflow.h>

#include "link.h"
#include "main.h"
#include "network.h"
#include "ratios.h"
#include "trace.h"

struct xnet_ratios __rcu *xnet_ratios;
u64 xnet_generation;
static struct xnet_slate *xnet_ratios_spare; /* under xnet_lock */

static struct xnet_ratios *xnet_ratios_locked(void)
{
	return rcu_dereference_protected(xnet_ratios, lockdep_is_held(&xnet_lock));
}

/* An empty table for slots below @links and @networks, or NULL. At most 2 MiB. Under xnet_lock. */
struct xnet_ratios *xnet_ratios_alloc(u32 links, u32 networks)
{
	struct xnet_ratios *ratios;

	ratios = xnet_slate_take(&xnet_ratios_spare,
				 struct_size(ratios, cells, (size_t)links * networks));
	if (!ratios)
		return NULL;
	ratios->links = links;
	ratios->networks = networks;
	return ratios;
}

/* A table was not published, or is not in force any more. Under xnet_lock. */
void xnet_ratios_retire(struct xnet_ratios *ratios)
{
	xnet_slate_retire(&xnet_ratios_spare, &ratios->slate);
}

/*
 * Where a threshold is on the circle. It stays there as long as the network is punished, so
 * that the walks of the classes go on evenly from push to push. A new punishment
 * starts anywhere.
 */
static u32 xnet_ratio_start(u32 link, u32 network)
{
	struct xnet_ratios *now = xnet_ratios_locked();
	struct xnet_ratio *cell = now ? xnet_ratios_cell(now, link, network) : NULL;
	u32 start;

	if (cell && cell->threshold)
		return cell->start;
	xnet_random_bytes(&start, sizeof(start));
	return start;
}

/* Says a cell's ratio in a table that is not published yet. Under xnet_lock. */
void xnet_ratios_set(struct xnet_ratios *ratios, u32 link, u32 network, u32 ppb)
{
	struct xnet_ratio *cell = xnet_ratios_cell(ratios, link, network);
	u32 threshold = xnet_threshold(ppb);

	ratios->punished += !!threshold - !!cell->threshold;
	cell->threshold = threshold;
	cell->start = threshold ? xnet_ratio_start(link, network) : 0;
}

static u32 xnet_ratios_ppb(struct xnet_ratios *ratios, u32 link, u32 network)
{
	const struct xnet_ratio *cell = ratios ? xnet_ratios_cell(ratios, link, network) : NULL;

	return cell ? xnet_threshold_ppb(READ_ONCE(cell->threshold)) : 0;
}

/* Ratio in force there, in ppb. Under xnet_lock. */
u32 xnet_ratio_ppb(u32 link, u32 network)
{
	return xnet_ratios_ppb(xnet_ratios_locked(), link, network);
}

static void xnet_ratios_trace_row(u32 link, u32 ifindex, struct xnet_ratios *old,
				  struct xnet_ratios *new)
{
	struct xnet_network *network;
	unsigned long id;
	u32 from, to;

	xa_for_each(&xnet_networks, id, network) {
		from = xnet_ratios_ppb(old, link, network->slot);
		to = xnet_ratios_ppb(new, link, network->slot);
		if (from != to)
			trace_punish(id, ifindex, from, to, xnet_generation);
	}
}

static void xnet_ratios_trace(struct xnet_ratios *old, struct xnet_ratios *new)
{
	struct xnet_link *link;
	unsigned long ifindex;

	xnet_ratios_trace_row(XNET_SLOT_INPUT, 0, old, new);
	xa_for_each(&xnet_links, ifindex, link)
		xnet_ratios_trace_row(link->slot, ifindex, old, new);
}

/**
 * xnet_ratios_publish - put a table in force
 * @ratios: the table, which is not the caller's any more; NULL punishes nobody
 *
 * Under xnet_lock.
 */
void xnet_ratios_publish(struct xnet_ratios *ratios)
{
	struct xnet_ratios *old = xnet_ratios_locked();

	if (ratios && !ratios->punished) {
		xnet_ratios_retire(ratios);
		ratios = NULL;
	}
	rcu_assign_pointer(xnet_ratios, ratios);
	if (trace_punish_enabled())
		xnet_ratios_trace(old, ratios);
	if (old)
		xnet_ratios_retire(old);
}

/* The next network that gets @slot starts unpunished. Under xnet_lock. */
void xnet_ratios_forget_network(u32 slot)
{
	struct xnet_ratios *ratios = xnet_ratios_locked();
	u32 link;

	if (!ratios || slot >= ratios->networks)
		return;
	for (link = 0; link < ratios->links; link++)
		WRITE_ONCE(ratios->cells[link * ratios->networks + slot].threshold, 0);
}

/* The next link that gets @slot starts with nobody punished. Under xnet_lock. */
void xnet_ratios_forget_link(u32 slot)
{
	struct xnet_ratios *ratios = xnet_ratios_locked();
	u32 network;

	if (!ratios || slot >= ratios->links)
		return;
	for (network = 0; network < ratios->networks; network++)
		WRITE_ONCE(ratios->cells[slot * ratios->networks + network].threshold, 0);
}

void xnet_ratios_exit(void)
{
	mutex_lock(&xnet_lock);
	xnet_ratios_publish(NULL);
	xnet_slate_free(&xnet_ratios_spare);
	mutex_unlock(&xnet_lock);
}
