/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request may be that of a page from elsewhere, in the browser of somebody who may reach us: sent to a name that was made
 * to point here (DNS rebinding), or by a form or script. What a head tells of that, and what browsers are asked to keep to. Pure.
 */
#ifndef XN_COMMON_BROWSER_H
#define XN_COMMON_BROWSER_H

#include <stdbool.h>
#include <stddef.h>

/**
 * xn_browser_host() - is it a name by which nobody else can have sent a browser here?
 * @host: the header Host, with or without port; NULL: it is not there
 * @names: by which this machine may be called, besides localhost and numbers
 */
bool xn_browser_host(const char *host, const char *const *names, size_t n_names);

/* Is header Origin @scheme ("https") and @host (the header, not NULL)? */
bool xn_browser_origin(const char *origin, const char *scheme, const char *host);

/* Headers of every answer, name and value, up to NULL: nothing from elsewhere is loaded, nothing elsewhere may frame, read or
 * be told of it. */
extern const char *const xn_browser_headers[][2];

#endif
