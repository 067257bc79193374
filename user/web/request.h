/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request, from its head to its answer. */
#ifndef XN_WEB_REQUEST_H
#define XN_WEB_REQUEST_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>

#include "web/asset.h"
#include "web/query.h"
#include "web/serve.h"

/* Of what it asks for one is set, or nothing if there is no such place. */
struct xn_request {
	struct xn_site *site;
	struct MHD_Connection *connection;
	const struct xn_asset *asset;
	const struct xn_place *place;
	bool metrics, openmetrics;
	char *body;
	size_t size;
	bool started; /* its place was asked */
	bool suspended;
	struct MHD_Response *response; /* there it is */
	unsigned int status;
	json_t *info, *listed; /* of metrics, in their order */
};

/* A header of the request's head; NULL: it is not there. */
const char *xn_request_header(const struct xn_request *request, const char *name);

/* With the headers that all have. NULL: no memory. */
struct MHD_Response *xn_response(const char *type, const char *text, size_t size,
				 enum MHD_ResponseMemoryMode mode);

/* That is the answer: the request goes on, if it waits. Takes the reference; NULL: the connection ends. */
void xn_request_finish(struct xn_request *request, unsigned int status,
		       struct MHD_Response *response);

/* The same with a text of now, which is freed; NULL: no memory. */
void xn_request_text(struct xn_request *request, unsigned int status, const char *type, char *text);

/* A record, as xnetman-ctl -j writes it. */
void xn_request_json(struct xn_request *request, unsigned int status, const json_t *json);

/* An error: {"error", "code"}. */
void xn_request_refuse(struct xn_request *request, unsigned int status, enum xn_bus_meaning meaning,
		       const char *why);

#endif
