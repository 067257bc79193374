// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many networks in the module at once, which a program per network would take minutes for: makes
 * networks FIRST..LAST with one port each, PORTS followed by the number, or punishes 1..N on a link.
 *
 * Usage: bench-networks make FIRST LAST PORTS
 *        bench-networks punish N LINK PERCENT
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernel.h"

#define LEASE_MS 600000

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

static void punish(struct xn_kernel *kernel, uint32_t n, const char *link, double percent)
{
	struct xn_ratio *ratios = calloc(n, sizeof(*ratios));
	struct xn_kernel_info info;
	struct xn_err err;

	if (!ratios)
		die("memory", "there is none");
	for (uint32_t i = 0; i < n; i++) {
		ratios[i].net_id = i + 1;
		ratios[i].ifindex = device(link);
		ratios[i].ratio = percent / 100 * XNETMAN_RATIO_ONE;
	}
	if (xn_kernel_info(kernel, &info, &err) ||
	    xn_kernel_push(kernel, info.generation + 1, LEASE_MS, ratios, n, &err))
		die("push", err.text);
	free(ratios);
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	struct xn_kernel *kernel;
	struct xn_err err;

	if (argc != 5 || !n) {
		fprintf(stderr, "Usage: bench-networks make FIRST LAST PORTS\n"
				"       bench-networks punish N LINK PERCENT\n");
		return 1;
	}
	kernel = xn_kernel_open(&err);
	if (!kernel)
		die("module", err.text);
	if (strcmp(argv[1], "make") == 0)
		make(kernel, n, strtoul(argv[3], NULL, 10), argv[4]);
	else
		punish(kernel, n, argv[3], strtod(argv[4], NULL));
	xn_kernel_close(kernel);
	return 0;
}
