/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small hash from the kernel's numbers (network id, ifindex) to positions in our tables. */
#ifndef XN_DAEMON_IDMAP_H
#define XN_DAEMON_IDMAP_H

#include <stddef.h>
#include <stdint.h>

#define XN_IDMAP_NONE UINT32_MAX

struct xn_idmap {
	struct {
		uint32_t id; /* 0: empty */
		uint32_t at;
	} * slots;
	uint32_t mask; /* slots - 1; a power of two minus one */
};

/* Room for @n ids. Return: 0 or -ENOMEM. */
int xn_idmap_init(struct xn_idmap *map, size_t n);
void xn_idmap_exit(struct xn_idmap *map);
void xn_idmap_clear(struct xn_idmap *map);

/* @id > 0; at most as many as there is room for. */
void xn_idmap_put(struct xn_idmap *map, uint32_t id, uint32_t at);

/* Return: position, or XN_IDMAP_NONE. */
uint32_t xn_idmap_get(const struct xn_idmap *map, uint32_t id);

#endif
