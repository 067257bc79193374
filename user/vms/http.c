// SPDX-License-Identifier: GPL-2.0-or-later
/* libmicrohttpd, a thread for each connection: calls wait for nodes. */
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/address.h"
#include "common/browser.h"
#include "common/readfile.h"
#include "vms/clock.h"
#include "vms/http.h"
#include "vms/identity.h"
#include "vms/patience.h"
#include "vms/soap.h"
#include "vms/web.h"

struct xn_http {
	struct xn_server *server;
	struct MHD_Daemon *daemon;
	struct xn_patience *patience;
	struct xn_identity identity;
	size_t body_max;
	char *cert, *key, *ca;
	bool tls, local;
};

/* One request. */
struct request {
	char *body;
	size_t size, room;
	time_t started; /* s, CLOCK_MONOTONIC */
	struct xn_caller caller;
	unsigned int refused; /* HTTP's status; 0: not */
	const char *why;
};

/* --- answers -------------------------------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
			      const char *type, const char *text, size_t size,
			      enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(size, (void *)text, mode);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	for (size_t i = 0; xn_browser_headers[i][0]; i++)
		MHD_add_response_header(response, xn_browser_headers[i][0],
					xn_browser_headers[i][1]);
	if (status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, POST");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* @text is freed; NULL: no memory. */
static enum MHD_Result answer_xml(struct MHD_Connection *connection, unsigned int status,
				  char *text)
{
	if (!text)
		return MHD_NO;
	return answer(connection, status, "text/xml; charset=utf-8", text, strlen(text),
		      MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned int status,
			      const char *why)
{
	bool denied = status == MHD_HTTP_UNAUTHORIZED || status == MHD_HTTP_FORBIDDEN;
	char *text;

	xn_soap_refuse(denied ? XN_FAULT_DENIED : XN_FAULT_INVALID, why, &text);
	return answer_xml(connection, status, text);
}

/* --- the WSDL ------------------------------------------------------------------------------- */

static bool plain_host(const char *host)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789.:-[]";
	size_t size = host ? strlen(host) : 0;

	return size && size < 256 && strspn(host, allowed) == size;
}

/* With the place by which this client came here. */
static enum MHD_Result answer_wsdl(const struct xn_http *http, struct MHD_Connection *connection)
{
	const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
	const char *place = strstr(xn_wsdl, XN_WSDL_LOCATION);
	char *text = NULL;

	if (!place || !plain_host(host))
		return refuse(connection, MHD_HTTP_BAD_REQUEST, "a plain Host header is needed");
	if (asprintf(&text, "%.*shttp%s://%s/%s", (int)(place - xn_wsdl), xn_wsdl,
		     http->tls ? "s" : "", host, place + strlen(XN_WSDL_LOCATION)) < 0)
		return MHD_NO;
	return answer_xml(connection, MHD_HTTP_OK, text);
}

static enum MHD_Result answer_get(const struct xn_http *http, struct MHD_Connection *connection,
				  const char *url)
{
	static const char nothing[] = "Here is a page, /?wsdl, and SOAP by POST to /.\n";
	const struct xn_asset *asset = xn_asset_find(xn_vms_assets, url);
	const char *value;
	size_t size;

	if (!strcmp(url, "/") && MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND,
							       "wsdl", 4, &value, &size) == MHD_YES)
		return answer_wsdl(http, connection);
	if (asset)
		return answer(connection, MHD_HTTP_OK, asset->type, asset->data,
			      asset->end - asset->data, MHD_RESPMEM_PERSISTENT);
	return answer(connection, MHD_HTTP_NOT_FOUND, "text/plain", nothing, strlen(nothing),
		      MHD_RESPMEM_PERSISTENT);
}

/* --- calls ---------------------------------------------------------------------------------- */

static const char *header(struct MHD_Connection *connection, const char *name)
{
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

	return value ? value : "";
}

/* Only the server's own page says where it is from. */
static bool own_origin(const struct xn_http *http, const char *origin, const char *host)
{
	return !*origin || xn_browser_origin(origin, http->tls ? "https" : "http", host);
}

