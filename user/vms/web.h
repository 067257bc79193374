/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page, which is a client as any other. */
#ifndef XN_VMS_WEB_H
#define XN_VMS_WEB_H

struct xn_web_file {
	const char *path; /* as it is asked for; NULL: the end */
	const char *type;
	const char *text;
};

extern const struct xn_web_file xn_web_files[];

/* Nothing but its own files, nowhere but here. */
#define XN_WEB_POLICY                                                                   \
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " \
	"img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

#endif
