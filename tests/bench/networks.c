// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many networks in the module at once, which a program per network would take minutes for: makes
 * networks FIRST..LAST with one port each, PORTS followed by the number, or says of 1..N on a link what a
 * daemon says each tick: how each is punished, and for the guard that a link of CAPACITY Gbit/s has room for all they send.
 *
 * Usage: bench-networks make FIRST LAST PORTS
 *        bench-networks push N LINK PERCENT CAPACITY
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/kernel.h"
#include "core/guard.h"

#define LEASE_MS 600000
#define ENTITLED 100e9 /* bit/s: nobody is above */

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench-networks: %s: %s\n", what, why);
	exit(1);
}

static uint32_t device(const char *name)
{
	uint32_t ifindex = if_nametoindex(name);

	if (!ifindex)
		die(name, "no such device");
	return ifindex;
}

static void make(struct xn_kernel *kernel, uint32_t first, uint32_t last, const char *ports)
{
	char name[IFNAMSIZ];
	struct xn_err err;

	for (uint32_t id = first; id <= last; id++) {
		snprintf(name, sizeof(name), "%.8s%u", ports, id);
		if (xn_kernel_new_network(kernel, id, name, &err) ||
		    xn_kernel_new_port(kernel, device(name), id, &err))
			die(name, err.text);
	}
}

static void push(struct xn_kernel *kernel, uint32_t n, uint32_t link, double ratio, double capacity)
{
	struct xnetman_ratio *ratios = calloc(n, sizeof(*ratios));
	struct xn_guard *guards = calloc(n + 1, sizeof(*guards));
	struct xn_push push = { 0, LEASE_MS, ratios, ratio > 0 ? n : 0, guards, n + 1 };
	struct xn_kernel_info info;
	struct xn_err err;

	if (!ratios || !guards)
		die("memory", "there is none");
	guards[0] = (struct xn_guard){ .ifindex = link,
				       .rate = xn_guard_rate(capacity),
				       .burst = xn_guard_limit(xn_guard_rate(capacity)) };
	for (uint32_t i = 0; i < n; i++) {
		ratios[i] = (struct xnetman_ratio){ i + 1, link, ratio * XNETMAN_RATIO_ONE };
		guards[i + 1] = (struct xn_guard){ .net_id = i + 1,
						   .ifindex = link,
						   .rate = xn_guard_rate(ENTITLED),
						   .burst = xn_guard_burst(xn_guard_rate(ENTITLED)),
						   .allowed = ratio > 0 };
	}
	if (xn_kernel_info(kernel, &info, &err))
		die("module", err.text);
	push.generation = info.generation + 1;
	if (xn_kernel_push(kernel, &push, &err))
		die("push", err.text);
	free(ratios);
	free(guards);
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	struct xn_kernel *kernel;
	struct xn_err err;

	if (!n || (argc != 5 && argc != 6)) {
		fprintf(stderr, "Usage: bench-networks make FIRST LAST PORTS\n"
				"       bench-networks push N LINK PERCENT CAPACITY\n");
		return 1;
	}
	kernel = xn_kernel_open(&err);
	if (!kernel)
		die("module", err.text);
	if (argc == 5)
		make(kernel, n, strtoul(argv[3], NULL, 10), argv[4]);
	else
		push(kernel, n, device(argv[3]), strtod(argv[4], NULL) / 100,
		     strtod(argv[5], NULL) * 1e9);
	xn_kernel_close(kernel);
	return 0;
}
