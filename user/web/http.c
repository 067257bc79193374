// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libmicrohttpd's own time limit is of silence; who sends a byte now and then would hold a connection for ever. So
 * each connection has an end of its own, too.
 */
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <time.h>

#include "web/http.h"

#define SILENCE 15 /* s */
#define SWEEP	(1 * 1000000ULL)
#define HEAD_MAX \
	((size_t)32 * 1024) /* of a connection's memory: head of a request, and of its answer */

struct connection {
	int fd;
	uint64_t since; /* s: began, or ended its last request */
	LIST_ENTRY(connection) others;
};

struct xn_http {
	struct MHD_Daemon *daemon;
	struct xn_site *site;
	sd_event_source *io, *timer, *after, *sweep;
	LIST_HEAD(, connection) connections;
};

static uint64_t now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* --- connections ---------------------------------------------------------------------------- */

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct xn_http *http = cls;
	struct connection *connection = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection = calloc(1, sizeof(*connection));
		if (!connection)
			return;
		connection->fd =
			MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		connection->since = now_s();
		LIST_INSERT_HEAD(&http->connections, connection, others);
		*context = connection;
	} else if (connection) {
		LIST_REMOVE(connection, others);
		free(connection);
		*context = NULL;
	}
}

static void on_request_end(void *cls, struct MHD_Connection *mhd, void **context,
			   enum MHD_RequestTerminationCode code)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *connection = info ? info->socket_context : NULL;

	if (connection)
		connection->since = now_s();
	xn_serve_end(cls, mhd, context, code);
}

static int on_sweep(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_http *http = arg;
	struct connection *connection;
	uint64_t now = now_s();

	(void)usec;
	/* libmicrohttpd sees the end of the connection, and closes it */
	for (connection = LIST_FIRST(&http->connections); connection;
	     connection = LIST_NEXT(connection, others))
		if (now - connection->since > XN_HTTP_SECONDS)
			shutdown(connection->fd, SHUT_RDWR);
	sd_event_source_set_time_relative(source, SWEEP);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- event loop ----------------------------------------------------------------------------- */

static int on_io(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct xn_http *http = arg;

	(void)source;
	(void)fd;
	(void)events;
	MHD_run(http->daemon);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_http *http = arg;

	(void)source;
	(void)usec;
	MHD_run(http->daemon);
	return 0;
}

/* After whatever else happened: an answer of the daemon may have resumed a connection, of which no file and no timeout
 * tells. */
static int after_all(sd_event_source *source, void *arg)
{
	struct xn_http *http = arg;
	MHD_UNSIGNED_LONG_LONG ms;

	(void)source;
	if (http->site->resumed) {
		http->site->resumed = false;
		MHD_run(http->daemon);
	}
	if (MHD_get_timeout(http->daemon, &ms) != MHD_YES)
		return sd_event_source_set_enabled(http->timer, SD_EVENT_OFF);
	sd_event_source_set_time_relative(http->timer, ms * 1000);
	return sd_event_source_set_enabled(http->timer, SD_EVENT_ONESHOT);
}

static int add_sources(struct xn_http *http, sd_event *event)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int rc = info ? sd_event_add_io(event, &http->io, info->epoll_fd, EPOLLIN, on_io, http)
		      : -EINVAL;

	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &http->timer, CLOCK_MONOTONIC, 0, 0,
						on_timer, http);
	if (rc >= 0)
		rc = sd_event_add_post(event, &http->after, after_all, http);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &http->sweep, CLOCK_MONOTONIC, SWEEP, SWEEP,
						on_sweep, http);
	return rc;
}

/* --- start ---------------------------------------------------------------------------------- */

/* What clients do wrong is theirs to know: they could fill the journal with it. */
static void log_nothing(void *cls, const char *format, va_list args)
{
	(void)cls;
	(void)format;
	(void)args;
}

static struct MHD_Daemon *start_daemon(struct xn_http *http,
				       const struct xn_socket_address *address)
{
	unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
			     (address->storage.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);

	return MHD_start_daemon(
		flags, 0, NULL, NULL, xn_serve, http->site, MHD_OPTION_EXTERNAL_LOGGER, log_nothing,
		NULL, MHD_OPTION_SOCK_ADDR, &address->storage, MHD_OPTION_NOTIFY_COMPLETED,
		on_request_end, http->site, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
		MHD_OPTION_CONNECTION_LIMIT, XN_HTTP_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
		SILENCE, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MAX, MHD_OPTION_STRICT_FOR_CLIENT,
		1, MHD_OPTION_END);
}

struct xn_http *xn_http_start(sd_event *event, const struct xn_socket_address *address,
			      struct xn_site *site, struct xn_err *err)
{
	struct xn_http *http = calloc(1, sizeof(*http));
	char place[80];
	int rc;

	if (!http) {
		xn_err_set(err, "no memory");
		return NULL;
	}
	xn_address_print(address, place, sizeof(place));
	LIST_INIT(&http->connections);
	http->site = site;
	http->daemon = start_daemon(http, address);
	rc = http->daemon ? add_sources(http, event) : -errno;
	if (rc >= 0)
		return http;
	xn_err_set(err, "%s: can't listen: %s", place, strerror(-rc));
	xn_http_stop(http);
	return NULL;
}

void xn_http_stop(struct xn_http *http)
{
	if (!http)
		return;
	sd_event_source_disable_unref(http->io);
	sd_event_source_disable_unref(http->timer);
	sd_event_source_disable_unref(http->after);
	sd_event_source_disable_unref(http->sweep);
	if (http->daemon) {
		/* those that were resumed end as any other */
		MHD_run(http->daemon);
		MHD_stop_daemon(http->daemon);
	}
	free(http);
}
