// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A connection is a stranger until its key is known: by what was enrolled, or by enrolling now. Strangers
 * are few and have little time. What a stranger did wrong is logged at a bounded rate.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "channel/bucket.h"
#include "channel/conn.h"
#include "channel/cursor.h"
#include "channel/qos.h"
#include "daemon/log.h"
#include "daemon/session.h"

#define STRANGERS_MAX 64 /* of all sources */
#define REFUSALS_MAX  8	 /* told of one batch of routes */
#define QOS_COST      10 /* messages: some hundred requests to the kernel */
#define LOG_RATE      1	 /* lines per second */
#define LOG_BURST     20

/* One guest's share. 100,000 routes are 4 MB in 200 messages. */
static const struct xn_conn_limits limits = {
	.bytes = 2 << 20,
	.bytes_burst = 4 << 20,
	.messages = 200,
	.messages_burst = 1000,
	.waiting = 256 << 10,
};

struct session {
	struct session *next;
	struct xn_sessions *sessions;
	struct xn_conn *conn;
	uint8_t source[16];
	char network[64]; /* "": a stranger */
	bool over;	  /* its end is under way: it is nobody's any more */
	bool greeted;	  /* its HELLO was taken */
	bool split;	  /* as it was told */
	bool syncing;
	char program[XN_TEXT_MAX + 1];
	uint64_t since; /* s, realtime */
	uint64_t routes, refused, messages;

	char *rules; /* as far as they are here */
	size_t rules_length;
};

struct xn_sessions {
	sd_event *event;
	const struct xn_session_calls *calls;
	void *arg;
	struct xn_key key;
	SSL_CTX *tls;
	struct xn_pins *pins;
	struct session *list; /* newest first */
	struct xn_bucket log;
	uint64_t unlogged;
	struct xn_interfaces interfaces; /* scratch: of one message */
	struct xn_qos qos;		 /* likewise */
};

uint64_t xn_sessions_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

/* --- the log, bounded --- */

static bool may_log(struct xn_sessions *sessions)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!xn_bucket_look(&sessions->log, now.tv_sec * 1000000ULL + now.tv_nsec / 1000)) {
		sessions->unlogged++;
		return false;
	}
	xn_bucket_take(&sessions->log, 1);
	if (sessions->unlogged)
		xn_log(SD_WARNING, "channel: %llu more lines were left out",
		       (unsigned long long)sessions->unlogged);
	sessions->unlogged = 0;
	return true;
}

/* What a peer said may be in it. */
static void complain(struct session *session, const char *what)
{
	struct xn_err line;

	if (!may_log(session->sessions))
		return;
	if (*session->network)
		xn_err_set(&line, "channel: network %s (%s): %s", session->network,
			   xn_conn_name(session->conn), what);
	else
		xn_err_set(&line, "channel: %s: refused: %s", xn_conn_name(session->conn), what);
	xn_log(SD_WARNING, "%s", line.text);
}

/* --- sessions --- */

static struct session *find(const struct xn_sessions *sessions, const char *network)
{
	for (struct session *s = sessions->list; s; s = s->next)
		if (!s->over && *s->network && !strcmp(s->network, network))
			return s;
	return NULL;
}

static void drop(struct session *session)
{
	struct session **at = &session->sessions->list;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	xn_conn_free(session->conn);
	free(session->rules);
	free(session);
}

static void on_ended(struct xn_conn *conn, const char *why, void *arg)
{
	struct session *session = arg;
	struct xn_fingerprint none = { 0 };
	char text[512], key[XN_FINGERPRINT_TEXT];

	if (*session->network || xn_fingerprint_equal(xn_conn_peer(conn), &none)) {
		complain(session, why);
	} else {
		xn_hex(xn_conn_peer(conn)->bytes, sizeof(none.bytes), key);
		snprintf(text, sizeof(text), "%s: key %s", why, key);
		complain(session, text);
	}
	drop(session);
}

