// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose a vif is: tables of domains, networks that name them, and networks that list the vif. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/owner.h"

#define UUID_1 "0a000000-0000-4000-8000-00000000000f"
#define UUID_2 "0b000000-0000-4000-8000-00000000000f"

/* Networks 0 to 4. */
static const char *const domains[] = {
	"vr1", "0A000000-0000-4000-8000-00000000000F", "VR1", "vr-2", UUID_2,
};

struct row {
	const char *promise;
	const char *uuid, *name;
	long net, rival;
};

static const struct row rows[] = {
	{ "a name finds its network", "", "vr1", 0, -1 },
	{ "case is part of a name", "", "VR1", 2, -1 },
	{ "a name in another case is another name", "", "Vr1", -1, -1 },
	{ "a UUID finds its network in any case", UUID_1, "x", 1, -1 },
	{ "UUID beats name, and the rival is told", UUID_1, "vr-2", 1, 3 },
	{ "a UUID that nobody names leaves it to the name", "0c" UUID_1, "vr-2", 3, -1 },
	{ "a domain called like another's UUID is not taken for it", "", UUID_2, -1, -1 },
	{ "who has neither is nobody's", "", "", -1, -1 },
	{ "part of a name is no name", "", "vr", -1, -1 },
};

#define N(array) (sizeof(array) / sizeof(*(array)))

static void owner(void **state)
{
	const struct row *row = *state;
	struct xn_named named[N(domains)];
	struct xn_identity identity;
	struct xn_owner got;

	for (size_t i = 0; i < N(domains); i++)
		named[i] = (struct xn_named){ domains[i], i };
	qsort(named, N(named), sizeof(*named), xn_named_compare);
	snprintf(identity.uuid, sizeof(identity.uuid), "%s", row->uuid);
	snprintf(identity.name, sizeof(identity.name), "%s", row->name);
	got = xn_owner_of(named, N(named), &identity);
	assert_int_equal(got.net, row->net);
	assert_int_equal(got.rival, row->rival);
	got = xn_owner_of(NULL, 0, &identity);
	assert_int_equal(got.net, -1);
}

static void claims(void **state)
{
	const struct xn_owner mine = { 3, -1 }, others = { 4, -1 }, nobodys = { -1, -1 };

	(void)state;
	assert_int_equal(xn_claim_of(3, true, &mine), XN_CLAIM_GOOD);
	assert_int_equal(xn_claim_of(3, true, &others), XN_CLAIM_OWNED);
	assert_int_equal(xn_claim_of(3, false, &others), XN_CLAIM_OWNED);
	assert_int_equal(xn_claim_of(3, true, &nobodys), XN_CLAIM_FOREIGN);
	assert_int_equal(xn_claim_of(3, false, &nobodys), XN_CLAIM_GOOD);
	assert_int_equal(xn_claim_of(3, true, NULL), XN_CLAIM_WAIT);
	assert_int_equal(xn_claim_of(3, false, NULL), XN_CLAIM_WAIT);
}

static void uuids(void **state)
{
	(void)state;
	assert_true(xn_is_uuid(UUID_1));
	assert_true(xn_is_uuid("0A000000-0000-4000-8000-00000000000F"));
	assert_false(xn_is_uuid(""));
	assert_false(xn_is_uuid("0a000000-0000-4000-8000-00000000000"));
	assert_false(xn_is_uuid("0a000000-0000-4000-8000-00000000000f0"));
	assert_false(xn_is_uuid("0a000000-0000-4000-8000-00000000000g"));
	assert_false(xn_is_uuid("0a0000000-000-4000-8000-00000000000f"));
}

int main(void)
{
	struct CMUnitTest tests[N(rows) + 2];

	for (size_t i = 0; i < N(rows); i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i].promise,
			.test_func = owner,
			.initial_state = (void *)&rows[i],
		};
	tests[N(rows)] = (struct CMUnitTest){
		.name = "a listed vif is refused if its domain is another's, and waits until it is "
			"known",
		.test_func = claims,
	};
	tests[N(rows) + 1] = (struct CMUnitTest){
		.name = "only what has the form of a UUID is one",
		.test_func = uuids,
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
