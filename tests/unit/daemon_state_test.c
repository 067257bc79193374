// SPDX-License-Identifier: GPL-2.0-or-later
/* State: counters and accounts through changes of the definitions, and through new shares. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon_fixture.h"

static const char machine[] = "links:\n  - name: eth0\n    capacity: 1Gbit\n"
			      "  - name: eth1\n    capacity: 100Mbit\n";

static const char *const definitions[] = {
	"name: a\nports: [p1, p2]\nbandwidth:\n  - link: eth0\n    rc: 10Mbit\n",
	"name: b\nports: [p3]\nbandwidth:\n  - link: any\n    rl: 20Mbit\n",
	"name: c\n",
};

static int define(void **state)
{
	(void)state;
	fixture_write("xnetman.yaml", machine);
	fixture_write("networks.d/a.yaml", definitions[0]);
	fixture_write("networks.d/b.yaml", definitions[1]);
	fixture_write("networks.d/c.yaml", definitions[2]);
	return 0;
}

static void number_everything(struct xn_state *s)
{
	for (size_t i = 0; i < s->n_nets; i++)
		s->nets[i].id = 100 + i;
	for (size_t i = 0; i < s->n_links; i++)
		s->links[i].ifindex = 2 + i;
	for (size_t i = 0; i < s->n_ports; i++)
		s->ports[i].ifindex = 20 + i;
	xn_state_index(s);
}

static void sla_is_that_of_the_link_or_nothing(void **state)
{
	struct xn_state *s = fixture_state(NULL);

	(void)state;
	assert_int_equal(s->n_nets, 3);
	assert_int_equal(s->n_links, 2);
	assert_int_equal(s->n_ports, 3);
	assert_true(xn_state_share(s, 0, 0)->sla.rc == 10e6);
	assert_true(xn_state_share(s, 1, 0)->sla.rl == 0);
	assert_true(xn_state_share(s, 0, 1)->sla.rl == 20e6);
	assert_true(xn_state_share(s, 1, 1)->sla.rl == 20e6);
	assert_true(xn_state_share(s, 0, 2)->sla.rmax == 0);
	xn_state_free(s);
}

static void kernel_numbers_find_their_pair(void **state)
{
	struct xn_state *s = fixture_state(NULL);

	(void)state;
	assert_null(xn_state_pair_of(s, 101, 3));
	number_everything(s);
	assert_ptr_equal(xn_state_pair_of(s, 101, 3), xn_state_pair(s, 1, 1));
	assert_null(xn_state_pair_of(s, 104, 3));
	assert_null(xn_state_pair_of(s, 101, 4));
	assert_null(xn_state_pair_of(s, 0, 0));
	xn_state_free(s);
}

/* A network is added before, and one removed between, those that stay. */
static void accounts_stay_with_their_networks(void **state)
{
	struct xn_state *old = fixture_state(NULL), *s;

	(void)state;
	number_everything(old);
	xn_state_pair(old, 1, 2)->acc.used = 12345;
	xn_state_pair(old, 1, 2)->last.offered = 99;
	xn_state_share(old, 1, 2)->ratio = 0.5;
	fixture_write("networks.d/0new.yaml", "name: 0new\n");
	fixture_remove("networks.d/b.yaml");
	s = fixture_state(old);
	xn_state_free(old);
	fixture_remove("networks.d/0new.yaml");

	assert_int_equal(xn_state_net(s, "c"), 2);
	assert_int_equal(s->nets[2].id, 102);
	assert_true(xn_state_pair(s, 1, 2)->acc.used == 12345);
	assert_int_equal(xn_state_pair(s, 1, 2)->last.offered, 99);
	assert_true(xn_state_share(s, 1, 2)->ratio == 0.5);
	assert_int_equal(s->nets[0].id, 0);
	assert_true(xn_state_pair(s, 1, 0)->acc.used == 0);
	assert_ptr_equal(xn_state_pair_of(s, 102, 3), xn_state_pair(s, 1, 2));
	assert_null(xn_state_pair_of(s, 101, 3));
	xn_state_free(s);
}

