/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest knows of its Dom0, on disk: DIR/dom0 (its key and address), and DIR/key.pem, its own key. */
#ifndef XN_GUEST_SETTINGS_H
#define XN_GUEST_SETTINGS_H

#include "channel/token.h"

#define XN_GUEST_DIR   XN_SYSCONFDIR "/xnetman-guest"
#define XN_GUEST_STATE "/run/xnetman-guest"

struct xn_settings {
	struct xn_fingerprint dom0;
	char address[XN_ADDRESS_MAX];
};

/* Return: 0; -ENOENT: not enrolled; or another -errno; with @err. */
int xn_settings_read(struct xn_settings *settings, const char *dir, struct xn_err *err);
/* Whole or not at all. Return: 0 or -errno with @err. */
int xn_settings_write(const struct xn_settings *settings, const char *dir, struct xn_err *err);

/* The guest's own key. Return: as xn_key_open(). */
int xn_settings_key(struct xn_key *key, const char *dir, struct xn_err *err);

/* A connection to Dom0, or for it to come. Return: NULL with @err. */
struct xn_transport *xn_settings_connect(const struct xn_settings *settings, struct xn_err *err);
/* Is Dom0 the one that comes? */
bool xn_settings_is_vchan(const struct xn_settings *settings);

#endif
