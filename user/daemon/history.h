/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history seen from the event loop: what is to be kept is handed in, what is asked for comes back, and the disk is
 * waited for on a thread. A disk that is slow, full or broken loses history, never a tick.
 */
#ifndef XN_DAEMON_HISTORY_H
#define XN_DAEMON_HISTORY_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "daemon/store.h"

struct xn_history;
struct xn_history_batch;

/* Opens @path on its thread (missing folders are made), and logs what it finds there. Return: 0 or -errno. */
int xn_history_open(struct xn_history **history, const char *path, sd_event *event);

/* Everything handed in is written first. NULL is fine. */
void xn_history_close(struct xn_history *history);

/* Rows of one moment: they are added to a batch, and the batch is written at once. NULL: no memory. */
struct xn_history_batch *xn_history_batch_new(double time, size_t rows);

/* @network and @link (or "cpu", "memory") are copied. More rows than were announced are left out. */
void xn_history_batch_add(struct xn_history_batch *batch, const char *network, const char *link,
			  const struct xn_figures *period);
/* Any number. */
void xn_history_batch_breach(struct xn_history_batch *batch, const struct xn_store_breach *breach);

/* Takes the batch; @keep is copied. Too many that wait for the disk are lost (logged). */
void xn_history_write(struct xn_history *history, struct xn_history_batch *batch,
		      const struct xn_keep *keep);

/*
 * Something to be found out on the thread: returns a new reference, or NULL with @err. @arg is its own from
 * xn_history_ask() on, and freed with free().
 */
typedef json_t *(*xn_history_query_fn)(struct xn_store *store, void *arg, struct xn_err *err);

/* Gets what was found out, or NULL with @err. Called once, from the event loop. */
typedef void (*xn_history_fn)(const json_t *answer, const char *err, void *arg);

/* Return: 0; or -ENOMEM: then @fn is not called, and @query_arg is still the caller's. */
int xn_history_ask(struct xn_history *history, xn_history_query_fn query, void *query_arg,
		   xn_history_fn fn, void *arg);

/**
 * xn_history_read() - the last long intervals, as the records of doc/dbus.md (GetHistory)
 * @network: its name, "" for all
 * @link: its name, "cpu" or "memory", "" for all
 * @count: at most so many rows
 *
 * Return: as xn_history_ask().
 */
int xn_history_read(struct xn_history *history, const char *network, const char *link,
		    int64_t count, xn_history_fn fn, void *arg);

#endif