/*
 * A page from elsewhere in a browser on this machine must not be able to call: its requests with this type of
 * content are asked about first (and refused), and a name that was made to point here is not one of this machine.
 */
static unsigned int check_headers(const struct xn_http *http, struct MHD_Connection *connection,
				  const char *url, const char **why)
{
	static const char xml[] = "text/xml";
	const char *type = header(connection, "Content-Type");

	*why = "SOAP is at /";
	if (strcmp(url, "/"))
		return MHD_HTTP_NOT_FOUND;
	*why = "Content-Type is to be text/xml: SOAP 1.1";
	if (strncasecmp(type, xml, strlen(xml)) || !strchr("; ", type[strlen(xml)]))
		return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
	*why = "Host is to be localhost or an address here";
	if (http->local && !http->tls && !xn_browser_host(header(connection, "Host"), NULL, 0))
		return MHD_HTTP_FORBIDDEN;
	*why = "pages from elsewhere may not call";
	if (!own_origin(http, header(connection, "Origin"), header(connection, "Host")))
		return MHD_HTTP_FORBIDDEN;
	*why = "the message is too large";
	if (strtoull(header(connection, "Content-Length"), NULL, 10) > http->body_max)
		return MHD_HTTP_CONTENT_TOO_LARGE;
	return 0;
}

static void refuse_later(struct request *request, unsigned int status, const char *why)
{
	if (request->refused)
		return;
	request->refused = status;
	request->why = why;
	free(request->body);
	request->body = NULL;
	request->size = request->room = 0;
}

/* Part of the body: kept, unless the call will be refused anyway. */
static void take(const struct xn_http *http, struct request *request, const char *data, size_t size)
{
	size_t room = request->room ? request->room : 4096;
	char *body;

	if (xn_seconds() - request->started > XN_HTTP_READ)
		refuse_later(request, MHD_HTTP_REQUEST_TIMEOUT, "the message came too slowly");
	if (size > http->body_max - request->size)
		refuse_later(request, MHD_HTTP_CONTENT_TOO_LARGE, "the message is too large");
	if (request->refused)
		return;
	while (room <= request->size + size)
		room *= 2;
	body = room > request->room ? realloc(request->body, room) : request->body;
	if (!body) {
		refuse_later(request, MHD_HTTP_SERVICE_UNAVAILABLE, "no memory");
		return;
	}
	request->body = body;
	request->room = room;
	memcpy(body + request->size, data, size);
	request->size += size;
	body[request->size] = '\0';
}

static enum MHD_Result serve(struct xn_http *http, struct MHD_Connection *connection,
			     struct request *request)
{
	struct xn_call call = { .server = http->server, .caller = request->caller };
	unsigned int status;
	char *text;

	if (request->refused)
		return refuse(connection, request->refused, request->why);
	xn_patience_pause(http->patience, connection);
	status = xn_soap_serve(&call, request->body ? request->body : "", request->size, &text);
	xn_patience_resume(http->patience, connection);
	return answer_xml(connection, status, text);
}

static struct request *new_request(const struct xn_http *http, struct MHD_Connection *connection,
				   const char *url)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->started = xn_seconds();
	request->refused = check_headers(http, connection, url, &request->why);
	/* of strangers no body is kept */
	if (!request->refused)
		request->refused =
			xn_identify(&http->identity, connection, &request->caller, &request->why);
	return request;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *size, void **context)
{
	struct xn_http *http = arg;
	struct request *request = *context;

	(void)version;
	if (!strcmp(method, MHD_HTTP_METHOD_GET))
		return answer_get(http, connection, url);
	if (strcmp(method, MHD_HTTP_METHOD_POST))
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "only GET and POST are known");
	if (!request) {
		*context = new_request(http, connection, url);
		return *context ? MHD_YES : MHD_NO;
	}
	if (*size) {
		take(http, request, data, *size);
		*size = 0;
		/* no answer is possible in the middle of a body: who goes on is cut off */
		return request->refused && xn_seconds() - request->started > XN_HTTP_READ ? MHD_NO
											  : MHD_YES;
	}
	return serve(http, connection, request);
}

static void on_end(void *arg, struct MHD_Connection *connection, void **context,
		   enum MHD_RequestTerminationCode code)
{
	const struct xn_http *http = arg;
	struct request *request = *context;

