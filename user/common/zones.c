// SPDX-License-Identifier: GPL-2.0-or-later
/* Time zones of this machine: read from tzdata once, shared by all who use them. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/readfile.h"
#include "common/zones.h"

struct known {
	struct known *next;
	struct xn_zone *zone;
	struct stat file; /* that it was read from */
	size_t users;
};

static struct known *known;

/* A name cannot lead out of the folder. */
static bool is_name(const char *name)
{
	if (!isalpha((unsigned char)*name) || strlen(name) > 63)
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("/_+-", *name))
			return false;
	return name[-1] != '/';
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct known *find(const char *name, const struct stat *file)
{
	struct known *k = known;

	while (k && (strcmp(k->zone->name, name) || !is_same(&k->file, file)))
		k = k->next;
	return k;
}

static const char no_memory[] = "cannot be read: out of memory";

static struct xn_zone *read_zone(const char *name, const char *path, const char **why)
{
	static char clause[128];
	struct xn_zone *zone;
	struct xn_err err;
	size_t size;
	char *data = xn_file_read(path, &size, &err);

	*why = "cannot be read: check " XN_ZONEINFO;
	if (!data)
		return NULL;
	zone = xn_zone_parse(name, data, size, why);
	free(data);
	if (zone)
		return zone;
	if (*why)
		snprintf(clause, sizeof(clause), "%s: write another, such as Europe/Berlin", *why);
	*why = *why ? clause : no_memory;
	return NULL;
}

static const struct xn_zone *add(const char *name, const char *path, const struct stat *file,
				 const char **why)
{
	struct known *k = calloc(1, sizeof(*k));

	*why = no_memory;
	if (!k)
		return NULL;
	k->zone = read_zone(name, path, why);
	if (!k->zone) {
		free(k);
		return NULL;
	}
	k->file = *file;
	k->users = 1;
	k->next = known;
	known = k;
	return k->zone;
}

const struct xn_zone *xn_zone_get(const char *name, const char **why)
{
	char path[sizeof(XN_ZONEINFO) + 80];
	struct stat file;
	struct known *k;

	if (!strcmp(name, "UTC"))
		return &xn_zone_utc;
	*why = "is no name of a time zone: write one such as Europe/Berlin, or UTC";
	if (!is_name(name))
		return NULL;
	*why = "is no time zone of this machine: write one such as Europe/Berlin, or UTC, or "
	       "install "
	       "tzdata";
	snprintf(path, sizeof(path), XN_ZONEINFO "/%s", name);
	if (stat(path, &file) || !S_ISREG(file.st_mode))
		return NULL;
	k = find(name, &file);
	if (!k)
		return add(name, path, &file, why);
	k->users++;
	return k->zone;
}

void xn_zone_put(const struct xn_zone *zone)
{
	struct known **at = &known, *k;

	if (!zone || zone == &xn_zone_utc)
		return;
	while (*at && (*at)->zone != zone)
		at = &(*at)->next;
	k = *at;
	if (!k || --k->users)
		return;
	*at = k->next;
	xn_zone_free(k->zone);
	free(k);
}
