// SPDX-License-Identifier: GPL-2.0-or-later
/* A definition file on disk: may it be trusted, and what is in it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/readfile.h"

static int unreadable(const char *path, struct xn_err *err)
{
	int error = errno;

	xn_err_set(err, "%s: cannot be read: %s: check that it exists, its owner and its mode",
		   path, strerror(error));
	errno = error;
	return -error;
}

static int refuse_writable(const char *path, const struct stat *st, struct xn_err *err)
{
	if (!(st->st_mode & S_IWOTH))
		return 0;
	xn_err_set(err, "%s: everybody may write to it: chmod o-w %s", path, path);
	errno = EACCES;
	return -EACCES;
}

int xn_dir_check(const char *path, struct xn_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return unreadable(path, err);
	if (!S_ISDIR(st.st_mode)) {
		xn_err_set(err, "%s: is not a directory: make it one", path);
		return -ENOTDIR;
	}
	return refuse_writable(path, &st, err);
}

static int check_file(int fd, const char *path, struct stat *st, struct xn_err *err)
{
	if (fstat(fd, st))
		return unreadable(path, err);
	if (!S_ISREG(st->st_mode)) {
		xn_err_set(err, "%s: is not a regular file: put the definition itself there", path);
		errno = EINVAL;
		return -EINVAL;
	}
	if (st->st_size > XN_FILE_MAX) {
		xn_err_set(err, "%s: is larger than 1 MiB: this is no definition, move it away",
			   path);
		errno = EFBIG;
		return -EFBIG;
	}
	return refuse_writable(path, st, err);
}

/* The file may grow meanwhile: what is beyond @room is not read. */
static ssize_t read_all(int fd, char *text, size_t room)
{
	size_t size = 0;
	ssize_t n;

	while (size < room) {
		n = read(fd, text + size, room - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		size += n;
	}
	text[size] = '\0';
	return size;
}

char *xn_file_read(const char *path, size_t *size, struct xn_err *err)
{
	/* O_NONBLOCK: a FIFO must not stop the daemon */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char *text = NULL;
	ssize_t n;

	if (fd < 0) {
		unreadable(path, err);
		return NULL;
	}
	if (check_file(fd, path, &st, err))
		goto close_fd;
	text = malloc(st.st_size + 1);
	n = text ? read_all(fd, text, st.st_size) : -1;
	if (n < 0) {
		unreadable(path, err);
		free(text);
		text = NULL;
		goto close_fd;
	}
	*size = n;
close_fd:
	n = errno;
	close(fd);
	errno = n;
	return text;
}
