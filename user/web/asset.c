// SPDX-License-Identifier: GPL-2.0-or-later
/* user/web/page, taken in by the assembler; the Makefile knows that this stands on them. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "web/asset.h"

#define EMBED(name, file)                              \
	__asm__(".pushsection .rodata\n"               \
		"xn_page_" #name ":\n"                 \
		".incbin \"user/web/page/" file "\"\n" \
		"xn_page_" #name "_end:\n"             \
		".byte 0\n"                            \
		".popsection\n");                      \
	extern const char xn_page_##name[], xn_page_##name##_end[]

EMBED(html, "page.html");
EMBED(js, "page.js");
EMBED(css, "page.css");
EMBED(icon, "icon.svg");

static const struct xn_asset assets[] = {
	{ "/", "text/html; charset=utf-8", xn_page_html, xn_page_html_end },
	{ "/page.js", "text/javascript; charset=utf-8", xn_page_js, xn_page_js_end },
	{ "/page.css", "text/css; charset=utf-8", xn_page_css, xn_page_css_end },
	{ "/icon.svg", "image/svg+xml", xn_page_icon, xn_page_icon_end },
};

const struct xn_asset *xn_asset_find(const char *path)
{
	for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++)
		if (!strcmp(path, assets[i].path))
			return &assets[i];
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
