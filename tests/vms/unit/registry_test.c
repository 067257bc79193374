// SPDX-License-Identifier: GPL-2.0-or-later
/* The registry in SQLite: claims, all or none, and what a server that ended left. Tokens and roles. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "vms/access.h"
#include "vms/registry.h"

static char folder[64], file[96];
static struct xn_err err;

static int open_registry(void **state)
{
	snprintf(folder, sizeof(folder), "/tmp/xnvms-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/registry.db", folder);
	*state = xn_registry_open(file, "one", &err);
	return *state ? 0 : -1;
}

static int close_registry(void **state)
{
	xn_registry_close(*state);
	unlink(file);
	return rmdir(folder);
}

static struct xn_node node(const char *name, const char *address)
{
	struct xn_node made = { .n_addresses = 1 };

	XN_COPY(made.name, name);
	XN_COPY(made.hypervisor, "xen");
	XN_COPY(made.address[0], address);
	return made;
}

static struct xn_operation operation(const char *id, const char *vm)
{
	struct xn_operation made = { .state = XN_OPERATION_RUNNING };

	XN_COPY(made.id, id);
	XN_COPY(made.service, "test");
	XN_COPY(made.node, "n1");
	XN_COPY(made.vm, vm);
	return made;
}

static struct xn_vm machine(const char *name, const char *disk)
{
	struct xn_vm made = { .ready = false };

	XN_COPY(made.node, "n1");
	XN_COPY(made.name, name);
	snprintf(made.uuid, sizeof(made.uuid), "uuid-of-%s", name);
	XN_COPY(made.disk, disk);
	return made;
}

static void count(const struct xn_node *found, void *arg)
{
	(void)found;
	++*(unsigned int *)arg;
}

static void nodes_are_added_all_or_none(void **state)
{
	struct xn_node two[2] = { node("a", "10.0.0.1"), node("b", "10.0.0.1") }, found;
	unsigned int added, n = 0;

	assert_int_equal(xn_registry_add_nodes(*state, two, 2, &added, &err), -EEXIST);
	assert_int_equal(xn_registry_nodes(*state, count, &n, &err), 0);
	assert_int_equal(n, 0);
	two[1] = node("b", "10.0.0.2");
	assert_int_equal(xn_registry_add_nodes(*state, two, 2, &added, &err), 0);
	assert_int_equal(added, 2);
	/* addresses change places */
	two[0] = node("a", "10.0.0.2");
	two[1] = node("b", "10.0.0.1");
	assert_int_equal(xn_registry_add_nodes(*state, two, 2, &added, &err), 0);
	assert_int_equal(added, 0);
	assert_int_equal(xn_registry_node(*state, "10.0.0.1", &found, &err), 0);
	assert_string_equal(found.name, "b");
	assert_int_equal(xn_registry_node(*state, "10.0.0.3", &found, &err), -ENOENT);
}

static void a_machine_is_claimed_by_one_operation(void **state)
{
	struct xn_operation first = operation("1", "r1"), second = operation("2", "r1");

	assert_int_equal(xn_registry_begin(*state, &first, NULL, 1, NULL, &err), 0);
	assert_int_equal(xn_registry_begin(*state, &second, NULL, 1, NULL, &err), -EBUSY);
	assert_non_null(strstr(err.text, "operation 1"));
	first.state = XN_OPERATION_DONE;
	assert_int_equal(xn_registry_finish(*state, &first, &err), 0);
	assert_int_equal(xn_registry_begin(*state, &second, NULL, 1, "n2", &err), 0);
	/* also on the node it goes to */
	first = operation("3", "r1");
	XN_COPY(first.node, "n2");
	assert_int_equal(xn_registry_begin(*state, &first, NULL, 1, NULL, &err), -EBUSY);
}

static void machines_are_begun_all_or_none(void **state)
{
	struct xn_operation two[2] = { operation("1", "r1"), operation("2", "r2") };
	struct xn_vm vms[2] = { machine("r1", "disk"), machine("r2", "disk") }, found;

	assert_int_equal(xn_registry_begin(*state, two, vms, 2, NULL, &err), -EEXIST);
	assert_int_equal(xn_registry_vm(*state, "n1", "r1", &found, &err), -ENOENT);
	vms[1] = machine("r2", "disk2");
	assert_int_equal(xn_registry_begin(*state, two, vms, 2, NULL, &err), 0);
	assert_int_equal(xn_registry_vm(*state, "n1", "r2", &found, &err), 0);
	assert_string_equal(found.uuid, "uuid-of-r2");
	assert_false(found.ready);
}

