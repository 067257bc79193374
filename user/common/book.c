// SPDX-License-Identifier: GPL-2.0-or-later
/* From definitions to core/admission.h, and from what it finds to words. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/xnetman.h>

#include "common/book.h"
#include "common/definition.h"
#include "core/admission.h"
#include "core/units.h"

/* Sums of rates people wrote as decimals: far above rounding, far below a bit/s that matters. */
#define ROUNDING 1e-9

/* A book of definitions. */
struct sale {
	const struct xn_config *config;
	size_t n_rows;
	double (*capacity)[XN_FIGURES];
	const struct xn_definition **defs; /* of each member */
	struct xn_member *members;
	size_t n_members;
	double constants[XN_NEEDS]; /* of all that count */
	struct xn_tightest (*tightest)[XN_FIGURES];
};

static const char *const need_names[XN_NEEDS] = {
	[XN_NEED_RATE] = "rate",
	[XN_NEED_GUARANTEE] = "guarantee",
	[XN_NEED_LONG_TERM] = "long_term",
	[XN_NEED_DISK] = "disk",
	[XN_NEED_INTERFACES] = "interfaces",
	[XN_NEED_NETWORKS] = "networks",
};

const char *xn_need_name(enum xn_need need)
{
	return need_names[need];
}

/* --- rows: the links, then CPU and memory ---------------------------------------------------- */

static size_t rows_of(const struct xn_machine *machine)
{
	return machine->n_links + XN_RESOURCES - XN_CPU;
}

static enum xn_resource_kind resource_of(const struct xn_machine *machine, size_t row)
{
	return row < machine->n_links ? XN_BANDWIDTH : XN_CPU + (row - machine->n_links);
}

static const char *name_of(const struct xn_machine *machine, size_t row)
{
	return row < machine->n_links ? machine->links[row].name
				      : xn_quantities[resource_of(machine, row)].name;
}

/* What has no capacity is not controlled: anything may be written for later. */
static double capacity_of(const struct xn_machine *machine, size_t row)
{
	double capacity;

	if (row < machine->n_links)
		return machine->links[row].capacity;
	capacity = machine->capacity[resource_of(machine, row)];
	return capacity > 0 ? capacity : INFINITY;
}

static double factor_of(const struct xn_machine *machine, size_t row)
{
	return row < machine->n_links ? machine->links[row].overbooking : 1;
}

/* --- members --------------------------------------------------------------------------------- */

static const struct xn_sla *sla_in(const struct sale *sale, const struct xn_definition *def,
				   size_t row, uint32_t held)
{
	const struct xn_machine *machine = &sale->config->machine;

	return xn_definition_sla_in(def, resource_of(machine, row), name_of(machine, row), held);
}

static void put_term(struct xn_term *terms, size_t *n, size_t row, int entry,
		     const struct xn_sla *sla)
{
	terms[(*n)++] = (struct xn_term){ row, entry, { xn_sla_guarantee(sla), sla->rl } };
}

static size_t terms_of(const struct sale *sale, const struct xn_definition *def,
		       struct xn_term *terms)
{
	size_t n = 0;

	for (size_t row = 0; row < sale->n_rows; row++) {
		const struct xn_sla *always = sla_in(sale, def, row, 0);

		if (always)
			put_term(terms, &n, row, XN_ENTRY_ALWAYS, always);
		for (size_t i = 0; i < def->n_periods; i++) {
			const struct xn_sla *sla = sla_in(sale, def, row, UINT32_C(1) << i);

			if (sla && sla != always)
				put_term(terms, &n, row, i, sla);
		}
	}
	return n;
}

static double constant_of(const struct xn_definition *def, enum xn_need need)
{
	if (need == XN_NEED_DISK)
		return def->disk;
	return need == XN_NEED_INTERFACES ? xn_definition_interfaces(def) : 1;
}

/* Return: 0 or -ENOMEM. */
static int add_member(struct sale *sale, const struct xn_definition *def, bool counts, int asks)
{
	struct xn_term *terms = calloc(sale->n_rows * (def->n_periods + 1), sizeof(*terms));

	if (!terms)
		return -ENOMEM;
	for (int need = XN_NEED_DISK; need < XN_NEEDS && counts; need++)
		sale->constants[need] += constant_of(def, need);
	sale->defs[sale->n_members] = def;
	sale->members[sale->n_members++] = (struct xn_member){
		.schedule = xn_definition_schedule(def),
		.n_terms = terms_of(sale, def, terms),
		.terms = terms,
		.counts = counts,
		.asks = asks,
	};
	return 0;
}

