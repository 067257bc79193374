// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `xnetman-ctl simulate`: the controller against a demand trace, without a kernel.
 *
 * The link is a plain FIFO: V = D x (1 - ratio) for each network, and if these are
 * together more than the capacity R, all are scaled by R / sum V. The ratios in force in a tick are
 * those that were decided at its start, from the demand of the tick before; before the first no
 * demand is known, so it punishes nobody.
 *
 * A trace is CSV or JSON; what begins with { is JSON. Settings: capacity (must be there, or
 * --capacity), short_interval (default 1s), long_interval (15s), policy (xnetman). A network:
 * rc, re, rl, rmax, restricted, with the defaults of networks.d.
 *
 * CSV: lines with # hold settings, ## is a comment. Then a header, and a row for each tick. t is in
 * seconds and goes up by short_interval; only its steps matter. Rates have units, or the column is
 * called NAME_bps and they are plain bit/s.
 *
 *     # capacity 1Gbit
 *     # network net1 rc 50Mbit rl 350Mbit
 *     # network net2 rc 100Mbit
 *     t,net1,net2_bps
 *     1,300Mbit,300000000
 *     2,300Mbit,0
 *
 * JSON: demand is a list with a rate for each tick, or one rate for all; "ticks" says how many
 * there are where no list does.
 *
 *     {"capacity": "1Gbit", "short_interval": "1s", "long_interval": "15s", "policy": "xnetman",
 *      "ticks": 2,
 *      "networks": [{"name": "net1", "rc": "50Mbit", "rl": "350Mbit", "demand": "300Mbit"},
 *                   {"name": "net2", "rc": "100Mbit", "demand": ["300Mbit", "0"]}]}
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/series.h"
#include "core/units.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/plot.h"
#include "ctl/simulate.h"
#include "ctl/simulate_print.h"
#include "ctl/summary.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char usage[] =
	"Usage: xnetman-ctl [-j] [-p] simulate FILE [OPTION]...\n"
	"\n"
	"Runs the controller against a demand trace, without a kernel, and prints per tick and "
	"network\n"
	"demand D, throughput V, what was allowed, the punishment, the weight and Ec, per long\n"
	"interval El and the conformity C, and means at the end. - is standard input.\n"
	"\n"
	"  --policy POLICY         xnetman, xnetmon or off\n"
	"  --capacity RATE         of the link\n"
	"  --short-interval TIME   Ic; the demand is averaged over it\n"
	"  --long-interval TIME    Il, a multiple of Ic\n"
	"                          These replace what the trace says.\n"
	"  --summary               only the means\n"
	"  --plot OUT.svg|OUT.png  only the means, and figures: OUT-a (throughput), OUT-b "
	"(weights),\n"
	"                          OUT-c (errors, conformity). Needs gnuplot\n"
	"  -j                      the series as JSON: \"ticks\", \"intervals\", and \"networks\" "
	"with the means\n"
	"  --help                  this\n"
	"\n"
	"The ratios in force in a tick are those decided from the demand of the tick before. If "
	"networks\n"
	"together send more than the capacity, all lose the same part.\n"
	"\n"
	"A trace is CSV, with settings in lines that begin with # (## is a comment); t goes up by\n"
	"short_interval; a column NAME_bps has plain numbers:\n"
	"\n"
	"  # capacity 1Gbit\n"
	"  # short_interval 1s\n"
	"  # long_interval 15s\n"
	"  # policy xnetman\n"
	"  # network net1 rc 50Mbit rl 350Mbit\n"
	"  # network net2 rc 100Mbit re 0 rl 100Mbit rmax 100Mbit restricted false\n"
	"  t,net1,net2_bps\n"
	"  1,300Mbit,300000000\n"
	"  2,300Mbit,0\n"
	"\n"
	"or JSON, with the same settings; demand is a list, or one rate for all ticks:\n"
	"\n"
	"  {\"capacity\": \"1Gbit\", \"ticks\": 2, \"networks\": [\n"
	"    {\"name\": \"net1\", \"rc\": \"50Mbit\", \"rl\": \"350Mbit\", \"demand\": "
	"\"300Mbit\"},\n"
	"    {\"name\": \"net2\", \"rc\": \"100Mbit\", \"demand\": [\"300Mbit\", \"0\"]}]}\n"
	"\n"
	"Example: xnetman-ctl simulate fig4.csv --policy xnetmon --plot fig4.svg\n";

/* --- the run --- */

struct run {
	const struct xn_trace *trace;
	struct xn_resource res;
	size_t ticks_per_il;
	struct xn_share *shares;
	struct xn_share **order;
	struct xn_account *accounts;
	double *through; /* V of this tick, bit/s */
	double sent;	 /* bits, of all, so far */
	bool oversold;
	json_t *series;
	int failed; /* something could not be added to the series */
};

/* What was decided is in force now: V of each. */
static void send_demand(struct run *run, const double *demand)
{
	size_t n = run->trace->n_networks;
	double sum = 0, fit;

	for (size_t i = 0; i < n; i++)
		sum += run->through[i] = demand[i] * (1 - run->shares[i].ratio);
	fit = sum > run->res.capacity ? run->res.capacity / sum : 1;
	for (size_t i = 0; i < n; i++)
		run->through[i] *= fit;
	run->sent += sum * fit * run->res.ic;
}

static void record_tick(struct run *run, size_t k, const double *demand)
{
	json_t *tick = xn_series_tick(run->series, (k + 1) * run->res.ic);

	for (size_t i = 0; i < run->trace->n_networks; i++) {
		const struct xn_share *share = &run->shares[i];
		double ec = xn_account_add(&run->accounts[i], share->sla.rc,
					   demand[i] * run->res.ic, run->through[i] * run->res.ic,
					   run->res.ic);

		run->failed |= xn_series_tick_add(tick, run->trace->networks[i].name, XN_BANDWIDTH,
						  demand[i], run->through[i], share, ec);
	}
}

static void close_interval(struct run *run, size_t k)
{
	json_t *interval = xn_series_interval(run->series, (k + 1) * run->res.ic);

	for (size_t i = 0; i < run->trace->n_networks; i++) {
		struct xn_verdict verdict =
			xn_account_close(&run->accounts[i], run->shares[i].sla.rl, run->res.il);

		run->failed |=
			xn_series_interval_add(interval, run->trace->networks[i].name, &verdict);
	}
}

static void tick(struct run *run, size_t k)
{
	const double *demand = run->trace->demand + k * run->trace->n_networks;

	run->res.elapsed = k % run->ticks_per_il * run->res.ic;
	for (size_t i = 0; i < run->trace->n_networks; i++)
		run->shares[i].used = run->accounts[i].used;
	run->oversold |= !xn_decide(&run->res, run->shares, run->order, run->trace->n_networks);
	send_demand(run, demand);
	record_tick(run, k, demand);
	if ((k + 1) % run->ticks_per_il == 0)
		close_interval(run, k);
	for (size_t i = 0; i < run->trace->n_networks; i++)
		run->shares[i].demand = demand[i];
}

static bool run_alloc(struct run *run)
{
	size_t n = run->trace->n_networks;

	run->shares = calloc(n, sizeof(*run->shares));
	run->order = calloc(n, sizeof(struct xn_share *));
	run->accounts = calloc(n, sizeof(*run->accounts));
	run->through = calloc(n, sizeof(*run->through));
	run->series = xn_series_new();
	return run->shares && run->order && run->accounts && run->through && run->series;
}

json_t *xn_simulate(const struct xn_trace *trace)
{
	struct run run = {
		.trace = trace,
		.res = { trace->capacity, trace->ic / 1e9, trace->il / 1e9, 0, trace->policy },
		.ticks_per_il = trace->il / trace->ic,
	};

	if (!run_alloc(&run)) {
		run.failed = -1;
		goto free_run;
	}
	for (size_t i = 0; i < trace->n_networks; i++)
		run.shares[i].sla = trace->networks[i].sla;
	for (size_t k = 0; k < trace->n_ticks && !run.failed; k++)
		tick(&run, k);
	run.failed |= json_object_set_new(
		run.series, "utilisation",
		json_real(run.sent / (trace->capacity * run.res.ic * trace->n_ticks)));
	run.failed |= json_object_set_new(run.series, "oversold", json_boolean(run.oversold));
free_run:
	free(run.shares);
	free(run.order);
	free(run.accounts);
	free(run.through);
	if (run.failed) {
		json_decref(run.series);
		return NULL;
	}
	return run.series;
}

/* --- the command --- */

struct request {
	const char *file;
	const char *plot;	   /* NULL: none */
	const char *settings[256]; /* by letter of the option; NULL: as the trace says */
	bool summary, help;
};

static const struct option options[] = {
	{ "policy", required_argument, NULL, 'p' },
	{ "capacity", required_argument, NULL, 'r' },
	{ "short-interval", required_argument, NULL, 'c' },
	{ "long-interval", required_argument, NULL, 'l' },
	{ "plot", required_argument, NULL, 'o' },
	{ "summary", no_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{},
};

/* Options that replace a setting of the trace. */
static const struct {
	int letter;
	const char *option;
	const char *key;
} overrides[] = {
	{ 'p', "--policy", "policy" },
	{ 'r', "--capacity", "capacity" },
	{ 'c', "--short-interval", "short_interval" },
	{ 'l', "--long-interval", "long_interval" },
};

static int parse_arguments(int argc, char **argv, struct request *request, struct xn_err *err)
{
	int letter;

	opterr = 0;
	optind = 0;
	while ((letter = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (letter) {
		case ':':
			xn_err_set(err, "%s: its value is missing: write it behind",
				   argv[optind - 1]);
			return -EINVAL;
		case '?':
			xn_err_set(err, "%s: is no option here: see xnetman-ctl simulate --help",
				   argv[optind - 1]);
			return -EINVAL;
		case 's':
			request->summary = true;
			break;
		case 'h':
			request->help = true;
			break;
		case 'o':
			request->plot = optarg;
			break;
		default:
			request->settings[letter] = optarg;
		}
	}
	request->file = argv[optind];
	if (request->help || argc - optind == 1)
		return 0;
	xn_err_set(err, "%s",
		   request->file ? "more than one file: name one trace"
				 : "no file: name a trace, or - for standard input");
	return -EINVAL;
}

static int override(struct xn_trace *trace, const struct request *request, struct xn_err *err)
{
	uint64_t ic = trace->ic;
	const char *wrong, *key;

	for (size_t i = 0; i < N(overrides); i++) {
		const char *text = request->settings[overrides[i].letter];

		wrong = text ? xn_trace_set(trace, overrides[i].key, text) : NULL;
		if (wrong) {
			xn_err_set(err, "%s: %s", overrides[i].option, wrong);
			return -EINVAL;
		}
	}
	wrong = xn_trace_finish(trace, ic, &key);
	if (wrong)
		xn_err_set(err, "%s: %s: %s", request->file, key, wrong);
	return wrong ? -EINVAL : 0;
}

static struct xn_trace *read_trace(const struct request *request, struct xn_err *err)
{
	struct xn_trace *trace = xn_trace_read(request->file, err);

	if (trace && !override(trace, request, err))
		return trace;
	xn_trace_free(trace);
	return NULL;
}

/* "svg" or "png", by the end of the name; NULL: neither. @length: out, of what is before it. */
static const char *plot_format(const char *name, size_t *length)
{
	static const char *const formats[] = { "svg", "png" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && dot > name && i < N(formats); i++) {
		*length = dot - name;
		if (!strcmp(dot + 1, formats[i]))
			return formats[i];
	}
	return NULL;
}

static int plot(const struct request *request, const json_t *series, const struct xn_trace *trace)
{
	const char *name = strrchr(request->file, '/'), *format;
	char base[4096], title[256];
	size_t length;

	format = plot_format(request->plot, &length);
	name = name ? name + 1 : request->file;
	snprintf(base, sizeof(base), "%.*s", (int)length, request->plot);
	snprintf(title, sizeof(title), "%.*s, %s, simulated", (int)strcspn(name, "."), name,
		 xn_policy_name(trace->policy));
	return xn_plot_series(series, base, format, title);
}

/* Return: exit status. */
static int print(struct xn_ctl *ctl, const struct request *request, json_t *series,
		 const struct xn_trace *trace)
{
	if (ctl->json) {
		json_dumpf(series, stdout, xn_ctl_json_flags(ctl->pretty));
		putchar('\n');
	} else {
		if (!request->summary && !request->plot)
			xn_simulate_print_ticks(series);
		xn_simulate_print_means(series, trace);
	}
	if (!fflush(stdout) && !ferror(stdout))
		return XN_EXIT_OK;
	fprintf(stderr, "xnetman-ctl: simulate: can't write the result: %s\n", strerror(errno));
	return XN_EXIT_FAILURE;
}

static int simulate(struct xn_ctl *ctl, const struct request *request, const struct xn_trace *trace)
{
	json_t *series = xn_simulate(trace);
	int ret = XN_EXIT_FAILURE;

	if (!series || json_object_set_new(series, "networks", xn_series_summary(series))) {
		ret = xn_ctl_fail(ctl, ret, "simulate: out of memory: simulate a shorter trace");
		goto free_series;
	}
	if (json_is_true(json_object_get(series, "oversold")))
		fprintf(stderr,
			"xnetman-ctl: simulate: the guarantees do not fit the capacity and are "
			"scaled down: lower rc and re, or raise the capacity\n");
	if (request->plot && plot(request, series, trace))
		ret = ctl->json ? xn_ctl_fail_json(ctl, ret, "simulate: no plot") : ret;
	else
		ret = print(ctl, request, series, trace);
free_series:
	json_decref(series);
	return ret;
}

int xn_ctl_simulate(struct xn_ctl *ctl, int argc, char **argv)
{
	struct request request = {};
	struct xn_trace *trace;
	struct xn_err err;
	size_t length;
	int ret = parse_arguments(argc, argv, &request, &err);

	if (!ret && request.help) {
		fputs(usage, stdout);
		return XN_EXIT_OK;
	}
	if (!ret && request.plot && !plot_format(request.plot, &length)) {
		xn_err_set(&err, "--plot: \"%s\" is neither OUT.svg nor OUT.png: write one of them",
			   request.plot);
		ret = -EINVAL;
	}
	trace = ret ? NULL : read_trace(&request, &err);
	if (!trace)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "simulate: %s", err.text);
	ret = simulate(ctl, &request, trace);
	xn_trace_free(trace);
	return ret;
}
