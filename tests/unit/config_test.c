// SPDX-License-Identifier: GPL-2.0-or-later
/* Definitions: what is right is read as written, what is wrong is told by file, line and key. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/xnetman.h>

#include "common/book.h"
#include "common/config.h"

/* --- a configuration directory of its own for each test ------------------------------------- */

static char dir[64];

static const char *path_of(const char *file)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return path;
}

static void put_bytes(const char *file, const char *bytes, size_t size)
{
	FILE *out = fopen(path_of(file), "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
}

static void put(const char *file, const char *text)
{
	put_bytes(file, text, strlen(text));
}

static char *slurp(const char *file)
{
	static char text[64 * 1024];
	FILE *in = fopen(path_of(file), "r");
	size_t n;

	if (!in)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, in);
	text[n] = '\0';
	fclose(in);
	return text;
}

#define MACHINE \
	"links:\n  - name: eth0\n    capacity: 1Gbit\n  - name: eth1\n    capacity: 100Mbit\n"

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/xnetman-config-XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mkdir(path_of("networks.d"), 0755), 0);
	put("xnetman.yaml", MACHINE);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- what is wrong --------------------------------------------------------------------------- */

#define NET1 "networks.d/net1.yaml"
#define NET2 "networks.d/net2.yaml"

/* A network whose one entry, from line 3, is @entry. */
#define PERIOD(keys) "name: net1\nschedule:\n  - " keys "\n"
#define ENTRY(entry) "name: net1\nbandwidth:\n  - link: eth0\n    " entry "\n"

struct bad {
	const char *promise;
	const char *file;  /* and */
	const char *text;  /* what is in it */
	const char *also;  /* NULL, or a second file as "FILE\nTEXT" */
	const char *where; /* how the error begins, after the directory */
	const char *what;  /* a phrase in it */
};

