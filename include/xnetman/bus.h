/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the D-Bus interface (doc/dbus.md). */
#ifndef XNETMAN_BUS_H
#define XNETMAN_BUS_H

#define XN_BUS_NAME	 "org.xnetman1"
#define XN_BUS_PATH	 "/org/xnetman1"
#define XN_BUS_INTERFACE "org.xnetman1.Manager"

#define XN_BUS_ERROR_INVALID   "org.xnetman1.Error.Invalid"
#define XN_BUS_ERROR_NOT_FOUND "org.xnetman1.Error.NotFound"
#define XN_BUS_ERROR_EXISTS    "org.xnetman1.Error.Exists"
#define XN_BUS_ERROR_MODULE    "org.xnetman1.Error.Module"

#endif
