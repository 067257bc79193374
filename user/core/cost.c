// SPDX-License-Identifier: GPL-2.0-or-later
/* The cost of a network's packets. */
#include "bounds.h"
#include "cost.h"

/*
 * Orders of magnitude of a server of some years ago, with Debian's kernel: better than nothing, and in the right
 * proportion to each other. Who sells CPU calibrates.
 */
const struct xn_cost_model xn_cost_defaults = {
	.path = {
		[XN_COST_RX] = { 1.2e-6, 0.1e-9 },
		[XN_COST_FORWARD] = { 1.5e-6, 0.1e-9 },
		[XN_COST_TX] = { 1.8e-6, 0.1e-9 },
		[XN_COST_LINK] = { 0.6e-6, 0.1e-9 },
		[XN_COST_DROP] = { 0.5e-6, 0 },
	},
};

static const char *const names[XN_COST_PATHS] = {
	[XN_COST_RX] = "rx",	 [XN_COST_FORWARD] = "forward", [XN_COST_TX] = "tx",
	[XN_COST_LINK] = "link", [XN_COST_DROP] = "drop",
};

const char *xn_cost_path_name(enum xn_cost_path path)
{
	return names[path];
}

/* What one worker did: V, D and floor, by the model. */
struct part {
	struct xn_flow offered, passed; /* that came in and may go on to links */
	struct xn_cost cost;
};

static double price(const struct xn_cost_model *model, enum xn_cost_path path, struct xn_flow flow)
{
	return model->path[path].packet * flow.packets + model->path[path].byte * flow.bytes;
}

static struct xn_flow less(struct xn_flow a, struct xn_flow b)
{
	return (struct xn_flow){ xn_most(a.packets - b.packets, 0), xn_most(a.bytes - b.bytes, 0) };
}

static struct xn_flow plus(struct xn_flow a, struct xn_flow b)
{
	return (struct xn_flow){ a.packets + b.packets, a.bytes + b.bytes };
}

static struct xn_flow times(struct xn_flow flow, double packets, double bytes)
{
	return (struct xn_flow){ flow.packets * packets, flow.bytes * bytes };
}

static double quotient(double a, double b, double otherwise)
{
	return b > 0 ? a / b : otherwise;
}

static void add_input(const struct xn_cost_model *model, enum xn_cost_path path,
		      struct xn_flow offered, struct xn_flow dropped, struct part *part)
{
	struct xn_flow passed = less(offered, dropped);

	part->cost.through += price(model, path, passed) + price(model, XN_COST_DROP, dropped);
	part->cost.demand += price(model, path, offered);
	part->cost.floor += price(model, XN_COST_DROP, offered);
	if (path == XN_COST_TX)
		return;
	part->offered = plus(part->offered, offered);
	part->passed = plus(part->passed, passed);
}

/*
 * Links count what all ports let in, together: a worker's part is as its packets. @memory says what
 * becomes of what is let in when nothing was.
 */
static void add_link(const struct xn_cost_model *model, struct xn_flow link,
		     struct xn_flow all_passed, const struct xn_cost_memory *memory,
		     struct part *part)
{
	struct xn_flow sent = times(link, quotient(part->passed.packets, all_passed.packets, 0),
				    quotient(part->passed.bytes, all_passed.bytes, 0));
	struct xn_flow lost =
		times(less(part->offered, part->passed), memory->packets, memory->bytes);

	part->cost.through += price(model, XN_COST_LINK, sent);
	part->cost.demand += price(model, XN_COST_LINK, plus(sent, lost));
}

static void remember(struct xn_cost_memory *memory, struct xn_flow link, struct xn_flow passed)
{
	if (!memory->known)
		*memory = (struct xn_cost_memory){ 1, 1, false };
	if (passed.packets <= 0 || passed.bytes <= 0)
		return;
	memory->packets = link.packets / passed.packets;
	memory->bytes = link.bytes / passed.bytes;
	memory->known = true;
}

/*
 * Of what ports sent, the part that came in by threads: what they let in and did not go to links
 * went to other ports.
 */
static double local_share(const struct xn_usage *usage, struct xn_flow tx, struct xn_flow passed,
			  const struct part *thread)
{
	double to_links =
		usage->to_links.packets * quotient(thread->passed.packets, passed.packets, 0);
	double local = xn_most(thread->passed.packets - to_links, 0);

	return xn_least(quotient(local, tx.packets, 0), 1);
}

/* Inputs of one worker but its share of links. */
static struct part inputs(const struct xn_cost_model *model, const struct xn_usage *usage,
			  enum xn_cost_worker worker)
{
	static const enum xn_cost_path paths[] = { XN_COST_RX, XN_COST_FORWARD };
	struct part part = { 0 };

	for (int i = 0; i < 2; i++)
		add_input(model, paths[i], usage->in[worker][paths[i]].offered,
			  usage->in[worker][paths[i]].dropped, &part);
	return part;
}

struct xn_cost xn_cost(const struct xn_cost_model *model, const struct xn_usage *usage,
		       struct xn_cost_memory *memory)
{
	struct xn_flow tx = usage->in[XN_COST_SOFTIRQ][XN_COST_TX].offered;
	struct xn_flow tx_dropped = usage->in[XN_COST_SOFTIRQ][XN_COST_TX].dropped;
	struct part softirq = inputs(model, usage, XN_COST_SOFTIRQ);
	struct part thread = inputs(model, usage, XN_COST_THREAD);
	struct xn_flow passed = plus(softirq.passed, thread.passed);
	struct xn_cost cost;
	double local, d, f;

	remember(memory, usage->link, passed);
	add_link(model, usage->link, passed, memory, &softirq);
	add_link(model, usage->link, passed, memory, &thread);
	local = local_share(usage, less(tx, tx_dropped), passed, &thread);
	add_input(model, XN_COST_TX, times(tx, local, local), times(tx_dropped, local, local),
		  &thread);
	add_input(model, XN_COST_TX, times(tx, 1 - local, 1 - local),
		  times(tx_dropped, 1 - local, 1 - local), &softirq);

	d = quotient(thread.cost.demand, thread.cost.through, 1);
	f = quotient(thread.cost.floor, thread.cost.through, 1);
	cost.through = softirq.cost.through + usage->napi + usage->copy;
	cost.demand = softirq.cost.demand + usage->napi * d +
		      usage->copy * quotient(tx.packets, less(tx, tx_dropped).packets, 1);
	cost.demand = xn_most(cost.demand, cost.through);
	cost.floor = softirq.cost.floor + usage->napi * xn_least(f, d);
	return cost;
}

double xn_cost_ratio(double demand, double allowed, double floor)
{
	if (!(demand > allowed) || !(demand > 0))
		return 0;
	if (allowed <= floor)
		return 1;
	return (demand - allowed) / (demand - floor);
}
