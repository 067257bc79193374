// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A network's routes under the memory resource: module and table get what it may hold, the controller what it
 * wants and holds. Of the module and the table only what was asked of them is here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/holding.h"
#include "daemon/memory.h"

#define TABLE 1001

static struct {
	uint32_t id, table, limit;
	unsigned int times;
	int error;
} module;

static struct {
	struct xn_table_stats stats;
	size_t limit;
	unsigned int ranked, checked;
} table;

static size_t allowed, wanted, held;

int xn_kernel_set_table(struct xn_kernel *kernel, uint32_t id, uint32_t number, uint32_t limit,
			struct xn_err *err)
{
	(void)kernel;
	(void)err;
	if (module.error)
		return module.error;
	module.id = id;
	module.table = number;
	module.limit = limit;
	module.times++;
	return 0;
}

int xn_kernel_samples(struct xn_kernel *kernel, uint32_t id, uint64_t *position,
		      void (*sample)(const struct xn_address *destination, void *arg), void *arg,
		      struct xn_err *err)
{
	(void)kernel;
	(void)id;
	(void)position;
	(void)sample;
	(void)arg;
	(void)err;
	return -ENODATA;
}

size_t xn_memory_limit(const struct xn_state *state, size_t net)
{
	(void)state;
	(void)net;
	return allowed;
}

void xn_memory_report(struct xn_state *state, size_t net, size_t wants, size_t holds)
{
	(void)state;
	(void)net;
	wanted = wants;
	held = holds;
}

void xn_table_limit(struct xn_table *to, size_t limit)
{
	(void)to;
	table.limit = limit;
}

void xn_table_rank(struct xn_table *to)
{
	(void)to;
	table.ranked++;
}

void xn_table_check(struct xn_table *to)
{
	(void)to;
	table.checked++;
}

void xn_table_use(struct xn_table *to, const struct xn_address *destination)
{
	(void)to;
	(void)destination;
}

struct xn_table_stats xn_table_stats(const struct xn_table *of)
{
	(void)of;
	return table.stats;
}

static struct xn_net net;
static struct xn_state state = { .nets = &net, .n_nets = 1 };
static struct xn_holding holding;

static int tick(size_t rules)
{
	struct xn_err err;

	return xn_holding_tick(&holding, NULL, &state, 0, NULL, TABLE, rules, &err);
}

static int start(void **unused)
{
	(void)unused;
	memset(&module, 0, sizeof(module));
	memset(&table, 0, sizeof(table));
	memset(&holding, 0, sizeof(holding));
	net = (struct xn_net){ .id = 7, .table = TABLE };
	table.stats = (struct xn_table_stats){ .wanted = 100, .held = 40 };
	net.routes = 40;
	allowed = 50;
	return 0;
}

static void limit_goes_to_both(void **unused)
{
	(void)unused;
	assert_int_equal(tick(0), 0);
	assert_int_equal(module.id, 7);
	assert_int_equal(module.table, TABLE);
	assert_int_equal(module.limit, 50);
	assert_int_equal(table.limit, 50);
	assert_int_equal(table.ranked, 1);
	assert_int_equal(wanted, 100);
	assert_int_equal(held, 40);
	tick(0);
	assert_int_equal(module.times, 1); /* nothing new to tell */
	net.table = 0;			   /* the module was loaded anew */
	tick(0);
	assert_int_equal(module.times, 2);
	allowed = 20;
	net.table = TABLE;
	tick(0);
	assert_int_equal(module.limit, 20);
	allowed = SIZE_MAX;
	for (int i = 0; i < XN_TRIM_INTERVALS; i++)
		tick(0);
	assert_int_equal(module.limit, XNETMAN_ROUTES_UNLIMITED);
	assert_true(table.limit == SIZE_MAX);
}

static void rules_and_foreign_routes_take_room(void **unused)
{
	(void)unused;
	tick(8);
	assert_int_equal(module.limit, 42);
	assert_int_equal(table.limit, 42);
	assert_int_equal(wanted, 108);
	assert_int_equal(held, 48);
	net.routes = 43; /* three by hand */
	tick(8);
	assert_int_equal(module.limit, 42);
	assert_int_equal(table.limit, 39);
	tick(80);
	assert_int_equal(module.limit, 0);
	assert_int_equal(table.limit, 0);
	table.stats.left = 1; /* on its way: nothing can be told from the count */
	net.routes = 90;
	tick(8);
	assert_int_equal(holding.foreign, 3);
}

static void lost_routes_are_looked_for_once(void **unused)
{
	(void)unused;
	tick(0);
	assert_int_equal(table.checked, 0);
	net.routes = 30;
	tick(0);
	tick(0);
	assert_int_equal(table.checked, 1);
	net.routes = 40;
	tick(0);
	net.routes = 39;
	tick(0);
	assert_int_equal(table.checked, 2);
}

static void refused_by_the_module_it_is_told_again(void **unused)
{
	(void)unused;
	module.error = -EAGAIN;
	assert_int_equal(tick(0), -EAGAIN);
	assert_int_equal(table.limit, 50); /* what it may hold holds all the same */
	module.error = 0;
	assert_int_equal(tick(0), 0);
	assert_int_equal(module.times, 1);
}

static void without_table_nothing_is_held(void **unused)
{
	struct xn_err err;

	(void)unused;
	tick(0);
	assert_int_equal(xn_holding_end(&holding, NULL, &state, 0, &err), 0);
	assert_int_equal(module.table, 0);
	assert_int_equal(wanted, 0);
	assert_int_equal(held, 0);
	assert_int_equal(xn_holding_end(&holding, NULL, &state, 0, &err), 0);
	assert_int_equal(module.times, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(limit_goes_to_both, start),
		cmocka_unit_test_setup(rules_and_foreign_routes_take_room, start),
		cmocka_unit_test_setup(lost_routes_are_looked_for_once, start),
		cmocka_unit_test_setup(refused_by_the_module_it_is_told_again, start),
		cmocka_unit_test_setup(without_table_nothing_is_held, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
