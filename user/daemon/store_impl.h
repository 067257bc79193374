/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the store share: the open file and its rows (store.c, store_rows.c, store_repair.c). */
#ifndef XN_DAEMON_STORE_IMPL_H
#define XN_DAEMON_STORE_IMPL_H

#include <sqlite3.h>

#include "daemon/store.h"

/* "XNET", and which tables are in it. */
#define XN_STORE_APPLICATION 0x584e4554
#define XN_STORE_FORMAT	     2

enum xn_store_statement {
	XN_STORE_FIND,	 /* series of a network and a link */
	XN_STORE_ENTER,	 /* a new one */
	XN_STORE_COPY,	 /* the same in the second table */
	XN_STORE_GET,	 /* a period by its key */
	XN_STORE_PUT,	 /* a period */
	XN_STORE_BREACH, /* put a breach */
	XN_STORE_STATEMENTS,
};

/* Who made it; only ours is ready for use. */
enum xn_store_owner {
	XN_STORE_OURS,
	XN_STORE_NEWER,	  /* a newer xnetman */
	XN_STORE_OLDER,	  /* an older one */
	XN_STORE_FOREIGN, /* something else */
};

struct xn_store {
	sqlite3 *db;
	char *path;
	sqlite3_stmt *statements[XN_STORE_STATEMENTS];
	sqlite3_int64 page_limit; /* in force */
	enum xn_store_owner owner;
};

/*
 * Keys put what belongs together side by side: level (2 bits), ms since 1970 (42), series (19). New rows of all
 * series are next to each other, so an Il is written to few pages and the oldest go in one piece, without an index.
 * Intervals come last of all levels, as what is appended to a tree fills its pages.
 */
#define XN_STORE_SERIES_BITS 19
#define XN_STORE_LEVEL_SHIFT 61

sqlite3_int64 xn_store_key(enum xn_level level, double time, sqlite3_int64 series);
/* Behind the last key of a level. */
sqlite3_int64 xn_store_end(enum xn_level level);

/* Columns of the tables, in order, as in struct xn_figures. The last is a checksum. */
#define XN_STORE_PERIOD_COLUMNS (2 + XN_FIGURES_COUNT + 1) /* key, time, figures, sum */
#define XN_STORE_BREACH_COLUMNS 9
#define XN_STORE_SERIES_COLUMNS 4

/* Checksums: SQLite has none, and a flipped bit in a figure is a figure. */
int64_t xn_store_sum_period(sqlite3_int64 key, double time, const struct xn_figures *period);
int64_t xn_store_sum_breach(sqlite3_int64 key, const struct xn_store_breach *breach);
int64_t xn_store_sum_series(sqlite3_int64 id, const char *network, const char *link);

/* A statement, prepared at first use. NULL: the database says why not. */
sqlite3_stmt *xn_store_statement(struct xn_store *store, enum xn_store_statement which);

/* Run to its end, reset. Return: as SQLite, 0 for done. */
int xn_store_run(sqlite3_stmt *stmt);

/* Series of a network and a link, made if there is none; < 0: an error. */
sqlite3_int64 xn_store_series(struct xn_store *store, const char *network, const char *link);

/* Write one row. Return: as SQLite. */
int xn_store_put_period(struct xn_store *store, sqlite3_int64 key, double time,
			const struct xn_figures *period);
int xn_store_put_breach(struct xn_store *store, sqlite3_int64 series,
			const struct xn_store_breach *breach);
/* Return: 1: it is there, 0: it is not, < 0: an error, or what is there is damaged. */
int xn_store_get_period(struct xn_store *store, sqlite3_int64 key, struct xn_figures *period);

/* A row of a query for: key, time, figures, sum. false: its checksum is wrong. */
bool xn_store_read_period(sqlite3_stmt *stmt, int column, sqlite3_int64 *key, double *time,
			  struct xn_figures *period);
bool xn_store_read_breach(sqlite3_stmt *stmt, int column, struct xn_store_breach *breach);

/*
 * Set a file that cannot go on aside, as PATH.WORD-TIME ("damaged", "newer", "older"), begin a new one, and save into it what
 * rows can be read. Return: the new one, or NULL with @err.
 */
struct xn_store *xn_store_repair(const char *path, const char *word, const char *why,
				 struct xn_err *err);

/* Open or make the file, and no more. Return: NULL with @err. @rc: what SQLite says, or -errno. */
struct xn_store *xn_store_open_file(const char *path, int *rc, struct xn_err *err);

#endif
