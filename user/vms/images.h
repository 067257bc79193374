/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image repository: files called by their SHA-256, so that what is in them is known for good. */
#ifndef XN_VMS_IMAGES_H
#define XN_VMS_IMAGES_H

#include "vms/registry.h"

/**
 * xn_images_add() - add an image
 * @folder: of the repository; made if it is missing
 * @image: all but the digests
 * @files: of its parts; NULL: it has no such part. Copied
 *
 * Return: 0, or -1 with @err; nothing is added then.
 */
int xn_images_add(struct xn_registry *registry, const char *folder, struct xn_image *image,
		  const char *const files[XN_IMAGE_PARTS], struct xn_err *err);

/* Files that no other image has go, too. Return: 0, or -1 with @err. */
int xn_images_remove(struct xn_registry *registry, const char *folder, const char *name,
		     struct xn_err *err);

#endif
