// SPDX-License-Identifier: GPL-2.0-or-later
/* From a request to a method, and from what that answered to the request's answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/record.h"
#include "web/request.h"

#define ADMISSIONS_AT_ONCE  10
#define ADMISSIONS_A_SECOND 2

static unsigned int status_of(enum xn_bus_meaning meaning)
{
	switch (meaning) {
	case XN_MEANS_FAILURE:
		return MHD_HTTP_BAD_REQUEST;
	case XN_MEANS_NOT_FOUND:
		return MHD_HTTP_NOT_FOUND;
	case XN_MEANS_DENIED:
		return MHD_HTTP_FORBIDDEN;
	case XN_MEANS_EXISTS:
		return MHD_HTTP_CONFLICT;
	default:
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	}
}

/* How old a tick is, s: who asks again when there is another one has maybe another clock. */
static void add_age(struct xn_request *request, const json_t *record)
{
	const json_t *ticked = json_object_get(record, "tick") ? json_object_get(record, "time")
							       : NULL;
	struct timespec now;
	char text[32];

	if (!ticked || !request->response)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(text, sizeof(text), "%.3f",
		 now.tv_sec + now.tv_nsec / 1e9 - json_number_value(ticked));
	MHD_add_response_header(request->response, "Xnetman-Age", text);
}

static void on_record(void *arg, const struct xn_answer *answer)
{
	struct xn_request *request = arg;

	if (!answer->json) {
		xn_request_refuse(request, status_of(answer->meaning), answer->meaning,
				  answer->error);
		return;
	}
	xn_request_json(request, MHD_HTTP_OK, answer->json);
	add_age(request, answer->json);
}

struct walk {
	const struct xn_place *place;
	struct xn_call *call;
	struct xn_err err;
	unsigned int seen;
	bool wrong;
};

static enum MHD_Result take_param(void *arg, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct walk *walk = arg;

	(void)kind;
	walk->wrong = xn_query_take(walk->place, walk->call, &walk->seen, name, value, &walk->err);
	return walk->wrong ? MHD_NO : MHD_YES;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool may_admit(struct xn_site *site)
{
	uint64_t now = now_ms();

	site->admissions += (double)(now - site->admissions_at) / 1000 * ADMISSIONS_A_SECOND;
	if (site->admissions > ADMISSIONS_AT_ONCE)
		site->admissions = ADMISSIONS_AT_ONCE;
	site->admissions_at = now;
	if (site->admissions < 1)
		return false;
	site->admissions--;
	return true;
}

/* The bus ends the connection of who sends it what is no text. */
static bool is_text(const char *body, size_t size)
{
	json_t *text = body && strlen(body) == size ? json_stringn(body, size) : NULL;
	bool good = text;

	json_decref(text);
	return good;
}

static void ask_admission(struct xn_request *request, struct xn_call *call)
{
	if (!is_text(request->body, request->size)) {
		xn_request_refuse(request, MHD_HTTP_BAD_REQUEST, XN_MEANS_FAILURE,
				  "the definition is empty, or not UTF-8 text");
		return;
	}
	if (!may_admit(request->site)) {
		xn_request_refuse(request, MHD_HTTP_TOO_MANY_REQUESTS, XN_MEANS_FAILURE,
				  "too many admissions at once: try again in a second");
		return;
	}
	if (!*call->args[0].text)
		call->args[0].text = "network";
	call->args[1] = (struct xn_call_arg){ .type = 's', .text = request->body };
	xn_client_call(request->site->client, call, on_record, request);
}

void xn_record_ask(struct xn_request *request)
{
	struct xn_call call;
	struct walk walk = { .place = request->place, .call = &call };

	xn_query_start(request->place, &call);
	MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, take_param, &walk);
	if (walk.wrong)
		xn_request_refuse(request, MHD_HTTP_BAD_REQUEST, XN_MEANS_FAILURE, walk.err.text);
	else if (request->place->post)
		ask_admission(request, &call);
	else
		xn_cache_ask(request->site->cache, &call, request->place->lasting, on_record,
			     request);
}
