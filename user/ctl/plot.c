// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl plot`: figures like the paper's figure 4 from a series, drawn by gnuplot. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/plot.h"
#include "ctl/summary.h"
#include "ctl/table.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* More networks than this make their legend unreadable above the plot: it goes beside it. */
#define LEGEND_ABOVE 8
/* A title of more characters is set in smaller ones. */
#define TITLE_WIDTH 84

static const struct format {
	const char *name;
	const char *terminal;
	double title_size; /* of the font */
} formats_known[] = {
	{ "svg", "svg size 1000,%d dynamic enhanced background 'white' font 'DejaVu Sans,15'", 18 },
	{ "png",
	  "pngcairo size 1600,%d enhanced background 'white' font 'DejaVu Sans,12' fontscale 1.5 "
	  "linewidth 1.6",
	  14 },
};

/* Colours that stay apart for the colour-blind (Okabe and Ito), then again with dashes. */
static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7",
				       "#e69f00", "#56b4e9", "#000000" };
/* Hollow circle, square, triangle, diamond, filled ones. */
static const int points[] = { 6, 4, 8, 12, 7, 5, 9 };

struct plot {
	FILE *out; /* gnuplot's standard input */
	const json_t *series;
	json_t *names; /* of networks */
	const char *base;
	const char *title;
	const struct format *format;
	double scale; /* of the unit of the axis, in the resource's */
	const char *unit;
	double max; /* highest rate, in that unit */
};

/* @text between single quotes, where gnuplot reads neither escapes nor `commands`. */
static void quote(FILE *out, const char *text)
{
	char clean[512];

	xn_ctl_clean(text, clean, sizeof(clean));
	fputc('\'', out);
	for (const char *c = clean; *c; c++)
		fputs(*c == '\'' ? "''" : (char[]){ *c, '\0' }, out);
	fputc('\'', out);
}

/* ---- data ---------------------------------------------------------------------------------- */

/* $tick0, $tick1 ...: t D V w Ec of each network. A gap where it was not there. */
static void write_tick(struct plot *plot, double t, const json_t *network)
{
	fprintf(plot->out, "%.10g %.10g %.10g %.10g %.10g\n", t,
		xn_ctl_rate(network, "demand") / plot->scale,
		xn_ctl_rate(network, "throughput") / plot->scale, xn_ctl_number(network, "weight"),
		xn_ctl_number(network, "ec"));
}

static double tick_time(const struct plot *plot, size_t i)
{
	return xn_ctl_number(json_array_get(json_object_get(plot->series, "ticks"), i), "t");
}

static void write_ticks(struct plot *plot, const char *name, size_t i)
{
	const json_t *tick, *network;
	bool there = false;
	size_t k;

	fprintf(plot->out, "$tick%zu << EOD\n", i);
	json_array_foreach(json_object_get(plot->series, "ticks"), k, tick) {
		network = xn_series_network(tick, name);
		/* A step is drawn from the point before: the first tick of a network has none. */
		if (network && !there)
			write_tick(plot, k ? tick_time(plot, k - 1) : 0, network);
		if (network)
			write_tick(plot, tick_time(plot, k), network);
		else
			fputc('\n', plot->out);
		there = network;
	}
	fprintf(plot->out, "EOD\n");
}

/* $interval0 ...: t El C. */
static void write_intervals(struct plot *plot, const char *name, size_t i)
{
	const json_t *interval, *network;
	size_t k;

	fprintf(plot->out, "$interval%zu << EOD\n", i);
	json_array_foreach(json_object_get(plot->series, "intervals"), k, interval) {
		network = xn_series_network(interval, name);
		if (network)
			fprintf(plot->out, "%.10g %.10g %.10g\n", xn_ctl_number(interval, "t"),
				xn_ctl_number(network, "el"), xn_ctl_number(network, "conformity"));
	}
	fprintf(plot->out, "EOD\n");
}

static bool has_intervals(const struct plot *plot)
{
	return json_array_size(json_object_get(plot->series, "intervals"));
}

static void write_data(struct plot *plot)
{
	const char *name;
	json_t *value;
	size_t i = 0;

	json_object_foreach(plot->names, name, value) {
		write_ticks(plot, name, i);
		if (has_intervals(plot))
			write_intervals(plot, name, i);
		i++;
	}
}

