// SPDX-License-Identifier: GPL-2.0-or-later
/* The store is opened, used and closed on the worker's thread, but for the last close. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/resource.h"
#include "daemon/history.h"
#include "daemon/log.h"
#include "daemon/worker.h"

#define BACKLOG_MAX  64	  /* batches waiting for the disk */
#define BREACHES_MAX 4096 /* of a batch */
#define RETRY_SEC    30	  /* between attempts to open a file that can't be */

struct xn_history {
	struct xn_worker *worker;
	char *path;
	atomic_bool stop; /* the daemon ends: what takes long may stay undone */
	bool behind;	  /* event loop's: batches are being lost; told once */

	/* the thread's */
	struct xn_store *store; /* NULL: it could not be opened */
	time_t tried;		/* when it was tried last, s, CLOCK_MONOTONIC */
	bool failed;		/* the last write did; told once */
};

struct xn_history_batch {
	struct xn_job job;
	struct xn_history *history;
	struct xn_keep keep;
	double time;
	struct xn_store_breach *breaches;
	size_t n_breaches, max_breaches;
	size_t n, max;
	struct xn_store_row rows[];
};

struct query {
	struct xn_job job;
	struct xn_history *history;
	xn_history_query_fn query;
	void *query_arg;
	xn_history_fn fn;
	void *arg;
	json_t *answer;
	struct xn_err err;
};

/* --- on the thread --- */

static void tell_failure(struct xn_history *history, const char *why)
{
	if (!history->failed)
		xn_log(SD_WARNING, "history is not being written: %s", why);
	history->failed = true;
}

/* Return: is it open? */
static bool open_store(struct xn_history *history, struct xn_err *err)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	xn_err_set(err, "%s can't be opened: the daemon's log says why", history->path);
	if (!history->store && (!history->tried || now.tv_sec >= history->tried + RETRY_SEC)) {
		history->tried = now.tv_sec;
		history->store = xn_store_open(history->path, &history->stop, err);
		if (!history->store)
			tell_failure(history, err->text);
	}
	return history->store;
}

static int write_batch(const struct xn_history_batch *batch, struct xn_err *err)
{
	return xn_store_write(batch->history->store, batch->rows, batch->n, batch->breaches,
			      batch->n_breaches, &batch->keep, err);
}

/* A file that turns out to be damaged is repaired by opening it again. */
static int write_or_repair(const struct xn_history_batch *batch, struct xn_err *err)
{
	struct xn_history *history = batch->history;
	int rc = write_batch(batch, err);

	if (rc != -EUCLEAN)
		return rc;
	xn_store_close(history->store);
	history->store = NULL;
	history->tried = 0;
	return open_store(history, err) ? write_batch(batch, err) : -EIO;
}

static void run_write(struct xn_job *job)
{
	struct xn_history_batch *batch = (struct xn_history_batch *)job;
	struct xn_history *history = batch->history;
	struct xn_err err;

	if (!open_store(history, &err))
		return;
	if (write_or_repair(batch, &err)) {
		tell_failure(history, err.text);
		return;
	}
	if (history->failed)
		xn_log(SD_NOTICE, "history is being written again");
	history->failed = false;
}

static void run_query(struct xn_job *job)
{
	struct query *query = (struct query *)job;

	if (open_store(query->history, &query->err))
		query->answer = query->query(query->history->store, query->query_arg, &query->err);
}

static void run_open(struct xn_job *job)
{
	struct xn_err err;

	open_store(((struct query *)job)->history, &err);
}

/* --- on the event loop --- */

static void done_open(struct xn_job *job)
{
	free(job);
}

int xn_history_open(struct xn_history **out, const char *path, sd_event *event)
{
	struct xn_history *history = calloc(1, sizeof(*history));
	struct query *first = calloc(1, sizeof(*first));
	int rc = -ENOMEM;

	if (!history || !first)
		goto err_memory;
	history->path = strdup(path);
	if (!history->path)
		goto err_memory;
	rc = xn_worker_new(&history->worker, event);
	if (rc)
		goto err_path;
	first->job.run = run_open;
	first->job.done = done_open;
	first->history = history;
	xn_worker_submit(history->worker, &first->job);
	*out = history;
	return 0;

err_path:
	free(history->path);
err_memory:
	free(first);
	free(history);
	return rc;
}

void xn_history_close(struct xn_history *history)
{
	if (!history)
		return;
	atomic_store(&history->stop, true);
	xn_worker_free(history->worker);
	xn_store_close(history->store);
	free(history->path);
	free(history);
}

struct xn_history_batch *xn_history_batch_new(double time, size_t rows)
{
	struct xn_history_batch *batch = malloc(sizeof(*batch) + rows * sizeof(batch->rows[0]));

	if (!batch)
		return NULL;
	memset(batch, 0, sizeof(*batch));
	batch->time = time;
	batch->max = rows;
	return batch;
}