static void sale_exit(struct sale *sale)
{
	for (size_t i = 0; i < sale->n_members; i++)
		free((void *)sale->members[i].terms);
	free(sale->members);
	free(sale->defs);
	free(sale->capacity);
	free(sale->tightest);
}

/* Room for @members. */
static int sale_init(struct sale *sale, const struct xn_config *config, size_t members)
{
	const struct xn_machine *machine = &config->machine;

	*sale = (struct sale){ .config = config, .n_rows = rows_of(machine) };
	sale->capacity = calloc(sale->n_rows, sizeof(*sale->capacity));
	sale->tightest = calloc(sale->n_rows, sizeof(*sale->tightest));
	sale->members = calloc(members + 1, sizeof(*sale->members));
	sale->defs = calloc(members + 1, sizeof(*sale->defs));
	if (!sale->capacity || !sale->tightest || !sale->members || !sale->defs) {
		sale_exit(sale);
		return -ENOMEM;
	}
	for (size_t row = 0; row < sale->n_rows; row++) {
		sale->capacity[row][XN_GUARANTEE] = capacity_of(machine, row);
		sale->capacity[row][XN_LONG_TERM] =
			capacity_of(machine, row) * factor_of(machine, row);
	}
	return 0;
}

static int look(struct sale *sale, int64_t now)
{
	const struct xn_book book = { sale->members, sale->n_members,
				      (const double(*)[XN_FIGURES])sale->capacity, sale->n_rows };

	return xn_book_check(&book, now, sale->tightest);
}

static double figure_at(const struct sale *sale, size_t member, size_t row, enum xn_figure figure,
			int64_t at)
{
	const struct xn_member *m = &sale->members[member];

	return xn_member_figure(m, row, figure, xn_schedule_at(&m->schedule, at));
}

static bool fails(const struct sale *sale, size_t row, enum xn_figure figure)
{
	const struct xn_tightest *t = &sale->tightest[row][figure];

	return t->asked && t->room < -ROUNDING * sale->capacity[row][figure];
}

/* --- the table of one network ---------------------------------------------------------------- */

/* The largest of it ever: of a guarantee and of rl. */
static double most_of(const struct xn_member *m, size_t row)
{
	double most = -1;

	for (size_t i = 0; i < m->n_terms; i++)
		if (m->terms[i].row == row)
			most = fmax(most, fmax(m->terms[i].figures[XN_GUARANTEE],
					       m->terms[i].figures[XN_LONG_TERM]));
	return most;
}

static struct xn_check rate_check(const struct sale *sale, size_t row, double most)
{
	const struct xn_machine *machine = &sale->config->machine;
	double capacity = capacity_of(machine, row);

	return (struct xn_check){
		.need = XN_NEED_RATE,
		.resource = resource_of(machine, row),
		.of = name_of(machine, row),
		.asked = most,
		.capacity = capacity,
		.room = capacity,
		.ok = most <= capacity * (1 + ROUNDING),
	};
}

static struct xn_check sum_check(const struct sale *sale, size_t candidate, size_t row,
				 enum xn_figure figure)
{
	const struct xn_machine *machine = &sale->config->machine;
	const struct xn_tightest *t = &sale->tightest[row][figure];
	struct xn_check check = {
		.need = figure == XN_GUARANTEE ? XN_NEED_GUARANTEE : XN_NEED_LONG_TERM,
		.resource = resource_of(machine, row),
		.of = name_of(machine, row),
		.capacity = sale->capacity[row][figure],
		.room = sale->capacity[row][figure],
		.at = t->at,
		.ok = !fails(sale, row, figure),
	};

	if (!t->asked)
		return check;
	check.asked = figure_at(sale, candidate, row, figure, t->at);
	check.sold = t->sold - check.asked;
	check.room = fmax(0, check.capacity - check.sold);
	return check;
}

