/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page's files, which are in the program. */
#ifndef XN_WEB_ASSET_H
#define XN_WEB_ASSET_H

#include <stddef.h>

struct xn_asset {
	const char *path; /* "/page.js" */
	const char *type; /* Content-Type */
	const char *data, *end;
};

/* Return: NULL if there is no such path. */
const struct xn_asset *xn_asset_find(const char *path);

/* What ETag it has: another one for other contents. */
#define XN_ETAG 20
void xn_asset_etag(const struct xn_asset *asset, char *etag);

#endif
