// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guests against Dom0, both ends real, on a socket pair: who is let in, and that what one of them does
 * is nobody else's matter.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/conn.h"
#include "channel/cursor.h"
#include "channel/qos.h"
#include "daemon/session.h"
#include "daemon_fixture.h"
#include "qos_sample.h"

#define NETS 2

/* --- Dom0: what each network's plane was told --- */

static struct net {
	const char *name;
	bool split;
	size_t begins, ends, routes, interfaces, rules, qos;
	size_t rules_length;
} nets[NETS];

static struct {
	sd_event *event;
	struct xn_sessions *sessions;
	int log; /* what stderr was */
} dom0;

static struct net *net_of(const char *name)
{
	for (size_t i = 0; i < NETS; i++)
		if (!strcmp(nets[i].name, name))
			return &nets[i];
	return NULL;
}

static bool defined(const char *network, void *arg)
{
	(void)arg;
	return net_of(network);
}

static bool split(const char *network, void *arg)
{
	(void)arg;
	return net_of(network)->split;
}

static void sync_begin(const char *network, void *arg)
{
	(void)arg;
	net_of(network)->begins++;
}

static void sync_end(const char *network, void *arg)
{
	(void)arg;
	net_of(network)->ends++;
}

static int take_interfaces(const char *network, const struct xn_interfaces *all, struct xn_err *err,
			   void *arg)
{
	(void)arg;
	(void)err;
	net_of(network)->interfaces += all->n;
	return 0;
}

/* Metric 666 is what a plane does not like. */
static int take_route(const char *network, const struct xn_route_change *change, struct xn_err *err,
		      void *arg)
{
	(void)arg;
	net_of(network)->routes++;
	if (change->route.metric != 666)
		return 0;
	xn_err_set(err, "metric 666 is the devil's");
	return -EINVAL;
}

static int take_rules(const char *network, const char *json, size_t length, struct xn_err *err,
		      void *arg)
{
	(void)arg;
	(void)json;
	(void)err;
	net_of(network)->rules++;
	net_of(network)->rules_length = length;
	return 0;
}

/* Interface 666 is what a plane does not like. */
static int take_qos(const char *network, const struct xn_qos *qos, struct xn_err *err, void *arg)
{
	(void)arg;
	net_of(network)->qos++;
	if (qos->interface != 666)
		return 0;
	xn_err_set(err, "tc of eth0: qdisc 1 netem: is not carried");
	return -EINVAL;
}

static const struct xn_session_calls session_calls = {
	.defined = defined,
	.split = split,
	.sync_begin = sync_begin,
	.sync_end = sync_end,
	.interfaces = take_interfaces,
	.route = take_route,
	.rules = take_rules,
	.qos = take_qos,
};

static void open_sessions(void)
{
	struct xn_err err;
	char dir[256];

	snprintf(dir, sizeof(dir), "%s/keys", fixture_dir());
	dom0.sessions = xn_sessions_open(dom0.event, dir, &session_calls, NULL, &err);
	if (!dom0.sessions)
		fail_msg("%s", err.text);
}

/* --- the log --- */

