/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A punishment fades. A sender that heeds losses (TCP) asks for less than it is allowed in the Ic after it was punished; if
 * its ratio were gone at once, it would be above its right at the end of that Ic, each time again: by a fifth in the long
 * run, where it has an idle link to itself. So a little of the ratio stays for some ticks more. It counts above what
 * the network would be allowed had it asked for all: of what stays below that nothing is dropped (kmod/spare.h).
 */
#ifndef XN_DAEMON_FADE_H
#define XN_DAEMON_FADE_H

#include <stdbool.h>

#include "daemon/state.h"

/**
 * xn_fade() - what is to be pushed for a row that was decided: of each pair, standing and ceiling
 * @spared: is the row a link whose guard knows what is allowed? If not, a ratio would count always, and none stays
 */
void xn_fade(struct xn_state *s, size_t r, const struct xn_resource *res, bool spared);

#endif
