/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's answers, each asked for once however many want it: a tick changes what is now, and nothing else does
 * as often. So the number of readers costs the daemon nothing.
 */
#ifndef XN_WEB_CACHE_H
#define XN_WEB_CACHE_H

#include "web/client.h"

struct xn_cache;

/* Knows nobody to ask until xn_cache_start(). NULL: no memory. */
struct xn_cache *xn_cache_create(void);
void xn_cache_start(struct xn_cache *cache, struct xn_client *client);
/* After the client was closed, so that nobody waits. */
void xn_cache_destroy(struct xn_cache *cache);

/* Nothing that is known is good any more: a tick, a change, a lost connection. */
void xn_cache_expire(struct xn_cache *cache);

/**
 * xn_cache_ask() - the answer to @call, an old one if it is good still
 * @lasting: it is of the past, and good for some seconds whatever happens
 * @answer: called once, now or later
 */
void xn_cache_ask(struct xn_cache *cache, const struct xn_call *call, bool lasting,
		  xn_answer_fn answer, void *arg);

#endif
