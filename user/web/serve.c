// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A request is checked by its head, its body is read, its place is asked; while the daemon thinks the connection is
 * suspended, then it goes on with the answer.
 */
#include <stdlib.h>
#include <string.h>

#include "web/openmetrics.h"
#include "web/record.h"
#include "web/request.h"
#include "web/scrape.h"

/* --- the page ------------------------------------------------------------------------------- */

static void finish_asset(struct xn_request *request)
{
	const struct xn_asset *asset = request->asset;
	const char *known = xn_request_header(request, "If-None-Match");
	struct MHD_Response *response;
	bool same;
	char etag[XN_ETAG];

	xn_asset_etag(asset, etag);
	same = known && !strcmp(known, etag);
	response = xn_response(asset->type, asset->data, same ? 0 : asset->end - asset->data,
			       MHD_RESPMEM_PERSISTENT);
	if (response) {
		MHD_add_response_header(response, "ETag", etag);
		MHD_add_response_header(response, "Cache-Control", "no-cache");
	}
	xn_request_finish(request, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
}

/* --- requests ------------------------------------------------------------------------------- */

static void start(struct xn_request *request)
{
	if (!request->site->client)
		xn_request_refuse(request, MHD_HTTP_SERVICE_UNAVAILABLE, XN_MEANS_UNREACHABLE,
				  "xnetman-web is stopping");
	else if (request->asset)
		finish_asset(request);
	else if (request->metrics)
		xn_scrape(request);
	else
		xn_record_ask(request);
}

static void check_head(struct xn_request *request, const char *method)
{
	const struct xn_head head = {
		.method = method,
		.host = xn_request_header(request, "Host"),
		.origin = xn_request_header(request, "Origin"),
		.site = xn_request_header(request, "Sec-Fetch-Site"),
		.type = xn_request_header(request, "Content-Type"),
		.length = xn_request_header(request, "Content-Length"),
		.page = request->asset,
		.post = request->place && request->place->post,
	};
	const char *why;
	unsigned int status = xn_gate_check(&request->site->gate, &head, &why);

	if (!status && !request->asset && !request->place && !request->metrics) {
		status = MHD_HTTP_NOT_FOUND;
		why = "there is nothing: see / for people, /metrics, /api/status";
	}
	if (status)
		xn_request_refuse(request, status, XN_MEANS_FAILURE, why);
}

static struct xn_request *create_request(struct xn_site *site, struct MHD_Connection *connection,
					 const char *url, const char *method)
{
	struct xn_request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->site = site;
	request->connection = connection;
	request->asset = xn_asset_find(xn_web_assets, url);
	request->place = xn_place_find(url);
	request->metrics = !strcmp(url, "/metrics");
	request->openmetrics = xn_om_accepted(xn_request_header(request, "Accept"));
	check_head(request, method);
	return request;
}

/* Part of a body. Of a GET it is nothing. Return: false: no more. */
static bool take_body(struct xn_request *request, const char *data, size_t size)
{
	char *body;

	if (!request->place || !request->place->post)
		return false;
	if (size > XN_BODY_MAX - request->size)
		return false;
	body = realloc(request->body, request->size + size + 1);
	if (!body)
		return false;
	memcpy(body + request->size, data, size);
	request->body = body;
	request->size += size;
	body[request->size] = '\0';
	return true;
}

static enum MHD_Result send_response(struct xn_request *request)
{
	struct MHD_Response *response = request->response;
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	request->response = NULL;
	result = MHD_queue_response(request->connection, request->status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result xn_serve(void *cls, struct MHD_Connection *connection, const char *url,
			 const char *method, const char *version, const char *data, size_t *size,
			 void **context)
{
	struct xn_request *request = *context;

	(void)version;
	if (!request) {
		/* refused at once, before a body is read */
		request = *context = create_request(cls, connection, url, method);
		return !request ? MHD_NO : request->response ? send_response(request) : MHD_YES;
	}
	if (*size) {
		if (!take_body(request, data, *size))
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	}
	if (!request->started) {
		request->started = true;
		start(request);
		if (!request->response && !request->status) {
			request->suspended = true;
			MHD_suspend_connection(connection);
			return MHD_YES;
		}
	}
	return send_response(request);
}

void xn_serve_end(void *cls, struct MHD_Connection *connection, void **context,
		  enum MHD_RequestTerminationCode code)
{
	struct xn_request *request = *context;

	(void)cls;
	(void)connection;
	(void)code;
	if (!request)
		return;
	if (request->response)
		MHD_destroy_response(request->response);
	json_decref(request->info);
	json_decref(request->listed);
	free(request->body);
	free(request);
	*context = NULL;
}
