// SPDX-License-Identifier: GPL-2.0-or-later
/* One line, "KEY ADDRESS": whoever can write it can be this router's Dom0, so it is root's alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel/transport.h"
#include "common/readfile.h"
#include "daemon/files.h"
#include "guest/settings.h"

#define ENROL "run xnetman-guest enroll with the token of xnetman-ctl channel enroll"

static bool parse(struct xn_settings *settings, char *text)
{
	char *address = text + 2 * sizeof(settings->dom0.bytes) + 1;
	size_t end = strcspn(text, "\n");

	if (text[end] != '\n' || text[end + 1] ||
	    !xn_unhex(text, settings->dom0.bytes, sizeof(settings->dom0.bytes)) ||
	    address[-1] != ' ')
		return false;
	text[end] = '\0';
	if (strlen(address) >= sizeof(settings->address) || xn_dom0_address_check(address))
		return false;
	strcpy(settings->address, address);
	return true;
}

int xn_settings_read(struct xn_settings *settings, const char *dir, struct xn_err *err)
{
	char path[4096], *text;
	size_t size;
	bool good;

	snprintf(path, sizeof(path), "%s/dom0", dir);
	if (access(path, F_OK) && errno == ENOENT) {
		xn_err_set(err, "not enrolled: " ENROL);
		return -ENOENT;
	}
	text = xn_file_read(path, &size, err);
	if (!text)
		return -EIO;
	good = strlen(text) == size && parse(settings, text);
	free(text);
	if (good)
		return 0;
	xn_err_set(err, "%s: is damaged: " ENROL, path);
	return -EINVAL;
}

int xn_settings_write(const struct xn_settings *settings, const char *dir, struct xn_err *err)
{
	char path[4096], text[256], key[XN_FINGERPRINT_TEXT];
	int rc;

	snprintf(path, sizeof(path), "%s/dom0", dir);
	xn_hex(settings->dom0.bytes, sizeof(settings->dom0.bytes), key);
	snprintf(text, sizeof(text), "%s %s\n", key, settings->address);
	rc = xn_make_parents(path, 0700);
	if (!rc)
		rc = xn_write_file(path, text, strlen(text), 0600);
	if (rc)
		xn_err_set(err, "%s: %s", path, strerror(-rc));
	return rc;
}

int xn_settings_key(struct xn_key *key, const char *dir, struct xn_err *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/key.pem", dir);
	return xn_key_open(key, path, err);
}

bool xn_settings_is_vchan(const struct xn_settings *settings)
{
	return !strcmp(settings->address, XN_VCHAN_WORD);
}

struct xn_transport *xn_settings_connect(const struct xn_settings *settings, struct xn_err *err)
{
	struct xn_socket_address address;
	struct xn_transport *transport;
	int fd;

	if (xn_settings_is_vchan(settings))
		return xn_vchan_server(err);
	xn_address_parse(settings->address, &address);
	fd = xn_socket_connect(&address);
	transport = fd >= 0 ? xn_socket_transport(fd, settings->address) : NULL;
	if (transport)
		return transport;
	xn_err_set(err, "%s: %s", settings->address, fd < 0 ? strerror(-fd) : "no memory");
	if (fd >= 0)
		close(fd);
	return NULL;
}
