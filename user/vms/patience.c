// SPDX-License-Identifier: GPL-2.0-or-later
/* A list of all connections, and a thread that looks through it. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "vms/clock.h"
#include "vms/patience.h"

struct connection {
	int fd;
	time_t since; /* 0: it waits for us */
	LIST_ENTRY(connection) others;
};

struct xn_patience {
	unsigned int seconds;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop; /* under lock, as what follows */
	LIST_HEAD(, connection) connections;
};

/* Called with the lock held, so no descriptor is another's by now: libmicrohttpd tells of the end before it closes. */
static void sweep(struct xn_patience *patience)
{
	time_t now = xn_seconds();
	struct connection *connection;

	LIST_FOREACH(connection, &patience->connections, others)
	if (connection->since && now - connection->since > patience->seconds)
		shutdown(connection->fd, SHUT_RDWR);
}

static void *run(void *arg)
{
	struct xn_patience *patience = arg;
	struct timespec until;

	pthread_mutex_lock(&patience->lock);
	while (!patience->stop) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&patience->wake, &patience->lock, &until);
		sweep(patience);
	}
	pthread_mutex_unlock(&patience->lock);
	return NULL;
}

struct xn_patience *xn_patience_start(unsigned int seconds)
{
	struct xn_patience *patience = calloc(1, sizeof(*patience));

	if (!patience)
		return NULL;
	patience->seconds = seconds;
	LIST_INIT(&patience->connections);
	pthread_mutex_init(&patience->lock, NULL);
	pthread_cond_init(&patience->wake, NULL);
	if (!pthread_create(&patience->thread, NULL, run, patience))
		return patience;
	free(patience);
	return NULL;
}

void xn_patience_stop(struct xn_patience *patience)
{
	pthread_mutex_lock(&patience->lock);
	patience->stop = true;
	pthread_cond_signal(&patience->wake);
	pthread_mutex_unlock(&patience->lock);
	pthread_join(patience->thread, NULL);
	pthread_cond_destroy(&patience->wake);
	pthread_mutex_destroy(&patience->lock);
	free(patience);
}

static struct connection *new_connection(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *connection = info ? calloc(1, sizeof(*connection)) : NULL;

	if (!connection)
		return NULL;
	connection->fd = info->connect_fd;
	connection->since = xn_seconds();
	return connection;
}

void xn_patience_notify(void *cls, struct MHD_Connection *mhd, void **context,
			enum MHD_ConnectionNotificationCode code)
{
	struct xn_patience *patience = cls;
	bool started = code == MHD_CONNECTION_NOTIFY_STARTED;
	struct connection *connection = started ? new_connection(mhd) : *context;

	if (!connection)
		return;
	pthread_mutex_lock(&patience->lock);
	if (started)
		LIST_INSERT_HEAD(&patience->connections, connection, others);
	else
		LIST_REMOVE(connection, others);
	pthread_mutex_unlock(&patience->lock);
	*context = started ? connection : NULL;
	if (!started)
		free(connection);
}

static void set_since(struct xn_patience *patience, struct MHD_Connection *mhd, time_t since)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *connection = info ? info->socket_context : NULL;

	if (!connection)
		return;
	pthread_mutex_lock(&patience->lock);
	connection->since = since;
	pthread_mutex_unlock(&patience->lock);
}

void xn_patience_pause(struct xn_patience *patience, struct MHD_Connection *connection)
{
	set_since(patience, connection, 0);
}

void xn_patience_resume(struct xn_patience *patience, struct MHD_Connection *connection)
{
	set_since(patience, connection, xn_seconds());
}
