// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of the history: keys, checksums, in and out of SQLite. */
#include <math.h>
#include <string.h>

#include "daemon/store_impl.h"

/* --- keys --- */

static uint64_t prefix(enum xn_level level)
{
	return XN_LEVELS_KEPT - 1 - level;
}

sqlite3_int64 xn_store_end(enum xn_level level)
{
	return level == XN_LEVEL_INTERVAL ? INT64_MAX : xn_store_key(level - 1, 0, 0);
}

sqlite3_int64 xn_store_key(enum xn_level level, double time, sqlite3_int64 series)
{
	uint64_t most = UINT64_C(1) << (XN_STORE_LEVEL_SHIFT - XN_STORE_SERIES_BITS);
	double ms = floor(time * 1000 + 0.5);
	uint64_t at = !(ms > 0) ? 0 : ms >= (double)most ? most - 1 : (uint64_t)ms;

	return (sqlite3_int64)(prefix(level) << XN_STORE_LEVEL_SHIFT | at << XN_STORE_SERIES_BITS |
			       (uint64_t)series);
}

/* --- checksums --- */

/* FNV-1a. */
static uint64_t hash(uint64_t sum, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* As SQLite gives it back: there is no -0. */
static uint64_t hash_real(uint64_t sum, double value)
{
	value += 0.0;
	return hash(sum, &value, sizeof(value));
}

static uint64_t begin(const char *table, sqlite3_int64 key)
{
	uint64_t sum = hash(UINT64_C(0xcbf29ce484222325), table, strlen(table));

	return hash(sum, &key, sizeof(key));
}

int64_t xn_store_sum_period(sqlite3_int64 key, double time, const struct xn_figures *period)
{
	uint64_t sum = hash_real(begin("period", key), time);

	for (size_t i = 0; i < XN_FIGURES_COUNT; i++)
		sum = hash_real(sum, ((const double *)period)[i]);
	return (int64_t)sum;
}

int64_t xn_store_sum_breach(sqlite3_int64 key, const struct xn_store_breach *b)
{
	const double figures[] = { b->time, b->seconds, b->kind, b->cause, b->worst, b->mean };
	uint64_t sum = begin("breach", key);

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		sum = hash_real(sum, figures[i]);
	return (int64_t)sum;
}

int64_t xn_store_sum_series(sqlite3_int64 id, const char *network, const char *link)
{
	uint64_t sum = begin("series", id);

	sum = hash(sum, network, strlen(network) + 1);
	return (int64_t)hash(sum, link, strlen(link) + 1);
}

/* --- statements --- */

sqlite3_stmt *xn_store_statement(struct xn_store *store, enum xn_store_statement which)
{
	static const char *const sql[XN_STORE_STATEMENTS] = {
		[XN_STORE_FIND] = "SELECT id FROM series WHERE network = ? AND link = ?",
		[XN_STORE_ENTER] = "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?)",
		[XN_STORE_COPY] = "INSERT OR REPLACE INTO series_copy VALUES (?, ?, ?, ?)",
		[XN_STORE_GET] = "SELECT * FROM periods WHERE key = ?",
		[XN_STORE_PUT] = "INSERT OR REPLACE INTO periods VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
				 "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "
				 "?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)",
		[XN_STORE_BREACH] =
			"INSERT OR REPLACE INTO breaches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
	};

	_Static_assert(XN_STORE_PERIOD_COLUMNS == 28, "columns of periods and of its statement");
	if (!store->statements[which])
		sqlite3_prepare_v3(store->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
				   &store->statements[which], NULL);
	return store->statements[which];
}

int xn_store_run(sqlite3_stmt *stmt)
{
	while (sqlite3_step(stmt) == SQLITE_ROW)
		;
	return sqlite3_reset(stmt);
}

/* --- series --- */

static sqlite3_int64 find_series(struct xn_store *store, const char *network, const char *link)
{
	sqlite3_stmt *stmt = xn_store_statement(store, XN_STORE_FIND);
	sqlite3_int64 id = 0;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, network, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, link, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		id = sqlite3_column_int64(stmt, 0);
	return sqlite3_reset(stmt) ? -1 : id;
}

static sqlite3_int64 next_series(struct xn_store *store)
{
	sqlite3_int64 id = -1;
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(store->db, "SELECT coalesce(max(id), 0) + 1 FROM series", -1, &stmt,
			       NULL))
		return -1;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		id = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return id < 1 << XN_STORE_SERIES_BITS ? id : -1;
}