static const struct bad bads[] = {
	/* quantities */
	{ "a rate without unit", NET1, ENTRY("rc: 100"), NULL,
	  NET1 ":4: bandwidth[0].rc: ", "\"100\" has no unit: write 100Mbit" },
	{ "the line of the second entry", NET1, ENTRY("rc: 1Mbit\n  - link: eth1\n    rl: 7"), NULL,
	  NET1 ":6: bandwidth[1].rl: ", "has no unit" },
	{ "Mbps", NET1, ENTRY("rl: 10Mbps"), NULL,
	  NET1 ":4: bandwidth[0].rl: ", "may mean bytes or bits" },
	{ "a negative rate", NET1, ENTRY("rc: -5Mbit"), NULL,
	  NET1 ":4: bandwidth[0].rc: ", "negative" },
	{ "an unknown unit", NET1, ENTRY("re: 5furlongs"), NULL,
	  NET1 ":4: bandwidth[0].re: ", "unknown unit" },
	{ "a rate that is no number", NET1, ENTRY("rmax: fast"), NULL,
	  NET1 ":4: bandwidth[0].rmax: ", "is no rate" },
	{ "infinity", NET1, ENTRY("rmax: .inf"), NULL,
	  NET1 ":4: bandwidth[0].rmax: ", "is no rate" },
	{ "a list for a rate", NET1, ENTRY("rc: [1Mbit]"), NULL,
	  NET1 ":4: bandwidth[0].rc: ", "write one value" },
	{ "a key without value", NET1, ENTRY("rc:"), NULL,
	  NET1 ":4: bandwidth[0].rc: ", "has no value" },
	{ "null", NET1, ENTRY("rc: ~"), NULL, NET1 ":4: bandwidth[0].rc: ", "has no value" },
	{ "a quantity of a hundred bytes", NET1,
	  ENTRY("rc: "
		"1000000000000000000000000000000000000000000000000000000000000000000000000000Mbit"),
	  NULL, NET1 ":4: bandwidth[0].rc: ", "is too long" },

	{ "routes without unit", NET1, "name: net1\nmemory:\n  rl: 4000\n", NULL,
	  NET1 ":3: memory.rl: ", "has no unit: write 4000routes" },
	{ "cores in bits", NET1, "name: net1\ncpu:\n  rc: 10Mbit\n", NULL,
	  NET1 ":3: cpu.rc: ", "write cores, such as 0.5" },
	{ "a link for CPU", NET1, "name: net1\ncpu:\n  link: eth0\n", NULL,
	  NET1 ":3: cpu.link: ", "unknown key" },
	{ "CPU as a list", NET1, "name: net1\ncpu:\n  - rc: 0.1\n", NULL,
	  NET1 ":3: cpu: ", "is not a list of keys" },
	{ "a capacity of no CPU", "xnetman.yaml", "cpu: 0\n" MACHINE, NULL,
	  "xnetman.yaml:1: cpu: ", "0 is no capacity: write what networks may use of Dom0's CPU" },
	{ "a capacity in cores for memory", "xnetman.yaml", "memory: 0.5\n" MACHINE, NULL,
	  "xnetman.yaml:1: memory: ", "has no unit" },
	{ "a link that is called as a resource", "xnetman.yaml",
	  "links:\n  - name: cpu\n    capacity: 1Gbit\n", NULL,
	  "xnetman.yaml:2: links[0].name: ", "rename the device" },

	/* the SLA */
	{ "an rl of CPU below its guarantee", NET1,
	  "name: net1\ncpu:\n  rc: 20%\n  re: 20%\n  rl: 0.3\n", NULL,
	  NET1 ":5: cpu.rl: ", "is below rc + re" },
	{ "more CPU than there is", "xnetman.yaml", "cpu: 50%\n" MACHINE,
	  NET1 "\nname: net1\ncpu:\n  rc: 0.6\n",
	  NET1 ":3: cpu.rc: ", "0.6cores, more than the capacity of cpu, 0.5cores" },
	{ "more routes than are left", "xnetman.yaml", "memory: 2MiB\n" MACHINE,
	  NET1 "\nname: net1\nmemory: {rc: 4000routes, re: 97routes}\n",
	  NET1 ":2: memory.rc: ", "4097routes, more than the capacity of memory, 4096routes" },
	{ "rl below rc + re", NET1, ENTRY("rc: 100Mbit\n    re: 50Mbit\n    rl: 120Mbit"), NULL,
	  NET1 ":6: bandwidth[0].rl: ", "\"120Mbit\" is below rc + re" },
	{ "rmax below rl", NET1, ENTRY("rl: 100Mbit\n    rmax: 99Mbit"), NULL,
	  NET1 ":5: bandwidth[0].rmax: ", "is below rl" },
	{ "rc above the capacity", NET1, ENTRY("rc: 1.2Gbit"), NULL,
	  NET1 ":4: bandwidth[0].rc: ", "1.2Gbit, more than the capacity of eth0, 1Gbit" },
	{ "re above the capacity", NET1, ENTRY("re: 2Gbit"), NULL,
	  NET1 ":4: bandwidth[0].re: ", "2Gbit, more than the capacity" },
	{ "rc + re above the capacity", NET1, ENTRY("rc: 600Mbit\n    re: 500Mbit"), NULL,
	  NET1 ":4: bandwidth[0].rc: ", "rc + re is 1.1Gbit" },
	{ "rl above the capacity", NET1, ENTRY("rl: 1.5Gbit"), NULL,
	  NET1 ":4: bandwidth[0].rl: ", "rl is 1.5Gbit, more than" },
	{ "any, above the capacity of one link", NET1,
	  "name: net1\nbandwidth:\n- link: any\n  rc: 200Mbit\n", NULL,
	  NET1 ":4: bandwidth[0].rc: ", "capacity of eth1, 100Mbit" },
	{ "the network by which a link is oversold", NET2,
	  "name: net2\nbandwidth:\n  - {link: eth0, rc: 500Mbit}\n",
	  NET1 "\n" ENTRY("rc: 400Mbit\n    re: 200Mbit"), NET2 ":3: bandwidth[0].rc: ",
	  "600Mbit of its 1Gbit are guaranteed to others: write at most 400Mbit" },
	{ "restricted that is neither true nor false", NET1, ENTRY("restricted: maybe"), NULL,
	  NET1 ":4: bandwidth[0].restricted: ", "neither true nor false" },
	{ "restricted: off", NET1, ENTRY("restricted: off"), NULL,
	  NET1 ":4: bandwidth[0].restricted: ", "neither true nor false" },

	/* keys */
	{ "an unknown key, with a guess", NET1, ENTRY("rll: 5Mbit"), NULL,
	  NET1 ":4: bandwidth[0].rll: ", "unknown key: did you mean rl? Known: link, rc, re, rl" },
	{ "an unknown key unlike any", NET1, "name: net1\nquota: 7\n", NULL,
	  NET1 ":2: quota: ", "unknown key: use one of name, data_path, domain" },
	{ "a key twice", NET1, ENTRY("rc: 1Mbit\n    rc: 2Mbit"), NULL,
	  NET1 ":5: bandwidth[0].rc: ", "is there twice, first in line 4" },
	{ "a key that is a list", NET1, "name: net1\n[a, b]: 3\n", NULL,
	  NET1 ":2: ", "write KEY: VALUE" },
	{ "an entry without link", NET1, "name: net1\nbandwidth:\n  - rc: 5Mbit\n", NULL,
	  NET1 ":3: bandwidth[0].link: ", "is missing: add link" },
	{ "bandwidth that is no list", NET1, "name: net1\nbandwidth:\n  link: eth0\n", NULL,
	  NET1 ":3: bandwidth: ", "is not a list" },
	{ "an entry that is no mapping", NET1, "name: net1\nbandwidth: [eth0]\n", NULL,
	  NET1 ":2: bandwidth[0]: ", "write KEY: VALUE" },
	{ "a text that is no mapping", NET1, "net1\n", NULL, NET1 ":1: ", "write KEY: VALUE" },

	/* names */
	{ "a name with a space", NET1, "name: \"net 1\"\n", NULL,
	  NET1 ":1: name: ", "\"net 1\" is not a name: use letters" },
	{ "a name that leads elsewhere", NET1, "name: ../etc\n", NULL,
	  NET1 ":1: name: ", "is not a name" },
	{ "a name of 64 bytes", NET1,
	  "name: a234567890123456789012345678901234567890123456789012345678901234\n", NULL,
	  NET1 ":1: name: ", "use 1 to 63 characters" },
	{ "a name beginning with a dash", NET1, "name: -net\n", NULL,
	  NET1 ":1: name: ", "begin with a letter or a digit" },
	{ "a name that is not the file's", NET1, "# two\n\nname: other\n", NULL,
	  NET1 ":3: name: ", "write name: net1, or rename the file to other.yaml" },
	{ "a network defined twice", NET2, "name: net1\n", NET1 "\nname: net1\n",
	  NET2 ":1: name: ", "\"net1\" is there twice" },
	{ "a missing name", NET1, "data_path: vm\n", NULL,
	  NET1 ":1: name: ", "is missing: add name: net1" },
	{ "a file whose name is no network's", "networks.d/a b.yaml", "name: x\n", NULL,
	  "networks.d/a b.yaml:1: name: ", "is not the name of its file" },
	{ "an empty file", NET1, "", NULL, NET1 ":1: name: ", "is missing: add name: net1" },
	{ "only comments", NET1, "# soon\n", NULL, NET1 ":1: name: ", "is missing" },

	/* the network's other values */
	{ "what data_path was called", NET1, "name: net1\npath: split\n", NULL,
	  NET1 ":2: path: ", "unknown key: did you mean data_path?" },
	{ "an unknown path", NET1, "name: net1\ndata_path: spilt\n", NULL,
	  NET1 ":2: data_path: ", "did you mean split? Known: vm, split" },
	{ "priority out of range", NET1, "name: net1\npriority: 8\n", NULL,
	  NET1 ":2: priority: ", "write 0 (lowest) to 7" },
	{ "negative priority", NET1, "name: net1\npriority: -1\n", NULL,
	  NET1 ":2: priority: ", "is not a number" },
	{ "priority in hexadecimal", NET1, "name: net1\npriority: 0x3\n", NULL,
	  NET1 ":2: priority: ", "is not a number" },

	/* QoS */
	{ "a link's priority out of range", NET1, ENTRY("priority: 8"), NULL,
	  NET1 ":4: bandwidth[0].priority: ", "\"8\" is out of range: write 0 (lowest) to 7" },
	{ "a link's priority in words", NET1, ENTRY("priority: high"), NULL,
	  NET1 ":4: bandwidth[0].priority: ", "is not a number" },
	{ "a shaper without rate", NET1, ENTRY("shaper: {burst: 64kB}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.rate: ", "is missing: add rate" },
	{ "a shaper that is a rate", NET1, ENTRY("shaper: 40Mbit"), NULL,
	  NET1 ":4: bandwidth[0].shaper: ", "write KEY: VALUE" },
	{ "a shaper's rate of 0", NET1, ENTRY("shaper: {rate: 0}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.rate: ", "0 is no rate" },
	{ "a shaper's rate without unit", NET1, ENTRY("shaper: {rate: 40}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.rate: ", "has no unit" },
	{ "a shaper's rate of next to nothing", NET1, ENTRY("shaper: {rate: 1bit}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.rate: ", "write 8kbit to 1Tbit" },
	{ "a shaper's rate that overflows", NET1, ENTRY("shaper: {rate: 1e30Gbit}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.rate: ", "write 8kbit to 1Tbit" },
	{ "a shaper below the guarantee", NET1,
	  ENTRY("rc: 50Mbit\n    shaper:\n      rate: 40Mbit"), NULL,
	  NET1 ":6: bandwidth[0].shaper.rate: ", "is below rc + re, 50Mbit" },
	{ "a shaper's burst in bits", NET1, ENTRY("shaper: {rate: 1Mbit, burst: 64kbit}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.burst: ", "unknown unit: write B, kB" },
	{ "a shaper's burst without unit", NET1, ENTRY("shaper: {rate: 1Mbit, burst: 64}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.burst: ", "has no unit" },
	{ "a shaper's negative burst", NET1, ENTRY("shaper: {rate: 1Mbit, burst: -64kB}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.burst: ", "is negative" },
	{ "a shaper's burst of nothing", NET1, ENTRY("shaper: {rate: 1Mbit, burst: 0}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.burst: ", "0 is no burst" },
	{ "a shaper's burst of hours", NET1, ENTRY("shaper: {rate: 8kbit, burst: 1GiB}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.burst: ", "more than a minute" },
	{ "a shaper's delay without unit", NET1, ENTRY("shaper: {rate: 1Mbit, delay: 20}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.delay: ", "has no unit" },
	{ "a shaper's delay of hours", NET1, ENTRY("shaper: {rate: 1Mbit, delay: 3600s}"), NULL,
	  NET1 ":4: bandwidth[0].shaper.delay: ", "write 1ms to 10s" },
	{ "a limiter with a delay", NET1, ENTRY("limiter: {rate: 1Mbit, delay: 20ms}"), NULL,
	  NET1 ":4: bandwidth[0].limiter.delay: ", "unknown key" },
	{ "a limiter below the guarantee", NET1, ENTRY("re: 2Mbit\n    limiter: {rate: 1Mbit}"),
	  NULL, NET1 ":5: bandwidth[0].limiter.rate: ", "is below rc + re, 2Mbit" },
	{ "two shapers", NET1, ENTRY("shaper: {rate: 1Mbit}\n    shaper: {rate: 2Mbit}"), NULL,
	  NET1 ":5: bandwidth[0].shaper: ", "is there twice" },
	{ "a priority at arrival", NET1, "name: net1\narrival: {priority: 3}\n", NULL,
	  NET1 ":2: arrival.priority: ", "unknown key" },
	{ "a shaper at arrival without unit", NET1, "name: net1\narrival:\n  shaper: {rate: 4}\n",
	  NULL, NET1 ":3: arrival.shaper.rate: ", "has no unit" },
	{ "a shaper of CPU", NET1, "name: net1\ncpu: {rc: 10%, shaper: {rate: 1Mbit}}\n", NULL,
	  NET1 ":2: cpu.shaper: ", "unknown key" },
	{ "a link's qos of no kind", "xnetman.yaml",
	  "links:\n  - name: eth0\n    capacity: 1Gbit\n    qos: maybe\n", NULL,
	  "xnetman.yaml:4: links[0].qos: ", "auto, on, off" },
	{ "a link's qos that is a number", "xnetman.yaml",
	  "links:\n  - name: eth0\n    capacity: 1Gbit\n    qos: 1\n", NULL,
	  "xnetman.yaml:4: links[0].qos: ", "auto, on, off" },
	{ "a link's guard of no kind", "xnetman.yaml",
	  "links:\n  - name: eth0\n    capacity: 1Gbit\n    guard: auto\n", NULL,
	  "xnetman.yaml:4: links[0].guard: ", "on, off" },
	{ "a domain with a slash", NET1, "name: net1\ndomain: a/b\n", NULL,
	  NET1 ":2: domain: ", "no name of a domain" },
	{ "a NUL in a value", NET1, "name: net1\ndomain: \"a\\0b\"\n", NULL,
	  NET1 ":2: domain: ", "holds a NUL" },

	/* ports and links */
	{ "a port name of 16 bytes", NET1, "name: net1\nports: [vif1.0, a234567890123456]\n", NULL,
	  NET1 ":2: ports[1]: ", "1 to 15 characters" },
	{ "a port name with a slash", NET1, "name: net1\nports:\n  - vif1.0\n  - a/b\n", NULL,
	  NET1 ":4: ports[1]: ", "no /" },
	{ "a port name with a space", NET1, "name: net1\nports: [\"a b\"]\n", NULL,
	  NET1 ":2: ports[0]: ", "no spaces" },
	{ "a port called ..", NET1, "name: net1\nports: [..]\n", NULL,
	  NET1 ":2: ports[0]: ", "is not the name of a device" },
	{ "ports that are no list", NET1, "name: net1\nports: vif1.0\n", NULL,
	  NET1 ":2: ports: ", "is not a list: write [A, B]" },
	{ "a port of two networks", NET2, "name: net2\nports: [vif2.0, vif1.0]\n",
	  NET1 "\nname: net1\nports: [vif1.0]\n",
	  NET2 ":2: ports[1]: ", "vif1.0 is a port of network net1 already" },
	{ "a port twice in a network", NET1, "name: net1\nports:\n- a\n- a\n", NULL,
	  NET1 ":4: ports[1]: ", "a is a port of network net1 already" },
	{ "a domain of two networks", NET2, "name: net2\ndata_path: vm\ndomain: vr1\n",
	  NET1 "\nname: net1\ndomain: vr1\n",
	  NET2 ":3: domain: ", "vr1 is the domain of network net1 already" },
	{ "a UUID of two networks, written differently", NET2,
	  "name: net2\ndomain: 6B0E7DF2-0000-4000-8000-00000000ABCD\n",
	  NET1 "\nname: net1\ndomain: 6b0e7df2-0000-4000-8000-00000000abcd\n",
	  NET2 ":2: domain: ", "is the domain of network net1 already" },
	{ "a link that xnetman.yaml lacks", NET1, "name: net1\nbandwidth:\n  - link: eth9\n", NULL,
	  NET1 ":3: bandwidth[0].link: ", "add it there, or write one of eth0, eth1, any" },
	{ "two entries for a link", NET1, ENTRY("rc: 0\n  - link: eth0"), NULL,
	  NET1 ":5: bandwidth[1].link: ", "\"eth0\" has an entry already, bandwidth[0]" },

	/* the machine */
	{ "a long interval that is no multiple", "xnetman.yaml",
	  "short_interval: 2s\nlong_interval: 15s\n", NULL, "xnetman.yaml:2: long_interval: ",
	  "15s, is no multiple of the short one, 2s: write long_interval: 16s" },
	{ "the default long interval that is no multiple", "xnetman.yaml", "short_interval: 4s\n",
	  NULL, "xnetman.yaml:1: short_interval: ", "15s by default" },
	{ "a short interval that is too short", "xnetman.yaml", "short_interval: 49ms\n", NULL,
	  "xnetman.yaml:1: short_interval: ", "write 50ms to 60s" },
	{ "a short interval that is too long", "xnetman.yaml", "short_interval: 61s\n", NULL,
	  "xnetman.yaml:1: short_interval: ", "out of range" },
	{ "an interval without unit", "xnetman.yaml", "# x\nshort_interval: 1\n", NULL,
	  "xnetman.yaml:2: short_interval: ", "\"1\" has no unit" },
	{ "a lease that is too short", "xnetman.yaml", "lease: 1999ms\n", NULL,
	  "xnetman.yaml:1: lease: ", "write 2s to 600s" },
	{ "a lease that is too long", "xnetman.yaml", "lease: 601s\n", NULL,
	  "xnetman.yaml:1: lease: ", "out of range" },
	{ "an age without unit", "xnetman.yaml", "history: {intervals: 7}\n", NULL,
	  "xnetman.yaml:1: history.intervals: ", "write whole hours, days, weeks or years" },
	{ "an age of no time", "xnetman.yaml", "history: {breaches: 0d}\n", NULL,
	  "xnetman.yaml:1: history.breaches: ", "write 1h to 100y" },
	{ "an age that is negative", "xnetman.yaml", "history: {days: -5d}\n", NULL,
	  "xnetman.yaml:1: history.days: ", "is no age" },
	{ "an age beyond all", "xnetman.yaml", "history: {months: 99999999999999999999y}\n", NULL,
	  "xnetman.yaml:1: history.months: ", "out of range" },
	{ "a history of no size", "xnetman.yaml", "history: {size: 4kB}\n", NULL,
	  "xnetman.yaml:1: history.size: ", "write 8MiB to 1024GiB" },
	{ "a history of a size without unit", "xnetman.yaml", "history: {size: 5}\n", NULL,
	  "xnetman.yaml:1: history.size: ", "has no unit" },
	{ "an unknown key of the history", "xnetman.yaml", "history: {years: 1y}\n", NULL,
	  "xnetman.yaml:1: history.years: ", "unknown key" },
	{ "reports of an unknown period", "xnetman.yaml", "reports: {every: minute}\n", NULL,
	  "xnetman.yaml:1: reports.every: ", "day, hour, week, month, never" },
	{ "reports in a folder of no place", "xnetman.yaml", "reports: {folder: reports}\n", NULL,
	  "xnetman.yaml:1: reports.folder: ", "begin it with /" },
	{ "reports of too many periods", "xnetman.yaml", "reports: {keep: 100001}\n", NULL,
	  "xnetman.yaml:1: reports.keep: ", "write 0 to 100000" },
	{ "an unknown policy", "xnetman.yaml", "policy: xnetmam\n", NULL,
	  "xnetman.yaml:1: policy: ", "did you mean xnetman? Known: xnetman, xnetmon, off" },
	{ "an unknown sampler", "xnetman.yaml", "sampler: dice\n", NULL,
	  "xnetman.yaml:1: sampler: ", "use one of systematic, bernoulli" },
	{ "a mark mask with a hole", "xnetman.yaml", "mark_mask: 0xf0f0\n", NULL,
	  "xnetman.yaml:1: mark_mask: ", "is not contiguous" },
	{ "a mark mask of 33 bits", "xnetman.yaml", "mark_mask: 0x100000000\n", NULL,
	  "xnetman.yaml:1: mark_mask: ", "more than 32 bits" },
	{ "overbooking that is no factor", "xnetman.yaml",
	  "links:\n  - {name: eth0, capacity: 1Gbit, overbooking: 150%}\n", NULL,
	  "xnetman.yaml:2: links[0].overbooking: ", "write a number such as 1.5" },
	{ "overbooking of nothing", "xnetman.yaml",
	  "links:\n  - {name: eth0, capacity: 1Gbit, overbooking: 0}\n", NULL,
	  "xnetman.yaml:2: links[0].overbooking: ", "from 0.01 to 100" },
	{ "a disk without unit", "xnetman.yaml", "disk: 100\n" MACHINE, NULL,
	  "xnetman.yaml:1: disk: ", "no unit" },
	{ "no disk", "xnetman.yaml", "disk: 0\n" MACHINE, NULL,
	  "xnetman.yaml:1: disk: ", "0 is no disk" },
	{ "interfaces that are no number", "xnetman.yaml", "interfaces: many\n" MACHINE, NULL,
	  "xnetman.yaml:1: interfaces: ", "not a number" },
	{ "a router without interfaces", NET1, "name: net1\ninterfaces: 0\n", NULL,
	  NET1 ":2: interfaces: ", "write 1 to 4096" },
	{ "more disk than there is", NET1, "name: net1\ndisk: 2GiB\n",
	  "xnetman.yaml\ndisk: 1GiB\n" MACHINE, NET1 ":1: disk: ", "write at most 1073741824" },
	{ "more interfaces than there are", NET1, "name: net1\nports: [a, b, c]\n",
	  "xnetman.yaml\ninterfaces: 2\n" MACHINE, NET1 ":1: interfaces: ", "write at most 2" },
	{ "a time zone that is none", NET1, "name: net1\ntimezone: Mars/Olympus\n", NULL,
	  NET1 ":2: timezone: ", "\"Mars/Olympus\" is no time zone of this machine" },
	{ "a time zone that leads elsewhere", NET1, "name: net1\ntimezone: ../../etc/passwd\n",
	  NULL, NET1 ":2: timezone: ", "is no name of a time zone" },
	{ "an entry without when", NET1, "name: net1\nschedule:\n  - cpu: {rc: 1%}\n", NULL,
	  NET1 ":3: schedule[0].when: ", "is missing" },
	{ "a when that is none", NET1, PERIOD("when: noon\n    cpu: {rc: 1%}"), NULL,
	  NET1 ":3: schedule[0].when: ", "\"noon\" has a word that is no day of the week" },
	{ "an entry that changes nothing", NET1, PERIOD("when: Mon"), NULL,
	  NET1 ":3: schedule[0].when: ", "changes nothing: add bandwidth, cpu or memory" },
	{ "a first day that is none", NET1,
	  PERIOD("when: Mon\n    first_day: tomorrow\n    cpu: {rc: 1%}"), NULL,
	  NET1 ":4: schedule[0].first_day: ", "write YEAR-MONTH-DAY" },
	{ "a first day that does not exist", NET1,
	  PERIOD("when: Mon\n    first_day: 2027-02-29\n    cpu: {rc: 1%}"), NULL,
	  NET1 ":4: schedule[0].first_day: ", "does not exist" },
	{ "a last day before the first", NET1,
	  PERIOD("when: Mon\n    first_day: 2027-03-01\n    last_day: 2027-02-01\n    cpu: {rc: "
		 "1%}"),
	  NULL, NET1 ":5: schedule[0].last_day: ", "raise it" },
	{ "no such day until the last one", NET1,
	  PERIOD("when: Sun\n    first_day: 2026-11-23\n    last_day: 2026-11-28\n    cpu: {rc: "
		 "1%}"),
	  NULL, NET1 ":5: schedule[0].last_day: ", "raise it" },
	{ "a link that is none, in an entry", NET1,
	  PERIOD("when: Mon\n    bandwidth: [{link: eth7, rc: 1Mbit}]"), NULL,
	  NET1 ":4: schedule[0].bandwidth[0].link: ", "\"eth7\" is not a link" },
	{ "a rate without unit, in an entry", NET1,
	  PERIOD("when: Mon\n    bandwidth: [{link: eth0, rc: 100}]"), NULL,
	  NET1 ":4: schedule[0].bandwidth[0].rc: ", "has no unit" },
	{ "a key that entries do not have", NET1,
	  PERIOD("when: Mon\n    bandwidth: [{link: eth0, priority: 3}]"), NULL,
	  NET1 ":4: schedule[0].bandwidth[0].priority: ", "unknown key" },
	{ "an entry above the capacity", NET1,
	  PERIOD("when: Mon\n    bandwidth: [{link: eth0, rc: 2Gbit}]"), NULL,
	  NET1 ":4: schedule[0].bandwidth[0].rc: ", "2Gbit, more than the capacity of eth0" },
	{ "an entry above the shaper", NET1,
	  "name: net1\nbandwidth: [{link: eth0, shaper: {rate: 2Mbit}}]\nschedule:\n"
	  "  - {when: Mon, bandwidth: [{link: eth0, rc: 3Mbit}]}\n",
	  NULL, NET1 ":4: schedule[0].bandwidth[0].rc: ", "" },
	{ "entries of two networks that meet", NET2,
	  "name: net2\nschedule:\n  - when: Mon..Fri 08:00..18:00\n    bandwidth:\n      - link: "
	  "eth0\n        rc: 500Mbit\n",
	  NET1 "\nname: net1\ntimezone: Europe/Berlin\nschedule:\n  - when: Fri 17:00..23:00\n"
	       "    bandwidth: [{link: eth0, rc: 600Mbit}]\n",
	  NET2 ":6: schedule[0].bandwidth[0].rc: ",
	  "600Mbit of its 1Gbit are guaranteed to others: write at most 400Mbit" },
	{ "long-term reservations beyond the capacity", NET2,
	  "name: net2\nbandwidth: [{link: eth0, rl: "
	  "600Mbit}]\n",
	  NET1 "\nname: net1\nbandwidth: [{link: eth0, rl: 500Mbit}]\n",
	  NET2 ":2: bandwidth[0].rl: ",
	  "500Mbit of its 1Gbit are sold to others: write at most 500Mbit" },
	{ "a link twice", "xnetman.yaml", MACHINE "  - name: eth0\n    capacity: 1Gbit\n", NULL,
	  "xnetman.yaml:6: links[2].name: ", "is a link already" },
	{ "a link called any", "xnetman.yaml", "links:\n  - {name: any, capacity: 1Gbit}\n", NULL,
	  "xnetman.yaml:2: links[0].name: ", "means every link" },
	{ "a capacity of 0", "xnetman.yaml", "links:\n  - {name: eth0, capacity: 0}\n", NULL,
	  "xnetman.yaml:2: links[0].capacity: ", "write what the link can send" },
	{ "a link without capacity", "xnetman.yaml", "links:\n  - name: eth0\n", NULL,
	  "xnetman.yaml:2: links[0].capacity: ", "is missing" },

	/* what is no definition at all */
	{ "broken YAML", NET1, "name: net1\nports: [a, b\ndata_path: vm\n", NULL,
	  NET1 ":3: YAML: ", "close the bracket" },
	{ "a tab for indentation", NET1, "name: net1\nbandwidth:\n\t- link: eth0\n", NULL,
	  NET1 ":3: YAML: ", "indent with spaces, not tabs" },
	{ "an unclosed quote", NET1, "name: net1\ndomain: \"vr1\n", NULL, NET1 ":",
	  "close the quote" },
	{ "an alias", NET1, "name: &n net1\ndomain: *n\n", NULL,
	  NET1 ":2: YAML: ", "aliases (*name) are not allowed" },
	{ "two documents", NET1, "name: net1\n---\nname: net1\n", NULL,
	  NET1 ":2: YAML: ", "a second document" },
	{ "a flood of brackets", NET1, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", NULL,
	  NET1 ":1: YAML: ", "nested too deeply" },
	{ "bytes that are no UTF-8", NET1, "name: net1\ndomain: \xff\xfe\n", NULL,
	  NET1 ":2: YAML: ", "UTF-8" },
	{ "control characters", NET1, "name: net1\n\ndomain: \x01\n", NULL,
	  NET1 ":3: YAML: ", "this is not text" },
	{ "a terminal's escapes in what it quotes", NET1, "name: \"\\e[31mred\"\n", NULL,
	  NET1 ":1: name: ", "\"?[31mred\" is not a name" },
};

/* One line, printable, that begins with the file's real path. */
static void check_error(const struct xn_err *err, const char *where, const char *what)
{
	const char *text = err->text;

	if (strncmp(text, dir, strlen(dir)) || text[strlen(dir)] != '/' ||
	    strncmp(text + strlen(dir) + 1, where, strlen(where)) || !strstr(text, what))
		fail_msg("expected DIR/%s...%s..., got %s", where, what, text);
	for (; *text; text++)
		assert_true((unsigned char)*text >= ' ');
}

/* As at a reload: read, then admitted. */
static bool is_right(struct xn_err *err)
{
	struct xn_config *config = xn_config_load(dir, err);
	bool right = config && !xn_book_fits(config, NULL, time(NULL), err);

	xn_config_free(config);
	return right;
}

static void refused(const char *where, const char *what)
{
	struct xn_err err = { "" };

	assert_false(is_right(&err));
	check_error(&err, where, what);
}

static void put_also(const char *also)
{
	const char *text = strchr(also, '\n');
	char file[64];

	snprintf(file, sizeof(file), "%.*s", (int)(text - also), also);
	put(file, text + 1);
}

static void bad_input(void **state)
{
	const struct bad *bad = *state;

	put(bad->file, bad->text);
	if (bad->also)
		put_also(bad->also);
	refused(bad->where, bad->what);
}

static int setup_row(void **state)
{
	void *row = *state;

	setup(state);
	*state = row;
	return 0;
}

static void not_regular(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path_of(NET1), 0755), 0);
	refused(NET1 ": ", "is not a regular file");
}

static void fifo(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path_of(NET1), 0644), 0);
	refused(NET1 ": ", "is not a regular file");
}

static void unreadable(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", path_of(NET1)), 0);
	refused(NET1 ": ", "cannot be read");
}

static void refuse_mode(const char *file, mode_t mode, const char *where)
{
	put(NET1, "name: net1\n");
	assert_int_equal(chmod(path_of(file), mode), 0);
	refused(where, "chmod o-w");
}

static void writable_file(void **state)
{
	(void)state;
	refuse_mode(NET1, 0666, NET1 ": ");
}

static void writable_machine(void **state)
{
	(void)state;
	refuse_mode("xnetman.yaml", 0602, "xnetman.yaml: ");
}

static void writable_networks_dir(void **state)
{
	(void)state;
	refuse_mode("networks.d", 0777, "networks.d: ");
}

static void writable_dir(void **state)
{
	struct xn_err err;

	(void)state;
	assert_int_equal(chmod(dir, 01777), 0);
	assert_null(xn_config_load(dir, &err));
	assert_non_null(strstr(err.text, "chmod o-w"));
}

static void huge_file(void **state)
{
	static char text[1024 * 1024 + 1];

	(void)state;
	memset(text, '#', sizeof(text));
	put_bytes(NET1, text, sizeof(text));
	refused(NET1 ": ", "larger than 1 MiB");
}

static void no_directory(void **state)
{
	struct xn_err err;

	(void)state;
	assert_null(xn_config_load("/nonexistent/xnetman", &err));
	assert_non_null(strstr(err.text, "/nonexistent/xnetman: cannot be read"));
}

static void put_networks(int n)
{
	char file[64], text[64];

	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "networks.d/n%d.yaml", i);
		snprintf(text, sizeof(text), "name: n%d\nports: [p%d]\n", i, i);
		put(file, text);
	}
}

static void too_many(void **state)
{
	struct xn_config *config;
	struct xn_err err;

	(void)state;
	put_networks(4096);
	config = xn_config_load(dir, &err);
	assert_non_null(config);
	assert_int_equal(config->n_networks, 4096);
	assert_string_equal(xn_config_network(config, "n4095")->name, "n4095");
	xn_config_free(config);
	put("networks.d/more.yaml", "name: more\n");
	refused("networks.d: ", "more than 4096 networks");
}

/* --- what is right --------------------------------------------------------------------------- */

static struct xn_config *load(void)
{
	struct xn_err err;
	struct xn_config *config = xn_config_load(dir, &err);

	if (!config)
		fail_msg("%s", err.text);
	return config;
}

static void defaults(void **state)
{
	struct xn_config *config;
	const struct xn_definition *def;

	(void)state;
	put("xnetman.yaml", "# nothing yet\n");
	put(NET1, "name: net1\n");
	config = load();
	assert_int_equal(config->machine.ic, 1000000000);
	assert_int_equal(config->machine.il, 15000000000);
	assert_int_equal(config->machine.lease, 3000000000);
	assert_int_equal(config->machine.policy, XN_POLICY_XNETMAN);
	assert_int_equal(config->machine.sampler, XNETMAN_SAMPLER_SYSTEMATIC);
	assert_int_equal(config->machine.mark_mask, 0);
	assert_int_equal(config->machine.n_links, 0);
	def = xn_config_network(config, "net1");
	assert_int_equal(def->path, XN_PATH_VM);
	assert_null(def->domain);
	assert_int_equal(def->priority, 0);
	assert_int_equal(def->n_ports, 0);
	assert_int_equal(def->n_bandwidth, 0);
	assert_null(xn_definition_sla(def, "eth0"));
	assert_null(xn_config_network(config, "net2"));
	xn_config_free(config);
}

static void no_files(void **state)
{
	struct xn_config *config;

	(void)state;
	assert_int_equal(unlink(path_of("xnetman.yaml")), 0);
	assert_int_equal(rmdir(path_of("networks.d")), 0);
	config = load();
	assert_int_equal(config->n_networks, 0);
	assert_int_equal(config->machine.n_links, 0);
	xn_config_free(config);
}

static void machine_values(void **state)
{
	struct xn_config *config;

	(void)state;
	put("xnetman.yaml", "short_interval: 500ms\nlong_interval: 10s\npolicy: xnetmon\n"
			    "sampler: bernoulli\nlease: 1s\nmark_mask: 0xfff00000\n" MACHINE);
	config = load();
	assert_int_equal(config->machine.ic, 500000000);
	assert_int_equal(config->machine.il, 10000000000);
	assert_int_equal(config->machine.lease, 1000000000);
	assert_int_equal(config->machine.policy, XN_POLICY_XNETMON);
	assert_int_equal(config->machine.sampler, XNETMAN_SAMPLER_BERNOULLI);
	assert_int_equal(config->machine.mark_mask, 0xfff00000);
	assert_int_equal(config->machine.n_links, 2);
	assert_string_equal(config->machine.links[1].name, "eth1");
	assert_float_equal(config->machine.links[1].capacity, 100e6, 0);
	xn_config_free(config);
}

static void what_is_kept(void **state)
{
	struct xn_config *config;
	const struct xn_machine *machine;
	json_t *json;

	(void)state;
	config = load();
	machine = &config->machine;
	assert_true(machine->keep.age[XN_LEVEL_INTERVAL] == 7 * 86400.0);
	assert_true(machine->keep.size == 256 << 20);
	assert_int_equal(machine->reports.every, XN_LEVEL_DAY);
	assert_int_equal(machine->reports.keep, 60);
	assert_null(machine->reports.folder);
	xn_config_free(config);

	put("xnetman.yaml",
	    "history: {intervals: 36h, hours: 2w, days: 400d, months: 3y, breaches: 9d,"
	    " size: 1GiB}\n"
	    "reports: {every: week, folder: /srv/r, keep: 0}\n");
	config = load();
	machine = &config->machine;
	assert_true(machine->keep.age[XN_LEVEL_INTERVAL] == 36 * 3600.0);
	assert_true(machine->keep.age[XN_LEVEL_HOUR] == 14 * 86400.0);
	assert_true(machine->keep.age[XN_LEVEL_DAY] == 400 * 86400.0);
	assert_true(machine->keep.age[XN_LEVEL_MONTH] == 3 * 365 * 86400.0);
	assert_true(machine->keep.breaches == 9 * 86400.0 && machine->keep.size == 1 << 30);
	assert_int_equal(machine->reports.every, XN_LEVEL_WEEK);
	assert_int_equal(machine->reports.keep, 0);
	assert_string_equal(machine->reports.folder, "/srv/r");
	json = xn_machine_json(machine);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(json, "history"), "hours")),
		"2w");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(json, "reports"), "every")),
		"week");
	json_decref(json);
	xn_config_free(config);

	put("xnetman.yaml", "reports: {every: never}\n");
	config = load();
	assert_int_equal(config->machine.reports.every, XN_LEVELS);
	xn_config_free(config);
}

