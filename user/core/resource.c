// SPDX-License-Identifier: GPL-2.0-or-later
/* Units and names of the resources. */
#include <stdio.h>
#include <string.h>

#include "resource.h"
#include "units.h"

const struct xn_quantity xn_quantities[XN_RESOURCES] = {
	[XN_BANDWIDTH] = {
		.name = "bandwidth",
		.suffix = "bps",
		.used = "used_bits",
		.per_count = 8,
		.parse = xn_parse_rate,
		.format = xn_format_rate,
		.format_exact = xn_format_rate_exact,
		.capacity = "what the link can send, such as 1Gbit",
	},
	[XN_CPU] = {
		.name = "cpu",
		.suffix = "cores",
		.used = "used_core_seconds",
		.per_count = 1e-9,
		.parse = xn_parse_cores,
		.format = xn_format_cores,
		.format_exact = xn_format_cores_exact,
		.capacity = "what networks may use of Dom0's CPU, such as 50%",
	},
	[XN_MEMORY] = {
		.name = "memory",
		.suffix = "routes",
		.used = "used_route_seconds",
		.per_count = 1e-3,
		.parse = xn_parse_routes,
		.format = xn_format_routes,
		.format_exact = xn_format_routes_exact,
		.capacity = "what Dom0 may hold, such as 100000routes",
	},
};

enum xn_resource_kind xn_resource_named(const char *name)
{
	enum xn_resource_kind kind = XN_BANDWIDTH;

	while (kind < XN_RESOURCES && strcmp(xn_quantities[kind].name, name))
		kind++;
	return kind;
}

enum xn_resource_kind xn_resource_of_row(const char *name)
{
	enum xn_resource_kind kind = xn_resource_named(name);

	return kind == XN_RESOURCES ? XN_BANDWIDTH : kind;
}

char *xn_resource_key(enum xn_resource_kind kind, const char *what, char *buf)
{
	snprintf(buf, XN_RESOURCE_KEY, "%s_%s", what, xn_quantities[kind].suffix);
	return buf;
}
