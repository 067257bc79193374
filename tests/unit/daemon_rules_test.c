// SPDX-License-Identifier: GPL-2.0-or-later
/* A router's rules are translated as they are meant, and nothing hostile gets through. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/rules.h"

static const struct xn_rules_name names[] = {
	{ "eth0", "xn7.0" },
	{ "eth1", "xn7.1" },
};

static const struct xn_rules_target target = {
	.table = "xnetman-net1",
	.vrf = "xn7",
	.gateway4 = "192.0.0.8",
	.gateway6 = "fe80::1",
	.zone = 28679,
	.names = names,
	.n_names = 2,
};

/* With ' for ". */
static char *quoted(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	return copy;
}

static json_t *translate(const char *text, size_t *n, struct xn_err *err)
{
	char *copy = quoted(text);
	json_t *commands;

	err->text[0] = '\0';
	commands = xn_rules_translate(copy, strlen(copy), &target, n, err);
	free(copy);
	return commands;
}

#define BASE                                                                         \
	"{'metainfo': {'version': '1.0.6', 'json_schema_version': 1}},"              \
	"{'table': {'family': 'inet', 'name': 'fw', 'handle': 1}},"                  \
	"{'chain': {'family': 'inet', 'table': 'fw', 'name': 'fwd', 'handle': 1, "   \
	"'type': 'filter', 'hook': 'forward', 'prio': 0, 'policy': 'drop'}},"        \
	"{'chain': {'family': 'inet', 'table': 'fw', 'name': 'in', 'handle': 2, "    \
	"'type': 'filter', 'hook': 'input', 'prio': 0, 'policy': 'drop'}},"          \
	"{'chain': {'family': 'inet', 'table': 'fw', 'name': 'sub', 'handle': 3}},"  \
	"{'chain': {'family': 'ip', 'table': 'other', 'name': 'far', 'handle': 3}}," \
	"{'set': {'family': 'inet', 'table': 'fw', 'name': 'good', 'handle': 5, "    \
	"'type': 'ipv4_addr', 'flags': ['interval'], 'elem': ["                      \
	"{'prefix': {'addr': '10.0.0.0', 'len': 8}}, '192.0.2.1']}},"                \
	"{'set': {'family': 'inet', 'table': 'fw', 'name': 'timed', 'handle': 6, "   \
	"'type': 'ipv4_addr', 'timeout': 60}},"                                      \
	"{'set': {'family': 'inet', 'table': 'fw', 'name': 'dynamic', 'handle': 7, " \
	"'type': 'ipv4_addr', 'flags': ['dynamic']}},"                               \
	"{'set': {'family': 'inet', 'table': 'fw', 'name': 'named', 'handle': 8, "   \
	"'type': 'ipv4_addr', 'elem': ['evil.example.com']}},"                       \
	"{'set': {'family': 'inet', 'table': 'fw', 'name': 'marks', 'handle': 9, "   \
	"'type': 'mark', 'elem': [1]}},"
#define RULE(expr)                                                                              \
	"{'nftables': [" BASE                                                                   \
	"{'rule': {'family': 'inet', 'table': 'fw', 'chain': 'fwd', 'handle': 9, 'expr': " expr \
	"}}]}"
#define MATCH(left, right) "{'match': {'op': '==', 'left': " left ", 'right': " right "}}"
#define SADDR		   "{'payload': {'protocol': 'ip', 'field': 'saddr'}}"
#define DPORT		   "{'payload': {'protocol': 'tcp', 'field': 'dport'}}"
#define IIF		   "{'meta': {'key': 'iifname'}}"

/* --- what is carried --- */

struct carried {
	const char *name;
	const char *rule;
	const char *want; /* the statement in Dom0, with ' for " */
	size_t n;
};

