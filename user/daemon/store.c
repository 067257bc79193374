// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening, checking, writing, bounding and reading the file of the history.
 *
 * Write-ahead log: an Il is one append without waiting for the disk, and what was written last before the power went
 * is lost, never the file. Locked exclusively: then the log's index is in our memory, and not in a file mapped into
 * it, which somebody could cut off under a running daemon (SIGBUS).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files.h"
#include "daemon/log.h"
#include "daemon/store_impl.h"

#define PAGE	  4096
#define HEADER	  100 /* bytes of an SQLite file's */
#define LOG_PAGES 256 /* of the write-ahead log, before it goes into the file */
#define LOG_PART \
	4 /* of the size, at most, is the log's: 1 MiB and what an Il of all networks takes */
#define ROOM 0.9 /* full beyond this part of its pages: the oldest goes */
#define PRUNE_ROWS \
	5000 /* at a time, at most: a clock that jumps shall not empty the file at once */
#define CHECK_STEPS  100000
#define INVALID_TIME 1e11 /* s since 1970, beyond what keys have room for */

/* REAL has whole numbers stored as such, in as few bytes as they need. */
#define FIGURES                                                                 \
	"seconds REAL, offered REAL, through REAL, rc REAL, rl REAL, ec REAL, " \
	"ec_max REAL, el REAL, el_max REAL, c REAL, c_min REAL, ratio REAL, "   \
	"ratio_max REAL, broken REAL, intervals REAL, ticks REAL, "             \
	"punished REAL, unsold REAL, oversold REAL, restricted REAL, "          \
	"spent REAL, shared REAL, breaches_short REAL, breaches_long REAL, "    \
	"excused REAL"

/* --- opening --- */

/* As it stands in sqlite_master, too, in this order. */
static const char *const tables[] = {
	"CREATE TABLE series (id INTEGER PRIMARY KEY, network TEXT NOT NULL, link TEXT NOT NULL,"
	" checksum INTEGER NOT NULL, UNIQUE (network, link))",
	"CREATE TABLE series_copy (id INTEGER PRIMARY KEY, network TEXT, link TEXT,"
	" checksum INTEGER)",
	"CREATE TABLE periods (key INTEGER PRIMARY KEY, time REAL, " FIGURES ", checksum INTEGER)",
	"CREATE TABLE breaches (key INTEGER PRIMARY KEY, series INTEGER, time REAL, seconds REAL,"
	" kind REAL, cause REAL, worst REAL, mean REAL, checksum INTEGER)",
	"CREATE TABLE state (name TEXT PRIMARY KEY, value REAL)",
};

#define N_TABLES (sizeof(tables) / sizeof(tables[0]))

/* Before anything of the file is read; none of these writes. */
static const char caution[] = "PRAGMA locking_mode = EXCLUSIVE;"
			      "PRAGMA trusted_schema = OFF;"
			      "PRAGMA cell_size_check = ON;"
			      "PRAGMA mmap_size = 0;"
			      "PRAGMA temp_store = MEMORY;"
			      "PRAGMA cache_size = -4096;";

static const char settings[] = "PRAGMA page_size = 4096;"
			       "PRAGMA auto_vacuum = INCREMENTAL;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = NORMAL;"
			       "PRAGMA journal_size_limit = 1048576;";

static int number_of(sqlite3 *db, const char *sql, sqlite3_int64 *number)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	*number = 0;
	if (rc)
		return rc;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*number = sqlite3_column_int64(stmt, 0);
	return sqlite3_finalize(stmt);
}

static int make_tables(sqlite3 *db)
{
	char sql[128];
	int rc = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);

	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
		 XN_STORE_APPLICATION, XN_STORE_FORMAT);
	for (size_t i = 0; i < N_TABLES && !rc; i++)
		rc = sqlite3_exec(db, tables[i], NULL, NULL, NULL);
	return rc ? rc : sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static bool is_empty(sqlite3 *db)
{
	sqlite3_int64 there;

	return !number_of(db, "SELECT count(*) FROM sqlite_master", &there) && !there;
}

