/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server's door: HTTP or HTTPS, who is there, and how much he may say. */
#ifndef XN_VMS_HTTP_H
#define XN_VMS_HTTP_H

#include "vms/server.h"

struct xn_http;

struct xn_http_options {
	const char *listen;   /* "127.0.0.1:4780", "[::]:4780" */
	const char *tls_cert; /* files in PEM; NULL: plain HTTP, which is for this machine only */
	const char *tls_key;
	const char *tls_ca; /* whose clients' certificates are believed; NULL: nobody's */
	bool require_token; /* local callers, too, must say who they are */
	size_t body_max;    /* bytes */
};

#define XN_HTTP_CONNECTIONS 512
#define XN_HTTP_IDLE	    15 /* seconds a connection may say nothing */
#define XN_HTTP_READ	    30 /* seconds a whole request may take to come */

/* Return: the door, open, or NULL with @err. */
struct xn_http *xn_http_start(struct xn_server *server, const struct xn_http_options *options,
			      struct xn_err *err);

/* Calls that are being served end first. */
void xn_http_stop(struct xn_http *http);

#endif
