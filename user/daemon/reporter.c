// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was reported up to when is kept in the history, so that a restart neither repeats a period nor leaves one out.
 * Reports are made and written on the history's thread; what guests get comes back to the event loop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/channel.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/report.h"
#include "daemon/reporter.h"
#include "daemon/reportfile.h"

#define MISSED_MAX 31  /* periods that are reported of later, at most */
#define RETRY_SEC  600 /* after a failure */

struct xn_reporter {
	struct xn_daemon *daemon;
	double done;  /* start of the period that is on: all before are reported; 0: not known */
	double retry; /* not before, s since 1970 */
	bool busy, failed;
};

/* On the thread. */
struct job {
	enum xn_level level;
	double now;	   /* start of the period that is on */
	unsigned int keep; /* folders */
	char folder[4096];
	char guests[]; /* {NETWORK: null} of those whose guests are to get theirs, as JSON */
};

/* --- on the thread --- */

static json_t *report_of(struct xn_store *store, const char *network, double from, double to,
			 struct xn_err *err)
{
	struct xn_report_request request = { .from = from, .to = to };

	snprintf(request.network, sizeof(request.network), "%s", network);
	return xn_report_build(store, &request, err);
}

/* @answer: gets the reports of networks that are members of it already. */
static int write_network(struct xn_store *store, const char *folder, const char *network,
			 double from, double to, json_t *answer, struct xn_err *err)
{
	json_t *report = report_of(store, network, from, to, err);
	int rc = report ? xn_reportfile_write(folder, network, report, err) : -1;

	if (!rc && json_object_get(answer, network))
		json_object_set(answer, network, report);
	json_decref(report);
	return rc;
}

/* All together first: it says which networks there were. */
static int write_period(struct xn_store *store, const struct job *job, double from, double to,
			json_t *answer, struct xn_err *err)
{
	json_t *all = report_of(store, "", from, to, err), *network;
	char folder[4096 + 80], name[64];
	size_t i;
	int rc = all ? 0 : -1;

	snprintf(folder, sizeof(folder), "%s/%s", job->folder,
		 xn_reportfile_name(job->level, from, name));
	if (!rc && json_array_size(json_object_get(all, "networks"))) {
		rc = xn_reportfile_write(folder, "_all", all, err);
		if (!rc)
			xn_log(SD_INFO, "report: %s", folder);
	}
	json_array_foreach(json_object_get(all, "networks"), i, network)
		if (!rc)
			rc = write_network(store, folder,
					   json_string_value(json_object_get(network, "network")),
					   from, to, answer, err);
	json_decref(all);
	return rc;
}

static double first_missed(const struct job *job, double reported)
{
	double start = job->now;

	for (int i = 0; i < MISSED_MAX && start > reported; i++)
		start = xn_level_start(job->level, start - 1);
	return start < reported ? xn_level_start(job->level, reported) : start;
}

static json_t *query_reports(struct xn_store *store, void *arg, struct xn_err *err)
{
	struct job *job = arg;
	double reported = xn_store_reported(store), start;
	json_t *answer = json_loads(job->guests, 0, NULL);
	int rc = 0;

	if (!(reported > 0)) /* the first one is of the first whole period */
		rc = xn_store_set_reported(store, job->now, err);
	for (start = first_missed(job, reported); reported > 0 && start < job->now && !rc;) {
		double next = xn_level_next(job->level, start);

		rc = write_period(store, job, start, next, answer, err);
		if (!rc)
			rc = xn_store_set_reported(store, next, err);
		start = next;
	}
	xn_reportfile_prune(job->folder, job->level, job->keep);
	if (!rc)
		return answer;
	json_decref(answer);
	return NULL;
}

/* --- on the event loop --- */

static void on_reports(const json_t *answer, const char *err, void *arg)
{
	struct xn_reporter *reporter = arg;
	json_t *report;
	const char *network;

	reporter->busy = false;
	if (answer) {
		reporter->failed = false;
		json_object_foreach((json_t *)answer, network, report)
			if (json_is_object(report))
				xn_channel_period(reporter->daemon, network, report);
		return;
	}
	if (!reporter->failed)
		xn_log(SD_WARNING, "no report: %s: trying again", err);
	reporter->failed = true;
	reporter->retry = time(NULL) + RETRY_SEC;
	reporter->done = 0;
}

static void choose_folder(const struct xn_daemon *d, char folder[4096])
{
	const char *given = d->state->config->machine.reports.folder;
	const char *slash = strrchr(d->options.history, '/');

	if (given)
		snprintf(folder, 4096, "%s", given);
	else
		snprintf(folder, 4096, "%.*sreports",
			 slash ? (int)(slash - d->options.history + 1) : 0, d->options.history);
}

static struct job *new_job(const struct xn_daemon *d, enum xn_level level, double now)
{
	json_t *names = xn_channel_guests(d);
	char *guests = names ? json_dumps(names, JSON_COMPACT) : NULL;
	struct job *job = guests ? calloc(1, sizeof(*job) + strlen(guests) + 1) : NULL;

	if (job)
		strcpy(job->guests, guests);
	free(guests);
	json_decref(names);
	if (!job)
		return NULL;
	job->level = level;
	job->now = now;
	job->keep = d->state->config->machine.reports.keep;
	choose_folder(d, job->folder);
	return job;
}

void xn_reporter_look(struct xn_reporter *reporter)
{
	const struct xn_daemon *d = reporter ? reporter->daemon : NULL;
	enum xn_level level;
	struct job *job;
	double now = time(NULL), start;

	if (!d || !d->history || reporter->busy || now < reporter->retry)
		return;
	level = d->state->config->machine.reports.every;
	start = xn_level_start(level, now);
	if (level == XN_LEVELS || start == reporter->done)
		return;
	job = new_job(d, level, start);
	if (!job || xn_history_ask(d->history, query_reports, job, on_reports, reporter)) {
		free(job);
		return;
	}
	reporter->busy = true;
	reporter->done = start;
}

struct xn_reporter *xn_reporter_new(struct xn_daemon *d)
{
	struct xn_reporter *reporter = calloc(1, sizeof(*reporter));

	if (reporter)
		reporter->daemon = d;
	return reporter;
}

void xn_reporter_free(struct xn_reporter *reporter)
{
	free(reporter);
}
