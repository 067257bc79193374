/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running nftables commands that are JSON (libnftables-json(5)). */
#ifndef XN_DAEMON_NFT_H
#define XN_DAEMON_NFT_H

#include <jansson.h>

#include "common/config.h" /* struct xn_err */

/* All of @commands, a whole document, in one transaction. Return: 0, or -EINVAL with @err. */
int xn_nft_run(const json_t *commands, struct xn_err *err);

#endif
