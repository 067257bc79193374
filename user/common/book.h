/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Admission of definitions: does the machine have what they were sold, at every instant? (SPEC section 6) */
#ifndef XN_COMMON_BOOK_H
#define XN_COMMON_BOOK_H

#include "common/config.h"

/* What is checked. */
enum xn_need {
	XN_NEED_RATE,	   /* the network's own guarantee and rl, against the resource alone */
	XN_NEED_GUARANTEE, /* rc + re of all */
	XN_NEED_LONG_TERM, /* rl of all */
	XN_NEED_DISK,
	XN_NEED_INTERFACES,
	XN_NEED_NETWORKS, /* how many there are */
	XN_NEEDS,
};

/* "rate", "guarantee", "long_term", "disk", "interfaces", "networks". */
const char *xn_need_name(enum xn_need need);

/* One check of one network, at the instant at which there is least room. In the resource's unit, bytes, or numbers. */
struct xn_check {
	enum xn_need need;
	enum xn_resource_kind resource; /* of the first three */
	const char *of;			/* link, or name of the resource; "" of the others */
	double asked;			/* by the network, there */
	double sold;			/* to the others, there */
	double capacity; /* times the link's overbooking, where that counts; INFINITY: no limit */
	double room;	 /* what would fit */
	int64_t at;	 /* s since 1970 UTC; 0: it is the same at all times */
	bool ok;
};

/**
 * xn_book_admits() - may a network be added, or take the place of one of the same name?
 * @config: the machine, and the networks there; one that is called as the candidate is left out
 * @candidate: the network
 * @now: s since 1970 UTC; what is past does not count
 * @checks: out: all checks, to be freed; strings in it are those of @config. May be NULL. Not with -ENOMEM
 * @n: out: how many; may be NULL with @checks
 * @err: out, of an error: where, what, and what would fit
 *
 * Not if it does not fit at some instant, unless it is no more than what it takes the place of.
 *
 * Return: 0; -ENOSPC; -ENOMEM.
 */
int xn_book_admits(const struct xn_config *config, const struct xn_definition *candidate,
		   int64_t now, struct xn_check **checks, size_t *n, struct xn_err *err);

/**
 * xn_book_fits() - does everything that @config sells fit?
 * @config: what is to be in force
 * @old: what is in force now, or NULL. What did not fit before and becomes no worse is no reason to refuse
 * @now: as above
 * @err: the first that does not fit: where, what, and what to do
 *
 * Return: as xn_book_admits().
 */
int xn_book_fits(const struct xn_config *config, const struct xn_config *old, int64_t now,
		 struct xn_err *err);

#endif
