// SPDX-License-Identifier: GPL-2.0-or-later
/* Which entries of schedules are in force, and what becomes of accounts when that changes. */
#include <time.h>

#include "daemon/contract.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/tree.h"

/* Nobody looks further ahead than that, s. */
#define AHEAD 86400

static bool is_same(const struct xn_sla *a, const struct xn_sla *b)
{
	return a->rc == b->rc && a->re == b->re && a->rl == b->rl && a->rmax == b->rmax &&
	       a->restricted == b->restricted;
}

/* For so many seconds it is @other, not @now. */
static void add_shift(struct xn_shift *shift, const struct xn_sla *other, const struct xn_sla *now,
		      double seconds)
{
	shift->g += (xn_sla_guarantee(other) - xn_sla_guarantee(now)) * seconds;
	shift->rl += (other->rl - now->rl) * seconds;
	shift->rmax += (other->rmax - now->rmax) * seconds;
}

bool xn_contract_switch(struct xn_pair *pair, const struct xn_sla *sla, uint64_t begin,
			uint64_t now)
{
	uint64_t from = pair->since > begin ? pair->since : begin;
	double gone = now > from ? (now - from) / 1e9 : 0;
	struct xn_sla was = pair->sla;

	pair->sla = *sla;
	if (!pair->has_sla) {
		pair->has_sla = true;
		return true;
	}
	if (is_same(&was, sla))
		return false;
	add_shift(&pair->past, &was, sla, gone);
	return true;
}

void xn_contract_extend(struct xn_state *s, size_t r, size_t n, uint64_t begin, uint64_t now,
			int64_t time)
{
	struct xn_schedule schedule = xn_definition_schedule(s->nets[n].def);
	struct xn_pair *pair = xn_state_pair(s, r, n);
	/* without a device it was never counted: all of the Il is missing */
	uint64_t came = pair->since ? pair->since : now;
	int64_t at = time - (int64_t)((now - begin) / XN_NS);
	int64_t end = time - (int64_t)((now - came) / XN_NS), next;

	if (came <= begin)
		return;
	for (; schedule.n && at < end; at = next) {
		struct xn_sla other = xn_state_sla_in(s, r, n, xn_schedule_at(&schedule, at));

		next = xn_schedule_next(&schedule, at, end);
		add_shift(&pair->past, &other, &pair->sla, next - at);
	}
	pair->since = begin;
}

static bool switch_net(struct xn_daemon *d, size_t n, uint64_t now)
{
	bool changed = false;

	for (size_t r = 0; r < d->state->n_rows; r++) {
		struct xn_share *share = xn_state_share(d->state, r, n);

		share->sla = xn_state_sla(d->state, r, n);
		changed |= xn_contract_switch(xn_state_pair(d->state, r, n), &share->sla,
					      d->base.start, now);
	}
	return changed;
}

static void tell(struct xn_daemon *d, const struct xn_net *net)
{
	const char *when = "";

	for (size_t i = 0; i < net->def->n_periods; i++)
		if (net->held >> i & 1)
			when = net->def->periods[i].when;
	xn_log(SD_INFO, "network %s: schedule: %s%s", net->def->name,
	       *when ? "in force is " : "no entry is in force", when);
	xn_notify_switched(d->bus, net->def->name, when);
}

/* Return: do other entries hold than before? */
static bool look(struct xn_daemon *d, struct xn_net *net, int64_t time)
{
	struct xn_schedule schedule = xn_definition_schedule(net->def);
	uint32_t held = xn_schedule_at(&schedule, time);
	int64_t next = xn_schedule_next(&schedule, time, time + AHEAD);
	bool changed = held != net->held;

	net->held = held;
	if (next < d->contract.until)
		d->contract.until = next;
	return changed;
}

/* While @held is in force, for so many seconds of the rest of the Il. */
static void add_ahead(struct xn_state *s, size_t n, uint32_t held, double seconds)
{
	for (size_t r = 0; r < s->n_rows; r++) {
		struct xn_pair *pair = xn_state_pair(s, r, n);
		struct xn_sla other = xn_state_sla_in(s, r, n, held);

		add_shift(&pair->ahead, &other, &pair->sla, seconds);
	}
}

static void look_ahead(struct xn_state *s, size_t n, int64_t time, int64_t end)
{
	struct xn_schedule schedule = xn_definition_schedule(s->nets[n].def);
	int64_t begin = time, next;

	for (size_t r = 0; r < s->n_rows; r++)
		xn_state_pair(s, r, n)->ahead = (struct xn_shift){ 0 };
	if (!schedule.n)
		return;
	for (begin = xn_schedule_next(&schedule, time, end); begin < end; begin = next) {
		next = xn_schedule_next(&schedule, begin, end);
		add_ahead(s, n, xn_schedule_at(&schedule, begin), next - begin);
	}
}

/* What the schedules have for the rest of this Il. */
static void look_ahead_all(struct xn_daemon *d, int64_t time, uint64_t now)
{
	uint64_t end = d->base.start + d->state->config->machine.il;
	int64_t left = end > now ? (end - now) / XN_NS : 0;

	for (size_t n = 0; n < d->state->n_nets; n++)
		look_ahead(d->state, n, time, time + left);
}

void xn_contract_apply(struct xn_daemon *d)
{
	uint64_t now = xn_now();
	int64_t time = xn_realtime();

	d->contract = (struct xn_contract_span){ time, time + AHEAD };
	for (size_t n = 0; n < d->state->n_nets; n++) {
		look(d, &d->state->nets[n], time);
		switch_net(d, n, now);
	}
	look_ahead_all(d, time, now);
}

/* Return: have parameters changed? */
static bool switch_all(struct xn_daemon *d, int64_t time)
{
	bool changed = false;

	d->contract = (struct xn_contract_span){ time, time + AHEAD };
	for (size_t n = 0; n < d->state->n_nets; n++) {
		if (!look(d, &d->state->nets[n], time))
			continue;
		tell(d, &d->state->nets[n]);
		changed |= switch_net(d, n, d->reading);
	}
	return changed;
}

void xn_contract_tick(struct xn_daemon *d, bool begun)
{
	int64_t time = xn_realtime();
	/* before that span: somebody has set the clock */
	bool due = time < d->contract.since || time >= d->contract.until;
	bool changed = due && switch_all(d, time);
	struct xn_err err;

	if (due || begun)
		look_ahead_all(d, time, d->reading);
	if (!changed)
		return;
	xn_trees_update(d->trees, &err); /* logged there */
	xn_daemon_keep(d);
}
