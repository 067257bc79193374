// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetman-ctl: the person's tool. Global options and the table of commands. */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/bus.h"
#include "ctl/kernel.h"
#include "ctl/output.h"
#include "ctl/simulate.h"

static int run_simulate(struct xn_ctl *ctl, int argc, char **argv)
{
	return xn_ctl_simulate(ctl, argc + 1, argv - 1);
}

static const struct xn_ctl_command commands[] = {
	{ .name = "status",
	  .run = xn_ctl_status,
	  .args = "[LINK|cpu|memory]",
	  .brief = "what every network gets of every resource, now",
	  .more = "Figures of the last short interval; C, the conformity, and El of the last "
		  "closed long\n"
		  "interval; USED is what was used in this one, of the volume that Rl "
		  "promises.\n" },
	{ .name = "top",
	  .run = xn_ctl_top,
	  .args = "[link LINK|cpu|memory]",
	  .brief = "the same, live on the whole screen" },
	{ .name = "monitor",
	  .run = xn_ctl_monitor,
	  .args = "[--ticks] [seconds N]",
	  .brief = "print punishments, breaches and changes as they happen",
	  .more = "--ticks adds a line per link each short interval: utilisation, and what each "
		  "network sent and\n"
		  "is now punished by. With -j: one document per line.\n" },
	{ .name = "history",
	  .run = xn_ctl_history,
	  .args = "[NETWORK] [link LINK|cpu|memory] [count N]",
	  .brief = "past long intervals, and conformity as a sparkline",
	  .more = "Example: xnetman-ctl history net1 link eth0 count 40\n" },
	{ .name = "report",
	  .run = xn_ctl_report,
	  .args = "[NETWORK] [from TIME] [to TIME] [format text|json|html]",
	  .brief = "how SLAs were kept: conformity, punishments, breaches and whose fault",
	  .more = "The last day unless from and to say otherwise: 2026-11-21, \"2026-11-21 "
		  "14:00\", -12h, -7d, now;\n"
		  "local time, rounded to whole hours, days or months where it is made of "
		  "these.\n"
		  "Example: xnetman-ctl report net1 from -7d format html >net1.html\n" },
	{ .name = "network",
	  .sub = xn_ctl_network_commands,
	  .args = "list|show|add|set|del ...",
	  .brief = "virtual networks and what they were sold" },
	{ .name = "link",
	  .sub = xn_ctl_link_commands,
	  .args = "list|add|set|del ...",
	  .brief = "links on whose egress networks compete" },
	{ .name = "port",
	  .sub = xn_ctl_port_commands,
	  .args = "list|add|del ...",
	  .brief = "devices that carry the traffic of a network" },
	{ .name = "plane",
	  .sub = xn_ctl_plane_commands,
	  .args = "show|load ...",
	  .brief = "what Dom0 forwards itself for a network (data_path split)" },
	{ .name = "qos",
	  .sub = xn_ctl_qos_commands,
	  .args = "show|set ...",
	  .brief = "priorities, shapers and limiters, and what they do: show, set" },
	{ .name = "sla",
	  .sub = xn_ctl_sla_commands,
	  .args = "show|plan ...",
	  .brief = "what contracts say of an instant, and of a week: show, plan" },
	{ .name = "admit",
	  .run = xn_ctl_admit,
	  .args = "FILE",
	  .brief = "would a network fit? Nothing is changed",
	  .more = "FILE is a definition as in networks.d, - standard input. Prints every check at "
		  "the "
		  "instant, of all\n"
		  "schedules, at which there is least room: what was asked, what others were sold, "
		  "and "
		  "what would\n"
		  "fit. A network of that name that is here is left out. Exit status 7: it does "
		  "not "
		  "fit.\n" },
	{ .name = "channel",
	  .sub = xn_ctl_channel_commands,
	  .args = "list|enroll|revoke ...",
	  .brief = "the guests that tell Dom0 of their routes and rules" },
	{ .name = "record",
	  .run = xn_ctl_record,
	  .args = "[seconds N] [link LINK|cpu|memory] [output FILE]",
	  .brief = "write every tick to a series, for table and plot",
	  .more = "Ends after N seconds or with Ctrl-C; what was recorded is written either way.\n"
		  "Example: xnetman-ctl record --seconds 60 --output run.json\n" },
	{ .name = "table",
	  .run = xn_ctl_table,
	  .args = "SERIES.json",
	  .brief = "means of a series per network",
	  .more = "El and C are those of the long intervals after the first. - is standard "
		  "input.\n" },
	{ .name = "plot",
	  .run = xn_ctl_plot,
	  .args = "SERIES.json [output BASE] [format svg,png] [title TEXT]",
	  .brief = "draw throughput, weights and errors of a series",
	  .more = "Writes BASE-a (throughput), BASE-b (weights), BASE-c (errors, conformity), each "
		  "as svg\n"
		  "and png unless format says otherwise. BASE defaults to SERIES. Needs gnuplot.\n"
		  "Example: xnetman-ctl plot run.json --output fig --format svg,png --title 'Three "
		  "networks'\n" },
	{ .name = "simulate",
	  .run = run_simulate,
	  .raw = true,
	  .args = "FILE ...",
	  .brief = "run the controller against a demand trace, without a kernel" },
	{ .name = "calibrate",
	  .run = xn_ctl_calibrate,
	  .args = "[output FILE]",
	  .brief = "measure what packets cost of this machine's CPU",
	  .more = "Sends packets through network namespaces of its own, a minute at most, and "
		  "keeps "
		  "the result in\n"
		  "/var/lib/xnetman/costs.json, from where xnetmand takes it. Live networks are "
		  "not "
		  "touched, but\n"
		  "what else the machine does disturbs the measurement. Needs root and pktgen.\n" },
	{ .name = "kernel",
	  .run = xn_ctl_kernel,
	  .raw = true,
	  .args = "VERB ...",
	  .brief = "the module's own view, without the daemon" },
	{ .name = "reload",
	  .run = xn_ctl_reload,
	  .brief = "have xnetmand read all definitions again",
	  .more = "Counters and the account of the current long interval stay. A mistake in any "
		  "file\n"
		  "leaves everything as it was.\n" },
	{ .name = "info",
	  .run = xn_ctl_info,
	  .brief = "versions, policy and intervals of the running daemon" },
	{},
};

