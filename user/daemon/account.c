// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing the account on a worker and reading it back at start. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/account.h"
#include "daemon/files.h"
#include "daemon/log.h"

#define FORMAT 1

/* A rate over less time than this says little, ns. */
#define MEASURABLE (XN_NS / 10)

/* A copy of everything, so that the worker reads nothing the event loop may change. */
struct save {
	struct xn_job job;
	char *path;
	struct xn_account_base base;
	char **nets;
	char **rows;
	size_t n_nets, n_rows;
	struct xn_pair *pairs;
};

int xn_account_boot(struct xn_account_base *base)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, base->boot, sizeof(base->boot) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	base->boot[n] = '\0';
	base->boot[strcspn(base->boot, "\n")] = '\0';
	return 0;
}

static json_t *verdict_json(const struct xn_verdict *v)
{
	return json_pack("{sf sf sf sf sf}", "demand", v->demand, "through", v->through, "ec_mean",
			 v->ec_mean, "el", v->el, "conformity", v->conformity);
}

static json_t *tally_json(const struct xn_tally *tally)
{
	json_t *json = json_array();

	for (size_t i = 0; i < XN_TALLY_FIGURES; i++)
		json_array_append_new(json, json_real(((const double *)tally)[i]));
	return json;
}

/* What the account goes by, and what it went by before in this Il. */
static json_t *sla_json(const struct xn_pair *p)
{
	return json_pack("{sf sf sf sf sb sf sf sf}", "rc", p->sla.rc, "re", p->sla.re, "rl",
			 p->sla.rl, "rmax", p->sla.rmax, "restricted", (int)p->sla.restricted,
			 "past_g", p->past.g, "past_rl", p->past.rl, "past_rmax", p->past.rmax);
}

static json_t *pair_json(const char *network, const char *row, const struct xn_pair *p)
{
	json_t *json = json_pack(
		"{ss ss sI sI sI sI sI sI sI sI sf sf sf sI so}", "network", network, "link", row,
		"net_id", (json_int_t)p->net_id, "ifindex", (json_int_t)p->ifindex, "since",
		(json_int_t)p->since, "time", (json_int_t)p->last.time, "offered_bytes",
		(json_int_t)p->last.offered, "offered_packets", (json_int_t)p->last.offered_packets,
		"dropped_bytes", (json_int_t)p->last.dropped, "dropped_packets",
		(json_int_t)p->last.dropped_packets, "offered", p->acc.offered, "used", p->acc.used,
		"ec_sum", p->acc.ec_sum, "ticks", (json_int_t)p->acc.ticks, "tally",
		tally_json(&p->tally));

	if (json && p->has_sla)
		json_object_set_new(json, "sla", sla_json(p));
	if (json && p->total)
		json_object_set_new(json, "total", json_integer(p->total));
	if (json && p->judged)
		json_object_set_new(json, "verdict", verdict_json(&p->verdict));
	return json;
}

static json_t *save_json(const struct save *save)
{
	json_t *shares = json_array();

	for (size_t r = 0; r < save->n_rows; r++)
		for (size_t n = 0; n < save->n_nets; n++) {
			const struct xn_pair *pair = &save->pairs[r * save->n_nets + n];

			if (pair->known)
				json_array_append_new(
					shares, pair_json(save->nets[n], save->rows[r], pair));
		}
	return json_pack("{si ss sI sI so}", "format", FORMAT, "boot", save->base.boot,
			 "generation", (json_int_t)save->base.generation, "start",
			 (json_int_t)save->base.start, "shares", shares);
}

static void run_save(struct xn_job *job)
{
	struct save *save = (struct save *)job;
	json_t *json = save_json(save);
	char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
	int rc = text ? xn_write_file(save->path, text, strlen(text), 0600) : -ENOMEM;

	if (rc)
		xn_log(SD_WARNING, "%s: %s: the account would not survive a restart", save->path,
		       strerror(-rc));
	free(text);
	json_decref(json);
}

static void free_names(char **names, size_t n)
{
	for (size_t i = 0; names && i < n; i++)
		free(names[i]);
	free(names);
}