static void network_values(void **state)
{
	struct xn_config *config;
	const struct xn_definition *def;
	const struct xn_sla *sla;

	(void)state;
	put(NET1,
	    "name: net1\ndata_path: split\ndomain: vr1\npriority: 7\nports: [vif1.0, vif1.1]\n"
	    "bandwidth:\n  - link: any\n    rc: 1.5Mbit\n    re: 500kbit\n"
	    "  - link: eth0\n    rc: 0\n    rl: 100Mbit\n    rmax: 2Gbit\n"
	    "    restricted: yes\n");
	config = load();
	def = xn_config_network(config, "net1");
	assert_int_equal(def->path, XN_PATH_SPLIT);
	assert_string_equal(def->domain, "vr1");
	assert_int_equal(def->priority, 7);
	assert_int_equal(def->n_ports, 2);
	assert_string_equal(def->ports[1], "vif1.1");
	sla = xn_definition_sla(def, "eth0");
	assert_float_equal(sla->rc, 0, 0);
	assert_float_equal(sla->rl, 100e6, 0);
	assert_float_equal(sla->rmax, 2e9, 0);
	assert_true(sla->restricted);
	sla = xn_definition_sla(def, "eth1");
	assert_float_equal(sla->rc, 1.5e6, 0);
	assert_float_equal(sla->re, 0.5e6, 0);
	assert_float_equal(sla->rl, 2e6, 0);
	assert_float_equal(sla->rmax, 2e6, 0);
	assert_false(sla->restricted);
	xn_config_free(config);
}

