// SPDX-License-Identifier: GPL-2.0-or-later
/* A request's definition, checked beside what is in force. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/book.h"
#include "common/crosscheck.h"
#include "common/definition.h"
#include "daemon/admit.h"
#include "daemon/daemon.h"

struct xn_definition *xn_admit_parse(const struct xn_daemon *d, const char *name, const char *text,
				     struct xn_err *err)
{
	struct xn_source *source = xn_source_text("(request)", text, strlen(text), err);
	struct xn_definition *def = NULL;

	if (source)
		def = xn_definition_parse(source, name, false, err);
	if (def && !xn_crosscheck_links(&d->state->config->machine, def, source, err)) {
		xn_definition_free(def);
		def = NULL;
	}
	xn_source_free(source);
	return def;
}

/* Keys end in the unit, as everywhere; bytes and numbers have none. */
static void put_amount(json_t *json, const struct xn_check *check, const char *what, double amount)
{
	char key[XN_RESOURCE_KEY];

	if (isinf(amount))
		return;
	if (*check->of)
		xn_resource_key(check->resource, what, key);
	else
		snprintf(key, sizeof(key), "%s%s", what,
			 check->need == XN_NEED_DISK ? "_bytes" : "");
	json_object_set_new(json, key, json_real(amount));
}

static json_t *check_json(const struct xn_check *check)
{
	json_t *json = json_pack("{ss ss sb}", "check", xn_need_name(check->need), "of", check->of,
				 "ok", (int)check->ok);

	if (*check->of)
		json_object_set_new(json, "resource",
				    json_string(xn_quantities[check->resource].name));
	put_amount(json, check, "asked", check->asked);
	put_amount(json, check, "sold", check->sold);
	put_amount(json, check, "capacity", check->capacity);
	put_amount(json, check, "room", check->room);
	if (check->at)
		json_object_set_new(json, "at", json_integer(check->at));
	return json;
}

static json_t *checks_json(const struct xn_check *checks, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, check_json(&checks[i]));
	return list;
}

static json_t *show(const struct xn_config *config, const struct xn_definition *def,
		    struct xn_err *err)
{
	struct xn_err why = { "" };
	int64_t now = time(NULL);
	struct xn_check *checks;
	json_t *json = NULL;
	size_t n;
	int rc;

	rc = xn_book_admits(config, def, now, &checks, &n, &why);
	if (rc != -ENOMEM) {
		json = json_pack("{ss sb ss so}", "network", def->name, "admitted", (int)!rc, "why",
				 why.text, "checks", checks_json(checks, n));
		free(checks);
	}
	if (!json)
		xn_err_set(err, "no memory");
	return json;
}

json_t *xn_admit_show(const struct xn_daemon *d, const char *name, const char *text,
		      struct xn_err *err)
{
	struct xn_definition *def = xn_admit_parse(d, name, text, err);
	json_t *json = def ? show(d->state->config, def, err) : NULL;

	xn_definition_free(def);
	return json;
}
