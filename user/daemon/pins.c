// SPDX-License-Identifier: GPL-2.0-or-later
/* Secrets are compared in constant time, and kept in memory only: a restart voids them. */
#include <dirent.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/definition.h"
#include "common/readfile.h"
#include "daemon/files.h"
#include "daemon/log.h"
#include "daemon/pins.h"

#define OFFERS_MAX 64
/* What is written under another name for a moment ends otherwise: no network's name can be taken for it. */
#define SUFFIX ".key"

struct pin {
	struct pin *next;
	struct xn_fingerprint key;
	char network[];
};

struct offer {
	struct offer *next;
	uint8_t secret[XN_SECRET_SIZE];
	uint64_t until;
	char network[];
};

struct xn_pins {
	char *dir;
	struct pin *pins;
	struct offer *offers;
};

/* --- keys --- */

const char *xn_pins_network(const struct xn_pins *pins, const struct xn_fingerprint *key)
{
	for (const struct pin *pin = pins->pins; pin; pin = pin->next)
		if (xn_fingerprint_equal(&pin->key, key))
			return pin->network;
	return NULL;
}

const struct xn_fingerprint *xn_pins_key(const struct xn_pins *pins, const char *network)
{
	for (const struct pin *pin = pins->pins; pin; pin = pin->next)
		if (!strcmp(pin->network, network))
			return &pin->key;
	return NULL;
}

static struct pin *add_pin(struct xn_pins *pins, const char *network,
			   const struct xn_fingerprint *key)
{
	struct pin *pin = malloc(sizeof(*pin) + strlen(network) + 1);

	if (!pin)
		return NULL;
	strcpy(pin->network, network);
	pin->key = *key;
	pin->next = pins->pins;
	pins->pins = pin;
	return pin;
}

static bool drop_pin(struct xn_pins *pins, const char *network)
{
	for (struct pin **at = &pins->pins; *at; at = &(*at)->next) {
		struct pin *pin = *at;

		if (strcmp(pin->network, network))
			continue;
		*at = pin->next;
		free(pin);
		return true;
	}
	return false;
}

/* --- files --- */

static void path_of(const struct xn_pins *pins, const char *network, char *path, size_t size)
{
	snprintf(path, size, "%s/%s" SUFFIX, pins->dir, network);
}

static void read_pin(struct xn_pins *pins, const char *network)
{
	struct xn_fingerprint key;
	char path[4096], *text;
	const char *other;
	struct xn_err err;
	size_t size;

	path_of(pins, network, path, sizeof(path));
	text = xn_file_read(path, &size, &err);
	if (!text) {
		xn_log(SD_WARNING, "%s", err.text);
		return;
	}
	if (size != 2 * sizeof(key.bytes) + 1 || text[size - 1] != '\n' ||
	    !xn_unhex(text, key.bytes, sizeof(key.bytes))) {
		xn_log(SD_WARNING, "%s: is no key: remove it, and enrol the guest again", path);
	} else {
		other = xn_pins_network(pins, &key);
		if (other)
			xn_log(SD_WARNING, "%s: is network %s's key, too: remove one of them", path,
			       other);
		else if (!add_pin(pins, network, &key))
			xn_log(SD_ERR, "%s: no memory", path);
	}
	free(text);
}

