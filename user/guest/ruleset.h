/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router's filter rules, followed: whatever changes, all of them are read again as nft's JSON. */
#ifndef XN_GUEST_RULESET_H
#define XN_GUEST_RULESET_H

#include <systemd/sd-event.h>

#include "common/config.h" /* struct xn_err */

struct xn_ruleset;

/* @changed is called from the event loop when the rules are others. Return: NULL with @err. */
struct xn_ruleset *xn_ruleset_open(sd_event *event, void (*changed)(void *arg), void *arg,
				   struct xn_err *err);
void xn_ruleset_close(struct xn_ruleset *ruleset);

/* As they are now; "" if they could not be read. @version: grows with each change. */
const char *xn_ruleset_json(const struct xn_ruleset *ruleset, uint64_t *version);

#endif
