// SPDX-License-Identifier: GPL-2.0-or-later
/* The account in its file: what a restarted daemon goes on with. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "daemon/account.h"
#include "daemon_fixture.h"

#define START (1000 * XN_NS)
#define IL    (15 * XN_NS)

static int define(void **state)
{
	(void)state;
	fixture_write("xnetman.yaml", "links:\n  - name: eth0\n    capacity: 1Gbit\n");
	fixture_write("networks.d/a.yaml", "name: a\n");
	fixture_write("networks.d/b.yaml", "name: b\n");
	return 0;
}

/* As the kernel has it: network n is id n + 1, link eth0 is device 7. */
static struct xn_state *kernel_state(uint64_t offered, uint64_t dropped)
{
	struct xn_state *s = fixture_state(NULL);

	for (size_t n = 0; n < s->n_nets; n++) {
		struct xn_pair *pair = xn_state_pair(s, 0, n);

		s->nets[n].id = n + 1;
		xn_pair_restart(pair, n + 1, 7, START + 3 * XN_NS);
		pair->last.offered = offered;
		pair->last.dropped = dropped;
	}
	s->links[0].ifindex = 7;
	xn_state_index(s);
	return s;
}

static void write_account(const struct xn_account_base *base, const struct xn_state *s)
{
	struct xn_worker *worker;
	sd_event *event;

	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(xn_worker_new(&worker, event), 0);
	assert_int_equal(xn_account_save(worker, fixture_path("account.json"), base, s), 0);
	xn_worker_free(worker);
	sd_event_unref(event);
}

/* 1000 bytes offered and 100 dropped up to START + 3 s, of which 400 and 50 in this Il. */
static void save(struct xn_account_base *base)
{
	struct xn_state *s = kernel_state(1000, 100);
	struct xn_pair *pair = xn_state_pair(s, 0, 0);

	pair->since = START;
	pair->acc =
		(struct xn_account){ .offered = 3200, .used = 2800, .ec_sum = 0.25, .ticks = 3 };
	pair->tally = (struct xn_tally){ .punished = 2, .within = 3200, .lost = { 0, 400 } };
	pair->judged = true;
	pair->verdict = (struct xn_verdict){ .el = 0.125, .conformity = 0.75 };
	*base = (struct xn_account_base){ .generation = 40, .start = START };
	strcpy(base->boot, "this-boot");
	write_account(base, s);
	xn_state_free(s);
}

static int restore(struct xn_account_base *base, struct xn_state *s, uint64_t now)
{
	return xn_account_restore(fixture_path("account.json"), base, now, IL, s);
}

static void what_passed_without_a_daemon_counts(void **state)
{
	struct xn_account_base base;
	struct xn_state *s = kernel_state(1600, 200);
	struct xn_pair *pair = xn_state_pair(s, 0, 0);

	(void)state;
	pair->last.time = START + 7 * XN_NS;
	save(&base);
	base.start = 0;
	assert_int_equal(restore(&base, s, START + 9 * XN_NS), 1);
	assert_int_equal(base.start, START);
	assert_true(pair->acc.offered == 3200 + 600 * 8);
	assert_true(pair->acc.used == 2800 + 500 * 8);
	/* the kernel read it at START + 7 s, 4 s after the file was written */
	assert_true(xn_state_share(s, 0, 0)->demand == 600 * 8 / 4.0);
	assert_true(pair->acc.ec_sum == 0.25);
	assert_int_equal(pair->acc.ticks, 3);
	assert_true(pair->tally.punished == 2 && pair->tally.within == 3200);
	assert_true(pair->tally.lost[XN_CAUSE_LINK_DOWN] == 400);
	assert_int_equal(pair->since, START);
	assert_true(pair->judged && pair->verdict.el == 0.125);
	assert_true(!xn_state_pair(s, 0, 1)->judged);
	xn_state_free(s);
}

/* Shares that were made anew count from zero; what was accounted before is carried. */
static void account_survives_new_shares(void **state)
{
	struct xn_account_base base;
	struct xn_state *s = kernel_state(1600, 200);

	(void)state;
	save(&base);
	base.generation = 5; /* module loaded anew: its generations began again */
	assert_int_equal(restore(&base, s, START + 9 * XN_NS), 1);
	assert_true(xn_state_pair(s, 0, 0)->acc.used == 2800 + 1400 * 8);
	xn_state_free(s);

	s = kernel_state(300, 0); /* counters went backwards */
	base.generation = 41;
	assert_int_equal(restore(&base, s, START + 9 * XN_NS), 1);
	assert_true(xn_state_pair(s, 0, 0)->acc.used == 2800 + 300 * 8);
	xn_state_free(s);
}

