// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nf_tables tells of each change, and of a whole transaction in many messages: they only say that it is time
 * to read. Counters are left out (stateless): else no two readings were alike.
 */
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <nftables/libnftables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/log.h"
#include "guest/ruleset.h"

#define SETTLE_USEC  10000 /* changes come in swarms */
#define GAP_USEC     50000 /* between two readings, at least */
#define EVENT_BUFFER (1 << 20)

struct xn_ruleset {
	struct nl_sock *events;
	struct nft_ctx *nft;
	sd_event_source *io, *timer;
	void (*changed)(void *arg);
	void *arg;
	char *json; /* NULL: not read yet */
	uint64_t version, last;
	bool failing;
};

static uint64_t now_usec(const struct xn_ruleset *ruleset)
{
	uint64_t now = 0;

	sd_event_now(sd_event_source_get_event(ruleset->timer), CLOCK_MONOTONIC, &now);
	return now;
}

/* Return: @json is another than before. */
static bool learn(struct xn_ruleset *ruleset, const char *json)
{
	char *copy;

	if (ruleset->json && !strcmp(ruleset->json, json))
		return false;
	copy = strdup(json);
	if (!copy)
		return false;
	free(ruleset->json);
	ruleset->json = copy;
	ruleset->version++;
	return true;
}

/* What was read before stands if it fails, as when the rules change meanwhile. */
static bool read_rules(struct xn_ruleset *ruleset)
{
	int rc = nft_run_cmd_from_buffer(ruleset->nft, "list ruleset");
	const char *json = nft_ctx_get_output_buffer(ruleset->nft);
	const char *why = nft_ctx_get_error_buffer(ruleset->nft);

	if (rc && !ruleset->failing)
		xn_log(SD_WARNING, "nft list ruleset: %.*s: Dom0 is not told of the rules",
		       (int)strcspn(why, "\n"), why);
	ruleset->failing = rc;
	return !rc && json && learn(ruleset, json);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_ruleset *ruleset = arg;

	(void)source;
	(void)usec;
	ruleset->last = now_usec(ruleset);
	if (read_rules(ruleset))
		ruleset->changed(ruleset->arg);
	return 0;
}

static void read_soon(struct xn_ruleset *ruleset)
{
	uint64_t soon = now_usec(ruleset) + SETTLE_USEC, next = ruleset->last + GAP_USEC;
	int on;

	if (sd_event_source_get_enabled(ruleset->timer, &on) > 0 && on)
		return;
	sd_event_source_set_time(ruleset->timer, soon > next ? soon : next);
	sd_event_source_set_enabled(ruleset->timer, SD_EVENT_ONESHOT);
}

/* Lost messages are no loss. */
static int on_events(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	char buf[8192];
	ssize_t n;

	(void)source;
	(void)revents;
	do
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	while (n > 0 || (n < 0 && (errno == ENOBUFS || errno == EINTR)));
	read_soon(arg);
	return 0;
}

static int open_events(struct xn_ruleset *ruleset)
{
	int size = EVENT_BUFFER, rc;

	ruleset->events = nl_socket_alloc();
	if (!ruleset->events)
		return -NLE_NOMEM;
	rc = nl_connect(ruleset->events, NETLINK_NETFILTER);
	if (rc)
		return rc;
	setsockopt(nl_socket_get_fd(ruleset->events), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	return nl_socket_add_memberships(ruleset->events, NFNLGRP_NFTABLES, 0);
}

static bool open_nft(struct xn_ruleset *ruleset)
{
	ruleset->nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!ruleset->nft || nft_ctx_buffer_output(ruleset->nft) ||
	    nft_ctx_buffer_error(ruleset->nft))
		return false;
	nft_ctx_output_set_flags(ruleset->nft, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_STATELESS);
	return true;
}

static int add_sources(struct xn_ruleset *ruleset, sd_event *event)
{
	int rc = sd_event_add_io(event, &ruleset->io, nl_socket_get_fd(ruleset->events), EPOLLIN,
				 on_events, ruleset);

	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &ruleset->timer, CLOCK_MONOTONIC, 0, 1,
						on_timer, ruleset);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(ruleset->timer, SD_EVENT_OFF);
	return rc;
}

/* A kernel without nf_tables has no rules. */
struct xn_ruleset *xn_ruleset_open(sd_event *event, void (*changed)(void *arg), void *arg,
				   struct xn_err *err)
{
	struct xn_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	int rc;

	if (!ruleset || !open_nft(ruleset)) {
		xn_err_set(err, "nftables: no memory");
		xn_ruleset_close(ruleset);
		return NULL;
	}
	ruleset->changed = changed;
	ruleset->arg = arg;
	rc = open_events(ruleset);
	if (rc) {
		xn_log(SD_NOTICE, "nftables: %s: no rules are told", nl_geterror(rc));
		return ruleset;
	}
	rc = add_sources(ruleset, event);
	if (rc < 0) {
		xn_err_set(err, "nftables: %s", strerror(-rc));
		xn_ruleset_close(ruleset);
		return NULL;
	}
	read_rules(ruleset);
	return ruleset;
}

void xn_ruleset_close(struct xn_ruleset *ruleset)
{
	if (!ruleset)
		return;
	sd_event_source_disable_unref(ruleset->io);
	sd_event_source_disable_unref(ruleset->timer);
	nl_socket_free(ruleset->events);
	nft_ctx_free(ruleset->nft);
	free(ruleset->json);
	free(ruleset);
}

const char *xn_ruleset_json(const struct xn_ruleset *ruleset, uint64_t *version)
{
	*version = ruleset->version;
	return ruleset->json ? ruleset->json : "";
}
