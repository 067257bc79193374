// SPDX-License-Identifier: GPL-2.0-or-later
/* The certificate's names, dates and issuer are not looked at: its key is all that counts. */
#include <openssl/err.h>

#include "channel/tls.h"

#define CERTIFICATE_MAX 4096 /* bytes */

struct judge {
	xn_tls_judge_fn fn;
	void *arg;
};

static void free_judge(void *parent, void *judge, CRYPTO_EX_DATA *data, int index, long argl,
		       void *argp)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)argl;
	(void)argp;
	free(judge);
}

static int judge_index(void)
{
	static int index = -1;

	if (index < 0)
		index = SSL_get_ex_new_index(0, NULL, NULL, NULL, free_judge);
	return index;
}

static int on_certificate(X509_STORE_CTX *store, void *unused)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	const struct judge *judge = SSL_get_ex_data(ssl, judge_index());
	struct xn_fingerprint peer;

	(void)unused;
	if (xn_fingerprint_of(X509_get0_pubkey(X509_STORE_CTX_get0_cert(store)), &peer) &&
	    judge->fn(&peer, judge->arg))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

static bool configure(SSL_CTX *tls, const struct xn_key *key)
{
	SSL_CTX_set_options(tls, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
					 SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_read_ahead(tls, 1);
	SSL_CTX_set_max_cert_list(tls, CERTIFICATE_MAX);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(tls, on_certificate, NULL);
	return SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) &&
	       SSL_CTX_set_max_proto_version(tls, TLS1_3_VERSION) &&
	       SSL_CTX_set_num_tickets(tls, 0) && SSL_CTX_set_max_early_data(tls, 0) &&
	       SSL_CTX_set1_groups_list(tls, "X25519") &&
	       SSL_CTX_set1_sigalgs_list(tls, "ed25519") &&
	       SSL_CTX_set1_client_sigalgs_list(tls, "ed25519") &&
	       SSL_CTX_use_certificate(tls, key->certificate) &&
	       SSL_CTX_use_PrivateKey(tls, key->pkey);
}

SSL_CTX *xn_tls_new(const struct xn_key *key, bool server, struct xn_err *err)
{
	SSL_CTX *tls = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
	const char *why;

	if (tls && configure(tls, key))
		return tls;
	why = ERR_reason_error_string(ERR_peek_last_error());
	xn_err_set(err, "TLS: %s", why ? why : "no memory");
	SSL_CTX_free(tls);
	return NULL;
}

/* Takes @bio. */
SSL *xn_tls_connection(SSL_CTX *tls, BIO *bio, xn_tls_judge_fn fn, void *arg)
{
	struct judge *judge = malloc(sizeof(*judge));
	SSL *ssl = judge ? SSL_new(tls) : NULL;

	if (!ssl || !SSL_set_ex_data(ssl, judge_index(), judge)) {
		SSL_free(ssl);
		free(judge);
		BIO_free(bio);
		return NULL;
	}
	*judge = (struct judge){ fn, arg };
	SSL_set_bio(ssl, bio, bio);
	if (SSL_CTX_get_ssl_method(tls) == TLS_server_method())
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return ssl;
}
