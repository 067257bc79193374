// SPDX-License-Identifier: GPL-2.0-or-later
/* Whoever connects gets one JSON document, and that is all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/resource.h"
#include "daemon/files.h"
#include "guest/status.h"

#define STATUS_MAX (256 * 1024) /* bytes; a report is at most a quarter of it */

struct xn_status {
	struct xn_agent *agent;
	struct sockaddr_un address;
	int fd;
	sd_event_source *source;
};

static bool set_address(struct sockaddr_un *address, const char *dir)
{
	address->sun_family = AF_UNIX;
	return snprintf(address->sun_path, sizeof(address->sun_path), "%s/status", dir) <
	       (int)sizeof(address->sun_path);
}

/* --- the agent's side --- */

static int on_asked(sd_event_source *source, int listening, uint32_t revents, void *arg)
{
	struct xn_status *status = arg;
	int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), size = STATUS_MAX;
	json_t *json;
	char *text;

	(void)source;
	(void)revents;
	if (fd < 0)
		return 0;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	json = xn_agent_show(status->agent);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (text)
		send(fd, text, strlen(text), MSG_NOSIGNAL); /* who does not read gets less */
	free(text);
	json_decref(json);
	close(fd);
	return 0;
}

static int listen_at(struct xn_status *status)
{
	mode_t mask = umask(0077);
	int rc = xn_make_parents(status->address.sun_path, 0755);

	status->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	unlink(status->address.sun_path);
	if (!rc &&
	    (status->fd < 0 ||
	     bind(status->fd, (const struct sockaddr *)&status->address, sizeof(status->address)) ||
	     listen(status->fd, 4)))
		rc = -errno;
	umask(mask);
	return rc;
}

struct xn_status *xn_status_open(sd_event *event, const char *dir, struct xn_agent *agent,
				 struct xn_err *err)
{
	struct xn_status *status = calloc(1, sizeof(*status));
	int rc = -ENOMEM;

	if (status) {
		status->agent = agent;
		status->fd = -1;
		rc = set_address(&status->address, dir) ? listen_at(status) : -ENAMETOOLONG;
		if (rc >= 0)
			rc = sd_event_add_io(event, &status->source, status->fd, EPOLLIN, on_asked,
					     status);
	}
	if (rc >= 0)
		return status;
	xn_err_set(err, "%s/status: %s", dir, strerror(-rc));
	xn_status_close(status);
	return NULL;
}

void xn_status_close(struct xn_status *status)
{
	if (!status)
		return;
	sd_event_source_disable_unref(status->source);
	if (status->fd >= 0) {
		close(status->fd);
		unlink(status->address.sun_path);
	}
	free(status);
}

/* --- the person's side --- */

static json_t *read_answer(int fd)
{
	char *text = malloc(STATUS_MAX);
	size_t size = 0;
	json_t *json;
	ssize_t n;

	if (!text)
		return NULL;
	while (size < STATUS_MAX && (n = read(fd, text + size, STATUS_MAX - size)) > 0)
		size += n;
	json = json_loadb(text, size, 0, NULL);
	free(text);
	return json;
}

json_t *xn_status_ask(const char *dir, struct xn_err *err)
{
	struct sockaddr_un address;
	json_t *json = NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || !set_address(&address, dir) ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		xn_err_set(err, "%s/status: %s: does xnetman-guest run?", dir, strerror(errno));
	} else {
		json = read_answer(fd);
		if (!json)
			xn_err_set(err, "%s/status: no answer", dir);
	}
	if (fd >= 0)
		close(fd);
	return json;
}

/* --- as text --- */

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static double number_of(const json_t *json, const char *key)
{
	return json_number_value(json_object_get(json, key));
}

/* With its unit. Return: @buf. */
static char *quantity_of(const json_t *row, const char *what, char *buf, size_t size)
{
	enum xn_resource_kind kind = xn_resource_of_row(text_of(row, "resource"));
	char key[XN_RESOURCE_KEY];

	return xn_quantities[kind].format(number_of(row, xn_resource_key(kind, what, key)), buf,
					  size);
}

static void print_report(const json_t *report)
{
	char demand[32], through[32];
	const json_t *row;
	size_t i;

	printf("\nLast long interval (%.0f s):\n", number_of(report, "long_interval"));
	printf("%-16s %13s %13s %11s %9s\n", "RESOURCE", "DEMAND", "GOT", "CONFORMITY", "PUNISHED");
	json_array_foreach(json_object_get(report, "resources"), i, row)
		printf("%-16s %13s %13s %11.3f %8.0f%%\n", text_of(row, "resource"),
		       quantity_of(row, "demand", demand, sizeof(demand)),
		       quantity_of(row, "throughput", through, sizeof(through)),
		       number_of(row, "conformity"), 100 * number_of(row, "punished"));
}

void xn_status_print(const json_t *status)
{
	const json_t *report = json_object_get(status, "report");
	bool connected = json_is_true(json_object_get(status, "connected"));
	bool split = json_is_true(json_object_get(status, "split"));

	if (!json_is_true(json_object_get(status, "enrolled"))) {
		puts("not enrolled: xnetman-guest enroll TOKEN");
		return;
	}
	printf("Dom0:        %s\n", text_of(status, "dom0"));
	if (connected)
		printf("Network:     %s\n", text_of(status, "network"));
	else
		printf("Network:     not connected: %s\n", text_of(status, "why"));
	printf("Data path:   %s\n", !connected ? "-" : split ? "split" : "vm: nothing is told");
	printf("Routes:      %.0f\n", number_of(status, "routes"));
	printf("Interfaces:  %.0f\n", number_of(status, "interfaces"));
	printf("Told:        %s, the last change within %.0f ms\n",
	       json_is_true(json_object_get(status, "pending")) ? "not all yet" : "all",
	       1e3 * number_of(status, "delay"));
	printf("Refused:     %.0f%s%s\n", number_of(status, "refused"),
	       *text_of(status, "last_refusal") ? ", the last: " : "",
	       text_of(status, "last_refusal"));
	if (report)
		print_report(report);
}