/* --- what is said to a guest --- */

static void refuse(struct session *session, uint32_t serial, const char *reason)
{
	struct xn_refusal refusal = { .serial = serial };
	struct xn_writer body;

	snprintf(refusal.reason, sizeof(refusal.reason), "%s", reason);
	session->refused++;
	xn_conn_begin(session->conn, &body);
	xn_encode_refusal(&body, &refusal);
	xn_conn_commit(session->conn, XN_REFUSED, &body);
}

static void acknowledge(struct session *session, uint32_t serial)
{
	struct xn_writer body;

	xn_conn_begin(session->conn, &body);
	xn_encode_serial(&body, serial);
	xn_conn_commit(session->conn, XN_ACK, &body);
}

static void greet(struct session *session)
{
	const struct xn_sessions *sessions = session->sessions;
	struct xn_hello hello = { .version = XN_CHANNEL_VERSION };
	struct xn_writer body;

	if (*session->network) {
		session->split = sessions->calls->split(session->network, sessions->arg);
		hello.flags = session->split ? XN_HELLO_SPLIT : 0;
		snprintf(hello.name, sizeof(hello.name), "%s", session->network);
	}
	xn_conn_begin(session->conn, &body);
	xn_encode_hello(&body, &hello);
	xn_conn_commit(session->conn, XN_HELLO, &body);
}

/* --- who it is --- */

static bool on_judge(const struct xn_fingerprint *peer, void *arg)
{
	const struct session *session = arg;
	const struct xn_sessions *sessions = session->sessions;
	const char *network = xn_pins_network(sessions->pins, peer);

	if (network && sessions->calls->defined(network, sessions->arg))
		return true;
	return xn_pins_offered(sessions->pins, NULL, xn_sessions_now());
}

/* It is @network's guest from now on, and the only one. */
static void settle(struct session *session, const char *network)
{
	struct session *old = find(session->sessions, network);

	if (old == session)
		return;
	if (old) {
		xn_conn_end(old->conn, "its guest has connected anew");
		old->over = true;
	}
	snprintf(session->network, sizeof(session->network), "%s", network);
	session->since = time(NULL);
	xn_conn_trust(session->conn);
	xn_log(SD_INFO, "channel: network %s: connected from %s", network,
	       xn_conn_name(session->conn));
}

static void on_opened(struct xn_conn *conn, void *arg)
{
	struct session *session = arg;
	const struct xn_sessions *sessions = session->sessions;
	const char *network = xn_pins_network(sessions->pins, xn_conn_peer(conn));

	if (network && sessions->calls->defined(network, sessions->arg))
		settle(session, network);
	greet(session);
}

static const char *take_hello(struct session *session, struct xn_reader *body)
{
	struct xn_hello hello;
	const char *why = xn_decode_hello(body, &hello);

	if (why)
		return why;
	if (hello.version != XN_CHANNEL_VERSION) {
		refuse(session, 0, "this Dom0 speaks version 1 of the channel");
		return "speaks another version";
	}
	session->greeted = true;
	snprintf(session->program, sizeof(session->program), "%s", hello.name);
	return NULL;
}

static const char *take_enroll(struct session *session, struct xn_reader *body)
{
	struct xn_sessions *sessions = session->sessions;
	const uint8_t *secret = xn_take(body, XN_SECRET_SIZE);
	const char *why = xn_decode_end(body), *network;
	struct xn_writer answer;
	struct xn_err err;

	if (why)
		return why;
	if (xn_pins_enrol(sessions->pins, secret, xn_conn_peer(session->conn), xn_sessions_now(),
			  &network, &err)) {
		refuse(session, 0, err.text);
		complain(session, err.text);
		return "no enrolment";
	}
	xn_log(SD_NOTICE, "channel: network %s: its guest has enrolled", network);
	settle(session, network);
	xn_conn_begin(session->conn, &answer);
	xn_encode_name(&answer, network);
	xn_conn_commit(session->conn, XN_ENROLLED, &answer);
	greet(session);
	return NULL;
}

