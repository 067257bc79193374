// SPDX-License-Identifier: GPL-2.0-or-later
/* One question after the other; the last one's answer is of the newest tick. */
#include "web/metrics.h"
#include "web/openmetrics.h"
#include "web/request.h"
#include "web/scrape.h"

static void finish(struct xn_request *request, const struct xn_metrics *metrics)
{
	xn_request_text(request, MHD_HTTP_OK, request->openmetrics ? XN_OM_TYPE : XN_TEXT_TYPE,
			xn_metrics_write(metrics, request->openmetrics));
}

static void on_status(void *arg, const struct xn_answer *answer)
{
	struct xn_request *request = arg;
	struct xn_metrics metrics = { .breaches = request->site->breaches };

	if (answer->json) {
		xn_breaches_trim(request->site->breaches, answer->json);
		metrics.info = request->info;
		metrics.ports = request->listed;
		metrics.status = answer->json;
	}
	finish(request, &metrics);
}

static const struct xn_call get_info = { .method = "GetInfo" };
static const struct xn_call list_ports = { .method = "ListPorts" };
static const struct xn_call get_status = { .method = "GetStatus" };

static void on_ports(void *arg, const struct xn_answer *answer)
{
	struct xn_request *request = arg;
	const struct xn_metrics none = { NULL };

	request->listed = json_incref(answer->json);
	if (answer->json)
		xn_cache_ask(request->site->cache, &get_status, false, on_status, request);
	else
		finish(request, &none);
}

static void on_info(void *arg, const struct xn_answer *answer)
{
	struct xn_request *request = arg;
	const struct xn_metrics none = { NULL };

	request->info = json_incref(answer->json);
	if (answer->json)
		xn_cache_ask(request->site->cache, &list_ports, false, on_ports, request);
	else
		finish(request, &none);
}

void xn_scrape(struct xn_request *request)
{
	xn_cache_ask(request->site->cache, &get_info, false, on_info, request);
}
