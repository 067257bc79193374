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

int xn_series_tick_add(json_t *tick, const char *name, double demand_bps, double through_bps,
		       const struct xn_share *share, double ec)
{
	json_t *network = json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f}", "name", name,
				    "demand_bps", demand_bps, "throughput_bps", through_bps,
				    "allowed_bps", share->allowed, "ratio", share->ratio, "weight",
				    share->weight, "ec", ec);

	return json_array_append_new(json_object_get(tick, "networks"), network);
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