static void qos_of_a_network(void **state)
{
	const struct xn_definition *def;
	const struct xn_limits *limits;
	struct xn_config *config;

	(void)state;
	put("xnetman.yaml",
	    "links: [{name: eth0, capacity: 1Gbit, qos: on}, {name: eth1, capacity: "
	    "1Gbit, guard: off}]\n");
	put(NET1, "name: net1\npriority: 5\nbandwidth:\n- {link: eth0, priority: 2, shaper: {rate: "
		  "40Mbit, burst: 64kB, delay: 20ms}}\n- {link: any, limiter: {rate: 1Gbit}}\n");
	config = load();
	assert_int_equal(config->machine.links[0].qos, XN_QOS_ON);
	assert_int_equal(config->machine.links[1].qos, XN_QOS_AUTO);
	assert_int_equal(config->machine.links[0].guard, XN_GUARD_ON);
	assert_int_equal(config->machine.links[1].guard, XN_GUARD_OFF);
	def = config->networks[0];
	assert_int_equal(xn_definition_priority(def, "eth0"), 2);
	assert_int_equal(xn_definition_priority(def, "eth1"), 5);
	limits = xn_definition_limits(def, "eth0");
	assert_float_equal(limits->shaper.rate, 40e6, 0);
	assert_float_equal(limits->shaper.burst, 64000, 0);
	assert_int_equal(limits->shaper.delay, 20000000);
	assert_float_equal(limits->limiter.rate, 0, 0);
	limits = xn_definition_limits(def, "eth1");
	assert_float_equal(limits->limiter.rate, 1e9, 0);
	assert_float_equal(limits->shaper.rate, 0, 0);
	assert_false(xn_limits_any(&def->arrival));
	xn_config_free(config);
}