static const struct carried carried[] = {
	{ "accept", RULE("[{'accept': null}]"), "[{'accept':null}]", 1 },
	{ "address", RULE("[" MATCH(SADDR, "'192.0.2.7'") ", {'drop': null}]"),
	  "'right':'192.0.2.7'}},{'drop':null}]", 1 },
	{ "prefix", RULE("[" MATCH(SADDR, "{'prefix': {'addr': '10.0.0.0', 'len': 8}}") "]"),
	  "'right':{'prefix':{'addr':'10.0.0.0','len':8}}", 1 },
	{ "range of ports", RULE("[" MATCH(DPORT, "{'range': [80, 90]}") "]"),
	  "'right':{'range':[80,90]}", 1 },
	{ "set", RULE("[" MATCH(DPORT, "{'set': [22, 80]}") "]"), "'right':{'set':[22,80]}", 3 },
	{ "named set", RULE("[" MATCH(SADDR, "'@good'") "]"), "'right':'@inet-fw-good'", 3 },
	{ "where it came in", RULE("[" MATCH(IIF, "'eth0'") "]"),
	  "{'meta':{'key':'sdifname'}},'right':{'set':['xn7.0']}", 1 },
	{ "where it goes out", RULE("[" MATCH("{'meta': {'key': 'oifname'}}", "'eth1'") "]"),
	  "{'meta':{'key':'oifname'}},'right':{'set':['xn7.1']}", 1 },
	{ "interfaces by a pattern", RULE("[" MATCH(IIF, "'eth*'") "]"),
	  "'right':{'set':['xn7.0','xn7.1']}", 1 },
	{ "an interface that is none of Dom0's", RULE("[" MATCH(IIF, "'wg0'") "]"),
	  "'right':{'set':['xn-none']}", 1 },
	{ "connections",
	  RULE("[" MATCH("{'ct': {'key': 'state'}}", "['established', 'related']") "]"),
	  "'right':['established','related']", 1 },
	{ "their zone is the network's", RULE("[" MATCH("{'ct': {'key': 'state'}}", "'new'") "]"),
	  "{'mangle':{'key':{'ct':{'key':'zone'}},'value':28679}}", 1 },
	{ "counter from zero", RULE("[{'counter': {'packets': 7, 'bytes': 900}}]"),
	  "[{'counter':null}]", 1 },
	{ "limit", RULE("[{'limit': {'rate': 10, 'burst': 5, 'per': 'second'}}, {'accept': null}]"),
	  "'per':'second'", 1 },
	{ "reject", RULE("[{'reject': {'type': 'icmpx', 'expr': 'admin-prohibited'}}]"),
	  "{'reject':{'type':'icmpx','expr':'admin-prohibited'}}", 1 },
	{ "jump", RULE("[{'jump': {'target': 'sub'}}]"), "{'jump':{'target':'inet-fw-sub'}}", 1 },
	{ "verdict map",
	  RULE("[{'vmap': {'key': {'ct': {'key': 'state'}}, 'data': {'set': "
	       "[['established', {'accept': null}], ['invalid', {'drop': null}]]}}}]"),
	  "'data':{'set':[['established',{'accept':null}],['invalid',{'drop':null}]]}", 3 },
	{ "concatenation",
	  RULE("[" MATCH("{'concat': [" SADDR ", " DPORT "]}",
			 "{'set': [{'concat': ['192.0.2.1', 80]}]}") "]"),
	  "'right':{'set':[{'concat':['192.0.2.1',80]}]}", 2 },
	{ "flags",
	  RULE("[" MATCH("{'&': [{'payload': {'protocol': 'tcp', 'field': 'flags'}}, "
			 "{'|': ['syn', 'ack']}]}",
			 "'syn'") "]"),
	  "{'|':['syn','ack']}", 1 },
	{ "only the VRF's packets", RULE("[{'drop': null}]"),
	  "[{'match':{'op':'!=','left':{'meta':{'key':'iifname'}},'right':'xn7'}},{'accept':null}]",
	  1 },
	{ "not what the router will judge", RULE("[{'drop': null}]"),
	  "{'match':{'op':'==','left':{'rt':{'key':'nexthop','family':'ip'}},'right':'192.0.0.8'}}",
	  1 },
	{ "its policy", RULE("[{'accept': null}]"), "'chain':'forward-0','expr':[{'drop':null}]",
	  1 },
};

static void rules_are_translated(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(carried) / sizeof(carried[0]); i++) {
		const struct carried *c = &carried[i];
		char *want = quoted(c->want), *got;
		struct xn_err err;
		json_t *json;
		size_t n;

		json = translate(c->rule, &n, &err);
		if (!json)
			fail_msg("%s: %s", c->name, err.text);
		got = json_dumps(json, JSON_COMPACT);
		if (!strstr(got, want))
			fail_msg("%s: no %s in %s", c->name, want, got);
		if (n != c->n)
			fail_msg("%s: %zu rules, not %zu", c->name, n, c->n);
		free(got);
		free(want);
		json_decref(json);
	}
}

/* --- what is not --- */

struct refused {
	const char *name;
	const char *rule;
	const char *why;
};

#define CHAIN(family, type, hook, rest)                                    \
	"{'nftables': [{'chain': {'family': '" family                      \
	"', 'table': 't', 'name': 'c', 'type': '" type "', 'hook': '" hook \
	"', 'prio': 0, 'policy': 'accept'}}, {'rule': {'family': '" family \
	"', 'table': 't', 'chain': 'c', 'handle': 1, 'expr': [{'accept': null}]}}" rest "]}"

