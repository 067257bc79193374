// SPDX-License-Identifier: GPL-2.0-or-later
/* Volumes, by libvirt's storage API: it needs no other way to the node than the one there is. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libvirt/virterror.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vms/pool.h"

#define CHUNK (256 * 1024) /* as libvirt's protocol sends it */

static virStoragePoolPtr find_pool(virConnectPtr connection, const char *name,
				   struct xn_fault *fault)
{
	virStoragePoolPtr pool = virStoragePoolLookupByName(connection, name);

	if (!pool)
		xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
				 "storage pool \"%s\" of the node: define and start it there",
				 name);
	return pool;
}

static int tell_path(virStorageVolPtr volume, char path[XN_PATH_SIZE], struct xn_fault *fault)
{
	char *text = virStorageVolGetPath(volume);

	if (!text)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "path of a volume");
	snprintf(path, XN_PATH_SIZE, "%s", text);
	free(text);
	return 0;
}

int xn_pool_path(virConnectPtr connection, const char *pool_name, const char *name,
		 char path[XN_PATH_SIZE], struct xn_fault *fault)
{
	virStoragePoolPtr pool = find_pool(connection, pool_name, fault);
	virStorageVolPtr volume;
	int ret;

	if (!pool)
		return -1;
	volume = virStorageVolLookupByName(pool, name);
	if (volume)
		ret = tell_path(volume, path, fault);
	else
		ret = xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
				       "pool \"%s\" of the node has no volume \"%s\": create with "
				       "transfer, or put it there",
				       pool_name, name);
	if (volume)
		virStorageVolFree(volume);
	virStoragePoolFree(pool);
	return ret;
}

bool xn_pool_has(virConnectPtr connection, const char *pool, const char *name)
{
	struct xn_fault ignored = { 0 };
	char path[XN_PATH_SIZE];

	return !xn_pool_path(connection, pool, name, path, &ignored);
}

/* --- upload --------------------------------------------------------------------------------- */

struct upload {
	struct xn_op *op;
	const struct xn_source_file *source;
	virStreamPtr stream;
	int fd;
	uint64_t size;
	EVP_MD_CTX *digest;
	char buffer[CHUNK];
};

static int send_chunk(struct upload *upload, size_t n)
{
	for (size_t sent = 0; sent < n;) {
		int rc = virStreamSend(upload->stream, upload->buffer + sent, n - sent);

		if (rc < 0)
			return xn_fault_libvirt(&upload->op->work.fault, XN_FAULT_HYPERVISOR,
						"%s: the node stopped taking it",
						upload->source->step);
		sent += rc;
	}
	return 0;
}

/* Send the file, and take its digest of exactly what was sent. */
static int send_file(struct upload *upload)
{
	struct xn_fault *fault = &upload->op->work.fault;
	uint64_t done = 0;
	ssize_t n;

	while ((n = read(upload->fd, upload->buffer, CHUNK)) > 0 && done + n <= upload->size) {
		EVP_DigestUpdate(upload->digest, upload->buffer, n);
		if (send_chunk(upload, n))
			return -1;
		done += n;
		xn_op_progress(upload->op, upload->source->step, done, upload->size);
	}
	if (n < 0)
		return xn_fault_set(fault, XN_FAULT_IMAGE, "%s: %s", upload->source->path,
				    strerror(errno));
	if (n || done != upload->size)
		return xn_fault_set(fault, XN_FAULT_IMAGE, "%s changed while it was read",
				    upload->source->path);
	return 0;
}

static int check_digest(struct upload *upload)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[2 * EVP_MAX_MD_SIZE + 1];
	unsigned int size = 0;

	EVP_DigestFinal_ex(upload->digest, digest, &size);
	for (unsigned int i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
	if (!upload->source->sha256 || !strcmp(text, upload->source->sha256))
		return 0;
	return xn_fault_set(&upload->op->work.fault, XN_FAULT_IMAGE,
			    "%s is damaged: its SHA-256 is not the one it was added with; add the "
			    "image again",
			    upload->source->path);
}

static int fill(struct upload *upload, virStorageVolPtr volume)
{
	struct xn_fault *fault = &upload->op->work.fault;

	if (virStorageVolUpload(volume, upload->stream, 0, upload->size, 0))
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "the node takes no volumes");
	if (send_file(upload) || check_digest(upload)) {
		virStreamAbort(upload->stream);
		return -1;
	}
	/* errors of the node's disk may come only now */
	if (virStreamFinish(upload->stream))
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
					"%s: the node could not keep it", upload->source->step);
	return 0;
}

