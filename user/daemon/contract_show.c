// SPDX-License-Identifier: GPL-2.0-or-later
/* Schedules as records. */
#include "daemon/contract_show.h"
#include "daemon/daemon.h"

static void put_rate(json_t *json, enum xn_resource_kind kind, const char *what, double rate)
{
	char key[XN_RESOURCE_KEY];

	json_object_set_new(json, xn_resource_key(kind, what, key), json_real(rate));
}

static json_t *sla_json(const struct xn_row *row, const struct xn_sla *sla)
{
	json_t *json = json_pack("{ss ss sb}", "link", row->name, "resource",
				 xn_quantities[row->kind].name, "restricted", (int)sla->restricted);

	put_rate(json, row->kind, "rc", sla->rc);
	put_rate(json, row->kind, "re", sla->re);
	put_rate(json, row->kind, "rl", sla->rl);
	put_rate(json, row->kind, "rmax", sla->rmax);
	return json;
}

static json_t *slas_json(const struct xn_state *s, const struct xn_definition *def, uint32_t held)
{
	json_t *list = json_array();

	for (size_t r = 0; r < s->n_rows; r++) {
		const struct xn_row *row = &s->rows[r];
		const struct xn_sla *sla = xn_definition_sla_in(def, row->kind, row->name, held);

		if (sla)
			json_array_append_new(list, sla_json(row, sla));
	}
	return list;
}

static json_t *held_json(const struct xn_definition *def, uint32_t held)
{
	json_t *list = json_array();

	for (size_t i = 0; i < def->n_periods; i++)
		if (held >> i & 1)
			json_array_append_new(list, json_string(def->periods[i].when));
	return list;
}

/* From @begin until others hold, or until @limit. */
static json_t *span_json(const struct xn_state *s, const struct xn_definition *def, int64_t begin,
			 int64_t limit, int64_t *end)
{
	struct xn_schedule schedule = xn_definition_schedule(def);
	uint32_t held = xn_schedule_at(&schedule, begin);
	json_t *json = json_pack("{ss ss sI so so}", "network", def->name, "timezone",
				 def->zone->name, "begin", (json_int_t)begin, "slas",
				 slas_json(s, def, held), "entries", held_json(def, held));

	*end = xn_schedule_next(&schedule, begin, limit);
	if (*end < limit)
		json_object_set_new(json, "end", json_integer(*end));
	/* D-Bus could not tell an empty list of words from one of records */
	if (!held)
		json_object_del(json, "entries");
	return json;
}

/* Networks that are asked for: one, or all. Return: false with @err: there is none of that name. */
static bool range_of(const struct xn_state *s, const char *network, size_t *first, size_t *end,
		     struct xn_err *err)
{
	long n = *network ? xn_state_net(s, network) : 0;

	*first = n < 0 ? 0 : n;
	*end = *network ? *first + 1 : s->n_nets;
	if (n < 0)
		xn_err_set(err, "network %s: no such network", network);
	return n >= 0;
}

json_t *xn_contract_show(const struct xn_daemon *d, const char *network, int64_t time,
			 struct xn_err *err)
{
	json_t *list;
	size_t n, last;
	int64_t end;

	if (!range_of(d->state, network, &n, &last, err))
		return NULL;
	list = json_array();
	for (; n < last; n++)
		json_array_append_new(list, span_json(d->state, d->state->nets[n].def, time,
						      time + XN_PLAN_MAX, &end));
	return list;
}

json_t *xn_contract_plan(const struct xn_daemon *d, const char *network, int64_t from, int64_t to,
			 struct xn_err *err)
{
	json_t *list, *span;
	size_t n, last;

	if (!range_of(d->state, network, &n, &last, err))
		return NULL;
	list = json_array();
	for (; n < last; n++)
		for (int64_t begin = from, end; begin < to; begin = end) {
			span = span_json(d->state, d->state->nets[n].def, begin, to, &end);
			json_object_set_new(span, "end", json_integer(end));
			json_array_append_new(list, span);
		}
	return list;
}