static const struct refused refused[] = {
	/* statements that reach further than a packet's fate */
	{ "queue", RULE("[{'queue': {'num': 1}}]"), "inet fw fwd handle 9: queue is not carried" },
	{ "dup", RULE("[{'dup': {'addr': '10.0.0.1', 'dev': 'eth0'}}]"), "dup is not carried" },
	{ "fwd", RULE("[{'fwd': {'dev': 'lo'}}]"), "fwd is not carried" },
	{ "tproxy", RULE("[{'tproxy': {'addr': '127.0.0.1', 'port': 22}}]"), "tproxy is not" },
	{ "log", RULE("[{'log': {'prefix': 'x'}}]"), "log is not carried" },
	{ "snat", RULE("[{'snat': {'addr': '10.0.0.1'}}]"), "snat is not carried" },
	{ "masquerade", RULE("[{'masquerade': null}]"), "masquerade is not carried" },
	{ "set a mark", RULE("[{'mangle': {'key': {'meta': {'key': 'mark'}}, 'value': 1}}]"),
	  "mangle is not carried" },
	{ "set a zone", RULE("[{'mangle': {'key': {'ct': {'key': 'zone'}}, 'value': 1}}]"),
	  "mangle is not carried" },
	{ "notrack", RULE("[{'notrack': null}]"), "notrack is not carried" },
	{ "flow offload", RULE("[{'flow': {'op': 'add', 'flowtable': '@f'}}]"), "flow is not" },
	{ "change a set", RULE("[{'set': {'op': 'add', 'elem': " SADDR ", 'set': '@good'}}]"),
	  "set is not carried" },
	{ "synproxy", RULE("[{'synproxy': {'mss': 1460}}]"), "synproxy is not carried" },
	{ "named counter", RULE("[{'counter': 'c'}]"), "named counter" },
	{ "named limit", RULE("[{'limit': 'l'}]"), "limit" },
	{ "quota", RULE("[{'quota': {'val': 1, 'val_unit': 'bytes'}}]"), "quota is not carried" },
	{ "ct helper", RULE("[{'ct helper': 'ftp'}]"), "ct helper is not carried" },
	{ "an xtables statement", RULE("[{'xt': null}]"), "xt is not carried" },

	/* jumps out */
	{ "jump to another table", RULE("[{'jump': {'target': 'far'}}]"), "no chain of its table" },
	{ "jump nowhere", RULE("[{'jump': {'target': 'none'}}]"), "no chain of its table" },
	{ "jump to a base chain", RULE("[{'jump': {'target': 'in'}}]"), "no chain of its table" },
	{ "goto by a path", RULE("[{'goto': {'target': '../x'}}]"), "no chain of its table" },
	{ "jump in a map",
	  RULE("[{'vmap': {'key': {'ct': {'key': 'state'}}, 'data': {'set': [['new', "
	       "{'jump': {'target': 'far'}}]]}}}]"),
	  "no chain of its table" },
	{ "a jump with more", RULE("[{'jump': {'target': 'sub', 'table': 'x'}}]"), "malformed" },

	/* expressions that look elsewhere */
	{ "mark", RULE("[" MATCH("{'meta': {'key': 'mark'}}", "1") "]"), "meta mark is not" },
	{ "skuid", RULE("[" MATCH("{'meta': {'key': 'skuid'}}", "0") "]"), "meta skuid is not" },
	{ "ct mark", RULE("[" MATCH("{'ct': {'key': 'mark'}}", "1") "]"), "ct mark is not" },
	{ "ct zone", RULE("[" MATCH("{'ct': {'key': 'zone'}}", "1") "]"), "ct zone is not" },
	{ "fib", RULE("[" MATCH("{'fib': {'result': 'oif', 'flags': ['saddr']}}", "'eth0'") "]"),
	  "fib is not carried" },
	{ "socket", RULE("[" MATCH("{'socket': {'key': 'mark'}}", "1") "]"), "socket is not" },
	{ "numgen", RULE("[" MATCH("{'numgen': {'mode': 'random', 'mod': 2}}", "0") "]"),
	  "numgen" },
	{ "raw payload",
	  RULE("[" MATCH("{'payload': {'base': 'ih', 'offset': 0, 'len': 32}}", "0") "]"),
	  "raw payload" },
	{ "unknown field",
	  RULE("[" MATCH("{'payload': {'protocol': 'ip', 'field': 'x'}}", "0") "]"),
	  "ip x is not carried" },
	{ "the frame's header",
	  RULE("[" MATCH("{'payload': {'protocol': 'ether', 'field': 'saddr'}}",
			 "'02:00:00:00:00:01'") "]"),
	  "ether saddr is not" },

	/* values that nft would look up, or that are none */
	{ "a host's name", RULE("[" MATCH(SADDR, "'evil.example.com'") "]"), "is no IPv4 address" },
	{ "localhost", RULE("[" MATCH(SADDR, "'localhost'") "]"), "is no IPv4 address" },
	{ "a name in a set", RULE("[" MATCH(SADDR, "{'set': ['a.b']}") "]"), "is no IPv4 address" },
	{ "a name in a prefix", RULE("[" MATCH(SADDR, "{'prefix': {'addr': 'a.b', 'len': 8}}") "]"),
	  "is no IPv4 address" },
	{ "a name in a range", RULE("[" MATCH(SADDR, "{'range': ['10.0.0.1', 'a.b']}") "]"),
	  "is no IPv4 address" },
	{ "a name in a named set", RULE("[" MATCH(SADDR, "'@named'") "]"), "is no IPv4 address" },
	{ "a port by name", RULE("[" MATCH(DPORT, "'ssh'") "]"), "wrong type" },
	{ "a negative port", RULE("[" MATCH(DPORT, "-1") "]"), "wrong type" },
	{ "a port that is a list of lists", RULE("[" MATCH(DPORT, "[[80]]") "]"), "wrong type" },
	{ "a prefix too long",
	  RULE("[" MATCH(SADDR, "{'prefix': {'addr': '10.0.0.0', 'len': 33}}") "]"), "prefix" },
	{ "a symbol with a line break",
	  RULE("[" MATCH("{'ct': {'key': 'state'}}", "'new\\ndrop'") "]"), "is no value" },
	{ "a symbol that is a variable", RULE("[" MATCH("{'ct': {'key': 'state'}}", "'$x'") "]"),
	  "is no value" },
	{ "an interface with a class", RULE("[" MATCH(IIF, "'[a-z]*'") "]"), "interface" },
	{ "an operator of one's own",
	  RULE("[{'match': {'op': '=', 'left': " SADDR ", 'right': "
	       "'10.0.0.1'}}]"),
	  "comparison" },
	{ "an empty set", RULE("[" MATCH(DPORT, "{'set': []}") "]"), "a set is empty" },
	{ "concatenations of other lengths",
	  RULE("[" MATCH("{'concat': [" SADDR ", " DPORT "]}", "{'set': [{'concat': [80]}]}") "]"),
	  "wrong length" },

	/* sets */
	{ "a set that is not there", RULE("[" MATCH(SADDR, "'@none'") "]"), "no set of its table" },
	{ "a set with a timeout", RULE("[" MATCH(SADDR, "'@timed'") "]"),
	  "timeout is not carried" },
	{ "a dynamic set", RULE("[" MATCH(SADDR, "'@dynamic'") "]"), "flag dynamic is not" },
	{ "a set of marks", RULE("[" MATCH(SADDR, "'@marks'") "]"), "its type is not carried" },
	{ "a set of addresses for interfaces", RULE("[" MATCH(IIF, "'@good'") "]"),
	  "another type" },

	/* shapes */
	{ "no statements", RULE("[]"), "without statements" },
	{ "a statement that is a string", RULE("['accept']"), "a statement is not" },
	{ "a statement of two", RULE("[{'accept': null, 'drop': null}]"), "a statement is not" },
	{ "statements that are none", RULE("{'accept': null}"), "without statements" },

	/* chains */
	{ "nat", CHAIN("ip", "nat", "postrouting", ""), "type nat hook postrouting" },
	{ "prerouting", CHAIN("inet", "filter", "prerouting", ""), "hook prerouting" },
	{ "netdev", CHAIN("netdev", "filter", "ingress", ""), "family netdev" },
	{ "route in forward", CHAIN("ip", "route", "forward", ""), "type route" },
	{ "a chain with a hostile name",
	  "{'nftables': [{'chain': {'family': 'ip', 'table': 't;', 'name': 'c', 'type': 'filter', "
	  "'hook': "
	  "'forward', 'prio': 0, 'policy': 'drop'}}]}",
	  "a name that is not carried" },
	{ "a priority out of range",
	  "{'nftables': [{'chain': {'family': 'ip', 'table': 't', 'name': 'c', 'type': 'filter', "
	  "'hook': "
	  "'forward', 'prio': 2000000000, 'policy': 'drop'}}]}",
	  "priority" },

	/* no ruleset at all */
	{ "nothing", "", "ruleset:" },
	{ "no JSON", "table ip filter {}", "the ruleset:1:" },
	{ "half", "{'nftables': [", "the ruleset:1:" },
	{ "a key twice", "{'nftables': [], 'nftables': []}", "the ruleset:1:" },
	{ "another document", "{'routes': []}", "has no list" },
	{ "a list", "[]", "has no list" },
	{ "an object for a list", "{'nftables': {}}", "has no list" },
};

