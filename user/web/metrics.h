/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the daemon's records to metrics. Pure. */
#ifndef XN_WEB_METRICS_H
#define XN_WEB_METRICS_H

#include <jansson.h>
#include <stdbool.h>

#include "web/breaches.h"

/* What the daemon answered; all NULL: it did not. */
struct xn_metrics {
	const json_t *info, *status, *ports; /* GetInfo, GetStatus, ListPorts */
	const struct xn_breaches *breaches;
};

/**
 * xn_metrics_write() - everything, in base units
 * @openmetrics: that format, else Prometheus' text
 *
 * Return: text to be freed, NULL: no memory.
 */
char *xn_metrics_write(const struct xn_metrics *metrics, bool openmetrics);

#endif
