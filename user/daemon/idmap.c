// SPDX-License-Identifier: GPL-2.0-or-later
/* Open addressing, at most half full, filled as a whole and never deleted from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/idmap.h"

static uint32_t slot_of(const struct xn_idmap *map, uint32_t id)
{
	uint32_t i = (id * 2654435761u) & map->mask;

	while (map->slots[i].id && map->slots[i].id != id)
		i = (i + 1) & map->mask;
	return i;
}

int xn_idmap_init(struct xn_idmap *map, size_t n)
{
	size_t slots = 16;

	while (slots < 2 * n)
		slots *= 2;
	map->slots = calloc(slots, sizeof(*map->slots));
	map->mask = slots - 1;
	return map->slots ? 0 : -ENOMEM;
}

void xn_idmap_exit(struct xn_idmap *map)
{
	free(map->slots);
	map->slots = NULL;
}

void xn_idmap_clear(struct xn_idmap *map)
{
	memset(map->slots, 0, ((size_t)map->mask + 1) * sizeof(*map->slots));
}

void xn_idmap_put(struct xn_idmap *map, uint32_t id, uint32_t at)
{
	uint32_t i = slot_of(map, id);

	map->slots[i].id = id;
	map->slots[i].at = at;
}

uint32_t xn_idmap_get(const struct xn_idmap *map, uint32_t id)
{
	uint32_t i = slot_of(map, id);

	return id && map->slots[i].id ? map->slots[i].at : XN_IDMAP_NONE;
}