/* Choose the unit of the rate axis by the highest rate. */
static void choose_unit(struct plot *plot)
{
	static const struct {
		double scale;
		const char *unit;
	} units_of[XN_RESOURCES][4] = {
		[XN_BANDWIDTH] = { { 1e9, "Gbit/s" },
				   { 1e6, "Mbit/s" },
				   { 1e3, "kbit/s" },
				   { 1, "bit/s" } },
		[XN_CPU] = { { 1, "cores" } },
		[XN_MEMORY] = { { 1, "routes" } },
	}, *units;
	enum xn_resource_kind kind = XN_BANDWIDTH;
	const json_t *tick, *network;
	double max = 0;
	size_t i, j, u;

	json_array_foreach(json_object_get(plot->series, "ticks"), i, tick) {
		json_array_foreach(json_object_get(tick, "networks"), j, network) {
			double demand = xn_ctl_rate(network, "demand");

			kind = xn_ctl_resource(network);

			max = demand > max ? demand : max;
		}
	}
	units = units_of[kind];
	for (u = 0; u + 1 < N(units_of[0]) && units[u + 1].unit && max < units[u].scale; u++)
		;
	plot->scale = units[u].scale;
	plot->unit = units[u].unit;
	plot->max = max > 0 ? max / plot->scale : 1;
}

/* ---- figures ------------------------------------------------------------------------------- */

static void file_name(const char *base, char letter, const struct format *format, char *buf,
		      size_t size)
{
	snprintf(buf, size, "%s-%c.%s", base, letter, format->name);
}

static void open_figure(struct plot *plot, char letter, int height)
{
	char name[PATH_MAX];

	fputs("reset\nset terminal ", plot->out);
	fprintf(plot->out, plot->format->terminal,
		!strcmp(plot->format->name, "png") ? height * 8 / 5 : height);
	file_name(plot->base, letter, plot->format, name, sizeof(name));
	fputs("\nset output ", plot->out);
	/* Not quote(): a path is bytes, not text. */
	fputc('\'', plot->out);
	for (const char *c = name; *c; c++)
		fputs(*c == '\'' ? "''" : (char[]){ *c, '\0' }, plot->out);
	fputs("'\n"
	      "set border 3 linecolor '#606060'\n"
	      "set tics nomirror out textcolor '#202020'\n"
	      "set grid back linetype 1 linecolor '#dddddd' linewidth 0.7\n"
	      "set style fill solid 0.15\n",
	      plot->out);
}

/* Title, and below it the legend, both above the plot. @top: where the plot may begin. */
static void set_title(struct plot *plot, const char *what, double top)
{
	bool above = json_object_size(plot->names) <= LEGEND_ABOVE;
	char title[700];
	double width;

	if (plot->title)
		snprintf(title, sizeof(title), "%s: %s", plot->title, what);
	else
		snprintf(title, sizeof(title), "%c%s", toupper(what[0]), what + 1);
	fputs("set label 1 ", plot->out);
	quote(plot->out, title);
	width = (double)xn_text_width(title);
	fprintf(plot->out,
		" at screen 0.54, %.3f center noenhanced font 'DejaVu Sans,%.3g'\n"
		"set key %s noenhanced samplen 2.5 Left reverse width 2\n",
		top + 0.68 * (1 - top),
		width > TITLE_WIDTH ? plot->format->title_size * TITLE_WIDTH / width
				    : plot->format->title_size,
		above ? "" : "at screen 0.99, 0.9 right top vertical");
	if (above)
		fprintf(plot->out, "set key at screen 0.54, %.3f center horizontal maxrows 2\n",
			top + 0.25 * (1 - top));
	fprintf(plot->out, "set lmargin at screen 0.1\nset rmargin at screen %s\n",
		above ? "0.97" : "0.82");
}

static void set_panel(struct plot *plot, double top, double bottom, const char *label)
{
	fprintf(plot->out,
		"set tmargin at screen %.3f\nset bmargin at screen %.3f\nset ylabel '%s'\n", top,
		bottom, label);
}

/* Time axis from 0 to the last tick. */
static void set_time(struct plot *plot)
{
	const json_t *ticks = json_object_get(plot->series, "ticks");
	double t = xn_ctl_number(json_array_get(ticks, json_array_size(ticks) - 1), "t");

	fprintf(plot->out, "set xrange [0:%.10g]\n", t > 0 ? t : 1);
}

/*
 * One curve per network: columns @using, drawn with @style. @demand: thin, dashed, and
 * not in the legend.
 */
static void curves(struct plot *plot, const char *data, const char *using, const char *style,
		   bool demand, bool first)
{
	size_t n = json_object_size(plot->names), i = 0;
	const char *name;
	json_t *value;

	json_object_foreach(plot->names, name, value) {
		/* Wide below, narrow above: curves that coincide are all seen. */
		double step = n > 1 ? (double)i / (double)(n - 1) : 1;

		fprintf(plot->out, "%s$%s%zu using %s with %s linecolor rgb '%s' linewidth %.2g",
			first && !i ? "plot " : ", ", data, i, using, style,
			colours[i % N(colours)], !demand ? 4.5 - 2.5 * step : 1.5);
		if (!strcmp(style, "linespoints"))
			fprintf(plot->out, " pointtype %d pointsize %.2g", points[i % N(points)],
				1.6 - 0.8 * step);
		if (demand)
			fputs(" dashtype 2 notitle", plot->out);
		else if (i >= N(colours))
			fprintf(plot->out, " dashtype %zu", 1 + i / N(colours) % 5);
		if (!demand) {
			fputs(" title ", plot->out);
			quote(plot->out, name);
		}
		i++;
	}
}

