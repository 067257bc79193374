/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For each weekday there is a table of the sum's steps from slot to slot. Of one week to the next it changes only with
 * the networks that have an entry of which the first day came or the last one went (events), or a date (patterns).
 *
 * Many contracts have the same dates, as the last of each month, and all of them would go into the tables and out of them
 * again and again. So networks with the same dates are a pool: the tables have what they are sold on days that
 * are none of these dates, and each pool has tables of the difference on days that are, which are added as a whole.
 */
#ifndef XN_CORE_DAYSUM_IMPL_H
#define XN_CORE_DAYSUM_IMPL_H

#include "date.h"
#include "daysum.h"

#define WEEK	      7
#define EDGES_MAX     (4 * XN_SCHEDULE_MAX)
#define NO_DAY	      INT32_MIN
#define LAST_DAY      (INT32_MAX / 2)
#define NO_POOL	      UINT32_MAX
#define NO_PATTERN    UINT32_MAX
#define POOL_PATTERNS 3
#define POOLS_MAX     64
#define POOL_BYTES    (32 << 20) /* of all pools' tables at most */

/* One entry of a schedule, as it is needed most often. */
struct entry {
	int32_t first, last; /* days on which it may begin */
	uint32_t pattern;    /* NO_PATTERN: it has no date */
	uint16_t begin, end; /* slots */
	uint8_t weekdays;    /* bit 0: Monday */
	bool wraps;
};

struct network {
	const struct xn_member *member;
	const struct entry *entries;
	uint32_t n;
	uint32_t dated; /* bits of entries with a date */
	uint32_t pool;	/* NO_POOL: by itself */
};

/* A day on which somebody's entry begins or has ended. */
struct event {
	int32_t day;
	uint32_t of; /* network */
};

/* Entries with the same dates. */
struct pattern {
	const struct xn_when *when;
	uint32_t first, n; /* in xn_daysum.dated: networks that are by themselves */
	int32_t last;	   /* no entry of them begins after it */
	bool wraps;	   /* some entry of them reaches into the day after */
	uint64_t key;	   /* for digests */
	uint8_t built[WEEK]; /* bit 0: the day that the weekday's table is of is one of its dates; bit 1: the day before is */
};

struct dated {
	const struct xn_when *when;
	uint32_t entry; /* in xn_daysum.entries */
	uint32_t of;	/* network */
};

/* One network on one day: entries of that day, and of the day before; bits. */
struct held {
	uint32_t today, yesterday;
};

/* What a pool has more on days that are such of its dates: steps. */
struct variant {
	struct variant *next;
	uint32_t state; /* two bits of each pattern, as pattern.built */
	uint32_t version;
	int32_t day;		   /* that it is of */
	struct held *plain, *with; /* of each network: without its dates, with them */
	double *steps;
};

/* Networks with the same set of patterns. */
struct pool {
	uint32_t first, n; /* networks */
	uint32_t patterns[POOL_PATTERNS];
	uint32_t n_patterns;
	struct variant *variants[WEEK];
};

/* Digests of the patterns that are in force in a year: by the day of the month, from its begin and from its end. */
struct calendar {
	int year;
	uint64_t alive; /* digest of who is in it */
	uint64_t days[13][32], last_days[13][32];
};

struct xn_daysum {
	const struct xn_zone *zone;
	const struct xn_lanes *lanes;
	int slot, slots; /* minutes; a day */
	bool asks;	 /* somebody asks or gives back */

	struct network *networks;
	size_t n;
	struct entry *entries;
	struct event *events;
	size_t n_events;
	struct dated *dated;
	size_t n_dated;
	struct pattern *patterns;
	size_t n_patterns;
	struct pool *pools;
	size_t n_pools;
	char *arena; /* of variants */
	size_t arena_used;

	int32_t day[WEEK];    /* that the tables are of */
	bool dirty[WEEK];     /* its values are old */
	uint64_t added[WEEK]; /* digest of the pools' tables that are in its values */
	struct held (*held)[WEEK];
	double *steps;	/* of each weekday, slot and cell: less the slot before */
	double *values; /* likewise: the sums */

	struct calendar today,
		yesterday; /* of the day's year, of the day before's: who reaches into the day */
	int32_t known[2];  /* days that @digests are of */
	uint64_t digests[2];

	int32_t date_of;	     /* the day that is looked at */
	struct xn_date date, before; /* of it, of the one before */
};

/* The day that is looked at: of date and before, in what is asked next. */
void xn_daysum_set_date(struct xn_daysum *z, int32_t day);

/* The first of the events from a day on. */
size_t xn_daysum_first_event(const struct xn_daysum *z, int32_t day);

/* Figures in a table: one weekday's steps, or its values. */
static inline size_t xn_daysum_table(const struct xn_daysum *z)
{
	return ((size_t)z->slots + 1) * (z->asks ? XN_CELLS : XN_LANES);
}

/* What a variant of a pool of @n networks takes. */
static inline size_t xn_daysum_variant_bytes(const struct xn_daysum *z, uint32_t n)
{
	return sizeof(struct variant) + 2 * n * sizeof(struct held) +
	       xn_daysum_table(z) * sizeof(double);
}

/* A digest goes on. */
static inline uint64_t xn_daysum_mix(uint64_t digest, uint64_t value)
{
	digest = (digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return digest ^ digest >> 32;
}

#endif
