/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What contracts say of an instant, or of a span of time: records of doc/dbus.md. */
#ifndef XN_DAEMON_CONTRACT_SHOW_H
#define XN_DAEMON_CONTRACT_SHOW_H

#include <stdint.h>
#include <jansson.h>

struct xn_daemon;
struct xn_err;

/* Longest span of a plan, s. */
#define XN_PLAN_MAX (370 * 86400)

/**
 * xn_contract_show() - parameters at an instant
 * @network: its name; "": all
 * @time: s since 1970 UTC
 *
 * Return: a list, or NULL with @err: there is no such network.
 */
json_t *xn_contract_show(const struct xn_daemon *daemon, const char *network, int64_t time,
			 struct xn_err *err);

/* Parameters in [@from, @to), span by span. Otherwise the same; @to - @from is at most XN_PLAN_MAX. */
json_t *xn_contract_plan(const struct xn_daemon *daemon, const char *network, int64_t from,
			 int64_t to, struct xn_err *err);

#endif
