// SPDX-License-Identifier: GPL-2.0-or-later
/* Time moves on only by whole tokens, so that asking often loses nothing. */
#include "channel/bucket.h"

#define USEC 1000000ULL

void xn_bucket_init(struct xn_bucket *bucket, uint64_t rate, uint64_t burst, uint64_t now)
{
	*bucket = (struct xn_bucket){
		.rate = rate,
		.burst = burst,
		.tokens = burst,
		.time = now,
	};
}

uint64_t xn_bucket_look(struct xn_bucket *bucket, uint64_t now)
{
	uint64_t full = (bucket->burst - bucket->tokens) * USEC / bucket->rate + 1, fresh;

	if (now <= bucket->time)
		return bucket->tokens;
	if (now - bucket->time >= full) { /* also keeps the product below from overflowing */
		bucket->tokens = bucket->burst;
		bucket->time = now;
		return bucket->tokens;
	}
	fresh = (now - bucket->time) * bucket->rate / USEC;
	bucket->tokens += fresh;
	bucket->time += (fresh * USEC + bucket->rate - 1) / bucket->rate;
	return bucket->tokens;
}

void xn_bucket_take(struct xn_bucket *bucket, uint64_t n)
{
	bucket->tokens -= n < bucket->tokens ? n : bucket->tokens;
}

uint64_t xn_bucket_when(const struct xn_bucket *bucket, uint64_t n)
{
	if (n > bucket->burst)
		n = bucket->burst;
	if (n <= bucket->tokens)
		return bucket->time;
	return bucket->time + ((n - bucket->tokens) * USEC + bucket->rate - 1) / bucket->rate;
}
