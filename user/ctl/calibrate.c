// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl calibrate`: measure what packets cost of this machine's CPU, and keep it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/atomic.h"
#include "common/costs.h"
#include "ctl/args.h"
#include "ctl/bench.h"
#include "ctl/bus.h"
#include "ctl/calibrate.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/table.h"

#define ROUNDS	5
#define TRIAL	2000   /* packets */
#define SECONDS 0.3    /* of CPU that a measurement is to take */
#define MOST	500000 /* packets */
#define N_SIZES 2
#define N_STEPS (ROUNDS * XN_BENCH_WAYS * N_SIZES)

static const unsigned int sizes[N_SIZES] = { 60, 1514 };

/* What the measuring process hands back: figures, or why there are none. */
struct figures {
	double seconds[XN_BENCH_WAYS][N_SIZES][ROUNDS];
	struct xn_err err;
	int rc;
};

/* --- from figures to costs ----------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Other work on the machine only ever adds: but an outlier on either side must not decide. */
static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(values[0]), compare);
	return values[ROUNDS / 2];
}

struct line {
	double packet, byte;
};

/* a + b x size through both points; noise must not make a byte or a packet give time back. */
static struct line line_through(double small, double big)
{
	struct line line = { small, (big - small) / (sizes[1] - sizes[0]) };

	line.byte = line.byte > 0 ? line.byte : 0;
	line.packet = small - line.byte * sizes[0];
	line.packet = line.packet > 0 ? line.packet : 0;
	return line;
}

static double over(double a, double b)
{
	return a > b ? a - b : 0;
}

void xn_calibrate_solve(const double seconds[XN_BENCH_WAYS][2], struct xn_cost_model *model)
{
	struct line ways[XN_BENCH_WAYS];

	for (int way = 0; way < XN_BENCH_WAYS; way++)
		ways[way] = line_through(seconds[way][0], seconds[way][1]);
	for (int path = 0; path < XN_COST_PATHS; path++) {
		static const enum xn_bench_way way_of[XN_COST_PATHS] = {
			[XN_COST_RX] = XN_BENCH_BRIDGE,	     [XN_COST_FORWARD] = XN_BENCH_ROUTE,
			[XN_COST_TX] = XN_BENCH_BRIDGE_SEND, [XN_COST_LINK] = XN_BENCH_BRIDGE_SEND,
			[XN_COST_DROP] = XN_BENCH_DROP,
		};

		model->path[path].packet = ways[way_of[path]].packet;
		model->path[path].byte = ways[way_of[path]].byte;
	}
	/* sending is what sending adds */
	model->path[XN_COST_LINK].packet =
		over(ways[XN_BENCH_BRIDGE_SEND].packet, ways[XN_BENCH_BRIDGE].packet);
	model->path[XN_COST_LINK].byte =
		over(ways[XN_BENCH_BRIDGE_SEND].byte, ways[XN_BENCH_BRIDGE].byte);
}

static void solve(struct figures *figures, struct xn_cost_model *model)
{
	double seconds[XN_BENCH_WAYS][N_SIZES];

	for (int way = 0; way < XN_BENCH_WAYS; way++)
		for (int size = 0; size < N_SIZES; size++)
			seconds[way][size] = median(figures->seconds[way][size]);
	xn_calibrate_solve(seconds, model);
}

/* --- measuring, in a process of its own ---------------------------------------------------- */

static void show_progress(int step)
{
	fprintf(stderr, "\rmeasuring: %d of %d ", step, N_STEPS);
	if (step == N_STEPS)
		fputc('\n', stderr);
}

/* A slow machine is given fewer packets, and a fast one no more than are needed. */
static unsigned int packets_for(struct xn_bench *bench, struct figures *figures)
{
	double cost = 1;

	figures->rc =
		xn_bench_run(bench, XN_BENCH_BRIDGE_SEND, sizes[1], TRIAL, &cost, &figures->err);
	return cost * TRIAL > SECONDS ? TRIAL : cost * MOST < SECONDS ? MOST : SECONDS / cost;
}

/* Rounds outside: what else the machine does meanwhile hits all ways alike. */
static void measure(struct figures *figures, bool progress)
{
	struct xn_bench *bench = xn_bench_open(&figures->err);

	unsigned int packets = bench ? packets_for(bench, figures) : 0;

	if (!bench)
		figures->rc = -EIO;
	for (int step = 0; step < N_STEPS && !figures->rc; step++) {
		int way = step % XN_BENCH_WAYS, size = step / XN_BENCH_WAYS % N_SIZES;
		int round = step / XN_BENCH_WAYS / N_SIZES;

		figures->rc = xn_bench_run(bench, way, sizes[size], packets,
					   &figures->seconds[way][size][round], &figures->err);
		if (progress)
			show_progress(step + 1);
	}
}

