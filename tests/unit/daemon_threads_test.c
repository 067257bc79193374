// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel threads of networks, in a /proc made of files. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon/daemon.h"
#include "daemon/threads.h"
#include "daemon_fixture.h"

#define KTHREAD 0x00200040

/* Devices: vif1.0 is 11, vif2.0 is 12; eth0 is 2, and no port. */
uint32_t xn_devices_index(const struct xn_devices *devices, const char *name)
{
	static const struct {
		const char *name;
		uint32_t ifindex;
	} table[] = { { "vif1.0", 11 }, { "vif2.0", 12 }, { "eth0", 2 } };

	(void)devices;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!strcmp(table[i].name, name))
			return table[i].ifindex;
	return 0;
}

/* The kernel's: what threads were given. */
static struct {
	int pid, nice;
} given[8];
static size_t n_given;
static int former; /* nice value that all have at first */

int setpriority(__priority_which_t which, id_t who, int nice)
{
	assert_int_equal(which, PRIO_PROCESS);
	assert_true(n_given < sizeof(given) / sizeof(given[0]));
	given[n_given].pid = who;
	given[n_given++].nice = nice;
	return 0;
}

int getpriority(__priority_which_t which, id_t who)
{
	(void)which;
	(void)who;
	return former;
}

static const struct {
	const char *name, *device; /* NULL: none of ours */
	enum xn_thread_kind kind;
} names[] = {
	{ "napi/vif1.0-8193", "vif1.0", XN_THREAD_NAPI },
	{ "napi/br-lan-12", "br-lan", XN_THREAD_NAPI },
	{ "vif1.0-q0-guest-rx", "vif1.0", XN_THREAD_COPY },
	{ "vif21.1-q13-dealloc", "vif21.1", XN_THREAD_COPY },
	{ "napi/vif1.0-", NULL, 0 },
	{ "napi/vif1.0", NULL, 0 },
	{ "napi/-1", NULL, 0 },
	{ "napi/a-device-too-long-1", NULL, 0 },
	{ "vif1.0-q0-guest-tx", NULL, 0 },
	{ "vif1.0-control", NULL, 0 },
	{ "-q0-dealloc", NULL, 0 },
	{ "vif1.0-q-dealloc", NULL, 0 },
	{ "kworker/0:1", NULL, 0 },
	{ "", NULL, 0 },
};

static void names_say_whose_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		enum xn_thread_kind kind;
		char device[IFNAMSIZ];
		bool ours = xn_thread_parse(names[i].name, device, &kind);

		if (ours != !!names[i].device)
			fail_msg("%s", names[i].name);
		if (ours)
			assert_string_equal(device, names[i].device);
		if (ours)
			assert_int_equal(kind, names[i].kind);
	}
}

/* --- a daemon, and its /proc --- */

static struct xn_daemon d;

static void ran(int pid, uint64_t ns)
{
	char file[32], text[64];

	snprintf(file, sizeof(file), "%d/schedstat", pid);
	snprintf(text, sizeof(text), "%llu 5 7\n", (unsigned long long)ns);
	fixture_write(file, text);
}

static void process(int pid, const char *name, unsigned int flags, uint64_t ns)
{
	char file[32], text[128];

	snprintf(file, sizeof(file), "%d", pid);
	assert_true(!mkdir(fixture_path(file), 0755) || errno == EEXIST);
	snprintf(file, sizeof(file), "%d/stat", pid);
	snprintf(text, sizeof(text), "%d (%s) S 2 0 0 0 -1 %u 0 0 0 0 0 0\n", pid, name, flags);
	fixture_write(file, text);
	ran(pid, ns);
}

static void newest(int pid)
{
	char text[64];

	snprintf(text, sizeof(text), "0.00 0.01 0.05 1/123 %d\n", pid);
	fixture_write("loadavg", text);
}

static int start(void **state)
{
	(void)state;
	fixture_write("networks.d/a.yaml", "name: a\nports: [vif1.0]\n");
	fixture_write("networks.d/b.yaml", "name: b\nports: [vif2.0]\n");
	memset(&d, 0, sizeof(d));
	n_given = 0;
	former = 0;
	d.state = fixture_state(NULL);
	d.state->ports[0].ifindex = 11;
	d.state->ports[1].ifindex = 12;
	xn_state_index(d.state);
	process(20, "napi/vif1.0-8193", KTHREAD, 1000000000);
	process(21, "napi/eth0-8194", KTHREAD, 1000000000);
	process(22, "napi/vif2.0-9", 0x400040, 1000000000); /* a program that calls itself so */
	newest(30);
	d.threads = xn_threads_open(fixture_dir());
	assert_non_null(d.threads);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	xn_threads_close(d.threads);
	xn_state_free(d.state);
	return 0;
}

static void read_threads(void)
{
	for (size_t n = 0; n < 2; n++)
		d.state->nets[n].usage = (struct xn_usage){ 0 };
	xn_threads_read(d.threads, &d);
}

static const struct xn_usage *usage(size_t n)
{
	return &d.state->nets[n].usage;
}

