// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose pages may ask. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "common/browser.h"

#define HOST_MAX 256

const char *const xn_browser_headers[][2] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
	  "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ NULL, NULL },
};

/* "name", "1.2.3.4" or "::1" of "name:80", "1.2.3.4", "[::1]:80". */
static bool cut_port(const char *host, char *name)
{
	size_t size = strlen(host), end;

	if (size >= HOST_MAX)
		return false;
	if (*host == '[') {
		end = strcspn(host, "]");
		if (!host[end])
			return false;
		memcpy(name, host + 1, end - 1);
		name[end - 1] = '\0';
		host += end + 1;
	} else {
		end = strcspn(host, ":");
		memcpy(name, host, end);
		name[end] = '\0';
		host += end;
	}
	return !*host || (*host == ':' && !host[1 + strspn(host + 1, "0123456789")]);
}

static bool is_number(const char *name)
{
	struct in6_addr six;
	struct in_addr four;

	return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1;
}

/* A number can't be made to point elsewhere; a name can, by whoever has it. */
bool xn_browser_host(const char *host, const char *const *names, size_t n_names)
{
	char name[HOST_MAX];

	if (!host || !cut_port(host, name))
		return false;
	if (is_number(name) || !strcasecmp(name, "localhost"))
		return true;
	for (size_t i = 0; i < n_names; i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

bool xn_browser_origin(const char *origin, const char *scheme, const char *host)
{
	size_t n = strlen(scheme);

	return !strncmp(origin, scheme, n) && !strncmp(origin + n, "://", 3) && *host &&
	       !strcasecmp(origin + n + 3, host);
}
