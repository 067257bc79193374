/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Token bucket: how much may be done now. Time is a parameter. */
#ifndef XN_CHANNEL_BUCKET_H
#define XN_CHANNEL_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct xn_bucket {
	uint64_t rate;	 /* tokens per second, at least 1 */
	uint64_t burst;	 /* most that it holds */
	uint64_t tokens; /* in it at @time */
	uint64_t time;	 /* us */
};

/* Full at @now. */
void xn_bucket_init(struct xn_bucket *bucket, uint64_t rate, uint64_t burst, uint64_t now);

/* How many tokens there are. */
uint64_t xn_bucket_look(struct xn_bucket *bucket, uint64_t now);

/* Take what xn_bucket_look() has shown to be there. */
void xn_bucket_take(struct xn_bucket *bucket, uint64_t n);

/* When there will be @n (at most the burst) tokens, us. */
uint64_t xn_bucket_when(const struct xn_bucket *bucket, uint64_t n);

#endif
