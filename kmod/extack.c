// SPDX-License-Identifier: GPL-2.0-only
/* Texts of extacks on kernels whose extacks have no room for one; see compat.h. */
#include <linux/atomic.h>
#include <linux/kmemleak.h>
#include <linux/slab.h>

#include "compat.h"

#ifndef NL_SET_ERR_MSG_FMT

#define XNET_EXTACK_TEXTS 16 /* answers under way at one time */

static char (*xnet_extack_texts)[XNET_EXTACK_TEXT];
static atomic_t xnet_extack_next;

/* Before the first text. May sleep. Return: 0 or -ENOMEM. */
int xnet_extack_init(void)
{
	char(*texts)[XNET_EXTACK_TEXT];

	if (READ_ONCE(xnet_extack_texts))
		return 0;
	texts = kcalloc(XNET_EXTACK_TEXTS, XNET_EXTACK_TEXT, GFP_KERNEL);
	if (!texts)
		return -ENOMEM;
	if (cmpxchg(&xnet_extack_texts, NULL, texts))
		kfree(texts); /* another request was first */
	else
		kmemleak_not_leak(texts);
	return 0;
}

/* Room for a text, from now until as many others were told as there are. */
char *xnet_extack_text(void)
{
	return xnet_extack_texts[(u32)atomic_inc_return(&xnet_extack_next) % XNET_EXTACK_TEXTS];
}

#endif
