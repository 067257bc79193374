/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Dom0 is to be told, in what order and how much at a time: interfaces before the routes that go by them,
 * rules, QoS, the end of a sync when all is told. Only so many messages are under way.
 */
#ifndef XN_GUEST_FEED_H
#define XN_GUEST_FEED_H

#include "channel/conn.h"
#include "guest/ruleset.h"
#include "guest/shaping.h"
#include "guest/watch.h"

#define XN_FEED_UNDER_WAY 8 /* messages without an answer */

struct xn_feed {
	struct xn_watch *watch;
	struct xn_ruleset *ruleset;
	struct xn_shaping *shaping;
	bool on;      /* Dom0 wants it */
	bool syncing; /* all is told anew */
	uint32_t serial, acknowledged;
	uint64_t interfaces, rules, qos; /* versions that were told */
	uint64_t since; /* what is under way has waited from then on, us; 0: nothing is */
	uint64_t delay; /* of what was told last, from change to answer, us */
};

/* Dom0 wants everything, or (@on false) nothing. */
void xn_feed_restart(struct xn_feed *feed, struct xn_conn *conn, bool on);

/* Tell as much as may be told now. */
void xn_feed_pump(struct xn_feed *feed, struct xn_conn *conn);

/* There is something new to tell, or may be; as of now. */
void xn_feed_changed(struct xn_feed *feed);

/* Dom0 answers. Return: NULL, or what is wrong with it. */
const char *xn_feed_acknowledged(struct xn_feed *feed, uint32_t serial);

/* Is Dom0 behind? */
bool xn_feed_pending(const struct xn_feed *feed);

#endif