/* CPU and memory are sold as bandwidth is, and stay uncontrolled without a capacity. */
static void cpu_and_memory(void **state)
{
	struct xn_config *config;
	const struct xn_sold *sold;
	struct xn_err err;

	(void)state;
	put(NET1, "name: net1\ncpu: {rc: 10%, re: 0.1, restricted: true}\n"
		  "memory: {rl: 2MiB, rmax: 5000routes}\n");
	put(NET2, "name: net2\ncpu: {rc: 31%}\n");
	config = load();
	assert_float_equal(config->machine.capacity[XN_CPU], 0, 0);
	sold = config->networks[0]->sold;
	assert_true(sold[XN_CPU].given && sold[XN_CPU].sla.restricted);
	assert_float_equal(sold[XN_CPU].sla.rl, 0.2, 1e-12);
	assert_float_equal(sold[XN_MEMORY].sla.rl, 4096, 0);
	assert_float_equal(sold[XN_MEMORY].sla.rmax, 5000, 0);
	assert_false(config->networks[1]->sold[XN_MEMORY].given);
	xn_config_free(config);
	put("xnetman.yaml", "cpu: 50%\nmemory: 10000routes\n" MACHINE);
	assert_false(is_right(&err));
	assert_non_null(strstr(err.text, NET2 ":2: cpu.rc: rc + re = 0.31cores does not fit on cpu "
					      "any more: 0.2cores of its 0.5cores"));
	put("xnetman.yaml", "cpu: 0.51\nmemory: 10000routes\n" MACHINE);
	config = load();
	assert_float_equal(config->machine.capacity[XN_CPU], 0.51, 0);
	assert_float_equal(config->machine.capacity[XN_MEMORY], 10000, 0);
	xn_config_free(config);
}