static void hostile_rules_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct xn_err err;
		size_t n;
		json_t *json = translate(refused[i].rule, &n, &err);

		if (json)
			fail_msg("%s is not refused: %s", refused[i].name, json_dumps(json, 0));
		if (!strstr(err.text, refused[i].why))
			fail_msg("%s: \"%s\" does not say \"%s\"", refused[i].name, err.text,
				 refused[i].why);
	}
}

/* --- what is nobody's business --- */

static void only_what_sees_forwarded_packets_is_carried(void **state)
{
	static const char *const rulesets[] = {
		"{'nftables': []}",
		CHAIN("ip", "filter", "input", ""),
		CHAIN("inet", "route", "output", ""),
		CHAIN("bridge", "filter", "forward", ""),
		"{'nftables': [{'chain': {'family': 'ip', 'table': 't', 'name': 'c', 'type': "
		"'nat', 'hook': "
		"'prerouting', 'prio': -100, 'policy': 'accept'}}]}",
		"{'nftables': [{'table': {'family': 'ip', 'name': 't', 'flags': ['dormant']}}, "
		"{'chain': {'family': "
		"'ip', 'table': 't', 'name': 'c', 'type': 'nat', 'hook': 'prerouting', 'prio': 0, "
		"'policy': "
		"'drop'}}]}",
	};
	json_t *nothing = xn_rules_remove(target.table);

	(void)state;
	for (size_t i = 0; i < sizeof(rulesets) / sizeof(rulesets[0]); i++) {
		struct xn_err err;
		size_t n;
		json_t *json = translate(rulesets[i], &n, &err);

		if (!json)
			fail_msg("%zu: %s", i, err.text);
		assert_true(json_equal(json, nothing));
		assert_int_equal(n, 0);
		json_decref(json);
	}
	json_decref(nothing);
}

