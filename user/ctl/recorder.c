// SPDX-License-Identifier: GPL-2.0-or-later
/* From the statuses of successive ticks to a series (core/series.h). */
#include <math.h>
#include <string.h>

#include "core/series.h"
#include "ctl/output.h"
#include "ctl/recorder.h"
#include "ctl/status.h"
#include "ctl/summary.h"

void xn_recorder_init(struct xn_recorder *rec, const char *link)
{
	memset(rec, 0, sizeof(*rec));
	rec->link = link;
	rec->series = xn_series_new();
}

void xn_recorder_exit(struct xn_recorder *rec)
{
	json_decref(rec->series);
	json_decref(rec->last);
}

static void record_tick(struct xn_recorder *rec, const json_t *now)
{
	const json_t *before = xn_ctl_find_row(rec->last, rec->link), *network;
	json_t *tick = xn_series_tick(rec->series, rec->t);
	size_t i;

	json_array_foreach(json_object_get(now, "networks"), i, network) {
		const char *name = xn_ctl_text(network, "name");
		const json_t *decided = xn_series_network(before, name);
		struct xn_share share = {
			.allowed = xn_ctl_rate(decided, "allowed"),
			.ratio = xn_ctl_number(decided, "ratio"),
			.weight = xn_ctl_number(decided, "weight"),
		};

		if (decided)
			xn_series_tick_add(tick, name, xn_ctl_resource(network),
					   xn_ctl_rate(network, "demand"),
					   xn_ctl_rate(network, "throughput"), &share,
					   xn_ctl_number(network, "ec"));
	}
	rec->ticks++;
}

static void record_interval(struct xn_recorder *rec, const json_t *now)
{
	json_t *interval = xn_series_interval(rec->series, rec->t);
	const json_t *network;
	size_t i;

	json_array_foreach(json_object_get(now, "networks"), i, network) {
		struct xn_verdict verdict = {
			.el = xn_ctl_number(network, "el"),
			.conformity = xn_ctl_number(network, "conformity"),
		};

		if (json_object_get(network, "conformity"))
			xn_series_interval_add(interval, xn_ctl_text(network, "name"), &verdict);
	}
	rec->intervals++;
}

/* Is @status that of the tick right after the last one? */
static bool is_next(struct xn_recorder *rec, const json_t *status)
{
	double step = xn_ctl_number(status, "tick") - xn_ctl_number(rec->last, "tick");

	if (step > 1)
		rec->missed += (size_t)step - 1;
	return step == 1;
}

static void take(struct xn_recorder *rec, json_t *status)
{
	json_decref(rec->last);
	rec->last = json_incref(status);
}

bool xn_recorder_feed(struct xn_recorder *rec, json_t *status)
{
	const json_t *now = xn_ctl_find_row(status, rec->link);

	if (rec->last && xn_ctl_number(status, "tick") == xn_ctl_number(rec->last, "tick"))
		return false;
	if (!rec->last)
		rec->start = xn_ctl_number(status, "time");
	if (!rec->last || !now || !xn_ctl_find_row(rec->last, rec->link) || !is_next(rec, status)) {
		take(rec, status);
		return false;
	}
	/* To the millisecond: what a clock says beyond is noise. */
	rec->t = round(1000 * (xn_ctl_number(status, "time") - rec->start)) / 1000;
	record_tick(rec, now);
	if (xn_ctl_number(status, "elapsed") <= xn_ctl_number(rec->last, "elapsed"))
		record_interval(rec, now);
	take(rec, status);
	return true;
}
