/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slates: memory for tables that each push writes anew. What is no longer in force is wiped and used again
 * when no packet can be reading it, so that a tick allocates nothing.
 */
#ifndef XNET_SLATE_H
#define XNET_SLATE_H

#include <linux/rcupdate.h>
#include <linux/types.h>

/**
 * struct xnet_slate - the beginning of such a table
 * @size: of all of it, bytes
 * @grace: when it was taken out of force, for poll_state_synchronize_rcu()
 * @rcu: frees it
 */
struct xnet_slate {
	size_t size;
	unsigned long grace;
	struct rcu_head rcu;
};

void *xnet_slate_take(struct xnet_slate **spare, size_t size);
void xnet_slate_retire(struct xnet_slate **spare, struct xnet_slate *slate);
void xnet_slate_free(struct xnet_slate **spare);

#endif /* XNET_SLATE_H */
