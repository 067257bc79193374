// SPDX-License-Identifier: GPL-2.0-or-later
/* user/web/page. */
#include <stddef.h>

#include "web/asset.h"

XN_ASSET_EMBED(page_html, "user/web/page/page.html");
XN_ASSET_EMBED(page_js, "user/web/page/page.js");
XN_ASSET_EMBED(page_css, "user/web/page/page.css");
XN_ASSET_EMBED(page_icon, "user/web/page/icon.svg");

const struct xn_asset xn_web_assets[] = {
	{ "/", "text/html; charset=utf-8", page_html, page_html_end },
	{ "/page.js", "text/javascript; charset=utf-8", page_js, page_js_end },
	{ "/page.css", "text/css; charset=utf-8", page_css, page_css_end },
	{ "/icon.svg", "image/svg+xml", page_icon, page_icon_end },
	{ NULL, NULL, NULL, NULL },
};
