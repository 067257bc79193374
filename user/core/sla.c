// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules of an SLA: rc + re <= rl <= rmax, and what is promised fits the capacity. */
#include <math.h>

#include "sla.h"

/* People write decimals, and 16% + 5% is a little more than 21%. */
#define ROUNDING 1e-12

static const char *check_number(double value)
{
	if (isnan(value) || isinf(value))
		return "is not a finite number: write a rate such as 100Mbit";
	return value < 0 ? "is negative: write 0 or more" : NULL;
}

const char *xn_sla_check(const struct xn_sla *sla, double capacity, const char **key)
{
	double g = xn_sla_guarantee(sla) * (1 - ROUNDING);
	const struct {
		const char *key;
		double value;
	} numbers[] = {
		{ "rc", sla->rc }, { "re", sla->re }, { "rl", sla->rl }, { "rmax", sla->rmax }
	};
	const struct {
		const char *key;
		bool broken;
		const char *why;
	} rules[] = {
		{ sla->rc >= sla->re ? "rc" : "re", g > capacity,
		  "rc + re is above the capacity: lower rc or re" },
		{ "rl", sla->rl > capacity, "is above the capacity: lower it" },
		{ "rl", sla->rl < g, "is below rc + re: raise rl, or lower rc or re" },
		{ "rmax", sla->rmax < sla->rl, "is below rl: raise rmax, or lower rl" },
	};
	const char *why;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*key = numbers[i].key;
		why = check_number(numbers[i].value);
		if (why)
			return why;
	}
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		*key = rules[i].key;
		if (rules[i].broken)
			return rules[i].why;
	}
	return NULL;
}
