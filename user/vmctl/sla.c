// SPDX-License-Identifier: GPL-2.0-or-later
/* SLAs on the command line. */
#include <string.h>

#include "vmctl/sla.h"

/* "rc=50Mbit" */
static bool take_key(char *word, struct xnetvms_sla *sla)
{
	const struct {
		const char *key;
		const char **to;
	} keys[] = {
		{ "rc=", &sla->rc },
		{ "re=", &sla->re },
		{ "rl=", &sla->rl },
		{ "rmax=", &sla->rmax },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t n = strlen(keys[i].key);

		if (!strncmp(word, keys[i].key, n)) {
			*keys[i].to = word + n;
			return true;
		}
	}
	sla->restricted |= !strcmp(word, "restricted");
	return !strcmp(word, "restricted");
}

static bool take_one(char *text, struct xnetvms_sla *sla)
{
	char *word;

	*sla = (struct xnetvms_sla){ .resource = strsep(&text, ":") };
	while ((word = strsep(&text, ":")))
		if (!take_key(word, sla))
			return false;
	return *sla->resource;
}

int xn_vmctl_slas(char *text, struct xnetvms_sla slas[XN_VMCTL_SLAS], size_t *n)
{
	char *one;

	*n = 0;
	while (text && *text && (one = strsep(&text, ",")))
		if (*n == XN_VMCTL_SLAS || !take_one(one, &slas[(*n)++]))
			return -1;
	return 0;
}