static void run_times_go_to_their_networks(void **state)
{
	(void)state;
	read_threads(); /* finds them: what they ran before is not ours */
	assert_true(usage(0)->napi == 0 && !d.state->ports[0].threaded);
	ran(20, 1250000000);
	ran(21, 9000000000);
	ran(22, 9000000000);
	read_threads();
	assert_float_equal(usage(0)->napi, 0.25, 1e-9);
	assert_true(d.state->ports[0].threaded && !d.state->ports[1].threaded);
	assert_true(usage(1)->napi == 0 && usage(1)->copy == 0);
}

static void new_threads_are_found_by_their_numbers(void **state)
{
	(void)state;
	read_threads();
	process(33, "vif2.0-q0-guest-rx", KTHREAD, 0);
	process(34, "vif2.0-q0-dealloc", KTHREAD, 0);
	process(36, "napi/vif2.0-8200", KTHREAD, 0);
	newest(35); /* 36 is not looked at: nobody was given that number */
	read_threads();
	ran(33, 100000000);
	ran(34, 50000000);
	ran(36, 900000000);
	read_threads();
	assert_float_equal(usage(1)->copy, 0.15, 1e-9);
	assert_true(usage(1)->napi == 0);
	newest(36);
	read_threads();
	ran(36, 1000000000);
	read_threads();
	assert_float_equal(usage(1)->napi, 0.1, 1e-9);
	assert_true(usage(1)->copy == 0 && d.state->ports[1].threaded);
}

/* A thread may be there before its port is bound, and its name come after its number. */
static void threads_are_found_when_a_port_is_bound(void **state)
{
	(void)state;
	d.state->ports[0].ifindex = 0;
	xn_state_index(d.state);
	process(40, "kthreadd", KTHREAD, 0);
	newest(40);
	read_threads();
	read_threads();
	d.state->ports[0].ifindex = 11;
	xn_state_index(d.state);
	xn_threads_look(d.threads);
	read_threads();
	ran(20, 3000000000);
	process(41, "kthreadd", KTHREAD, 0);
	newest(41);
	read_threads();
	assert_true(d.state->ports[0].threaded);
	process(41, "vif1.0-q0-dealloc", KTHREAD, 0);
	read_threads();
	ran(41, 500000000);
	read_threads();
	assert_float_equal(usage(0)->copy, 0.5, 1e-9);
}

static void what_ends_is_let_go(void **state)
{
	(void)state;
	read_threads();
	d.state->ports[0].ifindex = 0;
	xn_state_index(d.state);
	ran(20, 2000000000);
	read_threads();
	assert_true(usage(0)->napi == 0 && !d.state->ports[0].threaded);
	d.state->ports[0].ifindex = 11; /* and not found again until its port is bound anew */
	xn_state_index(d.state);
	read_threads();
	assert_true(!d.state->ports[0].threaded);
}

/* More than can be looked at one by one: all are, but not at every tick. */
static void a_storm_of_processes_is_bounded(void **state)
{
	(void)state;
	read_threads();
	process(90000, "napi/vif2.0-8200", KTHREAD, 0);
	for (int i = 1; i <= 20; i++) {
		newest(i % 2 ? 90000 : 100);
		read_threads();
	}
	ran(90000, 1000000000);
	read_threads();
	assert_float_equal(usage(1)->napi, 1, 1e-9);
}

static void set_priority(size_t net, unsigned int priority)
{
	((struct xn_definition *)d.state->nets[net].def)->priority = priority;
}

static void threads_are_as_nice_as_their_network_has_priority(void **state)
{
	(void)state;
	read_threads();
	read_threads();
	assert_int_equal(n_given, 0); /* without priority nothing is touched */
	set_priority(0, 7);
	read_threads();
	read_threads();
	assert_int_equal(n_given, 1); /* said once, and of its own thread only */
	assert_true(given[0].pid == 20 && given[0].nice == -14);
	set_priority(0, 0);
	read_threads();
	assert_int_equal(n_given, 2);
	assert_int_equal(given[1].nice, 0);
}

static void what_a_former_xnetmand_gave_is_taken_back(void **state)
{
	(void)state;
	former = -6;
	read_threads();
	read_threads();
	assert_true(n_given == 1 && given[0].nice == 0);
}

static void what_a_person_gave_stays(void **state)
{
	(void)state;
	former = -5;
	read_threads();
	read_threads();
	assert_int_equal(n_given, 0);
}

#define ON_PROC(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_say_whose_they_are),
		/* with the threads of start() only */
		ON_PROC(threads_are_as_nice_as_their_network_has_priority),
		ON_PROC(what_a_former_xnetmand_gave_is_taken_back),
		ON_PROC(what_a_person_gave_stays),
		ON_PROC(run_times_go_to_their_networks),
		ON_PROC(new_threads_are_found_by_their_numbers),
		ON_PROC(threads_are_found_when_a_port_is_bound),
		ON_PROC(what_ends_is_let_go),
		ON_PROC(a_storm_of_processes_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}
