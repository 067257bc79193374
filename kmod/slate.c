// SPDX-License-Identifier: GPL-2.0-only
/* Slates: memory for tables that each push writes anew. All under xnet_lock. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "slate.h"

/**
 * xnet_slate_take - memory for a table
 * @spare: the last one that was retired, which it is if it is as large and nobody reads it
 * @size: bytes, with the struct xnet_slate at its beginning
 *
 * Return: zeroed but for that, or NULL.
 */
void *xnet_slate_take(struct xnet_slate **spare, size_t size)
{
	struct xnet_slate *slate = *spare;

	if (slate && slate->size == size && poll_state_synchronize_rcu(slate->grace)) {
		*spare = NULL;
		memset(slate, 0, size);
	} else {
		slate = kvzalloc(size, GFP_KERNEL);
	}
	if (slate)
		slate->size = size;
	return slate;
}

/**
 * xnet_slate_retire - a table is not in force, or not any more
 * @spare: where it waits for its next use
 * @slate: at its beginning; packets may still be reading it
 */
void xnet_slate_retire(struct xnet_slate **spare, struct xnet_slate *slate)
{
	xnet_slate_free(spare);
	slate->grace = start_poll_synchronize_rcu();
	*spare = slate;
}

/* Frees what was retired, if anything was. */
void xnet_slate_free(struct xnet_slate **spare)
{
	if (*spare)
		kvfree_rcu(*spare, rcu);
	*spare = NULL;
}
