// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of `network add` and `network set` -> definitions. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "ctl/define.h"

#define MAX_WORDS 32

/* What GetNetwork tells of a network with all defaults filled in. */
static const char net2[] =
	"{'name': 'net2', 'data_path': 'vm', 'domain': 'vr2', 'priority': 0, 'ports': ['vif2.0', "
	"'vif2.1'],"
	" 'bandwidth': [{'link': 'any', 're': '0', 'rc': '10Mbit', 'rl': '10Mbit',"
	" 'rmax': '10Mbit', 'restricted': false}]}";
static const char sold[] = "{'name': 'n', 'bandwidth': [{'link': 'eth0', 'rc': '50Mbit', 're': '0',"
			   " 'rl': '350Mbit', 'rmax': '400Mbit'}]}";

/* JSON with ' for ", for tables. */
static json_t *json(const char *text)
{
	char *copy = strdup(text);
	json_t *value;

	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	value = json_loads(copy, 0, NULL);
	free(copy);
	assert_non_null(value);
	return value;
}

static int define(json_t *def, const char *words, struct xn_err *err)
{
	char *copy = strdup(words), *argv[MAX_WORDS];
	int argc = 0, ret;

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	ret = xn_ctl_define(def, argc, argv, err);
	free(copy);
	return ret;
}

static const struct {
	const char *before, *words, *after;
} good[] = {
	{ "{'name': 'n'}", "", "{'name': 'n'}" },
	{ "{'name': 'n'}", "data_path split domain vr1 priority 3",
	  "{'name': 'n', 'data_path': 'split', 'domain': 'vr1', 'priority': 3}" },
	{ "{}", "da vm prio 7", "{'data_path': 'vm', 'priority': 7}" },
	{ "{}", "--data_path=vm --priority 7", "{'data_path': 'vm', 'priority': 7}" },
	{ "{}", "port a port b port a", "{'ports': ['a', 'b']}" },
	{ "{}", "link eth0 rc 50Mbit re 0 rl 1.5Gbit rmax 2Gbit restricted on link any rc 1kbit",
	  "{'bandwidth': [{'link': 'eth0', 'rc': '50Mbit', 're': '0', 'rl': '1.5Gbit', 'rmax': "
	  "'2Gbit',"
	  " 'restricted': true}, {'link': 'any', 'rc': '1kbit'}]}" },
	{ "{}", "link a rc 1Mbit link b rc 2Mbit link a rl 3Mbit",
	  "{'bandwidth': [{'link': 'a', 'rc': '1Mbit', 'rl': '3Mbit'}, {'link': 'b', 'rc': "
	  "'2Mbit'}]}" },
	/* set: what is not named stays */
	{ sold, "link eth0 rc 60Mbit",
	  "{'name': 'n', 'bandwidth': [{'link': 'eth0', 'rc': '60Mbit', 're': '0', 'rl': '350Mbit',"
	  " 'rmax': '400Mbit'}]}" },
	/* what has its default value follows */
	{ net2, "link any rc 15Mbit no domain no port vif2.0",
	  "{'name': 'net2', 'data_path': 'vm', 'priority': 0, 'ports': ['vif2.1'],"
	  " 'bandwidth': [{'link': 'any', 're': '0', 'rc': '15Mbit', 'restricted': false}]}" },
	{ net2, "link any rl 20Mbit rmax 30Mbit no port vif2.1 port x",
	  "{'name': 'net2', 'data_path': 'vm', 'domain': 'vr2', 'priority': 0, 'ports': ['vif2.0', "
	  "'x'],"
	  " 'bandwidth': [{'link': 'any', 're': '0', 'rc': '10Mbit', 'rl': '20Mbit', 'rmax': "
	  "'30Mbit',"
	  " 'restricted': false}]}" },
	{ "{}", "cpu rc 0.2 rl 50% memory rl 4000routes restricted on link a rc 1Mbit",
	  "{'cpu': {'rc': '0.2', 'rl': '50%'}, 'memory': {'rl': '4000routes', 'restricted': true},"
	  " 'bandwidth': [{'link': 'a', 'rc': '1Mbit'}]}" },
	{ "{'cpu': {'rc': '0.2', 're': '0', 'rl': '0.2', 'rmax': '0.3'}}", "cpu rc 0.25",
	  "{'cpu': {'rc': '0.25', 're': '0', 'rmax': '0.3'}}" },
	{ "{'cpu': {'rc': '0.2'}, 'memory': {}}", "no cpu no memory", "{}" },
	{ sold, "no link eth0 link eth1 restricted yes",
	  "{'name': 'n', 'bandwidth': [{'link': 'eth1', 'restricted': true}]}" },
	{ "{}",
	  "priority 1 link a priority 7 shaper 40Mbit burst 64kB delay 20ms limiter 50Mbit burst "
	  "1MB",
	  "{'priority': 1, 'bandwidth': [{'link': 'a', 'priority': 7, 'shaper': {'rate': '40Mbit',"
	  " 'burst': '64kB', 'delay': '20ms'}, 'limiter': {'rate': '50Mbit', 'burst': '1MB'}}]}" },
	{ "{}", "arrival limiter 50Mbit shaper 40Mbit",
	  "{'arrival': {'limiter': {'rate': '50Mbit'}, 'shaper': {'rate': '40Mbit'}}}" },
	{ "{'bandwidth': [{'link': 'a', 'shaper': {'rate': '4Mbit', 'delay': '20ms'}, 'limiter': "
	  "{'rate': "
	  "'5Mbit'}}]}",
	  "link a shaper 3Mbit no limiter",
	  "{'bandwidth': [{'link': 'a', 'shaper': {'rate': '3Mbit', 'delay': '20ms'}}]}" },
	{ "{'arrival': {'shaper': {'rate': '4Mbit'}}}", "no arrival", "{}" },
};

