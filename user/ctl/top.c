// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl top`: what every network gets, live on the whole screen. */
#include <errno.h>
#include <math.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/units.h"
#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/status.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

#define HEADER_LINES  4	  /* above the first network */
#define WIDE	      120 /* columns with room for all figures and a bar */
#define NO_TICK_AFTER 3.5 /* short intervals without a tick before that is said */

enum pair {
	PAIR_SENT = 1,
	PAIR_WARN,
	PAIR_BAD,
};

struct top {
	struct xn_ctl *ctl;
	json_t *status;
	char message[160]; /* why there is nothing new, or "" */
	char *link;	   /* or cpu, memory: shown; NULL: the first */
	size_t sort;	   /* index in columns[] */
	bool reverse;
	bool stale; /* a tick has come */
	bool quit;
	size_t scroll;
	double interval;     /* seen between the last two ticks, s */
	const json_t **rows; /* of the link shown, sorted */
	size_t n_rows;
	int longest; /* of their names, bytes */
};

/* ---- columns ------------------------------------------------------------------------------- */

/* When a figure is shown in colour. */
enum warning {
	WARN_NEVER,
	WARN_PUNISHED,
	WARN_CONFORMITY,
	WARN_ERROR
};

struct column {
	const char *heading;
	int width;
	int from; /* shown on terminals at least this wide */
	char *(*text)(double value, char *buf, size_t size); /* NULL: the name, or a rate */
	const char *key;  /* of the figure in GetStatus; may be missing there */
	const char *rate; /* instead of both: in the unit of the resource */
	double (*value)(const json_t *network, double long_interval); /* instead of @key */
	enum warning warn;
};

static bool is_name(const struct column *column)
{
	return !column->text && !column->rate;
}

static double used(const json_t *network, double long_interval)
{
	double share = xn_ctl_volume_used(network, long_interval);

	return share < 0 ? (double)NAN : share;
}

/* NAN if it is not known: of an error, before the first long interval is closed. */
static double figure(const struct column *column, const json_t *network, double long_interval)
{
	const json_t *value = json_object_get(network, column->key);

	if (column->value)
		return column->value(network, long_interval);
	if (column->rate)
		return xn_ctl_rate(network, column->rate);
	return value ? json_number_value(value) : (double)NAN;
}

static char *text_three(double value, char *buf, size_t size)
{
	if (isnan(value))
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%.3f", value);
	return buf;
}

static char *text_percent(double value, char *buf, size_t size)
{
	if (!isnan(value))
		return xn_ctl_percent(value, buf, size);
	snprintf(buf, size, "-");
	return buf;
}

static const struct column columns[] = {
	{ "NETWORK", 12, 0, NULL },
	{ "DEMAND", 12, 0, .rate = "demand" },
	{ "THROUGHPUT", 12, 0, .rate = "throughput" },
	{ "ALLOWED", 12, 0, .rate = "allowed" },
	{ "PUNISHED", 8, 0, text_percent, "ratio", .warn = WARN_PUNISHED },
	{ "WEIGHT", 6, 0, text_three, "weight" },
	{ "C", 5, 0, text_three, "conformity", .warn = WARN_CONFORMITY },
	{ "USED", 6, 100, text_percent, .value = used },
	{ "EC", 5, 114, text_three, "ec", .warn = WARN_ERROR },
	{ "EL", 5, 114, text_three, "el", .warn = WARN_ERROR },
};

/* ---- rows ---------------------------------------------------------------------------------- */

static double long_interval(const struct top *top)
{
	return xn_ctl_number(top->status, "long_interval");
}

static const json_t *shown_row(const struct top *top)
{
	const json_t *row = xn_ctl_find_row(top->status, top->link);

	return row ? row : xn_ctl_row(top->status, 0);
}

