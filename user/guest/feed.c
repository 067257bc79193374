// SPDX-License-Identifier: GPL-2.0-or-later
/* The versions that were told say what is new; of the routes the mirror does. */
#include <string.h>
#include <time.h>

#include "channel/cursor.h"
#include "channel/qos.h"
#include "daemon/log.h"
#include "guest/feed.h"

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static bool may_tell(const struct xn_feed *feed)
{
	return feed->serial - feed->acknowledged < XN_FEED_UNDER_WAY;
}

static void tell_serial(struct xn_feed *feed, struct xn_conn *conn, enum xn_type type)
{
	struct xn_writer body;

	xn_conn_begin(conn, &body);
	xn_encode_serial(&body, ++feed->serial);
	xn_conn_commit(conn, type, &body);
}

static bool tell_interfaces(struct xn_feed *feed, struct xn_conn *conn)
{
	uint64_t version;
	const struct xn_interfaces *all = xn_watch_interfaces(feed->watch, &version);
	struct xn_writer body;

	if (version == feed->interfaces)
		return false;
	feed->interfaces = version;
	xn_conn_begin(conn, &body);
	xn_encode_interfaces(&body, ++feed->serial, all);
	xn_conn_commit(conn, XN_INTERFACES, &body);
	return true;
}

/* So many that the longest of them fit. */
static bool tell_routes(struct xn_feed *feed, struct xn_conn *conn)
{
	const size_t longest = 32 + XN_ROUTE_HOPS_MAX * 24;
	struct xn_mirror *routes = xn_watch_routes(feed->watch);
	const struct xn_guest_route *route;
	struct xn_writer body;
	uint8_t *number;
	uint16_t n = 0;
	bool add;

	if (!xn_mirror_pending(routes))
		return false;
	xn_conn_begin(conn, &body);
	number = xn_batch_begin(&body, feed->serial + 1);
	while (n < XN_BATCH_MAX && (size_t)(body.end - body.at) > longest &&
	       (route = xn_mirror_next(routes, &add))) {
		xn_encode_route(&body, add, route);
		n++;
	}
	if (!n)
		return false;
	xn_batch_end(number, n);
	feed->serial++;
	xn_conn_commit(conn, XN_ROUTES, &body);
	return true;
}

static bool tell_rules(struct xn_feed *feed, struct xn_conn *conn)
{
	uint64_t version;
	const char *json = xn_ruleset_json(feed->ruleset, &version);
	struct xn_chunk chunk = { .flags = XN_RULES_FIRST, .text = json };
	size_t left = strlen(json);
	struct xn_writer body;

	if (version == feed->rules)
		return false;
	feed->rules = version;
	if (left > XN_RULES_MAX) {
		xn_log(SD_ERR, "more than 1 MiB of filter rules: Dom0 keeps those it has");
		return false;
	}
	feed->serial++;
	do {
		chunk.length = left < XN_CHUNK_MAX ? left : XN_CHUNK_MAX;
		left -= chunk.length;
		chunk.flags |= left ? 0 : XN_RULES_LAST;
		xn_conn_begin(conn, &body);
		xn_encode_chunk(&body, feed->serial, &chunk);
		xn_conn_commit(conn, XN_RULES, &body);
		chunk.text += chunk.length;
		chunk.flags = 0;
	} while (left);
	return true;
}

static bool tell_qos(struct xn_feed *feed, struct xn_conn *conn)
{
	const struct xn_qos *qos = xn_shaping_next(feed->shaping, &feed->qos);
	struct xn_writer body;

	if (!qos)
		return false;
	xn_conn_begin(conn, &body);
	xn_encode_qos(&body, ++feed->serial, qos);
	xn_conn_commit(conn, XN_QOS, &body);
	return true;
}

static bool end_sync(struct xn_feed *feed, struct xn_conn *conn)
{
	if (!feed->syncing)
		return false;
	feed->syncing = false;
	tell_serial(feed, conn, XN_SYNC_END);
	return true;
}

void xn_feed_pump(struct xn_feed *feed, struct xn_conn *conn)
{
	while (feed->on && may_tell(feed))
		if (!tell_interfaces(feed, conn) && !tell_routes(feed, conn) &&
		    !tell_rules(feed, conn) && !tell_qos(feed, conn) && !end_sync(feed, conn))
			break;
	if (feed->serial == feed->acknowledged)
		feed->since = 0; /* nothing was new after all */
}

void xn_feed_restart(struct xn_feed *feed, struct xn_conn *conn, bool on)
{
	feed->on = on;
	feed->syncing = on;
	if (!on)
		return;
	feed->interfaces = feed->rules = feed->qos = 0;
	xn_mirror_retell(xn_watch_routes(feed->watch));
	xn_feed_changed(feed);
	tell_serial(feed, conn, XN_SYNC_BEGIN);
	xn_feed_pump(feed, conn);
}

void xn_feed_changed(struct xn_feed *feed)
{
	if (feed->on && !feed->since)
		feed->since = now_usec();
}

bool xn_feed_pending(const struct xn_feed *feed)
{
	uint64_t interfaces, rules;

	xn_watch_interfaces(feed->watch, &interfaces);
	xn_ruleset_json(feed->ruleset, &rules);
	return feed->on && (feed->syncing || feed->serial != feed->acknowledged ||
			    interfaces != feed->interfaces || rules != feed->rules ||
			    xn_shaping_version(feed->shaping) != feed->qos ||
			    xn_mirror_pending(xn_watch_routes(feed->watch)));
}

const char *xn_feed_acknowledged(struct xn_feed *feed, uint32_t serial)
{
	if (feed->serial - serial > feed->serial - feed->acknowledged)
		return "is of something that was not told";
	feed->acknowledged = serial;
	if (!xn_feed_pending(feed) && feed->since) {
		feed->delay = now_usec() - feed->since;
		feed->since = 0;
	}
	return NULL;
}
