/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /metrics: three answers of the daemon, and what they make. */
#ifndef XN_WEB_SCRAPE_H
#define XN_WEB_SCRAPE_H

struct xn_request;

void xn_scrape(struct xn_request *request);

#endif