/* A contract is read, written anew and read again as the same. */
static void contracts(void **state)
{
	static const char text[] =
		"name: net1\ndisk: 4GiB\ninterfaces: 3\ntimezone: Europe/Berlin\n"
		"bandwidth: [{link: eth0, rc: 10Mbit}]\nschedule:\n"
		"  - when: Mon..Fri 08:00..18:00\n    first_day: 2026-01-01\n    bandwidth:\n"
		"      - {link: eth0, rc: 20Mbit, rl: 50Mbit}\n      - {link: any, rl: 1Mbit}\n"
		"  - when: \"*-12-24..26\"\n    last_day: 2030-12-31\n    cpu: {rc: 10%}\n    "
		"memory: {}\n";
	struct xn_config *config;
	const struct xn_definition *def;
	json_t *before, *after;
	struct xn_err err;

	(void)state;
	put(NET1, text);
	config = load();
	def = config->networks[0];
	assert_int_equal(def->n_periods, 2);
	assert_true(def->disk == 4.0 * 1024 * 1024 * 1024);
	assert_int_equal(xn_definition_interfaces(def), 3);
	assert_true(xn_definition_sla_in(def, XN_BANDWIDTH, "eth0", 0)->rl == 10e6);
	assert_true(xn_definition_sla_in(def, XN_BANDWIDTH, "eth0", 1)->rl == 50e6);
	assert_true(xn_definition_sla_in(def, XN_BANDWIDTH, "eth0", 3)->rc == 20e6);
	assert_true(xn_definition_sla_in(def, XN_BANDWIDTH, "eth1", 1)->rl == 1e6);
	assert_null(xn_definition_sla_in(def, XN_BANDWIDTH, "eth1", 2));
	assert_null(xn_definition_sla_in(def, XN_CPU, NULL, 1));
	assert_true(xn_definition_sla_in(def, XN_CPU, NULL, 2)->rc == 0.1);
	before = xn_definition_json(def);
	xn_config_free(config);
	if (xn_config_write_network(dir, "net1", text, false, &err))
		fail_msg("%s", err.text);
	config = load();
	after = xn_definition_json(config->networks[0]);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	xn_config_free(config);
}

/* What did not fit before and becomes no worse is no reason to refuse; what becomes worse is. */
static void oversold_before(void **state)
{
	static const struct {
		const char *machine, *net1, *net2, *why; /* NULL: it may be */
	} rows[] = {
		{ MACHINE, "rc: 700Mbit", "rc: 700Mbit", NULL },
		{ MACHINE, "rc: 600Mbit", "rc: 700Mbit", NULL },
		{ MACHINE, "rc: 600Mbit", "rc: 800Mbit", NULL },
		{ MACHINE, "rc: 750Mbit", "rc: 700Mbit", "does not fit on eth0 any more" },
		{ MACHINE, "rc: 700Mbit\n    rl: 800Mbit", "rc: 700Mbit", "does not fit" },
		{ MACHINE, "rc: 200Mbit", "rc: 700Mbit", NULL },
		{ "links: [{name: eth0, capacity: 900Mbit}, {name: eth1, capacity: 100Mbit}]\n",
		  "rc: 700Mbit", "rc: 700Mbit", "does not fit" },
		{ "links: [{name: eth0, capacity: 1.2Gbit}, {name: eth1, capacity: 100Mbit}]\n",
		  "rc: 700Mbit", "rc: 700Mbit", NULL },
	};
	char net2[200];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct xn_config *old, *new;
		struct xn_err err = { "" };
		int ret;

		put("xnetman.yaml", MACHINE);
		put(NET1, ENTRY("rc: 700Mbit"));
		put(NET2, "name: net2\nbandwidth:\n  - link: eth0\n    rc: 700Mbit\n");
		old = load();
		assert_int_equal(xn_book_fits(old, NULL, time(NULL), &err), -ENOSPC);
		put("xnetman.yaml", rows[i].machine);
		snprintf(net2, sizeof(net2), "name: net1\nbandwidth:\n  - link: eth0\n    %s\n",
			 rows[i].net1);
		put(NET1, net2);
		snprintf(net2, sizeof(net2), "name: net2\nbandwidth:\n  - link: eth0\n    %s\n",
			 rows[i].net2);
		put(NET2, net2);
		new = load();
		ret = xn_book_fits(new, old, time(NULL), &err);
		if (!ret != !rows[i].why || (ret && !strstr(err.text, rows[i].why)))
			fail_msg("row %zu: %d %s", i, ret, err.text);
		xn_config_free(old);
		xn_config_free(new);
	}
}

/* A link is changed in place, or the file written anew: nothing else of it may be lost. */
static void capacities_stay(void **state)
{
	struct xn_err err = { "" };

	(void)state;
	put("xnetman.yaml", "{cpu: 50%, memory: 1000routes}\n");
	assert_int_equal(xn_config_change_link(dir, XN_LINK_ADD, "eth2", "1Gbit", &err), 0);
	assert_string_equal(slurp("xnetman.yaml"), "cpu: 0.5\nmemory: 1000routes\nlinks:\n"
						   "  - name: eth2\n    capacity: 1Gbit\n");
}

static void sorted_and_ignored(void **state)
{
	struct xn_config *config;

	(void)state;
	put("networks.d/b.yaml", "name: b\n");
	put("networks.d/b.1.yaml", "name: b.1\n");
	put("networks.d/a.yaml", "name: a\n");
	put("networks.d/.hidden.yaml", "this is: [broken\n");
	put("networks.d/c.yaml~", "this is: [broken\n");
	put("networks.d/README", "this is: [broken\n");
	config = load();
	assert_int_equal(config->n_networks, 3);
	assert_string_equal(config->networks[0]->name, "a");
	assert_string_equal(config->networks[1]->name, "b");
	assert_string_equal(config->networks[2]->name, "b.1");
	xn_config_free(config);
}

static void sold_out_exactly(void **state)
{
	(void)state;
	put(NET1, ENTRY("rc: 100.1Mbit\n    re: 399.9Mbit"));
	put(NET2, "name: net2\nbandwidth: [{link: eth0, rc: 500Mbit, rl: 1Gbit}]\n");
	xn_config_free(load());
}

/* Tests run in the root of the tree. */
static void example(void **state)
{
	struct xn_err err;
	struct xn_config *config = xn_config_load("doc/examples", &err);

	(void)state;
	if (!config)
		fail_msg("%s", err.text);
	assert_int_equal(config->n_networks, 1);
	assert_float_equal(xn_definition_sla(config->networks[0], "eth0")->rl, 350e6, 0);
	xn_config_free(config);
}

/* --- writing --------------------------------------------------------------------------------- */

