// SPDX-License-Identifier: GPL-2.0-or-later
/* Names that people give: of networks and of devices. */
#include <ctype.h>
#include <string.h>

#include "common/definition.h"

const char *xn_network_name_check(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t len = strlen(name);

	if (!len || len > 63)
		return "is not a name: use 1 to 63 characters";
	if (strspn(name, allowed) != len)
		return "is not a name: use letters A-Z a-z, digits and . _ - only";
	if (strchr("._-", name[0]))
		return "is not a name: begin with a letter or a digit";
	return NULL;
}

const char *xn_device_name_check(const char *name)
{
	size_t len = strlen(name);

	if (!len || len > 15)
		return "is not the name of a device: use 1 to 15 characters";
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return "is not the name of a device: write it as `ip link` shows it";
	for (; *name; name++)
		if (!isgraph((unsigned char)*name) || strchr("/:", *name))
			return "is not the name of a device: no spaces, no / and no :, write it "
			       "as `ip link` shows it";
	return NULL;
}
