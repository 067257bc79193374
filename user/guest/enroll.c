// SPDX-License-Identifier: GPL-2.0-or-later
/* One connection, one question, one answer; the settings are written when the answer is yes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "channel/conn.h"
#include "channel/cursor.h"
#include "guest/enroll.h"
#include "guest/settings.h"

#define PATIENCE_USEC (30 * 1000000ULL) /* Dom0 comes to a vchan's server only now and then */

static const struct xn_conn_limits limits = {
	.bytes = 1 << 20,
	.bytes_burst = 1 << 20,
	.messages = 100,
	.messages_burst = 100,
	.waiting = 4096,
};

struct enrolment {
	sd_event *event;
	struct xn_token token;
	char *network;
	bool done;
	struct xn_err *err;
	struct xn_conn *conn;
};

static bool on_judge(const struct xn_fingerprint *peer, void *arg)
{
	const struct enrolment *enrolment = arg;

	return xn_fingerprint_equal(peer, &enrolment->token.dom0);
}

static void on_opened(struct xn_conn *conn, void *arg)
{
	const struct enrolment *enrolment = arg;
	struct xn_hello hello = {
		.version = XN_CHANNEL_VERSION,
		.name = "xnetman-guest " XN_VERSION,
	};
	struct xn_writer body;

	xn_conn_begin(conn, &body);
	xn_encode_hello(&body, &hello);
	xn_conn_commit(conn, XN_HELLO, &body);
	xn_conn_send(conn, XN_ENROLL, enrolment->token.secret, XN_SECRET_SIZE);
}

static const char *on_message(struct xn_conn *conn, enum xn_type type, struct xn_reader *body,
			      void *arg)
{
	struct enrolment *enrolment = arg;
	struct xn_refusal refusal;
	struct xn_hello hello;
	const char *why = "is not expected here";

	switch (type) {
	case XN_HELLO:
		return xn_decode_hello(body, &hello);
	case XN_ENROLLED:
		why = xn_decode_name(body, enrolment->network);
		enrolment->done = !why;
		if (enrolment->done)
			xn_conn_end(conn, "enrolled");
		break;
	case XN_REFUSED:
		why = xn_decode_refusal(body, &refusal);
		if (!why)
			xn_conn_end(conn, "Dom0 refused: %s", refusal.reason);
		break;
	default:
		break;
	}
	return why;
}

static void on_ended(struct xn_conn *conn, const char *why, void *arg)
{
	struct enrolment *enrolment = arg;

	xn_err_set(enrolment->err, "%s: %s", xn_conn_name(conn), why);
	xn_conn_free(conn);
	sd_event_exit(enrolment->event, 0);
}

static int converse(struct enrolment *enrolment, SSL_CTX *tls, const struct xn_settings *settings)
{
	static const struct xn_conn_calls calls = {
		.judge = on_judge,
		.opened = on_opened,
		.message = on_message,
		.ended = on_ended,
	};
	struct xn_transport *transport = xn_settings_connect(settings, enrolment->err);
	struct xn_conn *conn = NULL;
	int rc;

	if (!transport)
		return -EIO;
	rc = sd_event_new(&enrolment->event);
	if (rc >= 0)
		conn = xn_conn_new(enrolment->event, transport, tls, &limits, &calls, enrolment);
	if (!conn) {
		xn_err_set(enrolment->err, "no memory");
		return -ENOMEM;
	}
	if (xn_settings_is_vchan(settings))
		xn_conn_patience(conn, PATIENCE_USEC);
	rc = sd_event_loop(enrolment->event);
	sd_event_unref(enrolment->event);
	return rc < 0 ? rc : enrolment->done ? 0 : -EACCES;
}

int xn_guest_enroll(const char *dir, const char *text, char *network, struct xn_err *err)
{
	struct enrolment enrolment = { .network = network, .err = err };
	struct xn_settings settings;
	struct xn_key key = { 0 };
	SSL_CTX *tls = NULL;
	const char *why = xn_token_parse(text, &enrolment.token);
	int rc = -EINVAL;

	if (why) {
		xn_err_set(err, "this %s", why);
		return rc;
	}
	settings.dom0 = enrolment.token.dom0;
	strcpy(settings.address, enrolment.token.address);
	rc = xn_settings_key(&key, dir, err);
	if (!rc) {
		tls = xn_tls_new(&key, false, err);
		rc = tls ? converse(&enrolment, tls, &settings) : -EIO;
	}
	if (!rc)
		rc = xn_settings_write(&settings, dir, err);
	SSL_CTX_free(tls);
	xn_key_close(&key);
	return rc;
}
