// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that are replaced as a whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/atomic.h"

#define NEW_FILE_MODE 0640

static int failed(const char *dir, const char *file, const char *what, struct xn_err *err)
{
	int error = errno;

	xn_err_set(err, "%s/%s: cannot be %s: %s", dir, file, what, strerror(error));
	return -error;
}

static int make_dir(const char *dir)
{
	char *parent, *slash;
	int ret = mkdir(dir, 0755);

	if (!ret || errno != ENOENT)
		return ret && errno != EEXIST ? -1 : 0;
	parent = strdup(dir);
	slash = parent ? strrchr(parent, '/') : NULL;
	if (slash && slash != parent) {
		*slash = '\0';
		ret = make_dir(parent);
	}
	free(parent);
	return ret ? ret : mkdir(dir, 0755);
}

static int open_dir(const char *dir, bool create)
{
	if (create && make_dir(dir))
		return -1;
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t n;

	for (; left; text += n, left -= n) {
		n = write(fd, text, left);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -1;
	}
	return 0;
}

/* A hidden file: readers of the directory skip it, whatever becomes of us. */
static int write_temporary(int dir_fd, const char *name, const char *text, mode_t mode)
{
	int fd, ret;

	unlinkat(dir_fd, name, 0);
	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -1;
	ret = write_all(fd, text) || fchmod(fd, mode) || fsync(fd);
	if (close(fd) || ret) {
		ret = errno;
		unlinkat(dir_fd, name, 0);
		errno = ret;
		return -1;
	}
	return 0;
}

static int put_in_place(int dir_fd, const char *temporary, const char *file, bool create)
{
	int ret;

	if (!create)
		return renameat(dir_fd, temporary, dir_fd, file);
	ret = renameat2(dir_fd, temporary, dir_fd, file, RENAME_NOREPLACE);
	if (!ret || (errno != EINVAL && errno != ENOSYS))
		return ret;
	/* a file system without that flag */
	if (!faccessat(dir_fd, file, F_OK, AT_SYMLINK_NOFOLLOW)) {
		errno = EEXIST;
		return -1;
	}
	return renameat(dir_fd, temporary, dir_fd, file);
}

static int write_in(int dir_fd, const char *file, const char *text, bool create)
{
	char temporary[NAME_MAX + 1];
	struct stat st;
	mode_t mode = NEW_FILE_MODE;
	int error;

	if (!fstatat(dir_fd, file, &st, 0))
		mode = st.st_mode & 07777 & ~S_IWOTH;
	if (snprintf(temporary, sizeof(temporary), ".%s.new", file) >= (int)sizeof(temporary)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (write_temporary(dir_fd, temporary, text, mode))
		return -1;
	if (!put_in_place(dir_fd, temporary, file, create))
		return fsync(dir_fd);
	error = errno;
	unlinkat(dir_fd, temporary, 0);
	errno = error;
	return -1;
}

int xn_atomic_write(const char *dir, const char *file, const char *text, bool create,
		    struct xn_err *err)
{
	int fd = open_dir(dir, true), ret = 0;

	if (fd < 0)
		return failed(dir, file, "written", err);
	if (write_in(fd, file, text, create))
		ret = failed(dir, file, "written", err);
	close(fd);
	return ret;
}

int xn_atomic_remove(const char *dir, const char *file, struct xn_err *err)
{
	int fd = open_dir(dir, false), ret = 0;

	if (fd < 0)
		return failed(dir, file, "removed", err);
	if (unlinkat(fd, file, 0) || fsync(fd))
		ret = failed(dir, file, "removed", err);
	close(fd);
	return ret;
}