static bool has_table(sqlite3 *db, const char *name)
{
	sqlite3_stmt *stmt;
	bool has;

	if (sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_master WHERE name = ?", -1, &stmt, NULL))
		return false;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	has = sqlite3_step(stmt) == SQLITE_ROW;
	sqlite3_finalize(stmt);
	return has;
}

enum verdict {
	OURS,
	NEWER,
	OLDER,
	FOREIGN
};

/* Whose is it, if it is whole? A number of the header that was flipped does not make it somebody else's. */
static enum xn_store_owner look(sqlite3 *db)
{
	sqlite3_int64 application, format;

	if (number_of(db, "PRAGMA application_id", &application) ||
	    number_of(db, "PRAGMA user_version", &format))
		return XN_STORE_OURS;
	if (!application && !format && is_empty(db))
		return XN_STORE_OURS;
	if (application == XN_STORE_APPLICATION && format > XN_STORE_FORMAT)
		return XN_STORE_NEWER;
	if (application == XN_STORE_APPLICATION || has_table(db, "periods"))
		return format == XN_STORE_FORMAT ? XN_STORE_OURS : XN_STORE_OLDER;
	return has_table(db, "intervals") ? XN_STORE_OLDER : XN_STORE_FOREIGN;
}

/* What is somebody else's is not written to. */
static int set_up(struct xn_store *store)
{
	sqlite3 *db = store->db;
	int rc = sqlite3_exec(db, caution, NULL, NULL, NULL);

	sqlite3_wal_autocheckpoint(db, LOG_PAGES);
	if (!rc)
		store->owner = look(db);
	if (!rc && store->owner != XN_STORE_OURS)
		return 0;
	if (!rc)
		rc = sqlite3_exec(db, settings, NULL, NULL, NULL);
	if (!rc && is_empty(db))
		rc = make_tables(db);
	return rc ? rc : sqlite3_exec(db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
}

struct xn_store *xn_store_open_file(const char *path, int *rc, struct xn_err *err)
{
	struct xn_store *store = calloc(1, sizeof(*store));

	*rc = -ENOMEM;
	if (store)
		store->path = strdup(path);
	if (store && store->path)
		*rc = xn_make_parents(path, 0755);
	if (!*rc)
		*rc = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				      NULL);
	if (!*rc)
		*rc = set_up(store);
	if (!*rc)
		return store;
	xn_err_set(err, "%s: %s", path,
		   *rc < 0		? strerror(-*rc)
		   : store && store->db ? sqlite3_errmsg(store->db)
					: sqlite3_errstr(*rc));
	xn_store_close(store);
	return NULL;
}

void xn_store_close(struct xn_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < XN_STORE_STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
	free(store->path);
	free(store);
}

/* --- checking --- */

static int on_progress(void *arg)
{
	return atomic_load((const atomic_bool *)arg);
}

/* Return: NULL, or what is wrong with the trees of the file. */
static const char *check_trees(struct xn_store *store, char why[256])
{
	sqlite3_stmt *stmt;
	const char *found = NULL;

	if (sqlite3_prepare_v2(store->db, "PRAGMA integrity_check(1)", -1, &stmt, NULL))
		return sqlite3_errmsg(store->db);
	if (sqlite3_step(stmt) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(stmt, 0), "ok")) {
		snprintf(why, 256, "%s", (const char *)sqlite3_column_text(stmt, 0));
		found = why;
	}
	if (sqlite3_finalize(stmt) && !found)
		found = sqlite3_errmsg(store->db);
	return found;
}

static bool period_is_right(sqlite3_stmt *stmt)
{
	struct xn_figures period;
	sqlite3_int64 key;
	double time;

	return xn_store_read_period(stmt, 0, &key, &time, &period);
}

static bool breach_is_right(sqlite3_stmt *stmt)
{
	struct xn_store_breach breach;

	return xn_store_read_breach(stmt, 0, &breach);
}

static bool series_is_right(sqlite3_stmt *stmt)
{
	const char *network = (const char *)sqlite3_column_text(stmt, 1);
	const char *link = (const char *)sqlite3_column_text(stmt, 2);

	return network && link &&
	       sqlite3_column_int64(stmt, 3) ==
		       xn_store_sum_series(sqlite3_column_int64(stmt, 0), network, link);
}

