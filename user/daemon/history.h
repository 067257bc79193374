/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every closed long interval was like, in an SQLite file; written and read on a worker. */
#ifndef XN_DAEMON_HISTORY_H
#define XN_DAEMON_HISTORY_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "common/config.h"
#include "core/conformity.h"

/* The file keeps this many rows (one is one network on one resource in one Il), the newest. */
#define XN_HISTORY_ROWS 5000000

struct xn_history;
struct xn_history_batch;

/**
 * xn_history_open() - open or make the file
 * @path: of the file; missing folders are made
 *
 * Return: the history, or NULL.
 */
struct xn_history *xn_history_open(const char *path, sd_event *event, struct xn_err *err);

/* Everything handed in is written first. NULL is fine. */
void xn_history_close(struct xn_history *history);

/* One closed Il: rows are added to a batch, and the batch is written at once. NULL: no memory. */
struct xn_history_batch *xn_history_batch_new(double time, size_t rows);

/* @network and @link (or "cpu", "memory") are copied; @punished is the share of ticks with a punishment. */
void xn_history_batch_add(struct xn_history_batch *batch, const char *network, const char *link,
			  const struct xn_verdict *verdict, double punished);

/* Takes the batch. A disk that is too slow loses batches (logged), never ticks. */
void xn_history_write(struct xn_history *history, struct xn_history_batch *batch);

/* Gets the rows, as the records of doc/dbus.md, or NULL with @err. */
typedef void (*xn_history_fn)(const json_t *rows, const char *err, void *arg);

/**
 * xn_history_read() - the last intervals
 * @network: its name, "" for all
 * @link: its name, "cpu" or "memory", "" for all
 * @count: at most so many rows
 * @fn: called once, from the event loop
 *
 * Return: 0 or -ENOMEM; then @fn is not called.
 */
int xn_history_read(struct xn_history *history, const char *network, const char *link,
		    int64_t count, xn_history_fn fn, void *arg);

#endif