static int open_source(struct upload *upload)
{
	struct xn_fault *fault = &upload->op->work.fault;
	const char *path = upload->source->path;
	struct stat st;

	upload->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (upload->fd < 0 || fstat(upload->fd, &st))
		return xn_fault_set(fault, XN_FAULT_IMAGE, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return xn_fault_set(fault, XN_FAULT_IMAGE, "%s is empty, or no file", path);
	upload->size = st.st_size;
	return 0;
}

static struct upload *upload_new(struct xn_op *op, virConnectPtr connection,
				 const struct xn_source_file *source)
{
	struct upload *upload = calloc(1, sizeof(*upload));

	if (!upload)
		return NULL;
	upload->op = op;
	upload->source = source;
	upload->fd = -1;
	upload->stream = virStreamNew(connection, 0);
	upload->digest = EVP_MD_CTX_new();
	if (upload->stream && upload->digest &&
	    EVP_DigestInit_ex(upload->digest, EVP_sha256(), NULL))
		return upload;
	EVP_MD_CTX_free(upload->digest);
	if (upload->stream)
		virStreamFree(upload->stream);
	free(upload);
	return NULL;
}

static void upload_free(struct upload *upload)
{
	if (upload->fd >= 0)
		close(upload->fd);
	EVP_MD_CTX_free(upload->digest);
	virStreamFree(upload->stream);
	free(upload);
}

static virStorageVolPtr make_volume(struct upload *upload, virStoragePoolPtr pool, const char *name)
{
	struct xn_op *op = upload->op;
	virStorageVolPtr volume;
	struct xn_err err;
	char xml[512];

	if (xn_fault_registry(&op->work.fault,
			      xn_registry_add_volume(op->server->registry, &op->vm, name, &err),
			      &err))
		return NULL;
	snprintf(op->vm.volumes + strlen(op->vm.volumes),
		 sizeof(op->vm.volumes) - strlen(op->vm.volumes), "%s ", name);
	/* as bytes, whatever format they are of; allocated now, so that a full disk is known now */
	snprintf(xml, sizeof(xml),
		 "<volume><name>%s</name><capacity unit='bytes'>%" PRIu64 "</capacity>"
		 "<target><format type='raw'/></target></volume>",
		 name, upload->size);
	volume = virStorageVolCreateXML(pool, xml, 0);
	if (!volume)
		xn_fault_libvirt(&op->work.fault, XN_FAULT_HYPERVISOR,
				 "volume \"%s\" cannot be made on the node", name);
	return volume;
}

static int upload_to(struct upload *upload, virStoragePoolPtr pool, const char *name,
		     char path[XN_PATH_SIZE])
{
	virStorageVolPtr volume;
	int ret;

	if (open_source(upload))
		return -1;
	volume = make_volume(upload, pool, name);
	if (!volume)
		return -1;
	ret = fill(upload, volume) || tell_path(volume, path, &upload->op->work.fault) ? -1 : 0;
	virStorageVolFree(volume);
	return ret;
}

int xn_pool_upload(struct xn_op *op, virConnectPtr connection, const char *name,
		   const struct xn_source_file *source, char path[XN_PATH_SIZE])
{
	virStoragePoolPtr pool = find_pool(connection, op->server->pool, &op->work.fault);
	struct upload *upload;
	int ret;

	if (!pool)
		return -1;
	upload = upload_new(op, connection, source);
	if (upload) {
		ret = upload_to(upload, pool, name, path);
		upload_free(upload);
	} else {
		ret = xn_fault_set(&op->work.fault, XN_FAULT_INTERNAL, "no memory");
	}
	virStoragePoolFree(pool);
	return ret;
}

/* --- removal -------------------------------------------------------------------------------- */

static int remove_one(virStoragePoolPtr pool, const char *name, struct xn_fault *fault)
{
	virStorageVolPtr volume = virStorageVolLookupByName(pool, name);
	int rc;

	if (!volume && virGetLastErrorCode() == VIR_ERR_NO_STORAGE_VOL)
		return 0;
	if (!volume)
		return xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR, "volume \"%s\"", name);
	rc = virStorageVolDelete(volume, 0);
	if (rc)
		xn_fault_libvirt(fault, XN_FAULT_HYPERVISOR,
				 "volume \"%s\" cannot be removed from the node", name);
	virStorageVolFree(volume);
	return rc;
}

int xn_pool_remove(virConnectPtr connection, const char *pool_name, const char *volumes,
		   struct xn_fault *fault)
{
	virStoragePoolPtr pool;
	char name[128];
	int ret = 0, used;

	if (!*volumes)
		return 0;
	pool = find_pool(connection, pool_name, fault);
	if (!pool)
		return -1;
	for (; sscanf(volumes, "%127s%n", name, &used) == 1; volumes += used)
		if (remove_one(pool, name, fault))
			ret = -1;
	virStoragePoolFree(pool);
	return ret;
}
