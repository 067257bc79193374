/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registry's database: an SQLite file of this server, or a PostgreSQL server that several share.
 * Both get the same SQL, with $1, $2 ... in the order in which they are first written.
 */
#ifndef XN_VMS_DB_H
#define XN_VMS_DB_H

#include <stdbool.h>
#include <stddef.h>

#include "common/config.h" /* struct xn_err */

struct xn_db;
struct xn_tx;

/* One row: text of each column, NULL where it is null; good until the function returns. */
typedef void (*xn_row_fn)(void *arg, const char *const *column);

/**
 * xn_db_open() - open a database, or make the file
 * @uri: a path, or postgresql://...
 * @err: says which database, what is wrong and what to do
 *
 * Connections are made when they are needed, at most XN_DB_CONNECTIONS, and shared by all threads.
 *
 * Return: the database, or NULL.
 */
struct xn_db *xn_db_open(const char *uri, struct xn_err *err);
void xn_db_close(struct xn_db *db);

#define XN_DB_CONNECTIONS 8

/**
 * xn_tx_begin() - begin a transaction; waits while all connections are in use
 * @write: it will change something: SQLite then takes its one lock now, and cannot fail for it later
 *
 * Return: the transaction, or NULL with @err.
 */
struct xn_tx *xn_tx_begin(struct xn_db *db, bool write, struct xn_err *err);

/**
 * xn_tx_run() - one statement
 * @fn: gets its rows; may be NULL
 * @values: of $1 ...; NULL is null
 *
 * After an error the transaction can only be ended, and what it did is undone.
 *
 * Return: rows returned or, without any, changed; -EEXIST: a key is taken; -EIO: anything else.
 */
int xn_tx_run(struct xn_tx *tx, xn_row_fn fn, void *arg, const char *sql, const char *const *values,
	      size_t n);

/* xn_tx_run() with the values as arguments. */
#define xn_tx_do(tx, fn, arg, sql, ...)                                               \
	xn_tx_run(tx, fn, arg, sql, (const char *const[]){ NULL, ##__VA_ARGS__ } + 1, \
		  sizeof((const char *const[]){ NULL, ##__VA_ARGS__ }) / sizeof(char *) - 1)

/**
 * xn_tx_end() - commit, or roll back if a statement failed
 * @err: filled in on error with the first thing that went wrong
 *
 * Return: 0; or what the statement that failed, or the commit, returned. @tx is gone either way.
 */
int xn_tx_end(struct xn_tx *tx, struct xn_err *err);

/* Undo. */
void xn_tx_cancel(struct xn_tx *tx);

/* What a kind of database does; for db.c. */
struct xn_db_kind {
	void *(*connect)(const char *uri, struct xn_err *err);
	void (*disconnect)(void *connection);
	bool (*alive)(void *connection);
	int (*run)(void *connection, xn_row_fn fn, void *arg, const char *sql,
		   const char *const *values, size_t n, struct xn_err *err);
	const char *begin_write;
};

extern const struct xn_db_kind xn_db_sqlite, xn_db_postgres;

#endif
