// SPDX-License-Identifier: GPL-2.0-or-later
/* The file holds the private key alone: the certificate around it says nothing, and is made anew. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/key.h"
#include "daemon/files.h"

void xn_hex(const uint8_t *bytes, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool xn_unhex(const char *text, uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < 2 * n; i++) {
		int value = digit(text[i]);

		if (value < 0)
			return false;
		bytes[i / 2] = i % 2 ? bytes[i / 2] | value : value << 4;
	}
	return true;
}

bool xn_fingerprint_equal(const struct xn_fingerprint *a, const struct xn_fingerprint *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool xn_fingerprint_of(EVP_PKEY *pkey, struct xn_fingerprint *fingerprint)
{
	unsigned char *der = NULL;
	int n = pkey && EVP_PKEY_is_a(pkey, "ED25519") ? i2d_PUBKEY(pkey, &der) : -1;
	bool good = n > 0 && EVP_Digest(der, n, fingerprint->bytes, NULL, EVP_sha256(), NULL);

	OPENSSL_free(der);
	return good;
}

/* Valid for ever: what ends a key is that its pin is removed. */
static X509 *envelope(EVP_PKEY *pkey)
{
	X509 *certificate = X509_new();

	if (certificate && X509_set_version(certificate, X509_VERSION_3) &&
	    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) &&
	    ASN1_TIME_set_string(X509_getm_notBefore(certificate), "19700101000000Z") &&
	    ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") &&
	    X509_set_pubkey(certificate, pkey) && X509_sign(certificate, pkey, NULL))
		return certificate;
	X509_free(certificate);
	return NULL;
}

static int complete(struct xn_key *key, struct xn_err *err)
{
	if (xn_fingerprint_of(key->pkey, &key->fingerprint)) {
		key->certificate = envelope(key->pkey);
		if (key->certificate)
			return 0;
	}
	xn_key_close(key);
	xn_err_set(err, "the key is no Ed25519 key: remove its file to have a new one made");
	return -EINVAL;
}

int xn_key_make(struct xn_key *key, struct xn_err *err)
{
	memset(key, 0, sizeof(*key));
	key->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (key->pkey)
		return complete(key, err);
	xn_err_set(err, "no key could be made");
	return -EIO;
}

void xn_key_close(struct xn_key *key)
{
	X509_free(key->certificate);
	EVP_PKEY_free(key->pkey);
	memset(key, 0, sizeof(*key));
}

/* --- the file --- */

static int store(const struct xn_key *key, const char *path)
{
	BIO *pem = BIO_new(BIO_s_secmem());
	char *text;
	long n;
	int rc = -ENOMEM;

	if (pem && PEM_write_bio_PrivateKey(pem, key->pkey, NULL, NULL, 0, NULL, NULL)) {
		n = BIO_get_mem_data(pem, &text);
		rc = xn_make_parents(path, 0700);
		if (!rc)
			rc = xn_write_file(path, text, n, 0600);
	}
	BIO_free(pem);
	return rc;
}

static int read_key(struct xn_key *key, FILE *file, const char *path, struct xn_err *err)
{
	struct stat st;

	if (fstat(fileno(file), &st) || !S_ISREG(st.st_mode) || st.st_mode & 077) {
		xn_err_set(err, "%s: others may read this key: chmod 600 it", path);
		return -EACCES;
	}
	key->pkey = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	if (key->pkey && !complete(key, err))
		return 0;
	xn_err_set(err, "%s: is no Ed25519 key in PEM: remove it to have a new one made", path);
	return -EINVAL;
}

int xn_key_open(struct xn_key *key, const char *path, struct xn_err *err)
{
	FILE *file;
	int rc;

	memset(key, 0, sizeof(*key));
	file = fopen(path, "re");
	if (file) {
		rc = read_key(key, file, path, err);
		fclose(file);
		return rc;
	}
	rc = errno == ENOENT ? xn_key_make(key, err) : -errno;
	if (!rc)
		rc = store(key, path);
	if (rc) {
		xn_key_close(key);
		xn_err_set(err, "%s: %s", path, strerror(-rc));
	}
	return rc;
}
