// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers: what they have in common. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/browser.h"
#include "ctl/output.h"
#include "web/request.h"

#define JSON_TYPE "application/json"

const char *xn_request_header(const struct xn_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

struct MHD_Response *xn_response(const char *type, const char *text, size_t size,
				 enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(size, (void *)text, mode);

	if (!response)
		return NULL;
	MHD_add_response_header(response, "Content-Type", type);
	for (size_t i = 0; xn_browser_headers[i][0]; i++)
		MHD_add_response_header(response, xn_browser_headers[i][0],
					xn_browser_headers[i][1]);
	return response;
}

void xn_request_finish(struct xn_request *request, unsigned int status,
		       struct MHD_Response *response)
{
	request->status = status;
	request->response = response;
	if (!request->suspended)
		return;
	request->suspended = false;
	request->site->resumed = true;
	MHD_resume_connection(request->connection);
}

void xn_request_text(struct xn_request *request, unsigned int status, const char *type, char *text)
{
	struct MHD_Response *response =
		text ? xn_response(type, text, strlen(text), MHD_RESPMEM_MUST_FREE) : NULL;

	if (response)
		MHD_add_response_header(response, "Cache-Control", "no-store");
	else
		free(text);
	xn_request_finish(request, status, response);
}

void xn_request_json(struct xn_request *request, unsigned int status, const json_t *json)
{
	char *document = json_dumps(json, xn_ctl_json_flags(false)), *text = NULL;

	if (document && asprintf(&text, "%s\n", document) < 0)
		text = NULL;
	free(document);
	xn_request_text(request, status, JSON_TYPE, text);
}

void xn_request_refuse(struct xn_request *request, unsigned int status, enum xn_bus_meaning meaning,
		       const char *why)
{
	json_t *json = json_pack("{ss si}", "error", why, "code", (int)meaning);

	xn_request_json(request, status, json);
	json_decref(json);
	if (!request->response)
		return;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(request->response, "Allow",
					request->place && request->place->post ? "POST"
									       : "GET, HEAD");
	if (status == MHD_HTTP_TOO_MANY_REQUESTS)
		MHD_add_response_header(request->response, "Retry-After", "1");
}
