// SPDX-License-Identifier: GPL-2.0-or-later
/* Files in a program. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/asset.h"

const struct xn_asset *xn_asset_find(const struct xn_asset *table, const char *path)
{
	for (; table->path; table++)
		if (!strcmp(path, table->path))
			return table;
	return NULL;
}

/* FNV-1a: it is compared with itself only. */
void xn_asset_etag(const struct xn_asset *asset, char *etag)
{
	uint64_t hash = 14695981039346656037ULL;

	for (const char *p = asset->data; p < asset->end; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211ULL;
	snprintf(etag, XN_ETAG, "\"%016" PRIx64 "\"", hash);
}
