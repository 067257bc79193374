/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libmicrohttpd in the event loop: connections, their number and their time. */
#ifndef XN_WEB_HTTP_H
#define XN_WEB_HTTP_H

#include <systemd/sd-event.h>

#include "common/address.h"
#include "common/config.h" /* struct xn_err */
#include "web/serve.h"

#define XN_HTTP_CONNECTIONS 128
/* s, of a request from its first byte to the last of its answer, and between two of them */
#define XN_HTTP_SECONDS 30

struct xn_http;

/* NULL: @err says why. */
struct xn_http *xn_http_start(sd_event *event, const struct xn_socket_address *address,
			      struct xn_site *site, struct xn_err *err);

/* No request may wait for the daemon any more (xn_client_close()). */
void xn_http_stop(struct xn_http *http);

#endif
