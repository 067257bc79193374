/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose is a key? Each network has at most one, that its guest has enrolled; a key is at most one network's.
 * Kept as a file per network. And the enrolments that are still open: a secret each, once and for an hour.
 */
#ifndef XN_DAEMON_PINS_H
#define XN_DAEMON_PINS_H

#include "channel/key.h"
#include "channel/message.h"

#define XN_ENROL_SEC 3600

struct xn_pins;

/* @dir: a file per network; made when needed. What is wrong in there is logged and not believed. */
struct xn_pins *xn_pins_open(const char *dir, struct xn_err *err);
void xn_pins_close(struct xn_pins *pins);

/* Return: the network's name, or NULL: nobody's key. */
const char *xn_pins_network(const struct xn_pins *pins, const struct xn_fingerprint *key);
/* Return: NULL: none. */
const struct xn_fingerprint *xn_pins_key(const struct xn_pins *pins, const char *network);

/**
 * xn_pins_offer() - let a guest enrol for @network
 * @now: s, any clock that only goes forward, as for the others
 * @secret: out; an older one of the network is void
 *
 * Return: 0, -ENOSPC (too many are open) or -EIO (no randomness).
 */
int xn_pins_offer(struct xn_pins *pins, const char *network, uint64_t now,
		  uint8_t secret[XN_SECRET_SIZE]);
/* For @network, or for anybody (NULL). */
bool xn_pins_offered(const struct xn_pins *pins, const char *network, uint64_t now);

/**
 * xn_pins_enrol() - a guest shows a secret
 * @network: out, if 0: the network whose key @key is now; in the books until it is revoked
 *
 * Return: 0; -EACCES: that is no secret of now; -EEXIST: the key is another network's; another -errno
 * of the file. @err is for both ends.
 */
int xn_pins_enrol(struct xn_pins *pins, const uint8_t secret[XN_SECRET_SIZE],
		  const struct xn_fingerprint *key, uint64_t now, const char **network,
		  struct xn_err *err);

/* The network's key and secret are void. Return: 0, -ENOENT: there were none, or another -errno with @err. */
int xn_pins_revoke(struct xn_pins *pins, const char *network, struct xn_err *err);

#endif
