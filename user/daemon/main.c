// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetmand: command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/costs.h"
#include "daemon/daemon.h"
#include "daemon/log.h"

enum {
	EXIT_USAGE = 2,
};

static const char help[] =
	"Usage: xnetmand [OPTION]...\n"
	"Shares the links of this Dom0 among virtual networks by their SLAs (module xnetman).\n"
	"\n"
	"      --config DIR    definitions: DIR/xnetman.yaml, DIR/networks.d/ "
	"(" XN_DEFAULT_CONFIG_DIR ")\n"
	"      --state DIR     account of the current long interval (/run/xnetman)\n"
	"      --history FILE  closed intervals, or none (/var/lib/xnetman/history.db)\n"
	"      --costs FILE    what packets cost, of xnetman-ctl calibrate "
	"(" XN_COSTS_DIR "/" XN_COSTS_FILE ")\n"
	"      --bus BUS       system, or the address of another bus (system)\n"
	"  -h, --help          this text\n"
	"  -V, --version       version\n"
	"\n"
	"SIGHUP reads the definitions again; SIGTERM and SIGINT end all punishments and stop.\n"
	"\n"
	"Exit status: 0 stopped; 1 could not start or go on (one line on stderr says why:\n"
	"definitions, module, permission, bus, another xnetmand); 2 wrong usage.\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },  { "state", required_argument, NULL, 's' },
	{ "history", required_argument, NULL, 'H' }, { "costs", required_argument, NULL, 'C' },
	{ "bus", required_argument, NULL, 'b' },     { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },	     { 0 },
};

/* getopt sets optopt to 0 for a long option that it does not know. */
static void tell_wrong(struct xn_err *err, int c, char **argv)
{
	const char *word = argv[optind - 1];
	bool is_long = !strncmp(word, "--", 2);

	if (c == ':')
		xn_err_set(err, "a value is missing after %s", word);
	else if (optopt && is_long)
		xn_err_set(err, "%s: no value belongs to this option", word);
	else if (optopt)
		xn_err_set(err, "unknown option -%c", optopt);
	else
		xn_err_set(err, "unknown option %s", word);
}

static void __attribute__((noreturn)) bad_usage(const struct xn_err *err)
{
	fprintf(stderr, "xnetmand: %s: try xnetmand --help\n", err->text);
	exit(EXIT_USAGE);
}

static void parse(int argc, char **argv, struct xn_options *options)
{
	struct xn_err err;
	int c;

	while ((c = getopt_long(argc, argv, ":hV", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 's':
			options->state = optarg;
			break;
		case 'H':
			options->history = optarg;
			break;
		case 'C':
			options->costs = optarg;
			break;
		case 'b':
			options->bus = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("xnetmand " XN_VERSION);
			exit(EXIT_SUCCESS);
		default:
			tell_wrong(&err, c, argv);
			bad_usage(&err);
		}
	}
	if (optind == argc)
		return;
	xn_err_set(&err, "\"%s\" is no option", argv[optind]);
	bad_usage(&err);
}

int main(int argc, char **argv)
{
	struct xn_options options = {
		.config = XN_DEFAULT_CONFIG_DIR,
		.state = "/run/xnetman",
		.history = "/var/lib/xnetman/history.db",
		.bus = "system",
		.costs = XN_COSTS_DIR "/" XN_COSTS_FILE,
	};
	struct xn_daemon daemon;
	struct xn_err err = { "" };
	int rc;

	parse(argc, argv, &options);
	if (geteuid() != 0) {
		xn_log(SD_ERR, "needs root (CAP_NET_ADMIN): systemctl start xnetmand, or sudo");
		return EXIT_FAILURE;
	}
	if (xn_daemon_init(&daemon, &options, &err)) {
		xn_log(SD_ERR, "%s", err.text);
		return EXIT_FAILURE;
	}
	rc = sd_event_loop(daemon.event);
	if (rc < 0)
		xn_log(SD_ERR, "event loop: %s", strerror(-rc));
	xn_daemon_exit(&daemon);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