/* Return: as SQLite; SQLITE_CORRUPT for a row whose checksum is wrong. */
static int check_table(sqlite3 *db, const char *sql, int columns,
		       bool (*is_right)(sqlite3_stmt *stmt))
{
	sqlite3_stmt *stmt;
	bool right = true;
	int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc)
		return rc;
	if (sqlite3_column_count(stmt) != columns)
		right = false;
	while (right && sqlite3_step(stmt) == SQLITE_ROW)
		right = is_right(stmt);
	rc = sqlite3_finalize(stmt);
	return right ? rc : SQLITE_CORRUPT;
}

/* A flipped letter in a definition is a column of another name. */
static bool tables_are_right(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	size_t n = 0;
	bool right = true;

	if (sqlite3_prepare_v2(db,
			       "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid",
			       -1, &stmt, NULL))
		return false;
	for (; right && sqlite3_step(stmt) == SQLITE_ROW; n++) {
		const char *sql = (const char *)sqlite3_column_text(stmt, 0);

		right = sql && n < N_TABLES && !strcmp(sql, tables[n]);
	}
	return !sqlite3_finalize(stmt) && right && n == N_TABLES;
}

static const char *check_rows(struct xn_store *store)
{
	static const struct {
		const char *sql;
		int columns;
		bool (*is_right)(sqlite3_stmt *stmt);
	} checks[] = {
		{ "SELECT * FROM series", XN_STORE_SERIES_COLUMNS, series_is_right },
		{ "SELECT * FROM series_copy", XN_STORE_SERIES_COLUMNS, series_is_right },
		{ "SELECT * FROM breaches", XN_STORE_BREACH_COLUMNS, breach_is_right },
		{ "SELECT * FROM periods", XN_STORE_PERIOD_COLUMNS, period_is_right },
	};

	if (!tables_are_right(store->db))
		return "its tables are defined otherwise";
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		int rc = check_table(store->db, checks[i].sql, checks[i].columns,
				     checks[i].is_right);

		if (rc && rc != SQLITE_INTERRUPT)
			return rc == SQLITE_CORRUPT ? "wrong checksum" : sqlite3_errstr(rc);
	}
	return NULL;
}

static struct xn_store *check(struct xn_store *store, const char *path, const atomic_bool *stop,
			      struct xn_err *err)
{
	char text[256];
	const char *found;
	struct xn_err why = { "" };

	sqlite3_progress_handler(store->db, CHECK_STEPS, on_progress, (void *)stop);
	found = check_trees(store, text);
	if (!found)
		found = check_rows(store);
	if (found)
		xn_err_set(&why, "%s", found);
	sqlite3_progress_handler(store->db, 0, NULL, NULL);
	if (!found || atomic_load(stop))
		return store;
	xn_store_close(store);
	return xn_store_repair(path, "damaged", why.text, err);
}

/* What SQLite says of a file whose content is wrong, not of a disk or of rights. */
static bool is_damage(int rc)
{
	return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

/* Its header says that it may only be read, while nothing else does, or that it needs another SQLite. */
static bool header_is_wrong(const char *path, int rc)
{
	return rc == SQLITE_ERROR || ((rc & 0xff) == SQLITE_READONLY && !access(path, W_OK));
}

/* SQLite takes what is shorter than its header for a new file, and removes the log of an empty one. */
static bool is_cut(const char *path, off_t size)
{
	char log[4096 + 8];
	struct stat st;

	snprintf(log, sizeof(log), "%s-wal", path);
	return size ? size < HEADER : !stat(log, &st) && st.st_size;
}

struct xn_store *xn_store_open(const char *path, const atomic_bool *stop, struct xn_err *err)
{
	struct xn_store *store;
	bool there, empty;
	struct stat st;
	int rc;

	there = !stat(path, &st);
	if (there && !S_ISREG(st.st_mode)) {
		xn_err_set(err, "%s: is not a file", path);
		return NULL;
	}
	if (there && is_cut(path, st.st_size))
		return xn_store_repair(path, "damaged", "cut", err);
	empty = there && !st.st_size;
	store = xn_store_open_file(path, &rc, err);
	if (store && empty)
		xn_log(SD_WARNING, "history: %s: damaged (it was empty): a new one begins", path);
	if (!store)
		return is_damage(rc) || header_is_wrong(path, rc)
			       ? xn_store_repair(path, "damaged", sqlite3_errstr(rc), err)
			       : NULL;
	switch (store->owner) {
	case XN_STORE_NEWER:
		xn_store_close(store);
		return xn_store_repair(path, "newer", "format of another xnetman", err);
	case XN_STORE_OLDER:
		xn_store_close(store);
		return xn_store_repair(path, "older", "format of another xnetman", err);
	case XN_STORE_FOREIGN:
		xn_store_close(store);
		xn_err_set(err, "%s: is a database of something else: give another --history",
			   path);
		return NULL;
	default:
		return check(store, path, stop, err);
	}
}

/* --- writing --- */

/* Return: 0, or -errno with @err, of what SQLite said last. */
static int told(struct xn_store *store, int rc, struct xn_err *err)
{
	if (!rc)
		return 0;
	xn_err_set(err, "%s: %s", store->path,
		   sqlite3_errcode(store->db) ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc));
	return is_damage(rc) || is_damage(sqlite3_errcode(store->db)) ? -EUCLEAN : -EIO;
}

