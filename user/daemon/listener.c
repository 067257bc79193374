// SPDX-License-Identifier: GPL-2.0-or-later
/* Turning away costs an accept() and a close(): no key is looked at, no memory taken. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "channel/bucket.h"
#include "daemon/listener.h"
#include "daemon/log.h"

#define ACCEPTS_MAX   8	 /* each time */
#define SOURCES_MAX   64 /* remembered */
#define SOURCE_RATE   5	 /* connections per second of one source */
#define SOURCE_BURST  20
#define STRANGERS_MAX 8 /* not known yet, of one source */
#define PAUSE_USEC    1000000
#define PRIORITY      (SD_EVENT_PRIORITY_NORMAL + 20)

struct source {
	uint8_t name[16];
	struct xn_bucket bucket;
	uint64_t seen;
	bool told; /* that it is turned away */
};

struct xn_listener {
	struct xn_sessions *sessions;
	char address[XN_TRANSPORT_NAME];
	int fd;
	sd_event_source *io;
	sd_event_source *pause; /* without descriptors there is no accepting for a while */
	struct source sources[SOURCES_MAX];
};

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

/* IPv6 by /64: so much one host has. */
static void name_source(const struct xn_socket_address *address, uint8_t name[16])
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->storage;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address->storage;

	memset(name, 0, 16);
	if (address->storage.ss_family == AF_INET)
		memcpy(name + 12, &v4->sin_addr, 4);
	else
		memcpy(name, &v6->sin6_addr, 8);
}

/* The one that has not been seen for longest makes room. */
static struct source *find_source(struct xn_listener *listener, const uint8_t name[16])
{
	struct source *oldest = &listener->sources[0];

	for (size_t i = 0; i < SOURCES_MAX; i++) {
		struct source *source = &listener->sources[i];

		if (source->seen && !memcmp(source->name, name, 16))
			return source;
		if (source->seen < oldest->seen)
			oldest = source;
	}
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->name, name, 16);
	xn_bucket_init(&oldest->bucket, SOURCE_RATE, SOURCE_BURST, now_usec());
	return oldest;
}

static bool may_enter(struct xn_listener *listener, const uint8_t name[16], const char *shown)
{
	struct source *source = find_source(listener, name);
	uint64_t now = now_usec();
	bool may = xn_bucket_look(&source->bucket, now) &&
		   xn_sessions_strangers(listener->sessions, name) < STRANGERS_MAX;

	source->seen = now;
	xn_bucket_take(&source->bucket, 1);
	if (!may && !source->told)
		xn_log(SD_WARNING, "channel: %s: refused: connects too often", shown);
	source->told = !may;
	return may;
}

static void enter(struct xn_listener *listener, int fd, const struct xn_socket_address *address)
{
	struct xn_transport *transport;
	char shown[XN_TRANSPORT_NAME];
	uint8_t name[16];

	name_source(address, name);
	xn_address_print(address, shown, sizeof(shown));
	transport = may_enter(listener, name, shown) ? xn_socket_transport(fd, shown) : NULL;
	if (transport)
		xn_sessions_add(listener->sessions, transport, name);
	else
		close(fd);
}

static int on_connection(sd_event_source *source, int listening, uint32_t revents, void *arg)
{
	struct xn_listener *listener = arg;

	(void)revents;
	for (size_t i = 0; i < ACCEPTS_MAX; i++) {
		struct xn_socket_address address = { .length = sizeof(address.storage) };
		int fd = accept4(listening, (struct sockaddr *)&address.storage, &address.length,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			enter(listener, fd, &address);
			continue;
		}
		if (errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS)
			return 0;
		xn_log(SD_ERR, "channel: %s: %s", listener->address, strerror(errno));
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		sd_event_source_set_time_relative(listener->pause, PAUSE_USEC);
		sd_event_source_set_enabled(listener->pause, SD_EVENT_ONESHOT);
		return 0;
	}
	return 0;
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_listener *listener = arg;

	(void)source;
	(void)usec;
	return sd_event_source_set_enabled(listener->io, SD_EVENT_ON);
}

static int add_sources(struct xn_listener *listener, sd_event *event)
{
	int rc = sd_event_add_io(event, &listener->io, listener->fd, EPOLLIN, on_connection,
				 listener);

	if (rc >= 0)
		rc = sd_event_source_set_priority(listener->io, PRIORITY);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &listener->pause, CLOCK_MONOTONIC, 0, 0,
						on_pause_over, listener);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(listener->pause, SD_EVENT_OFF);
	return rc;
}

struct xn_listener *xn_listener_open(sd_event *event, struct xn_sessions *sessions,
				     const char *address, struct xn_err *err)
{
	struct xn_listener *listener = calloc(1, sizeof(*listener));
	struct xn_socket_address parsed;
	const char *why = xn_address_parse(address, &parsed);
	int rc;

	if (why || !listener) {
		xn_err_set(err, "channel: %s: %s", address, why ? why : "no memory");
		free(listener);
		return NULL;
	}
	listener->sessions = sessions;
	snprintf(listener->address, sizeof(listener->address), "%s", address);
	rc = listener->fd = xn_socket_listen(&parsed);
	if (rc >= 0)
		rc = add_sources(listener, event);
	if (rc >= 0)
		return listener;
	xn_err_set(err, "channel: %s: %s", address, strerror(-rc));
	xn_listener_close(listener);
	return NULL;
}

void xn_listener_close(struct xn_listener *listener)
{
	if (!listener)
		return;
	sd_event_source_disable_unref(listener->io);
	sd_event_source_disable_unref(listener->pause);
	if (listener->fd >= 0)
		close(listener->fd);
	free(listener);
}

const char *xn_listener_address(const struct xn_listener *listener)
{
	return listener->address;
}
