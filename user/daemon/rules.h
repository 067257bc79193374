/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A router's filter rules, as `nft -j list ruleset` says them, in Dom0's terms: a table of the network's own
 * that sees only what its VRF forwards. Every word of the result is written here; of what a router says only
 * what is known goes in. No I/O.
 */
#ifndef XN_DAEMON_RULES_H
#define XN_DAEMON_RULES_H

#include <jansson.h>
#include <stddef.h>

#include "common/config.h" /* struct xn_err */

#define XN_RULES_TEXT_MAX (1 << 20) /* bytes of what a router says */
#define XN_RULES_MAX	  16384	    /* rules and elements of sets that are carried */

/* An interface of the router, and its macvlan in Dom0. */
struct xn_rules_name {
	const char *guest;
	const char *device;
};

struct xn_rules_target {
	const char *table;		 /* to be made */
	const char *vrf;		 /* whose packets it sees */
	const char *gateway4, *gateway6; /* what goes there is left to the router's own rules */
	unsigned int zone;		 /* of connection tracking, the network's own */
	const struct xn_rules_name *names;
	size_t n_names;
};

/**
 * xn_rules_translate() - check and translate
 * @text: of @length bytes; hostile
 * @target: what becomes of it
 * @n_rules: out: rules and elements of sets
 * @err: "TABLE CHAIN handle N: what: why" on error
 *
 * Carried are the chains of filter hook forward in families ip, ip6 and inet, and what these jump to. Chains
 * at hooks input and output are the router's own business. A hook that sees forwarded packets and cannot be
 * carried, as nat, is an error.
 *
 * Return: commands for xn_nft_run() that replace the table as a whole, or NULL.
 */
json_t *xn_rules_translate(const char *text, size_t length, const struct xn_rules_target *target,
			   size_t *n_rules, struct xn_err *err);

/* Commands that remove the table, whether it is there or not. */
json_t *xn_rules_remove(const char *table);

#endif
