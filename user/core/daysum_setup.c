// SPDX-License-Identifier: GPL-2.0-or-later
/* From schedules to entries, patterns, pools and events. */
#include <stdlib.h>
#include <string.h>

#include "daysum_impl.h"

/* --- networks and their entries -------------------------------------------------- */

static void put_entry(const struct xn_daysum *z, struct entry *entry, const struct xn_when *when)
{
	*entry = (struct entry){
		.first = when->first_day, /* XN_DAY_NEVER: before all others */
		.last = when->last_day == XN_DAY_NEVER ? LAST_DAY : when->last_day,
		.pattern = NO_PATTERN,
		.begin = when->begin / z->slot,
		.end = when->end / z->slot,
		.weekdays = when->weekdays,
		.wraps = xn_when_wraps(when),
	};
}

static void put_network(struct xn_daysum *z, const struct xn_member *m, uint32_t *n_entries)
{
	struct network *net = &z->networks[z->n++];

	*net = (struct network){ m, z->entries + *n_entries, m->schedule.n, .pool = NO_POOL };
	for (uint32_t i = 0; i < net->n; i++) {
		const struct xn_when *when = &m->schedule.entries[i];

		put_entry(z, &z->entries[*n_entries], when);
		if (xn_when_is_dated(when)) {
			net->dated |= UINT32_C(1) << i;
			z->dated[z->n_dated++] = (struct dated){ when, *n_entries };
		}
		++*n_entries;
	}
}

/* By their dates alone. */
static int compare_dated(const void *a, const void *b)
{
	const struct xn_when *x = ((const struct dated *)a)->when;
	const struct xn_when *y = ((const struct dated *)b)->when;

	if (x->months != y->months)
		return x->months < y->months ? -1 : 1;
	if (x->days != y->days)
		return x->days < y->days ? -1 : 1;
	if (x->last_days != y->last_days)
		return x->last_days < y->last_days ? -1 : 1;
	if (x->n_years != y->n_years)
		return x->n_years < y->n_years ? -1 : 1;
	return memcmp(x->years, y->years, sizeof(x->years));
}

static void find_patterns(struct xn_daysum *z)
{
	qsort(z->dated, z->n_dated, sizeof(*z->dated), compare_dated);
	for (size_t i = 0; i < z->n_dated; i++) {
		struct entry *entry = &z->entries[z->dated[i].entry];
		struct pattern *p;

		if (!i || compare_dated(&z->dated[i - 1], &z->dated[i]))
			z->patterns[z->n_patterns++] = (struct pattern){
				z->dated[i].when, .last = entry->last,
				.key = xn_daysum_mix(xn_daysum_mix(i + 1, 0), 1)
			};
		entry->pattern = z->n_patterns - 1;
		p = &z->patterns[entry->pattern];
		p->wraps |= entry->wraps;
		p->last = entry->last > p->last ? entry->last : p->last;
	}
}

/* --- pools ------------------------------------------------------------------------ */

/* The patterns of one network, the smallest first, and then NO_PATTERN. */
struct set {
	uint32_t patterns[POOL_PATTERNS];
	uint32_t of;
};

/* Networks with the same set: in an array of sets. */
struct group {
	uint32_t first, n;
};

/* Return: false: it has none, or too many. */
static bool find_set(const struct network *net, struct set *set)
{
	size_t n = 0, i, j;

	for (uint32_t left = net->dated; left; left &= left - 1) {
		uint32_t pattern = net->entries[__builtin_ctz(left)].pattern;

		for (i = 0; i < n && set->patterns[i] < pattern; i++)
			;
		if (i < n && set->patterns[i] == pattern)
			continue;
		if (n == POOL_PATTERNS)
			return false;
		for (j = n++; j > i; j--)
			set->patterns[j] = set->patterns[j - 1];
		set->patterns[i] = pattern;
	}
	for (i = n; i < POOL_PATTERNS; i++)
		set->patterns[i] = NO_PATTERN;
	return n;
}

