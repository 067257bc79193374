/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ratios in force: one table for all (network, link) pairs and for the inputs
 * of all networks, replaced as a whole by each push, so that a packet sees either
 * the old push or the new one.
 */
#ifndef XNET_RATIOS_H
#define XNET_RATIOS_H

#include <linux/rcupdate.h>

#include "drop.h"
#include "slate.h"

/* The row of the networks' inputs; links have the slots above. */
#define XNET_SLOT_INPUT 0

/**
 * struct xnet_ratios - the table of a push
 * @slate: its memory
 * @links: rows; of a link with a higher slot nobody is punished
 * @networks: columns; a network with a higher slot is not punished
 * @punished: cells that are not 0
 * @cells: by slot of the link (or XNET_SLOT_INPUT), then of the network
 */
struct xnet_ratios {
	struct xnet_slate slate;
	u32 links;
	u32 networks;
	u32 punished;
	struct xnet_ratio cells[];
};

/* NULL when nobody is punished; written under xnet_lock */
extern struct xnet_ratios __rcu *xnet_ratios;

/* Number of the last push, 0 for none; under xnet_lock */
extern u64 xnet_generation;

/* The cell of two slots, or NULL if it is beyond the table. */
static inline struct xnet_ratio *xnet_ratios_cell(struct xnet_ratios *ratios, u32 link, u32 network)
{
	if (link >= ratios->links || network >= ratios->networks)
		return NULL;
	return &ratios->cells[link * ratios->networks + network];
}

/* What is in force there now, or NULL. Under rcu_read_lock(). */
static inline const struct xnet_ratio *xnet_ratio(u32 link, u32 network)
{
	struct xnet_ratios *ratios = rcu_dereference(xnet_ratios);

	if (likely(!ratios))
		return NULL;
	return xnet_ratios_cell(ratios, link, network);
}

u32 xnet_ratio_ppb(u32 link, u32 network);

struct xnet_ratios *xnet_ratios_alloc(u32 links, u32 networks);
void xnet_ratios_set(struct xnet_ratios *ratios, u32 link, u32 network, u32 ppb);
void xnet_ratios_retire(struct xnet_ratios *ratios);
void xnet_ratios_publish(struct xnet_ratios *ratios);
void xnet_ratios_forget_network(u32 slot);
void xnet_ratios_forget_link(u32 slot);
void xnet_ratios_exit(void);

#endif /* XNET_RATIOS_H */
