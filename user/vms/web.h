/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page, which is a client as any other. */
#ifndef XN_VMS_WEB_H
#define XN_VMS_WEB_H

#include "common/asset.h"

extern const struct xn_asset xn_vms_assets[];

#endif
