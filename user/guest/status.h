/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How it goes, for a person: told by the agent on a socket in its state folder, to root only. */
#ifndef XN_GUEST_STATUS_H
#define XN_GUEST_STATUS_H

#include "guest/agent.h"

struct xn_status;

/* Return: NULL with @err. */
struct xn_status *xn_status_open(sd_event *event, const char *dir, struct xn_agent *agent,
				 struct xn_err *err);
void xn_status_close(struct xn_status *status);

/* Ask the agent that runs there. New reference, or NULL with @err. */
json_t *xn_status_ask(const char *dir, struct xn_err *err);

/* Print it for a person. */
void xn_status_print(const json_t *status);

#endif
