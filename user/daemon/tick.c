// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nothing here allocates or waits, except that an Il that ends hands one batch to the
 * history, and that what others changed in the kernel is put right.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "core/guard.h"
#include "daemon/apply.h"
#include "daemon/channel.h"
#include "daemon/contract.h"
#include "daemon/daemon.h"
#include "daemon/fade.h"
#include "daemon/grid.h"
#include "daemon/log.h"
#include "daemon/measure.h"
#include "daemon/module.h"
#include "daemon/notify.h"
#include "daemon/planes.h"
#include "daemon/reporter.h"
#include "daemon/tick.h"
#include "daemon/tree.h"
#include "daemon/watch.h"

/* As told by the signals of doc/dbus.md. */
#define RATIO_STEP 0.01

/* More than two surprises in one tick are left to the next, well within the lease. */
#define PUSH_TRIES 3

/* --- the long interval --- */

static struct xn_history_batch *new_batch(struct xn_daemon *d)
{
	struct timespec now;

	if (!d->history)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	return xn_history_batch_new(now.tv_sec + now.tv_nsec / 1e9,
				    d->state->n_rows * d->state->n_nets);
}

/* What was never measured in this Il (no device) is not judged, nor what nobody is sold (no capacity). */
static void close_pair(struct xn_daemon *d, size_t r, size_t n, struct xn_history_batch *batch)
{
	struct xn_pair *pair = xn_state_pair(d->state, r, n);
	const struct xn_row *row = &d->state->rows[r];
	size_t ticks = pair->acc.ticks;
	double seconds = (pair->last.time - pair->since) / 1e9;

	if (!ticks || pair->last.time <= pair->since)
		return;
	pair->verdict =
		xn_account_close(&pair->acc, pair->sla.rl + pair->past.rl / seconds, seconds);
	pair->past = (struct xn_shift){ 0 };
	if (row->capacity > 0) {
		pair->judged = true;
		xn_watch_judged(d, r, n, ticks, seconds, batch);
	}
	pair->tally = (struct xn_tally){ 0 };
	pair->since = pair->last.time;
}

static void close_interval(struct xn_daemon *d)
{
	struct xn_history_batch *batch = new_batch(d);

	for (size_t r = 0; r < d->state->n_rows; r++)
		for (size_t n = 0; n < d->state->n_nets; n++)
			close_pair(d, r, n, batch);
	if (batch)
		xn_history_write(d->history, batch, &d->state->config->machine.keep);
	xn_channel_report(d);
	xn_reporter_look(d->reporter);
}

/* --- decide --- */

/*
 * Routes are a level: what was not held can't be held later on top, and a network that could
 * would hold all in the first half of each Il and none in the second. So of memory every Ic is an Il
 * of its own, and rl what a network may hold all the time.
 */
static struct xn_resource resource_of(const struct xn_daemon *d, const struct xn_row *row)
{
	const struct xn_machine *machine = &d->state->config->machine;
	struct xn_resource res = {
		.capacity = row->capacity,
		.ic = machine->ic / 1e9,
		.il = machine->ic / 1e9,
		.policy = row->capacity > 0 ? machine->policy : XN_POLICY_OFF,
	};

	if (row->kind == XN_MEMORY)
		return res;
	res.il = machine->il / 1e9;
	res.elapsed = xn_grid_elapsed(d->base.start, machine->il, d->reading);
	return res;
}

static void tell_oversold(struct xn_daemon *d, struct xn_row *row, bool oversold)
{
	if (oversold == row->oversold)
		return;
	row->oversold = oversold;
	xn_log(oversold ? SD_WARNING : SD_NOTICE, "%s%s: guarantees %s its capacity",
	       row->kind == XN_BANDWIDTH ? "link " : "", row->name,
	       oversold ? "do not fit" : "fit again");
	xn_notify_oversold(d->bus, row->name, oversold);
}

/* The policies that are there to be compared with have no guard. */
static bool is_guarded(const struct xn_state *s, size_t r)
{
	return r < s->n_links && s->config->machine.policy == XN_POLICY_XNETMAN &&
	       s->links[r].def->guard == XN_GUARD_ON;
}

/* Of memory an Ic is an Il: there is nothing from before in it. */
static void set_account(struct xn_share *share, const struct xn_row *row,
			const struct xn_pair *pair)
{
	static const struct xn_shift nothing;

	share->used = row->kind == XN_MEMORY ? 0 : pair->acc.used;
	share->past = row->kind == XN_MEMORY ? nothing : pair->past;
	share->ahead = row->kind == XN_MEMORY ? nothing : pair->ahead;
}