static void remember(const struct xn_vm *vm, void *arg)
{
	memcpy(arg, vm, sizeof(*vm));
}

static void what_a_server_left_is_found_by_it_alone(void **state)
{
	struct xn_registry *other = xn_registry_open(file, "two", &err);
	struct xn_operation mine = operation("1", "r1"), theirs = operation("2", "r2");
	struct xn_vm vm = machine("r1", "d1"), vm2 = machine("r2", "d2"), found = { "" };

	assert_non_null(other);
	assert_int_equal(xn_registry_begin(*state, &mine, &vm, 1, NULL, &err), 0);
	assert_int_equal(xn_registry_begin(other, &theirs, &vm2, 1, NULL, &err), 0);
	assert_int_equal(xn_registry_add_volume(*state, &vm, "r1.img", &err), 0);
	assert_int_equal(xn_registry_add_volume(*state, &vm, "r1.seed", &err), 0);
	assert_int_equal(xn_registry_abandon(*state, &err), 0);
	assert_int_equal(xn_registry_unfinished(*state, remember, &found, &err), 0);
	assert_string_equal(found.name, "r1");
	assert_string_equal(found.volumes, "r1.img r1.seed ");
	/* mine can be begun anew, theirs cannot */
	mine = operation("3", "r1");
	theirs = operation("4", "r2");
	assert_int_equal(xn_registry_begin(*state, &mine, NULL, 1, NULL, &err), 0);
	assert_int_equal(xn_registry_begin(*state, &theirs, NULL, 1, NULL, &err), -EBUSY);
	xn_registry_close(other);
}

static void text_is_never_part_of_a_statement(void **state)
{
	struct xn_operation odd = operation("1", "r'; DROP TABLE claims; --");

	assert_int_equal(xn_registry_begin(*state, &odd, NULL, 1, NULL, &err), 0);
	assert_int_equal(xn_registry_begin(*state, &odd, NULL, 1, NULL, &err), -EBUSY);
}

static void no_registry_where_there_can_be_none(void **state)
{
	(void)state;
	assert_null(xn_registry_open("/proc/no/registry.db", "one", &err));
	assert_non_null(strstr(err.text, "/proc/no/registry.db"));
	assert_null(xn_registry_open("postgresql://nobody:secret@127.0.0.1:1/x", "one", &err));
	assert_null(strstr(err.text, "secret"));
}

static void tokens_are_random_and_kept_as_digests(void **state)
{
	char a[XN_TOKEN_SIZE], b[XN_TOKEN_SIZE], hash[65];

	(void)state;
	assert_int_equal(xn_token_make(a), 0);
	assert_int_equal(xn_token_make(b), 0);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), 4 + 43);
	xn_token_hash("abc", hash); /* FIPS 180-2, B.1 */
	assert_string_equal(hash,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void roles_cover_what_they_say(void **state)
{
	const struct xn_caller provider = { XN_ROLE_PROVIDER, "" },
			       anna = { XN_ROLE_OPERATOR, "anna" };

	(void)state;
	assert_true(xn_access_service(&provider, "registerNodes"));
	assert_false(xn_access_service(&anna, "registerNodes"));
	assert_false(xn_access_service(&anna, "nosuch"));
	assert_true(xn_access_service(&anna, "createVirtualMachine"));
	assert_true(xn_access_owner(&provider, "anna"));
	assert_true(xn_access_owner(&anna, "anna"));
	assert_false(xn_access_owner(&anna, "bert"));
	assert_false(xn_access_owner(&anna, ""));
}

#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, open_registry, close_registry)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_REGISTRY(nodes_are_added_all_or_none),
		WITH_REGISTRY(a_machine_is_claimed_by_one_operation),
		WITH_REGISTRY(machines_are_begun_all_or_none),
		WITH_REGISTRY(what_a_server_left_is_found_by_it_alone),
		WITH_REGISTRY(text_is_never_part_of_a_statement),
		cmocka_unit_test(no_registry_where_there_can_be_none),
		cmocka_unit_test(tokens_are_random_and_kept_as_digests),
		cmocka_unit_test(roles_cover_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