/* --- what a guest says --- */

/* Tells both ends why not. */
static void reject(struct session *session, uint32_t serial, const struct xn_err *err)
{
	refuse(session, serial, err->text);
	complain(session, err->text);
}

/* Return: false: nobody wants it, and the guest knows. */
static bool wanted(struct session *session, uint32_t serial)
{
	struct xn_sessions *sessions = session->sessions;

	if (sessions->calls->split(session->network, sessions->arg))
		return true;
	refuse(session, serial, "the network's data path is vm: Dom0 holds nothing of it");
	acknowledge(session, serial);
	return false;
}

static const char *take_sync(struct session *session, struct xn_reader *body, bool begin)
{
	struct xn_sessions *sessions = session->sessions;
	uint32_t serial;
	const char *why = xn_decode_serial(body, &serial);

	if (why)
		return why;
	if (!begin && !session->syncing)
		return "without a beginning";
	session->syncing = false;
	if (!wanted(session, serial))
		return NULL;
	session->syncing = begin;
	if (begin)
		sessions->calls->sync_begin(session->network, sessions->arg);
	else
		sessions->calls->sync_end(session->network, sessions->arg);
	acknowledge(session, serial);
	return NULL;
}

static const char *take_sync_begin(struct session *session, struct xn_reader *body)
{
	return take_sync(session, body, true);
}

static const char *take_sync_end(struct session *session, struct xn_reader *body)
{
	return take_sync(session, body, false);
}

static const char *take_interfaces(struct session *session, struct xn_reader *body)
{
	struct xn_sessions *sessions = session->sessions;
	struct xn_err err = { "" };
	uint32_t serial;
	const char *why = xn_decode_interfaces(body, &serial, &sessions->interfaces);

	if (why || !wanted(session, serial))
		return why;
	if (sessions->calls->interfaces(session->network, &sessions->interfaces, &err,
					sessions->arg))
		reject(session, serial, &err);
	acknowledge(session, serial);
	return NULL;
}

/* A batch with a mistake in it is not applied at all. */
static const char *check_batch(struct xn_reader body, uint16_t n)
{
	struct xn_route_change change;
	const char *why = NULL;

	while (n-- && !why)
		why = xn_decode_route(&body, &change);
	return why ? why : xn_decode_end(&body);
}

static const char *take_routes(struct session *session, struct xn_reader *body)
{
	struct xn_sessions *sessions = session->sessions;
	struct xn_route_change change;
	size_t refused = 0;
	uint32_t serial;
	uint16_t n;
	const char *why = xn_decode_batch(body, &serial, &n);

	if (!why)
		why = check_batch(*body, n);
	if (why || !wanted(session, serial))
		return why;
	session->routes += n;
	while (n--) {
		struct xn_err err = { "" };

		xn_decode_route(body, &change);
		if (!sessions->calls->route(session->network, &change, &err, sessions->arg))
			continue;
		if (!refused)
			reject(session, serial, &err);
		else if (refused < REFUSALS_MAX)
			refuse(session, serial, err.text);
		refused++;
	}
	acknowledge(session, serial);
	return NULL;
}

static void forget_rules(struct session *session)
{
	free(session->rules);
	session->rules = NULL;
	session->rules_length = 0;
}

static const char *add_chunk(struct session *session, const struct xn_chunk *chunk)
{
	char *rules;

	if (chunk->flags & XN_RULES_FIRST)
		forget_rules(session);
	else if (!session->rules)
		return "without a beginning";
	if (session->rules_length + chunk->length > XN_RULES_MAX)
		return "more than 1 MiB of rules";
	rules = realloc(session->rules, session->rules_length + chunk->length + 1);
	if (!rules)
		return "no memory";
	if (chunk->length)
		memcpy(rules + session->rules_length, chunk->text, chunk->length);
	session->rules = rules;
	session->rules_length += chunk->length;
	rules[session->rules_length] = '\0';
	return NULL;
}

