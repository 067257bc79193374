/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may ask. There is no password, so a page from elsewhere in somebody's browser must not reach us: neither by a
 * name that was made to point here (DNS rebinding), nor by a form or script of its own. Pure.
 */
#ifndef XN_WEB_GATE_H
#define XN_WEB_GATE_H

#include <stdbool.h>
#include <stddef.h>

/* Longest body of a POST. */
#define XN_BODY_MAX ((size_t)256 * 1024)

struct xn_gate {
	const char *const
		*names; /* by which this machine may be called, besides localhost and numbers */
	size_t n_names;
};

/* A request's head; NULL: the header is not there. */
struct xn_head {
	const char *method;
	const char *host, *origin, *site; /* Host, Origin, Sec-Fetch-Site */
	const char *type, *length;	  /* Content-Type, Content-Length */
	bool page;			  /* a document to navigate to, by a link from anywhere */
	bool post;			  /* the one place that takes POST, and nothing else */
};

/* Return: 0, or HTTP's status with @why, a line for a person. */
unsigned int xn_gate_check(const struct xn_gate *gate, const struct xn_head *head,
			   const char **why);

#endif