static void figure_throughput(struct plot *plot)
{
	char label[64];

	open_figure(plot, 'a', 560);
	set_title(plot, "throughput (dashed: demand)", 0.86);
	snprintf(label, sizeof(label), "throughput [%s]", plot->unit);
	set_panel(plot, 0.86, 0.13, label);
	fprintf(plot->out, "set xlabel 'time [s]'\nset yrange [%.10g:%.10g]\n", -0.02 * plot->max,
		1.1 * plot->max);
	set_time(plot);
	curves(plot, "tick", "1:2", "fsteps", true, true);
	curves(plot, "tick", "1:3", "fsteps", false, false);
	fputc('\n', plot->out);
}

static void figure_weights(struct plot *plot)
{
	open_figure(plot, 'b', 560);
	set_title(plot, "adaptive weights", 0.86);
	set_panel(plot, 0.86, 0.13, "weight (sum 1)");
	fputs("set xlabel 'time [s]'\nset yrange [-0.02:1.02]\n", plot->out);
	set_time(plot);
	curves(plot, "tick", "1:4", "fsteps", false, true);
	fputc('\n', plot->out);
}

/* Ec each tick, El and C each long interval: three panels with one time axis. */
static void figure_errors(struct plot *plot)
{
	open_figure(plot, 'c', 820);
	set_title(plot, "errors and conformity", 0.9);
	fputs("set multiplot\nset format x ''\nset yrange [-0.04:1.04]\n", plot->out);
	set_time(plot);
	set_panel(plot, 0.9, 0.66, "short-term error E_c");
	curves(plot, "tick", "1:5", "fsteps", false, true);
	fputs("\nunset label 1\nunset key\n", plot->out);
	if (has_intervals(plot)) {
		set_panel(plot, 0.63, 0.39, "long-term error E_l");
		curves(plot, "interval", "1:2", "linespoints", false, true);
		fputs("\nset format x '%g'\nset xlabel 'time [s]'\n", plot->out);
		set_panel(plot, 0.36, 0.12, "conformity C");
		curves(plot, "interval", "1:3", "linespoints", false, true);
	}
	fputs("\nunset multiplot\n", plot->out);
}

/* ---- gnuplot ------------------------------------------------------------------------------- */

/* Start gnuplot without a shell. Return: where its script is to be written, or NULL. */
static FILE *gnuplot_start(pid_t *pid)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return NULL;
	*pid = fork();
	if (!*pid) {
		/* Where it can't open a file it draws on standard output. */
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		dup2(fds[0], STDIN_FILENO);
		execlp("gnuplot", "gnuplot", "-", (char *)NULL);
		_exit(errno == ENOENT ? 127 : 126);
	}
	close(fds[0]);
	if (*pid < 0) {
		close(fds[1]);
		return NULL;
	}
	return fdopen(fds[1], "w");
}

