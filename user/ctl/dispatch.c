// SPDX-License-Identifier: GPL-2.0-or-later
/* From the words of the command line to the function that does it, or to its help. */
#include <ctype.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/output.h"
#include "ctl/words.h"

static void help_one(const char *path, const struct xn_ctl_command *command)
{
	printf("Usage: %s %s%s%s\n\n%c%s.\n", path, command->name, command->args ? " " : "",
	       command->args ? command->args : "", toupper(command->brief[0]), command->brief + 1);
	if (command->more)
		printf("\n%s", command->more);
}

static int help_group(const char *path, const struct xn_ctl_command *commands)
{
	for (const struct xn_ctl_command *c = commands; c->name; c++)
		printf("%s %s %s%s%s\n", c == commands ? "Usage:" : "      ", path, c->name,
		       c->args ? " " : "", c->args ? c->args : "");
	for (const struct xn_ctl_command *c = commands; c->name; c++) {
		printf("\n%s: %s.\n", c->name, c->brief);
		if (c->more)
			printf("%s", c->more);
	}
	return XN_EXIT_OK;
}

static size_t count(const struct xn_ctl_command *commands)
{
	size_t n = 0;

	while (commands[n].name)
		n++;
	return n;
}

static int run(struct xn_ctl *ctl, const char *path, const struct xn_ctl_command *command, int argc,
	       char **argv)
{
	static char *only_help[] = { NULL, "--help", NULL };
	char longer[128];

	if (command->sub) {
		snprintf(longer, sizeof(longer), "%s %s", path, command->name);
		return xn_ctl_dispatch(ctl, longer, command->sub, argc, argv);
	}
	if (ctl->help && command->raw) {
		only_help[0] = argv[-1];
		return command->run(ctl, 1, only_help + 1);
	}
	if (ctl->help) {
		help_one(path, command);
		return XN_EXIT_OK;
	}
	return command->run(ctl, argc, argv);
}

int xn_ctl_dispatch(struct xn_ctl *ctl, const char *path, const struct xn_ctl_command *commands,
		    int argc, char **argv)
{
	struct xn_words words = XN_WORDS(commands, count(commands));
	char text[512];
	int i;

	if (!argc && ctl->help)
		return help_group(path, commands);
	if (!argc)
		return run(ctl, path, commands, argc, argv);
	i = xn_words_find(&words, argv[0]);
	if (i < 0)
		return xn_ctl_fail(
			ctl, XN_EXIT_FAILURE, "%s",
			xn_words_complain(&words, "command", argv[0], i, text, sizeof(text)));
	return run(ctl, path, &commands[i], argc - 1, argv + 1);
}