static double constant_capacity(const struct xn_machine *machine, enum xn_need need)
{
	if (need == XN_NEED_DISK)
		return machine->disk > 0 ? machine->disk : INFINITY;
	if (need == XN_NEED_INTERFACES)
		return machine->interfaces ? machine->interfaces : INFINITY;
	return XNETMAN_NETWORKS_MAX;
}

static struct xn_check constant_check(const struct sale *sale, size_t candidate, enum xn_need need)
{
	struct xn_check check = {
		.need = need,
		.of = "",
		.asked = constant_of(sale->defs[candidate], need),
		.capacity = constant_capacity(&sale->config->machine, need),
	};

	check.sold = sale->constants[need] - check.asked;
	check.room = fmax(0, check.capacity - check.sold);
	check.ok = check.asked <= 0 || check.asked <= check.room;
	return check;
}

static size_t fill_table(const struct sale *sale, struct xn_check *checks)
{
	size_t n = 0, candidate = sale->n_members - 1;

	for (size_t row = 0; row < sale->n_rows; row++) {
		double most = most_of(&sale->members[candidate], row);

		if (most < 0)
			continue;
		checks[n++] = rate_check(sale, row, most);
		for (int f = 0; f < XN_FIGURES; f++)
			checks[n++] = sum_check(sale, candidate, row, f);
	}
	for (int need = XN_NEED_DISK; need < XN_NEEDS; need++)
		checks[n++] = constant_check(sale, candidate, need);
	return n;
}

/* Everybody but who is called as @candidate, who comes last. */
static int sale_of_candidate(struct sale *sale, const struct xn_config *config,
			     const struct xn_definition *candidate)
{
	int ret = sale_init(sale, config, config->n_networks + 1);

	if (ret)
		return ret;
	for (size_t i = 0; i < config->n_networks && !ret; i++)
		if (strcmp(config->networks[i]->name, candidate->name))
			ret = add_member(sale, config->networks[i], true, 0);
	if (!ret)
		ret = add_member(sale, candidate, true, 1);
	if (ret)
		sale_exit(sale);
	return ret;
}

/* --- words ----------------------------------------------------------------------------------- */

static const char *amount(enum xn_resource_kind resource, double figure, char *text)
{
	return xn_quantities[resource].format(figure, text, XN_UNIT_TEXT);
}

/* " at 2027-03-28 01:00 UTC", where it is not now. */
static const char *moment(int64_t at, int64_t now, char *text, size_t size)
{
	time_t time = at;
	struct tm tm;

	text[0] = '\0';
	if (at > now && gmtime_r(&time, &tm))
		strftime(text, size, " at %Y-%m-%d %H:%M UTC", &tm);
	return text;
}

/* Where an SLA is written. */
struct written {
	char key[80]; /* of the SLA, with a dot at its end */
	struct xn_sla sla;
	struct xn_sla_lines lines;
};

static void written_entry(struct written *w, const char *within, const struct xn_bandwidth *list,
			  size_t n, const char *link)
{
	ssize_t i = xn_bandwidth_entry(list, n, link);

	snprintf(w->key, sizeof(w->key), "%sbandwidth[%zd].", within, i);
	w->sla = list[i].sla;
	w->lines = list[i].lines;
}

static void written_sold(struct written *w, const char *within, enum xn_resource_kind resource,
			 const struct xn_sold *sold)
{
	snprintf(w->key, sizeof(w->key), "%s%s.", within, xn_quantities[resource].name);
	w->sla = sold[resource].sla;
	w->lines = sold[resource].lines;
}

/* Where @sla of @def is written; it must be one of its own. */
static struct written written_at(const struct xn_definition *def, enum xn_resource_kind resource,
				 const char *link, const struct xn_sla *sla)
{
	struct written w = { .key = "" };
	char within[40];

	for (size_t i = 0; i < def->n_periods; i++) {
		const struct xn_period *period = &def->periods[i];
		bool here = resource != XN_BANDWIDTH && sla == &period->sold[resource].sla;

		for (size_t j = 0; j < period->n_bandwidth; j++)
			here |= sla == &period->bandwidth[j].sla;
		if (!here)
			continue;
		snprintf(within, sizeof(within), "schedule[%zu].", i);
		if (resource == XN_BANDWIDTH)
			written_entry(&w, within, period->bandwidth, period->n_bandwidth, link);
		else
			written_sold(&w, within, resource, period->sold);
		return w;
	}
	if (resource == XN_BANDWIDTH)
		written_entry(&w, "", def->bandwidth, def->n_bandwidth, link);
	else
		written_sold(&w, "", resource, def->sold);
	return w;
}

