/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page's files. */
#ifndef XN_WEB_ASSET_H
#define XN_WEB_ASSET_H

#include "common/asset.h"

extern const struct xn_asset xn_web_assets[];

#endif
