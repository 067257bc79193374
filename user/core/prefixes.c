// SPDX-License-Identifier: GPL-2.0-or-later
/* A map from prefixes of addresses to values: a binary trie with compressed paths. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/prefixes.h"

void xn_prefix_mask(uint8_t bytes[XN_PREFIX_BYTES], uint8_t length)
{
	size_t at = length / 8;

	if (at >= XN_PREFIX_BYTES)
		return;
	bytes[at] &= 0xff00 >> length % 8;
	memset(bytes + at + 1, 0, XN_PREFIX_BYTES - at - 1);
}

static unsigned int bit(const uint8_t *bytes, uint8_t at)
{
	return bytes[at / 8] >> (7 - at % 8) & 1;
}

/* Bits that two addresses have in common, at most @limit. */
static uint8_t common(const uint8_t *a, const uint8_t *b, uint8_t limit)
{
	unsigned int at = 0;

	while (at + 8 <= limit && a[at / 8] == b[at / 8])
		at += 8;
	while (at < limit && bit(a, at) == bit(b, at))
		at++;
	return at;
}

static bool covers(const struct xn_prefix_node *node, const uint8_t *bytes, uint8_t length)
{
	return node->length <= length && common(node->bytes, bytes, node->length) == node->length;
}

struct xn_prefix_node *xn_prefixes_find(const struct xn_prefixes *map, const uint8_t *bytes,
					uint8_t length)
{
	struct xn_prefix_node *node = map->root;

	while (node && node->length < length)
		node = node->below[bit(bytes, node->length)];
	if (!node || node->length != length || !node->value || !covers(node, bytes, length))
		return NULL;
	return node;
}

struct xn_prefix_node *xn_prefixes_match(const struct xn_prefixes *map, const uint8_t *address,
					 uint8_t bits)
{
	struct xn_prefix_node *node = map->root, *best = NULL;

	while (node && covers(node, address, bits)) {
		if (node->value)
			best = node;
		node = node->length < bits ? node->below[bit(address, node->length)] : NULL;
	}
	return best;
}

static struct xn_prefix_node *new_node(const uint8_t *bytes, uint8_t length)
{
	struct xn_prefix_node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	memcpy(node->bytes, bytes, sizeof(node->bytes));
	xn_prefix_mask(node->bytes, length);
	node->length = length;
	return node;
}

/* Where the pointer to @node is. */
static struct xn_prefix_node **link_to(struct xn_prefixes *map, const struct xn_prefix_node *node)
{
	if (!node->above)
		return &map->root;
	return &node->above->below[bit(node->bytes, node->above->length)];
}

/* @upper takes the place of @lower and has it below. */
static void put_above(struct xn_prefixes *map, struct xn_prefix_node *upper,
		      struct xn_prefix_node *lower)
{
	*link_to(map, lower) = upper;
	upper->above = lower->above;
	upper->below[bit(lower->bytes, upper->length)] = lower;
	lower->above = upper;
}

static void put_below(struct xn_prefix_node *upper, struct xn_prefix_node *lower)
{
	upper->below[bit(lower->bytes, upper->length)] = lower;
	lower->above = upper;
}

/* A new node beside @other, with a fork above both, or right above it. */
static struct xn_prefix_node *insert_at(struct xn_prefixes *map, struct xn_prefix_node *other,
					struct xn_prefix_node *node)
{
	uint8_t limit = node->length < other->length ? node->length : other->length;
	uint8_t shared = common(node->bytes, other->bytes, limit);
	struct xn_prefix_node *fork;

	if (shared == node->length) {
		put_above(map, node, other);
		return node;
	}
	fork = new_node(node->bytes, shared);
	if (!fork) {
		free(node);
		return NULL;
	}
	put_above(map, fork, other);
	put_below(fork, node);
	return node;
}

static struct xn_prefix_node *insert(struct xn_prefixes *map, struct xn_prefix_node *node)
{
	struct xn_prefix_node *above = NULL, *at = map->root;

	while (at && at->length < node->length && covers(at, node->bytes, node->length)) {
		above = at;
		at = at->below[bit(node->bytes, at->length)];
	}
	if (at)
		return insert_at(map, at, node);
	if (above)
		put_below(above, node);
	else
		map->root = node;
	return node;
}

/* The node of a prefix, whether it has a value or not. */
static struct xn_prefix_node *find_any(const struct xn_prefixes *map, const uint8_t *bytes,
				       uint8_t length)
{
	struct xn_prefix_node *node = map->root;

	while (node && node->length < length)
		node = node->below[bit(bytes, node->length)];
	return node && node->length == length && covers(node, bytes, length) ? node : NULL;
}

struct xn_prefix_node *xn_prefixes_put(struct xn_prefixes *map, const uint8_t *bytes,
				       uint8_t length, void *value)
{
	struct xn_prefix_node *node = find_any(map, bytes, length);

	if (!node) {
		node = new_node(bytes, length);
		node = node ? insert(map, node) : NULL;
	}
	if (node)
		node->value = value;
	return node;
}

/* A node that says nothing and forks nothing goes. Return: the one above it. */
static struct xn_prefix_node *splice(struct xn_prefixes *map, struct xn_prefix_node *node)
{
	struct xn_prefix_node *below = node->below[0] ? node->below[0] : node->below[1];
	struct xn_prefix_node *above = node->above;

	*link_to(map, node) = below;
	if (below)
		below->above = above;
	free(node);
	return above;
}

void xn_prefixes_remove(struct xn_prefixes *map, struct xn_prefix_node *node)
{
	node->value = NULL;
	while (node && !node->value && !(node->below[0] && node->below[1]))
		node = splice(map, node);
}

/* In the order of a walk: down, or beside, or beside what is above. */
static struct xn_prefix_node *walk(struct xn_prefix_node *node)
{
	if (node->below[0] || node->below[1])
		return node->below[0] ? node->below[0] : node->below[1];
	while (node->above && (node->above->below[1] == node || !node->above->below[1]))
		node = node->above;
	return node->above ? node->above->below[1] : NULL;
}

struct xn_prefix_node *xn_prefixes_next(const struct xn_prefixes *map, struct xn_prefix_node *node)
{
	node = node ? walk(node) : map->root;
	while (node && !node->value)
		node = walk(node);
	return node;
}

struct xn_prefix_node *xn_prefix_cover(const struct xn_prefix_node *node)
{
	struct xn_prefix_node *above = node->above;

	while (above && !above->value)
		above = above->above;
	return above;
}
