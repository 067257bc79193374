// SPDX-License-Identifier: GPL-2.0-or-later
/* The image repository. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/definition.h"
#include "daemon/files.h"
#include "vms/images.h"

#define CHUNK	  (1024 * 1024)
#define PATH_SIZE 1024

static bool write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0)
			return false;
		data += n;
		size -= n;
	}
	return true;
}

static bool copy_and_digest(int from, int to, EVP_MD_CTX *digest)
{
	static char buffer[CHUNK]; /* one thread, in a command of its own */
	ssize_t n;

	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		if (!write_all(to, buffer, n) || !EVP_DigestUpdate(digest, buffer, n))
			return false;
	return !n && !fsync(to);
}

static bool copy(int from, int to, char sha256[65])
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	bool ok = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) &&
		  copy_and_digest(from, to, digest) && EVP_DigestFinal_ex(digest, bytes, &size);

	EVP_MD_CTX_free(digest);
	for (unsigned int i = 0; ok && i < size; i++)
		sprintf(sha256 + 2 * i, "%02x", bytes[i]);
	return ok;
}

/* Whole under its name, or not there. */
static int add_file(const char *folder, const char *path, char sha256[65], struct xn_err *err)
{
	char temporary[PATH_SIZE], final[PATH_SIZE + 66];
	struct stat st;
	int from, to;
	bool ok;

	snprintf(temporary, sizeof(temporary), "%s/.new-XXXXXX", folder);
	from = open(path, O_RDONLY | O_CLOEXEC);
	if (from < 0 || fstat(from, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		xn_err_set(err, "%s: %s", path,
			   from < 0 ? strerror(errno) : "is empty, or no file");
		if (from >= 0)
			close(from);
		return -1;
	}
	to = mkostemp(temporary, O_CLOEXEC);
	ok = to >= 0 && copy(from, to, sha256) && !fchmod(to, 0640);
	snprintf(final, sizeof(final), "%s/%s", folder, sha256);
	if (!ok || rename(temporary, final)) {
		xn_err_set(err, "%s: can't be copied to %s: %s", path, folder, strerror(errno));
		unlink(temporary);
		ok = false;
	}
	close(from);
	if (to >= 0)
		close(to);
	return ok ? 0 : -1;
}

static int check(const struct xn_image *image, const char *const files[XN_IMAGE_PARTS],
		 struct xn_err *err)
{
	const struct {
		const char *what, *text;
	} words[] = {
		{ "name", image->name },
		{ "os", image->os },
		{ "arch", image->arch },
		{ "kernel-version", image->kernel_version },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *wrong = xn_network_name_check(words[i].text);

		if (wrong) {
			xn_err_set(err, "%s: \"%s\" %s", words[i].what, words[i].text, wrong);
			return -1;
		}
	}
	if (strcmp(image->format, "raw") && strcmp(image->format, "qcow2")) {
		xn_err_set(err, "format: \"%s\": write raw or qcow2", image->format);
		return -1;
	}
	if (!files[XN_IMAGE_DISK] || (files[XN_IMAGE_INITRD] && !files[XN_IMAGE_KERNEL])) {
		xn_err_set(err, "an image needs a disk, and an initrd needs a kernel");
		return -1;
	}
	return 0;
}

int xn_images_add(struct xn_registry *registry, const char *folder, struct xn_image *image,
		  const char *const files[XN_IMAGE_PARTS], struct xn_err *err)
{
	char inside[PATH_SIZE];

	if (check(image, files, err))
		return -1;
	snprintf(inside, sizeof(inside), "%s/x", folder);
	if (xn_make_parents(inside, 0750)) {
		xn_err_set(err, "%s: %s", folder, strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < XN_IMAGE_PARTS; i++)
		if (files[i] && add_file(folder, files[i], image->sha256[i], err))
			return -1;
	return xn_registry_add_image(registry, image, err) ? -1 : 0;
}

/* Which of the digests are other images' as well? */
struct shared {
	const struct xn_image *image;
	bool part[XN_IMAGE_PARTS];
};

static void find_shared(const struct xn_image *other, void *arg)
{
	struct shared *shared = arg;

	for (size_t i = 0; i < XN_IMAGE_PARTS; i++)
		for (size_t j = 0; j < XN_IMAGE_PARTS; j++)
			if (!strcmp(shared->image->sha256[i], other->sha256[j]))
				shared->part[i] = true;
}

static void copy_image(const struct xn_image *image, void *arg)
{
	*(struct xn_image *)arg = *image;
}

int xn_images_remove(struct xn_registry *registry, const char *folder, const char *name,
		     struct xn_err *err)
{
	struct xn_image image = { "" };
	struct shared shared = { .image = &image };
	char path[PATH_SIZE];

	if (xn_registry_images(registry, name, "", "", "", copy_image, &image, err) ||
	    xn_registry_remove_image(registry, name, err) ||
	    xn_registry_images(registry, "", "", "", "", find_shared, &shared, err))
		return -1;
	for (size_t i = 0; i < XN_IMAGE_PARTS; i++) {
		if (!image.sha256[i][0] || shared.part[i])
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, image.sha256[i]);
		if (unlink(path) && errno != ENOENT) {
			xn_err_set(err, "%s: %s", path, strerror(errno));
			return -1;
		}
	}
	return 0;
}
