// SPDX-License-Identifier: GPL-2.0-or-later
/* ISO 9660 by libarchive. */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "vms/seed.h"

static int add_file(struct archive *archive, const char *name, const char *text)
{
	struct archive_entry *entry = archive_entry_new();
	int ok;

	if (!entry)
		return -1;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, strlen(text));
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0444);
	ok = archive_write_header(archive, entry) == ARCHIVE_OK &&
	     archive_write_data(archive, text, strlen(text)) == (la_ssize_t)strlen(text);
	archive_entry_free(entry);
	return ok ? 0 : -1;
}

static int add_files(struct archive *archive, const struct xn_domain *domain, const char *ip)
{
	char meta[256], network[512], mac[18];

	snprintf(meta, sizeof(meta), "instance-id: %s\nlocal-hostname: %s\n", domain->uuid,
		 domain->name);
	snprintf(network, sizeof(network),
		 "version: 2\nethernets:\n  net0:\n    match:\n      macaddress: \"%s\"\n"
		 "    addresses: [\"%s\"]\n",
		 xn_domain_mac(domain->uuid, 0, mac), ip);
	return add_file(archive, "meta-data", meta) ||
			       add_file(archive, "user-data", "#cloud-config\n") ||
			       add_file(archive, "network-config", network)
		       ? -1
		       : 0;
}

int xn_seed_write(const char *path, const struct xn_domain *domain, const char *ip,
		  struct xn_err *err)
{
	struct archive *archive = archive_write_new();
	int ret = -1;

	if (!archive) {
		xn_err_set(err, "no memory");
		return -1;
	}
	if (archive_write_set_format_iso9660(archive) == ARCHIVE_OK &&
	    archive_write_set_options(archive, "volume-id=cidata,rockridge=useful,joliet=1") ==
		    ARCHIVE_OK &&
	    archive_write_open_filename(archive, path) == ARCHIVE_OK &&
	    !add_files(archive, domain, ip) && archive_write_close(archive) == ARCHIVE_OK)
		ret = 0;
	if (ret)
		xn_err_set(err, "%s: %s", path,
			   archive_error_string(archive) ? archive_error_string(archive)
							 : "no memory");
	archive_write_free(archive);
	return ret;
}
