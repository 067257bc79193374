// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The routes of one network by hand: what the daemon does with user/daemon/table.h, as commands a line on
 * standard input, each answered by one line. For tests/netns.
 */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/kernel.h"
#include "daemon/table.h"

#define MOST 256 /* messages at a time, as the daemon's loop */

static struct xn_kernel *kernel;
static struct xn_table *table;
static uint32_t net_id, table_id;
static uint64_t position;

static void die(const char *text)
{
	fprintf(stderr, "table: %s\n", text);
	exit(1);
}

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

static void read_address(const char *text, struct xn_address *to)
{
	to->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(to->family, text, to->bytes) != 1)
		die(text);
}

/* PREFIX [DEV GATEWAY|-]... */
static struct xn_route read_route(char **word)
{
	struct xn_route route = { .type = RTN_UNICAST };
	char *slash = word[0] ? strchr(word[0], '/') : NULL;

	if (!slash)
		die("no prefix");
	*slash = '\0';
	read_address(word[0], &route.destination);
	route.length = atoi(slash + 1);
	for (word++; word[0] && word[1] && route.n_hops < XN_ROUTE_HOPS_MAX; word += 2) {
		struct xn_hop *hop = &route.hops[route.n_hops++];

		hop->ifindex = if_nametoindex(word[0]);
		hop->weight = 1;
		if (strcmp(word[1], "-"))
			read_address(word[1], &hop->gateway);
	}
	return route;
}

static void use(const struct xn_address *destination, void *arg)
{
	(void)arg;
	xn_table_use(table, destination);
}

/* Says how long it took, and how long the longest call. */
static void cmd_flush(void)
{
	double start = now(), longest = 0;
	struct xn_err err;
	long left;

	do {
		double begin = now();

		left = xn_table_flush(table, MOST, &err);
		if (now() - begin > longest)
			longest = now() - begin;
	} while (left > 0);
	if (left < 0)
		die(err.text);
	printf("flushed in %.1f ms, at most %.1f ms at a time\n", now() - start, longest);
}

static void cmd_limit(const char *word)
{
	uint32_t limit = strcmp(word, "none") ? strtoul(word, NULL, 10) : XNETMAN_ROUTES_UNLIMITED;
	struct xn_err err;

	if (xn_kernel_set_table(kernel, net_id, table_id, limit, &err))
		die(err.text);
	xn_table_limit(table, limit == XNETMAN_ROUTES_UNLIMITED ? SIZE_MAX : limit);
	cmd_flush();
}

/* An interval. */
static void cmd_rank(void)
{
	struct xn_err err;

	if (xn_kernel_samples(kernel, net_id, &position, use, NULL, &err))
		die(err.text);
	xn_table_rank(table);
	cmd_flush();
}

static void cmd_stats(void)
{
	struct xn_table_stats stats = xn_table_stats(table);

	printf("%zu %zu %zu\n", stats.wanted, stats.held, stats.refused);
}

static void cmd_open(char **word)
{
	struct xn_err err;

	net_id = atoi(word[0]);
	table_id = atoi(word[1]);
	kernel = xn_kernel_open(&err);
	table = kernel ? xn_table_open(table_id, &err) : NULL;
	if (!table)
		die(err.text);
	cmd_flush();
}

/* Return: false at the end. */
static bool command(char **word)
{
	struct xn_route route;

	if (!strcmp(word[0], "set") || !strcmp(word[0], "remove")) {
		route = read_route(word + 1);
		if (word[0][0] == 'r')
			xn_table_remove(table, &route);
		else if (xn_table_set(table, &route))
			die("no memory");
		return true; /* without an answer: there are many */
	}
	if (!strcmp(word[0], "open"))
		cmd_open(word + 1);
	else if (!strcmp(word[0], "flush"))
		cmd_flush();
	else if (!strcmp(word[0], "limit"))
		cmd_limit(word[1]);
	else if (!strcmp(word[0], "rank"))
		cmd_rank();
	else if (!strcmp(word[0], "stats"))
		cmd_stats();
	else if (!strcmp(word[0], "begin"))
		puts((xn_table_sync_begin(table), "begun"));
	else if (!strcmp(word[0], "end"))
		puts((xn_table_sync_end(table), "ended"));
	else if (!strcmp(word[0], "check"))
		puts((xn_table_check(table), "checking"));
	else if (!strcmp(word[0], "close"))
		return puts((xn_table_close(table), "closed")), false;
	else if (!strcmp(word[0], "leave"))
		return puts((xn_table_leave(table), "left")), false;
	else
		die(word[0]);
	return true;
}

int main(void)
{
	char line[1024], *word[64];
	bool more = true;

	setlinebuf(stdout);
	while (more && fgets(line, sizeof(line), stdin)) {
		size_t n = 0;

		for (char *at = strtok(line, " \n"); at && n < 63; at = strtok(NULL, " \n"))
			word[n++] = at;
		word[n] = NULL;
		if (n)
			more = command(word);
	}
	xn_kernel_close(kernel);
	return 0;
}