static int files(void)
{
	DIR *d = opendir(path_of("networks.d"));
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void write_as_people_do(void **state)
{
	struct xn_err err = { "" };
	struct stat st;

	(void)state;
	assert_int_equal(
		xn_config_write_network(dir, "net1",
					"{\"name\": \"net1\", \"data_path\": \"vm\", \"ports\": "
					"[\"vif1.0\", \"weird{}\"], \"bandwidth\": [{\"link\": "
					"\"eth0\", \"rc\": \"50Mbit\", \"re\": \"0bit\", \"rl\": "
					"\"350Mbit\", \"rmax\": \"350Mbit\"}]}",
					true, &err),
		0);
	assert_string_equal(slurp(NET1), "name: net1\nports: [vif1.0, \"weird{}\"]\nbandwidth:\n"
					 "  - link: eth0\n    rc: 50Mbit\n    rl: 350Mbit\n");
	assert_int_equal(stat(path_of(NET1), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(files(), 1);
	xn_config_free(load());
}

static void round_trip(void **state)
{
	static const char text[] =
		"name: net1\ndata_path: split\ndomain: \"null\"\npriority: 3\n"
		"ports: [p0000000000001, p0000000000002, p0000000000003, p0000000000004, "
		"p0000000000005, p0000000000006, p0000000000007]\n"
		"bandwidth:\n- {link: any, rc: 123456789bit, re: 0.1kbit, restricted: true}\n"
		"- {link: eth1, rl: 1Mibit, rmax: 1.23456789Gbit, priority: 0, shaper: {rate: "
		"12.3456Mbit, burst: 65537B, delay: 1500us}, limiter: {rate: 99Mbit, burst: "
		"64KiB}}\n"
		"arrival: {shaper: {rate: 8kbit}, limiter: {rate: 1Tbit}}\n"
		"cpu: {}\nmemory: {rc: 1GiB, re: 1route, restricted: true}\n";
	struct xn_config *config;
	struct xn_err err = { "" };
	json_t *first, *second;

	(void)state;
	put("xnetman.yaml", "links: [{name: eth0, capacity: 1Gbit}, {name: eth1, capacity: "
			    "200Mbit, qos: on}]\n");
	put(NET1, text);
	config = load();
	first = xn_definition_json(config->networks[0]);
	xn_config_free(config);
	assert_int_equal(xn_config_write_network(dir, "net1", text, false, &err), 0);
	config = load();
	second = xn_definition_json(config->networks[0]);
	xn_config_free(config);
	assert_true(json_equal(first, second));
	assert_string_equal(json_string_value(json_object_get(first, "domain")), "null");
	json_decref(first);
	json_decref(second);
}

/* The JSON of a definition is itself a definition. */
static void json_is_input(void **state)
{
	struct xn_err err = { "" };
	struct xn_config *config;
	json_t *json, *again;
	char *text;

	(void)state;
	put(NET1, ENTRY("rc: 5Mbit"));
	config = load();
	json = xn_definition_json(config->networks[0]);
	xn_config_free(config);
	text = json_dumps(json, JSON_INDENT(2));
	assert_int_equal(xn_config_write_network(dir, "net1", text, false, &err), 0);
	config = load();
	again = xn_definition_json(config->networks[0]);
	assert_true(json_equal(json, again));
	xn_config_free(config);
	json_decref(json);
	json_decref(again);
	free(text);
}

static void name_may_be_left_out(void **state)
{
	struct xn_err err = { "" };

	(void)state;
	assert_int_equal(xn_config_write_network(dir, "net1", "ports: [vif1.0]", true, &err), 0);
	assert_string_equal(slurp(NET1), "name: net1\nports: [vif1.0]\n");
	assert_int_equal(xn_config_write_network(dir, "net2", "", true, &err), 0);
	assert_string_equal(slurp(NET2), "name: net2\n");
}

struct refusal {
	const char *promise;
	const char *name, *text;
	bool create;
	int error;
	const char *what;
};

/* On a configuration that holds net1, with 600 of eth0's 1000 Mbit/s and port vif1.0. */
static const struct refusal refusals[] = {
	{ "writing: a name that leads out of the directory", "../x", "", true, -EINVAL,
	  "(request): name: \"../x\" is not a name" },
	{ "writing: an absolute name", "/etc/x", "", true, -EINVAL, "is not a name" },
	{ "writing: an empty name", "", "", true, -EINVAL, "is not a name" },
	{ "writing: a hidden name", ".x", "", true, -EINVAL, "is not a name" },
	{ "writing: adding what exists", "net1", "name: net1\n", true, -EEXIST,
	  "network net1 exists already" },
	{ "writing: setting what does not exist", "net2", "name: net2\n", false, -ENOENT,
	  "there is no network net2" },
	{ "writing: the line of the request", "net2", "data_path: vm\n\npriority: 9\n", true,
	  -EINVAL, "(request):3: priority: " },
	{ "writing: another name in the text", "net2", "name: net3\n", true, -EINVAL,
	  "(request):1: name: \"net3\" is not the network asked for" },
	{ "writing: a port of another network", "net2", "ports: [vif1.0]", true, -EINVAL,
	  "(request):1: ports[0]: vif1.0 is a port of network net1" },
};

static void put_net1(void)
{
	put(NET1, ENTRY("rc: 600Mbit\nports: [vif1.0]"));
}

static void refuse_write(void **state)
{
	const struct refusal *row = *state;
	struct xn_err err = { "" };

	put_net1();
	assert_int_equal(xn_config_write_network(dir, row->name, row->text, row->create, &err),
			 row->error);
	if (!strstr(err.text, row->what))
		fail_msg("expected ...%s..., got %s", row->what, err.text);
	assert_int_equal(files(), 1);
	assert_string_equal(slurp(NET1), ENTRY("rc: 600Mbit\nports: [vif1.0]"));
}

static void others_must_be_right(void **state)
{
	struct xn_err err = { "" };

	(void)state;
	put(NET1, "name: net1\nqutoa: 3\n");
	assert_int_equal(xn_config_write_network(dir, "net2", "", true, &err), -EINVAL);
	check_error(&err, NET1 ":2: qutoa: ", "unknown key");
	assert_int_equal(files(), 1);
	/* but a broken one can be set right, and deleted */
	assert_int_equal(xn_config_write_network(dir, "net1", "priority: 1", false, &err), 0);
	put(NET1, "name: net1\nqutoa: 3\n");
	assert_int_equal(xn_config_delete_network(dir, "net1", &err), 0);
	assert_int_equal(files(), 0);
}

static void directory_is_made(void **state)
{
	struct xn_err err = { "" };
	char below[128];
	struct stat st;

	(void)state;
	snprintf(below, sizeof(below), "%s/etc/xnetman", dir);
	assert_int_equal(xn_config_write_network(below, "net1", "bogus: 1", true, &err), -EINVAL);
	assert_int_equal(stat(below, &st), -1);
	assert_int_equal(xn_config_write_network(below, "net1", "priority: 1", true, &err), 0);
	assert_string_equal(slurp("etc/xnetman/networks.d/net1.yaml"), "name: net1\npriority: 1\n");
	assert_int_equal(stat(path_of("etc/xnetman/networks.d"), &st), 0);
	assert_int_equal(st.st_mode & 022, 0);
}

static void delete (void **state)
{
	struct xn_err err = { "" };

	(void)state;
	put_net1();
	assert_int_equal(xn_config_delete_network(dir, "net2", &err), -ENOENT);
	assert_int_equal(xn_config_delete_network(dir, "../xnetman", &err), -EINVAL);
	assert_non_null(slurp("xnetman.yaml"));
	assert_int_equal(xn_config_delete_network(dir, "net1", &err), 0);
	assert_null(slurp(NET1));
}

/* --- links ----------------------------------------------------------------------------------- */

struct link_row {
	const char *promise;
	const char *before;
	enum xn_link_change change;
	const char *name, *capacity;
	const char *after;
};

#define COMMENTED "# ours\nlinks:   # two\n  # up\n  - name: eth0  # é\n    capacity: 1Gbit # c\n"

static const struct link_row link_rows[] = {
	{ "link add: behind the others, comments stay", COMMENTED "policy: off\n", XN_LINK_ADD,
	  "eth1", "1500Mbit", COMMENTED "  - name: eth1\n    capacity: 1.5Gbit\npolicy: off\n" },
	{ "link add: to a list that is not indented", "links:\n- name: a\n  capacity: 1Gbit\n",
	  XN_LINK_ADD, "b", "1Mbit",
	  "links:\n- name: a\n  capacity: 1Gbit\n- name: b\n  capacity: 1Mbit\n" },
	{ "link add: the first", "policy: off # for now", XN_LINK_ADD, "eth1", "1Gbit",
	  "policy: off # for now\nlinks:\n  - name: eth1\n    capacity: 1Gbit\n" },
	{ "link add: to an empty file", "", XN_LINK_ADD, "eth1", "1Gbit",
	  "links:\n  - name: eth1\n    capacity: 1Gbit\n" },
	{ "link add: to a list in brackets, written anew",
	  "mark_mask: 0xf0\nlinks: [{name: a, capacity: 1Gbit}] # c\n", XN_LINK_ADD, "b", "2Gbit",
	  "mark_mask: 0xf0\nlinks:\n  - name: a\n    capacity: 1Gbit\n  - name: b\n    capacity: "
	  "2Gbit\n" },
	{ "link set: the capacity alone", COMMENTED, XN_LINK_SET, "eth0", "10Gbit",
	  "# ours\nlinks:   # two\n  # up\n  - name: eth0  # é\n    capacity: 10Gbit # c\n" },
	{ "link set: in a mapping in brackets", "links:\n  - {name: é, capacity: 1Gbit}\n",
	  XN_LINK_SET, "é", "2Gbit", NULL },
	{ "link set qos: behind the capacity, comments stay", COMMENTED "policy: off\n",
	  XN_LINK_SET_QOS, "eth0", "on", COMMENTED "    qos: on\npolicy: off\n" },
	{ "link set qos: in its place", COMMENTED "    qos: on # now\n", XN_LINK_SET_QOS, "eth0",
	  "off", COMMENTED "    qos: off # now\n" },
	{ "link set qos: not indented", "links:\n- name: a\n  capacity: 1Gbit\n", XN_LINK_SET_QOS,
	  "a", "off", "links:\n- name: a\n  capacity: 1Gbit\n  qos: off\n" },
	{ "link set guard: behind the qos", COMMENTED "    qos: on\npolicy: off\n",
	  XN_LINK_SET_GUARD, "eth0", "off",
	  COMMENTED "    qos: on\n    guard: off\npolicy: off\n" },
	{ "link set guard: in its place", COMMENTED "    guard: off # now\n", XN_LINK_SET_GUARD,
	  "eth0", "on", COMMENTED "    guard: on # now\n" },
	{ "link set guard: neither on nor off", COMMENTED, XN_LINK_SET_GUARD, "eth0", "auto",
	  NULL },
	{ "link set guard: in a mapping in brackets, written anew",
	  "links: [{name: a, capacity: 1Gbit}]\n", XN_LINK_SET_GUARD, "a", "off",
	  "links:\n  - name: a\n    capacity: 1Gbit\n    guard: off\n" },
	{ "link add: behind a link with qos", COMMENTED "    qos: on\n", XN_LINK_ADD, "b", "5Mbit",
	  COMMENTED "    qos: on\n  - name: b\n    capacity: 5Mbit\n" },
	{ "link delete: one of two", COMMENTED "  - name: b\n    capacity: 5Mbit\npolicy: off\n",
	  XN_LINK_DELETE, "b", NULL, COMMENTED "policy: off\n" },
	{ "link delete: the last one", "# ours\nlinks:\n  - name: b\n    capacity: 5Mbit\n",
	  XN_LINK_DELETE, "b", NULL, "# ours\n" },
	{ "link set: all other values stay",
	  "short_interval: 2s\nlong_interval: 20s\npolicy: xnetmon\nsampler: bernoulli\n"
	  "lease: 5s\nmark_mask: 0xff\nlinks: [{\"name\": a, \"capacity\": 1Gbit}]\n",
	  XN_LINK_DELETE, "a", NULL,
	  "short_interval: 2s\nlong_interval: 20s\nlease: 5s\npolicy: xnetmon\n"
	  "sampler: bernoulli\nmark_mask: 0xff\n" },
};

static void change_link(void **state)
{
	const struct link_row *row = *state;
	struct xn_err err = { "" };
	int ret;

	put("xnetman.yaml", row->before);
	ret = xn_config_change_link(dir, row->change, row->name, row->capacity, &err);
	if (!row->after) {
		assert_int_equal(ret, -EINVAL);
		assert_string_equal(slurp("xnetman.yaml"), row->before);
		return;
	}
	if (ret)
		fail_msg("%s", err.text);
	assert_string_equal(slurp("xnetman.yaml"), row->after);
	xn_config_free(load());
}

static void refuse_link(enum xn_link_change change, const char *name, const char *capacity,
			int error, const char *what)
{
	struct xn_err err = { "" };

	put_net1();
	assert_int_equal(xn_config_change_link(dir, change, name, capacity, &err), error);
	if (!strstr(err.text, what))
		fail_msg("expected ...%s..., got %s", what, err.text);
	assert_string_equal(slurp("xnetman.yaml"), MACHINE);
}

static void refuse_link_changes(void **state)
{
	(void)state;
	refuse_link(XN_LINK_ADD, "eth0", "1Gbit", -EEXIST, "eth0 is a link already");
	refuse_link(XN_LINK_SET, "eth9", "1Gbit", -ENOENT, "eth9 is not a link");
	refuse_link(XN_LINK_DELETE, "eth9", NULL, -ENOENT, "eth9 is not a link");
	refuse_link(XN_LINK_ADD, "a/b", "1Gbit", -EINVAL, "is not the name of a device");
	refuse_link(XN_LINK_ADD, "any", "1Gbit", -EINVAL, "means every link");
	refuse_link(XN_LINK_ADD, "eth2", "1000", -EINVAL,
		    "(request): capacity: \"1000\" has no unit");
	refuse_link(XN_LINK_SET, "eth0", "0", -EINVAL, "0 is no capacity");
	refuse_link(XN_LINK_DELETE, "eth0", NULL, -EINVAL,
		    NET1 ":3: bandwidth[0].link: \"eth0\" is not a link");
}

static void machine_mode_stays(void **state)
{
	struct xn_err err = { "" };
	struct stat st;

	(void)state;
	assert_int_equal(chmod(path_of("xnetman.yaml"), 0600), 0);
	assert_int_equal(xn_config_change_link(dir, XN_LINK_SET, "eth0", "2Gbit", &err), 0);
	assert_int_equal(stat(path_of("xnetman.yaml"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* --- errors as lines ------------------------------------------------------------------------- */

static void long_error_is_cut_at_a_character(void **state)
{
	char text[1024] = "";
	struct xn_err err;

	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(text, "é");
	xn_err_set(&err, "x%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_memory_equal(err.text + sizeof(err.text) - 3, "é", 2);
	xn_err_set(&err, "%s", text);
	assert_int_equal(err.text[sizeof(err.text) - 2], '?');
	xn_err_set(&err, "a\nb\tc\x7f\xc3");
	assert_string_equal(err.text, "a?b?c??");
}

#define T(test)                                                                                  \
	{                                                                                        \
		.name = #test, .test_func = test, .setup_func = setup, .teardown_func = teardown \
	}

static const struct CMUnitTest single[] = {
	T(not_regular),
	T(fifo),
	T(unreadable),
	T(writable_file),
	T(writable_machine),
	T(writable_networks_dir),
	T(writable_dir),
	T(huge_file),
	T(no_directory),
	T(too_many),
	T(defaults),
	T(no_files),
	T(machine_values),
	T(what_is_kept),
	T(network_values),
	T(cpu_and_memory),
	T(contracts),
	T(oversold_before),
	T(qos_of_a_network),
	T(capacities_stay),
	T(sorted_and_ignored),
	T(sold_out_exactly),
	T(example),
	T(write_as_people_do),
	T(round_trip),
	T(json_is_input),
	T(name_may_be_left_out),
	T(others_must_be_right),
	T(directory_is_made),
	T(delete),
	T(refuse_link_changes),
	T(machine_mode_stays),
	T(long_error_is_cut_at_a_character),
};

#define N(array) (sizeof(array) / sizeof(*(array)))

static struct CMUnitTest tests[N(bads) + N(single) + N(refusals) + N(link_rows)];
static size_t n_tests;

static void add_row(const char *promise, CMUnitTestFunction test, const void *row)
{
	tests[n_tests++] = (struct CMUnitTest){
		.name = promise,
		.test_func = test,
		.setup_func = setup_row,
		.teardown_func = teardown,
		.initial_state = (void *)row,
	};
}

int main(void)
{
	for (size_t i = 0; i < N(bads); i++)
		add_row(bads[i].promise, bad_input, &bads[i]);
	for (size_t i = 0; i < N(refusals); i++)
		add_row(refusals[i].promise, refuse_write, &refusals[i]);
	for (size_t i = 0; i < N(link_rows); i++)
		add_row(link_rows[i].promise, change_link, &link_rows[i]);
	for (size_t i = 0; i < N(single); i++)
		tests[n_tests++] = single[i];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("definitions", tests, NULL, NULL);
}
