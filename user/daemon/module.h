/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to the kernel module, which may be unloaded and loaded at any moment. */
#ifndef XN_DAEMON_MODULE_H
#define XN_DAEMON_MODULE_H

#include <stdbool.h>

struct xn_daemon;
struct xn_err;

/* Connect. Return: 0, or -ENODEV with @err. */
int xn_module_open(struct xn_daemon *daemon, struct xn_err *err);
void xn_module_close(struct xn_daemon *daemon);

/**
 * xn_module_gone() - was that because the module is not there any more?
 * @rc: what a call of common/kernel.h returned
 *
 * If so this is logged, the connection closed, and nothing of ours is in the kernel any more.
 */
bool xn_module_gone(struct xn_daemon *daemon, int rc);

/* Once a tick while it is gone: is it back? Then everything is applied again. */
void xn_module_retry(struct xn_daemon *daemon);

#endif
