/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS 1.3 and nothing else, both ends with a key of their own that the other knows beforehand. No
 * session is ever resumed and no early data taken, so that nothing that was recorded can be said again.
 */
#ifndef XN_CHANNEL_TLS_H
#define XN_CHANNEL_TLS_H

#include <openssl/ssl.h>

#include "channel/key.h"

/* May the peer have this key? Asked once, during the handshake. */
typedef bool (*xn_tls_judge_fn)(const struct xn_fingerprint *peer, void *arg);

/* Return: NULL with @err. @key must live as long. */
SSL_CTX *xn_tls_new(const struct xn_key *key, bool server, struct xn_err *err);

/* One connection. Return: NULL: no memory. */
SSL *xn_tls_connection(SSL_CTX *tls, BIO *bio, xn_tls_judge_fn judge, void *arg);

#endif