/* Into the hour, day and month that the middle of the Il is in. */
static int roll_up(struct xn_store *store, sqlite3_int64 series, const struct xn_store_row *row)
{
	double middle = row->time - row->period.seconds / 2;

	for (enum xn_level level = XN_LEVEL_HOUR; level < XN_LEVELS_KEPT; level++) {
		double start = xn_level_start(level, middle);
		sqlite3_int64 key = xn_store_key(level, start, series);
		struct xn_figures sum = { 0 };
		int there = xn_store_get_period(store, key, &sum), rc;

		if (there < 0)
			return SQLITE_CORRUPT;
		xn_figures_add(&sum, &row->period);
		rc = xn_store_put_period(store, key, start, &sum);
		if (rc)
			return rc;
	}
	return 0;
}

static int write_row(struct xn_store *store, const struct xn_store_row *row)
{
	sqlite3_int64 series;
	int rc;

	if (!xn_figures_valid(&row->period) || !(row->time > 0) || row->time > INVALID_TIME)
		return 0; /* nothing that could be read again */
	series = xn_store_series(store, row->network, row->link);
	if (series < 0)
		return SQLITE_ERROR;
	rc = xn_store_put_period(store, xn_store_key(XN_LEVEL_INTERVAL, row->time, series),
				 row->time, &row->period);
	return rc ? rc : roll_up(store, series, row);
}

static int write_all(struct xn_store *store, const struct xn_store_row *rows, size_t n,
		     const struct xn_store_breach *breaches, size_t n_breaches)
{
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++)
		rc = write_row(store, &rows[i]);
	for (size_t i = 0; i < n_breaches && !rc; i++) {
		sqlite3_int64 series =
			xn_store_series(store, breaches[i].network, breaches[i].link);

		rc = series < 0 ? SQLITE_ERROR : xn_store_put_breach(store, series, &breaches[i]);
	}
	return rc;
}

/* --- bounds --- */

/* Rows of @table from @low to @high, of which the first so many go. */
static int prune(struct xn_store *store, const char *table, sqlite3_int64 low, sqlite3_int64 high,
		 int rows)
{
	char sql[256];
	sqlite3_stmt *stmt;
	int rc;

	snprintf(sql, sizeof(sql),
		 "DELETE FROM %s WHERE key IN (SELECT key FROM %s WHERE key >= ? AND key < ?"
		 " ORDER BY key LIMIT ?)",
		 table, table);
	rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
	if (rc)
		return rc;
	sqlite3_bind_int64(stmt, 1, low);
	sqlite3_bind_int64(stmt, 2, high);
	sqlite3_bind_int(stmt, 3, rows);
	sqlite3_step(stmt);
	return sqlite3_finalize(stmt);
}

/* What is older than it is to be kept. */
static int prune_old(struct xn_store *store, double now, const struct xn_keep *keep)
{
	int rc = 0;

	for (enum xn_level level = 0; level < XN_LEVELS_KEPT && !rc; level++)
		rc = prune(store, "periods", xn_store_key(level, 0, 0),
			   xn_store_key(level, now - keep->age[level], 0), PRUNE_ROWS);
	for (int kind = XN_BREACH_SHORT; kind <= XN_BREACH_LONG && !rc; kind++)
		rc = prune(store, "breaches", xn_store_key(kind, 0, 0),
			   xn_store_key(kind, now - keep->breaches, 0), PRUNE_ROWS);
	return rc;
}

