/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration as it would be with a change, to check the change before it is written. */
#ifndef XN_COMMON_OVERLAY_H
#define XN_COMMON_OVERLAY_H

#include "common/config.h"

/* Texts to be taken instead of what is on disk. */
struct xn_overlay {
	const char *network;	/* name of the network that @definition is of; NULL: none */
	const char *definition; /* YAML; errors call it "(request)" */
	const char *machine;	/* instead of xnetman.yaml; NULL: the file */
};

/* xn_config_load() with @overlay over it, for which @dir need not exist yet. */
struct xn_config *xn_config_load_overlay(const char *dir, const struct xn_overlay *overlay,
					 struct xn_err *err);

#endif
