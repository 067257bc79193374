// SPDX-License-Identifier: GPL-2.0-or-later
/* Breaches by network and resource; kept by "ROW/NETWORK", as neither can have a slash in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/definition.h"
#include "web/breaches.h"

#define KEY	   (64 + 16 + 1)
#define COUNTS_MAX 65536 /* before the next trim: more than there are networks and links */

struct xn_breaches {
	json_t *counts; /* key: [short, long, broken] */
};

enum {
	SHORT,
	LONG,
	BROKEN
};

struct xn_breaches *xn_breaches_create(void)
{
	struct xn_breaches *breaches = calloc(1, sizeof(*breaches));

	if (breaches)
		breaches->counts = json_object();
	return breaches;
}

void xn_breaches_destroy(struct xn_breaches *breaches)
{
	if (!breaches)
		return;
	json_decref(breaches->counts);
	free(breaches);
}

static bool make_key(char *key, const char *network, const char *row)
{
	if (!network || !row || xn_network_name_check(network) || xn_device_name_check(row))
		return false;
	snprintf(key, KEY, "%s/%s", row, network);
	return true;
}

static json_t *find(struct xn_breaches *breaches, const char *key)
{
	json_t *count = json_object_get(breaches->counts, key);

	if (count || json_object_size(breaches->counts) >= COUNTS_MAX)
		return count;
	json_object_set_new(breaches->counts, key, json_pack("[iii]", 0, 0, 0));
	return json_object_get(breaches->counts, key);
}

static void add(json_t *count, size_t term)
{
	json_t *n = json_array_get(count, term);

	json_integer_set(n, json_integer_value(n) + 1);
}

/* Of the short term it is told when one begins, when its cause changes, and with error 0 when it is over. */
void xn_breaches_add(struct xn_breaches *breaches, const json_t *arguments)
{
	const char *network = json_string_value(json_array_get(arguments, 0));
	const char *row = json_string_value(json_array_get(arguments, 1));
	const char *kind = json_string_value(json_array_get(arguments, 2));
	bool on = json_number_value(json_array_get(arguments, 3)) > 0;
	json_t *count, *broken;
	char key[KEY];

	if (!kind || !make_key(key, network, row))
		return;
	count = find(breaches, key);
	broken = json_array_get(count, BROKEN);
	if (!strcmp(kind, "long") && on)
		add(count, LONG);
	if (strcmp(kind, "short"))
		return;
	if (on && !json_integer_value(broken))
		add(count, SHORT);
	json_integer_set(broken, on);
}

struct xn_breach_count xn_breaches_get(const struct xn_breaches *breaches, const char *network,
				       const char *row)
{
	struct xn_breach_count out = { 0 };
	const json_t *count;
	char key[KEY];

	if (!make_key(key, network, row))
		return out;
	count = json_object_get(breaches->counts, key);
	out.terms[0] = json_integer_value(json_array_get(count, SHORT));
	out.terms[1] = json_integer_value(json_array_get(count, LONG));
	out.broken = json_integer_value(json_array_get(count, BROKEN));
	return out;
}

void xn_breaches_end(struct xn_breaches *breaches)
{
	const char *key;
	json_t *count;

	json_object_foreach(breaches->counts, key, count)
		json_integer_set(json_array_get(count, BROKEN), 0);
}

static void keep_rows(json_t *kept, const struct xn_breaches *breaches, const json_t *rows)
{
	const json_t *row, *network;
	size_t i, j;
	char key[KEY];

	json_array_foreach((json_t *)rows, i, row) {
		const char *name = json_string_value(json_object_get(row, "name"));

		json_array_foreach(json_object_get(row, "networks"), j, network) {
			const char *of = json_string_value(json_object_get(network, "name"));

			if (make_key(key, of, name))
				json_object_set(kept, key, json_object_get(breaches->counts, key));
		}
	}
}

void xn_breaches_trim(struct xn_breaches *breaches, const json_t *status)
{
	json_t *kept = json_object();

	keep_rows(kept, breaches, json_object_get(status, "links"));
	keep_rows(kept, breaches, json_object_get(status, "resources"));
	json_decref(breaches->counts);
	breaches->counts = kept;
}