/* The daemon's own counters begin anew with it, at what the kernel's say was used so far. */
static void cpu_goes_on_where_it_was(void **state)
{
	static const struct {
		uint64_t now; /* ns used, by the kernel's counters, after the restart */
		double used, demand;
	} table[] = {
		{ 9000000000, 0.5 + 2, 0.5 }, /* 2 s more in 4 s */
		{ 7000000000, 0.5, 0 },
		{ 6000000000, 0.5, 0 },	      /* a port is gone */
		{ 9000000000000000, 0.5, 0 }, /* more than there is CPU: another model */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct xn_account_base base = { .generation = 40, .start = START };
		struct xn_state *s = kernel_state(0, 0);
		size_t cpu = xn_state_cpu(s);
		struct xn_pair *pair = xn_state_pair(s, cpu, 0);

		xn_pair_restart(pair, 0, 0, START + 3 * XN_NS);
		pair->total = 7000000000;
		pair->last.offered =
			5000000000; /* 4 s were used by what was measured, 1 s more wanted */
		pair->last.dropped = 1000000000;
		pair->acc = (struct xn_account){ .offered = 0.75, .used = 0.5 };
		strcpy(base.boot, "this-boot");
		write_account(&base, s);
		xn_state_free(s);

		s = kernel_state(0, 0);
		pair = xn_state_pair(s, cpu, 0);
		xn_pair_restart(pair, 0, 0, START + 7 * XN_NS);
		pair->total = table[i].now;
		assert_int_equal(restore(&base, s, START + 9 * XN_NS), 1);
		assert_true(pair->acc.used == table[i].used);
		assert_true(xn_state_share(s, cpu, 0)->demand == table[i].demand);
		/* and on from there */
		assert_true(pair->last.offered - pair->last.dropped >= 4000000000);
		xn_state_free(s);
	}
}

static void account_of_another_time_is_left_alone(void **state)
{
	static const struct {
		const char *boot;
		uint64_t now;
	} table[] = {
		{ "this-boot", START + IL }, /* the Il is over */
		{ "this-boot", START - 1 },  /* clock of another boot after all */
		{ "other-boot", START + XN_NS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct xn_state *s = kernel_state(1600, 200);
		struct xn_account_base base;

		save(&base);
		base.start = 42;
		strcpy(base.boot, table[i].boot);
		assert_int_equal(restore(&base, s, table[i].now), 0);
		assert_int_equal(base.start, 42);
		assert_true(xn_state_pair(s, 0, 0)->acc.used == 0);
		xn_state_free(s);
	}
}

static void nonsense_is_refused_whole(void **state)
{
	static const char *const table[] = {
		"",
		"[]",
		"{",
		"{\"format\":1}",
		"{\"format\":2,\"boot\":\"this-boot\",\"generation\":1,\"start\":1000000000000,"
		"\"shares\":[]}",
		"{\"format\":1,\"boot\":\"this-boot\",\"generation\":1,\"start\":1000000000000,"
		"\"shares\":[{\"network\":\"a\"}]}",
		"{\"format\":1,\"boot\":\"this-boot\",\"generation\":1,\"start\":-5,\"shares\":[]}",
	};
	struct xn_state *s = kernel_state(1600, 200);
	struct xn_account_base base = { .generation = 1, .start = 42 };

	(void)state;
	strcpy(base.boot, "this-boot");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		fixture_write("account.json", table[i]);
		assert_int_equal(restore(&base, s, START + XN_NS), -EINVAL);
	}
	assert_int_equal(base.start, 42);
	assert_true(xn_state_pair(s, 0, 0)->acc.used == 0);
	fixture_remove("account.json");
	assert_int_equal(restore(&base, s, START + XN_NS), 0);
	xn_state_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_passed_without_a_daemon_counts),
		cmocka_unit_test(account_survives_new_shares),
		cmocka_unit_test(cpu_goes_on_where_it_was),
		cmocka_unit_test(account_of_another_time_is_left_alone),
		cmocka_unit_test(nonsense_is_refused_whole),
	};

	define(NULL);
	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}
