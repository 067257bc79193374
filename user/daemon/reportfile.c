// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of folders are in the order of their times, so the oldest come first. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/report.h"
#include "daemon/files.h"
#include "daemon/reportfile.h"

#define MODE 0644

char *xn_reportfile_name(enum xn_level level, double start, char name[64])
{
	const char *format = level == XN_LEVEL_HOUR    ? "%Y-%m-%dT%H%z"
			     : level == XN_LEVEL_MONTH ? "%Y-%m"
						       : "%Y-%m-%d";
	time_t seconds = (time_t)start;
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(when, sizeof(when), format, &tm);
	snprintf(name, 64, "%s-%s", xn_level_name(level), when);
	return name;
}

/* Takes @text. */
static int write_text(const char *folder, const char *base, const char *ending, char *text,
		      struct xn_err *err)
{
	char path[4096];
	int rc = text ? 0 : -ENOMEM;

	snprintf(path, sizeof(path), "%s/%s.%s", folder, base, ending);
	if (!rc)
		rc = xn_make_parents(path, 0755);
	if (!rc)
		rc = xn_write_file(path, text, strlen(text), MODE);
	if (rc)
		xn_err_set(err, "%s: %s", path, strerror(-rc));
	free(text);
	return rc;
}

int xn_reportfile_write(const char *folder, const char *base, const json_t *report,
			struct xn_err *err)
{
	int rc = write_text(folder, base, "txt", xn_report_text(report), err);

	if (!rc)
		rc = write_text(folder, base, "html", xn_report_html(report), err);
	if (!rc)
		rc = write_text(folder, base, "json", json_dumps(report, JSON_COMPACT), err);
	return rc;
}

/* --- pruning --- */

/* What is in it that is no file stays, and so does it. */
static void remove_folder(const char *folder, const char *name)
{
	char path[4096];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

void xn_reportfile_prune(const char *folder, enum xn_level level, unsigned int keep)
{
	struct dirent **entries;
	char start[32];
	int n = keep ? scandir(folder, &entries, NULL, alphasort) : -1, ours = 0, gone = 0;

	if (n < 0)
		return;
	snprintf(start, sizeof(start), "%s-", xn_level_name(level));
	for (int i = 0; i < n; i++)
		ours += !strncmp(entries[i]->d_name, start, strlen(start));
	for (int i = 0; i < n; i++) {
		if (!strncmp(entries[i]->d_name, start, strlen(start)) && gone + (int)keep < ours) {
			remove_folder(folder, entries[i]->d_name);
			gone++;
		}
		free(entries[i]);
	}
	free(entries);
}