static void batch_free(struct xn_history_batch *batch)
{
	free(batch->breaches);
	free(batch);
}

void xn_history_batch_add(struct xn_history_batch *batch, const char *network, const char *link,
			  const struct xn_figures *period)
{
	struct xn_store_row *row = &batch->rows[batch->n];

	if (batch->n == batch->max)
		return;
	snprintf(row->network, sizeof(row->network), "%s", network);
	snprintf(row->link, sizeof(row->link), "%s", link);
	row->time = batch->time;
	row->period = *period;
	batch->n++;
}

void xn_history_batch_breach(struct xn_history_batch *batch, const struct xn_store_breach *breach)
{
	struct xn_store_breach *more = batch->breaches;

	if (batch->n_breaches == batch->max_breaches) {
		size_t max = batch->max_breaches ? 2 * batch->max_breaches : 16;

		if (max > BREACHES_MAX)
			return;
		more = reallocarray(more, max, sizeof(*more));
		if (!more)
			return;
		batch->breaches = more;
		batch->max_breaches = max;
	}
	more[batch->n_breaches++] = *breach;
}

static void done_write(struct xn_job *job)
{
	batch_free((struct xn_history_batch *)job);
}

void xn_history_write(struct xn_history *history, struct xn_history_batch *batch,
		      const struct xn_keep *keep)
{
	bool behind = xn_worker_pending(history->worker) >= BACKLOG_MAX;

	if (behind && !history->behind)
		xn_log(SD_WARNING, "history: the disk is too slow, intervals are being lost");
	history->behind = behind;
	if (behind) {
		batch_free(batch);
		return;
	}
	batch->history = history;
	batch->keep = *keep;
	batch->job.run = run_write;
	batch->job.done = done_write;
	xn_worker_submit(history->worker, &batch->job);
}

static void done_query(struct xn_job *job)
{
	struct query *query = (struct query *)job;

	query->fn(query->answer, query->answer ? NULL : query->err.text, query->arg);
	json_decref(query->answer);
	free(query->query_arg);
	free(query);
}

int xn_history_ask(struct xn_history *history, xn_history_query_fn ask, void *query_arg,
		   xn_history_fn fn, void *arg)
{
	struct query *query = calloc(1, sizeof(*query));

	if (!query)
		return -ENOMEM;
	query->job.run = run_query;
	query->job.done = done_query;
	query->history = history;
	query->query = ask;
	query->query_arg = query_arg;
	query->fn = fn;
	query->arg = arg;
	xn_worker_submit(history->worker, &query->job);
	return 0;
}

/* --- the last intervals --- */

struct last {
	char network[XN_STORE_NAME], link[XN_STORE_NAME];
	size_t count;
	json_t *rows;
};

/* Rates are in the unit of the row's resource, which its key names. */
static json_t *row_json(const struct xn_store_row *row)
{
	enum xn_resource_kind kind = xn_resource_of_row(row->link);
	const struct xn_figures *p = &row->period;
	char demand[XN_RESOURCE_KEY], through[XN_RESOURCE_KEY];

	return json_pack("{sf sf ss ss ss sf sf sf sf sf sf sf sI sI}", "time", row->time,
			 "seconds", p->seconds, "network", row->network, "link", row->link,
			 "resource", xn_quantities[kind].name,
			 xn_resource_key(kind, "demand", demand), xn_figures_demand(p),
			 xn_resource_key(kind, "throughput", through), xn_figures_through(p),
			 "ec_mean", xn_figures_ec(p), "el", xn_figures_el(p), "conformity",
			 xn_figures_c(p), "punished", xn_figures_punished(p), "depth",
			 xn_figures_depth(p), "breaches_short", (json_int_t)p->breaches_short,
			 "breaches_long", (json_int_t)p->breaches_long);
}

static bool on_last(const struct xn_store_row *row, void *arg)
{
	struct last *last = arg;

	json_array_append_new(last->rows, row_json(row));
	return json_array_size(last->rows) < last->count;
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

static json_t *query_last(struct xn_store *store, void *arg, struct xn_err *err)
{
	struct last *last = arg;

	last->rows = json_array();
	if (xn_store_newest(store, last->network, last->link, on_last, last, err)) {
		json_decref(last->rows);
		return NULL;
	}
	reverse(last->rows);
	return last->rows;
}

int xn_history_read(struct xn_history *history, const char *network, const char *link,
		    int64_t count, xn_history_fn fn, void *arg)
{
	struct last *last = calloc(1, sizeof(*last));
	int rc = -ENOMEM;

	if (!last)
		return rc;
	snprintf(last->network, sizeof(last->network), "%s", network);
	snprintf(last->link, sizeof(last->link), "%s", link);
	last->count = count;
	rc = xn_history_ask(history, query_last, last, fn, arg);
	if (rc)
		free(last);
	return rc;
}
