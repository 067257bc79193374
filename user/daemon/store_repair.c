// SPDX-License-Identifier: GPL-2.0-or-later
/* A damaged file: kept beside, and its rows, as far as their checksums are right, go on in a new one. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/salvage.h"
#include "daemon/store_impl.h"

#define ASIDE_MAX 3 /* of the files kept beside, the newest: each may be as large as the history */

/* --- set aside --- */

/* The names end in the time: they are in its order. */
static void forget_oldest(const char *path, const char *word)
{
	char pattern[4096];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s.%s-*[0-9]", path, word);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i + ASIDE_MAX < found.gl_pathc; i++) {
		char log[4096 + 8];

		snprintf(log, sizeof(log), "%s-wal", found.gl_pathv[i]);
		unlink(log);
		if (!unlink(found.gl_pathv[i]))
			xn_log(SD_NOTICE, "history: %s removed, there are newer ones",
			       found.gl_pathv[i]);
	}
	globfree(&found);
}

/* A name that nobody has. */
static void choose_name(const char *path, const char *word, char kept[4096])
{
	time_t now = time(NULL);
	char when[32];
	struct tm tm;

	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", gmtime_r(&now, &tm));
	for (int i = 0; i < 1000; i++) {
		snprintf(kept, 4096, "%s.%s-%s-%03d", path, word, when, i);
		if (access(kept, F_OK))
			return;
	}
}

static int set_aside(const char *path, const char *word, char kept[4096])
{
	char from[4096 + 8], to[4096 + 8];

	choose_name(path, word, kept);
	if (rename(path, kept))
		return -errno;
	snprintf(from, sizeof(from), "%s-wal", path);
	snprintf(to, sizeof(to), "%s-wal", kept);
	rename(from, to); /* there may be none */
	snprintf(from, sizeof(from), "%s-shm", path);
	unlink(from);
	forget_oldest(path, word);
	return 0;
}

/* --- rows --- */

/* Names come first, then what has them. */
struct repair {
	struct xn_store *store;
	char (*names)[2][XN_STORE_NAME]; /* by series; "": not known */
	size_t saved;
	int rc;
};

#define SERIES_MAX (1 << XN_STORE_SERIES_BITS)

static bool take_name(const struct xn_value *value, char name[XN_STORE_NAME])
{
	if (value->kind != XN_VALUE_TEXT || !value->length || value->length >= XN_STORE_NAME ||
	    memchr(value->text, '\0', value->length))
		return false;
	memcpy(name, value->text, value->length);
	name[value->length] = '\0';
	return true;
}

static void on_name(int64_t id, const struct xn_value *values, size_t n, void *arg)
{
	char network[XN_STORE_NAME], link[XN_STORE_NAME];
	struct repair *repair = arg;

	if (n != XN_STORE_SERIES_COLUMNS || id < 1 || id >= SERIES_MAX ||
	    !take_name(&values[1], network) || !take_name(&values[2], link) ||
	    values[3].integer != xn_store_sum_series(id, network, link))
		return;
	strcpy(repair->names[id][0], network);
	strcpy(repair->names[id][1], link);
}

/* Its series in the new file; < 0: nobody knows it any more. */
static sqlite3_int64 series_of(struct repair *repair, sqlite3_int64 id)
{
	if (id < 1 || id >= SERIES_MAX || !*repair->names[id][0])
		return -1;
	return xn_store_series(repair->store, repair->names[id][0], repair->names[id][1]);
}

/* Of a row that is there twice, the one into which more intervals went is the newer. */
static void save_period(struct repair *repair, int64_t key, const struct xn_value *values)
{
	sqlite3_int64 series = series_of(repair, key & (SERIES_MAX - 1));
	struct xn_figures period, other;
	double time = values[1].real;

	for (size_t i = 0; i < XN_FIGURES_COUNT; i++)
		((double *)&period)[i] = values[2 + i].real;
	if (series < 0 || !xn_figures_valid(&period) ||
	    values[XN_STORE_PERIOD_COLUMNS - 1].integer != xn_store_sum_period(key, time, &period))
		return;
	key = (key & ~(int64_t)(SERIES_MAX - 1)) | series;
	if (xn_store_get_period(repair->store, key, &other) > 0 &&
	    other.intervals >= period.intervals)
		return;
	if (!repair->rc)
		repair->rc = xn_store_put_period(repair->store, key, time, &period);
	repair->saved++;
}

static void save_breach(struct repair *repair, int64_t key, const struct xn_value *values)
{
	struct xn_store_breach breach = {
		.time = values[2].real,
		.seconds = values[3].real,
		.kind = (enum xn_breach_kind)values[4].integer,
		.cause = (enum xn_cause)values[5].integer,
		.worst = values[6].real,
		.mean = values[7].real,
	};
	sqlite3_int64 series = series_of(repair, values[1].integer);

	if (series < 0 || values[8].integer != xn_store_sum_breach(key, &breach))
		return;
	if (!repair->rc)
		repair->rc = xn_store_put_breach(repair->store, series, &breach);
	repair->saved++;
}

static void on_row(int64_t key, const struct xn_value *values, size_t n, void *arg)
{
	struct repair *repair = arg;

	if (n == XN_STORE_PERIOD_COLUMNS)
		save_period(repair, key, values);
	else if (n == XN_STORE_BREACH_COLUMNS)
		save_breach(repair, key, values);
}

static void read_all(const char *kept, xn_salvage_fn fn, struct repair *repair)
{
	char log[4096 + 8];

	snprintf(log, sizeof(log), "%s-wal", kept);
	xn_salvage_file(kept, false, fn, repair);
	xn_salvage_file(log, true, fn, repair);
}

/* What fails here leaves a history that is empty, but one. Return: rows saved. */
static size_t save(struct xn_store *store, const char *kept)
{
	struct repair repair = { .store = store };

	repair.names = calloc(SERIES_MAX, sizeof(*repair.names));
	if (!repair.names)
		return 0;
	read_all(kept, on_name, &repair);
	sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL);
	read_all(kept, on_row, &repair);
	if (repair.rc || sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL)) {
		xn_log(SD_WARNING, "history: what was read of %s can't be written: %s", kept,
		       sqlite3_errmsg(store->db));
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
		repair.saved = 0;
	}
	free(repair.names);
	return repair.saved;
}

struct xn_store *xn_store_repair(const char *path, const char *word, const char *why,
				 struct xn_err *err)
{
	struct xn_store *store;
	char kept[4096];
	int rc = set_aside(path, word, kept);
	size_t saved;

	if (rc) {
		xn_err_set(err, "%s: %s, and it can't be moved: %s", path, why, strerror(-rc));
		return NULL;
	}
	store = xn_store_open_file(path, &rc, err);
	if (!store)
		return NULL;
	saved = save(store, kept);
	xn_log(SD_WARNING, "history: %s: %s (%s): kept as %s, %zu rows of it go on in a new one",
	       path, word, why, kept, saved);
	return store;
}
