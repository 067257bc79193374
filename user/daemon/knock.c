// SPDX-License-Identifier: GPL-2.0-or-later
/* Asking xenstored and mapping a ring may take time: a thread does it, one domain after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knock.h"
#include "daemon/log.h"
#include "daemon/worker.h"

#define DOMAINS_MAX 256 /* in one go */
#define CLOSE_MS    1000

struct xn_knocker {
	struct xn_sessions *sessions;
	struct xn_worker *worker;
	sd_event_source *timer;
	xn_knock_fn next;
	void *arg;
	bool closing;
	char told[512]; /* the last error, which is told once */
};

struct knock_job {
	struct xn_job job;
	struct xn_knocker *knocker;
	uint32_t domid;
	struct xn_transport *transport;
	int error;
	struct xn_err err;
};

static void knock(struct xn_job *job)
{
	struct knock_job *k = (struct knock_job *)job;

	k->transport = xn_vchan_client(k->domid, &k->err);
	k->error = k->transport ? 0 : errno;
}

static void tell(struct xn_knocker *knocker, const struct knock_job *k)
{
	if (k->error == ENOENT || !strcmp(knocker->told, k->err.text))
		return;
	strcpy(knocker->told, k->err.text);
	xn_log(SD_WARNING, "channel: %s", k->err.text);
}

static void knocked(struct xn_job *job)
{
	struct knock_job *k = (struct knock_job *)job;
	uint8_t source[16] = "domid";

	memcpy(source + 8, &k->domid, sizeof(k->domid));
	if (k->transport && k->knocker->closing)
		k->transport->ops->close(k->transport);
	else if (k->transport)
		xn_sessions_add(k->knocker->sessions, k->transport, source);
	else
		tell(k->knocker, k);
	free(k);
}

static void submit(struct xn_knocker *knocker, uint32_t domid)
{
	struct knock_job *k = calloc(1, sizeof(*k));

	if (!k)
		return;
	k->job.run = knock;
	k->job.done = knocked;
	k->knocker = knocker;
	k->domid = domid;
	xn_worker_submit(knocker->worker, &k->job);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_knocker *knocker = arg;
	uint32_t domid;

	(void)usec;
	if (!xn_worker_pending(knocker->worker))
		for (size_t n = 0; n < DOMAINS_MAX && knocker->next(n, &domid, knocker->arg); n++)
			submit(knocker, domid);
	sd_event_source_set_time_relative(source, XN_KNOCK_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int xn_knocker_open(struct xn_knocker **out, sd_event *event, struct xn_sessions *sessions,
		    xn_knock_fn next, void *arg)
{
	struct xn_knocker *knocker = calloc(1, sizeof(*knocker));
	int rc;

	if (!knocker)
		return -ENOMEM;
	knocker->sessions = sessions;
	knocker->next = next;
	knocker->arg = arg;
	rc = xn_worker_new(&knocker->worker, event);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &knocker->timer, CLOCK_MONOTONIC,
						XN_KNOCK_USEC, 0, on_timer, knocker);
	if (rc < 0) {
		xn_knocker_close(knocker);
		return rc;
	}
	*out = knocker;
	return 0;
}

void xn_knocker_close(struct xn_knocker *knocker)
{
	if (!knocker)
		return;
	sd_event_source_disable_unref(knocker->timer);
	knocker->closing = true;
	if (knocker->worker && !xn_worker_wait(knocker->worker, CLOSE_MS))
		return; /* the thread still uses it, and ends with the process */
	xn_worker_free(knocker->worker);
	free(knocker);
}
