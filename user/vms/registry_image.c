// SPDX-License-Identifier: GPL-2.0-or-later
/* Images, and those who may call, in the registry. */
#include <errno.h>
#include <stdlib.h>

#include "vms/registry_db.h"

int xn_registry_add_image(struct xn_registry *registry, const struct xn_image *image,
			  struct xn_err *err)
{
	int rows = xn_registry_do(
		registry, true, NULL, NULL, err,
		"INSERT INTO images (name, os, arch, kernel_version, format, disk, kernel, initrd,"
		" arguments) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		image->name, image->os, image->arch, image->kernel_version, image->format,
		image->sha256[XN_IMAGE_DISK], image->sha256[XN_IMAGE_KERNEL],
		image->sha256[XN_IMAGE_INITRD], image->arguments);

	if (rows == -EEXIST)
		xn_err_set(err, "there is an image \"%s\" already: remove it first", image->name);
	return rows < 0 ? rows : 0;
}

int xn_registry_remove_image(struct xn_registry *registry, const char *name, struct xn_err *err)
{
	int rows = xn_registry_do(registry, true, NULL, NULL, err,
				  "DELETE FROM images WHERE name = $1", name);

	if (!rows)
		xn_err_set(err, "no image \"%s\"", name);
	return rows < 0 ? rows : rows ? 0 : -ENOENT;
}

struct image_walk {
	xn_image_fn fn;
	void *arg;
};

static void image_row(void *arg, const char *const *column)
{
	const struct image_walk *walk = arg;
	struct xn_image image;

	XN_COLUMN(image.name, column[0]);
	XN_COLUMN(image.os, column[1]);
	XN_COLUMN(image.arch, column[2]);
	XN_COLUMN(image.kernel_version, column[3]);
	XN_COLUMN(image.format, column[4]);
	for (size_t i = 0; i < XN_IMAGE_PARTS; i++)
		XN_COLUMN(image.sha256[i], column[5 + i]);
	XN_COLUMN(image.arguments, column[5 + XN_IMAGE_PARTS]);
	walk->fn(&image, walk->arg);
}

int xn_registry_images(struct xn_registry *registry, const char *name, const char *os,
		       const char *arch, const char *kernel_version, xn_image_fn fn, void *arg,
		       struct xn_err *err)
{
	struct image_walk walk = { fn, arg };
	int rows = xn_registry_do(
		registry, false, image_row, &walk, err,
		"SELECT name, os, arch, kernel_version, format, disk, kernel, initrd, arguments"
		" FROM images WHERE ($1 = '' OR name = $1) AND ($2 = '' OR os = $2)"
		" AND ($3 = '' OR arch = $3) AND ($4 = '' OR kernel_version = $4) ORDER BY name",
		name, os, arch, kernel_version);

	return rows < 0 ? rows : 0;
}

int xn_registry_add_principal(struct xn_registry *registry, const struct xn_principal *principal,
			      struct xn_err *err)
{
	char role[24];
	int rows;

	snprintf(role, sizeof(role), "%d", principal->role);
	rows = xn_registry_do(registry, true, NULL, NULL, err,
			      "INSERT INTO principals (name, role, token) VALUES ($1, $2, $3)",
			      principal->name, role, principal->token);
	if (rows == -EEXIST)
		xn_err_set(err, "\"%s\" has access already: remove it first", principal->name);
	return rows < 0 ? rows : 0;
}

int xn_registry_remove_principal(struct xn_registry *registry, const char *name, struct xn_err *err)
{
	int rows = xn_registry_do(registry, true, NULL, NULL, err,
				  "DELETE FROM principals WHERE name = $1", name);

	if (!rows)
		xn_err_set(err, "\"%s\" has no access", name);
	return rows < 0 ? rows : rows ? 0 : -ENOENT;
}

struct principal_walk {
	xn_principal_fn fn;
	void *arg;
};

static void principal_row(void *arg, const char *const *column)
{
	const struct principal_walk *walk = arg;
	struct xn_principal principal;

	XN_COLUMN(principal.name, column[0]);
	principal.role = atoi(column[1]);
	XN_COLUMN(principal.token, column[2]);
	walk->fn(&principal, walk->arg);
}

int xn_registry_principals(struct xn_registry *registry, const char *name, const char *token,
			   xn_principal_fn fn, void *arg, struct xn_err *err)
{
	struct principal_walk walk = { fn, arg };
	int rows =
		xn_registry_do(registry, false, principal_row, &walk, err,
			       "SELECT name, role, token FROM principals WHERE"
			       " ($1 = '' OR name = $1) AND ($2 = '' OR token = $2) ORDER BY name",
			       name, token);

	return rows < 0 ? rows : 0;
}
