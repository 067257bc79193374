// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetman-vmctl: the virtual machine server from the command line. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/readfile.h"
#include "ctl/output.h"
#include "vmctl/call.h"

static const struct xn_ctl_command commands[] = {
	{ .name = "vm",
	  .sub = xn_vmctl_vm_commands,
	  .args = "status|create|shutdown|destroy|migrate|scheduler|parameters|set ...",
	  .brief = "virtual machines" },
	{ .name = "network",
	  .sub = xn_vmctl_network_commands,
	  .args = "create ...",
	  .brief = "virtual networks: several virtual machines at once" },
	{ .name = "node",
	  .sub = xn_vmctl_node_commands,
	  .args = "list|status|register ...",
	  .brief = "physical nodes" },
	{ .name = "image",
	  .sub = xn_vmctl_image_commands,
	  .args = "os|arch|kernel",
	  .brief = "what there are images of" },
	{ .name = "operations",
	  .run = xn_vmctl_operations,
	  .args = "[id ID] [node NODE] [vm VM]",
	  .brief = "how calls that change something go on" },
	{ .name = "test",
	  .run = xn_vmctl_test,
	  .args = "[TEXT]",
	  .brief = "does the server work? It returns the text" },
	{},
};

static const char usage_head[] =
	"Usage: xnetman-vmctl [-j] [-p] [--server URL] [--token-file FILE] COMMAND ...\n"
	"       xnetman-vmctl COMMAND --help\n"
	"\n"
	"Creates, runs and moves virtual machines by a virtual machine server.\n"
	"\n"
	"Commands, each as any unambiguous beginning:\n";

static const char usage_tail[] =
	"\n"
	"Options, before or after the command:\n"
	"  -j, --json         one JSON document on stdout, also of an error\n"
	"  -p, --pretty       JSON with line breaks\n"
	"  --server URL       where it is; default: $XNETVMS_SERVER, else " XNETVMS_ENDPOINT "\n"
	"  --token-file FILE  with the bearer token; default: $XNETVMS_TOKEN_FILE\n"
	"  --ca FILE          who signed the server's certificate; default: the system's list\n"
	"  --cert FILE        a certificate of this client, with its key\n"
	"  --timeout SECONDS  without an answer; default: for ever\n"
	"  -h, --help         this, or help on a command\n"
	"  -V, --version      version\n"
	"\n"
	"Exit status: 0 done; 1 bad usage or invalid; 2 server or node unreachable, or too slow; 3 "
	"not\n"
	"found; 4 exists already, or busy; 5 denied; 6 the node refused or failed. See\n"
	"xnetman-vmctl(1).\n";

static int help(void)
{
	fputs(usage_head, stdout);
	for (const struct xn_ctl_command *c = commands; c->name; c++)
		printf("  %-11s %s\n", c->name, c->brief);
	fputs(usage_tail, stdout);
	return XN_EXIT_OK;
}

static bool take_flag(struct xn_ctl *ctl, const char *word)
{
	const struct {
		const char *brief, *name;
		bool *to;
	} flags[] = {
		{ "-j", "--json", &ctl->json },
		{ "-p", "--pretty", &ctl->pretty },
		{ "-h", "--help", &ctl->help },
		{ "-V", "--version", &ctl->version },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(word, flags[i].brief) && strcmp(word, flags[i].name))
			continue;
		*flags[i].to = true;
		return true;
	}
	return false;
}

/* Options with a value, as they were written. */
struct written {
	const char *server, *token_file, *ca, *cert, *timeout;
};

static const char **value_of(struct written *written, const char *word)
{
	const struct {
		const char *name;
		const char **to;
	} options[] = {
		{ "--server", &written->server },   { "--token-file", &written->token_file },
		{ "--ca", &written->ca },	    { "--cert", &written->cert },
		{ "--timeout", &written->timeout },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (!strcmp(word, options[i].name))
			return options[i].to;
	return NULL;
}

/* Take the options out of the arguments. Return: arguments left, or -1 after an error. */
static int take_options(struct xn_ctl *ctl, struct written *written, int argc, char **argv)
{
	int left = 0;

	for (int i = 0; i < argc; i++) {
		const char **to = value_of(written, argv[i]);

		if (to && i + 1 < argc) {
			*to = argv[++i];
		} else if (to) {
			xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s: its value is missing", argv[i]);
			return -1;
		} else if (!take_flag(ctl, argv[i])) {
			argv[left++] = argv[i];
		}
	}
	argv[left] = NULL;
	return left;
}

/* Not an argument: those are everybody's to see. */
static int read_token(struct xn_ctl *ctl, const char *path, const char **token)
{
	struct xn_err err;
	size_t size;
	char *text;

	if (!path)
		return 0;
	text = xn_file_read(path, &size, &err);
	if (!text)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s", err.text);
	text[strcspn(text, " \t\r\n")] = '\0';
	*token = text;
	return 0;
}

static int set_options(struct xn_vmctl *vmctl, const struct written *written)
{
	struct xnetvms_options *options = &vmctl->options;
	const char *token = written->token_file;
	char *end = "";

	options->endpoint = written->server ? written->server : getenv("XNETVMS_SERVER");
	options->ca = written->ca;
	options->cert = written->cert;
	if (written->timeout)
		options->timeout = strtol(written->timeout, &end, 10);
	if (*end || options->timeout < 0)
		return xn_ctl_fail(&vmctl->ctl, XN_EXIT_FAILURE,
				   "--timeout: \"%s\" is no number of seconds", written->timeout);
	return read_token(&vmctl->ctl, token ? token : getenv("XNETVMS_TOKEN_FILE"),
			  &options->token);
}

static int run(struct xn_vmctl *vmctl, int argc, char **argv)
{
	struct xn_ctl *ctl = &vmctl->ctl;

	if (ctl->version && ctl->json)
		return xn_ctl_print_json(ctl, json_pack("{s:s}", "version", XN_VERSION));
	if (ctl->version)
		return puts("xnetman-vmctl " XN_VERSION) == EOF;
	if (!argc && ctl->help)
		return help();
	if (!argc)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE,
				   "a command is missing: see xnetman-vmctl --help");
	return xn_ctl_dispatch(ctl, "xnetman-vmctl", commands, argc, argv);
}

int main(int argc, char **argv)
{
	struct xn_vmctl vmctl = { .vms = NULL };
	struct written written = { NULL };
	int code;

	setlocale(LC_CTYPE, "");
	vmctl.ctl.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	argc = take_options(&vmctl.ctl, &written, argc - 1, argv + 1);
	if (argc < 0 || set_options(&vmctl, &written))
		return XN_EXIT_FAILURE;
	code = run(&vmctl, argc, argv + 1);
	xnetvms_close(vmctl.vms);
	free((char *)vmctl.options.token);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "xnetman-vmctl: can't write to stdout: %s\n", strerror(errno));
		return code ? code : XN_EXIT_FAILURE;
	}
	return code;
}
