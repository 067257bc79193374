// SPDX-License-Identifier: GPL-2.0-or-later
/* The registry in an SQLite file. */
#include <errno.h>
#include <sqlite3.h>

#include "daemon/files.h"
#include "vms/db.h"

#define COLUMNS_MAX 16
#define BUSY_MS	    10000 /* other threads' transactions are short */

static const char setup[] = "PRAGMA journal_mode = WAL;"
			    "PRAGMA synchronous = FULL;";

static void *lite_connect(const char *path, struct xn_err *err)
{
	sqlite3 *db = NULL;

	if (!xn_make_parents(path, 0750) &&
	    !sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) &&
	    !sqlite3_busy_timeout(db, BUSY_MS) && !sqlite3_exec(db, setup, NULL, NULL, NULL))
		return db;
	xn_err_set(err, "registry %s: %s", path, db ? sqlite3_errmsg(db) : "can't make its folder");
	sqlite3_close(db);
	return NULL;
}

static void lite_disconnect(void *connection)
{
	sqlite3_close(connection);
}

static bool lite_alive(void *connection)
{
	(void)connection;
	return true;
}

static void tell_row(sqlite3_stmt *stmt, xn_row_fn fn, void *arg)
{
	const char *column[COLUMNS_MAX];
	int n = sqlite3_column_count(stmt);

	for (int i = 0; i < n && i < COLUMNS_MAX; i++)
		column[i] = (const char *)sqlite3_column_text(stmt, i);
	fn(arg, column);
}

static int failed(sqlite3 *db, struct xn_err *err)
{
	int code = sqlite3_extended_errcode(db);

	xn_err_set(err, "registry: %s", sqlite3_errmsg(db));
	return code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE ? -EEXIST
											: -EIO;
}

static int lite_run(void *connection, xn_row_fn fn, void *arg, const char *sql,
		    const char *const *values, size_t n, struct xn_err *err)
{
	sqlite3 *db = connection;
	sqlite3_stmt *stmt;
	int rows = 0, before = sqlite3_total_changes(db), rc;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL))
		return failed(db, err);
	for (size_t i = 0; i < n; i++)
		sqlite3_bind_text(stmt, i + 1, values[i], -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		rows++;
		if (fn)
			tell_row(stmt, fn, arg);
	}
	if (rc != SQLITE_DONE)
		rows = failed(db, err);
	sqlite3_finalize(stmt);
	return rows ? rows : sqlite3_total_changes(db) - before;
}

const struct xn_db_kind xn_db_sqlite = {
	.connect = lite_connect,
	.disconnect = lite_disconnect,
	.alive = lite_alive,
	.run = lite_run,
	.begin_write = "BEGIN IMMEDIATE",
};