static void done_save(struct xn_job *job)
{
	struct save *save = (struct save *)job;

	free_names(save->nets, save->n_nets);
	free_names(save->rows, save->n_rows);
	free(save->pairs);
	free(save->path);
	free(save);
}

static int copy_names(struct save *save, const struct xn_state *state)
{
	save->nets = calloc(state->n_nets + 1, sizeof(*save->nets));
	save->rows = calloc(state->n_rows + 1, sizeof(*save->rows));
	if (!save->nets || !save->rows)
		return -ENOMEM;
	for (; save->n_nets < state->n_nets; save->n_nets++) {
		save->nets[save->n_nets] = strdup(state->nets[save->n_nets].def->name);
		if (!save->nets[save->n_nets])
			return -ENOMEM;
	}
	for (; save->n_rows < state->n_rows; save->n_rows++) {
		save->rows[save->n_rows] = strdup(state->rows[save->n_rows].name);
		if (!save->rows[save->n_rows])
			return -ENOMEM;
	}
	return 0;
}

int xn_account_save(struct xn_worker *worker, const char *path, const struct xn_account_base *base,
		    const struct xn_state *state)
{
	size_t size = state->n_nets * state->n_rows * sizeof(struct xn_pair);
	struct save *save = calloc(1, sizeof(*save));

	if (!save)
		return -ENOMEM;
	save->base = *base;
	save->path = strdup(path);
	save->pairs = malloc(size + 1);
	if (!save->path || !save->pairs || copy_names(save, state)) {
		done_save(&save->job);
		return -ENOMEM;
	}
	memcpy(save->pairs, state->pairs, size);
	save->job.run = run_save;
	save->job.done = done_save;
	xn_worker_submit(worker, &save->job);
	return 0;
}

/* One share of the file. */
struct saved {
	const char *network, *row;
	struct xn_pair pair;
};

static int read_verdict(json_t *json, struct xn_pair *pair)
{
	struct xn_verdict *v = &pair->verdict;

	pair->judged = json != NULL;
	if (!json)
		return 0;
	return json_unpack(json, "{sF sF sF sF sF}", "demand", &v->demand, "through", &v->through,
			   "ec_mean", &v->ec_mean, "el", &v->el, "conformity", &v->conformity);
}

/* One of another version says nothing. */
static int read_tally(const json_t *json, struct xn_tally *tally)
{
	const json_t *figure;
	size_t i;

	if (json_array_size(json) != XN_TALLY_FIGURES)
		return 0;
	json_array_foreach(json, i, figure) {
		((double *)tally)[i] = json_number_value(figure);
		if (!json_is_number(figure) || json_number_value(figure) < 0)
			return -1;
	}
	return 0;
}

static int read_sla(json_t *json, struct xn_pair *p)
{
	int restricted;

	p->has_sla = json != NULL;
	if (!json)
		return 0;
	if (json_unpack(json, "{sF sF sF sF sb sF sF sF}", "rc", &p->sla.rc, "re", &p->sla.re, "rl",
			&p->sla.rl, "rmax", &p->sla.rmax, "restricted", &restricted, "past_g",
			&p->past.g, "past_rl", &p->past.rl, "past_rmax", &p->past.rmax))
		return -EINVAL;
	p->sla.restricted = restricted;
	return 0;
}

static int read_share(json_t *json, struct saved *saved)
{
	struct xn_pair *p = &saved->pair;
	json_int_t id, ifindex, since, time, ob, op, db, dp, ticks, total = 0;
	json_t *verdict = NULL, *tally = NULL, *sla = NULL;

	if (json_unpack(json, "{ss ss sI sI sI sI sI sI sI sI sF sF sF sI s?I s?o s?o s?o}",
			"network", &saved->network, "link", &saved->row, "net_id", &id, "ifindex",
			&ifindex, "since", &since, "time", &time, "offered_bytes", &ob,
			"offered_packets", &op, "dropped_bytes", &db, "dropped_packets", &dp,
			"offered", &p->acc.offered, "used", &p->acc.used, "ec_sum", &p->acc.ec_sum,
			"ticks", &ticks, "total", &total, "verdict", &verdict, "tally", &tally,
			"sla", &sla))
		return -EINVAL;
	if (p->acc.offered < 0 || p->acc.used < 0 || p->acc.ec_sum < 0 || ticks < 0 ||
	    read_tally(tally, &p->tally))
		return -EINVAL;
	p->net_id = id;
	p->ifindex = ifindex;
	p->since = since;
	p->last = (struct xn_counts){
		.time = time,
		.offered = ob,
		.offered_packets = op,
		.dropped = db,
		.dropped_packets = dp,
	};
	p->acc.ticks = ticks;
	p->total = total;
	return read_verdict(verdict, p) || read_sla(sla, p) ? -EINVAL : 0;
}