static const struct {
	const char *before, *words, *error; /* part of it */
} bad[] = {
	{ "{}", "rc 5Mbit", "rc: on which link?" },
	{ "{}", "link eth0 rc 100", "rc: \"100\" has no unit" },
	{ "{}", "link eth0 rmax 5Mbps", "rmax: " },
	{ "{}", "link eth0 rc", "rc: its value is missing" },
	{ "{}", "lnik eth0", "unknown key \"lnik\": did you mean \"link\"?" },
	{ "{}", "link eth0 r 5Mbit", "\"r\" may be rc, re, rl, rmax, restricted" },
	{ "{}", "data_path both", "data_path: \"both\"" },
	{ "{}", "priority high", "priority: \"high\"" },
	{ "{}", "priority -1", "priority: \"-1\"" },
	{ "{}", "link eth0 restricted maybe", "restricted: \"maybe\" is neither on nor off" },
	{ "{'ports': ['a']}", "no port b", "no port" },
	{ "{}", "no link eth0", "no link" },
	{ "{}", "no port", "no port: which one?" },
	{ "{}", "no priority", "no priority: only" },
	{ "{}", "link a rc 1Mbit link b rc 1Mbit link a rc 2Mbit", "rc of link a: given twice" },
	{ "{}", "cpu rc 1Mbit", "rc: \"1Mbit\" is no share of CPU" },
	{ "{}", "memory rl 4000", "rl: \"4000\" has no unit: write 4000routes" },
	{ "{}", "link a cpu rl 0.5 link b cpu rl 0.6", "rl of cpu: given twice" },
	{ "{}", "cpu=0.5", "cpu: takes no value" },
	{ "{'cpu': {}}", "cpu rc 0.1 no cpu rl 0.2", "rl: on which link?" },
	{ "{}", "priority 1 --priority=2", "priority: given twice" },
	{ "{}", "--frob=3", "unknown key \"frob\"" },
	{ "{}", "--data_path", "data_path: its value is missing" },
	{ "{}", "shaper 40Mbit", "shaper: where? Write link LINK shaper 40Mbit, or arrival" },
	{ "{}", "cpu rc 0.1 limiter 40Mbit", "limiter: where?" },
	{ "{}", "link a burst 64kB", "burst: of what? Write shaper RATE burst 64kB" },
	{ "{}", "link a limiter 4Mbit delay 20ms", "delay: of what?" },
	{ "{}", "link a shaper 4Mbit link b delay 20ms", "delay: of what?" },
	{ "{}", "link a shaper 4Mbit burst 64", "burst: \"64\" has no unit: write bytes" },
	{ "{}", "link a shaper 4Mbit delay 20", "delay: \"20\" has no unit" },
	{ "{}", "link a shaper 4", "shaper: \"4\" has no unit" },
	{ "{}", "link a shaper 4Mbit shaper 5Mbit", "shaper of link a: given twice" },
	{ "{}", "link a priority 3 priority 4", "priority of link a: given twice" },
	{ "{}", "link a no shaper", "no shaper: there is none" },
	{ "{}", "arrival rc 5Mbit", "rc: on which link?" },
	/* a link that was removed is not the one that follows mean */
	{ sold, "link eth0 no link eth0 rc 5Mbit", "rc: on which link?" },
};

static void words_become_the_definition(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		json_t *def = json(good[i].before), *after = json(good[i].after);
		struct xn_err err = { "" };

		if (define(def, good[i].words, &err))
			fail_msg("%s: %s", good[i].words, err.text);
		if (!json_equal(def, after))
			fail_msg("%s: %s", good[i].words, json_dumps(def, 0));
		json_decref(def);
		json_decref(after);
	}
}

static void mistakes_are_told_with_their_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *def = json(bad[i].before);
		struct xn_err err = { "" };

		assert_int_not_equal(define(def, bad[i].words, &err), 0);
		if (!strstr(err.text, bad[i].error))
			fail_msg("%s: %s", bad[i].words, err.text);
		json_decref(def);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_the_definition),
		cmocka_unit_test(mistakes_are_told_with_their_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
