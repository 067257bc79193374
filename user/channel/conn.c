// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All work is done by pump(): the descriptor, the timer and what was left over lead there. OpenSSL reads
 * and writes through a BIO of ours, which keeps the books: what may not be read now looks as if it
 * had not come yet.
 */
#include <errno.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "channel/bucket.h"
#include "channel/conn.h"
#include "channel/cursor.h"

#define SLICE_BYTES    (32 * 1024) /* read at a time, on the wire */
#define SLICE_MESSAGES 4
#define WAKE_BYTES     64	  /* that being woken counts for */
#define RESUME_BYTES   (4 * 1024) /* that must be allowed again before reading goes on */
#define RESUME_COUNT   4
#define HANDSHAKE_MAX  (16 * 1024) /* bytes before the peer is trusted */
#define NONCE_SIZE     8
/* Behind the tick and D-Bus, whoever talks. */
#define PRIORITY (SD_EVENT_PRIORITY_NORMAL + 10)

struct xn_conn {
	struct xn_transport *transport;
	SSL *ssl;
	const struct xn_conn_calls *calls;
	void *arg;
	size_t waiting_max;

	sd_event_source *io, *timer, *later;
	bool open;    /* the handshake is done */
	bool trusted; /* the peer may stay */
	bool ended;
	char why[256];
	struct xn_fingerprint peer;

	struct xn_bucket bytes, messages;
	size_t slice;	 /* bytes that may still be read in this pump() */
	bool more;	 /* work is left though the descriptor may be quiet */
	bool throttled;	 /* the peer has sent all that it may for now */
	bool want_write; /* the transport did not take all */
	int error;	 /* of the transport, errno */
	uint64_t read;	 /* bytes, on the wire */

	uint64_t started, heard, asked; /* us; asked: PING sent, 0: heard since */
	uint64_t deadline;		/* to be trusted by, us */

	uint8_t in[XN_HEAD_SIZE + XN_BODY_MAX];
	size_t in_used;
	uint8_t *out; /* from out_at on */
	size_t out_at, out_used, out_room;
	uint8_t body[XN_BODY_MAX]; /* of xn_conn_begin() */
};

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

/* --- the BIO --- */

static int later(BIO *bio, bool reading)
{
	if (reading)
		BIO_set_retry_read(bio);
	else
		BIO_set_retry_write(bio);
	return -1;
}

/* How much of @n may be read now? */
static size_t allowed(struct xn_conn *conn, size_t n)
{
	size_t tokens = xn_bucket_look(&conn->bytes, now_usec());

	if (!conn->slice)
		conn->more = true;
	else if (!tokens)
		conn->throttled = true;
	if (n > conn->slice)
		n = conn->slice;
	return n < tokens ? n : tokens;
}

static int bio_read(BIO *bio, char *buf, int n)
{
	struct xn_conn *conn = BIO_get_data(bio);
	size_t room = allowed(conn, n);
	ssize_t done;

	BIO_clear_retry_flags(bio);
	if (!room)
		return later(bio, true);
	done = conn->transport->ops->read(conn->transport, buf, room);
	if (done == -EAGAIN)
		return later(bio, true);
	if (done < 0) {
		conn->error = -done;
		return -1;
	}
	xn_bucket_take(&conn->bytes, done);
	conn->slice -= done;
	conn->read += done;
	if (done) {
		conn->heard = now_usec();
		conn->asked = 0;
	}
	return done;
}

static int bio_write(BIO *bio, const char *buf, int n)
{
	struct xn_conn *conn = BIO_get_data(bio);
	ssize_t done = conn->transport->ops->write(conn->transport, buf, n);

	BIO_clear_retry_flags(bio);
	if (done == -EAGAIN) {
		conn->want_write = true;
		return later(bio, false);
	}
	if (done < 0)
		conn->error = -done;
	return done < 0 ? -1 : done;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static BIO *new_bio(struct xn_conn *conn)
{
	static BIO_METHOD *method;
	BIO *bio;

	if (!method) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "xnetman");
		if (!method)
			return NULL;
		BIO_meth_set_read(method, bio_read);
		BIO_meth_set_write(method, bio_write);
		BIO_meth_set_ctrl(method, bio_ctrl);
	}
	bio = BIO_new(method);
	if (!bio)
		return NULL;
	BIO_set_data(bio, conn);
	BIO_set_init(bio, 1);
	return bio;
}

/* --- the end --- */

void xn_conn_end(struct xn_conn *conn, const char *fmt, ...)
{
	va_list args;

	if (conn->ended)
		return;
	conn->ended = true;
	va_start(args, fmt);
	vsnprintf(conn->why, sizeof(conn->why), fmt, args);
	va_end(args);
	sd_event_source_set_enabled(conn->io, SD_EVENT_OFF);
	sd_event_source_set_enabled(conn->timer, SD_EVENT_OFF);
	sd_event_source_set_enabled(conn->later, SD_EVENT_ONESHOT);
}

