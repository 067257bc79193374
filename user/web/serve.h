/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is answered to a request: pages, metrics, records, admission. */
#ifndef XN_WEB_SERVE_H
#define XN_WEB_SERVE_H

#include <microhttpd.h>

#include "web/cache.h"
#include "web/gate.h"
#include "web/breaches.h"

/* What all requests share. */
struct xn_site {
	struct xn_gate gate;
	struct xn_client *client; /* NULL: it is the end, and @cache is gone */
	struct xn_cache *cache;
	struct xn_breaches *breaches;
	bool resumed; /* a connection was: libmicrohttpd has something to do */
	/* Admission has the daemon think: so many at once, and then so many a second. */
	double admissions;	/* left */
	uint64_t admissions_at; /* ms, when that was counted */
};

/* libmicrohttpd's; cls is a struct xn_site. */
enum MHD_Result xn_serve(void *cls, struct MHD_Connection *connection, const char *url,
			 const char *method, const char *version, const char *data, size_t *size,
			 void **context);
void xn_serve_end(void *cls, struct MHD_Connection *connection, void **context,
		  enum MHD_RequestTerminationCode code);

#endif
