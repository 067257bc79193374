/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A map from prefixes of addresses to values: a binary trie with compressed paths. All of one
 * map are of one family, in the first bytes of 16.
 */
#ifndef XN_CORE_PREFIXES_H
#define XN_CORE_PREFIXES_H

#include <stddef.h>
#include <stdint.h>

#define XN_PREFIX_BYTES 16

/* Read only. A node without value is a fork of the trie. */
struct xn_prefix_node {
	struct xn_prefix_node *above;
	struct xn_prefix_node *below[2];
	void *value;
	uint8_t bytes[XN_PREFIX_BYTES]; /* what is behind @length is 0 */
	uint8_t length;			/* bits, 0..128 */
};

struct xn_prefixes {
	struct xn_prefix_node *root; /* NULL: empty */
};

/* Sets the bits of an address behind @length to 0. */
void xn_prefix_mask(uint8_t bytes[XN_PREFIX_BYTES], uint8_t length);

/* The node of exactly this prefix (masked) that has a value, or NULL. */
struct xn_prefix_node *xn_prefixes_find(const struct xn_prefixes *map, const uint8_t *bytes,
					uint8_t length);

/* The longest prefix with a value that covers an address of @bits bits, or NULL. */
struct xn_prefix_node *xn_prefixes_match(const struct xn_prefixes *map, const uint8_t *address,
					 uint8_t bits);

/* Return: the node of the prefix (masked), which has @value (not NULL) now; NULL: no memory. */
struct xn_prefix_node *xn_prefixes_put(struct xn_prefixes *map, const uint8_t *bytes,
				       uint8_t length, void *value);

/* Forgets the value; @node is gone. */
void xn_prefixes_remove(struct xn_prefixes *map, struct xn_prefix_node *node);

/* Next one with a value, in the order of addresses, what covers before what is covered; NULL: first. */
struct xn_prefix_node *xn_prefixes_next(const struct xn_prefixes *map, struct xn_prefix_node *node);

/* The longest prefix with a value that covers this one, or NULL. */
struct xn_prefix_node *xn_prefix_cover(const struct xn_prefix_node *node);

#endif