static void run_child(int to, bool progress)
{
	struct figures figures = { .rc = 0 };
	ssize_t n;

	measure(&figures, progress);
	n = write(to, &figures, sizeof(figures));
	_exit(n == sizeof(figures) ? 0 : 1);
}

static int measure_apart(struct figures *figures, bool progress)
{
	int ends[2], status;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(ends))
		return -errno;
	pid = fork();
	if (!pid)
		run_child(ends[1], progress);
	close(ends[1]);
	while (pid > 0 && have < sizeof(*figures)) {
		n = read(ends[0], (char *)figures + have, sizeof(*figures) - have);
		if (n <= 0 && !(n < 0 && errno == EINTR))
			break;
		have += n > 0 ? n : 0;
	}
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return have == sizeof(*figures) ? 0 : -EIO;
}

/* --- pktgen -------------------------------------------------------------------------------- */

static bool has_pktgen(void)
{
	return !access("/proc/net/pktgen", F_OK);
}

/* Return: was it loaded by us? */
static bool load_pktgen(void)
{
	return !has_pktgen() && !system("modprobe pktgen >/dev/null 2>&1") && has_pktgen();
}

/* --- the command --------------------------------------------------------------------------- */

static void print_costs(const struct xn_ctl *ctl, const struct xn_cost_model *model)
{
	static const struct xn_column columns[] = { { "PATH", false },
						    { "NS PER PACKET", true },
						    { "NS PER BYTE", true } };
	struct xn_table *table = xn_table_create(columns, sizeof(columns) / sizeof(columns[0]));

	for (int path = 0; path < XN_COST_PATHS; path++) {
		xn_table_cell(table, XN_BOLD, "%s", xn_cost_path_name(path));
		xn_table_cell(table, XN_PLAIN, "%.0f", model->path[path].packet * 1e9);
		xn_table_cell(table, XN_PLAIN, "%.3f", model->path[path].byte * 1e9);
	}
	xn_table_print(table, stdout, ctl->colour);
	xn_table_destroy(table);
}

static int keep(struct xn_ctl *ctl, const char *path, const struct xn_cost_model *model)
{
	char *text, *dir = strdup(path), *slash = dir ? strrchr(dir, '/') : NULL;
	struct utsname system;
	struct xn_err err;
	int rc = -EINVAL;

	xn_err_set(&err, "output: %s: write the whole path of a file", path);
	uname(&system);
	text = xn_costs_text(model, system.release);
	if (text && slash && slash != dir) {
		*slash = '\0';
		rc = xn_atomic_write(dir, slash + 1, text, false, &err);
	}
	free(text);
	free(dir);
	return rc ? xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s", err.text) : XN_EXIT_OK;
}

/* A daemon that does not run loads the file when it starts. */
static void tell_daemon(struct xn_ctl *ctl)
{
	struct xn_err err;

	if (xn_ctl_try(ctl, &err, NULL, "Reload", ""))
		fprintf(stderr, "xnetman-ctl: kept, but xnetmand did not load it: %s\n", err.text);
}

static int show(struct xn_ctl *ctl, const char *path, const struct xn_cost_model *model)
{
	if (ctl->json)
		return xn_ctl_print_json(
			ctl, json_pack("{s:s, s:o}", "file", path, "paths", xn_costs_json(model)));
	print_costs(ctl, model);
	return XN_EXIT_OK;
}

static int calibrate(struct xn_ctl *ctl, const char *path)
{
	static struct figures figures;
	struct xn_cost_model model;
	int code;

	if (measure_apart(&figures, isatty(STDERR_FILENO)))
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "calibrate: the measuring process died");
	if (figures.rc)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "calibrate: %s", figures.err.text);
	solve(&figures, &model);
	code = keep(ctl, path, &model);
	if (code)
		return code;
	tell_daemon(ctl);
	return show(ctl, path, &model);
}

int xn_ctl_calibrate(struct xn_ctl *ctl, int argc, char **argv)
{
	static const struct xn_arg keys[] = { { "output", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(NULL, keys, 1, argc, argv, &err);
	const char *path;
	bool loaded;
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "calibrate: %s", err.text);
	if (geteuid()) {
		json_decref(args);
		return xn_ctl_fail(ctl, XN_EXIT_DENIED,
				   "calibrate: needs root: it makes network "
				   "namespaces of its own to measure in");
	}
	loaded = load_pktgen();
	path = json_object_get(args, "output") ? xn_ctl_text(args, "output")
					       : XN_COSTS_DIR "/" XN_COSTS_FILE;
	code = has_pktgen() ? calibrate(ctl, path)
			    : xn_ctl_fail(ctl, XN_EXIT_FAILURE,
					  "calibrate: the kernel has no pktgen: modprobe pktgen");
	if (loaded && system("modprobe -r pktgen >/dev/null 2>&1"))
		fprintf(stderr, "xnetman-ctl: pktgen stays loaded\n");
	json_decref(args);
	return code;
}
