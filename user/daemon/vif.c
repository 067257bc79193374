// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Everything is read through one descriptor of the device's folder. It stays with the device
 * whatever becomes of the name, so that ifindex and the rest are of the same device.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/vif.h"

#define BUS	  "xen-backend"
#define DOMID_MAX 0x7fef /* DOMID_FIRST_RESERVED - 1 */

/* 0: could not be read. */
static uint32_t read_ifindex(int dir)
{
	char text[16] = "";
	int fd = openat(dir, "ifindex", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? strtoul(text, NULL, 10) : 0;
}

/* Last part of where a link leads to. */
static bool read_basename(int dir, const char *link, char *buf, size_t size)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, link, target, sizeof(target) - 1);
	const char *slash;

	if (n <= 0)
		return false;
	target[n] = '\0';
	slash = strrchr(target, '/');
	return (size_t)snprintf(buf, size, "%s", slash ? slash + 1 : target) < size;
}

/* Decimal, as the kernel prints it: no sign, no space. */
static bool parse_number(const char **at, char end, unsigned long max, uint32_t *value)
{
	unsigned long number;
	char *stop;

	if (!isdigit((unsigned char)**at))
		return false;
	errno = 0;
	number = strtoul(*at, &stop, 10);
	if (errno || *stop != end || number > max)
		return false;
	*value = number;
	*at = end ? stop + 1 : stop;
	return true;
}

static bool parse_node(const char *node, struct xn_vif *vif)
{
	static const char prefix[] = "vif-";

	if (strncmp(node, prefix, strlen(prefix)))
		return false;
	node += strlen(prefix);
	return parse_number(&node, '-', DOMID_MAX, &vif->domid) &&
	       parse_number(&node, '\0', UINT32_MAX, &vif->devid);
}

/* Devices without a parent have no link "device". */
static int look(int dir, uint32_t ifindex, struct xn_vif *vif)
{
	char bus[32], node[64];

	if (read_ifindex(dir) != ifindex)
		return -EAGAIN;
	return read_basename(dir, "device/subsystem", bus, sizeof(bus)) && !strcmp(bus, BUS) &&
	       read_basename(dir, "device", node, sizeof(node)) && parse_node(node, vif);
}

/* Its folder went while it was looked at: then it is not known what it was. */
static int look_twice(int dir, uint32_t ifindex, struct xn_vif *vif)
{
	int rc = look(dir, ifindex, vif);

	return rc == 0 && read_ifindex(dir) != ifindex ? -EAGAIN : rc;
}

int xn_vif_read(const char *sysfs, const char *name, uint32_t ifindex, struct xn_vif *vif)
{
	int rc = -EAGAIN, base, dir;

	base = open(sysfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (base < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -EAGAIN; /* no sysfs here */
	dir = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		rc = look_twice(dir, ifindex, vif);
		close(dir);
	}
	close(base);
	return rc;
}