static void end_by_tls(struct xn_conn *conn, int ret)
{
	int code = SSL_get_error(conn->ssl, ret);
	unsigned long error = ERR_peek_error();

	if (conn->error)
		xn_conn_end(conn, "%s", strerror(conn->error));
	else if (code == SSL_ERROR_ZERO_RETURN)
		xn_conn_end(conn, "closed by the other end");
	else if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		xn_conn_end(conn, "its key is not the one that is expected here");
	else if (ERR_reason_error_string(error))
		xn_conn_end(conn, "TLS: %s", ERR_reason_error_string(error));
	else
		xn_conn_end(conn, "TLS: the other end broke off");
	ERR_clear_error();
}

/* Return: @ret is but a wish to go on later; else the connection has ended. */
static bool go_on_later(struct xn_conn *conn, int ret)
{
	int code = SSL_get_error(conn->ssl, ret);

	if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE)
		return true;
	end_by_tls(conn, ret);
	return false;
}

/* --- sending --- */

static void flush(struct xn_conn *conn)
{
	size_t done;
	int ret;

	conn->want_write = false;
	while (conn->open && conn->out_at < conn->out_used) {
		ERR_clear_error();
		ret = SSL_write_ex(conn->ssl, conn->out + conn->out_at,
				   conn->out_used - conn->out_at, &done);
		if (ret <= 0) {
			if (!conn->ended)
				go_on_later(conn, ret);
			return;
		}
		conn->out_at += done;
	}
	conn->out_at = conn->out_used = 0;
}

/* Room for @n more bytes behind what waits. */
static bool make_room(struct xn_conn *conn, size_t n)
{
	size_t room = conn->out_room ? conn->out_room : 4096;
	uint8_t *out;

	if (conn->out_at) {
		memmove(conn->out, conn->out + conn->out_at, conn->out_used - conn->out_at);
		conn->out_used -= conn->out_at;
		conn->out_at = 0;
	}
	while (room < conn->out_used + n)
		room *= 2;
	if (room == conn->out_room)
		return true;
	out = realloc(conn->out, room);
	if (!out)
		return false;
	conn->out = out;
	conn->out_room = room;
	return true;
}

void xn_conn_charge(struct xn_conn *conn, uint64_t messages)
{
	xn_bucket_take(&conn->messages, messages);
}

size_t xn_conn_waiting(const struct xn_conn *conn)
{
	return conn->out_used - conn->out_at;
}

/* Sending begins when whoever queues is done: from the event loop. */
void xn_conn_send(struct xn_conn *conn, enum xn_type type, const void *body, size_t n)
{
	struct xn_writer w;

	if (conn->ended)
		return;
	if (xn_conn_waiting(conn) + XN_HEAD_SIZE + n > conn->waiting_max) {
		xn_conn_end(conn, "it does not take what it is sent");
		return;
	}
	if (!make_room(conn, XN_HEAD_SIZE + n)) {
		xn_conn_end(conn, "no memory");
		return;
	}
	w = (struct xn_writer){ conn->out + conn->out_used, conn->out + conn->out_room, false };
	xn_put_number(&w, n, 4);
	xn_put_number(&w, type, 1);
	xn_put(&w, body, n);
	conn->out_used += XN_HEAD_SIZE + n;
	sd_event_source_set_enabled(conn->later, SD_EVENT_ONESHOT);
}

void xn_conn_begin(struct xn_conn *conn, struct xn_writer *body)
{
	*body = (struct xn_writer){ conn->body, conn->body + sizeof(conn->body), false };
}

void xn_conn_commit(struct xn_conn *conn, enum xn_type type, const struct xn_writer *body)
{
	if (body->bad)
		xn_conn_end(conn, "%s: does not fit into a message", xn_type_name(type));
	else
		xn_conn_send(conn, type, conn->body, body->at - conn->body);
}

/* --- receiving --- */

static const char *take_ping(struct xn_conn *conn, enum xn_type type, const struct xn_reader *body)
{
	if (xn_left(body) != NONCE_SIZE)
		return "is not 8 bytes long";
	if (type == XN_PING)
		xn_conn_send(conn, XN_PONG, body->at, NONCE_SIZE);
	return NULL;
}

static void deliver(struct xn_conn *conn, enum xn_type type, const uint8_t *bytes, size_t n)
{
	struct xn_reader body = { bytes, bytes + n, false };
	const char *why;

	if (conn->trusted && (type == XN_PING || type == XN_PONG))
		why = take_ping(conn, type, &body);
	else
		why = conn->calls->message(conn, type, &body, conn->arg);
	if (why)
		xn_conn_end(conn, "%s: %s", xn_type_name(type), why);
}