static double fullness(struct xn_store *store)
{
	sqlite3_int64 pages = 0, unused = 0;

	if (number_of(store->db, "PRAGMA page_count", &pages) ||
	    number_of(store->db, "PRAGMA freelist_count", &unused))
		return 0;
	return (double)(pages - unused) / (double)store->page_limit;
}

/* Of what there is too much: intervals first, months last, and breaches before those. */
static int prune_much(struct xn_store *store)
{
	int rows = store->page_limit < PRUNE_ROWS ? (int)store->page_limit : PRUNE_ROWS;
	int before, rc = 0;

	for (enum xn_level level = 0; level < XN_LEVELS_KEPT && fullness(store) > ROOM; level++) {
		do {
			before = sqlite3_total_changes(store->db);
			rc = prune(store, "periods", xn_store_key(level, 0, 0), xn_store_end(level),
				   rows);
		} while (!rc && sqlite3_total_changes(store->db) > before &&
			 fullness(store) > ROOM);
		if (!rc && level == XN_LEVEL_DAY && fullness(store) > ROOM)
			rc = prune(store, "breaches", 0, INT64_MAX, rows);
		if (rc)
			return rc;
	}
	return 0;
}

/* The limit of pages is SQLite's to keep: beyond it a write fails, whatever else went wrong. */
static int bound(struct xn_store *store, double now, const struct xn_keep *keep)
{
	sqlite3_int64 limit = (sqlite3_int64)(keep->size * (LOG_PART - 1) / LOG_PART / PAGE);
	char sql[80];
	int rc;

	snprintf(sql, sizeof(sql), "PRAGMA max_page_count = %lld", (long long)limit);
	rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
	store->page_limit = limit;
	if (!rc)
		rc = prune_old(store, now, keep);
	if (!rc)
		rc = prune_much(store);
	return rc;
}

/* A limit that was lowered leaves a file with unused pages; they go a few at a time. */
static void shrink(struct xn_store *store)
{
	sqlite3_int64 pages;

	if (!number_of(store->db, "PRAGMA page_count", &pages) && pages > store->page_limit)
		sqlite3_exec(store->db, "PRAGMA incremental_vacuum(1000)", NULL, NULL, NULL);
}

int xn_store_write(struct xn_store *store, const struct xn_store_row *rows, size_t n,
		   const struct xn_store_breach *breaches, size_t n_breaches,
		   const struct xn_keep *keep, struct xn_err *err)
{
	double now = n ? rows[n - 1].time : n_breaches ? breaches[n_breaches - 1].time : 0;
	int rc = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (!rc)
		rc = bound(store, now, keep);
	if (!rc)
		rc = write_all(store, rows, n, breaches, n_breaches);
	if (!rc)
		rc = sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	rc = told(store, rc, err);
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	if (!rc)
		shrink(store);
	return rc;
}

/* --- reading --- */

static bool take_names(sqlite3_stmt *stmt, char network[XN_STORE_NAME], char link[XN_STORE_NAME])
{
	const char *a = (const char *)sqlite3_column_text(stmt, 0);
	const char *b = (const char *)sqlite3_column_text(stmt, 1);

	snprintf(network, XN_STORE_NAME, "%s", a ? a : "");
	snprintf(link, XN_STORE_NAME, "%s", b ? b : "");
	return a && b;
}

/* Rows of a query for names and a period. */
static int read_rows(struct xn_store *store, sqlite3_stmt *stmt, xn_store_row_fn fn, void *arg,
		     struct xn_err *err)
{
	struct xn_store_row row;
	sqlite3_int64 key;
	bool more = true;

	while (more && sqlite3_step(stmt) == SQLITE_ROW)
		if (take_names(stmt, row.network, row.link) &&
		    xn_store_read_period(stmt, 2, &key, &row.time, &row.period))
			more = fn(&row, arg);
	return told(store, sqlite3_finalize(stmt), err);
}

#define SERIES_MASK "524287" /* XN_STORE_SERIES_BITS of a key */

