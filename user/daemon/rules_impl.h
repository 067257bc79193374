/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between rules.c (tables, chains, sets) and rule.c (what is in one rule). */
#ifndef XN_DAEMON_RULES_IMPL_H
#define XN_DAEMON_RULES_IMPL_H

#include <stdbool.h>

#include "daemon/rules.h"

#define XN_RULE_PARTS 8 /* of a concatenation */

/* What a value may be. */
enum xn_rule_class {
	XN_RULE_VALUE, /* a number, or a word that nft knows */
	XN_RULE_NUMBER,
	XN_RULE_ADDRESS4,
	XN_RULE_ADDRESS6,
	XN_RULE_DEVICE,
};

struct xn_rule_type {
	enum xn_rule_class parts[XN_RULE_PARTS];
	size_t n;
};

/* Where the translation is. */
struct xn_rule_walk {
	const struct xn_rules_target *target;
	struct xn_err *err; /* set once something is refused */
	const char *where;  /* for people: the rule */
	size_t n;	    /* elements of sets so far */
	bool uses_ct;
	/* Dom0's name of a chain or set that is referred to, which is carried, too. NULL with @err: there is none */
	const char *(*chain)(struct xn_rule_walk *walk, const char *name);
	const char *(*set)(struct xn_rule_walk *walk, const char *name, struct xn_rule_type *type);
	void *arg;
};

/* "WHERE: what". Return: NULL. */
json_t *xn_rule_refuse(struct xn_rule_walk *walk, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The statements of one rule. Return: those for Dom0, or NULL with @err. */
json_t *xn_rule_translate(struct xn_rule_walk *walk, const json_t *expr);

/* "ipv4_addr" and the like. Return: is it a type that is carried? */
bool xn_rule_type_of(const json_t *name, struct xn_rule_type *type);

/* An element of a named set. */
json_t *xn_rule_element(struct xn_rule_walk *walk, const json_t *value,
			const struct xn_rule_type *type);

/* Has it the form of a name: letters, digits, _ . - /, at most 63? */
bool xn_rule_is_name(const char *name);

#endif
