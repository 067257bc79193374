/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are replaced as a whole or not at all. */
#ifndef XN_COMMON_ATOMIC_H
#define XN_COMMON_ATOMIC_H

#include <stdbool.h>

#include "common/config.h"

/**
 * xn_atomic_write() - put @text into @dir/@file
 * @dir: directory, created (0755) with its parent if missing
 * @file: name in it
 * @text: new content
 * @create: the file must not exist yet; -EEXIST otherwise
 * @err: filled in on error
 *
 * An existing file keeps its mode (but for others' right to write), a new one gets 0640. Both the
 * file and the directory are on disk when this returns.
 *
 * Return: 0 or -errno.
 */
int xn_atomic_write(const char *dir, const char *file, const char *text, bool create,
		    struct xn_err *err);

/* Remove @dir/@file, and have that on disk. Return: 0 or -errno. */
int xn_atomic_remove(const char *dir, const char *file, struct xn_err *err);

#endif
