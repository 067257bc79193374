// SPDX-License-Identifier: GPL-2.0-or-later
/* What a message may be, and what a refusal says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vms/message.h"

static const char *const good[] = {
	"<a/>",
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?><a b=\"c\">\xc3\xa9</a>",
	"<a><![CDATA[<!DOCTYPE x>]]></a>",
	"<a><!-- <!DOCTYPE x> --></a>",
	"<a>&lt;&amp;&#65;&#x42;</a>",
	"<a xmlns=\"urn:a\" xmlns:b=\"urn:b\"><b:c b:d=\"\"/></a>",
};

static const struct {
	const char *xml, *why;
} bad[] = {
	{ "", "no text" },
	{ "a", "line 1" },
	{ "<a>", "line 1" },
	{ "<a/><b/>", "line 1" },
	{ "<a></b>", "mismatch" },
	{ "<a b=\"1\" b=\"2\"/>", "redefined" },
	{ "<b:a/>", "not defined" },
	{ "<!DOCTYPE a><a/>", "document type" },
	{ "\n\n<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "line 3: a document type" },
	{ "<a>&b;</a>", "not defined" },
	{ "<a><?b c?></a>", "processing instructions" },
	{ "<a>\x01</a>", "line 1" },
	{ "<a>\xff</a>", "UTF-8" },
	{ "\xef\xbb\xbf<a/>", "UTF-8" },
};

static void good_messages_pass(void **state)
{
	struct xn_err err = { "" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (xn_message_check(good[i], strlen(good[i]), &err))
			fail_msg("%s: %s", good[i], err.text);
}

static void bad_messages_are_refused_and_told_why(void **state)
{
	struct xn_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(xn_message_check(bad[i].xml, strlen(bad[i].xml), &err), -1);
		if (!strstr(err.text, bad[i].why))
			fail_msg("%s: \"%s\" does not say \"%s\"", bad[i].xml, err.text,
				 bad[i].why);
	}
}

/* @n elements in or beside one another. */
static char *elements(size_t n, bool nested)
{
	char *xml = malloc(8 * n + 32), *at = xml;

	at = stpcpy(at, "<r>");
	for (size_t i = 1; i < n; i++)
		at = stpcpy(at, nested ? "<a>" : "<a/>");
	for (size_t i = 1; i < n && nested; i++)
		at = stpcpy(at, "</a>");
	stpcpy(at, "</r>");
	return xml;
}

static void limits_are_where_they_are_said_to_be(void **state)
{
	static const struct {
		size_t limit;
		bool nested;
	} limits[] = { { XN_MESSAGE_DEPTH, true }, { XN_MESSAGE_ELEMENTS, false } };
	struct xn_err err;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t more = 0; more < 2; more++) {
			char *xml = elements(limits[i].limit + more, limits[i].nested);

			assert_int_equal(xn_message_check(xml, strlen(xml), &err), more ? -1 : 0);
			free(xml);
		}
	}
}

/* Every beginning of a message is refused, and none is read beyond its end. */
static void cut_messages_are_refused(void **state)
{
	static const char whole[] = "<a xmlns=\"urn:a\"><b c=\"d\">\xc3\xa9&lt;</b><!-- e --></a>";
	struct xn_err err;

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		char *cut = malloc(n + 1);

		memcpy(cut, whole, n);
		cut[n] = '\0';
		assert_int_equal(xn_message_check(cut, n, &err), -1);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_messages_pass),
		cmocka_unit_test(bad_messages_are_refused_and_told_why),
		cmocka_unit_test(limits_are_where_they_are_said_to_be),
		cmocka_unit_test(cut_messages_are_refused),
	};

	xn_message_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