/* Names are there twice, in two trees: one page that is lost would take all names. */
static int put_series(struct xn_store *store, sqlite3_int64 id, const char *network,
		      const char *link)
{
	for (int which = XN_STORE_ENTER; which <= XN_STORE_COPY; which++) {
		sqlite3_stmt *stmt = xn_store_statement(store, which);

		if (!stmt)
			return SQLITE_ERROR;
		sqlite3_bind_int64(stmt, 1, id);
		sqlite3_bind_text(stmt, 2, network, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 3, link, -1, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 4, xn_store_sum_series(id, network, link));
		if (xn_store_run(stmt))
			return SQLITE_ERROR;
	}
	return 0;
}

sqlite3_int64 xn_store_series(struct xn_store *store, const char *network, const char *link)
{
	sqlite3_int64 id = find_series(store, network, link);

	if (id)
		return id;
	id = next_series(store);
	return id > 0 && !put_series(store, id, network, link) ? id : -1;
}

/* --- periods --- */

int xn_store_put_period(struct xn_store *store, sqlite3_int64 key, double time,
			const struct xn_figures *period)
{
	sqlite3_stmt *stmt = xn_store_statement(store, XN_STORE_PUT);
	int column = 1;

	if (!stmt)
		return sqlite3_errcode(store->db);
	sqlite3_bind_int64(stmt, column++, key);
	sqlite3_bind_double(stmt, column++, time);
	for (size_t i = 0; i < XN_FIGURES_COUNT; i++)
		sqlite3_bind_double(stmt, column++, ((const double *)period)[i]);
	sqlite3_bind_int64(stmt, column, xn_store_sum_period(key, time, period));
	return xn_store_run(stmt);
}

bool xn_store_read_period(sqlite3_stmt *stmt, int column, sqlite3_int64 *key, double *time,
			  struct xn_figures *period)
{
	*key = sqlite3_column_int64(stmt, column++);
	*time = sqlite3_column_double(stmt, column++);
	for (size_t i = 0; i < XN_FIGURES_COUNT; i++)
		((double *)period)[i] = sqlite3_column_double(stmt, column++);
	return sqlite3_column_int64(stmt, column) == xn_store_sum_period(*key, *time, period) &&
	       xn_figures_valid(period);
}

int xn_store_get_period(struct xn_store *store, sqlite3_int64 key, struct xn_figures *period)
{
	sqlite3_stmt *stmt = xn_store_statement(store, XN_STORE_GET);
	sqlite3_int64 found;
	double time;
	int there = 0;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, key);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		there = xn_store_read_period(stmt, 0, &found, &time, period) ? 1 : -1;
	return sqlite3_reset(stmt) ? -1 : there;
}

/* --- breaches --- */

/* Both kinds of a series may begin at the same moment: in the place of the level is the kind. */
int xn_store_put_breach(struct xn_store *store, sqlite3_int64 series,
			const struct xn_store_breach *b)
{
	sqlite3_stmt *stmt = xn_store_statement(store, XN_STORE_BREACH);
	sqlite3_int64 key = xn_store_key((enum xn_level)b->kind, b->time, series);
	const double figures[] = { b->time, b->seconds, b->kind, b->cause, b->worst, b->mean };
	int column = 1;

	if (!stmt)
		return sqlite3_errcode(store->db);
	sqlite3_bind_int64(stmt, column++, key);
	sqlite3_bind_int64(stmt, column++, series);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		sqlite3_bind_double(stmt, column++, figures[i]);
	sqlite3_bind_int64(stmt, column, xn_store_sum_breach(key, b));
	return xn_store_run(stmt);
}

bool xn_store_read_breach(sqlite3_stmt *stmt, int column, struct xn_store_breach *b)
{
	sqlite3_int64 key = sqlite3_column_int64(stmt, column);

	b->time = sqlite3_column_double(stmt, column + 2);
	b->seconds = sqlite3_column_double(stmt, column + 3);
	b->kind = sqlite3_column_int(stmt, column + 4);
	b->cause = sqlite3_column_int(stmt, column + 5);
	b->worst = sqlite3_column_double(stmt, column + 6);
	b->mean = sqlite3_column_double(stmt, column + 7);
	return sqlite3_column_int64(stmt, column + 8) == xn_store_sum_breach(key, b);
}
