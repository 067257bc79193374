// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetman-web: command line, and the start and end of everything. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/log.h"
#include "web/http.h"

#define DEFAULT_LISTEN "127.0.0.1:9790"
#define NAMES_MAX      16

enum {
	EXIT_USAGE = 2,
};

static const char help[] =
	"Usage: xnetman-web [OPTION]...\n"
	"Shows by HTTP what virtual networks get: a live page, metrics, JSON. Nothing can be "
	"changed.\n"
	"\n"
	"  /             a page for people\n"
	"  /metrics      for Prometheus: OpenMetrics, or its text format\n"
	"  /api/status   and info, networks, links, ports, history, report, sla: what xnetman-ctl "
	"-j prints\n"
	"  /api/admit    POST a network's definition: would it fit?\n"
	"\n"
	"      --listen ADDRESS:PORT  where (" DEFAULT_LISTEN "). There is neither password nor\n"
	"                             encryption: elsewhere than on this machine, behind a proxy "
	"that has\n"
	"      --name NAME            by which browsers may call this machine, besides localhost "
	"and its\n"
	"                             addresses; repeatable\n"
	"      --bus ADDRESS          D-Bus address; default: the system bus\n"
	"  -h, --help                 this text\n"
	"  -V, --version              version\n"
	"\n"
	"Exit status: 0 stopped; 1 failed (one line on stderr says why); 2 wrong usage. See "
	"xnetman-web(8).\n";

struct options {
	struct xn_socket_address listen;
	const char *names[NAMES_MAX];
	size_t n_names;
	const char *bus;
};

/* --- run ------------------------------------------------------------------------------------ */

static void on_signal(void *arg, const char *name, const json_t *arguments)
{
	struct xn_site *site = arg;

	if (!strcmp(name, "Breach"))
		xn_breaches_add(site->breaches, arguments);
	if (!arguments)
		xn_breaches_end(site->breaches);
	if (!strcmp(name, "Tick") || !strcmp(name, "Changed") || !arguments)
		xn_cache_expire(site->cache);
}

static int add_signals(sd_event *event)
{
	sigset_t mask;
	int rc;

	/* a reader that has gone is an error of write(), no reason to die */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	rc = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	return rc < 0 ? rc : sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
}

static int loop(sd_event *event, const struct options *options, struct xn_site *site,
		struct xn_err *err)
{
	struct xn_http *http = NULL;
	int rc = -ENOMEM;

	xn_err_set(err, "no memory");
	site->breaches = xn_breaches_create();
	site->cache = xn_cache_create();
	if (site->breaches && site->cache)
		site->client = xn_client_open(event, options->bus, on_signal, site);
	if (site->client) {
		xn_cache_start(site->cache, site->client);
		http = xn_http_start(event, &options->listen, site, err);
	}
	if (http) {
		sd_notify(0, "READY=1");
		rc = sd_event_loop(event);
		if (rc < 0)
			xn_err_set(err, "event loop: %s", strerror(-rc));
	}
	xn_client_close(site->client);
	site->client = NULL;
	xn_cache_destroy(site->cache);
	xn_http_stop(http);
	xn_breaches_destroy(site->breaches);
	return rc;
}

static int run(const struct options *options)
{
	struct xn_site site = { .gate = { options->names, options->n_names } };
	sd_event *event = NULL;
	struct xn_err err;
	int rc = sd_event_new(&event);

	if (rc >= 0)
		rc = add_signals(event);
	if (rc >= 0)
		rc = sd_event_set_watchdog(event, true);
	if (rc < 0)
		xn_err_set(&err, "event loop: %s", strerror(-rc));
	else
		rc = loop(event, options, &site, &err);
	sd_event_unref(event);
	if (rc >= 0)
		return EXIT_SUCCESS;
	xn_log(SD_ERR, "%s", err.text);
	return EXIT_FAILURE;
}

/* --- command line --------------------------------------------------------------------------- */

static void __attribute__((noreturn)) bad_usage(const char *what, const char *why)
{
	fprintf(stderr, "xnetman-web: %s: %s: try xnetman-web --help\n", what, why);
	exit(EXIT_USAGE);
}

static void take_listen(struct options *options, const char *text)
{
	const char *wrong = xn_address_parse(text, &options->listen);

	if (wrong)
		bad_usage("--listen", wrong);
}

static void take_name(struct options *options, const char *name)
{
	if (options->n_names == NAMES_MAX)
		bad_usage("--name", "is given too often");
	if (!*name || strpbrk(name, ":/ "))
		bad_usage("--name", "is the name of a host, without port");
	options->names[options->n_names++] = name;
}

static void take_options(struct options *options, int argc, char **argv)
{
	static const struct option all[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "name", required_argument, NULL, 'n' },
		{ "bus", required_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{},
	};
	int key;

	while ((key = getopt_long(argc, argv, "hV", all, NULL)) >= 0) {
		switch (key) {
		case 'l':
			take_listen(options, optarg);
			break;
		case 'n':
			take_name(options, optarg);
			break;
		case 'b':
			options->bus = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("xnetman-web " XN_VERSION);
			exit(EXIT_SUCCESS);
		default:
			fputs("try xnetman-web --help\n", stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc)
		bad_usage(argv[optind], "nothing more is expected");
}

int main(int argc, char **argv)
{
	struct options options = { 0 };

	take_listen(&options, DEFAULT_LISTEN);
	take_options(&options, argc, argv);
	return run(&options);
}
