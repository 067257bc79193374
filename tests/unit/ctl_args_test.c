// SPDX-License-Identifier: GPL-2.0-or-later
/* Arguments, words and what is safe to print. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <jansson.h>

#include "ctl/args.h"
#include "ctl/output.h"
#include "ctl/words.h"

static const char *const none[] = { NULL };
static const char *const device[] = { "device", NULL };
static const char *const maybe_network[] = { "?network", NULL };
static const struct xn_arg keys[] = {
	{ "link", XN_ARG_TEXT, false },	   { "capacity", XN_ARG_RATE, false },
	{ "count", XN_ARG_COUNT, false },  { "ticks", XN_ARG_FLAG, false },
	{ "network", XN_ARG_TEXT, false },
};
static const struct xn_arg needed[] = { { "network", XN_ARG_TEXT, true } };

#define KEYS   keys, sizeof(keys) / sizeof(keys[0])
#define NEEDED needed, 1

static const struct {
	const char *const *names;
	const struct xn_arg *args;
	size_t n;
	const char *argv[8];
	const char *json;  /* what comes of it, or */
	const char *error; /* part of the message */
} table[] = {
	{ none, KEYS, { "link", "eth0", "count", "3" }, "{\"link\": \"eth0\", \"count\": 3}", NULL },
	{ none,
	  KEYS,
	  { "--link", "eth0", "--count=3" },
	  "{\"link\": \"eth0\", \"count\": 3}",
	  NULL },
	{ none, KEYS, { "li", "eth0", "--tick" }, "{\"link\": \"eth0\", \"ticks\": true}", NULL },
	{ none, KEYS, { "capacity", "1Gbit" }, "{\"capacity\": \"1Gbit\"}", NULL },
	{ device,
	  NEEDED,
	  { "vif1.0", "network", "net1" },
	  "{\"device\": \"vif1.0\", \"network\": \"net1\"}",
	  NULL },
	{ maybe_network,
	  KEYS,
	  { "net1", "link", "a" },
	  "{\"network\": \"net1\", \"link\": \"a\"}",
	  NULL },
	{ maybe_network, KEYS, { "link", "a" }, "{\"link\": \"a\"}", NULL },
	{ NULL, NULL, 0, { NULL }, "{}", NULL },
	{ NULL, NULL, 0, { "more" }, NULL, "\"more\": nothing more is expected" },
	{ none, KEYS, { "capacity", "10" }, NULL, "capacity: \"10\" has no unit" },
	{ none, KEYS, { "c", "10" }, NULL, "\"c\" may be capacity, count" },
	{ none, KEYS, { "count", "many" }, NULL, "count: \"many\"" },
	{ none, KEYS, { "count" }, NULL, "count: its value is missing" },
	{ none, KEYS, { "count", "1", "--count", "2" }, NULL, "count: given twice" },
	{ none, KEYS, { "cuont", "1" }, NULL, "did you mean \"count\"?" },
	{ device, NEEDED, { "vif1.0" }, NULL, "network is missing" },
	{ device, NEEDED, { NULL }, NULL, "device is missing" },
	{ device, NULL, 0, { "a\xff" }, NULL, "device: is not UTF-8" },
};

static void arguments_become_an_object(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct xn_err err = { "" };
		int argc = 0;
		json_t *args, *want;

		while (table[i].argv[argc])
			argc++;
		args = xn_args_parse(table[i].names, table[i].args, table[i].n, argc,
				     (char **)table[i].argv, &err);
		if (table[i].error) {
			assert_null(args);
			if (!strstr(err.text, table[i].error))
				fail_msg("row %zu: %s", i, err.text);
			continue;
		}
		if (!args)
			fail_msg("row %zu: %s", i, err.text);
		want = json_loads(table[i].json, 0, NULL);
		assert_true(json_equal(args, want));
		json_decref(want);
		json_decref(args);
	}
}

static void words_are_found_by_their_beginning(void **state)
{
	static const char *const names[] = { "list", "link", "add", "delete", "del" };
	struct xn_words words = XN_WORDS(names, 5);
	static const struct {
		const char *text;
		int found;
	} cases[] = {
		{ "list", 0 }, { "lin", 1 },	{ "l", XN_WORD_AMBIGUOUS },
		{ "a", 2 },    { "del", 4 },	{ "dele", 3 },
		{ "", -1 },    { "lists", -1 }, { "x", XN_WORD_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(xn_words_find(&words, cases[i].text), cases[i].found);
	assert_string_equal(xn_words_guess(&words, "lsit"), "list");
	assert_string_equal(xn_words_guess(&words, "ad"), "add");
	assert_null(xn_words_guess(&words, "elephant"));
}

static void nothing_printed_controls_a_terminal(void **state)
{
	static const struct {
		const char *raw, *clean;
	} cases[] = {
		{ "net1", "net1" },
		{ "a\033[31mb\r\n\t\a", "a?[31mb????" },
		{ "\x7f\xc2\x9b"
		  "2J",
		  "??2J" }, /* DEL, and CSI as C1 */
		{ "r\xc3\xa9seau", "r\xc3\xa9seau" },
		{ "\xff\xc3", "??" },		     /* not UTF-8, and cut short */
		{ "\xc0\x9b\xed\xa0\x80", "?????" }, /* overlong, surrogate */
		{ "a\xe2\x80\xae"
		  "b",
		  "a?b" }, /* right-to-left override */
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(xn_ctl_clean(cases[i].raw, buf, sizeof(buf)), cases[i].clean);
	assert_string_equal(xn_ctl_clean("abcdef", buf, 4), "abc");
	assert_string_equal(xn_ctl_clean("ab\xc3\xa9", buf, 4), "ab");
}

static void percentages_never_round_to_all_or_nothing(void **state)
{
	static const struct {
		double ratio;
		const char *text;
	} cases[] = {
		{ 0, "0%" },	      { 1, "100%" },	    { 0.305, "30.5%" }, { 0.0001, "0.1%" },
		{ 0.99999, "99.9%" }, { 1.0 / 3, "33.3%" }, { 1.25, "125%" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(xn_ctl_percent(cases[i].ratio, buf, sizeof(buf)),
				    cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_become_an_object),
		cmocka_unit_test(words_are_found_by_their_beginning),
		cmocka_unit_test(nothing_printed_controls_a_terminal),
		cmocka_unit_test(percentages_never_round_to_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