/*
 * The daemon's own counters go on from where they were, with what the kernel's say was used of
 * CPU meanwhile. What makes no sense (a port went, the cost model is another) is nothing.
 */
static void join_counters(struct xn_pair *pair, const struct xn_pair *saved)
{
	uint64_t most = (pair->last.time - saved->last.time) * sysconf(_SC_NPROCESSORS_ONLN);

	pair->last.offered = saved->last.offered;
	pair->last.dropped = saved->last.dropped;
	if (pair->total >= saved->total && pair->total - saved->total <= most)
		pair->last.offered += pair->total - saved->total;
}

/* @pair has the counters as they are now, @saved as they were; @anew: the module was loaded since. */
static void resume(struct xn_pair *pair, const struct xn_row *row, const struct xn_pair *saved,
		   bool anew, double *demand)
{
	double unit = xn_quantities[row->kind].per_count;
	struct xn_pair was = *saved;
	struct xn_counts passed;

	if (row->kind != XN_BANDWIDTH)
		join_counters(pair, saved);
	else if (anew)
		was.ifindex = 0;
	was.now = pair->last;
	xn_pair_delta(&was, pair->net_id, pair->ifindex, &passed);
	pair->acc = was.acc;
	pair->acc.offered += passed.offered * unit;
	pair->acc.used += (passed.offered - passed.dropped) * unit;
	pair->since = was.since;
	pair->tally = was.tally;
	pair->verdict = was.verdict;
	pair->judged = was.judged;
	if (was.has_sla) {
		pair->sla = was.sla;
		pair->has_sla = true;
	}
	pair->past = was.past;
	*demand = 0;
	if (passed.time >= MEASURABLE)
		*demand = passed.offered * unit * 1e9 / passed.time;
}

/* Two rounds: read all before anything is changed. */
static int restore_shares(json_t *shares, struct xn_state *state, bool anew, bool change)
{
	struct saved saved;
	json_t *json;
	size_t i;
	long r, n;

	json_array_foreach(shares, i, json) {
		memset(&saved, 0, sizeof(saved));
		if (read_share(json, &saved))
			return -EINVAL;
		n = xn_state_net(state, saved.network);
		r = xn_state_row(state, saved.row);
		if (change && n >= 0 && r >= 0)
			resume(xn_state_pair(state, r, n), &state->rows[r], &saved.pair, anew,
			       &xn_state_share(state, r, n)->demand);
	}
	return 0;
}

static int restore(json_t *json, struct xn_account_base *base, uint64_t now, uint64_t il,
		   struct xn_state *state)
{
	json_int_t start, generation;
	const char *boot;
	json_t *shares;
	int format;
	bool anew;

	if (json_unpack(json, "{si ss sI sI so}", "format", &format, "boot", &boot, "generation",
			&generation, "start", &start, "shares", &shares) ||
	    format != FORMAT || !json_is_array(shares) || start < 0)
		return -EINVAL;
	if (strcmp(boot, base->boot))
		return 0;
	if ((uint64_t)start > now || now - start >= il)
		return 0;
	anew = (uint64_t)generation > base->generation;
	if (restore_shares(shares, state, anew, false))
		return -EINVAL;
	restore_shares(shares, state, anew, true);
	base->start = start;
	return 1;
}

int xn_account_restore(const char *path, struct xn_account_base *base, uint64_t now, uint64_t il,
		       struct xn_state *state)
{
	json_t *json;
	int rc;

	if (access(path, F_OK))
		return 0;
	json = json_load_file(path, 0, NULL);
	if (!json)
		return -EINVAL;
	rc = restore(json, base, now, il, state);
	json_decref(json);
	return rc;
}
