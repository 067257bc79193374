// SPDX-License-Identifier: GPL-2.0-or-later
/* A hash table of routes, and a queue through those that are to be told. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "guest/mirror.h"

#define BUCKETS_MIN 1024

struct entry {
	struct entry *next;   /* in its bucket */
	struct entry *behind; /* in the queue */
	uint64_t hash;
	bool queued;
	bool told;		      /* Dom0 has it, perhaps as it was */
	bool gone;		      /* from the kernel */
	bool seen;		      /* in this sweep */
	bool several;		      /* the kernel has, or had, more than one of this key */
	struct xn_guest_route *route; /* as long as its hops are */
};

struct xn_mirror {
	struct entry **buckets;
	size_t n_buckets, n_entries, n_gone;
	struct entry *head, **tail;
	struct entry *shown; /* by xn_mirror_next(), to be freed at the next */
	bool sweeping;
};

static size_t size_of(const struct xn_guest_route *route)
{
	return offsetof(struct xn_guest_route, hops) + route->n_hops * sizeof(route->hops[0]);
}

/* FNV-1a. The keys are the router's own: nobody gains by making them collide but himself. */
static uint64_t mix(uint64_t hash, const void *data, size_t n)
{
	const uint8_t *bytes = data;

	while (n--)
		hash = (hash ^ *bytes++) * 0x100000001b3ULL;
	return hash;
}

static uint64_t hash_of(const struct xn_guest_route *route)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	hash = mix(hash, &route->destination.family, sizeof(route->destination.family));
	hash = mix(hash, route->destination.bytes, sizeof(route->destination.bytes));
	hash = mix(hash, &route->length, sizeof(route->length));
	return mix(hash, &route->metric, sizeof(route->metric));
}

