// SPDX-License-Identifier: GPL-2.0-or-later
/* Nothing here waits: signals are queued, and the history writes on a thread of its own. */
#include <math.h>
#include <time.h>

#include "daemon/channel.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/watch.h"

static double realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* --- each tick --- */

static struct xn_moment moment_of(const struct xn_daemon *d, size_t r, size_t n, double seconds,
				  double offered, double through)
{
	const struct xn_row *row = &d->state->rows[r];
	const struct xn_share *share = xn_state_share(d->state, r, n);

	return (struct xn_moment){
		.sla = share->sla,
		.demand = offered / seconds,
		.through = through / seconds,
		.seconds = seconds,
		.ic = d->state->config->machine.ic / 1e9,
		.ratio = share->ratio,
		.exact = row->kind == XN_BANDWIDTH,
		.down = row->down,
		.oversold = row->oversold,
		.overbooked = row->overbooked,
	};
}

void xn_watch_measured(struct xn_daemon *d, size_t r, size_t n, double seconds, double offered,
		       double through)
{
	struct xn_moment moment = moment_of(d, r, n, seconds, offered, through);
	struct xn_pair *pair = xn_state_pair(d->state, r, n);

	if (!(d->state->rows[r].capacity > 0))
		return;
	xn_tally_add(&pair->tally, &moment, pair->ec, pair->why);
	pair->turn =
		xn_episode_step(&pair->episode, &moment, xn_moment_error(&moment), &pair->ended);
	if (pair->turn == XN_TURN_BEGINS || pair->turn == XN_TURN_CHANGES)
		pair->tally.breaches++;
}

static double sum_rl(const struct xn_state *s, size_t r)
{
	double sum = 0;

	for (size_t n = 0; n < s->n_nets; n++)
		sum += xn_state_share(s, r, n)->sla.rl;
	return sum;
}

void xn_watch_decided(struct xn_daemon *d, size_t r, const struct xn_resource *res, bool fits)
{
	struct xn_row *row = &d->state->rows[r];

	row->overbooked = sum_rl(d->state, r) > row->capacity * (1 + 1e-9);
	for (size_t n = 0; n < d->state->n_nets; n++) {
		const struct xn_share *share = xn_state_share(d->state, r, n);

		if (share->ratio > 0)
			xn_state_pair(d->state, r, n)->why = xn_why(res, share, fits);
	}
}

/* --- breaches --- */

/* NULL: no history, or no memory. */
static struct xn_history_batch *batch_for(struct xn_daemon *d, struct xn_history_batch **batch)
{
	if (!*batch && d->history)
		*batch = xn_history_batch_new(realtime(), 0);
	return *batch;
}

static void keep_episode(const struct xn_state *s, size_t r, size_t n,
			 const struct xn_episode *episode, struct xn_history_batch *batch)
{
	struct xn_store_breach breach = {
		.time = xn_state_pair(s, r, n)->began,
		.seconds = episode->seconds,
		.kind = XN_BREACH_SHORT,
		.cause = episode->cause,
		.worst = episode->worst,
		.mean = episode->sum / episode->ticks,
	};

	snprintf(breach.network, sizeof(breach.network), "%s", s->nets[n].def->name);
	snprintf(breach.link, sizeof(breach.link), "%s", s->rows[r].name);
	if (batch)
		xn_history_batch_breach(batch, &breach);
}

static void tell_begin(struct xn_daemon *d, size_t r, size_t n, double now)
{
	struct xn_pair *pair = xn_state_pair(d->state, r, n);

	pair->began = now - pair->episode.seconds;
	xn_notify_breach(d->bus, d->state->nets[n].def->name, d->state->rows[r].name, "short",
			 pair->episode.worst, xn_cause_name(pair->episode.cause));
}

static void tell_end(struct xn_daemon *d, size_t r, size_t n, struct xn_history_batch **batch)
{
	const struct xn_pair *pair = xn_state_pair(d->state, r, n);

	keep_episode(d->state, r, n, &pair->ended, batch_for(d, batch));
	if (pair->turn == XN_TURN_ENDS)
		xn_notify_breach(d->bus, d->state->nets[n].def->name, d->state->rows[r].name,
				 "short", 0, xn_cause_name(pair->ended.cause));
}

static void flush(struct xn_daemon *d, struct xn_history_batch *batch)
{
	if (batch)
		xn_history_write(d->history, batch, &d->state->config->machine.keep);
}

void xn_watch_tell(struct xn_daemon *d)
{
	struct xn_history_batch *batch = NULL;
	double now = realtime();

	for (size_t r = 0; r < d->state->n_rows; r++)
		for (size_t n = 0; n < d->state->n_nets; n++) {
			struct xn_pair *pair = xn_state_pair(d->state, r, n);

			if (pair->turn == XN_TURN_ENDS || pair->turn == XN_TURN_CHANGES)
				tell_end(d, r, n, &batch);
			if (pair->turn == XN_TURN_BEGINS || pair->turn == XN_TURN_CHANGES)
				tell_begin(d, r, n, now);
			pair->turn = XN_TURN_NONE;
		}
	flush(d, batch);
}

/* --- each long interval --- */

static void keep_long(const struct xn_state *s, size_t r, size_t n, double seconds,
		      enum xn_cause cause, struct xn_history_batch *batch)
{
	double el = xn_state_pair(s, r, n)->verdict.el;
	struct xn_store_breach breach = {
		.time = realtime() - seconds,
		.seconds = seconds,
		.kind = XN_BREACH_LONG,
		.cause = cause,
		.worst = el,
		.mean = el,
	};

	snprintf(breach.network, sizeof(breach.network), "%s", s->nets[n].def->name);
	snprintf(breach.link, sizeof(breach.link), "%s", s->rows[r].name);
	if (batch)
		xn_history_batch_breach(batch, &breach);
}

void xn_watch_judged(struct xn_daemon *d, size_t r, size_t n, size_t ticks, double seconds,
		     struct xn_history_batch *batch)
{
	struct xn_pair *pair = xn_state_pair(d->state, r, n);
	const char *network = d->state->nets[n].def->name, *row = d->state->rows[r].name;
	enum xn_cause cause = XN_CAUSE_NONE;
	struct xn_figures period;

	if (pair->verdict.el > XN_BREACH_ERROR) {
		cause = xn_tally_cause(&pair->tally, pair->verdict.through * seconds, seconds);
		keep_long(d->state, r, n, seconds, cause, batch);
	}
	period = xn_figures_of(&pair->verdict, &pair->tally, ticks, seconds, cause);
	if (batch)
		xn_history_batch_add(batch, network, row, &period);
	xn_channel_judged(d, network, row, &period);
	if (cause && cause != XN_CAUSE_BURST)
		xn_notify_breach(d->bus, network, row, "long", pair->verdict.el,
				 xn_cause_name(cause));
}

/* --- ends --- */

static bool is_in(const struct xn_state *s, const char *row, const char *network)
{
	return s && xn_state_row(s, row) >= 0 && xn_state_net(s, network) >= 0;
}

void xn_watch_leave(struct xn_daemon *d, const struct xn_state *next)
{
	struct xn_history_batch *batch = NULL;
	struct xn_state *s = d->state;

	for (size_t r = 0; s && r < s->n_rows; r++)
		for (size_t n = 0; n < s->n_nets; n++) {
			struct xn_pair *pair = xn_state_pair(s, r, n);

			if (!pair->episode.on || is_in(next, s->rows[r].name, s->nets[n].def->name))
				continue;
			keep_episode(s, r, n, &pair->episode, batch_for(d, &batch));
			pair->episode.on = false;
		}
	flush(d, batch);
}
