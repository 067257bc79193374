// SPDX-License-Identifier: GPL-2.0-or-later
/* Heads of requests. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/browser.h"
#include "web/gate.h"

/* Where a proxy does TLS, it is https there and http here. */
static bool same_origin(const char *origin, const char *host)
{
	return xn_browser_origin(origin, "http", host) || xn_browser_origin(origin, "https", host);
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
	if (!xn_browser_host(head->host, gate->names, gate->n_names))
		return MHD_HTTP_MISDIRECTED_REQUEST;
	*why = "pages from elsewhere may not ask";
	if (!own_site(head))
		return MHD_HTTP_FORBIDDEN;
	status = check_method(head, why);
	if (!status && head->post)
		status = check_body(head, why);
	return status;
}
