// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetman-guest: command line. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/report.h"
#include "daemon/log.h"
#include "guest/agent.h"
#include "guest/enroll.h"
#include "guest/settings.h"
#include "guest/status.h"

enum {
	EXIT_USAGE = 2,
};

static const char help[] =
	"Usage: xnetman-guest [OPTION]... [run]         tell Dom0 of this router's routes and "
	"rules\n"
	"       xnetman-guest [OPTION]... enroll TOKEN  become the guest of a network, once\n"
	"       xnetman-guest [OPTION]... status        how it goes, and the last long interval\n"
	"       xnetman-guest [OPTION]... report        Dom0's last report of a day, or what "
	"period "
	"it has\n"
	"\n"
	"For routers whose network is split (plane separation): what their kernel forwards by is\n"
	"carried to Dom0, which then forwards in their place. TOKEN is what xnetman-ctl channel\n"
	"enroll prints in Dom0.\n"
	"\n"
	"      --config DIR  key and Dom0's (" XN_GUEST_DIR ")\n"
	"      --state DIR   socket of status (" XN_GUEST_STATE ")\n"
	"  -j, --json        status or report as JSON\n"
	"      --html        report as a page for a browser\n"
	"  -h, --help        this text\n"
	"  -V, --version     version\n"
	"\n"
	"Exit status: 0 done; 1 failed (one line on stderr says why); 2 wrong usage.\n";

struct options {
	const char *config, *state;
	bool json, html;
};

static int fail(const struct xn_err *err)
{
	xn_log(SD_ERR, "%s", err->text);
	return EXIT_FAILURE;
}

/* --- run --- */

static int add_signals(sd_event *event)
{
	sigset_t mask;
	int rc;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	rc = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	return rc < 0 ? rc : sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
}

static int loop(sd_event *event, const struct options *options)
{
	struct xn_status *status = NULL;
	struct xn_err err;
	struct xn_agent *agent = xn_agent_open(event, options->config, options->state, &err);
	int rc = -EIO;

	if (agent)
		status = xn_status_open(event, options->state, agent, &err);
	if (status) {
		sd_notify(0, "READY=1");
		rc = sd_event_loop(event);
		if (rc < 0)
			xn_err_set(&err, "event loop: %s", strerror(-rc));
	}
	xn_status_close(status);
	xn_agent_close(agent);
	return rc < 0 ? fail(&err) : EXIT_SUCCESS;
}

static int run(const struct options *options)
{
	sd_event *event = NULL;
	struct xn_err err;
	int rc = sd_event_new(&event);

	if (rc >= 0)
		rc = add_signals(event);
	if (rc >= 0)
		rc = sd_event_set_watchdog(event, true);
	if (rc < 0) {
		xn_err_set(&err, "event loop: %s", strerror(-rc));
		sd_event_unref(event);
		return fail(&err);
	}
	rc = loop(event, options);
	sd_event_unref(event);
	return rc;
}

/* --- the others --- */

static int enroll(const struct options *options, const char *token)
{
	char network[256];
	struct xn_err err;

	if (xn_guest_enroll(options->config, token, network, &err))
		return fail(&err);
	printf("enrolled as the guest of network %s\n", network);
	return EXIT_SUCCESS;
}

static int show(const struct options *options)
{
	struct xn_err err;
	json_t *status = xn_status_ask(options->state, &err);

	if (!status)
		return fail(&err);
	if (options->json) {
		json_dumpf(status, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		xn_status_print(status);
	}
	json_decref(status);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int report(const struct options *options)
{
	char path[4096], *text;
	struct xn_err err;
	json_t *json;

	snprintf(path, sizeof(path), "%s/" XN_GUEST_REPORT, options->state);
	json = json_load_file(path, 0, NULL);
	if (!xn_report_is(json)) {
		json_decref(json);
		xn_err_set(&err, "%s: no report has come yet", path);
		return fail(&err);
	}
	text = options->json   ? json_dumps(json, JSON_COMPACT)
	       : options->html ? xn_report_html(json)
			       : xn_report_text(json);
	if (text)
		printf("%s%s", text, options->json ? "\n" : "");
	free(text);
	json_decref(json);
	return !text || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* --- words --- */

static int __attribute__((noreturn)) bad_usage(const char *what)
{
	struct xn_err line;

	xn_err_set(&line, "%s", what);
	fprintf(stderr, "xnetman-guest: %s: try xnetman-guest --help\n", line.text);
	exit(EXIT_USAGE);
}

static void parse(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "state", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "html", no_argument, NULL, 'H' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, ":jhV", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 's':
			options->state = optarg;
			break;
		case 'j':
			options->json = true;
			break;
		case 'H':
			options->html = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("xnetman-guest " XN_VERSION);
			exit(EXIT_SUCCESS);
		case ':':
			bad_usage("a value is missing after the last option");
		default:
			bad_usage("unknown option");
		}
	}
}

int main(int argc, char **argv)
{
	struct options options = { .config = XN_GUEST_DIR, .state = XN_GUEST_STATE };
	const char *command;
	int words;

	parse(argc, argv, &options);
	words = argc - optind;
	command = words ? argv[optind] : "run";
	if (!strcmp(command, "enroll") && words == 2)
		return enroll(&options, argv[optind + 1]);
	if (!strcmp(command, "enroll"))
		bad_usage("enroll wants one token");
	if (words > 1)
		bad_usage("more words than one");
	if (!strcmp(command, "status"))
		return show(&options);
	if (!strcmp(command, "report"))
		return report(&options);
	if (!strcmp(command, "run"))
		return run(&options);
	bad_usage("no such command");
}