static const char *take_rules(struct session *session, struct xn_reader *body)
{
	struct xn_sessions *sessions = session->sessions;
	struct xn_err err = { "" };
	struct xn_chunk chunk;
	uint32_t serial;
	const char *why = xn_decode_chunk(body, &serial, &chunk);

	if (!why)
		why = add_chunk(session, &chunk);
	if (why || !(chunk.flags & XN_RULES_LAST))
		return why;
	if (wanted(session, serial)) {
		if (sessions->calls->rules(session->network, session->rules, session->rules_length,
					   &err, sessions->arg))
			reject(session, serial, &err);
		acknowledge(session, serial);
	}
	forget_rules(session);
	return NULL;
}

static const char *take_qos(struct session *session, struct xn_reader *body)
{
	struct xn_sessions *sessions = session->sessions;
	struct xn_err err = { "" };
	uint32_t serial;
	const char *why = xn_decode_qos(body, &serial, &sessions->qos);

	if (why || !wanted(session, serial))
		return why;
	xn_conn_charge(session->conn, QOS_COST);
	if (sessions->calls->qos(session->network, &sessions->qos, &err, sessions->arg))
		reject(session, serial, &err);
	acknowledge(session, serial);
	return NULL;
}

static const char *on_message(struct xn_conn *conn, enum xn_type type, struct xn_reader *body,
			      void *arg)
{
	static const struct {
		const char *(*take)(struct session *session, struct xn_reader *body);
		bool strangers; /* may say it, too */
	} table[XN_TYPES] = {
		[XN_HELLO] = { take_hello, true },
		[XN_ENROLL] = { take_enroll, true },
		[XN_SYNC_BEGIN] = { take_sync_begin, false },
		[XN_SYNC_END] = { take_sync_end, false },
		[XN_INTERFACES] = { take_interfaces, false },
		[XN_ROUTES] = { take_routes, false },
		[XN_RULES] = { take_rules, false },
		[XN_QOS] = { take_qos, false },
	};
	struct session *session = arg;

	(void)conn;
	session->messages++;
	if (!table[type].take || (type == XN_HELLO) == session->greeted ||
	    (!*session->network && !table[type].strangers))
		return "is not expected here";
	return table[type].take(session, body);
}

static const struct xn_conn_calls conn_calls = {
	.judge = on_judge,
	.opened = on_opened,
	.message = on_message,
	.ended = on_ended,
};

/* --- strangers --- */

size_t xn_sessions_strangers(const struct xn_sessions *sessions, const uint8_t source[16])
{
	size_t n = 0;

	for (const struct session *s = sessions->list; s; s = s->next)
		n += !*s->network && !memcmp(s->source, source, sizeof(s->source));
	return n;
}

/* Where there are too many, the oldest goes: who is honest is quick. */
static void make_room(struct xn_sessions *sessions)
{
	struct session *oldest = NULL;
	size_t n = 0;

	for (struct session *s = sessions->list; s; s = s->next)
		if (!*s->network) {
			oldest = s;
			n++;
		}
	if (n < STRANGERS_MAX)
		return;
	complain(oldest, "too many are not known yet");
	drop(oldest);
}

void xn_sessions_add(struct xn_sessions *sessions, struct xn_transport *transport,
		     const uint8_t source[16])
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session) {
		transport->ops->close(transport);
		return;
	}
	make_room(sessions);
	session->sessions = sessions;
	memcpy(session->source, source, sizeof(session->source));
	session->conn = xn_conn_new(sessions->event, transport, sessions->tls, &limits, &conn_calls,
				    session);
	if (!session->conn) {
		free(session);
		return;
	}
	session->next = sessions->list;
	sessions->list = session;
}

/* --- for others --- */

