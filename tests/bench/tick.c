// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a tick costs, part by part: dump the counters, decide every link, push the ratios. Run
 * as root where the module is loaded; makes its own networks, and links on the devices
 * named. Without devices only the deciding part is measured, which needs no module. Prints a line of JSON,
 * microseconds.
 *
 * Usage: bench-tick NETWORKS ROUNDS [DEVICE]...
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/kernel.h"
#include "core/controller.h"
#include "core/guard.h"

#define LINK_CAPACITY 400e9 /* bit/s */
#define REST_US	      50000

struct bench {
	size_t n_networks, n_links, rounds;
	uint32_t ifindex[64];
	struct xn_share *shares; /* [link][network] */
	struct xn_share **order;
	struct xnetman_ratio *ratios;
	struct xn_guard *guards;
	struct xn_kernel *kernel;
	size_t records;
	double *dump_us, *decide_us, *push_us, *tick_us;
};

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

static void die(const char *what, const struct xn_err *err)
{
	fprintf(stderr, "bench-tick: %s: %s\n", what, err->text);
	exit(1);
}

/* Networks of all kinds, half of them above what they may have. */
static void make_shares(struct bench *b)
{
	double g = LINK_CAPACITY / b->n_networks / 2;

	srand48(1);
	for (size_t i = 0; i < b->n_links * b->n_networks; i++) {
		struct xn_share *s = &b->shares[i];

		s->sla.rc = g * drand48();
		s->sla.re = g * drand48() * 0.2;
		s->sla.rl = s->sla.rc + s->sla.re + 3 * g * drand48();
		s->sla.rmax = s->sla.rl * (1 + drand48());
		s->demand = 4 * g * drand48();
		s->used = s->sla.rl * 15 * drand48();
	}
}

static void make_kernel(struct bench *b)
{
	struct xn_err err;
	char name[32];

	b->kernel = xn_kernel_open(&err);
	if (!b->kernel)
		die("module", &err);
	for (size_t l = 0; l < b->n_links; l++)
		if (xn_kernel_new_link(b->kernel, b->ifindex[l], &err))
			die("link", &err);
	for (size_t i = 0; i < b->n_networks; i++) {
		snprintf(name, sizeof(name), "bench%zu", i + 1);
		if (xn_kernel_new_network(b->kernel, i + 1, name, &err))
			die(name, &err);
	}
}

static void restart(void *arg)
{
	((struct bench *)arg)->records = 0;
}

static void record(const struct xn_record *rec, void *arg)
{
	(void)rec;
	((struct bench *)arg)->records++;
}

static void dump(struct bench *b)
{
	struct xn_err err;

	if (xn_kernel_counters(b->kernel, restart, record, b, &err))
		die("dump", &err);
}

static void decide(struct bench *b, size_t round)
{
	struct xn_resource res = {
		.capacity = LINK_CAPACITY,
		.ic = 1,
		.il = 15,
		.elapsed = round % 15,
		.entitle = true,
	};

	for (size_t l = 0; l < b->n_links; l++)
		xn_decide(&res, b->shares + l * b->n_networks, b->order, b->n_networks);
}

/* Of one link, as the daemon does it: the link, and who is entitled to something there. */
static size_t gather_guards(struct bench *b, size_t link, struct xn_guard *guards)
{
	const struct xn_share *share = b->shares + link * b->n_networks;
	uint64_t capacity = xn_guard_rate(LINK_CAPACITY), rate;
	size_t n = 0;

	guards[n++] = (struct xn_guard){ 0, b->ifindex[link], capacity, xn_guard_limit(capacity) };
	for (size_t i = 0; i < b->n_networks; i++, share++) {
		rate = xn_guard_rate(share->entitled);
		if (rate)
			guards[n++] = (struct xn_guard){
				.net_id = i + 1,
				.ifindex = b->ifindex[link],
				.rate = rate,
				.burst = xn_guard_burst(rate),
				.allowed = share->ratio > 0 ? xn_guard_rate(share->allowed) : 0,
			};
	}
	return n;
}

static size_t gather_ratios(struct bench *b, size_t link, struct xnetman_ratio *ratios)
{
	const struct xn_share *share = b->shares + link * b->n_networks;
	size_t n = 0;

	for (size_t i = 0; i < b->n_networks; i++, share++)
		if (share->ratio > 0)
			ratios[n++] = (struct xnetman_ratio){ i + 1, b->ifindex[link],
							      share->ratio * XNETMAN_RATIO_ONE };
	return n;
}