static int compare_sets(const void *a, const void *b)
{
	const struct set *x = a, *y = b;

	for (size_t i = 0; i < POOL_PATTERNS; i++)
		if (x->patterns[i] != y->patterns[i])
			return x->patterns[i] < y->patterns[i] ? -1 : 1;
	return 0;
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->n > y->n ? -1 : x->n < y->n;
}

static size_t find_groups(const struct set *sets, size_t n, struct group *groups)
{
	size_t n_groups = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!i || compare_sets(&sets[i - 1], &sets[i]))
			groups[n_groups++] = (struct group){ i, 0 };
		groups[n_groups - 1].n++;
	}
	qsort(groups, n_groups, sizeof(*groups), compare_groups);
	return n_groups;
}

/* Of all variants that a pool may come to have. */
static size_t pool_bytes(const struct xn_daysum *z, const struct pool *pool)
{
	size_t states = 1;

	for (uint32_t i = 0; i < pool->n_patterns; i++)
		states *= z->patterns[pool->patterns[i]].wraps ? 4 : 2;
	return WEEK * (states - 1) * xn_daysum_variant_bytes(z, pool->n);
}

/* A group becomes a pool, if there is memory for it. Return: bytes. */
static size_t make_pool(struct xn_daysum *z, const struct set *sets, const struct group *group,
			uint32_t first, size_t left)
{
	struct pool *pool = &z->pools[z->n_pools];
	size_t bytes;

	*pool = (struct pool){ .first = first, .n = group->n };
	memcpy(pool->patterns, sets[group->first].patterns, sizeof(pool->patterns));
	while (pool->n_patterns < POOL_PATTERNS && pool->patterns[pool->n_patterns] != NO_PATTERN)
		pool->n_patterns++;
	bytes = pool_bytes(z, pool);
	if (bytes > left)
		return 0;
	for (uint32_t i = 0; i < group->n; i++)
		z->networks[sets[group->first + i].of].pool = z->n_pools;
	z->n_pools++;
	return bytes;
}

static int compare_networks(const void *a, const void *b)
{
	const struct network *x = a, *y = b;

	return x->pool < y->pool ? -1 : x->pool > y->pool;
}

/* The largest groups become pools, and their networks come first. */
static bool make_pools(struct xn_daysum *z)
{
	struct set *sets = calloc(z->n, sizeof(*sets));
	struct group *groups = calloc(z->n, sizeof(*groups));
	size_t n = 0, n_groups, bytes = 0;
	uint32_t first = 0;

	for (uint32_t i = 0; sets && i < z->n; i++)
		if (find_set(&z->networks[i], &sets[n]))
			sets[n++].of = i;
	if (sets && groups) {
		qsort(sets, n, sizeof(*sets), compare_sets);
		n_groups = find_groups(sets, n, groups);
		for (size_t i = 0; i < n_groups && groups[i].n > 1 && z->n_pools < POOLS_MAX; i++) {
			size_t more = make_pool(z, sets, &groups[i], first, POOL_BYTES - bytes);

			bytes += more;
			first += more ? groups[i].n : 0;
		}
		qsort(z->networks, z->n, sizeof(*z->networks), compare_networks);
		z->arena = malloc(bytes + 1);
	}
	free(sets);
	free(groups);
	return z->arena;
}

/* --- events and the dates of networks by themselves ------------------------------ */

static int compare_events(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->day < y->day ? -1 : x->day > y->day;
}

static void find_events(struct xn_daysum *z)
{
	for (uint32_t i = 0; i < z->n; i++)
		for (uint32_t j = 0; j < z->networks[i].n; j++) {
			const struct entry *e = &z->networks[i].entries[j];

			if (e->first != XN_DAY_NEVER)
				z->events[z->n_events++] = (struct event){ e->first, i };
			if (e->last != LAST_DAY)
				z->events[z->n_events++] = (struct event){ e->last + 1, i };
		}
	qsort(z->events, z->n_events, sizeof(*z->events), compare_events);
}

