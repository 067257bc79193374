// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <nftables/libnftables.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/nft.h"

/* Its first line says what; the rest points into a text nobody sees. */
static void take_error(struct nft_ctx *nft, struct xn_err *err)
{
	const char *text = nft_ctx_get_error_buffer(nft);

	if (!text || !*text)
		text = "no reason given";
	xn_err_set(err, "nftables: %.*s", (int)strcspn(text, "\n"), text);
}

int xn_nft_run(const json_t *commands, struct xn_err *err)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	char *text = json_dumps(commands, JSON_COMPACT);
	int rc = -ENOMEM;

	if (nft && text) {
		nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_JSON);
		nft_ctx_buffer_output(nft);
		nft_ctx_buffer_error(nft);
		rc = nft_run_cmd_from_buffer(nft, text) ? -EINVAL : 0;
		if (rc)
			take_error(nft, err);
	} else {
		xn_err_set(err, "nftables: no memory");
	}
	free(text);
	if (nft)
		nft_ctx_free(nft);
	return rc;
}