/* Names from A, figures from the highest; equal figures by name. */
static int compare(const void *a, const void *b, void *arg)
{
	const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
	const struct top *top = arg;
	const struct column *column = &columns[top->sort];
	int order = 0;

	if (!is_name(column)) {
		double vx = figure(column, x, long_interval(top));
		double vy = figure(column, y, long_interval(top));

		/* What is not known comes last. */
		vx = isnan(vx) ? -1 : vx;
		vy = isnan(vy) ? -1 : vy;
		order = (vx < vy) - (vx > vy);
	}
	if (!order)
		order = strverscmp(xn_ctl_text(x, "name"), xn_ctl_text(y, "name"));
	return top->reverse ? -order : order;
}

static void sort_rows(struct top *top)
{
	const json_t *networks = json_object_get(shown_row(top), "networks");
	size_t n = json_array_size(networks);
	const json_t **rows = n ? realloc(top->rows, n * sizeof(*rows)) : top->rows;

	if (n && !rows)
		abort();
	top->rows = rows;
	top->n_rows = n;
	top->longest = 0;
	for (size_t i = 0; i < n; i++) {
		int length;

		rows[i] = json_array_get(networks, i);
		length = (int)strlen(xn_ctl_text(rows[i], "name"));
		top->longest = length > top->longest ? length : top->longest;
	}
	if (n)
		qsort_r(rows, n, sizeof(*rows), compare, top);
}

/* ---- drawing ------------------------------------------------------------------------------- */

static void put(const struct top *top, const char *utf8, const char *ascii, int times)
{
	for (int i = 0; i < times; i++)
		addstr(top->ctl->utf8 ? utf8 : ascii);
}

/* What is sent of a network's demand, and what is dropped. @full: rate of the whole width. */
static void draw_bar(const struct top *top, const json_t *network, double full, int width)
{
	double d = xn_ctl_rate(network, "demand"), v = xn_ctl_rate(network, "throughput");
	int sent, dropped;

	if (full <= 0 || width <= 0)
		return;
	sent = (int)lround(v / full * width);
	sent = sent > width ? width : sent;
	dropped = (int)lround(d / full * width) - sent;
	dropped = dropped > width - sent ? width - sent : dropped;
	attron(COLOR_PAIR(PAIR_SENT));
	put(top, "█", "#", sent);
	attroff(COLOR_PAIR(PAIR_SENT));
	attron(COLOR_PAIR(PAIR_BAD));
	put(top, "░", ".", dropped);
	attroff(COLOR_PAIR(PAIR_BAD));
}

static void draw_gauge(const struct top *top, double share, int width)
{
	int full = (int)lround(share * width);

	full = full < 0 ? 0 : full > width ? width : full;
	addch('[');
	put(top, "█", "#", full);
	put(top, " ", " ", width - full);
	addch(']');
}

static int attributes(const struct column *column, double value)
{
	if (column->warn == WARN_PUNISHED)
		return value <= 0 ? 0 : COLOR_PAIR(value < 0.5 ? PAIR_WARN : PAIR_BAD);
	if (column->warn == WARN_CONFORMITY && value < 0.99)
		return COLOR_PAIR(PAIR_BAD);
	if (column->warn == WARN_ERROR && value > 0.01)
		return COLOR_PAIR(PAIR_BAD);
	return 0;
}

/* A terminal with room for a bar gives half of the rest to long names. */
static int name_width(const struct top *top)
{
	int most = columns[0].width + (COLS > WIDE ? (COLS - WIDE) / 2 : 0);

	return top->longest < columns[0].width ? columns[0].width
	       : top->longest < most	       ? top->longest
					       : most;
}

/* What is cut off ends in ~. */
static void draw_name(const struct top *top, const json_t *network)
{
	int width = name_width(top);
	char text[64];

	xn_ctl_clean(xn_ctl_text(network, "name"), text, sizeof(text));
	attron(A_BOLD);
	if ((int)strlen(text) > width)
		printw("%.*s~", width - 1, text);
	else
		printw("%-*s", width, text);
	attroff(A_BOLD);
}

