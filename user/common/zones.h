/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time zones of this machine, by name. */
#ifndef XN_COMMON_ZONES_H
#define XN_COMMON_ZONES_H

#include "core/zone.h"

/* Where tzdata has them. */
#define XN_ZONEINFO "/usr/share/zoneinfo"

/**
 * xn_zone_get() - a time zone
 * @name: as in tzdata, "Europe/Berlin"; "UTC" is known without it
 * @why: on error: a clause that says what is wrong and what to do
 *
 * Those who ask for the same zone share it, until tzdata is another. From one thread only.
 *
 * Return: the zone, to be given back with xn_zone_put(), or NULL.
 */
const struct xn_zone *xn_zone_get(const char *name, const char **why);
void xn_zone_put(const struct xn_zone *zone);

#endif
