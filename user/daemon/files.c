// SPDX-License-Identifier: GPL-2.0-or-later
/* Files: replaced by rename, so that a reader or a crash never sees half of one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files.h"

int xn_make_parents(const char *path, mode_t mode)
{
	char folder[4096];

	if (strlen(path) >= sizeof(folder)) {
		errno = ENAMETOOLONG;
		return -errno;
	}
	strcpy(folder, path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, mode) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			size -= n;
		}
	}
	return 0;
}

int xn_write_file(const char *path, const void *data, size_t size, mode_t mode)
{
	char tmp[4200];
	int fd, rc;

	snprintf(tmp, sizeof(tmp), "%s.new", path);
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	rc = write_all(fd, data, size);
	if (!rc && (fchmod(fd, mode) || fsync(fd)))
		rc = -errno;
	close(fd);
	if (!rc && rename(tmp, path))
		rc = -errno;
	if (rc)
		unlink(tmp);
	return rc;
}

int xn_lock_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

static int read_all(int fd, struct xn_backup *backup)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EISNAM;
	backup->mode = st.st_mode & 07777;
	backup->data = malloc(st.st_size + 1);
	if (!backup->data)
		return -ENOMEM;
	while (backup->size < (size_t)st.st_size) {
		n = read(fd, backup->data + backup->size, st.st_size - backup->size);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			backup->size += n;
	}
	return 0;
}

int xn_backup_take(struct xn_backup *backup, const char *path)
{
	int fd, rc;

	memset(backup, 0, sizeof(*backup));
	snprintf(backup->path, sizeof(backup->path), "%s", path);
	/* what is no file, a FIFO say, must not stop us */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	backup->existed = true;
	rc = read_all(fd, backup);
	close(fd);
	if (rc)
		xn_backup_exit(backup);
	return rc;
}

int xn_backup_restore(const struct xn_backup *backup)
{
	if (backup->existed)
		return xn_write_file(backup->path, backup->data, backup->size, backup->mode);
	return unlink(backup->path) && errno != ENOENT ? -errno : 0;
}

void xn_backup_exit(struct xn_backup *backup)
{
	free(backup->data);
	backup->data = NULL;
}
