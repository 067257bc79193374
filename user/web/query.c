// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of places, and their queries. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/definition.h"
#include "web/query.h"

/* Of history: two days of the longest answer people ask for; the daemon would give more. */
#define COUNT_MAX 20000
#define TIME_MAX  253402300799.0 /* the end of 9999 */

#define NETWORK                                  \
	{                                        \
		"network", XN_PARAM_NETWORK, 's' \
	}

static const struct xn_place places[] = {
	{ "/api/info", "GetInfo" },
	{ "/api/status", "GetStatus" },
	{ "/api/networks", "ListNetworks" },
	{ "/api/links", "ListLinks" },
	{ "/api/ports", "ListPorts" },
	{ "/api/history",
	  "GetHistory",
	  true,
	  false,
	  { NETWORK, { "link", XN_PARAM_ROW, 's' }, { "count", XN_PARAM_COUNT, 'x', 20 } } },
	{ "/api/report",
	  "GetReport",
	  true,
	  false,
	  { NETWORK, { "from", XN_PARAM_TIME, 'd' }, { "to", XN_PARAM_TIME, 'd' } } },
	{ "/api/sla", "GetSla", true, false, { NETWORK, { "at", XN_PARAM_TIME, 'x', NAN } } },
	{ "/api/admit", "Admit", false, true, { { "name", XN_PARAM_NETWORK, 's' } } },
};

const struct xn_place *xn_place_find(const char *path)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strcmp(path, places[i].path))
			return &places[i];
	return NULL;
}

void xn_query_start(const struct xn_place *place, struct xn_call *call)
{
	*call = (struct xn_call){ .method = place->method };
	for (size_t i = 0; i < XN_CALL_ARGS && place->params[i].name; i++) {
		const struct xn_param *param = &place->params[i];

		call->args[i] = (struct xn_call_arg){
			.type = param->type,
			.text = "",
			.number = isnan(param->other) ? (double)time(NULL) : param->other,
		};
	}
}

/* Return: NULL, or a clause that says what is wrong. */
static const char *take_number(double min, double max, const char *value, double *number)
{
	size_t digits = strspn(value, "0123456789");

	if (value[digits] == '.')
		digits += 1 + strspn(value + digits + 1, "0123456789");
	if (!digits || digits > 20 || value[digits])
		return "is no number: write digits only";
	*number = strtod(value, NULL);
	return *number < min || *number > max ? "is out of range" : NULL;
}

static const char *take_value(const struct xn_param *param, struct xn_call_arg *arg,
			      const char *value)
{
	const char *wrong;

	switch (param->kind) {
	case XN_PARAM_COUNT:
		wrong = strchr(value, '.') ? "is no whole number" : NULL;
		return wrong ? wrong : take_number(1, COUNT_MAX, value, &arg->number);
	case XN_PARAM_TIME:
		return take_number(0, TIME_MAX, value, &arg->number);
	case XN_PARAM_NETWORK:
		wrong = *value ? xn_network_name_check(value) : NULL;
		break;
	default:
		wrong = *value ? xn_device_name_check(value) : NULL;
		break;
	}
	arg->text = value;
	return wrong;
}

int xn_query_take(const struct xn_place *place, struct xn_call *call, unsigned int *seen,
		  const char *name, const char *value, struct xn_err *err)
{
	size_t i = 0;
	const char *wrong;

	while (i < XN_CALL_ARGS && place->params[i].name && strcmp(place->params[i].name, name))
		i++;
	if (i == XN_CALL_ARGS || !place->params[i].name) {
		xn_err_set(err, "%s: is not known here", name);
		return -EINVAL;
	}
	wrong = *seen & 1U << i ? "is given twice"
		: value		? take_value(&place->params[i], &call->args[i], value)
				: "its value is missing";
	*seen |= 1U << i;
	if (!wrong)
		return 0;
	xn_err_set(err, "%s: %s", name, wrong);
	return -EINVAL;
}
