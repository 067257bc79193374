/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose is a vif? By the domain that a network names, by what it lists as its ports. No I/O. */
#ifndef XN_CORE_OWNER_H
#define XN_CORE_OWNER_H

#include <stdbool.h>
#include <stddef.h>

#define XN_UUID_LEN   36
#define XN_DOMAIN_MAX 255 /* bytes of a domain's name */

/* What Dom0's toolstack calls a domain; "": it has none. */
struct xn_identity {
	char uuid[XN_UUID_LEN + 1];
	char name[XN_DOMAIN_MAX + 1];
};

/* A network that names a domain. */
struct xn_named {
	const char *domain;
	size_t net;
};

/* 8-4-4-4-12 hexadecimal digits, of any case? */
bool xn_is_uuid(const char *text);

/* UUIDs by their digits, names as they are written. Return: as strcmp(). */
int xn_domain_compare(const char *a, const char *b);

/* For qsort(): the order in which xn_owner_of() wants them. The same domain: by network. */
int xn_named_compare(const void *a, const void *b);

struct xn_owner {
	long net;   /* -1: no network names the domain */
	long rival; /* names it too, by name, where @net does by UUID; -1: none */
};

/**
 * xn_owner_of() - the network that names a domain
 * @named: in the order of xn_named_compare(), no domain twice
 *
 * What is written as a UUID is one, and never matches a name: names can be chosen.
 */
struct xn_owner xn_owner_of(const struct xn_named *named, size_t n,
			    const struct xn_identity *identity);

/* May a network have a vif because it lists the device? */
enum xn_claim {
	XN_CLAIM_GOOD,
	XN_CLAIM_WAIT,	  /* the vif's domain is still to be read */
	XN_CLAIM_OWNED,	  /* another network names the domain */
	XN_CLAIM_FOREIGN, /* the network names a domain, and it is not this one */
};

/**
 * xn_claim_of() - judge an entry of `ports:` that a vif has the name of
 * @net: that lists it
 * @has_domain: it names a domain
 * @owner: of the vif's domain; NULL: not known yet
 */
enum xn_claim xn_claim_of(long net, bool has_domain, const struct xn_owner *owner);

#endif