/* What a network is to be told about. */
struct blame {
	const struct sale *sale;
	const struct xn_definition *def;
	size_t row;
	enum xn_figure figure;
	int64_t at, now;
	double others; /* sold to them */
};

static void tell(const struct blame *b, struct xn_err *err)
{
	const struct xn_machine *machine = &b->sale->config->machine;
	enum xn_resource_kind resource = resource_of(machine, b->row);
	const char *row = name_of(machine, b->row);
	struct xn_schedule schedule = xn_definition_schedule(b->def);
	const struct xn_sla *sla =
		sla_in(b->sale, b->def, b->row, xn_schedule_at(&schedule, b->at));
	struct written w = written_at(b->def, resource, row, sla);
	bool long_term = b->figure == XN_LONG_TERM;
	double own = long_term ? sla->rl : xn_sla_guarantee(sla);
	double capacity = b->sale->capacity[b->row][b->figure];
	char texts[4][XN_UNIT_TEXT], when[40];
	const char *param = long_term ? "rl" : sla->rc >= sla->re ? "rc" : "re";
	size_t line = long_term ? w.lines.rl : w.lines.guarantee;

	xn_err_set(err,
		   "%s:%zu: %s%s: %s = %s does not fit on %s any more%s: %s of its %s are %s to "
		   "others: write at most %s, or lower theirs",
		   b->def->shown, line, w.key, param, long_term ? "rl" : "rc + re",
		   amount(resource, own, texts[0]), row, moment(b->at, b->now, when, sizeof(when)),
		   amount(resource, b->others, texts[1]), amount(resource, capacity, texts[2]),
		   long_term ? "sold" : "guaranteed",
		   amount(resource, fmax(0, capacity - b->others), texts[3]));
}

static void tell_constant(const struct xn_definition *def, const struct xn_check *check,
			  struct xn_err *err)
{
	xn_err_set(err,
		   "%s:1: %s: %.0f%s do not fit any more: others have %.0f of %.0f: write at most "
		   "%.0f, or correct xnetman.yaml",
		   def->shown, xn_need_name(check->need), check->asked,
		   check->need == XN_NEED_DISK ? " bytes" : "", check->sold, check->capacity,
		   check->room);
}

static int no_memory(struct xn_err *err)
{
	xn_err_set(err, "out of memory");
	return -ENOMEM;
}

/* --- may it be? ------------------------------------------------------------------------------ */

/* The SLA of a network that is more than the resource has at all. Return: false: there is none. */
static bool find_excess(const struct sale *sale, size_t member, struct blame *blame)
{
	const struct xn_member *m = &sale->members[member];

	for (size_t i = 0; i < m->n_terms; i++) {
		const struct xn_term *term = &m->terms[i];
		double most = capacity_of(&sale->config->machine, term->row) * (1 + ROUNDING);
		int f = term->figures[XN_GUARANTEE] > most ? XN_GUARANTEE : XN_LONG_TERM;

		if (term->figures[f] <= most)
			continue;
		*blame = (struct blame){ sale, sale->defs[member], term->row, f };
		return true;
	}
	return false;
}

/* The SLA itself, wherever in the schedule: not by an instant, at which another may hold. */
static void tell_excess(const struct blame *b, struct xn_err *err)
{
	const struct xn_machine *machine = &b->sale->config->machine;
	enum xn_resource_kind resource = resource_of(machine, b->row);
	double capacity = capacity_of(machine, b->row), most = capacity * (1 + ROUNDING);
	const struct xn_sla *sla = sla_in(b->sale, b->def, b->row, 0);
	char texts[2][XN_UNIT_TEXT];
	bool long_term = b->figure == XN_LONG_TERM;
	struct written w;

	for (size_t i = 0; i < b->def->n_periods; i++) {
		const struct xn_sla *other = sla_in(b->sale, b->def, b->row, UINT32_C(1) << i);

		if (!sla || (long_term ? sla->rl : xn_sla_guarantee(sla)) <= most)
			sla = other;
	}
	w = written_at(b->def, resource, name_of(machine, b->row), sla);
	xn_err_set(err,
		   "%s:%zu: %s%s: %s is %s, more than the capacity of %s, %s: lower it, or correct "
		   "the capacity in xnetman.yaml",
		   b->def->shown, long_term ? w.lines.rl : w.lines.guarantee, w.key,
		   long_term		? "rl"
		   : sla->rc >= sla->re ? "rc"
					: "re",
		   long_term ? "rl" : "rc + re",
		   amount(resource, long_term ? sla->rl : xn_sla_guarantee(sla), texts[0]),
		   name_of(machine, b->row), amount(resource, capacity, texts[1]));
}

