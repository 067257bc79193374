/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between definitions: links that exist, ports and domains owned once. */
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

/* Only whether the links that one definition names exist. */
bool xn_crosscheck_links(const struct xn_machine *machine, const struct xn_definition *def,
			 const struct xn_source *source, struct xn_err *err);

#endif