int xn_store_periods(struct xn_store *store, enum xn_level level, const char *network, double from,
		     double to, xn_store_row_fn fn, void *arg, struct xn_err *err)
{
	static const char sql[] = "SELECT s.network, s.link, p.* FROM periods p CROSS JOIN series s"
				  " ON s.id = p.key & " SERIES_MASK
				  " WHERE p.key >= ?1 AND p.key < ?2"
				  " AND (?3 = '' OR s.network = ?3) ORDER BY p.key";
	/* an interval is called by its end, so one that ends at @from is not of this time */
	double shift = level == XN_LEVEL_INTERVAL ? 0.001 : 0;
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL))
		return told(store, SQLITE_ERROR, err);
	sqlite3_bind_int64(stmt, 1, xn_store_key(level, from + shift, 0));
	sqlite3_bind_int64(stmt, 2, xn_store_key(level, to + shift, 0));
	sqlite3_bind_text(stmt, 3, network, -1, SQLITE_STATIC);
	return read_rows(store, stmt, fn, arg, err);
}

int xn_store_newest(struct xn_store *store, const char *network, const char *link,
		    xn_store_row_fn fn, void *arg, struct xn_err *err)
{
	static const char sql[] = "SELECT s.network, s.link, p.* FROM periods p CROSS JOIN series s"
				  " ON s.id = p.key & " SERIES_MASK " WHERE p.key >= ?1"
				  " AND (?2 = '' OR s.network = ?2) AND (?3 = '' OR s.link = ?3)"
				  " ORDER BY p.key DESC";
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL))
		return told(store, SQLITE_ERROR, err);
	sqlite3_bind_int64(stmt, 1, xn_store_key(XN_LEVEL_INTERVAL, 0, 0));
	sqlite3_bind_text(stmt, 2, network, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, link, -1, SQLITE_STATIC);
	return read_rows(store, stmt, fn, arg, err);
}

int xn_store_breaches(struct xn_store *store, const char *network, double from, double to,
		      xn_store_breach_fn fn, void *arg, struct xn_err *err)
{
	static const char sql[] = "SELECT s.network, s.link, b.* FROM breaches b"
				  " JOIN series s ON s.id = b.series WHERE b.time >= ?1 AND"
				  " b.time < ?2 AND (?3 = '' OR s.network = ?3) ORDER BY b.time";
	struct xn_store_breach breach;
	bool more = true;
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL))
		return told(store, SQLITE_ERROR, err);
	sqlite3_bind_double(stmt, 1, from);
	sqlite3_bind_double(stmt, 2, to);
	sqlite3_bind_text(stmt, 3, network, -1, SQLITE_STATIC);
	while (more && sqlite3_step(stmt) == SQLITE_ROW)
		if (take_names(stmt, breach.network, breach.link) &&
		    xn_store_read_breach(stmt, 2, &breach))
			more = fn(&breach, arg);
	return told(store, sqlite3_finalize(stmt), err);
}

double xn_store_oldest(struct xn_store *store, enum xn_level level)
{
	sqlite3_stmt *stmt;
	double time = 0;

	if (sqlite3_prepare_v2(store->db,
			       "SELECT time FROM periods WHERE key >= ? AND key < ? ORDER BY key "
			       "LIMIT 1",
			       -1, &stmt, NULL))
		return 0;
	sqlite3_bind_int64(stmt, 1, xn_store_key(level, 0, 0));
	sqlite3_bind_int64(stmt, 2, xn_store_end(level));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		time = sqlite3_column_double(stmt, 0);
	sqlite3_finalize(stmt);
	return time;
}

/* --- state --- */

double xn_store_reported(struct xn_store *store)
{
	sqlite3_stmt *stmt;
	double time = 0;

	if (sqlite3_prepare_v2(store->db, "SELECT value FROM state WHERE name = 'reported'", -1,
			       &stmt, NULL))
		return 0;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		time = sqlite3_column_double(stmt, 0);
	sqlite3_finalize(stmt);
	return time;
}

int xn_store_set_reported(struct xn_store *store, double time, struct xn_err *err)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(store->db, "INSERT OR REPLACE INTO state VALUES ('reported', ?)", -1,
			       &stmt, NULL))
		return told(store, SQLITE_ERROR, err);
	sqlite3_bind_double(stmt, 1, time);
	sqlite3_step(stmt);
	return told(store, sqlite3_finalize(stmt), err);
}
