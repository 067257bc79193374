/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the clocks on the wall of a time zone show: its offset from UTC at every instant.
 *
 * A zone is a value, read once from the bytes of a TZif file (RFC 8536), not libc's: that has one zone for a
 * whole process, in an environment variable which other threads read, and does not tell when its offset
 * changes, which admission has to know for all the years to come.
 */
#ifndef XN_CORE_ZONE_H
#define XN_CORE_ZONE_H

#include <stddef.h>
#include <stdint.h>

/* The years that a zone is known for; before and after, its first and last offset. */
#define XN_ZONE_FIRST 2000
#define XN_ZONE_LAST  2599

struct xn_zone_change {
	int64_t at;	/* s since 1970 UTC, whole minutes */
	int32_t offset; /* s east of UTC from then on, whole minutes */
};

struct xn_zone {
	char *name;
	int32_t first; /* offset before all changes, s */
	int regular;   /* year from which on every year has the same rule */
	size_t n;
	struct xn_zone_change *changes; /* in order */
};

extern const struct xn_zone xn_zone_utc;

/**
 * xn_zone_parse() - a zone out of a TZif file
 * @name: of the zone
 * @data: the file
 * @size: bytes of @data
 * @why: on error: a clause that says what is wrong; NULL without memory
 *
 * Return: the zone, to be freed with xn_zone_free(), or NULL.
 */
struct xn_zone *xn_zone_parse(const char *name, const void *data, size_t size, const char **why);
void xn_zone_free(struct xn_zone *zone);

/* Offset at @time, s since 1970 UTC. @until: out, the next change; INT64_MAX: none. May be NULL. */
int32_t xn_zone_offset(const struct xn_zone *zone, int64_t time, int64_t *until);

#endif
