/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading from xenstored what domains are called, and hearing when that changes. Only nodes
 * that Dom0's toolstack alone can write are read and watched.
 */
#ifndef XN_DAEMON_XENSTORE_H
#define XN_DAEMON_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/owner.h"
#include "daemon/vif.h"

struct xn_xenstore;

/* A vif, and what its domain is called. */
struct xn_vif_identity {
	uint32_t ifindex;
	struct xn_vif vif;
	bool read; /* @identity holds: xenstored knows the domain */
	struct xn_identity identity;
	uint8_t mac[6]; /* of the domain's end, as the toolstack chose it; 0: not told */
};

/* Not connected yet; while no other thread runs that may look at the environment. */
struct xn_xenstore *xn_xenstore_new(void);
/* NULL is fine. */
void xn_xenstore_free(struct xn_xenstore *store);

/**
 * xn_xenstore_read() - read what the domains of vifs are called, and watch that
 * @vifs: sorted by domid; read, identity and mac are filled in
 * @reopen: the connection is lost: make a new one
 *
 * Connects where there is no connection; not for no vifs at all. Watches come before the
 * reads, so that what changes after a read is heard of. Waits for xenstored: for a thread.
 *
 * Return: 0; -ENOTCONN: there is no xenstored; -EIO: the connection was lost.
 */
int xn_xenstore_read(struct xn_xenstore *store, struct xn_vif_identity *vifs, size_t n,
		     bool reopen);

/*
 * For the event loop, while no read that makes a new connection is under way.
 * Descriptor to poll for reading; -1: not connected.
 */
int xn_xenstore_fd(struct xn_xenstore *store);
/*
 * Take in what has come there, without waiting. A lost connection is not told by the descriptor.
 * Return: how many changes; -EIO: the connection is lost.
 */
int xn_xenstore_changes(struct xn_xenstore *store);

#endif
