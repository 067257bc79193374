// SPDX-License-Identifier: GPL-2.0-or-later
/* Ticks and long intervals as JSON. */
#include "series.h"

json_t *xn_series_new(void)
{
	return json_pack("{s:[], s:[]}", "ticks", "intervals");
}

/* Append {"t": @t, "networks": []} to a list of the series. */
static json_t *append(json_t *series, const char *list, double t)
{
	json_t *entry = json_pack("{s:f, s:[]}", "t", t, "networks");

	return json_array_append_new(json_object_get(series, list), entry) ? NULL : entry;
}

json_t *xn_series_tick(json_t *series, double t)
{
	return append(series, "ticks", t);
}

static int put_rate(json_t *network, enum xn_resource_kind kind, const char *what, double rate)
{
	char key[XN_RESOURCE_KEY];

	return json_object_set_new(network, xn_resource_key(kind, what, key), json_real(rate));
}

int xn_series_tick_add(json_t *tick, const char *name, enum xn_resource_kind kind, double demand,
		       double through, const struct xn_share *share, double ec)
{
	json_t *network = json_pack("{s:s, s:f, s:f, s:f}", "name", name, "ratio", share->ratio,
				    "weight", share->weight, "ec", ec);
	int failed = put_rate(network, kind, "demand", demand) |
		     put_rate(network, kind, "throughput", through) |
		     put_rate(network, kind, "allowed", share->allowed);

	if (kind != XN_BANDWIDTH)
		failed |= json_object_set_new(network, "resource",
					      json_string(xn_quantities[kind].name));
	if (!failed)
		failed = json_array_append(json_object_get(tick, "networks"), network);
	json_decref(network);
	return failed ? -1 : 0;
}

json_t *xn_series_interval(json_t *series, double t)
{
	return append(series, "intervals", t);
}

int xn_series_interval_add(json_t *interval, const char *name, const struct xn_verdict *verdict)
{
	json_t *network = json_pack("{s:s, s:f, s:f}", "name", name, "el", verdict->el,
				    "conformity", verdict->conformity);

	return json_array_append_new(json_object_get(interval, "networks"), network);
}