/* Which networks by themselves have entries of each pattern. */
static void list_networks(struct xn_daysum *z)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < z->n; i++)
		for (uint32_t left = z->networks[i].pool == NO_POOL ? z->networks[i].dated : 0;
		     left; left &= left - 1)
			z->patterns[z->networks[i].entries[__builtin_ctz(left)].pattern].n++;
	for (size_t p = 0; p < z->n_patterns; p++) {
		z->patterns[p].first = first;
		first += z->patterns[p].n;
		z->patterns[p].n = 0;
	}
	for (uint32_t i = 0; i < z->n; i++)
		for (uint32_t left = z->networks[i].pool == NO_POOL ? z->networks[i].dated : 0;
		     left; left &= left - 1) {
			struct pattern *p =
				&z->patterns[z->networks[i].entries[__builtin_ctz(left)].pattern];

			z->dated[p->first + p->n++].of = i;
		}
}

static bool allocate(struct xn_daysum *z, size_t n, size_t entries)
{
	z->networks = calloc(n, sizeof(*z->networks));
	z->entries = calloc(entries, sizeof(*z->entries));
	z->events = calloc(2 * entries, sizeof(*z->events));
	z->dated = calloc(entries, sizeof(*z->dated));
	z->patterns = calloc(entries, sizeof(*z->patterns));
	z->pools = calloc(POOLS_MAX, sizeof(*z->pools));
	z->held = calloc(n, sizeof(*z->held));
	z->steps = calloc(WEEK * xn_daysum_table(z), sizeof(*z->steps));
	z->values = calloc(WEEK * xn_daysum_table(z), sizeof(*z->values));
	return z->networks && z->entries && z->events && z->dated && z->patterns && z->pools &&
	       z->held && z->steps && z->values;
}

struct xn_daysum *xn_daysum_create(const struct xn_member *const *members, size_t n, int slot)
{
	struct xn_daysum *z = calloc(1, sizeof(*z));
	size_t entries = 0;
	uint32_t n_entries = 0;

	if (!z)
		return NULL;
	z->zone = members[0]->schedule.zone;
	z->slot = slot;
	z->slots = XN_DAY_MINUTES / slot;
	z->date_of = NO_DAY;
	for (size_t i = 0; i < n; i++) {
		entries += members[i]->schedule.n;
		z->asks |= members[i]->asks;
	}
	if (!allocate(z, n, entries))
		goto destroy;
	for (size_t i = 0; i < n; i++)
		put_network(z, members[i], &n_entries);
	find_patterns(z);
	if (!make_pools(z))
		goto destroy;
	find_events(z);
	list_networks(z);
	return z;
destroy:
	xn_daysum_destroy(z);
	return NULL;
}

void xn_daysum_destroy(struct xn_daysum *z)
{
	if (!z)
		return;
	free(z->networks);
	free(z->entries);
	free(z->events);
	free(z->dated);
	free(z->patterns);
	free(z->pools);
	free(z->arena);
	free(z->held);
	free(z->steps);
	free(z->values);
	free(z);
}

void xn_daysum_reset(struct xn_daysum *z, const struct xn_lanes *lanes)
{
	z->lanes = lanes;
	z->arena_used = 0;
	z->known[0] = z->known[1] = NO_DAY;
	memset(z->held, 0, z->n * sizeof(*z->held));
	memset(z->steps, 0, WEEK * xn_daysum_table(z) * sizeof(*z->steps));
	for (size_t p = 0; p < z->n_patterns; p++)
		memset(z->patterns[p].built, 0, sizeof(z->patterns[p].built));
	for (size_t p = 0; p < z->n_pools; p++)
		memset(z->pools[p].variants, 0, sizeof(z->pools[p].variants));
	for (int weekday = 0; weekday < WEEK; weekday++) {
		z->day[weekday] = NO_DAY;
		z->dirty[weekday] = true;
	}
}
