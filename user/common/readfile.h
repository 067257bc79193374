/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A definition file on disk: may it be trusted, and what is in it. */
#ifndef XN_COMMON_READFILE_H
#define XN_COMMON_READFILE_H

#include <stddef.h>

#include "common/config.h"

#define XN_FILE_MAX (1024 * 1024) /* bytes */

/**
 * xn_file_read() - all of a small regular file that not everybody may write
 * @path: the file
 * @size: out, bytes
 *
 * Return: its bytes and a NUL, to be freed, or NULL with errno and @err set.
 */
char *xn_file_read(const char *path, size_t *size, struct xn_err *err);

/* Is @path a directory that not everybody may write? Return: 0, or -errno with @err set. */
int xn_dir_check(const char *path, struct xn_err *err);

#endif
