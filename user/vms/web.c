// SPDX-License-Identifier: GPL-2.0-or-later
/* user/vms/web, and the icon of xnetman's other page. */
#include <stddef.h>

#include "vms/web.h"

XN_ASSET_EMBED(vms_html, "user/vms/web/index.html");
XN_ASSET_EMBED(vms_js, "user/vms/web/vms.js");
XN_ASSET_EMBED(vms_css, "user/vms/web/vms.css");
XN_ASSET_EMBED(vms_icon, "user/web/page/icon.svg");

const struct xn_asset xn_vms_assets[] = {
	{ "/", "text/html; charset=utf-8", vms_html, vms_html_end },
	{ "/vms.js", "text/javascript; charset=utf-8", vms_js, vms_js_end },
	{ "/vms.css", "text/css; charset=utf-8", vms_css, vms_css_end },
	{ "/icon.svg", "image/svg+xml", vms_icon, vms_icon_end },
	{ NULL, NULL, NULL, NULL },
};
