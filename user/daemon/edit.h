/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of the definitions asked for over the bus: the file is written, everything
 * is read again and applied; if any of this fails, files and kernel are as they were.
 *
 * All return 0, or with @err: -EINVAL (wrong, or refused by the kernel), -ENOSPC (it does not fit), -ENOENT, -EEXIST,
 * -ENODEV (module not loaded), or another -errno of the file system.
 */
#ifndef XN_DAEMON_EDIT_H
#define XN_DAEMON_EDIT_H

#include <stdbool.h>

#include "common/config.h"

struct xn_daemon;

int xn_edit_network(struct xn_daemon *daemon, const char *name, const char *text, bool create,
		    struct xn_err *err);
int xn_edit_delete_network(struct xn_daemon *daemon, const char *name, struct xn_err *err);
int xn_edit_link(struct xn_daemon *daemon, enum xn_link_change change, const char *name,
		 const char *capacity, struct xn_err *err);
int xn_edit_add_port(struct xn_daemon *daemon, const char *network, const char *device,
		     struct xn_err *err);
int xn_edit_delete_port(struct xn_daemon *daemon, const char *device, struct xn_err *err);
int xn_edit_reload(struct xn_daemon *daemon, struct xn_err *err);

#endif
