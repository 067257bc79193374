// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /local/domain/DOMID/name and .../vm and /vm belong to Dom0 and are read-only to the guest,
 * so it can neither lie about who it is nor wake us by writing.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "daemon/xenstore.h"

#define SOCKET "/run/xenstored/socket"
#define TOKEN  "xnetmand"

struct xn_xenstore {
	struct xs_handle *handle; /* NULL: not connected */
	uint32_t *watched;	  /* domids, ascending */
	size_t n_watched;
};

/*
 * Without its socket libxenstore falls back to the kernel's xenbus device. In a Dom0 whose
 * xenstored has not started yet, that waits without end. Where xenstored is a domain of its
 * own, XENSTORED_PATH=/dev/xen/xenbus in the environment chooses the device.
 */
struct xn_xenstore *xn_xenstore_new(void)
{
	if (setenv("XENSTORED_PATH", SOCKET, 0))
		return NULL;
	return calloc(1, sizeof(struct xn_xenstore));
}

static void disconnect(struct xn_xenstore *store)
{
	xs_close(store->handle);
	store->handle = NULL;
	free(store->watched);
	store->watched = NULL;
	store->n_watched = 0;
}

void xn_xenstore_free(struct xn_xenstore *store)
{
	if (!store)
		return;
	disconnect(store);
	free(store);
}

/* --- watches --- */

static void name_path(uint32_t domid, char *path, size_t size)
{
	snprintf(path, size, "/local/domain/%" PRIu32 "/name", domid);
}

static int compare_domid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool has(const uint32_t *domids, size_t n, uint32_t domid)
{
	return n && bsearch(&domid, domids, n, sizeof(*domids), compare_domid);
}

static int watch(struct xn_xenstore *store, uint32_t domid)
{
	char path[64];

	name_path(domid, path, sizeof(path));
	return xs_watch(store->handle, path, TOKEN) ? 0 : -EIO;
}

static void unwatch(struct xn_xenstore *store, uint32_t domid)
{
	char path[64];

	name_path(domid, path, sizeof(path));
	xs_unwatch(store->handle, path, TOKEN);
}

/* Watch the domains of these vifs and no others. */
static int follow(struct xn_xenstore *store, const struct xn_vif_identity *vifs, size_t n)
{
	uint32_t *domids = calloc(n + 1, sizeof(*domids));
	size_t n_domids = 0;

	if (!domids)
		return -EIO;
	for (size_t i = 0; i < n; i++)
		if (!n_domids || domids[n_domids - 1] != vifs[i].vif.domid)
			domids[n_domids++] = vifs[i].vif.domid;
	for (size_t i = 0; i < store->n_watched; i++)
		if (!has(domids, n_domids, store->watched[i]))
			unwatch(store, store->watched[i]);
	for (size_t i = 0; i < n_domids; i++) {
		if (has(store->watched, store->n_watched, domids[i]) || !watch(store, domids[i]))
			continue;
		free(domids);
		return -EIO;
	}
	free(store->watched);
	store->watched = domids;
	store->n_watched = n_domids;
	return 0;
}

/* --- reading --- */

/*
 * "" if it is not there, or is nothing that a definition could name.
 * Return: 0, or -EIO: no answer, so that nothing is known.
 */
static int read_text(struct xn_xenstore *store, const char *path, char *buf, size_t size)
{
	unsigned int len;
	char *text = xs_read(store->handle, XBT_NULL, path, &len);

	*buf = '\0';
	if (!text)
		return errno == ENOENT || errno == EACCES ? 0 : -EIO;
	if (len < size && strlen(text) == len)
		memcpy(buf, text, len + 1);
	free(text);
	return 0;
}

/* "/vm/UUID", in lower case. */
static void take_uuid(const char *vm, char *uuid)
{
	static const char folder[] = "/vm/";

	*uuid = '\0';
	if (strncmp(vm, folder, strlen(folder)) || !xn_is_uuid(vm + strlen(folder)))
		return;
	for (vm += strlen(folder); *vm; vm++)
		*uuid++ = tolower((unsigned char)*vm);
	*uuid = '\0';
}

static int read_domain(struct xn_xenstore *store, struct xn_vif_identity *vif)
{
	char path[64], vm[64];

	snprintf(path, sizeof(path), "/local/domain/%" PRIu32 "/vm", vif->vif.domid);
	if (read_text(store, path, vm, sizeof(vm)))
		return -EIO;
	take_uuid(vm, vif->identity.uuid);
	name_path(vif->vif.domid, path, sizeof(path));
	if (read_text(store, path, vif->identity.name, sizeof(vif->identity.name)))
		return -EIO;
	vif->read = *vif->identity.uuid || *vif->identity.name;
	return 0;
}

/*
 * Dom0's half of the device, which the guest can read only. The path without a slash in front is below the
 * domain that xnetmand runs in.
 */
static int read_mac(struct xn_xenstore *store, struct xn_vif_identity *vif)
{
	char path[64], text[32];
	unsigned int byte[6], n = 0;

	snprintf(path, sizeof(path), "backend/vif/%" PRIu32 "/%" PRIu32 "/mac", vif->vif.domid,
		 vif->vif.devid);
	memset(vif->mac, 0, sizeof(vif->mac));
	if (read_text(store, path, text, sizeof(text)))
		return -EIO;
	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		   &byte[4], &byte[5], &n) != 6 ||
	    text[n])
		return 0;
	for (size_t i = 0; i < 6; i++)
		vif->mac[i] = byte[i];
	return 0;
}

static int read_all(struct xn_xenstore *store, struct xn_vif_identity *vifs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct xn_vif_identity *before = i ? &vifs[i - 1] : NULL;

		if (before && before->vif.domid == vifs[i].vif.domid) {
			vifs[i].read = before->read;
			vifs[i].identity = before->identity;
		} else if (read_domain(store, &vifs[i])) {
			return -EIO;
		}
		if (vifs[i].read && read_mac(store, &vifs[i]))
			return -EIO;
	}
	return 0;
}

int xn_xenstore_read(struct xn_xenstore *store, struct xn_vif_identity *vifs, size_t n, bool reopen)
{
	if (reopen)
		disconnect(store);
	if (!store->handle && !n)
		return 0;
	if (!store->handle)
		store->handle = xs_open(0);
	if (!store->handle)
		return -ENOTCONN;
	return follow(store, vifs, n) || read_all(store, vifs, n) ? -EIO : 0;
}

/* --- for the event loop --- */

int xn_xenstore_fd(struct xn_xenstore *store)
{
	return store->handle ? xs_fileno(store->handle) : -1;
}

int xn_xenstore_changes(struct xn_xenstore *store)
{
	int n = 0;

	for (;;) {
		char **change = xs_check_watch(store->handle);

		if (!change)
			return errno == EAGAIN ? n : -EIO;
		free(change);
		n++;
	}
}
