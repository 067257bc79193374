/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of all metrics. */
#ifndef XN_WEB_METRICS_IMPL_H
#define XN_WEB_METRICS_IMPL_H

#include <jansson.h>

#include "web/breaches.h"
#include "web/openmetrics.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* What is filled from a member of a record. */
struct xn_metric_source {
	struct xn_om_family family;
	const char *key;   /* as in the record */
	const char *label; /* of its own, or NULL */
	const char *text;
	bool same; /* more samples of the family before */
};

#define XN_GAUGE(name, unit, help)            \
	{                                     \
		name, unit, help, XN_OM_GAUGE \
	}
#define XN_COUNTER(name, unit, help)            \
	{                                       \
		name, unit, help, XN_OM_COUNTER \
	}

/* Links and resources, and each network on each: of GetStatus. */
void xn_metrics_rows(struct xn_om *om, const json_t *status, const struct xn_breaches *breaches);

/* Networks' devices: of ListPorts. */
void xn_metrics_ports(struct xn_om *om, const json_t *ports);

#endif