static void decide_row(struct xn_daemon *d, size_t r)
{
	struct xn_state *s = d->state;
	struct xn_row *row = &s->rows[r];
	struct xn_share *shares = xn_state_share(s, r, 0);
	struct xn_resource res = resource_of(d, row);
	bool fits;

	res.entitle = is_guarded(d->state, r);

	for (size_t n = 0; n < s->n_nets; n++)
		set_account(&shares[n], row, xn_state_pair(s, r, n));
	fits = xn_decide(&res, shares, s->order, s->n_nets);
	if (row->capacity > 0)
		tell_oversold(d, row, !fits);
	xn_watch_decided(d, r, &res, fits);
	for (size_t n = 0; n < s->n_nets && row->kind == XN_CPU; n++)
		shares[n].ratio = xn_cost_ratio(shares[n].ratio > 0 ? shares[n].demand : 0,
						shares[n].allowed, xn_state_pair(s, r, n)->floor);
	xn_fade(s, r, &res, res.entitle);
}

/* --- repair --- */

static void restore_kernel(struct xn_daemon *d)
{
	struct xn_err err;

	xn_log(SD_NOTICE, "networks or links in the kernel changed behind our back: "
			  "applying the definitions again");
	if (xn_apply(d, &err))
		xn_log(SD_ERR, "%s", err.text);
	xn_trees_poke(d->trees);
}

/* --- push --- */

/* What is punished in the kernel, and by which number of its own; memory is not. */
static bool is_pushed(const struct xn_state *s, size_t r, uint32_t *ifindex)
{
	*ifindex = r < s->n_links ? s->links[r].ifindex : 0;
	return r < s->n_links ? *ifindex : s->rows[r].kind == XN_CPU;
}

static size_t gather_ratios(struct xn_state *s)
{
	size_t n_ratios = 0;
	uint32_t ifindex;

	for (size_t r = 0; r < s->n_rows; r++) {
		if (!is_pushed(s, r, &ifindex))
			continue;
		for (size_t n = 0; n < s->n_nets; n++) {
			long ratio = lround(xn_state_pair(s, r, n)->standing * XNETMAN_RATIO_ONE);

			if (ratio <= 0 || !s->nets[n].id)
				continue;
			s->ratios[n_ratios++] =
				(struct xnetman_ratio){ s->nets[n].id, ifindex, ratio };
		}
	}
	return n_ratios;
}

static struct xn_guard guard_of(const struct xn_state *s, size_t l, size_t n)
{
	const struct xn_share *share = xn_state_share(s, l, n);
	const struct xn_pair *pair = xn_state_pair(s, l, n);
	uint64_t rate = xn_guard_rate(share->entitled);

	return (struct xn_guard){
		.net_id = s->nets[n].id,
		.ifindex = s->links[l].ifindex,
		.rate = rate,
		.burst = xn_guard_burst(rate),
		.allowed = pair->standing > 0 ? xn_guard_rate(pair->ceiling) : 0,
	};
}

/* Of guarded links: each, and then who is entitled to something there. */
static size_t gather_guards(struct xn_state *s)
{
	size_t n_guards = 0;

	for (size_t l = 0; l < s->n_links; l++) {
		uint64_t rate = xn_guard_rate(s->rows[l].capacity);

		if (!is_guarded(s, l) || !s->links[l].ifindex || !rate)
			continue;
		s->guards[n_guards++] = (struct xn_guard){
			.ifindex = s->links[l].ifindex,
			.rate = rate,
			.burst = xn_guard_limit(rate),
			.interval_ms = s->config->machine.ic / 1000000,
		};
		for (size_t n = 0; n < s->n_nets; n++) {
			s->guards[n_guards] = guard_of(s, l, n);
			n_guards += s->nets[n].id && s->guards[n_guards].rate;
		}
	}
	return n_guards;
}

static int push_once(struct xn_daemon *d, size_t n_ratios, size_t n_guards, struct xn_err *err)
{
	const struct xn_push push = {
		.generation = ++d->generation,
		.lease_ms = d->state->config->machine.lease / 1000000,
		.ratios = d->state->ratios,
		.n_ratios = n_ratios,
		.guards = d->state->guards,
		.n_guards = n_guards,
	};

	return xn_kernel_push(d->kernel, &push, err);
}

/* Somebody else pushed, or something went away between reading and now. Return: push again? */
static bool catch_up(struct xn_daemon *d, int rc)
{
	struct xn_kernel_info info;
	struct xn_err err;

	switch (rc) {
	case -ESTALE:
		if (xn_kernel_info(d->kernel, &info, &err))
			return false;
		d->generation = info.generation;
		return true;
	case -ENOENT:
		/* whatever of it fails: those that are left must not go unpunished */
		restore_kernel(d);
		return d->kernel;
	default:
		return false;
	}
}

