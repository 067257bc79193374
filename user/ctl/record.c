// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl record`: every tick of one link into a series. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/recorder.h"
#include "ctl/status.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct record {
	struct xn_ctl *ctl;
	struct xn_recorder rec;
	double seconds; /* 0: until told to stop */
	bool progress;
	bool complete; /* all seconds are there */
	int code;      /* exit status */
};

static void show_progress(const struct record *r)
{
	if (r->seconds > 0)
		fprintf(stderr, "\rrecording %s: %.0f of %.0f s ", r->rec.link, r->rec.t,
			r->seconds);
	else
		fprintf(stderr, "\rrecording %s: %.0f s, Ctrl-C ends ", r->rec.link, r->rec.t);
}

/* Half a tick early is on time: the clock's last digits don't make one tick more. */
static bool is_complete(const struct record *r)
{
	return r->seconds > 0 && r->rec.ticks &&
	       r->rec.t + 0.5 * r->rec.t / (double)r->rec.ticks >= r->seconds;
}

static int on_signal(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct record *r = arg;
	json_t *status = NULL;
	struct xn_err err;

	(void)error;
	if (!sd_bus_message_is_signal(m, NULL, "Tick"))
		return 0;
	/* A daemon that went away meanwhile may come back. */
	if (xn_ctl_try(r->ctl, &err, &status, "GetStatus", ""))
		return 0;
	if (xn_recorder_feed(&r->rec, status) && r->progress)
		show_progress(r);
	json_decref(status);
	if (is_complete(r)) {
		r->complete = true;
		xn_ctl_stop(r->ctl);
	}
	return 0;
}

/* The link to record in @status: the one named, or the only one; NULL with the error told. */
static const json_t *pick_link(struct record *r, const json_t *status, const char *name)
{
	const json_t *link = xn_ctl_find_row(status, *name ? name : NULL);
	size_t n = json_array_size(json_object_get(status, "links"));

	if (!json_object_get(status, "tick"))
		r->code =
			xn_ctl_fail(r->ctl, XN_EXIT_UNREACHABLE,
				    "xnetmand is of another version than this program: restart it");
	else if (!n && !link)
		r->code = xn_ctl_fail(
			r->ctl, XN_EXIT_NOT_FOUND,
			"no links: add one with xnetman-ctl link add DEVICE capacity RATE");
	else if (!link)
		r->code = xn_ctl_fail(r->ctl, XN_EXIT_NOT_FOUND,
				      "no link %s: see xnetman-ctl link list; or write cpu or "
				      "memory",
				      name);
	else if (!*name && n > 1)
		r->code = xn_ctl_fail(r->ctl, XN_EXIT_FAILURE,
				      "record: there are %zu links: say link LINK", n);
	return r->code ? NULL : link;
}

/* Its name: new text, or NULL with the error told. */
static char *choose_link(struct record *r, const char *name)
{
	json_t *status = NULL;
	const json_t *link;
	char *chosen;

	r->code = xn_ctl_call(r->ctl, &status, "GetStatus", "");
	link = r->code ? NULL : pick_link(r, status, name);
	chosen = link ? strdup(xn_ctl_text(link, "name")) : NULL;
	json_decref(status);
	return chosen;
}

static int write_series(struct record *r, FILE *out, const char *path)
{
	struct xn_ctl *ctl = r->ctl;
	int ret;

	if (!out)
		return xn_ctl_print_json(ctl, json_incref(r->rec.series));
	ret = json_dumpf(r->rec.series, out, xn_ctl_json_flags(ctl->pretty));
	if (ret || fputc('\n', out) == EOF || fflush(out))
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s: %s", path, strerror(errno));
	if (!ctl->json)
		return XN_EXIT_OK;
	return xn_ctl_print_json(
		ctl, json_pack("{s:s, s:i, s:i, s:i}", "file", path, "ticks", (int)r->rec.ticks,
			       "intervals", (int)r->rec.intervals, "missed", (int)r->rec.missed));
}

/* Seconds after which a daemon that ticks has given all that was asked for; 0: no limit. */
static double time_limit(struct record *r)
{
	json_t *info = NULL;
	double ic;

	r->code = xn_ctl_call(r->ctl, &info, "GetInfo", "");
	ic = xn_ctl_number(info, "short_interval");
	json_decref(info);
	return r->seconds > 0 ? r->seconds + 3 * ic + 2 : 0;
}

/* What is in force now, so that the very next tick can be recorded. */
static int take_baseline(struct record *r)
{
	json_t *status = NULL;
	int code = xn_ctl_call(r->ctl, &status, "GetStatus", "");

	if (!code)
		xn_recorder_feed(&r->rec, status);
	json_decref(status);
	return code;
}

static void record(struct record *r, FILE *out, const char *path)
{
	double limit;
	int end, code = XN_EXIT_OK;

	limit = time_limit(r);
	if (!r->code)
		r->code = xn_ctl_subscribe(r->ctl, on_signal, NULL, r);
	if (!r->code)
		r->code = take_baseline(r);
	if (r->code)
		return;
	end = xn_ctl_run(r->ctl, limit);
	if (r->progress)
		fputc('\n', stderr);
	r->code = write_series(r, out, path);
	if (r->rec.missed)
		fprintf(stderr, "xnetman-ctl: record: %zu ticks were missed\n", r->rec.missed);
	/* The document is out already: nothing but text may follow. */
	if (end != XN_END_STOPPED) {
		fprintf(stderr, "xnetman-ctl: record: %s after %.6g s\n",
			end == XN_END_TIME ? "xnetmand ticks no more: what there is ends"
					   : "the connection to the bus was lost",
			r->rec.t);
		code = XN_EXIT_UNREACHABLE;
	}
	r->code = r->code ? r->code : code;
}

int xn_ctl_record(struct xn_ctl *ctl, int argc, char **argv)
{
	static const struct xn_arg keys[] = { { "seconds", XN_ARG_COUNT, false },
					      { "link", XN_ARG_TEXT, false },
					      { "output", XN_ARG_TEXT, false } };
	struct record r = { .ctl = ctl, .progress = isatty(STDERR_FILENO) };
	const char *path;
	struct xn_err err;
	json_t *args = xn_args_parse(NULL, keys, N(keys), argc, argv, &err);
	FILE *out = NULL;
	char *link;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "record: %s", err.text);
	r.seconds = xn_ctl_number(args, "seconds");
	path = xn_ctl_text(args, "output");
	link = choose_link(&r, xn_ctl_text(args, "link"));
	if (link && *path) {
		/* Now, not after an hour of recording. */
		out = fopen(path, "we");
		if (!out)
			r.code = xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s: %s", path, strerror(errno));
	}
	if (!r.code) {
		xn_recorder_init(&r.rec, link);
		record(&r, out, path);
		xn_recorder_exit(&r.rec);
	}
	if (out)
		fclose(out);
	free(link);
	json_decref(args);
	return r.code;
}
