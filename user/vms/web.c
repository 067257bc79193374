// SPDX-License-Identifier: GPL-2.0-or-later
/* The page's files, made into text when the server is built. */
#include <stddef.h>

#include "vms/web.h"

const struct xn_web_file xn_web_files[] = {
	{
		"/",
		"text/html; charset=utf-8",
#include "vms-web/index.html.inc"
	},
	{
		"/vms.js",
		"text/javascript; charset=utf-8",
#include "vms-web/vms.js.inc"
	},
	{
		"/vms.css",
		"text/css; charset=utf-8",
#include "vms-web/vms.css.inc"
	},
	{ NULL, NULL, NULL },
};
