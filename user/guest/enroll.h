/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Becoming a network's guest: done once, by a person, with a token. */
#ifndef XN_GUEST_ENROLL_H
#define XN_GUEST_ENROLL_H

#include "common/config.h" /* struct xn_err */

/**
 * xn_guest_enroll() - show the secret of @text to the Dom0 that it names, and remember that
 * @dir: of the settings
 * @network: out, its name, 256 bytes
 *
 * Return: 0, or -errno with @err; then everything is as it was, but that there may be a key.
 */
int xn_guest_enroll(const char *dir, const char *text, char *network, struct xn_err *err);

#endif