/* Of the next message. Return: its bytes with the head, 0: not all is here, or it is refused. */
static size_t next_message(struct xn_conn *conn, const uint8_t *at, size_t left)
{
	struct xn_reader head = { at, at + left, false };
	size_t length = xn_take_number(&head, 4);
	unsigned int type = xn_take_number(&head, 1);

	if (head.bad)
		return 0;
	if (length > XN_BODY_MAX) {
		xn_conn_end(conn, "a message of %zu bytes, %d are the most", length, XN_BODY_MAX);
		return 0;
	}
	if (!type || type >= XN_TYPES) {
		xn_conn_end(conn, "a message of unknown type %u", type);
		return 0;
	}
	return left >= XN_HEAD_SIZE + length ? XN_HEAD_SIZE + length : 0;
}

/* Return: are there messages left that may not be taken in this pump()? */
static bool deliver_all(struct xn_conn *conn, size_t *budget)
{
	size_t at = 0, n;

	while ((n = next_message(conn, conn->in + at, conn->in_used - at)) && !conn->ended) {
		if (!*budget)
			conn->more = true;
		else if (!xn_bucket_look(&conn->messages, now_usec()))
			conn->throttled = true;
		if (conn->more || conn->throttled)
			break;
		xn_bucket_take(&conn->messages, 1);
		(*budget)--;
		deliver(conn, conn->in[at + 4], conn->in + at + XN_HEAD_SIZE, n - XN_HEAD_SIZE);
		at += n;
	}
	memmove(conn->in, conn->in + at, conn->in_used - at);
	conn->in_used -= at;
	return n;
}

/* A whole message always fits, so that there is room unless messages are left. */
static void receive(struct xn_conn *conn)
{
	size_t budget = SLICE_MESSAGES, done;
	int ret;

	for (;;) {
		if (deliver_all(conn, &budget) || conn->ended)
			return;
		ERR_clear_error();
		ret = SSL_read_ex(conn->ssl, conn->in + conn->in_used,
				  sizeof(conn->in) - conn->in_used, &done);
		if (ret <= 0) {
			go_on_later(conn, ret);
			return;
		}
		conn->in_used += done;
	}
}

/* --- the handshake --- */

static bool on_judge(const struct xn_fingerprint *peer, void *arg)
{
	struct xn_conn *conn = arg;

	conn->peer = *peer;
	return conn->calls->judge(peer, conn->arg);
}

static void shake_hands(struct xn_conn *conn)
{
	int ret;

	ERR_clear_error();
	ret = SSL_do_handshake(conn->ssl);
	if (ret <= 0) {
		go_on_later(conn, ret);
		return;
	}
	conn->open = true;
	conn->calls->opened(conn, conn->arg);
}

/* --- the loop --- */

static void at(uint64_t *next, uint64_t time)
{
	if (time < *next)
		*next = time;
}

static void arm_timer(struct xn_conn *conn)
{
	uint64_t next = conn->trusted ? conn->heard + XN_DEAD_USEC : conn->deadline;

	if (conn->trusted && !conn->asked)
		at(&next, conn->heard + XN_PING_USEC);
	if (conn->throttled) {
		uint64_t bytes = xn_bucket_when(&conn->bytes, RESUME_BYTES);
		uint64_t messages = xn_bucket_when(&conn->messages, RESUME_COUNT);

		at(&next, bytes > messages ? bytes : messages);
	}
	sd_event_source_set_time(conn->timer, next);
	sd_event_source_set_enabled(conn->timer, SD_EVENT_ONESHOT);
}

/* Who does not take its answers is not read, either. */
static bool is_congested(const struct xn_conn *conn)
{
	return xn_conn_waiting(conn) > conn->waiting_max / 2;
}

