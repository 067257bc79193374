/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between definitions: links that exist, ports and domains owned once, guarantees that fit. */
#ifndef XN_COMMON_CROSSCHECK_H
#define XN_COMMON_CROSSCHECK_H

#include "common/source.h"

/**
 * xn_crosscheck() - does everything together make sense?
 * @config: definitions that are right one by one
 * @sources: texts of config->networks, in the same order, for the errors
 * @err: on error, the place and what to do
 */
bool xn_crosscheck(const struct xn_config *config, struct xn_source *const *sources,
		   struct xn_err *err);

#endif
