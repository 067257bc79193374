// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules of doc/definitions.md, "Domains". */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/owner.h"

bool xn_is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(text) != XN_UUID_LEN)
		return false;
	for (size_t i = 0; i < XN_UUID_LEN; i++)
		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* First without case, so that the forms of one UUID are neighbours. */
int xn_domain_compare(const char *a, const char *b)
{
	int order = strcasecmp(a, b);

	return order || xn_is_uuid(a) ? order : strcmp(a, b);
}

int xn_named_compare(const void *a, const void *b)
{
	const struct xn_named *x = a, *y = b;
	int order = xn_domain_compare(x->domain, y->domain);

	if (order)
		return order;
	return x->net < y->net ? -1 : x->net > y->net;
}

static int compare_key(const void *domain, const void *named)
{
	return xn_domain_compare(domain, ((const struct xn_named *)named)->domain);
}

static long find(const struct xn_named *named, size_t n, const char *domain)
{
	const struct xn_named *found = NULL;

	if (n && *domain)
		found = bsearch(domain, named, n, sizeof(*named), compare_key);
	return found ? (long)found->net : -1;
}

struct xn_owner xn_owner_of(const struct xn_named *named, size_t n,
			    const struct xn_identity *identity)
{
	long by_uuid = find(named, n, identity->uuid);
	long by_name = xn_is_uuid(identity->name) ? -1 : find(named, n, identity->name);

	if (by_uuid < 0)
		return (struct xn_owner){ .net = by_name, .rival = -1 };
	return (struct xn_owner){ .net = by_uuid, .rival = by_name == by_uuid ? -1 : by_name };
}

enum xn_claim xn_claim_of(long net, bool has_domain, const struct xn_owner *owner)
{
	if (!owner)
		return XN_CLAIM_WAIT;
	if (owner->net == net)
		return XN_CLAIM_GOOD;
	if (owner->net >= 0)
		return XN_CLAIM_OWNED;
	return has_domain ? XN_CLAIM_FOREIGN : XN_CLAIM_GOOD;
}