bool xn_sessions_has(const struct xn_sessions *sessions, const char *network)
{
	return find(sessions, network);
}

void xn_sessions_end(struct xn_sessions *sessions, const char *network, const char *why)
{
	struct session *session = find(sessions, network);

	if (!session)
		return;
	refuse(session, 0, why);
	xn_conn_end(session->conn, "%s", why);
	session->over = true;
}

/* What was being told of another data path is of no use now: it begins anew when that is told. */
static void follow(struct session *session)
{
	struct xn_sessions *sessions = session->sessions;

	if (!sessions->calls->defined(session->network, sessions->arg))
		xn_sessions_end(sessions, session->network, "there is no such network any more");
	else if (session->split != sessions->calls->split(session->network, sessions->arg)) {
		session->syncing = false;
		greet(session);
	}
}

void xn_sessions_follow(struct xn_sessions *sessions)
{
	for (struct session *s = sessions->list; s; s = s->next)
		if (*s->network && !s->over)
			follow(s);
}

void xn_sessions_report(struct xn_sessions *sessions, const char *network, const char *json)
{
	struct session *session = find(sessions, network);

	if (session && session->greeted && strlen(json) <= XN_REPORT_MAX)
		xn_conn_send(session->conn, XN_REPORT, json, strlen(json));
}

static void show_session(const struct session *session, json_t *json)
{
	json_object_update_new(
		json,
		json_pack("{ss ss sI sI sI sI}", "peer", xn_conn_name(session->conn), "program",
			  session->program, "since", (json_int_t)session->since, "messages",
			  (json_int_t)session->messages, "routes", (json_int_t)session->routes,
			  "refused", (json_int_t)session->refused));
}

json_t *xn_sessions_show(const struct xn_sessions *sessions, const char *network)
{
	const struct xn_fingerprint *key = xn_pins_key(sessions->pins, network);
	const struct session *session = find(sessions, network);
	char text[XN_FINGERPRINT_TEXT] = "";
	json_t *json;

	if (key)
		xn_hex(key->bytes, sizeof(key->bytes), text);
	json = json_pack("{ss ss sb sb}", "network", network, "key", text, "enrolling",
			 xn_pins_offered(sessions->pins, network, xn_sessions_now()), "connected",
			 session != NULL);
	if (json && session)
		show_session(session, json);
	return json;
}

struct xn_pins *xn_sessions_pins(const struct xn_sessions *sessions)
{
	return sessions->pins;
}

const struct xn_fingerprint *xn_sessions_key(const struct xn_sessions *sessions)
{
	return &sessions->key.fingerprint;
}

struct xn_sessions *xn_sessions_open(sd_event *event, const char *dir,
				     const struct xn_session_calls *calls, void *arg,
				     struct xn_err *err)
{
	struct xn_sessions *sessions = calloc(1, sizeof(*sessions));
	char path[4096];

	if (!sessions) {
		xn_err_set(err, "no memory");
		return NULL;
	}
	sessions->event = event;
	sessions->calls = calls;
	sessions->arg = arg;
	xn_bucket_init(&sessions->log, LOG_RATE, LOG_BURST, 0);
	snprintf(path, sizeof(path), "%s/dom0.pem", dir);
	if (!xn_key_open(&sessions->key, path, err))
		sessions->tls = xn_tls_new(&sessions->key, true, err);
	snprintf(path, sizeof(path), "%s/networks", dir);
	if (sessions->tls)
		sessions->pins = xn_pins_open(path, err);
	if (sessions->pins)
		return sessions;
	xn_sessions_close(sessions);
	return NULL;
}

void xn_sessions_close(struct xn_sessions *sessions)
{
	if (!sessions)
		return;
	while (sessions->list)
		drop(sessions->list);
	xn_pins_close(sessions->pins);
	SSL_CTX_free(sessions->tls);
	xn_key_close(&sessions->key);
	free(sessions);
}