static void push(struct xn_daemon *d)
{
	struct xn_err err;
	int tries = PUSH_TRIES, rc;

	do
		rc = push_once(d, gather_ratios(d->state), gather_guards(d->state), &err);
	while (rc && !xn_module_gone(d, rc) && --tries && catch_up(d, rc));
	if (rc && d->kernel)
		xn_log(SD_ERR, "push: %s", err.text);
}

/* --- tell --- */

static void tell_pair(struct xn_daemon *d, size_t r, size_t n)
{
	struct xn_pair *pair = xn_state_pair(d->state, r, n);
	double ratio = xn_state_share(d->state, r, n)->ratio;
	const char *network = d->state->nets[n].def->name;
	const char *row = d->state->rows[r].name;

	if (fabs(ratio - pair->told) > RATIO_STEP || !ratio != !pair->told) {
		pair->told = ratio;
		xn_notify_punished(d->bus, network, row, ratio);
	}
}

static void tell(struct xn_daemon *d)
{
	struct timespec now;

	for (size_t r = 0; r < d->state->n_rows; r++)
		for (size_t n = 0; n < d->state->n_nets; n++)
			tell_pair(d, r, n);
	xn_watch_tell(d);
	clock_gettime(CLOCK_REALTIME, &now);
	xn_notify_tick(d->bus, now.tv_sec + now.tv_nsec / 1e9);
}

/* --- all of it --- */

/* Il is over when the grid says so, however late the tick is. */
static bool next_interval(struct xn_daemon *d)
{
	uint64_t start = xn_grid_interval(d->base.start, d->state->config->machine.il, d->reading);

	if (start == d->base.start)
		return false;
	close_interval(d);
	d->base.start = start;
	return true;
}

static void decide_all(struct xn_daemon *d)
{
	for (size_t r = 0; r < d->state->n_rows; r++)
		decide_row(d, r);
}

static void tick(struct xn_daemon *d)
{
	uint64_t begin = xn_now(), dumped, decided;
	bool next;

	xn_devices_read(d->devices);
	if (!d->kernel)
		xn_module_retry(d);
	if (!d->kernel || xn_measure_read(d))
		return;
	d->reading = dumped = xn_now();
	if (xn_measure(d))
		restore_kernel(d);
	next = next_interval(d);
	xn_contract_tick(d, next);
	decide_all(d);
	decided = xn_now();
	if (d->kernel)
		push(d);
	d->cost.dump = dumped - begin;
	d->cost.decide = decided - dumped;
	d->cost.push = xn_now() - decided;
	d->ticks++;
	xn_planes_tick(d->planes);
	tell(d);
	if (next)
		xn_daemon_keep(d);
}

void xn_tick_resume(struct xn_daemon *d)
{
	size_t pairs = d->state->n_rows * d->state->n_nets, idle = 0;

	while (idle < pairs && d->state->shares[idle].demand == 0)
		idle++;
	if (idle == pairs || !d->kernel)
		return; /* nothing known: what is in force stays until the first tick */
	d->reading = xn_now();
	decide_all(d);
	push(d);
}

static void arm(struct xn_daemon *d, uint64_t gap)
{
	uint64_t next = xn_grid_next(d->base.start, d->state->config->machine.ic, xn_now(), gap);

	/* up to the next us: never before the grid */
	sd_event_source_set_time(d->timer, (next + 999) / 1000);
	sd_event_source_set_enabled(d->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)source;
	(void)usec;
	tick(arg);
	arm(arg, 0);
	return 0;
}

int xn_tick_start(struct xn_daemon *d, struct xn_err *err)
{
	int rc = sd_event_add_time(d->event, &d->timer, CLOCK_MONOTONIC, 0, 1, on_timer, d);

	if (rc < 0) {
		xn_err_set(err, "timer: %s", strerror(-rc));
		return rc;
	}
	/* before bus and devices, whatever has come meanwhile */
	sd_event_source_set_priority(d->timer, SD_EVENT_PRIORITY_IMPORTANT);
	/* demand over much less than an Ic says little */
	arm(d, d->state->config->machine.ic / 2);
	return 0;
}

void xn_tick_stop(struct xn_daemon *d)
{
	d->timer = sd_event_source_disable_unref(d->timer);
}

void xn_tick_rearm(struct xn_daemon *d)
{
	arm(d, 0);
}

void xn_tick_release(struct xn_daemon *d)
{
	struct xn_err err;
	int rc;

	if (!d->kernel)
		return;
	rc = push_once(d, 0, 0, &err);
	if (rc == -ESTALE && catch_up(d, rc))
		rc = push_once(d, 0, 0, &err);
	if (rc)
		xn_log(SD_WARNING, "could not end the punishments: %s: the lease will", err.text);
}