static int gnuplot_finish(pid_t pid, FILE *out)
{
	int status;

	fclose(out);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

static void draw(struct plot *plot)
{
	write_data(plot);
	figure_throughput(plot);
	figure_weights(plot);
	figure_errors(plot);
	fputs("set output\n", plot->out);
}

/* Next name of "svg,png". Return: its format, or NULL. */
static const struct format *next_format(const char **formats)
{
	size_t len = strcspn(*formats, ",");
	const char *name = *formats;

	*formats += len + (name[len] == ',');
	for (size_t i = 0; i < N(formats_known); i++)
		if (strlen(formats_known[i].name) == len &&
		    !strncmp(formats_known[i].name, name, len))
			return &formats_known[i];
	return NULL;
}

/* Can all files be written? Better asked here than told by gnuplot. */
static int check_files(const char *base, const char *formats, struct xn_err *err)
{
	char name[PATH_MAX];
	FILE *file;

	while (*formats) {
		const struct format *format = next_format(&formats);

		for (char letter = 'a'; letter <= 'c'; letter++) {
			file_name(base, letter, format, name, sizeof(name));
			file = fopen(name, "we");
			if (!file) {
				xn_err_set(err, "%s: %s", name, strerror(errno));
				return -errno;
			}
			fclose(file);
		}
	}
	return 0;
}

/* After a failure: no figure is better than an empty one. */
static void remove_empty(const char *base, const char *formats)
{
	char name[PATH_MAX];
	struct stat st;

	while (*formats) {
		const struct format *format = next_format(&formats);

		for (char letter = 'a'; letter <= 'c'; letter++) {
			file_name(base, letter, format, name, sizeof(name));
			if (!stat(name, &st) && S_ISREG(st.st_mode) && !st.st_size)
				unlink(name);
		}
	}
}

static int plot_all(struct plot *plot, const char *formats, struct xn_err *err)
{
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	pid_t pid = -1;
	int ret = 0;

	plot->out = gnuplot_start(&pid);
	if (!plot->out) {
		signal(SIGPIPE, old);
		xn_err_set(err, "can't start gnuplot: %s", strerror(errno));
		return -EIO;
	}
	while (*formats) {
		plot->format = next_format(&formats);
		draw(plot);
	}
	ret = gnuplot_finish(pid, plot->out);
	signal(SIGPIPE, old);
	if (ret == -ENOENT)
		xn_err_set(err, "gnuplot is not installed: apt-get install gnuplot-nox");
	else if (ret)
		xn_err_set(err,
			   "gnuplot failed: is it whole? Try: gnuplot -e 'set terminal pngcairo'");
	return ret;
}

static int check_formats(const char *formats, struct xn_err *err)
{
	const char *rest = formats;

	do {
		if (!next_format(&rest)) {
			xn_err_set(err, "format: \"%s\": write svg, png or svg,png", formats);
			return -EINVAL;
		}
	} while (*rest);
	return 0;
}

static int try_plot(const json_t *series, const char *base, const char *formats, const char *title,
		    struct xn_err *err)
{
	struct plot plot = { .series = series, .base = base, .title = title };
	int ret = check_formats(formats, err);

	if (!ret)
		ret = xn_series_check(series, base, err);
	if (ret)
		return ret;
	if (!json_array_size(json_object_get(series, "ticks"))) {
		xn_err_set(err, "the series has no ticks: nothing to draw");
		return -EINVAL;
	}
	ret = check_files(base, formats, err);
	if (ret)
		return ret;
	choose_unit(&plot);
	plot.names = xn_series_names(series);
	ret = plot_all(&plot, formats, err);
	if (ret)
		remove_empty(base, formats);
	json_decref(plot.names);
	return ret;
}

int xn_plot_series(const json_t *series, const char *base, const char *formats, const char *title)
{
	struct xn_err err;
	int ret = try_plot(series, base, formats, title, &err);

	if (ret)
		fprintf(stderr, "xnetman-ctl: %s\n", err.text);
	return ret;
}

/* ---- the command --------------------------------------------------------------------------- */

/* The file without ".json". */
static char *default_base(const char *file)
{
	size_t len = strlen(file);

	if (!strcmp(file, "-"))
		return strdup("series");
	return strndup(file, len > 5 && !strcmp(file + len - 5, ".json") ? len - 5 : len);
}

static json_t *written(const char *base, const char *formats)
{
	json_t *files = json_array();
	char name[PATH_MAX];

	while (*formats) {
		const struct format *format = next_format(&formats);

		for (char letter = 'a'; letter <= 'c'; letter++) {
			file_name(base, letter, format, name, sizeof(name));
			json_array_append_new(files, json_string(name));
		}
	}
	return files;
}

int xn_ctl_plot(struct xn_ctl *ctl, int argc, char **argv)
{
	static const char *const names[] = { "file", NULL };
	static const struct xn_arg keys[] = { { "output", XN_ARG_TEXT, false },
					      { "format", XN_ARG_TEXT, false },
					      { "title", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, keys, N(keys), argc, argv, &err), *series;
	const char *output, *formats;
	char *base;
	int ret;

	series = args ? xn_series_load(xn_ctl_text(args, "file"), &err) : NULL;
	if (!series) {
		json_decref(args);
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "plot: %s", err.text);
	}
	output = json_string_value(json_object_get(args, "output"));
	formats = json_string_value(json_object_get(args, "format"));
	formats = formats ? formats : "svg,png";
	base = output ? strdup(output) : default_base(xn_ctl_text(args, "file"));
	ret = try_plot(series, base, formats, json_string_value(json_object_get(args, "title")),
		       &err);
	if (ret)
		ret = xn_ctl_fail(ctl, XN_EXIT_FAILURE, "plot: %s", err.text);
	else if (ctl->json)
		ret = xn_ctl_print_json(ctl, json_pack("{s:o}", "files", written(base, formats)));
	free(base);
	json_decref(series);
	json_decref(args);
	return ret;
}
