// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemon itself, and all together. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/output.h"
#include "web/metrics.h"
#include "web/metrics_impl.h"

static const struct xn_metric_source info_sources[] = {
	{ XN_COUNTER("xnetman_ticks", "", "Decisions since the daemon started."), "ticks" },
	{ XN_GAUGE("xnetman_uptime_seconds", "seconds", "How long the daemon runs."), "uptime" },
	{ XN_GAUGE("xnetman_short_interval_seconds", "seconds", "Ic."), "short_interval" },
	{ XN_GAUGE("xnetman_long_interval_seconds", "seconds", "Il."), "long_interval" },
	{ XN_GAUGE("xnetman_tick_cost_seconds", "seconds",
		   "What the last tick took: reading counters, deciding, pushing."),
	  "tick_dump", "phase", "dump" },
	{ .key = "tick_decide", .label = "phase", .text = "decide", .same = true },
	{ .key = "tick_push", .label = "phase", .text = "push", .same = true },
};

static void write_info(struct xn_om *om, const json_t *info)
{
	static const struct xn_om_family build = { "xnetman_build", "",
						   "Versions and policy in force.", XN_OM_INFO };
	const struct xn_om_label labels[] = {
		{ "version", xn_ctl_text(info, "version") },
		{ "module_version", xn_ctl_text(info, "module_version") },
		{ "policy", xn_ctl_text(info, "policy") },
		{ "sampler", xn_ctl_text(info, "sampler") },
	};

	xn_om_begin(om, &build);
	xn_om_sample(om, 1, labels, N(labels));
	for (size_t i = 0; i < N(info_sources); i++) {
		const struct xn_metric_source *source = &info_sources[i];
		const struct xn_om_label label = { source->label, source->text };

		if (!source->same)
			xn_om_begin(om, &source->family);
		xn_om_sample(om, xn_ctl_number(info, source->key), &label, source->label ? 1 : 0);
	}
}

static void write_up(struct xn_om *om, bool up)
{
	static const struct xn_om_family family =
		XN_GAUGE("xnetman_up", "", "1: xnetmand answered. 0: there is nothing but this.");

	xn_om_begin(om, &family);
	xn_om_sample(om, up, NULL, 0);
}

static void write_time(struct xn_om *om, const json_t *status)
{
	static const struct xn_om_family family = XN_GAUGE(
		"xnetman_tick_timestamp_seconds", "seconds", "When the last tick was, since 1970.");

	xn_om_begin(om, &family);
	xn_om_sample(om, xn_ctl_number(status, "time"), NULL, 0);
}

static void write_all(struct xn_om *om, const struct xn_metrics *metrics)
{
	write_info(om, metrics->info);
	write_time(om, metrics->status);
	xn_metrics_rows(om, metrics->status, metrics->breaches);
	xn_metrics_ports(om, metrics->ports);
}

char *xn_metrics_write(const struct xn_metrics *metrics, bool openmetrics)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct xn_om om = { .out = out, .openmetrics = openmetrics };
	bool failed;

	if (!out)
		return NULL;
	write_up(&om, metrics->status);
	if (metrics->status)
		write_all(&om, metrics);
	xn_om_end(&om);
	failed = ferror(out);
	if (!fclose(out) && !failed)
		return text;
	free(text);
	return NULL;
}