static int write_pin(const struct xn_pins *pins, const char *network,
		     const struct xn_fingerprint *key)
{
	char path[4096], text[XN_FINGERPRINT_TEXT + 1];
	int rc;

	path_of(pins, network, path, sizeof(path));
	xn_hex(key->bytes, sizeof(key->bytes), text);
	strcat(text, "\n");
	rc = xn_make_parents(path, 0700);
	return rc ? rc : xn_write_file(path, text, strlen(text), 0600);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Cuts the suffix off, too. */
static int is_pin(const struct dirent *entry)
{
	char *end = strrchr((char *)entry->d_name, '.');

	if (!end || strcmp(end, SUFFIX))
		return 0;
	*end = '\0';
	return !xn_network_name_check(entry->d_name);
}

struct xn_pins *xn_pins_open(const char *dir, struct xn_err *err)
{
	struct xn_pins *pins = calloc(1, sizeof(*pins));
	struct dirent **entries = NULL;
	int n;

	if (pins)
		pins->dir = strdup(dir);
	if (!pins || !pins->dir) {
		xn_err_set(err, "%s: no memory", dir);
		free(pins);
		return NULL;
	}
	n = scandir(dir, &entries, is_pin, compare_names);
	if (n < 0 && errno != ENOENT) {
		xn_err_set(err, "%s: %s", dir, strerror(errno));
		xn_pins_close(pins);
		return NULL;
	}
	for (int i = 0; i < n; i++) {
		read_pin(pins, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return pins;
}

static void drop_offer(struct offer **at)
{
	struct offer *offer = *at;

	*at = offer->next;
	OPENSSL_cleanse(offer->secret, sizeof(offer->secret));
	free(offer);
}

void xn_pins_close(struct xn_pins *pins)
{
	if (!pins)
		return;
	while (pins->pins)
		drop_pin(pins, pins->pins->network);
	while (pins->offers)
		drop_offer(&pins->offers);
	free(pins->dir);
	free(pins);
}

/* --- enrolment --- */

/* Those that are over, and those of @network (NULL: of nobody). Return: how many are left. */
static size_t clean_offers(struct xn_pins *pins, const char *network, uint64_t now)
{
	struct offer **at = &pins->offers;
	size_t left = 0;

	while (*at) {
		if ((*at)->until <= now || (network && !strcmp((*at)->network, network))) {
			drop_offer(at);
			continue;
		}
		left++;
		at = &(*at)->next;
	}
	return left;
}

int xn_pins_offer(struct xn_pins *pins, const char *network, uint64_t now,
		  uint8_t secret[XN_SECRET_SIZE])
{
	struct offer *offer;

	if (clean_offers(pins, network, now) >= OFFERS_MAX)
		return -ENOSPC;
	if (RAND_bytes(secret, XN_SECRET_SIZE) != 1)
		return -EIO;
	offer = malloc(sizeof(*offer) + strlen(network) + 1);
	if (!offer)
		return -ENOMEM;
	memcpy(offer->secret, secret, XN_SECRET_SIZE);
	strcpy(offer->network, network);
	offer->until = now + XN_ENROL_SEC;
	offer->next = pins->offers;
	pins->offers = offer;
	return 0;
}

bool xn_pins_offered(const struct xn_pins *pins, const char *network, uint64_t now)
{
	for (const struct offer *offer = pins->offers; offer; offer = offer->next)
		if (offer->until > now && (!network || !strcmp(offer->network, network)))
			return true;
	return false;
}

static struct offer *find_offer(struct xn_pins *pins, const uint8_t *secret)
{
	struct offer *found = NULL;

	for (struct offer *offer = pins->offers; offer; offer = offer->next)
		if (!CRYPTO_memcmp(offer->secret, secret, XN_SECRET_SIZE))
			found = offer;
	return found;
}

/* The new key is in force only when it is on disk. */
static int replace_pin(struct xn_pins *pins, const char *network, const struct xn_fingerprint *key,
		       struct xn_err *err)
{
	int rc = write_pin(pins, network, key);

	if (!rc) {
		drop_pin(pins, network);
		rc = add_pin(pins, network, key) ? 0 : -ENOMEM;
	}
	if (rc)
		xn_err_set(err, "%s/%s" SUFFIX ": %s", pins->dir, network, strerror(-rc));
	return rc;
}

int xn_pins_enrol(struct xn_pins *pins, const uint8_t secret[XN_SECRET_SIZE],
		  const struct xn_fingerprint *key, uint64_t now, const char **network,
		  struct xn_err *err)
{
	const char *owner = xn_pins_network(pins, key);
	struct offer *offer;
	int rc;

	clean_offers(pins, NULL, now);
	offer = find_offer(pins, secret);
	if (!offer) {
		xn_err_set(err, "the token is used or too old: make another with "
				"xnetman-ctl channel enroll");
		return -EACCES;
	}
	if (owner && strcmp(owner, offer->network)) {
		xn_err_set(err,
			   "the guest's key is network %s's: revoke that, or have the guest "
			   "make another key",
			   owner);
		return -EEXIST;
	}
	rc = replace_pin(pins, offer->network, key, err);
	if (rc)
		return rc;
	clean_offers(pins, xn_pins_network(pins, key), now);
	*network = xn_pins_network(pins, key);
	return 0;
}

int xn_pins_revoke(struct xn_pins *pins, const char *network, struct xn_err *err)
{
	bool offered = xn_pins_offered(pins, network, 0);
	char path[4096];

	path_of(pins, network, path, sizeof(path));
	if (unlink(path) && errno != ENOENT) {
		xn_err_set(err, "%s: %s", path, strerror(errno));
		return -errno;
	}
	clean_offers(pins, network, 0);
	if (drop_pin(pins, network) || offered)
		return 0;
	xn_err_set(err, "network %s: no guest is enrolled", network);
	return -ENOENT;
}
