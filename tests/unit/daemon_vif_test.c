// SPDX-License-Identifier: GPL-2.0-or-later
/* What is a vif, in a sysfs made of files. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/vif.h"
#include "daemon_fixture.h"

static void folder(const char *name)
{
	assert_true(!mkdir(fixture_path(name), 0755) || errno == EEXIST);
}

static void lead(const char *name, const char *target)
{
	assert_int_equal(symlink(target, fixture_path(name)), 0);
}

/* As in sysfs: class/net/NAME leads to devices/NODE/net/NAME, whose device is ../.. */
static void add(const char *name, const char *ifindex, const char *node, const char *bus)
{
	char path[128], target[128];

	snprintf(path, sizeof(path), "devices/%s", node);
	folder(path);
	snprintf(path, sizeof(path), "devices/%s/subsystem", node);
	snprintf(target, sizeof(target), "../../bus/%s", bus);
	if (*bus)
		lead(path, target);
	snprintf(path, sizeof(path), "devices/%s/net", node);
	folder(path);
	snprintf(path, sizeof(path), "devices/%s/net/%s", node, name);
	folder(path);
	snprintf(path, sizeof(path), "devices/%s/net/%s/device", node, name);
	snprintf(target, sizeof(target), "../../../%s", node);
	lead(path, target);
	snprintf(path, sizeof(path), "devices/%s/net/%s/ifindex", node, name);
	fixture_write(path, ifindex);
	snprintf(path, sizeof(path), "class/%s", name);
	snprintf(target, sizeof(target), "../devices/%s/net/%s", node, name);
	lead(path, target);
}

static int make(void **state)
{
	static const char *const folders[] = { "class",		  "devices", "bus",
					       "bus/xen-backend", "bus/pci", "devices/lo" };

	(void)state;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		folder(folders[i]);
	add("vif5.0", "7\n", "vif-5-0", "xen-backend");
	add("router", "8\n", "vif-32751-12", "xen-backend");
	add("vif6.0", "9\n", "vif-6-0", "pci");
	add("vbd", "10\n", "vbd-5-0", "xen-backend");
	add("bare", "11\n", "vif-9-0", "");
	add("vif7.0", "x\n", "vif-7-0", "xen-backend");
	fixture_write("devices/lo/ifindex", "1\n");
	lead("class/lo", "../devices/lo");
	lead("class/dangling", "../devices/gone");
	return 0;
}

static int look(const char *name, uint32_t ifindex, struct xn_vif *vif)
{
	return xn_vif_read(fixture_path("class"), name, ifindex, vif);
}

static void a_vif_is_known_whatever_its_name(void **state)
{
	struct xn_vif vif;

	(void)state;
	assert_int_equal(look("vif5.0", 7, &vif), 1);
	assert_int_equal(vif.domid, 5);
	assert_int_equal(vif.devid, 0);
	assert_int_equal(look("router", 8, &vif), 1);
	assert_int_equal(vif.domid, 32751);
	assert_int_equal(vif.devid, 12);
}

static void what_only_looks_like_a_vif_is_none(void **state)
{
	struct xn_vif vif;

	(void)state;
	assert_int_equal(look("vif6.0", 9, &vif), 0);
	assert_int_equal(look("vbd", 10, &vif), 0);
	assert_int_equal(look("bare", 11, &vif), 0);
	assert_int_equal(look("lo", 1, &vif), 0);
}

static void another_device_under_the_name_is_not_judged(void **state)
{
	struct xn_vif vif;

	(void)state;
	assert_int_equal(look("vif5.0", 8, &vif), -EAGAIN);
	assert_int_equal(look("lo", 7, &vif), -EAGAIN);
	assert_int_equal(look("vif7.0", 7, &vif), -EAGAIN);
	assert_int_equal(look("gone", 7, &vif), -EAGAIN);
	assert_int_equal(look("dangling", 7, &vif), -EAGAIN);
}

static void without_sysfs_nothing_is_a_vif(void **state)
{
	struct xn_vif vif;

	(void)state;
	assert_int_equal(xn_vif_read(fixture_path("none"), "vif5.0", 7, &vif), 0);
}

static void nodes_with_odd_numbers_are_none(void **state)
{
	static const char *const nodes[] = {
		"vif-",
		"vif-5",
		"vif-5-",
		"vif--5-0",
		"vif-+5-0",
		"vif- 5-0",
		"vif-5-0x",
		"vif-5-0-1",
		"vif-32752-0",
		"vif-5-4294967296",
		"vif-99999999999999999999-0",
		"xvif-5-0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		struct xn_vif vif;
		char name[16];

		snprintf(name, sizeof(name), "odd%zu", i);
		add(name, "20\n", nodes[i], "xen-backend");
		assert_int_equal(look(name, 20, &vif), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vif_is_known_whatever_its_name),
		cmocka_unit_test(what_only_looks_like_a_vif_is_none),
		cmocka_unit_test(another_device_under_the_name_is_not_judged),
		cmocka_unit_test(without_sysfs_nothing_is_a_vif),
		cmocka_unit_test(nodes_with_odd_numbers_are_none),
	};

	return cmocka_run_group_tests(tests, make, fixture_exit);
}