static void wait_for_more(struct xn_conn *conn)
{
	bool reading = !conn->throttled && !is_congested(conn);
	uint32_t events = conn->transport->ops->events(reading, conn->want_write);

	sd_event_source_set_io_events(conn->io, events);
	sd_event_source_set_enabled(conn->io, events ? SD_EVENT_ON : SD_EVENT_OFF);
	sd_event_source_set_enabled(conn->later, conn->more ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
	arm_timer(conn);
}

static void ask(struct xn_conn *conn, uint64_t now)
{
	static const uint8_t nonce[NONCE_SIZE];

	conn->asked = now;
	xn_conn_send(conn, XN_PING, nonce, sizeof(nonce));
}

/*
 * Looked at whenever there is work, not by the timer alone: it is set anew each time, and would never come to
 * its turn if there was always something to read.
 */
static void look_at_clock(struct xn_conn *conn)
{
	uint64_t now = now_usec();

	if (!conn->trusted && now >= conn->deadline)
		xn_conn_end(conn, "it did not say who it is in time");
	else if (conn->trusted && now >= conn->heard + XN_DEAD_USEC)
		xn_conn_end(conn, "silent for %llu s", XN_DEAD_USEC / 1000000);
	else if (conn->trusted && !conn->asked && now >= conn->heard + XN_PING_USEC)
		ask(conn, now);
}

static void pump(struct xn_conn *conn)
{
	look_at_clock(conn);
	if (conn->ended)
		return;
	conn->slice = SLICE_BYTES;
	conn->more = conn->throttled = false;
	if (!conn->open)
		shake_hands(conn);
	flush(conn);
	if (conn->open && !conn->ended && !is_congested(conn))
		receive(conn);
	if (!conn->trusted && conn->read > HANDSHAKE_MAX)
		xn_conn_end(conn, "more bytes than it takes to say who it is");
	if (conn->ended)
		return;
	flush(conn);
	if (!conn->ended)
		wait_for_more(conn);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct xn_conn *conn = arg;

	(void)source;
	(void)fd;
	(void)revents;
	xn_bucket_take(&conn->bytes, WAKE_BYTES);
	conn->transport->ops->woken(conn->transport);
	pump(conn);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	pump(arg);
	return 0;
}

static int on_later(sd_event_source *source, void *arg)
{
	struct xn_conn *conn = arg;

	(void)source;
	if (!conn->ended) {
		pump(conn);
		return 0;
	}
	flush(conn);
	if (conn->open)
		SSL_shutdown(conn->ssl);
	ERR_clear_error();
	conn->calls->ended(conn, conn->why, conn->arg);
	return 0;
}

/* --- life --- */

static int add_sources(struct xn_conn *conn, sd_event *event)
{
	int rc = sd_event_add_io(event, &conn->io, conn->transport->fd,
				 conn->transport->ops->events(true, true), on_io, conn);

	if (rc >= 0)
		rc = sd_event_add_time(event, &conn->timer, CLOCK_MONOTONIC, conn->deadline, 1,
				       on_timer, conn);
	if (rc >= 0)
		rc = sd_event_add_defer(event, &conn->later, on_later, conn);
	if (rc >= 0)
		rc = sd_event_source_set_priority(conn->io, PRIORITY);
	if (rc >= 0)
		rc = sd_event_source_set_priority(conn->timer, PRIORITY);
	if (rc >= 0)
		rc = sd_event_source_set_priority(conn->later, PRIORITY);
	return rc;
}

struct xn_conn *xn_conn_new(sd_event *event, struct xn_transport *transport, SSL_CTX *tls,
			    const struct xn_conn_limits *limits, const struct xn_conn_calls *calls,
			    void *arg)
{
	struct xn_conn *conn = calloc(1, sizeof(*conn));
	BIO *bio = conn ? new_bio(conn) : NULL;
	uint64_t now = now_usec();

	if (bio)
		conn->ssl = xn_tls_connection(tls, bio, on_judge, conn);
	if (!conn || !conn->ssl) {
		transport->ops->close(transport);
		free(conn);
		return NULL;
	}
	conn->transport = transport;
	conn->calls = calls;
	conn->arg = arg;
	conn->waiting_max = limits->waiting;
	conn->started = conn->heard = now;
	conn->deadline = now + XN_HANDSHAKE_USEC;
	xn_bucket_init(&conn->bytes, limits->bytes, limits->bytes_burst, now);
	xn_bucket_init(&conn->messages, limits->messages, limits->messages_burst, now);
	if (add_sources(conn, event) < 0) {
		xn_conn_free(conn);
		return NULL;
	}
	return conn;
}

void xn_conn_free(struct xn_conn *conn)
{
	if (!conn)
		return;
	sd_event_source_disable_unref(conn->io);
	sd_event_source_disable_unref(conn->timer);
	sd_event_source_disable_unref(conn->later);
	SSL_free(conn->ssl);
	conn->transport->ops->close(conn->transport);
	free(conn->out);
	free(conn);
}

void xn_conn_trust(struct xn_conn *conn)
{
	conn->trusted = true;
}

void xn_conn_patience(struct xn_conn *conn, uint64_t usec)
{
	conn->deadline = now_usec() + usec;
	arm_timer(conn);
}

const char *xn_conn_name(const struct xn_conn *conn)
{
	return conn->transport->name;
}

const struct xn_fingerprint *xn_conn_peer(const struct xn_conn *conn)
{
	return &conn->peer;
}
