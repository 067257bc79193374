/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread for what may block (disk, xenstored), so that the event loop never does. */
#ifndef XN_DAEMON_WORKER_H
#define XN_DAEMON_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>

struct xn_worker;

/* One piece of work; embed it. */
struct xn_job {
	void (*run)(struct xn_job *job);  /* on the thread */
	void (*done)(struct xn_job *job); /* on the event loop, after run; frees the job */
	struct xn_job *next;
};

/* Return: 0 or -errno. */
int xn_worker_new(struct xn_worker **worker, sd_event *event);

/* Runs everything submitted, then ends the thread. NULL is fine. */
void xn_worker_free(struct xn_worker *worker);

/* Wait until every job submitted is done, at most @ms. Return: so it is. */
bool xn_worker_wait(struct xn_worker *worker, int ms);

/* Jobs run one after the other, in this order. */
void xn_worker_submit(struct xn_worker *worker, struct xn_job *job);

/* Jobs submitted and not done yet. */
size_t xn_worker_pending(const struct xn_worker *worker);

#endif