static void push(struct bench *b, uint64_t generation)
{
	struct xn_push push = { generation, 60000, b->ratios, 0, b->guards, 0 };
	struct xn_err err;

	for (size_t l = 0; l < b->n_links; l++) {
		push.n_ratios += gather_ratios(b, l, b->ratios + push.n_ratios);
		push.n_guards += gather_guards(b, l, b->guards + push.n_guards);
	}
	if (xn_kernel_push(b->kernel, &push, &err))
		die("push", &err);
}

/* Until the next tick, as far as the kernel cares: its grace periods end. Demand moves a little, as it does. */
static void rest(struct bench *b)
{
	if (b->kernel)
		usleep(REST_US);
	for (size_t i = 0; i < b->n_links * b->n_networks; i++)
		b->shares[i].demand *= 0.9 + 0.2 * drand48();
}

static int by_value(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return (d > 0) - (d < 0);
}

/* The median in us, and what most and least were. */
static void report(const char *part, double *us, const struct bench *b)
{
	qsort(us, b->rounds, sizeof(*us), by_value);
	printf(",\"%s\":{\"median\":%.1f,\"min\":%.1f,\"max\":%.1f}", part, us[b->rounds / 2],
	       us[0], us[b->rounds - 1]);
}

static void run(struct bench *b)
{
	struct xn_kernel_info info = { .generation = 0 };
	struct xn_err err;

	if (b->kernel && xn_kernel_info(b->kernel, &info, &err))
		die("info", &err);
	for (size_t r = 0; r < b->rounds; r++) {
		double t0 = now_us(), t1, t2;

		if (b->kernel)
			dump(b);
		t1 = now_us();
		decide(b, r);
		t2 = now_us();
		if (b->kernel)
			push(b, info.generation + 1 + r);
		b->dump_us[r] = t1 - t0;
		b->decide_us[r] = t2 - t1;
		b->push_us[r] = now_us() - t2;
		b->tick_us[r] = b->dump_us[r] + b->decide_us[r] + b->push_us[r];
		rest(b);
	}
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	size_t n;

	if (argc < 3) {
		fprintf(stderr, "Usage: bench-tick NETWORKS ROUNDS [DEVICE]...\n");
		return 1;
	}
	b.n_networks = strtoul(argv[1], NULL, 10);
	b.rounds = strtoul(argv[2], NULL, 10);
	b.n_links = argc > 3 ? argc - 3 : 4;
	if (!b.n_networks || !b.rounds || b.n_links > 64) {
		fprintf(stderr, "bench-tick: NETWORKS and ROUNDS are from 1, DEVICEs at most 64\n");
		return 1;
	}
	for (int i = 3; i < argc; i++) {
		b.ifindex[i - 3] = if_nametoindex(argv[i]);
		if (!b.ifindex[i - 3]) {
			fprintf(stderr, "bench-tick: %s: no such device\n", argv[i]);
			return 1;
		}
	}
	n = b.n_networks * b.n_links;
	b.shares = calloc(n, sizeof(*b.shares));
	b.order = calloc(b.n_networks, sizeof(struct xn_share *));
	b.ratios = calloc(n, sizeof(*b.ratios));
	b.guards = calloc(n + b.n_links, sizeof(*b.guards));
	b.dump_us = calloc(b.rounds, sizeof(double));
	b.decide_us = calloc(b.rounds, sizeof(double));
	b.push_us = calloc(b.rounds, sizeof(double));
	b.tick_us = calloc(b.rounds, sizeof(double));
	if (!b.shares || !b.order || !b.ratios || !b.guards || !b.dump_us || !b.decide_us ||
	    !b.push_us || !b.tick_us)
		return 1;

	make_shares(&b);
	if (argc > 3)
		make_kernel(&b);
	run(&b);
	printf("{\"networks\":%zu,\"links\":%zu", b.n_networks, b.n_links);
	if (b.kernel)
		report("dump", b.dump_us, &b);
	report("decide", b.decide_us, &b);
	if (b.kernel)
		report("push", b.push_us, &b);
	report("tick", b.tick_us, &b);
	printf("}\n");
	xn_kernel_close(b.kernel);
	return 0;
}
