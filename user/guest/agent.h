/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest as a whole: carries what the kernel has to Dom0, for as long as it runs. */
#ifndef XN_GUEST_AGENT_H
#define XN_GUEST_AGENT_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "common/config.h" /* struct xn_err */

struct xn_agent;

#define XN_GUEST_REPORT "report.json" /* of the last period that is over, in the state's folder */

/* @dir: of the settings, it need not be enrolled yet; @state: of what Dom0 reports. Return: NULL with @err. */
struct xn_agent *xn_agent_open(sd_event *event, const char *dir, const char *state,
			       struct xn_err *err);
void xn_agent_close(struct xn_agent *agent);

/* What `xnetman-guest status -j` prints. New reference. */
json_t *xn_agent_show(struct xn_agent *agent);

#endif
