// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vms/options.h"

enum {
	EXIT_USAGE = 2,
};

static const char help[] =
	"Usage: xnetman-vms [OPTION]... [COMMAND]\n"
	"Virtual machine server: creates, runs and moves virtual routers on many nodes.\n"
	"\n"
	"Commands:\n"
	"  serve                     answer SOAP calls (if no command is given)\n"
	"  image add NAME KEY VALUE...  add an image: disk FILE, os NAME, arch NAME,\n"
	"                            kernel-version VERSION, and if it has them kernel FILE,\n"
	"                            initrd FILE, arguments TEXT, format raw|qcow2\n"
	"  image list | image remove NAME\n"
	"  access add NAME ROLE      provider or operator; prints a token, once\n"
	"  access list | access remove NAME\n"
	"  node list | node remove NAME\n"
	"  key                       print the public key that nodes are to let in\n"
	"\n"
	"Options:\n"
	"      --listen ADDRESS:PORT where (127.0.0.1:4780); elsewhere than on this machine with "
	"TLS\n"
	"      --registry URI        a file, or postgresql://... (STATE/registry.db)\n"
	"      --state DIR           key, images, registry (/var/lib/xnetman-vms)\n"
	"      --name NAME           of this server, among those on one registry (the host's)\n"
	"      --node-kind NAME=URI  how libvirt reaches nodes of a kind; %a is the address, %n "
	"the\n"
	"                            name. Repeatable; the first is the default. Without any:\n"
	"                            xen=xen+libssh://root@%a/system\n"
	"                            qemu=qemu+libssh://root@%a/system\n"
	"      --pool NAME           storage pool of the nodes (default)\n"
	"      --tls-cert FILE, --tls-key FILE   HTTPS\n"
	"      --tls-ca FILE         of clients' certificates; their common name is who they are\n"
	"      --require-token       local callers, too, say who they are\n"
	"      --max-body BYTES      of a message (1048576)\n"
	"      --question-timeout SECONDS   what a node may take to tell something (10)\n"
	"      --work-timeout SECONDS       how long a caller waits for work to be done (3600)\n"
	"      --boot-timeout SECONDS       until a network's routers must answer on it (180); 0: "
	"not\n"
	"                            waited for\n"
	"      --require-admission   nodes without xnetman take no virtual machines\n"
	"  -h, --help                this text\n"
	"  -V, --version             version\n"
	"\n"
	"Exit status: 0 done, or stopped; 1 failed (one line on stderr says why); 2 wrong usage.\n";

static void __attribute__((noreturn)) bad_usage(const char *what, const char *why)
{
	fprintf(stderr, "xnetman-vms: %s: %s: try xnetman-vms --help\n", what, why);
	exit(EXIT_USAGE);
}

static long number(const char *option, const char *text, long min, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < min || value > max)
		bad_usage(option, "not a number in its range");
	return value;
}

/* Options that are a text; those that are not have a letter. */
struct text_option {
	int key;
	const char **to;
};

static void add_kind(struct xn_vms_options *options, const char *text)
{
	struct xn_err err;

	if (xn_hypervisors_add(&options->hypervisors, text, &err))
		bad_usage("--node-kind", err.text);
}

static void take(struct xn_vms_options *options, int key)
{
	const struct text_option texts[] = {
		{ 'l', &options->http.listen },	 { 'r', &options->registry },
		{ 's', &options->state },	 { 'n', &options->name },
		{ 'p', &options->pool },	 { 'C', &options->http.tls_cert },
		{ 'K', &options->http.tls_key }, { 'A', &options->http.tls_ca },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].key == key)
			*texts[i].to = optarg;
	if (key == 'k')
		add_kind(options, optarg);
	else if (key == 't')
		options->http.require_token = true;
	else if (key == 'a')
		options->require_admission = true;
	else if (key == 'm')
		options->http.body_max = number("--max-body", optarg, 1024, 64 << 20);
	else if (key == 'q')
		options->question_seconds = number("--question-timeout", optarg, 1, 3600);
	else if (key == 'w')
		options->work_seconds = number("--work-timeout", optarg, 1, 7 * 24 * 3600);
	else if (key == 'b')
		options->boot_seconds = number("--boot-timeout", optarg, 0, 3600);
}

static const struct option long_options[] = {
	{ "listen", required_argument, NULL, 'l' },
	{ "registry", required_argument, NULL, 'r' },
	{ "state", required_argument, NULL, 's' },
	{ "name", required_argument, NULL, 'n' },
	{ "node-kind", required_argument, NULL, 'k' },
	{ "pool", required_argument, NULL, 'p' },
	{ "tls-cert", required_argument, NULL, 'C' },
	{ "tls-key", required_argument, NULL, 'K' },
	{ "tls-ca", required_argument, NULL, 'A' },
	{ "require-token", no_argument, NULL, 't' },
	{ "max-body", required_argument, NULL, 'm' },
	{ "question-timeout", required_argument, NULL, 'q' },
	{ "work-timeout", required_argument, NULL, 'w' },
	{ "boot-timeout", required_argument, NULL, 'b' },
	{ "require-admission", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static void default_kinds(struct xn_vms_options *options)
{
	if (options->hypervisors.n)
		return;
	add_kind(options, "xen=xen+libssh://root@%a/system");
	add_kind(options, "qemu=qemu+libssh://root@%a/system");
}

void xn_vms_options(int argc, char **argv, struct xn_vms_options *options)
{
	int key;

	*options = (struct xn_vms_options){
		.http = { .listen = "127.0.0.1:4780", .body_max = 1 << 20 },
		.state = "/var/lib/xnetman-vms",
		.pool = "default",
		.question_seconds = 10,
		.work_seconds = 3600,
		.boot_seconds = 180,
	};
	while ((key = getopt_long(argc, argv, "+:hV", long_options, NULL)) != -1) {
		if (key == 'h' || key == 'V') {
			fputs(key == 'h' ? help : "xnetman-vms " XN_VERSION "\n", stdout);
			exit(EXIT_SUCCESS);
		}
		if (key == ':' || key == '?')
			bad_usage(argv[optind - 1],
				  key == ':' ? "its value is missing" : "unknown option");
		take(options, key);
	}
	default_kinds(options);
	options->argc = argc - optind;
	options->argv = argv + optind;
}