static void draw_cell(const struct top *top, const struct column *column, const json_t *network)
{
	char text[64];
	double value;
	int attr;

	if (is_name(column)) {
		draw_name(top, network);
		return;
	}
	value = figure(column, network, long_interval(top));
	attr = attributes(column, value);
	attron(attr);
	printw(" %*s", column->width,
	       column->rate ? xn_ctl_rate_text(network, column->rate, text, sizeof(text))
			    : column->text(value, text, sizeof(text)));
	attroff(attr);
}

static void draw_headings(const struct top *top)
{
	move(HEADER_LINES - 1, 0);
	attron(A_REVERSE);
	hline(' ', COLS);
	for (size_t i = 0; i < N(columns); i++) {
		if (COLS < columns[i].from)
			continue;
		if (!is_name(&columns[i]))
			printw(" %*s", columns[i].width, columns[i].heading);
		else
			printw("%-*s", name_width(top), columns[i].heading);
	}
	addstr("  ");
	addstr(COLS >= 108 ? "SENT AND DROPPED" : "SENT, DROP");
	attroff(A_REVERSE);
}

static double highest_demand(const struct top *top)
{
	double max = 0;

	for (size_t i = 0; i < top->n_rows; i++)
		max = fmax(max, fmax(xn_ctl_rate(top->rows[i], "demand"),
				     xn_ctl_rate(top->rows[i], "throughput")));
	return max;
}

static size_t page(void)
{
	return LINES > HEADER_LINES + 1 ? (size_t)(LINES - HEADER_LINES - 1) : 1;
}

static void draw_rows(struct top *top)
{
	size_t last = top->n_rows > page() ? top->n_rows - page() : 0;
	double full = highest_demand(top);

	top->scroll = top->scroll > last ? last : top->scroll;
	draw_headings(top);
	for (size_t i = 0; i < page() && top->scroll + i < top->n_rows; i++) {
		const json_t *network = top->rows[top->scroll + i];

		move(HEADER_LINES + (int)i, 0);
		for (size_t c = 0; c < N(columns); c++)
			if (COLS >= columns[c].from)
				draw_cell(top, &columns[c], network);
		addstr("  ");
		draw_bar(top, network, full, COLS - getcurx(stdscr) - 1);
	}
}

static void draw_row_head(const struct top *top)
{
	const json_t *link = shown_row(top);
	double utilisation = xn_ctl_number(link, "utilisation");
	bool bad = json_is_true(json_object_get(link, "oversold")) ||
		   json_is_false(json_object_get(link, "up"));
	char line[256];

	if (!link) {
		mvaddstr(1, 0, "No links: add one with xnetman-ctl link add DEVICE capacity RATE");
		return;
	}
	attron(bad ? COLOR_PAIR(PAIR_BAD) | A_BOLD : A_BOLD);
	mvaddnstr(1, 0, xn_ctl_row_line(link, line, sizeof(line)), COLS);
	attroff(bad ? COLOR_PAIR(PAIR_BAD) | A_BOLD : A_BOLD);
	if (COLS - getcurx(stdscr) > 15) {
		addstr("  ");
		draw_gauge(top, utilisation, COLS - getcurx(stdscr) - 3);
	}
}

static size_t row_index(const struct top *top)
{
	const json_t *shown = shown_row(top), *row;

	for (size_t i = 0; (row = xn_ctl_row(top->status, i)); i++)
		if (row == shown)
			return i;
	return 0;
}

static size_t count_rows(const struct top *top)
{
	size_t n = 0;

	while (xn_ctl_row(top->status, n))
		n++;
	return n;
}

static void draw_head(const struct top *top)
{
	size_t n = count_rows(top);
	double elapsed = xn_ctl_number(top->status, "elapsed");
	time_t time = (time_t)xn_ctl_number(top->status, "time");
	char line[96], when[16];
	struct tm tm;

	mvprintw(0, 0, "xnetman  resource %zu of %zu  %s ", n ? row_index(top) + 1 : 0, n,
		 xn_ctl_interval_line(top->status, line, sizeof(line)));
	draw_gauge(top, long_interval(top) > 0 ? elapsed / long_interval(top) : 0, 15);
	strftime(when, sizeof(when), "%T", localtime_r(&time, &tm));
	if (COLS - getcurx(stdscr) > 9)
		mvaddstr(0, COLS - 8, when);
	attron(COLOR_PAIR(PAIR_BAD));
	mvaddnstr(2, 0, top->message, COLS);
	attroff(COLOR_PAIR(PAIR_BAD));
}

