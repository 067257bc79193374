/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Admission, asked over the bus: would a network fit beside those that are here? (common/book.h) */
#ifndef XN_DAEMON_ADMIT_H
#define XN_DAEMON_ADMIT_H

#include "common/config.h"

struct xn_daemon;

/* Definition out of a request's text, right by itself. Return: it, or NULL with @err. */
struct xn_definition *xn_admit_parse(const struct xn_daemon *daemon, const char *name,
				     const char *text, struct xn_err *err);

/**
 * xn_admit_show() - the checks of doc/dbus.md's Admit, nothing is changed
 * @name: of the network; one of that name that is here is left out of the sums
 * @text: its definition
 *
 * Return: the record, or NULL with @err.
 */
json_t *xn_admit_show(const struct xn_daemon *daemon, const char *name, const char *text,
		      struct xn_err *err);

#endif
