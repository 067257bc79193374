/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places of the JSON API: which method each asks, and what its query may say. Pure. */
#ifndef XN_WEB_QUERY_H
#define XN_WEB_QUERY_H

#include <stdbool.h>

#include "common/config.h" /* struct xn_err */
#include "web/client.h"

/* What an argument of a method is in a query. */
struct xn_param {
	const char *name;
	enum xn_param_kind {
		XN_PARAM_NETWORK, /* a name; "" is all */
		XN_PARAM_ROW,	  /* of a link, or cpu or memory; "" is all */
		XN_PARAM_COUNT,	  /* whole number from 1 on */
		XN_PARAM_TIME,	  /* s since 1970; 0: as the method says, or now */
	} kind;
	char type;    /* as of xn_call_arg */
	double other; /* of a number that is not given */
};

/* A place. */
struct xn_place {
	const char *path;
	const char *method;
	bool lasting; /* as in xn_cache_ask() */
	bool post;    /* the body is the last argument */
	struct xn_param params[XN_CALL_ARGS];
};

/* Return: NULL if there is no such place. */
const struct xn_place *xn_place_find(const char *path);

/**
 * xn_query_start() - the call without a query: every argument as it is if not given
 */
void xn_query_start(const struct xn_place *place, struct xn_call *call);

/**
 * xn_query_take() - one "name=value" of the query
 * @seen: bits of the parameters given before; 0 at first
 * @value: kept by @call
 *
 * Return: 0, or -EINVAL with @err.
 */
int xn_query_take(const struct xn_place *place, struct xn_call *call, unsigned int *seen,
		  const char *name, const char *value, struct xn_err *err);

#endif