static void draw_footer(const struct top *top)
{
	char line[160];
	size_t seen = top->scroll + page();

	snprintf(line, sizeof(line),
		 "q quit  s sort: %s  r reverse  n next resource  arrows PgUp PgDn  %zu-%zu of %zu",
		 columns[top->sort].heading, top->n_rows ? top->scroll + 1 : 0,
		 seen < top->n_rows ? seen : top->n_rows, top->n_rows);
	attron(A_REVERSE);
	move(LINES - 1, 0);
	hline(' ', COLS);
	addnstr(line, COLS - 1);
	attroff(A_REVERSE);
}

static void draw(struct top *top)
{
	erase();
	sort_rows(top);
	draw_head(top);
	draw_row_head(top);
	draw_rows(top);
	draw_footer(top);
	refresh();
}

/* ---- keys ---------------------------------------------------------------------------------- */

static void key_quit(struct top *top)
{
	top->quit = true;
}

static void key_sort(struct top *top)
{
	do
		top->sort = (top->sort + 1) % N(columns);
	while (COLS < columns[top->sort].from);
}

static void key_reverse(struct top *top)
{
	top->reverse = !top->reverse;
}

static void key_link(struct top *top)
{
	size_t n = count_rows(top);
	const json_t *next;

	if (!n)
		return;
	next = xn_ctl_row(top->status, (row_index(top) + 1) % n);
	free(top->link);
	top->link = strdup(xn_ctl_text(next, "name"));
	top->scroll = 0;
}

/* Scrolling further than the end is undone when drawing. */
static void key_up(struct top *top)
{
	top->scroll -= top->scroll > 0;
}

static void key_down(struct top *top)
{
	top->scroll++;
}

static void key_page_up(struct top *top)
{
	top->scroll -= top->scroll < page() ? top->scroll : page();
}

static void key_page_down(struct top *top)
{
	top->scroll += page();
}

static void key_home(struct top *top)
{
	top->scroll = 0;
}

static void key_end(struct top *top)
{
	top->scroll = top->n_rows;
}

static const struct {
	int key;
	void (*act)(struct top *top);
} keys[] = {
	{ 'q', key_quit },	    { 'Q', key_quit },
	{ 's', key_sort },	    { 'r', key_reverse },
	{ 'n', key_link },	    { '\t', key_link },
	{ KEY_UP, key_up },	    { 'k', key_up },
	{ KEY_DOWN, key_down },	    { 'j', key_down },
	{ KEY_PPAGE, key_page_up }, { KEY_NPAGE, key_page_down },
	{ ' ', key_page_down },	    { KEY_HOME, key_home },
	{ KEY_END, key_end },
};

static void take_keys(struct top *top)
{
	int key;

	while ((key = getch()) != ERR)
		for (size_t i = 0; i < N(keys); i++)
			if (keys[i].key == key)
				keys[i].act(top);
}

/* ---- the loop ------------------------------------------------------------------------------ */

static int on_signal(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct top *top = arg;

	(void)error;
	if (sd_bus_message_is_signal(m, NULL, "Tick"))
		top->stale = true;
	return 0;
}

static void take_status(struct top *top)
{
	json_t *status = NULL;
	struct xn_err err;
	double interval;

	top->stale = false;
	if (xn_ctl_try(top->ctl, &err, &status, "GetStatus", "")) {
		snprintf(top->message, sizeof(top->message), "%.150s", err.text);
		return;
	}
	interval = xn_ctl_number(status, "time") - xn_ctl_number(top->status, "time");
	top->interval = interval > 0 && interval < 100 ? interval : top->interval;
	top->message[0] = '\0';
	json_decref(top->status);
	top->status = status;
}