/* The network by whose addition, in the order of their names, the sum passes what there is: of those that ask. */
static void tell_sum(const struct sale *sale, size_t row, enum xn_figure figure, int64_t now,
		     struct xn_err *err)
{
	const struct xn_machine *machine = &sale->config->machine;
	const struct xn_tightest *t = &sale->tightest[row][figure];
	double sum = 0, most = sale->capacity[row][figure] * (1 + ROUNDING);
	struct blame blame = { sale, NULL, row, figure, t->at, now };
	char texts[2][XN_UNIT_TEXT], when[40];

	for (size_t i = 0; i < sale->n_members && (!blame.def || sum <= most); i++) {
		double own = figure_at(sale, i, row, figure, t->at);

		if (!sale->members[i].counts)
			continue;
		sum += own;
		if (sale->members[i].asks <= 0 || own <= 0)
			continue;
		blame.def = sale->defs[i];
		blame.others = sum > most ? sum - own : t->sold - own;
	}
	if (blame.def) {
		tell(&blame, err);
		return;
	}
	xn_err_set(err,
		   "xnetman.yaml: %s: %s of its %s are %s%s: correct its capacity, or lower them",
		   name_of(machine, row), amount(resource_of(machine, row), t->sold, texts[0]),
		   amount(resource_of(machine, row), sale->capacity[row][figure], texts[1]),
		   figure == XN_GUARANTEE ? "guaranteed" : "sold",
		   moment(t->at, now, when, sizeof(when)));
}

/* Return: 0, or -ENOSPC with @err. */
static int judge_sums(const struct sale *sale, int64_t now, struct xn_err *err)
{
	for (size_t row = 0; row < sale->n_rows; row++)
		for (int f = 0; f < XN_FIGURES; f++) {
			if (!fails(sale, row, f))
				continue;
			tell_sum(sale, row, f, now, err);
			return -ENOSPC;
		}
	return 0;
}

static int judge_constants(const struct sale *sale, size_t candidate,
			   const struct xn_definition *before, struct xn_err *err)
{
	for (int need = XN_NEED_DISK; need < XN_NEEDS; need++) {
		struct xn_check check = constant_check(sale, candidate, need);

		if (check.ok || (before && check.asked <= constant_of(before, need)))
			continue;
		tell_constant(sale->defs[candidate], &check, err);
		return -ENOSPC;
	}
	return 0;
}

static int make_table(const struct sale *sale, struct xn_check **checks, size_t *n)
{
	*checks = calloc(sale->n_rows * (1 + XN_FIGURES) + XN_NEEDS, sizeof(**checks));
	if (!*checks)
		return -ENOMEM;
	*n = fill_table(sale, *checks);
	return 0;
}

/* @sale has been looked at; its last member is the candidate. */
static int judge_candidate(struct sale *sale, int64_t now, struct xn_err *err)
{
	const struct xn_definition *candidate = sale->defs[sale->n_members - 1];
	const struct xn_definition *before = xn_config_network(sale->config, candidate->name);
	struct blame blame;
	int ret;

	if (find_excess(sale, sale->n_members - 1, &blame)) {
		tell_excess(&blame, err);
		return -ENOSPC;
	}
	ret = judge_constants(sale, sale->n_members - 1, before, err);
	if (ret)
		return ret;
	ret = judge_sums(sale, now, err);
	if (!ret || !before)
		return ret;
	/* no worse than what it takes the place of? */
	if (add_member(sale, before, false, -1) || look(sale, now))
		return no_memory(err);
	return judge_sums(sale, now, err);
}