/* After the links come CPU and memory, with a capacity or without, and keep their accounts. */
static void cpu_and_memory_are_rows_too(void **state)
{
	struct xn_state *old = fixture_state(NULL), *s;

	(void)state;
	assert_int_equal(old->n_rows, 4);
	assert_string_equal(old->rows[1].name, "eth1");
	assert_true(old->rows[1].kind == XN_BANDWIDTH && old->rows[1].capacity == 100e6);
	assert_string_equal(old->rows[xn_state_cpu(old)].name, "cpu");
	assert_true(old->rows[xn_state_cpu(old)].capacity == 0);
	xn_state_pair(old, xn_state_cpu(old), 0)->acc.used = 1.5;
	xn_state_pair(old, xn_state_memory(old), 2)->acc.used = 99;
	fixture_write("xnetman.yaml", "cpu: 50%\nmemory: 1000routes\n");
	fixture_write("networks.d/a.yaml", "name: a\ncpu: {rc: 20%}\n");
	fixture_write("networks.d/b.yaml", "name: b\n");
	s = fixture_state(old);
	assert_int_equal(s->n_rows, 2);
	assert_true(s->rows[xn_state_cpu(s)].capacity == 0.5);
	assert_true(s->rows[xn_state_memory(s)].capacity == 1000);
	assert_true(xn_state_share(s, xn_state_cpu(s), 0)->sla.rc == 0.2);
	assert_true(xn_state_share(s, xn_state_cpu(s), 1)->sla.rmax == 0);
	assert_true(xn_state_pair(s, xn_state_cpu(s), 0)->acc.used == 1.5);
	assert_true(xn_state_pair(s, xn_state_memory(s), 2)->acc.used == 99);
	xn_state_free(old);
	xn_state_free(s);
}

static void new_sla_is_in_force_with_the_old_account(void **state)
{
	struct xn_state *old = fixture_state(NULL), *s;

	(void)state;
	xn_state_pair(old, 0, 0)->acc.used = 777;
	fixture_write("networks.d/a.yaml", "name: a\nbandwidth:\n  - link: eth0\n    rc: 30Mbit\n");
	s = fixture_state(old);
	assert_true(xn_state_share(s, 0, 0)->sla.rc == 30e6);
	assert_true(xn_state_pair(s, 0, 0)->acc.used == 777);
	xn_state_free(old);
	xn_state_free(s);
}

static void port_that_changes_hands_is_bound_anew(void **state)
{
	struct xn_state *old = fixture_state(NULL), *s;

	(void)state;
	number_everything(old);
	fixture_write("networks.d/a.yaml", "name: a\nports: [p1]\n");
	fixture_write("networks.d/c.yaml", "name: c\nports: [p2]\n");
	s = fixture_state(old);
	assert_int_equal(s->ports[xn_state_port(s, "p1")].ifindex, 20);
	assert_int_equal(s->ports[xn_state_port(s, "p2")].ifindex, 0);
	assert_int_equal(s->ports[xn_state_port(s, "p3")].ifindex, 22);
	xn_state_free(old);
	xn_state_free(s);
}

/* What the kernel counts, for shares that go on, are made anew, or count backwards. */
static void delta_is_what_passed_since(void **state)
{
	static const struct {
		uint32_t id, ifindex;
		uint64_t offered, dropped, d_offered, d_dropped;
	} table[] = {
		{ 1, 2, 1500, 140, 500, 40 },	{ 1, 2, 1000, 100, 0, 0 },
		{ 1, 3, 1500, 140, 1500, 140 }, /* link came back as another device */
		{ 9, 2, 1500, 140, 1500, 140 }, /* network was made anew */
		{ 1, 2, 300, 20, 300, 20 },	/* module was loaded anew */
		{ 1, 2, 1500, 20, 1500, 20 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct xn_pair pair = {
			.net_id = 1,
			.ifindex = 2,
			.last = { .time = 5, .offered = 1000, .dropped = 100 },
			.now = { .time = 9,
				 .offered = table[i].offered,
				 .dropped = table[i].dropped },
		};
		struct xn_counts delta;

		xn_pair_delta(&pair, table[i].id, table[i].ifindex, &delta);
		assert_int_equal(delta.time, 4);
		assert_int_equal(delta.offered, table[i].d_offered);
		assert_int_equal(delta.dropped, table[i].d_dropped);
	}
}

static void idmap_finds_what_was_put(void **state)
{
	struct xn_idmap map;

	(void)state;
	assert_int_equal(xn_idmap_init(&map, 4096), 0);
	for (uint32_t i = 0; i < 4096; i++)
		xn_idmap_put(&map, 1 + i * 524287, i);
	for (uint32_t i = 0; i < 4096; i++)
		assert_int_equal(xn_idmap_get(&map, 1 + i * 524287), i);
	assert_int_equal(xn_idmap_get(&map, 2), XN_IDMAP_NONE);
	assert_int_equal(xn_idmap_get(&map, 0), XN_IDMAP_NONE);
	xn_idmap_clear(&map);
	assert_int_equal(xn_idmap_get(&map, 1), XN_IDMAP_NONE);
	xn_idmap_exit(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sla_is_that_of_the_link_or_nothing, define),
		cmocka_unit_test_setup(kernel_numbers_find_their_pair, define),
		cmocka_unit_test_setup(accounts_stay_with_their_networks, define),
		cmocka_unit_test_setup(cpu_and_memory_are_rows_too, define),
		cmocka_unit_test_setup(new_sla_is_in_force_with_the_old_account, define),
		cmocka_unit_test_setup(port_that_changes_hands_is_bound_anew, define),
		cmocka_unit_test(delta_is_what_passed_since),
		cmocka_unit_test(idmap_finds_what_was_put),
	};

	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}
