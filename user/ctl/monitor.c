// SPDX-License-Identifier: GPL-2.0-or-later
/* `xnetman-ctl monitor`: the daemon's signals as they come. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/busjson.h"
#include "core/breach.h"
#include "core/units.h"
#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/status.h"
#include "ctl/table.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct monitor {
	struct xn_ctl *ctl;
	bool ticks;
	int yday; /* of the line printed last, -1 at the start */
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

/* A line with the date whenever it is another one, then the time of day before each event. */
static void print_time(struct monitor *mon, double time)
{
	time_t seconds = (time_t)time;
	char text[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	if (tm.tm_yday != mon->yday) {
		strftime(text, sizeof(text), "%F %z", &tm);
		printf("%s--- %s%s\n", xn_colour(mon->ctl->colour, XN_DIM), text,
		       mon->ctl->colour ? "\033[0m" : "");
		mon->yday = tm.tm_yday;
	}
	strftime(text, sizeof(text), "%T", &tm);
	printf("%s.%03d  ", text, (int)(1000 * (time - floor(time))));
}

/* One line after the time stamp. */
static void begin(struct monitor *mon, enum xn_table_colour colour, const char *what)
{
	bool on = mon->ctl->colour;

	printf("%s%-9s%s ", xn_colour(on, colour), what, on && colour ? "\033[0m" : "");
}

static void print_where(const json_t *event)
{
	char network[64], link[64];

	printf("%s on %s  ", xn_ctl_clean(xn_ctl_text(event, "network"), network, sizeof(network)),
	       xn_ctl_clean(xn_ctl_text(event, "link"), link, sizeof(link)));
}

static void print_punished(struct monitor *mon, const json_t *event)
{
	double ratio = xn_ctl_number(event, "ratio");
	char percent[32];

	begin(mon, xn_ctl_ratio_colour(ratio), ratio > 0 ? "punished" : "released");
	print_where(event);
	puts(ratio > 0 ? xn_ctl_percent(ratio, percent, sizeof(percent)) : "not punished any more");
}

static void print_breach(struct monitor *mon, const json_t *event)
{
	double error = xn_ctl_number(event, "error");

	begin(mon, error > 0 ? XN_RED : XN_PLAIN, "breach");
	print_where(event);
	if (!(error > 0)) {
		puts("is over");
		return;
	}
	printf("%s-term error %.3f: %s\n",
	       strcmp(xn_ctl_text(event, "kind"), "long") ? "short" : "long", error,
	       xn_cause_text(xn_cause_named(xn_ctl_text(event, "cause"))));
}

static void print_oversold(struct monitor *mon, const json_t *event)
{
	bool on = json_is_true(json_object_get(event, "on"));
	char link[64];

	begin(mon, on ? XN_RED : XN_PLAIN, "oversold");
	printf("%s  guarantees %s its capacity\n",
	       xn_ctl_clean(xn_ctl_text(event, "link"), link, sizeof(link)),
	       on ? "exceed" : "fit again into");
}

static void print_lease(struct monitor *mon, const json_t *event)
{
	(void)event;
	begin(mon, XN_RED, "lease");
	puts("expired: the module ended all punishments by itself");
}

static void print_switched(struct monitor *mon, const json_t *event)
{
	const char *when = xn_ctl_text(event, "when");
	char network[256], clean[256];

	begin(mon, XN_PLAIN, "schedule");
	printf("%s: %s\n", xn_ctl_clean(xn_ctl_text(event, "network"), network, sizeof(network)),
	       *when ? xn_ctl_clean(when, clean, sizeof(clean)) : "no entry in force");
}

static void print_changed(struct monitor *mon, const json_t *event)
{
	(void)event;
	begin(mon, XN_PLAIN, "changed");
	puts("definitions");
}

/* "net2 10Mbit -66.7%", as wide in every line. */
static void print_tick_network(struct monitor *mon, const json_t *network)
{
	char name[64], through[XN_UNIT_TEXT], percent[32] = "";
	double ratio = xn_ctl_number(network, "ratio");
	const char *colour = xn_colour(mon->ctl->colour, xn_ctl_ratio_colour(ratio));

	xn_ctl_clean(xn_ctl_text(network, "name"), name, sizeof(name));
	xn_ctl_rate_text(network, "throughput", through, sizeof(through));
	if (ratio > 0)
		xn_ctl_percent(ratio, percent, sizeof(percent));
	printf("  %s %9s %s%s%-6s%s", name, through, colour, ratio > 0 ? "-" : " ", percent,
	       *colour ? "\033[0m" : "");
}

/* Row @i of those with a capacity: of others there is nothing to say that changes. NULL: no more. */
static const json_t *controlled(const json_t *status, size_t i)
{
	const json_t *row;

	for (size_t at = 0; (row = xn_ctl_row(status, at)); at++)
		if (json_object_get(row, "utilisation") && !i--)
			return row;
	return NULL;
}

/* Columns of the longest name of a row. */
static int row_width(const json_t *status)
{
	const json_t *row;
	int width = 0;

	for (size_t i = 0; (row = controlled(status, i)); i++) {
		int length = (int)strlen(xn_ctl_text(row, "name"));

		width = length > width ? length : width;
	}
	return width;
}

static void print_tick(struct monitor *mon, const json_t *event)
{
	const json_t *status = json_object_get(event, "status"), *row, *network;
	char name[64], percent[32], interval[64];
	size_t j;

	for (size_t i = 0; (row = controlled(status, i)); i++) {
		if (i)
			print_time(mon, xn_ctl_number(event, "time"));
		printf("%-*s %5s  %s", row_width(status),
		       xn_ctl_clean(xn_ctl_text(row, "name"), name, sizeof(name)),
		       xn_ctl_percent(xn_ctl_number(row, "utilisation"), percent, sizeof(percent)),
		       xn_ctl_interval_line(status, interval, sizeof(interval)));
		json_array_foreach(json_object_get(row, "networks"), j, network)
			print_tick_network(mon, network);
		putchar('\n');
	}
}

/* Each signal (doc/dbus.md): the names of its arguments, and its line. */
static const struct signal {
	const char *name;
	const char *args[5];
	void (*print)(struct monitor *mon, const json_t *event);
} signals[] = {
	{ "Punished", { "network", "link", "ratio" }, print_punished },
	{ "Breach", { "network", "link", "kind", "error", "cause" }, print_breach },
	{ "Oversold", { "link", "on" }, print_oversold },
	{ "LeaseExpired", { NULL }, print_lease },
	{ "Switched", { "network", "when" }, print_switched },
	{ "Changed", { NULL }, print_changed },
	{ "Tick", { NULL }, print_tick },
};

static int read_args(sd_bus_message *m, const struct signal *signal, json_t *event)
{
	for (size_t i = 0; i < N(signal->args) && signal->args[i]; i++) {
		json_t *value = NULL;
		int ret = xn_bus_read_json(m, &value);

		if (ret < 0)
			return ret;
		json_object_set_new(event, signal->args[i], value);
	}
	return 0;
}

/* A tick's status; without it the tick is not told. */
static int add_status(struct monitor *mon, json_t *event)
{
	json_t *status = NULL;
	struct xn_err err;
	int code = xn_ctl_try(mon->ctl, &err, &status, "GetStatus", "");

	if (code)
		return -EIO;
	json_object_set_new(event, "status", status);
	/* Text has a line per row. */
	return mon->ctl->json || controlled(status, 0) ? 0 : -ENOENT;
}

static void tell(struct monitor *mon, const struct signal *signal, json_t *event)
{
	if (mon->ctl->json) {
		xn_ctl_print_json_line(json_incref(event));
		return;
	}
	print_time(mon, xn_ctl_number(event, "time"));
	signal->print(mon, event);
	fflush(stdout);
}

static const struct signal *find_signal(const char *name)
{
	for (size_t i = 0; name && i < N(signals); i++)
		if (!strcmp(signals[i].name, name))
			return &signals[i];
	return NULL;
}

static int on_signal(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const struct signal *signal = find_signal(sd_bus_message_get_member(m));
	struct monitor *mon = arg;
	bool tick = signal && signal->print == print_tick;
	json_t *event;

	(void)error;
	if (!signal || (tick && !mon->ticks))
		return 0;
	event = json_pack("{s:f, s:s}", "time", now(), "signal", signal->name);
	if (!read_args(m, signal, event) && (!tick || !add_status(mon, event)))
		tell(mon, signal, event);
	json_decref(event);
	return 0;
}

/* NameOwnerChanged: name, old owner, new owner. */
static int on_owner(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *old, *owner;
	struct monitor *mon = arg;

	(void)error;
	if (sd_bus_message_read(m, "sss", &name, &old, &owner) < 0)
		return 0;
	if (mon->ctl->json) {
		xn_ctl_print_json_line(json_pack("{s:f, s:s}", "time", now(), "signal",
						 *owner ? "Started" : "Stopped"));
		return 0;
	}
	print_time(mon, now());
	begin(mon, *owner ? XN_GREEN : XN_RED, "xnetmand");
	puts(*owner ? "started" : "stopped");
	fflush(stdout);
	return 0;
}

int xn_ctl_monitor(struct xn_ctl *ctl, int argc, char **argv)
{
	static const struct xn_arg keys[] = { { "ticks", XN_ARG_FLAG, false },
					      { "seconds", XN_ARG_COUNT, false } };
	struct monitor mon = { .ctl = ctl, .yday = -1 };
	struct xn_err err;
	json_t *args = xn_args_parse(NULL, keys, N(keys), argc, argv, &err);
	double seconds = xn_ctl_number(args, "seconds");
	int ret;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "monitor: %s", err.text);
	mon.ticks = json_object_get(args, "ticks");
	json_decref(args);
	ret = xn_ctl_subscribe(ctl, on_signal, on_owner, &mon);
	if (ret)
		return ret;
	ret = xn_ctl_run(ctl, seconds);
	if (ret == XN_END_STOPPED || ret == XN_END_TIME)
		return XN_EXIT_OK;
	return xn_ctl_fail(ctl, XN_EXIT_UNREACHABLE, "the connection to the bus was lost");
}
