/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SQLite file of the history: how every network fared with every resource, by long interval, hour, day and month,
 * and breaches of SLAs. Bounded in size and age. Everything here may wait for the disk: it is for a worker's thread.
 *
 * A file that is damaged is kept beside under another name, and what can be read of it goes on in a new one.
 */
#ifndef XN_DAEMON_STORE_H
#define XN_DAEMON_STORE_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/config.h"
#include "core/figures.h"

#define XN_STORE_NAME 64 /* bytes of a name, with the NUL */

/* One network on one resource (a link's name, "cpu", "memory"). */
struct xn_store_row {
	char network[XN_STORE_NAME];
	char link[XN_STORE_NAME];
	double time; /* s since 1970: end of a long interval, start of the other periods */
	struct xn_figures period;
};

enum xn_breach_kind {
	XN_BREACH_SHORT, /* rc + re, in some short intervals in a row */
	XN_BREACH_LONG,	 /* rl, in a long interval; also one that is no breach, by its cause */
};

struct xn_store_breach {
	char network[XN_STORE_NAME];
	char link[XN_STORE_NAME];
	double time; /* when it began, s since 1970 */
	double seconds;
	enum xn_breach_kind kind;
	enum xn_cause cause;
	double worst, mean; /* of the error */
};

struct xn_store;

/**
 * xn_store_open() - open the file, make it if there is none, repair it if it is damaged
 * @path: missing folders are made
 * @stop: checking a large file ends early when it turns true
 *
 * What was found is logged. Return: NULL with @err: it cannot be used now, and is as it was.
 */
struct xn_store *xn_store_open(const char *path, const atomic_bool *stop, struct xn_err *err);
/* NULL is fine. */
void xn_store_close(struct xn_store *store);

/**
 * xn_store_write() - long intervals that ended and breaches that are over, all or nothing
 * @kept: bounds of what is kept; what is older or too much goes
 *
 * Return: 0, or -EIO with @err; -EUCLEAN: the file turned out to be damaged: close it and open it again.
 */
int xn_store_write(struct xn_store *store, const struct xn_store_row *rows, size_t n,
		   const struct xn_store_breach *breaches, size_t n_breaches,
		   const struct xn_keep *kept, struct xn_err *err);

/* Called for each, in the order that is asked for. Return: false: enough. */
typedef bool (*xn_store_row_fn)(const struct xn_store_row *row, void *arg);
typedef bool (*xn_store_breach_fn)(const struct xn_store_breach *breach, void *arg);

/* Rows of a level with @from <= time < @to (of intervals: @from < time <= @to), oldest first. "": all. Return: as write. */
int xn_store_periods(struct xn_store *store, enum xn_level level, const char *network, double from,
		     double to, xn_store_row_fn fn, void *arg, struct xn_err *err);

/* Long intervals, newest first. "": all. Return: as write. */
int xn_store_newest(struct xn_store *store, const char *network, const char *link,
		    xn_store_row_fn fn, void *arg, struct xn_err *err);

/* Breaches that began in @from <= time < @to, oldest first. Return: as write. */
int xn_store_breaches(struct xn_store *store, const char *network, double from, double to,
		      xn_store_breach_fn fn, void *arg, struct xn_err *err);

/* The oldest row of a level, s since 1970; 0: there is none. */
double xn_store_oldest(struct xn_store *store, enum xn_level level);

/* Up to when periods were reported of, s since 1970; 0: never. */
double xn_store_reported(struct xn_store *store);
int xn_store_set_reported(struct xn_store *store, double time, struct xn_err *err);

#endif