static bool logged(const char *what)
{
	static char text[65536];
	ssize_t n = pread(STDERR_FILENO, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return strstr(text, what);
}

/* --- a guest --- */

struct guest {
	struct xn_conn *conn;
	struct xn_key key;
	SSL_CTX *tls;
	const uint8_t *secret; /* to enrol with */
	bool pinned;	       /* to @dom0; else to the Dom0 of now */
	struct xn_fingerprint dom0;
	char network[256], enrolled[256], refusal[256], why[256];
	bool over;
	uint32_t acknowledged;
	size_t acks;
};

static bool on_judge(const struct xn_fingerprint *peer, void *arg)
{
	const struct guest *guest = arg;

	return xn_fingerprint_equal(peer,
				    guest->pinned ? &guest->dom0 : xn_sessions_key(dom0.sessions));
}

static void on_opened(struct xn_conn *conn, void *arg)
{
	struct xn_hello hello = { .version = XN_CHANNEL_VERSION, .name = "test" };
	const struct guest *guest = arg;
	struct xn_writer body;

	xn_conn_trust(conn);
	xn_conn_begin(conn, &body);
	xn_encode_hello(&body, &hello);
	xn_conn_commit(conn, XN_HELLO, &body);
	if (guest->secret)
		xn_conn_send(conn, XN_ENROLL, guest->secret, XN_SECRET_SIZE);
}

static const char *on_message(struct xn_conn *conn, enum xn_type type, struct xn_reader *body,
			      void *arg)
{
	struct guest *guest = arg;
	struct xn_refusal refusal;
	struct xn_hello hello;
	const char *why = NULL;

	(void)conn;
	switch (type) {
	case XN_HELLO:
		why = xn_decode_hello(body, &hello);
		strcpy(guest->network, hello.name);
		break;
	case XN_ENROLLED:
		return xn_decode_name(body, guest->enrolled);
	case XN_ACK:
		guest->acks++;
		return xn_decode_serial(body, &guest->acknowledged);
	case XN_REFUSED:
		why = xn_decode_refusal(body, &refusal);
		strcpy(guest->refusal, refusal.reason);
		break;
	default:
		return "unexpected";
	}
	return why;
}

static void on_ended(struct xn_conn *conn, const char *why, void *arg)
{
	struct guest *guest = arg;

	snprintf(guest->why, sizeof(guest->why), "%s", why);
	guest->over = true;
	guest->conn = NULL;
	xn_conn_free(conn);
}

static const struct xn_conn_calls guest_calls = { on_judge, on_opened, on_message, on_ended };

static const struct xn_conn_limits no_limits = {
	.bytes = 1 << 30,
	.bytes_burst = 1 << 30,
	.messages = 1 << 20,
	.messages_burst = 1 << 20,
	.waiting = 64 << 20,
};

/* Return: our end of a pair whose other is Dom0's. */
static int dial(void)
{
	static const uint8_t source[16] = "test";
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	xn_sessions_add(dom0.sessions, xn_socket_transport(pair[1], "test"), source);
	return pair[0];
}

static void make_guest(struct guest *guest)
{
	struct xn_err err;

	memset(guest, 0, sizeof(*guest));
	assert_int_equal(xn_key_make(&guest->key, &err), 0);
	guest->tls = xn_tls_new(&guest->key, false, &err);
	assert_non_null(guest->tls);
}

static void connect_by(struct guest *guest, struct xn_transport *transport)
{
	guest->over = false;
	guest->network[0] = guest->enrolled[0] = guest->refusal[0] = guest->why[0] = '\0';
	guest->acks = 0;
	guest->conn =
		xn_conn_new(dom0.event, transport, guest->tls, &no_limits, &guest_calls, guest);
	assert_non_null(guest->conn);
}

static void connect_guest(struct guest *guest)
{
	connect_by(guest, xn_socket_transport(dial(), "dom0"));
}

static void drop_guest(struct guest *guest)
{
	xn_conn_free(guest->conn);
	SSL_CTX_free(guest->tls);
	xn_key_close(&guest->key);
}

/* Let both ends go on until it is so, at most 10 s. */
#define RUN_UNTIL(condition)                                                           \
	do {                                                                           \
		for (int left = 10000; !(condition) && left; left--)                   \
			assert_true(sd_event_run(dom0.event, 1000) >= 0);              \
		if (!(condition))                                                      \
			fail_msg("never: " #condition " (%s:%d)", __FILE__, __LINE__); \
	} while (0)

static void run_for(int ms)
{
	while (ms--)
		sd_event_run(dom0.event, 1000);
}

static void offer(const char *network, uint8_t secret[XN_SECRET_SIZE])
{
	struct xn_pins *pins = xn_sessions_pins(dom0.sessions);

	assert_int_equal(xn_pins_offer(pins, network, xn_sessions_now(), secret), 0);
}

/* A guest that is @network's and connected. */
static void enrol(struct guest *guest, const char *network)
{
	uint8_t secret[XN_SECRET_SIZE];

	make_guest(guest);
	offer(network, secret);
	guest->secret = secret;
	connect_guest(guest);
	RUN_UNTIL(*guest->enrolled && *guest->network);
	guest->secret = NULL;
	assert_string_equal(guest->enrolled, network);
}

/* --- set up --- */

static int start(void **state)
{
	(void)state;
	memset(nets, 0, sizeof(nets));
	nets[0] = (struct net){ .name = "net1", .split = true };
	nets[1] = (struct net){ .name = "net2", .split = true };
	dom0.log = dup(STDERR_FILENO);
	dup2(open("/tmp", O_TMPFILE | O_RDWR | O_APPEND, 0600), STDERR_FILENO);
	assert_true(sd_event_new(&dom0.event) >= 0);
	open_sessions();
	return 0;
}

static int stop(void **state)
{
	struct xn_err err;

	(void)state;
	for (size_t i = 0; i < NETS; i++)
		xn_pins_revoke(xn_sessions_pins(dom0.sessions), nets[i].name, &err);
	xn_sessions_close(dom0.sessions);
	sd_event_unref(dom0.event);
	dup2(dom0.log, STDERR_FILENO);
	close(dom0.log);
	return 0;
}

/* --- messages of a guest --- */

static void send_serial(struct guest *guest, enum xn_type type, uint32_t serial)
{
	struct xn_writer body;

	xn_conn_begin(guest->conn, &body);
	xn_encode_serial(&body, serial);
	xn_conn_commit(guest->conn, type, &body);
}

static void send_route(struct guest *guest, uint32_t serial, uint32_t metric)
{
	const struct xn_guest_route route = {
		.destination = { AF_INET, { 192, 0, 2 } },
		.length = 24,
		.type = RTN_BLACKHOLE,
		.metric = metric,
	};
	struct xn_writer body;
	uint8_t *number;

	xn_conn_begin(guest->conn, &body);
	number = xn_batch_begin(&body, serial);
	xn_encode_route(&body, true, &route);
	xn_batch_end(number, 1);
	xn_conn_commit(guest->conn, XN_ROUTES, &body);
}

static void send_chunk(struct guest *guest, uint8_t flags, size_t length)
{
	static char text[XN_CHUNK_MAX];
	struct xn_chunk chunk = { flags, text, length };
	struct xn_writer body;

	memset(text, ' ', sizeof(text));
	xn_conn_begin(guest->conn, &body);
	xn_encode_chunk(&body, 9, &chunk);
	xn_conn_commit(guest->conn, XN_RULES, &body);
}

static void send_qos(struct guest *guest, uint32_t serial, uint32_t interface)
{
	static struct xn_qos qos;
	struct xn_writer body;

	sample_qos(&qos);
	qos.interface = interface;
	xn_conn_begin(guest->conn, &body);
	xn_encode_qos(&body, serial, &qos);
	xn_conn_commit(guest->conn, XN_QOS, &body);
}

/* --- who is let in --- */

static void an_enrolled_guest_is_its_network(void **state)
{
	struct guest guest;

	(void)state;
	enrol(&guest, "net1");
	assert_string_equal(guest.network, "net1");
	send_serial(&guest, XN_SYNC_BEGIN, 1);
	send_route(&guest, 2, 0);
	send_chunk(&guest, XN_RULES_FIRST, 1000);
	send_chunk(&guest, XN_RULES_LAST, 24);
	send_serial(&guest, XN_SYNC_END, 10);
	RUN_UNTIL(guest.acknowledged == 10);
	assert_int_equal(guest.acks, 4);
	assert_int_equal(nets[0].begins, 1);
	assert_int_equal(nets[0].ends, 1);
	assert_int_equal(nets[0].routes, 1);
	assert_int_equal(nets[0].rules, 1);
	assert_int_equal(nets[0].rules_length, 1024);
	assert_int_equal(nets[1].routes + nets[1].rules + nets[1].begins, 0);
	drop_guest(&guest);
}

static void a_key_lives_through_a_restart(void **state)
{
	struct xn_fingerprint before = *xn_sessions_key(dom0.sessions);
	struct guest guest;

	(void)state;
	enrol(&guest, "net1");
	xn_sessions_close(dom0.sessions);
	open_sessions();
	assert_true(xn_fingerprint_equal(&before, xn_sessions_key(dom0.sessions)));
	RUN_UNTIL(guest.over);
	connect_guest(&guest);
	RUN_UNTIL(*guest.network);
	assert_string_equal(guest.network, "net1");
	drop_guest(&guest);
}

static void a_key_that_nobody_knows_is_refused(void **state)
{
	struct guest guest;

	(void)state;
	make_guest(&guest);
	connect_guest(&guest);
	RUN_UNTIL(guest.over);
	assert_true(logged("refused: its key is not the one that is expected here: key "));
	assert_string_equal(guest.network, "");
	drop_guest(&guest);
}

static void a_guest_without_a_key_is_refused(void **state)
{
	struct guest guest;

	(void)state;
	make_guest(&guest);
	SSL_CTX_free(guest.tls);
	guest.tls = SSL_CTX_new(TLS_client_method());
	connect_guest(&guest);
	RUN_UNTIL(guest.over);
	RUN_UNTIL(logged("peer did not return a certificate"));
	drop_guest(&guest);
}

static void tls_1_2_is_refused(void **state)
{
	struct guest guest;

	(void)state;
	make_guest(&guest);
	assert_true(SSL_CTX_set_min_proto_version(guest.tls, TLS1_2_VERSION));
	assert_true(SSL_CTX_set_max_proto_version(guest.tls, TLS1_2_VERSION));
	connect_guest(&guest);
	RUN_UNTIL(guest.over);
	assert_true(logged("unsupported protocol"));
	drop_guest(&guest);
}

static void another_dom0_is_refused_by_the_guest(void **state)
{
	struct guest guest;

	(void)state;
	make_guest(&guest);
	guest.dom0 = guest.key.fingerprint; /* anything but Dom0's */
	guest.pinned = true;
	connect_guest(&guest);
	RUN_UNTIL(guest.over);
	assert_string_equal(guest.why, "its key is not the one that is expected here");
	assert_string_equal(guest.network, "");
	drop_guest(&guest);
}

static void a_token_is_good_once(void **state)
{
	uint8_t secret[XN_SECRET_SIZE], other[XN_SECRET_SIZE];
	struct guest first, second;

	(void)state;
	make_guest(&first);
	make_guest(&second);
	offer("net1", secret);
	offer("net2", other); /* so that a stranger gets as far as to show a secret */
	first.secret = second.secret = secret;
	connect_guest(&first);
	RUN_UNTIL(*first.enrolled);
	connect_guest(&second);
	RUN_UNTIL(second.over);
	assert_string_equal(second.enrolled, "");
	assert_true(logged("the token is used or too old"));
	assert_true(xn_sessions_has(dom0.sessions, "net1"));
	drop_guest(&first);
	drop_guest(&second);
}

static void a_token_ends_after_an_hour(void **state)
{
	struct xn_pins *pins = xn_sessions_pins(dom0.sessions);
	struct xn_fingerprint key = { { 1 } };
	uint8_t secret[XN_SECRET_SIZE];
	const char *network;
	struct xn_err err;

	(void)state;
	assert_int_equal(xn_pins_offer(pins, "net1", 1000, secret), 0);
	assert_true(xn_pins_offered(pins, "net1", 1000 + XN_ENROL_SEC - 1));
	assert_false(xn_pins_offered(pins, "net1", 1000 + XN_ENROL_SEC));
	assert_int_equal(xn_pins_enrol(pins, secret, &key, 1000 + XN_ENROL_SEC, &network, &err),
			 -EACCES);
}

static void a_key_is_one_networks(void **state)
{
	uint8_t secret[XN_SECRET_SIZE];
	struct guest guest;

	(void)state;
	enrol(&guest, "net1");
	offer("net2", secret);
	xn_conn_send(guest.conn, XN_ENROLL, secret, sizeof(secret));
	RUN_UNTIL(guest.over);
	assert_non_null(strstr(guest.refusal, "network net1's"));
	assert_null(xn_pins_key(xn_sessions_pins(dom0.sessions), "net2"));
	drop_guest(&guest);
}

static void a_stranger_may_only_enrol(void **state)
{
	uint8_t secret[XN_SECRET_SIZE];
	struct guest guest;

	(void)state;
	make_guest(&guest);
	offer("net1", secret);
	connect_guest(&guest);
	RUN_UNTIL(SSL_CTX_sess_connect_good(guest.tls));
	run_for(5);
	send_route(&guest, 1, 0);
	RUN_UNTIL(guest.over);
	assert_true(logged("ROUTES: is not expected here"));
	assert_int_equal(nets[0].routes + nets[1].routes, 0);
	drop_guest(&guest);
}

static void a_revoked_guest_is_put_out(void **state)
{
	struct guest guest;
	struct xn_err err;

	(void)state;
	enrol(&guest, "net1");
	assert_int_equal(xn_pins_revoke(xn_sessions_pins(dom0.sessions), "net1", &err), 0);
	xn_sessions_end(dom0.sessions, "net1", "its key was revoked");
	RUN_UNTIL(guest.over);
	assert_string_equal(guest.refusal, "its key was revoked");
	connect_guest(&guest);
	RUN_UNTIL(guest.over);
	assert_string_equal(guest.network, "");
	drop_guest(&guest);
}

static void the_keys_are_roots_alone(void **state)
{
	struct guest guest;
	struct stat st;

	(void)state;
	enrol(&guest, "net1");
	assert_int_equal(stat(fixture_path("keys"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(fixture_path("keys/dom0.pem"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(fixture_path("keys/networks/net1.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	drop_guest(&guest);
}

/* --- replay --- */

/* Keeps all that is sent. */
struct recorder {
	struct xn_transport transport; /* first */
	struct xn_transport *inner;
	uint8_t sent[65536];
	size_t n;
};

static ssize_t recorder_read(struct xn_transport *transport, void *buf, size_t n)
{
	struct xn_transport *inner = ((struct recorder *)transport)->inner;

	return inner->ops->read(inner, buf, n);
}

static ssize_t recorder_write(struct xn_transport *transport, const void *buf, size_t n)
{
	struct recorder *recorder = (struct recorder *)transport;
	ssize_t done = recorder->inner->ops->write(recorder->inner, buf, n);

	if (done > 0) {
		assert_true(recorder->n + done <= sizeof(recorder->sent));
		memcpy(recorder->sent + recorder->n, buf, done);
		recorder->n += done;
	}
	return done;
}

static void recorder_close(struct xn_transport *transport)
{
	struct xn_transport *inner = ((struct recorder *)transport)->inner;

	inner->ops->close(inner);
}

static void record(struct recorder *recorder)
{
	static struct xn_transport_ops ops;

	recorder->inner = xn_socket_transport(dial(), "dom0");
	ops = *recorder->inner->ops;
	ops.read = recorder_read;
	ops.write = recorder_write;
	ops.close = recorder_close;
	recorder->transport.ops = &ops;
	recorder->transport.fd = recorder->inner->fd;
}

static void what_was_recorded_cannot_be_said_again(void **state)
{
	static struct recorder recorder;
	struct guest guest;
	int fd;

	(void)state;
	enrol(&guest, "net1");
	xn_conn_free(guest.conn);
	record(&recorder);
	connect_by(&guest, &recorder.transport);
	RUN_UNTIL(*guest.network);
	send_route(&guest, 1, 0);
	RUN_UNTIL(guest.acks);
	assert_int_equal(nets[0].routes, 1);
	xn_conn_free(guest.conn);
	guest.conn = NULL;
	fd = dial();
	assert_int_equal(write(fd, recorder.sent, recorder.n), recorder.n);
	RUN_UNTIL(logged("test: refused: TLS: "));
	assert_int_equal(nets[0].routes, 1);
	close(fd);
	drop_guest(&guest);
}

/* --- broken rules --- */

/* Each is sent by an enrolled guest; the connection ends, with a reason in the log, and nothing was done. */
static void broken_rules_end_the_connection(void **state)
{
	static const struct {
		const char *what;
		uint8_t type;
		uint8_t body[16];
		size_t n;
		const char *why;
	} table[] = {
		{ "HELLO twice", XN_HELLO, { 0, 1, 0, 0 }, 4, "HELLO: is not expected" },
		{ "what only Dom0 says", XN_ACK, { 0, 0, 0, 1 }, 4, "ACK: is not expected" },
		{ "a report", XN_REPORT, { '{', '}' }, 2, "REPORT: is not expected" },
		{ "an empty batch", XN_ROUTES, { 0, 0, 0, 1, 0, 0 }, 6, "ROUTES: has no routes" },
		{ "fewer routes than told",
		  XN_ROUTES,
		  { 0, 0, 0, 1, 0, 9 },
		  6,
		  "ROUTES: ends too early" },
		{ "rules without a beginning", XN_RULES, { 0, 0, 0, 1, 2, 'x' }, 6, "RULES: with" },
		{ "QoS of no interface",
		  XN_QOS,
		  { 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 },
		  11,
		  "QOS: names no interface" },
		{ "QoS of 17 qdiscs",
		  XN_QOS,
		  { 0, 0, 0, 1, 0, 0, 0, 1, 17, 0, 0 },
		  11,
		  "QOS: has too many qdiscs" },
		{ "an end without a beginning", XN_SYNC_END, { 0, 0, 0, 1 }, 4, "SYNC_END: with" },
		{ "a short ping", XN_PING, { 1 }, 1, "PING: is not 8" },
		{ "unknown type", 200, { 0 }, 0, "unknown type 200" },
		{ "type 0", 0, { 0 }, 0, "unknown type 0" },
	};
	struct guest guest;

	(void)state;
	enrol(&guest, "net1");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!guest.conn) {
			connect_guest(&guest);
			RUN_UNTIL(*guest.network);
		}
		xn_conn_send(guest.conn, table[i].type, table[i].body, table[i].n);
		RUN_UNTIL(guest.over);
		if (!logged(table[i].why))
			fail_msg("%s: not logged: %s", table[i].what, table[i].why);
	}
	assert_int_equal(nets[0].routes + nets[0].rules + nets[0].ends + nets[0].qos, 0);
	drop_guest(&guest);
}

static void a_message_larger_than_64_kib_is_refused(void **state)
{
	static uint8_t large[XN_BODY_MAX + 1];
	struct guest guest;

	(void)state;
	enrol(&guest, "net1");
	xn_conn_send(guest.conn, XN_ROUTES, large, sizeof(large));
	RUN_UNTIL(guest.over);
	assert_true(logged("a message of 65537 bytes, 65536 are the most"));
	drop_guest(&guest);
}

static void more_than_1_mib_of_rules_is_refused(void **state)
{
	struct guest guest;

	(void)state;
	enrol(&guest, "net1");
	send_chunk(&guest, XN_RULES_FIRST, XN_CHUNK_MAX);
	for (size_t i = 0; i < XN_RULES_MAX / XN_CHUNK_MAX; i++)
		send_chunk(&guest, 0, XN_CHUNK_MAX);
	RUN_UNTIL(guest.over);
	assert_true(logged("RULES: more than 1 MiB"));
	assert_int_equal(nets[0].rules, 0);
	drop_guest(&guest);
}

static void a_batch_with_a_mistake_is_not_applied_at_all(void **state)
{
	struct guest guest;
	struct xn_writer body;
	uint8_t *number;
	const struct xn_guest_route route = {
		.destination = { AF_INET, { 192, 0, 2 } },
		.length = 24,
		.type = RTN_BLACKHOLE,
	};

	(void)state;
	enrol(&guest, "net1");
	xn_conn_begin(guest.conn, &body);
	number = xn_batch_begin(&body, 1);
	xn_encode_route(&body, true, &route);
	xn_put_number(&body, 7, 1);
	xn_batch_end(number, 2);
	xn_conn_commit(guest.conn, XN_ROUTES, &body);
	RUN_UNTIL(guest.over);
	assert_int_equal(nets[0].routes, 0);
	drop_guest(&guest);
}

static void garbage_instead_of_tls_is_refused(void **state)
{
	static const char garbage[] = "GET / HTTP/1.0\r\n\r\n";
	int fd;

	(void)state;
	fd = dial();
	assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
	RUN_UNTIL(logged("test: refused: TLS: "));
	close(fd);
}

/* --- refusals --- */

static void a_refused_configuration_is_told_why(void **state)
{
	struct guest guest;

	(void)state;
	enrol(&guest, "net1");
	send_qos(&guest, 1, 3);
	send_qos(&guest, 2, 666);
	RUN_UNTIL(guest.acknowledged == 2);
	assert_int_equal(nets[0].qos, 2);
	assert_int_equal(nets[1].qos, 0);
	assert_string_equal(guest.refusal, "tc of eth0: qdisc 1 netem: is not carried");
	drop_guest(&guest);
}

static void a_plane_says_why_to_both_ends(void **state)
{
	struct guest guest;

	(void)state;
	enrol(&guest, "net1");
	send_route(&guest, 1, 666);
	RUN_UNTIL(guest.acks);
	assert_string_equal(guest.refusal, "metric 666 is the devil's");
	assert_true(logged("channel: network net1 (test): metric 666 is the devil's"));
	assert_false(guest.over);
	drop_guest(&guest);
}

static void of_a_network_that_is_not_split_nothing_is_held(void **state)
{
	struct guest guest;

	(void)state;
	nets[0].split = false;
	enrol(&guest, "net1");
	send_route(&guest, 1, 0);
	RUN_UNTIL(guest.acks);
	assert_non_null(strstr(guest.refusal, "data path is vm"));
	assert_int_equal(nets[0].routes, 0);
	nets[0].split = true;
	guest.network[0] = '\0';
	xn_sessions_follow(dom0.sessions);
	RUN_UNTIL(*guest.network); /* it is told at once */
	send_route(&guest, 2, 0);
	RUN_UNTIL(nets[0].routes == 1);
	drop_guest(&guest);
}

static void a_second_connection_takes_the_place_of_the_first(void **state)
{
	struct guest first, second;

	(void)state;
	enrol(&first, "net1");
	second = first;
	second.tls = first.tls;
	connect_guest(&second);
	RUN_UNTIL(first.over);
	RUN_UNTIL(*second.network);
	assert_true(xn_sessions_has(dom0.sessions, "net1"));
	xn_conn_free(second.conn);
	drop_guest(&first);
}

/* --- floods --- */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* 1000 at once, then 200 a second: the rest waits at the guest. */
static void a_flood_is_read_slowly_and_others_are_served(void **state)
{
	struct guest flooder, other;
	uint64_t start, answered, taken;

	(void)state;
	enrol(&flooder, "net1");
	enrol(&other, "net2");
	for (uint32_t i = 1; i <= 5000; i++)
		send_route(&flooder, i, 0);
	start = now_ms();
	RUN_UNTIL(flooder.acks > 900);
	send_route(&other, 1, 0);
	answered = now_ms();
	RUN_UNTIL(other.acks);
	assert_in_range(now_ms() - answered, 0, 100);
	while (now_ms() < start + 1500)
		sd_event_run(dom0.event, 1000);
	taken = nets[0].routes;
	assert_in_range(taken, 1000, 1000 + 200 * (now_ms() - start) / 1000 + 10);
	assert_false(flooder.over);
	drop_guest(&flooder);
	drop_guest(&other);
}

static void strangers_are_bounded(void **state)
{
	static const uint8_t source[16] = "test";
	int fds[100];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		fds[i] = dial();
	assert_in_range(xn_sessions_strangers(dom0.sessions, source), 1, 64);
	assert_true(logged("too many are not known yet"));
	for (size_t i = 0; i < 100; i++)
		close(fds[i]);
}

static void a_stranger_has_little_time(void **state)
{
	static const uint8_t source[16] = "test";
	uint64_t start = now_ms();
	int fd = dial();

	(void)state;
	while (xn_sessions_strangers(dom0.sessions, source) && now_ms() < start + 10000)
		sd_event_run(dom0.event, 100000);
	assert_in_range(now_ms() - start, 4500, 7000);
	assert_true(logged("did not say who it is in time"));
	close(fd);
}

/* A transport that falls silent, as a vchan whose other domain is gone: nothing comes, nobody closes. */
static bool silent;

static ssize_t silent_read(struct xn_transport *transport, void *buf, size_t n)
{
	return silent ? -EAGAIN : recorder_read(transport, buf, n);
}

static void a_dead_dom0_is_noticed(void **state)
{
	static struct recorder recorder;
	static struct xn_transport_ops ops;
	struct guest guest;
	uint64_t start;

	(void)state;
	enrol(&guest, "net1");
	xn_conn_free(guest.conn);
	recorder.n = 0;
	record(&recorder);
	ops = *recorder.transport.ops;
	ops.read = silent_read;
	recorder.transport.ops = &ops;
	silent = false;
	connect_by(&guest, &recorder.transport);
	RUN_UNTIL(*guest.network);
	silent = true;
	start = now_ms();
	while (!guest.over && now_ms() < start + 20000)
		sd_event_run(dom0.event, 100000);
	assert_string_equal(guest.why, "silent for 15 s");
	assert_in_range(now_ms() - start, 14000, 17000);
	drop_guest(&guest);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_enrolled_guest_is_its_network),
		TEST(a_key_lives_through_a_restart),
		TEST(a_key_that_nobody_knows_is_refused),
		TEST(a_guest_without_a_key_is_refused),
		TEST(tls_1_2_is_refused),
		TEST(another_dom0_is_refused_by_the_guest),
		TEST(a_token_is_good_once),
		TEST(a_token_ends_after_an_hour),
		TEST(a_key_is_one_networks),
		TEST(a_stranger_may_only_enrol),
		TEST(a_revoked_guest_is_put_out),
		TEST(the_keys_are_roots_alone),
		TEST(what_was_recorded_cannot_be_said_again),
		TEST(broken_rules_end_the_connection),
		TEST(a_message_larger_than_64_kib_is_refused),
		TEST(more_than_1_mib_of_rules_is_refused),
		TEST(a_refused_configuration_is_told_why),
		TEST(a_batch_with_a_mistake_is_not_applied_at_all),
		TEST(garbage_instead_of_tls_is_refused),
		TEST(a_plane_says_why_to_both_ends),
		TEST(of_a_network_that_is_not_split_nothing_is_held),
		TEST(a_second_connection_takes_the_place_of_the_first),
		TEST(a_flood_is_read_slowly_and_others_are_served),
		TEST(strangers_are_bounded),
		TEST(a_stranger_has_little_time),
		TEST(a_dead_dom0_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}