/* A screen that stands still must say so. */
static void look_at_age(struct top *top)
{
	struct timespec ts;
	double age;

	clock_gettime(CLOCK_REALTIME, &ts);
	age = (double)ts.tv_sec - xn_ctl_number(top->status, "time");
	if (top->interval > 0 && age > NO_TICK_AFTER * top->interval)
		snprintf(top->message, sizeof(top->message),
			 "no tick for %.0f s: is xnetmand running?", age);
}

static int wait_for_input(struct top *top)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = sd_bus_get_fd(top->ctl->bus),
		  .events = (short)sd_bus_get_events(top->ctl->bus) },
	};

	if (poll(fds, N(fds), 1000) < 0 && errno != EINTR)
		return -errno;
	/* The terminal is gone. */
	return fds[0].revents & (POLLHUP | POLLERR) ? -EIO : 0;
}

static int loop(struct top *top)
{
	int ret;

	while (!top->quit) {
		do
			ret = sd_bus_process(top->ctl->bus, NULL);
		while (ret > 0);
		if (ret < 0)
			return ret;
		if (top->stale)
			take_status(top);
		look_at_age(top);
		draw(top);
		ret = wait_for_input(top);
		if (ret)
			return ret;
		take_keys(top);
	}
	return 0;
}

static SCREEN *screen_open(void)
{
	SCREEN *screen = newterm(NULL, stdout, stdin);

	if (!screen)
		return NULL;
	cbreak();
	noecho();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	curs_set(0);
	if (has_colors() && !getenv("NO_COLOR")) {
		start_color();
		use_default_colors();
		init_pair(PAIR_SENT, COLOR_GREEN, -1);
		init_pair(PAIR_WARN, COLOR_YELLOW, -1);
		init_pair(PAIR_BAD, COLOR_RED, -1);
	}
	return screen;
}

static int run(struct top *top)
{
	SCREEN *screen = screen_open();
	int ret;

	if (!screen)
		return xn_ctl_fail(
			top->ctl, XN_EXIT_FAILURE,
			"top: terminal \"%s\" is not known: set TERM, or see xnetman-ctl status",
			getenv("TERM") ? getenv("TERM") : "");
	ret = loop(top);
	endwin();
	delscreen(screen);
	if (ret == -ENOTCONN || ret == -ECONNRESET)
		return xn_ctl_fail(top->ctl, XN_EXIT_UNREACHABLE,
				   "the connection to the bus was lost");
	return ret ? XN_EXIT_FAILURE : XN_EXIT_OK;
}

static int prepare(struct top *top, int argc, char **argv)
{
	static const char *const names[] = { "?link", NULL };
	static const struct xn_arg args_known[] = { { "link", XN_ARG_TEXT, false } };
	struct xn_err err;
	json_t *args = xn_args_parse(names, args_known, N(args_known), argc, argv, &err);
	int code;

	if (!args)
		return xn_ctl_fail(top->ctl, XN_EXIT_FAILURE, "top: %s", err.text);
	if (*xn_ctl_text(args, "link"))
		top->link = strdup(xn_ctl_text(args, "link"));
	json_decref(args);
	if (top->ctl->json || !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return xn_ctl_fail(
			top->ctl, XN_EXIT_FAILURE,
			"top needs a terminal: see xnetman-ctl status, or monitor --ticks");
	code = xn_ctl_call(top->ctl, &top->status, "GetStatus", "");
	if (!code && top->link && !xn_ctl_find_row(top->status, top->link))
		code = xn_ctl_fail(top->ctl, XN_EXIT_NOT_FOUND,
				   "no link %s: see xnetman-ctl link list; or write cpu or memory",
				   top->link);
	return code ? code : xn_ctl_subscribe(top->ctl, on_signal, NULL, top);
}

int xn_ctl_top(struct xn_ctl *ctl, int argc, char **argv)
{
	struct top top = { .ctl = ctl };
	int code = prepare(&top, argc, argv);

	if (!code)
		code = run(&top);
	json_decref(top.status);
	free(top.rows);
	free(top.link);
	return code;
}
