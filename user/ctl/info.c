// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl info` and `reload`: the daemon itself. */
#include <stdio.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"

/* What is in seconds gets its unit; the rest is printed as it is. */
static bool is_time(const char *key)
{
	static const char *const times[] = { "short_interval", "long_interval", "lease",
					     "uptime",	       "tick_dump",	"tick_decide",
					     "tick_push" };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (!strcmp(times[i], key))
			return true;
	return false;
}

static void print_value(const char *key, const json_t *value)
{
	char clean[256];

	printf("%-16s ", key);
	if (json_is_string(value))
		puts(xn_ctl_clean(json_string_value(value), clean, sizeof(clean)));
	else if (json_is_boolean(value))
		puts(json_is_true(value) ? "yes" : "no");
	else if (is_time(key) && json_number_value(value) < 0.1)
		printf("%.4g ms\n", 1e3 * json_number_value(value));
	else if (is_time(key))
		printf("%.6g s\n", json_number_value(value));
	else
		printf("%.15g\n", json_number_value(value));
}

static void print_info(const struct xn_ctl *ctl, const json_t *info)
{
	const char *key;
	json_t *value;

	(void)ctl;
	json_object_foreach((json_t *)info, key, value)
		print_value(key, value);
}

int xn_ctl_info(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_show(ctl, "info", "GetInfo", print_info, argc, argv);
}

int xn_ctl_reload(struct xn_ctl *ctl, int argc, char **argv)
{
	if (xn_ctl_no_args(ctl, "reload", argc, argv))
		return XN_EXIT_FAILURE;
	return xn_ctl_do(ctl, "Reload", "");
}
