/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things with files: folders, whole contents, a lock, and putting one back as it was. */
#ifndef XN_DAEMON_FILES_H
#define XN_DAEMON_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Make the folders above @path. Return: 0 or -errno, also in errno. */
int xn_make_parents(const char *path, mode_t mode);

/* Replace @path by @size bytes of @data, whole or not at all. Return: 0 or -errno. */
int xn_write_file(const char *path, const void *data, size_t size, mode_t mode);

/**
 * xn_lock_file() - be the only one
 * @path: of a file that is made if missing, and stays
 *
 * Return: descriptor that holds the lock, -EWOULDBLOCK if another process does, or -errno.
 */
int xn_lock_file(const char *path);

/* A file as it was: what a change that fails is undone with. */
struct xn_backup {
	char path[4096];
	bool existed;
	mode_t mode;
	char *data;
	size_t size;
};

/* Return: 0 or -errno. A missing file is fine; -EISNAM: what is there is no file. */
int xn_backup_take(struct xn_backup *backup, const char *path);
int xn_backup_restore(const struct xn_backup *backup);
void xn_backup_exit(struct xn_backup *backup);

#endif