/* @n rules in one chain. */
static char *many(size_t n)
{
	char *text,
		*one = quoted("{'rule': {'family': 'inet', 'table': 'fw', 'chain': 'fwd', 'expr': "
			      "[{'drop': null}]}}"),
		*base = quoted("{'nftables': [" BASE);
	FILE *out;
	size_t size;

	out = open_memstream(&text, &size);
	assert_non_null(out);
	fputs(base, out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? "," : "", one);
	fputs("]}", out);
	fclose(out);
	free(base);
	free(one);
	return text;
}

static void there_is_a_limit(void **state)
{
	struct xn_err err;
	char *text = calloc(1, XN_RULES_TEXT_MAX + 2);
	size_t n;

	(void)state;
	memset(text, ' ', XN_RULES_TEXT_MAX + 1);
	assert_null(xn_rules_translate(text, XN_RULES_TEXT_MAX + 1, &target, &n, &err));
	assert_non_null(strstr(err.text, "longer than"));
	free(text);
	text = many(XN_RULES_MAX + 1);
	assert_null(xn_rules_translate(text, strlen(text), &target, &n, &err));
	free(text);
	text = many(1000);
	json_t *json = xn_rules_translate(text, strlen(text), &target, &n, &err);
	assert_non_null(json);
	assert_int_equal(n, 1000);
	json_decref(json);
	free(text);
}

/* Any byte may be another: it is refused or translated, and never more than that. */
static void garbage_does_no_harm(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(carried) / sizeof(carried[0]); i++)
		for (size_t k = 0; k < 200; k++) {
			char *text = quoted(carried[i].rule);
			size_t length = strlen(text), n;
			struct xn_err err;

			for (size_t j = 0; j < 1 + k % 4; j++)
				text[rand_r(&seed) % length] =
					"\"{}[],:a0\\\n\xff"[rand_r(&seed) % 12];
			length -= k % 7 ? 0 : rand_r(&seed) % length;
			json_decref(xn_rules_translate(text, length, &target, &n, &err));
			free(text);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_translated),
		cmocka_unit_test(hostile_rules_are_refused),
		cmocka_unit_test(only_what_sees_forwarded_packets_is_carried),
		cmocka_unit_test(there_is_a_limit),
		cmocka_unit_test(garbage_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
