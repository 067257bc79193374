/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON API: the daemon's records, and admission. */
#ifndef XN_WEB_RECORD_H
#define XN_WEB_RECORD_H

struct xn_request;

/* Ask the request's place, with its query and body. */
void xn_record_ask(struct xn_request *request);

#endif