	(void)code;
	xn_patience_resume(http->patience, connection);
	if (request)
		free(request->body);
	free(request);
	*context = NULL;
}

/* --- start ---------------------------------------------------------------------------------- */

static bool is_loopback(const struct xn_socket_address *address)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&address->storage;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->storage;

	return address->storage.ss_family == AF_INET
		       ? ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
		       : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static int read_pem(const char *path, char **text, struct xn_err *err)
{
	size_t size;

	if (!path)
		return 0;
	*text = xn_file_read(path, &size, err);
	return *text ? 0 : -1;
}

static int read_keys(struct xn_http *http, const struct xn_http_options *options,
		     struct xn_err *err)
{
	http->tls = options->tls_cert;
	if (!options->tls_cert != !options->tls_key || (options->tls_ca && !options->tls_cert)) {
		xn_err_set(err, "--tls-cert, --tls-key: HTTPS needs both");
		return -1;
	}
	return read_pem(options->tls_cert, &http->cert, err) ||
			       read_pem(options->tls_key, &http->key, err) ||
			       read_pem(options->tls_ca, &http->ca, err)
		       ? -1
		       : 0;
}

static int start_daemon(struct xn_http *http, const struct xn_socket_address *address,
			struct xn_err *err)
{
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, http->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, http->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ http->ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, http->ca },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
			     MHD_USE_POLL | (http->tls ? MHD_USE_TLS : 0) |
			     (address->storage.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);

	http->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, http, MHD_OPTION_SOCK_ADDR, &address->storage,
		MHD_OPTION_NOTIFY_COMPLETED, on_end, http, MHD_OPTION_NOTIFY_CONNECTION,
		xn_patience_notify, http->patience, MHD_OPTION_CONNECTION_LIMIT,
		XN_HTTP_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		http->local ? XN_HTTP_CONNECTIONS : XN_HTTP_CONNECTIONS / 4,
		MHD_OPTION_CONNECTION_TIMEOUT, XN_HTTP_IDLE, MHD_OPTION_THREAD_STACK_SIZE,
		(size_t)512 * 1024, MHD_OPTION_ARRAY, http->tls ? tls : none, MHD_OPTION_END);
	if (http->daemon)
		return 0;
	xn_err_set(err, "can't listen: the address is in use or not this machine's%s",
		   http->tls ? ", or the certificate and its key don't fit" : "");
	return -1;
}

static int start_patience(struct xn_http *http, struct xn_err *err)
{
	http->patience = xn_patience_start(XN_HTTP_IDLE + XN_HTTP_READ);
	if (http->patience)
		return 0;
	xn_err_set(err, "no memory");
	return -1;
}

static int check_place(const struct xn_http *http, const char *listen, struct xn_err *err)
{
	if (http->local || http->tls)
		return 0;
	xn_err_set(err, "%s: beyond this machine only by HTTPS: give --tls-cert and --tls-key",
		   listen);
	return -1;
}

struct xn_http *xn_http_start(struct xn_server *server, const struct xn_http_options *options,
			      struct xn_err *err)
{
	struct xn_http *http = calloc(1, sizeof(*http));
	struct xn_socket_address address;
	const char *wrong = xn_address_parse(options->listen, &address);

	if (!http) {
		xn_err_set(err, "no memory");
		return NULL;
	}
	if (wrong) {
		xn_err_set(err, "%s: %s", options->listen, wrong);
		free(http);
		return NULL;
	}
	http->server = server;
	http->body_max = options->body_max;
	http->local = is_loopback(&address);
	if (!read_keys(http, options, err) && !check_place(http, options->listen, err) &&
	    !start_patience(http, err)) {
		http->identity = (struct xn_identity){
			.registry = server->registry,
			.certificates = http->ca,
			.trust_local = http->local && !http->tls && !options->require_token,
		};
		if (!start_daemon(http, &address, err))
			return http;
	}
	xn_http_stop(http);
	return NULL;
}

void xn_http_stop(struct xn_http *http)
{
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	if (http->patience)
		xn_patience_stop(http->patience);
	free(http->cert);
	free(http->key);
	free(http->ca);
	free(http);
}
