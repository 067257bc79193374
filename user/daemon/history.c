// SPDX-License-Identifier: GPL-2.0-or-later
/* The SQLite file is opened at start and from then on only touched on the worker. */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/resource.h"
#include "daemon/files.h"
#include "daemon/history.h"
#include "daemon/log.h"
#include "daemon/worker.h"

#define NAME_SIZE   64
#define BACKLOG_MAX 64 /* batches waiting for the disk */

struct xn_history {
	sqlite3 *db;
	struct xn_worker *worker;
	bool failed; /* worker's: the last write did; told once */
	bool behind; /* event loop's: batches are being lost; told once */
};

struct row {
	char network[NAME_SIZE];
	char link[NAME_SIZE];
	struct xn_verdict verdict;
	double punished;
};

struct xn_history_batch {
	struct xn_job job;
	struct xn_history *history;
	double time;
	size_t n, max;
	struct row rows[];
};

struct query {
	struct xn_job job;
	struct xn_history *history;
	char network[NAME_SIZE];
	char link[NAME_SIZE];
	int64_t count;
	xn_history_fn fn;
	void *arg;
	json_t *rows;
	char err[256];
};

/*
 * `link` is a row's name: of a link, or cpu or memory, which no link is called. demand_bps and
 * throughput_bps are in the unit of its resource: files from before there were others stay as they are.
 */
static const char schema[] =
	"PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = NORMAL;"
	"CREATE TABLE IF NOT EXISTS intervals ("
	" id INTEGER PRIMARY KEY, time REAL NOT NULL, network TEXT NOT NULL, link TEXT NOT NULL,"
	" demand_bps REAL NOT NULL, throughput_bps REAL NOT NULL, ec_mean REAL NOT NULL,"
	" el REAL NOT NULL, conformity REAL NOT NULL, punished REAL NOT NULL);"
	"CREATE INDEX IF NOT EXISTS intervals_network ON intervals (network, link, id);";

static const char insert_sql[] =
	"INSERT INTO intervals (time, network, link, demand_bps, throughput_bps, ec_mean, el,"
	" conformity, punished) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

static const char prune_sql[] =
	"DELETE FROM intervals WHERE id <= (SELECT max(id) FROM intervals) - ?";

static const char select_sql[] =
	"SELECT time, network, link, demand_bps, throughput_bps, ec_mean, el, conformity, punished"
	" FROM intervals WHERE (?1 = '' OR network = ?1) AND (?2 = '' OR link = ?2)"
	" ORDER BY id DESC LIMIT ?3";

struct xn_history *xn_history_open(const char *path, sd_event *event, struct xn_err *err)
{
	struct xn_history *history = calloc(1, sizeof(*history));
	int rc;

	if (!history) {
		xn_err_set(err, "%s: no memory", path);
		return NULL;
	}
	if (xn_make_parents(path, 0755) ||
	    sqlite3_open_v2(path, &history->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL)) {
		xn_err_set(err, "%s: %s", path,
			   history->db ? sqlite3_errmsg(history->db) : strerror(errno));
		goto err_db;
	}
	sqlite3_busy_timeout(history->db, 5000);
	if (sqlite3_exec(history->db, schema, NULL, NULL, NULL)) {
		xn_err_set(err, "%s: %s: move the file away or give another --history", path,
			   sqlite3_errmsg(history->db));
		goto err_db;
	}
	rc = xn_worker_new(&history->worker, event);
	if (rc) {
		xn_err_set(err, "%s: %s", path, strerror(-rc));
		goto err_db;
	}
	return history;

err_db:
	sqlite3_close(history->db);
	free(history);
	return NULL;
}

void xn_history_close(struct xn_history *history)
{
	if (!history)
		return;
	xn_worker_free(history->worker);
	sqlite3_close(history->db);
	free(history);
}

struct xn_history_batch *xn_history_batch_new(double time, size_t rows)
{
	struct xn_history_batch *batch = malloc(sizeof(*batch) + rows * sizeof(batch->rows[0]));

	if (!batch)
		return NULL;
	batch->time = time;
	batch->n = 0;
	batch->max = rows;
	return batch;
}

static void set_name(char *to, const char *name)
{
	size_t n = strnlen(name, NAME_SIZE - 1);

	memcpy(to, name, n);
	to[n] = '\0';
}

void xn_history_batch_add(struct xn_history_batch *batch, const char *network, const char *link,
			  const struct xn_verdict *verdict, double punished)
{
	struct row *row = &batch->rows[batch->n];

	if (batch->n == batch->max)
		return;
	set_name(row->network, network);
	set_name(row->link, link);
	row->verdict = *verdict;
	row->punished = punished;
	batch->n++;
}

