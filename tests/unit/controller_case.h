/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random inputs of the controller, of many kinds, that can be had again from two numbers. */
#ifndef XN_TEST_CONTROLLER_CASE_H
#define XN_TEST_CONTROLLER_CASE_H

#include <stdint.h>

#include "core/controller.h"

#define CASE_NETWORKS 4096

struct rng {
	uint64_t state;
};

/* Bounds of what case_fill() draws. */
struct case_limits {
	size_t networks; /* at most; 0: CASE_NETWORKS */
	bool paper;	 /* Re = 0, Rmax = Rl, nobody restricted, guarantees fit */
	bool fits;	 /* sum of max(Rl, G) <= R */
};

struct controller_case {
	uint64_t seed;
	size_t number;
	struct xn_resource res;
	size_t n;
	struct xn_share *shares;
	struct xn_share **order;
};

/* XN_SEED of the environment, or drawn; printed either way, once. */
uint64_t case_seed(void);

struct rng rng_for(uint64_t seed, uint64_t number);
uint64_t rng_next(struct rng *rng);
double rng_unit(struct rng *rng); /* 0 <= x < 1 */
double rng_between(struct rng *rng, double low, double high);
size_t rng_below(struct rng *rng, size_t n);

/* Arrays for CASE_NETWORKS. */
void case_init(struct controller_case *c);
void case_exit(struct controller_case *c);

/* Case @number of @seed: always the same. Output fields of the shares are 0. */
void case_fill(struct controller_case *c, uint64_t seed, size_t number,
	       const struct case_limits *limits);

/* Everything that is needed to see it again, as TAP comments. */
void case_print(const struct controller_case *c);

#endif
