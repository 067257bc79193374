/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of one channel on the event loop: TLS over a transport, cut into messages. Never blocks, does a
 * small slice of work at a time, reads slower rather than more than it may, and ends when the peer is
 * silent, breaks the rules, or does not take what it is sent.
 */
#ifndef XN_CHANNEL_CONN_H
#define XN_CHANNEL_CONN_H

#include <systemd/sd-event.h>

#include "channel/message.h"
#include "channel/tls.h"
#include "channel/transport.h"

#define XN_HANDSHAKE_USEC (5 * 1000000ULL)  /* until the peer is known */
#define XN_PING_USEC	  (5 * 1000000ULL)  /* of silence, then it is asked */
#define XN_DEAD_USEC	  (15 * 1000000ULL) /* of silence, then it is dead */

struct xn_conn;

struct xn_conn_calls {
	/* May the peer have this key? Within the handshake. */
	bool (*judge)(const struct xn_fingerprint *peer, void *arg);
	/* The handshake is done, the peer's key is that. */
	void (*opened)(struct xn_conn *conn, void *arg);
	/* A message but PING and PONG. Return: NULL, or what is wrong with it: the connection ends. */
	const char *(*message)(struct xn_conn *conn, enum xn_type type, struct xn_reader *body,
			       void *arg);
	/* It is over, @why is for a person; once, from the event loop. Free it here. */
	void (*ended)(struct xn_conn *conn, const char *why, void *arg);
};

/* What a peer may send, and what may wait for it. */
struct xn_conn_limits {
	uint64_t bytes, bytes_burst; /* per second, on the wire */
	uint64_t messages, messages_burst;
	size_t waiting; /* bytes */
};

/**
 * xn_conn_new() - begin a connection
 * @transport: is taken, also on error
 *
 * Return: NULL: no memory.
 */
struct xn_conn *xn_conn_new(sd_event *event, struct xn_transport *transport, SSL_CTX *tls,
			    const struct xn_conn_limits *limits, const struct xn_conn_calls *calls,
			    void *arg);
/* At once, and ended() is not called; not from the other calls. NULL is fine. */
void xn_conn_free(struct xn_conn *conn);

/* The peer is who it should be: it may stay, and what it sends is not bounded to a handshake's any more. */
void xn_conn_trust(struct xn_conn *conn);
/* Whatever it is for, @usec from now or XN_HANDSHAKE_USEC after the beginning it must be trusted. */
void xn_conn_patience(struct xn_conn *conn, uint64_t usec);

/**
 * xn_conn_send() - queue a message
 *
 * More waiting than the limit ends the connection.
 */
void xn_conn_send(struct xn_conn *conn, enum xn_type type, const void *body, size_t n);

/*
 * To write one in place: begin, write the body, then send it. A body that did not fit is a fault of ours:
 * the connection ends.
 */
void xn_conn_begin(struct xn_conn *conn, struct xn_writer *body);
void xn_conn_commit(struct xn_conn *conn, enum xn_type type, const struct xn_writer *body);

/* The message under way costs as much as @messages more: the next are read later. */
void xn_conn_charge(struct xn_conn *conn, uint64_t messages);

/* Bytes that wait to be sent. */
size_t xn_conn_waiting(const struct xn_conn *conn);

/* End it, soon; what waits is sent as far as the peer takes it now. The first reason stands. */
void xn_conn_end(struct xn_conn *conn, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

const char *xn_conn_name(const struct xn_conn *conn);
/* After opened(). */
const struct xn_fingerprint *xn_conn_peer(const struct xn_conn *conn);

#endif