static int insert_row(sqlite3_stmt *stmt, double time, const struct row *row)
{
	const struct xn_verdict *v = &row->verdict;
	const double figures[] = { v->demand, v->through,    v->ec_mean,
				   v->el,     v->conformity, row->punished };

	sqlite3_bind_double(stmt, 1, time);
	sqlite3_bind_text(stmt, 2, row->network, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, row->link, -1, SQLITE_STATIC);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		sqlite3_bind_double(stmt, 4 + i, figures[i]);
	sqlite3_step(stmt);
	return sqlite3_reset(stmt);
}

static int insert_rows(sqlite3 *db, const struct xn_history_batch *batch)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, insert_sql, -1, &stmt, NULL);

	for (size_t i = 0; i < batch->n && !rc; i++)
		rc = insert_row(stmt, batch->time, &batch->rows[i]);
	sqlite3_finalize(stmt);
	return rc;
}

static int prune(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, prune_sql, -1, &stmt, NULL);

	if (rc)
		return rc;
	sqlite3_bind_int64(stmt, 1, XN_HISTORY_ROWS);
	sqlite3_step(stmt);
	return sqlite3_finalize(stmt);
}

static void run_write(struct xn_job *job)
{
	struct xn_history_batch *batch = (struct xn_history_batch *)job;
	struct xn_history *history = batch->history;
	sqlite3 *db = history->db;
	bool failed;

	failed = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) || insert_rows(db, batch) ||
		 prune(db) || sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (failed && !history->failed)
		xn_log(SD_WARNING, "history is not being written: %s", sqlite3_errmsg(db));
	if (!failed && history->failed)
		xn_log(SD_NOTICE, "history is being written again");
	if (failed && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	history->failed = failed;
}

static void done_write(struct xn_job *job)
{
	free(job);
}

void xn_history_write(struct xn_history *history, struct xn_history_batch *batch)
{
	bool behind = xn_worker_pending(history->worker) >= BACKLOG_MAX;

	if (behind && !history->behind)
		xn_log(SD_WARNING, "history: the disk is too slow, intervals are being lost");
	history->behind = behind;
	if (behind) {
		free(batch);
		return;
	}
	batch->history = history;
	batch->job.run = run_write;
	batch->job.done = done_write;
	xn_worker_submit(history->worker, &batch->job);
}

/* Rates are in the unit of the row's resource, which its key names. */
static json_t *row_json(sqlite3_stmt *stmt)
{
	const char *row = (const char *)sqlite3_column_text(stmt, 2);
	enum xn_resource_kind kind = xn_resource_of_row(row ? row : "");
	char demand[XN_RESOURCE_KEY], through[XN_RESOURCE_KEY];

	return json_pack(
		"{sf ss ss ss sf sf sf sf sf sf}", "time", sqlite3_column_double(stmt, 0),
		"network", sqlite3_column_text(stmt, 1), "link", row, "resource",
		xn_quantities[kind].name, xn_resource_key(kind, "demand", demand),
		sqlite3_column_double(stmt, 3), xn_resource_key(kind, "throughput", through),
		sqlite3_column_double(stmt, 4), "ec_mean", sqlite3_column_double(stmt, 5), "el",
		sqlite3_column_double(stmt, 6), "conformity", sqlite3_column_double(stmt, 7),
		"punished", sqlite3_column_double(stmt, 8));
}

/* Newest come first out of the file, and last out of here. */
static void reverse(json_t *rows)
{
	size_t n = json_array_size(rows);

	for (size_t i = 0; i < n / 2; i++) {
		json_t *a = json_incref(json_array_get(rows, i));
		json_t *b = json_incref(json_array_get(rows, n - 1 - i));

		json_array_set_new(rows, i, b);
		json_array_set_new(rows, n - 1 - i, a);
	}
}

static void run_query(struct xn_job *job)
{
	struct query *query = (struct query *)job;
	sqlite3 *db = query->history->db;
	sqlite3_stmt *stmt;
	int rc = sqlite3_prepare_v2(db, select_sql, -1, &stmt, NULL);

	query->rows = json_array();
	if (!rc) {
		sqlite3_bind_text(stmt, 1, query->network, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, query->link, -1, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 3, query->count);
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			json_array_append_new(query->rows, row_json(stmt));
		rc = sqlite3_finalize(stmt);
	}
	if (rc)
		snprintf(query->err, sizeof(query->err), "history: %s", sqlite3_errmsg(db));
	reverse(query->rows);
}

static void done_query(struct xn_job *job)
{
	struct query *query = (struct query *)job;
	bool ok = !query->err[0];

	query->fn(ok ? query->rows : NULL, ok ? NULL : query->err, query->arg);
	json_decref(query->rows);
	free(query);
}

int xn_history_read(struct xn_history *history, const char *network, const char *link,
		    int64_t count, xn_history_fn fn, void *arg)
{
	struct query *query = calloc(1, sizeof(*query));

	if (!query)
		return -ENOMEM;
	query->job.run = run_query;
	query->job.done = done_query;
	query->history = history;
	set_name(query->network, network);
	set_name(query->link, link);
	query->count = count;
	query->fn = fn;
	query->arg = arg;
	xn_worker_submit(history->worker, &query->job);
	return 0;
}
