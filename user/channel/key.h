/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of the secure channel: Ed25519, known by the SHA-256 of their public half. */
#ifndef XN_CHANNEL_KEY_H
#define XN_CHANNEL_KEY_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/config.h" /* struct xn_err */

#define XN_FINGERPRINT_SIZE 32
#define XN_FINGERPRINT_TEXT (2 * XN_FINGERPRINT_SIZE + 1)

struct xn_fingerprint {
	uint8_t bytes[XN_FINGERPRINT_SIZE];
};

/* Our own. */
struct xn_key {
	EVP_PKEY *pkey;
	X509 *certificate; /* nothing but the key's envelope: TLS wants one */
	struct xn_fingerprint fingerprint;
};

/**
 * xn_key_open() - the key in a file; made at first use
 * @path: PEM, 0600; folders above are made, 0700
 *
 * A file that others than its owner may read is refused.
 *
 * Return: 0, or -errno with @err.
 */
int xn_key_open(struct xn_key *key, const char *path, struct xn_err *err);
/* A new one that is kept nowhere. Return: as xn_key_open(). */
int xn_key_make(struct xn_key *key, struct xn_err *err);
void xn_key_close(struct xn_key *key);

/* Of an Ed25519 key. Return: is it one? */
bool xn_fingerprint_of(EVP_PKEY *pkey, struct xn_fingerprint *fingerprint);

/* Hexadecimal digits, in lower case. */
void xn_hex(const uint8_t *bytes, size_t n, char *text);
/* Return: are there just 2 * @n of them at @text, whatever follows? */
bool xn_unhex(const char *text, uint8_t *bytes, size_t n);

bool xn_fingerprint_equal(const struct xn_fingerprint *a, const struct xn_fingerprint *b);

#endif