static const char usage_head[] =
	"Usage: xnetman-ctl [-j] [-p] [--bus ADDRESS] COMMAND ...\n"
	"       xnetman-ctl COMMAND --help\n"
	"\n"
	"Manages the virtual networks of this machine.\n"
	"\n"
	"Commands, each as any unambiguous beginning (xnetman-ctl net sh net1):\n";

static const char usage_tail[] =
	"\n"
	"Options, before or after the command:\n"
	"  -j, --json       one JSON document on stdout, also of an error: {\"error\", \"code\"}\n"
	"  -p, --pretty     JSON with line breaks\n"
	"  --bus ADDRESS    D-Bus address; default: the system bus\n"
	"  -h, --help       this, or help on a command\n"
	"  -V, --version    version\n"
	"\n"
	"Exit status: 0 done; 1 bad usage, invalid input or a failing file; 2 xnetmand "
	"unreachable\n"
	"(systemctl start xnetmand); 3 not found; 4 exists already; 5 permission denied (changes "
	"need\n"
	"root or the group xnetman); 6 kernel module missing or of another version; 7 admit: it "
	"does not fit.\n"
	"\n"
	"Rates have units: 100Mbit, 1.5Gbit, 800kbit, 0; CPU is in cores (0.5, 50%), memory in\n"
	"routes (4000routes, 2MiB). See xnetman-ctl(8).\n";

static int help(void)
{
	fputs(usage_head, stdout);
	for (const struct xn_ctl_command *c = commands; c->name; c++)
		printf("  %-9s %s\n", c->name, c->brief);
	fputs(usage_tail, stdout);
	return XN_EXIT_OK;
}

/* Options of one letter, which may be joined as in -jp. */
static bool *short_option(struct xn_ctl *ctl, char letter)
{
	switch (letter) {
	case 'j':
		return &ctl->json;
	case 'p':
		return &ctl->pretty;
	case 'h':
		return &ctl->help;
	case 'V':
		return &ctl->version;
	}
	return NULL;
}

static bool take_short(struct xn_ctl *ctl, const char *word)
{
	if (word[0] != '-' || !word[1])
		return false;
	for (const char *letter = word + 1; *letter; letter++)
		if (!short_option(ctl, *letter))
			return false;
	for (const char *letter = word + 1; *letter; letter++)
		*short_option(ctl, *letter) = true;
	return true;
}

static bool take_long(struct xn_ctl *ctl, const char *word)
{
	const struct {
		const char *name;
		bool *to;
	} options[] = {
		{ "--json", &ctl->json },
		{ "--pretty", &ctl->pretty },
		{ "--help", &ctl->help },
		{ "--version", &ctl->version },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!strcmp(word, options[i].name)) {
			*options[i].to = true;
			return true;
		}
	}
	return false;
}

/* Take the global options out of the arguments. Return: arguments left, or -1 after an error. */
static int take_options(struct xn_ctl *ctl, int argc, char **argv)
{
	int left = 0;

	for (int i = 0; i < argc; i++) {
		if (take_short(ctl, argv[i]) || take_long(ctl, argv[i]))
			continue;
		if (!strncmp(argv[i], "--bus=", 6)) {
			ctl->address = argv[i] + 6;
		} else if (strcmp(argv[i], "--bus")) {
			argv[left++] = argv[i];
		} else if (++i < argc) {
			ctl->address = argv[i];
		} else {
			xn_ctl_fail(ctl, XN_EXIT_FAILURE, "--bus: its address is missing");
			return -1;
		}
	}
	argv[left] = NULL;
	return left;
}

static void look_at_terminal(struct xn_ctl *ctl)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	setlocale(LC_CTYPE, "");
	ctl->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	ctl->colour = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") &&
		      !(no_color && *no_color);
}

int main(int argc, char **argv)
{
	struct xn_ctl ctl = { 0 };
	int code;

	look_at_terminal(&ctl);
	argc = take_options(&ctl, argc - 1, argv + 1);
	argv++;
	if (argc < 0)
		return XN_EXIT_FAILURE;
	if (ctl.version) {
		if (ctl.json)
			return xn_ctl_print_json(&ctl, json_pack("{s:s}", "version", XN_VERSION));
		puts("xnetman-ctl " XN_VERSION);
		return XN_EXIT_OK;
	}
	if (!argc || !strcmp(argv[0], "help")) {
		if (argc < 2 && (argc || ctl.help))
			return help();
		if (!argc)
			return xn_ctl_fail(&ctl, XN_EXIT_FAILURE,
					   "a command is missing: see xnetman-ctl --help");
		ctl.help = true;
		argc--;
		argv++;
	}
	code = xn_ctl_dispatch(&ctl, "xnetman-ctl", commands, argc, argv);
	xn_ctl_bus_close(&ctl);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "xnetman-ctl: can't write to stdout: %s\n", strerror(errno));
		return code ? code : XN_EXIT_FAILURE;
	}
	return code;
}
