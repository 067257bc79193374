// SPDX-License-Identifier: GPL-2.0-or-later
/* libxenstore and what we ask it for, against a xenstored of a few lines on a socket. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore.h>

#include "daemon/xenstore.h"
#include "daemon_fixture.h"

/* --- xenstored: one client, a few nodes, watches on them --- */

#define NODES 4

static struct {
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	int listener, client;
	struct {
		const char *path, *value;
	} nodes[NODES];
	char watches[NODES][64];
	char asked[1024]; /* what was read, watched and unwatched, in order */
} server;

static void transfer(ssize_t (*call)(int fd, void *buf, size_t n), int fd, void *buf, size_t n)
{
	while (n) {
		ssize_t done = call(fd, buf, n);

		if (done <= 0)
			pthread_exit(NULL);
		buf = (char *)buf + done;
		n -= done;
	}
}

static ssize_t send_all(int fd, void *buf, size_t n)
{
	return send(fd, buf, n, MSG_NOSIGNAL);
}

static void put(uint32_t type, uint32_t id, const char *text, size_t len)
{
	struct xsd_sockmsg head = { type, id, 0, len };

	transfer(send_all, server.client, &head, sizeof(head));
	transfer(send_all, server.client, (void *)text, len);
}

static const char *value_of(const char *path)
{
	for (size_t i = 0; i < NODES; i++)
		if (server.nodes[i].path && !strcmp(server.nodes[i].path, path))
			return server.nodes[i].value;
	return NULL;
}

static void note(const char *what, const char *path)
{
	size_t len = strlen(server.asked);

	snprintf(server.asked + len, sizeof(server.asked) - len, "%s %s\n", what, path);
}

static void fire(const char *path)
{
	char event[128];
	int len = snprintf(event, sizeof(event), "%s%cxnetmand", path, 0);

	put(XS_WATCH_EVENT, 0, event, len + 1);
}

/* A watch fires once when it is set, as the real one does. */
static void set_watch(const char *path, const char *was, bool on)
{
	for (size_t i = 0; i < NODES; i++)
		if (!strcmp(server.watches[i], was)) {
			snprintf(server.watches[i], sizeof(server.watches[i]), "%s",
				 on ? path : "");
			return;
		}
}

static void handle(const struct xsd_sockmsg *head, const char *body)
{
	const char *value;

	switch (head->type) {
	case XS_READ:
		note("read", body);
		value = value_of(body);
		if (value)
			put(XS_READ, head->req_id, value, strlen(value));
		else
			put(XS_ERROR, head->req_id, "ENOENT", sizeof("ENOENT"));
		break;
	case XS_WATCH:
		note("watch", body);
		set_watch(body, "", true);
		put(XS_WATCH, head->req_id, "OK", 3);
		fire(body);
		break;
	case XS_UNWATCH:
		note("unwatch", body);
		set_watch(body, body, false);
		put(XS_UNWATCH, head->req_id, "OK", 3);
		break;
	default:
		put(XS_ERROR, head->req_id, "ENOSYS", sizeof("ENOSYS"));
	}
}

static void *serve(void *unused)
{
	struct xsd_sockmsg head;
	char body[4097];

	(void)unused;
	server.client = accept(server.listener, NULL, NULL);
	for (;;) {
		transfer((ssize_t(*)(int, void *, size_t))read, server.client, &head, sizeof(head));
		transfer((ssize_t(*)(int, void *, size_t))read, server.client, body, head.len);
		body[head.len] = '\0';
		pthread_mutex_lock(&server.lock);
		handle(&head, body);
		pthread_mutex_unlock(&server.lock);
	}
	return NULL;
}

static void start_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture_path("socket"));
	server.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server.listener, (void *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server.listener, 1), 0);
	assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
}

static void stop_server(void)
{
	shutdown(server.client, SHUT_RDWR);
	pthread_join(server.thread, NULL);
	close(server.client);
	close(server.listener);
	fixture_remove("socket");
	memset(server.watches, 0, sizeof(server.watches));
}

static void set_node(size_t i, const char *path, const char *value)
{
	pthread_mutex_lock(&server.lock);
	server.nodes[i].path = path;
	server.nodes[i].value = value;
	for (size_t w = 0; w < NODES; w++)
		if (path && *server.watches[w] && !strcmp(server.watches[w], path))
			fire(path);
	pthread_mutex_unlock(&server.lock);
}

static bool was_asked(const char *what)
{
	bool was;

	pthread_mutex_lock(&server.lock);
	was = strstr(server.asked, what);
	server.asked[0] = '\0';
	pthread_mutex_unlock(&server.lock);
	return was;
}

/* --- tests --- */

#define UUID "0a000000-0000-4000-8000-00000000000f"

static struct xn_xenstore *store;

