// SPDX-License-Identifier: GPL-2.0-or-later
/* Heads of requests. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web/gate.h"

#define HOST_MAX 256

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
static bool known_host(const struct xn_gate *gate, const char *host)
{
	char name[HOST_MAX];

	if (!host || !cut_port(host, name))
		return false;
	if (is_number(name) || !strcasecmp(name, "localhost"))
		return true;
	for (size_t i = 0; i < gate->n_names; i++)
		if (!strcasecmp(name, gate->names[i]))
			return true;
	return false;
}

/* "http://HOST" or, where a proxy does TLS, "https://HOST". */
static bool same_origin(const char *origin, const char *host)
{
	size_t scheme = !strncmp(origin, "http://", 7)	  ? 7
			: !strncmp(origin, "https://", 8) ? 8
							  : 0;

	return scheme && !strcasecmp(origin + scheme, host);
}

static bool own_site(const struct xn_head *head)
{
	if (head->origin && !same_origin(head->origin, head->host))
		return false;
	return head->page || !head->site || !strcmp(head->site, "same-origin") ||
	       !strcmp(head->site, "none");
}

/* None of them is one that a form may send, so a browser asks before it sends it from elsewhere. */
static bool is_definition(const char *type)
{
	static const char *const types[] = { "application/yaml", "application/x-yaml", "text/yaml",
					     "application/json" };

	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++) {
		size_t n = strlen(types[i]);

		if (!strncasecmp(type, types[i], n) && (!type[n] || strchr("; ", type[n])))
			return true;
	}
	return false;
}

static unsigned int check_method(const struct xn_head *head, const char **why)
{
	*why = head->post ? "only POST is for this" : "only GET and HEAD are for this";
	if (head->post)
		return strcmp(head->method, "POST") ? MHD_HTTP_METHOD_NOT_ALLOWED : 0;
	return strcmp(head->method, "GET") && strcmp(head->method, "HEAD")
		       ? MHD_HTTP_METHOD_NOT_ALLOWED
		       : 0;
}

static unsigned int check_body(const struct xn_head *head, const char **why)
{
	*why = "Content-Type is to be application/yaml or application/json";
	if (!is_definition(head->type))
		return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
	*why = "the definition is too large: 256 KiB at most";
	return head->length && strtoull(head->length, NULL, 10) > XN_BODY_MAX
		       ? MHD_HTTP_CONTENT_TOO_LARGE
		       : 0;
}

unsigned int xn_gate_check(const struct xn_gate *gate, const struct xn_head *head, const char **why)
{
	unsigned int status;

	*why = "Host is no name of this machine: use its address or localhost, or start "
	       "xnetman-web with --name";
	if (!known_host(gate, head->host))
		return MHD_HTTP_MISDIRECTED_REQUEST;
	*why = "pages from elsewhere may not ask";
	if (!own_site(head))
		return MHD_HTTP_FORBIDDEN;
	status = check_method(head, why);
	if (!status && head->post)
		status = check_body(head, why);
	return status;
}