static bool same_address(const struct xn_address *a, const struct xn_address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static bool same_key(const struct xn_guest_route *a, const struct xn_guest_route *b)
{
	return a->length == b->length && a->metric == b->metric &&
	       same_address(&a->destination, &b->destination);
}

static bool same_way(const struct xn_guest_route *a, const struct xn_guest_route *b)
{
	if (a->type != b->type || a->n_hops != b->n_hops)
		return false;
	for (size_t i = 0; i < a->n_hops; i++)
		if (a->hops[i].interface != b->hops[i].interface ||
		    a->hops[i].weight != b->hops[i].weight ||
		    !same_address(&a->hops[i].gateway, &b->hops[i].gateway))
			return false;
	return true;
}

static struct entry **place_of(const struct xn_mirror *mirror, const struct xn_guest_route *route,
			       uint64_t hash)
{
	struct entry **at = &mirror->buckets[hash & (mirror->n_buckets - 1)];

	while (*at && ((*at)->hash != hash || !same_key((*at)->route, route)))
		at = &(*at)->next;
	return at;
}

static void grow(struct xn_mirror *mirror)
{
	size_t n = 2 * mirror->n_buckets;
	struct entry **buckets = calloc(n, sizeof(*buckets));

	if (!buckets)
		return; /* slower, not wrong */
	for (size_t i = 0; i < mirror->n_buckets; i++)
		for (struct entry *entry = mirror->buckets[i], *next; entry; entry = next) {
			next = entry->next;
			entry->next = buckets[entry->hash & (n - 1)];
			buckets[entry->hash & (n - 1)] = entry;
		}
	free(mirror->buckets);
	mirror->buckets = buckets;
	mirror->n_buckets = n;
}

static void free_entry(struct entry *entry)
{
	free(entry->route);
	free(entry);
}

static void unlink_entry(struct xn_mirror *mirror, struct entry *entry)
{
	*place_of(mirror, entry->route, entry->hash) = entry->next;
	mirror->n_entries--;
	mirror->n_gone -= entry->gone;
}

static void queue(struct xn_mirror *mirror, struct entry *entry)
{
	if (entry->queued)
		return;
	entry->queued = true;
	entry->behind = NULL;
	*mirror->tail = entry;
	mirror->tail = &entry->behind;
}

static struct xn_guest_route *copy(const struct xn_guest_route *route)
{
	struct xn_guest_route *new = malloc(size_of(route));

	if (new)
		memcpy(new, route, size_of(route));
	return new;
}

static int add(struct xn_mirror *mirror, const struct xn_guest_route *route, uint64_t hash)
{
	struct entry *entry = calloc(1, sizeof(*entry)), **at;

	if (mirror->n_entries >= mirror->n_buckets)
		grow(mirror);
	if (entry)
		entry->route = copy(route);
	if (!entry || !entry->route) {
		free(entry);
		return -ENOMEM;
	}
	entry->hash = hash;
	entry->seen = true;
	at = &mirror->buckets[hash & (mirror->n_buckets - 1)];
	entry->next = *at;
	*at = entry;
	mirror->n_entries++;
	queue(mirror, entry);
	return 0;
}

static int change(struct xn_mirror *mirror, struct entry *entry, const struct xn_guest_route *route)
{
	struct xn_guest_route *new;

	if (!same_way(entry->route, route)) {
		new = copy(route);
		if (!new)
			return -ENOMEM;
		free(entry->route);
		entry->route = new;
		queue(mirror, entry);
	}
	if (entry->gone) {
		entry->gone = false;
		mirror->n_gone--;
		queue(mirror, entry);
	}
	return 0;
}

int xn_mirror_set(struct xn_mirror *mirror, const struct xn_guest_route *route,
		  enum xn_mirror_how how)
{
	uint64_t hash = hash_of(route);
	struct entry *entry = *place_of(mirror, route, hash);
	bool behind;

	if (!entry)
		return add(mirror, route, hash);
	/* a dump tells them in the kernel's order, too */
	behind = !entry->gone && (how == XN_MIRROR_BEHIND || (mirror->sweeping && entry->seen));
	entry->seen = true;
	if (!behind)
		return change(mirror, entry, route);
	entry->several = true;
	return 0;
}

static void lose(struct xn_mirror *mirror, struct entry *entry)
{
	if (entry->gone)
		return;
	entry->gone = true;
	mirror->n_gone++;
	queue(mirror, entry);
}

bool xn_mirror_remove(struct xn_mirror *mirror, const struct xn_guest_route *route)
{
	struct entry *entry = *place_of(mirror, route, hash_of(route));

	if (!entry || entry->gone)
		return true;
	if (entry->several || !same_way(entry->route, route))
		return false;
	lose(mirror, entry);
	return true;
}

void xn_mirror_sweep_begin(struct xn_mirror *mirror)
{
	mirror->sweeping = true;
	for (size_t i = 0; i < mirror->n_buckets; i++)
		for (struct entry *entry = mirror->buckets[i]; entry; entry = entry->next)
			entry->seen = entry->several = false;
}

void xn_mirror_sweep_end(struct xn_mirror *mirror)
{
	mirror->sweeping = false;
	for (size_t i = 0; i < mirror->n_buckets; i++)
		for (struct entry *entry = mirror->buckets[i]; entry; entry = entry->next)
			if (!entry->seen)
				lose(mirror, entry);
}

void xn_mirror_retell(struct xn_mirror *mirror)
{
	for (size_t i = 0; i < mirror->n_buckets; i++)
		for (struct entry *entry = mirror->buckets[i]; entry; entry = entry->next) {
			entry->told = false;
			queue(mirror, entry);
		}
}

static void free_shown(struct xn_mirror *mirror)
{
	if (mirror->shown)
		free_entry(mirror->shown);
	mirror->shown = NULL;
}

static struct entry *dequeue(struct xn_mirror *mirror)
{
	struct entry *entry = mirror->head;

	if (!entry)
		return NULL;
	mirror->head = entry->behind;
	if (!mirror->head)
		mirror->tail = &mirror->head;
	entry->queued = false;
	return entry;
}

const struct xn_guest_route *xn_mirror_next(struct xn_mirror *mirror, bool *adding)
{
	struct entry *entry;

	free_shown(mirror);
	while ((entry = dequeue(mirror))) {
		bool told = entry->told;

		*adding = !entry->gone;
		entry->told = true;
		if (!entry->gone)
			return entry->route;
		unlink_entry(mirror, entry);
		mirror->shown = entry;
		if (told)
			return entry->route;
		free_shown(mirror); /* it came and went before it was told */
	}
	return NULL;
}

bool xn_mirror_pending(const struct xn_mirror *mirror)
{
	return mirror->head;
}

size_t xn_mirror_count(const struct xn_mirror *mirror)
{
	return mirror->n_entries - mirror->n_gone;
}

struct xn_mirror *xn_mirror_create(void)
{
	struct xn_mirror *mirror = calloc(1, sizeof(*mirror));

	if (!mirror)
		return NULL;
	mirror->n_buckets = BUCKETS_MIN;
	mirror->buckets = calloc(mirror->n_buckets, sizeof(*mirror->buckets));
	mirror->tail = &mirror->head;
	if (mirror->buckets)
		return mirror;
	free(mirror);
	return NULL;
}

void xn_mirror_destroy(struct xn_mirror *mirror)
{
	if (!mirror)
		return;
	free_shown(mirror);
	for (size_t i = 0; i < mirror->n_buckets; i++)
		for (struct entry *entry = mirror->buckets[i], *next; entry; entry = next) {
			next = entry->next;
			free_entry(entry);
		}
	free(mirror->buckets);
	free(mirror);
}