int xn_book_admits(const struct xn_config *config, const struct xn_definition *candidate,
		   int64_t now, struct xn_check **checks, size_t *n, struct xn_err *err)
{
	struct sale sale;
	int ret;

	if (sale_of_candidate(&sale, config, candidate))
		return no_memory(err);
	if (look(&sale, now) || (checks && make_table(&sale, checks, n)))
		ret = no_memory(err);
	else
		ret = judge_candidate(&sale, now, err);
	sale_exit(&sale);
	return ret;
}

/* --- everything ------------------------------------------------------------------------------ */

static bool is_same(const struct xn_definition *a, const struct xn_definition *b)
{
	json_t *x = xn_definition_json(a), *y = xn_definition_json(b);
	bool same = json_equal(x, y);

	json_decref(x);
	json_decref(y);
	return same;
}

/* Has a resource less than before? Then all that is sold of it is asked for anew. */
static bool is_lowered(const struct sale *sale, const struct sale *old, size_t row, int figure)
{
	const char *name = name_of(&sale->config->machine, row);

	for (size_t i = 0; i < old->n_rows; i++)
		if (!strcmp(name_of(&old->config->machine, i), name))
			return sale->capacity[row][figure] < old->capacity[i][figure];
	return true;
}

/* Everybody asks for all: does it fit? */
static int sale_of_all(struct sale *sale, const struct xn_config *config)
{
	int ret = sale_init(sale, config, 2 * config->n_networks);

	for (size_t i = 0; i < config->n_networks && !ret; i++) {
		ret = add_member(sale, config->networks[i], true, 1);
		if (ret)
			sale_exit(sale);
	}
	return ret;
}

/* Who is the same as in @old asks for nothing new; who is another gives back what it had. */
static int compare_members(struct sale *sale, const struct xn_config *old)
{
	size_t n = sale->n_members;
	int ret = 0;

	for (size_t i = 0; i < n && !ret; i++) {
		const struct xn_definition *before = xn_config_network(old, sale->defs[i]->name);

		if (before && is_same(before, sale->defs[i]))
			sale->members[i].asks = 0;
		else if (before)
			ret = add_member(sale, before, false, -1);
	}
	return ret;
}

static int judge_each(const struct sale *sale, const struct xn_config *old, struct xn_err *err)
{
	struct blame blame;
	int ret = 0;

	for (size_t i = 0; i < sale->config->n_networks && !ret; i++) {
		const struct xn_definition *before =
			old ? xn_config_network(old, sale->defs[i]->name) : NULL;

		if (!sale->members[i].asks)
			continue;
		ret = judge_constants(sale, i, before, err);
		if (!ret && find_excess(sale, i, &blame)) {
			tell_excess(&blame, err);
			ret = -ENOSPC;
		}
	}
	return ret;
}

/* @sale has sums that do not fit, its tightest instants are of all. Are they worse than before? */
static int judge_change(struct sale *sale, const struct xn_config *old, int64_t now,
			struct xn_err *err)
{
	struct sale was;
	int ret = sale_init(&was, old, 0);

	if (ret)
		return no_memory(err);
	for (size_t row = 0; row < sale->n_rows && !ret; row++)
		for (int f = 0; f < XN_FIGURES && !ret; f++)
			if (is_lowered(sale, &was, row, f)) {
				ret = judge_each(sale, NULL, err);
				if (ret || !fails(sale, row, f))
					continue;
				tell_sum(sale, row, f, now, err);
				ret = -ENOSPC;
			}
	sale_exit(&was);
	if (ret)
		return ret;
	if (compare_members(sale, old) || look(sale, now))
		return no_memory(err);
	ret = judge_each(sale, old, err);
	return ret ? ret : judge_sums(sale, now, err);
}

int xn_book_fits(const struct xn_config *config, const struct xn_config *old, int64_t now,
		 struct xn_err *err)
{
	struct sale sale;
	int ret = sale_of_all(&sale, config);

	if (ret)
		return no_memory(err);
	if (look(&sale, now)) {
		ret = no_memory(err);
		goto exit_sale;
	}
	ret = judge_each(&sale, NULL, err);
	if (!ret)
		ret = judge_sums(&sale, now, err);
	if (ret == -ENOSPC && old)
		ret = judge_change(&sale, old, now, err);
exit_sale:
	sale_exit(&sale);
	return ret;
}
