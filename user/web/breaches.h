/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Breaches counted as the daemon signals them, for a counter: what is over between two scrapes is not lost. */
#ifndef XN_WEB_BREACHES_H
#define XN_WEB_BREACHES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A network on a resource: @row is a link's name, "cpu" or "memory". */
struct xn_breach_count {
	uint64_t terms[2]; /* of the short and of the long term, since this program started */
	bool broken;	   /* a breach of the short term goes on */
};

struct xn_breaches;

struct xn_breaches *xn_breaches_create(void);
void xn_breaches_destroy(struct xn_breaches *breaches);

/* A Breach signal: its arguments, as in doc/dbus.md. Whatever else it is, it is not counted. */
void xn_breaches_add(struct xn_breaches *breaches, const json_t *arguments);

/* Nobody will tell of the end of those that go on: taken as over. */
void xn_breaches_end(struct xn_breaches *breaches);

/* All zero where none was seen. */
struct xn_breach_count xn_breaches_get(const struct xn_breaches *breaches, const char *network,
				       const char *row);

/* Forget networks and resources that GetStatus does not have. */
void xn_breaches_trim(struct xn_breaches *breaches, const json_t *status);

#endif
