/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest is told once, by a person, to find Dom0 and be known by it: one word. */
#ifndef XN_CHANNEL_TOKEN_H
#define XN_CHANNEL_TOKEN_H

#include "channel/key.h"
#include "channel/message.h"

#define XN_ADDRESS_MAX 64
#define XN_VCHAN_WORD  "vchan" /* the address of Dom0 on Xen */
#define XN_TOKEN_MAX   256

struct xn_token {
	struct xn_fingerprint dom0;
	uint8_t secret[XN_SECRET_SIZE];
	char address[XN_ADDRESS_MAX]; /* "vchan", or as xn_address_parse() takes it */
};

/* "xn1:KEY:SECRET:ADDRESS" */
void xn_token_print(const struct xn_token *token, char text[XN_TOKEN_MAX]);
/* Return: NULL, or what is wrong with it. */
const char *xn_token_parse(const char *text, struct xn_token *token);

/* Is it an address of Dom0? Return: NULL, or what is wrong with it. */
const char *xn_dom0_address_check(const char *address);

#endif
