// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens are copied by hand from one terminal to another: only what a shell leaves alone, and no blank. */
#include <stdio.h>
#include <string.h>

#include "channel/token.h"
#include "channel/transport.h"

#define PREFIX "xn1:"
#define FORM   "is no token: copy the whole word that xnetman-ctl channel enroll prints"

const char *xn_dom0_address_check(const char *address)
{
	struct xn_socket_address parsed;

	return strcmp(address, XN_VCHAN_WORD) ? xn_address_parse(address, &parsed) : NULL;
}

void xn_token_print(const struct xn_token *token, char text[XN_TOKEN_MAX])
{
	char key[XN_FINGERPRINT_TEXT], secret[2 * XN_SECRET_SIZE + 1];

	xn_hex(token->dom0.bytes, sizeof(token->dom0.bytes), key);
	xn_hex(token->secret, sizeof(token->secret), secret);
	snprintf(text, XN_TOKEN_MAX, PREFIX "%s:%s:%s", key, secret, token->address);
}

const char *xn_token_parse(const char *text, struct xn_token *token)
{
	const char *key = text + strlen(PREFIX);
	const char *secret = key + 2 * sizeof(token->dom0.bytes) + 1;
	const char *address = secret + 2 * sizeof(token->secret) + 1;

	memset(token, 0, sizeof(*token));
	if (strncmp(text, PREFIX, strlen(PREFIX)) ||
	    !xn_unhex(key, token->dom0.bytes, sizeof(token->dom0.bytes)) || secret[-1] != ':' ||
	    !xn_unhex(secret, token->secret, sizeof(token->secret)) || address[-1] != ':' ||
	    strlen(address) >= sizeof(token->address) || xn_dom0_address_check(address))
		return FORM;
	strcpy(token->address, address);
	return NULL;
}
