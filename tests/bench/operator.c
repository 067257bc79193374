// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long it takes to build, change and remove operators' trees below the classes of a link's tree, which is there:
 * bench-operator DEVICE NETWORKS [keep]. Each has HTB with four classes, fq_codel in each, and eight filters. With `keep`
 * they are built, for any speed, and left there.
 */
#include <linux/if_ether.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/operator_check.h"
#include "daemon/operator_tree.h"

#define CLASSES 4
#define FILTERS 8
#define LINK	0x7f000000u
#define FAST	1250000000 /* bytes/s: nothing waits */

static struct xn_qos qos, before;

static void add_class(uint32_t n, uint64_t rate)
{
	qos.classes[qos.n_classes++] = (struct xn_class){
		.id = 0x10000 + n,
		.parent = 0x10000,
		.rate = { .rate = rate },
		.ceil = { .rate = 4 * rate },
		.buffer = 20000,
		.cbuffer = 20000,
		.quantum = 1514,
	};
	qos.qdiscs[qos.n_qdiscs++] = (struct xn_qdisc){
		.kind = XN_QDISC_FQ_CODEL,
		.handle = (0x10 + n) << 16,
		.parent = 0x10000 + n,
		.fq_codel = { .target = 5000,
			      .interval = 100000,
			      .limit = 1000,
			      .memory = 1 << 20,
			      .flows = 64,
			      .quantum = 1514 },
	};
}

static void make_qos(uint64_t rate)
{
	struct xn_err err;

	memset(&qos, 0, sizeof(qos));
	qos.interface = 1;
	qos.qdiscs[qos.n_qdiscs++] = (struct xn_qdisc){
		.kind = XN_QDISC_HTB,
		.handle = 0x10000,
		.parent = XN_QOS_ROOT,
		.default_class = 1,
	};
	for (uint32_t n = 1; n <= CLASSES; n++)
		add_class(n, rate);
	for (uint32_t n = 0; n < FILTERS; n++)
		qos.filters[qos.n_filters++] = (struct xn_filter){
			.kind = XN_FILTER_U32,
			.parent = 0x10000,
			.prio = 1,
			.protocol = ETH_P_IP,
			.class = 0x10001 + n % CLASSES,
			.u32 = { 1, { { 20, 5000 + n, 0xffff } } },
		};
	if (!xn_operator_check(&qos, 0, &err))
		return;
	fprintf(stderr, "%s\n", err.text);
	exit(1);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void must(int rc, const struct xn_err *err)
{
	if (!rc)
		return;
	fprintf(stderr, "%s\n", err->text);
	exit(1);
}

static void build(const struct xn_operator_tools *tools, struct xn_operator_tree *tree)
{
	struct xn_err err;

	must(xn_operator_prepare(tools, tree, &qos, &err), &err);
	must(xn_operator_commit(tools, tree, &err), &err);
}

static void build_anew(const struct xn_operator_tools *tools, struct xn_operator_tree *tree)
{
	build(tools, tree);
	xn_operator_drain(tools, tree);
}

static void change(const struct xn_operator_tools *tools, struct xn_operator_tree *tree)
{
	if (xn_operator_change(tools, tree, &before, &qos))
		return;
	fprintf(stderr, "not changed in place\n");
	exit(1);
}

static void remove_tree(const struct xn_operator_tools *tools, struct xn_operator_tree *tree)
{
	xn_operator_drain(tools, tree);
	tree->band = !tree->band;
	xn_operator_drain(tools, tree);
}

static void all(const char *what, const struct xn_operator_tools *tools,
		struct xn_operator_tree *trees, size_t n,
		void (*act)(const struct xn_operator_tools *tools, struct xn_operator_tree *tree))
{
	double start = now_ms(), took, worst = 0;

	for (size_t i = 0; i < n; i++) {
		double at = now_ms();

		act(tools, &trees[i]);
		at = now_ms() - at;
		worst = at > worst ? at : worst;
	}
	took = now_ms() - start;
	printf("%-34s %8.1f ms, %.3f ms each, the slowest %.3f ms\n", what, took, took / n, worst);
}

int main(int argc, char **argv)
{
	uint32_t ifindex = argc == 3 || argc == 4 ? if_nametoindex(argv[1]) : 0;
	size_t n = ifindex ? strtoul(argv[2], NULL, 10) : 0;
	struct xn_operator_tree *trees = calloc(n + 1, sizeof(*trees));
	struct xn_operator_tools tools = { 0 };
	struct xn_err err;

	if (!n || n > 4095 || !trees) {
		fprintf(stderr, "usage: bench-operator DEVICE NETWORKS [keep]\n");
		return 2;
	}
	tools.netreq = xn_netreq_open(&err);
	must(!tools.netreq, &err);
	tools.majors = xn_majors_new(tools.netreq);
	for (uint32_t i = 0; i < n; i++)
		trees[i].leaf = (struct xn_leaf){ ifindex, LINK | i << 4 | 8, 1, 1 };
	make_qos(argc == 4 ? FAST : 100000);
	all("build", &tools, trees, n, build);
	if (argc == 4)
		return 0;
	before = qos;
	make_qos(200000);
	all("change four classes in place", &tools, trees, n, change);
	all("another tree in the place", &tools, trees, n, build_anew);
	all("remove", &tools, trees, n, remove_tree);
	return 0;
}