static int start(void **state)
{
	(void)state;
	memset(&server, 0, sizeof(server));
	pthread_mutex_init(&server.lock, NULL);
	assert_int_equal(setenv("XENSTORED_PATH", fixture_path("socket"), 1), 0);
	store = xn_xenstore_new();
	assert_non_null(store);
	start_server();
	set_node(0, "/local/domain/5/vm", "/vm/0A000000-0000-4000-8000-00000000000F");
	set_node(1, "/local/domain/5/name", "vr1");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	xn_xenstore_free(store);
	stop_server();
	return 0;
}

/* What has changed by the time there is something, or after 10 s: nothing. */
static int wait_for_changes(void)
{
	struct pollfd fd = { .fd = xn_xenstore_fd(store), .events = POLLIN };

	return poll(&fd, 1, 10000) == 1 ? xn_xenstore_changes(store) : 0;
}

static bool is_lost_soon(void)
{
	int rc = 0;

	for (int i = 0; i < 1000 && rc >= 0; i++) {
		rc = xn_xenstore_changes(store);
		poll(NULL, 0, 10);
	}
	return rc == -EIO;
}

static struct xn_vif_identity two[] = { { .ifindex = 7, .vif = { 5, 0 } },
					{ .ifindex = 8, .vif = { 5, 1 } } };

static void a_domain_is_read_and_watched_once(void **state)
{
	(void)state;
	assert_int_equal(xn_xenstore_read(store, two, 2, false), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_true(two[i].read);
		assert_string_equal(two[i].identity.uuid, UUID);
		assert_string_equal(two[i].identity.name, "vr1");
	}
	assert_true(was_asked("watch /local/domain/5/name\nread /local/domain/5/vm\n"
			      "read /local/domain/5/name\n"));
	assert_int_equal(wait_for_changes(), 1);
	assert_int_equal(xn_xenstore_read(store, two, 2, false), 0);
	assert_false(was_asked("watch"));
}

static void a_new_name_is_heard_of(void **state)
{
	(void)state;
	assert_int_equal(xn_xenstore_read(store, two, 1, false), 0);
	assert_int_equal(wait_for_changes(), 1);
	assert_int_equal(xn_xenstore_changes(store), 0);
	set_node(1, "/local/domain/5/name", "vr2");
	assert_int_equal(wait_for_changes(), 1);
	assert_int_equal(xn_xenstore_read(store, two, 1, false), 0);
	assert_string_equal(two[0].identity.name, "vr2");
}

static void a_domain_without_vifs_is_not_watched(void **state)
{
	(void)state;
	assert_int_equal(xn_xenstore_read(store, two, 1, false), 0);
	assert_int_equal(xn_xenstore_read(store, two, 0, false), 0);
	assert_true(was_asked("unwatch /local/domain/5/name\n"));
}

static void odd_values_name_nobody(void **state)
{
	static const char *const vms[] = { "",
					   "/vm/",
					   UUID,
					   "/vm/" UUID "0",
					   "/vm/" UUID "/x",
					   "/vm/0g000000-0000-4000-8000-00000000000f" };
	static char longest[300];

	(void)state;
	memset(longest, 'x', 255);
	set_node(1, "/local/domain/5/name", longest);
	for (size_t i = 0; i < sizeof(vms) / sizeof(*vms); i++) {
		set_node(0, "/local/domain/5/vm", vms[i]);
		assert_int_equal(xn_xenstore_read(store, two, 1, false), 0);
		assert_true(two[0].read);
		assert_string_equal(two[0].identity.uuid, "");
		assert_string_equal(two[0].identity.name, longest);
	}
	longest[255] = 'x';
	assert_int_equal(xn_xenstore_read(store, two, 1, false), 0);
	assert_false(two[0].read);
	set_node(0, NULL, NULL);
	set_node(1, NULL, NULL);
	assert_int_equal(xn_xenstore_read(store, two, 1, false), 0);
	assert_false(two[0].read);
}

static void a_xenstored_that_goes_is_noticed_and_found_again(void **state)
{
	int rc;

	(void)state;
	assert_int_equal(xn_xenstore_read(store, two, 1, false), 0);
	assert_int_equal(wait_for_changes(), 1);
	stop_server();
	assert_true(is_lost_soon());
	assert_int_equal(xn_xenstore_read(store, two, 1, false), -EIO);
	assert_int_equal(xn_xenstore_read(store, two, 1, true), -ENOTCONN);
	assert_int_equal(xn_xenstore_fd(store), -1);
	start_server();
	was_asked("");
	rc = xn_xenstore_read(store, two, 1, true);
	assert_int_equal(rc, 0);
	assert_true(two[0].read);
	assert_true(was_asked("watch /local/domain/5/name\n"));
}

#define ON_STORE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_STORE(a_domain_is_read_and_watched_once),
		ON_STORE(a_new_name_is_heard_of),
		ON_STORE(a_domain_without_vifs_is_not_watched),
		ON_STORE(odd_values_name_nobody),
		ON_STORE(a_xenstored_that_goes_is_noticed_and_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}
