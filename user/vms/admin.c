// SPDX-License-Identifier: GPL-2.0-or-later
/* Administration on the server's own machine. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/definition.h"
#include "common/readfile.h"
#include "daemon/files.h"
#include "vms/admin.h"
#include "vms/images.h"

enum {
	EXIT_USAGE = 2,
};

struct admin {
	const struct xn_vms_options *options;
	struct xn_registry *registry;
	struct xn_err err;
};

static int fail(const char *text)
{
	fprintf(stderr, "xnetman-vms: %s\n", text);
	return EXIT_FAILURE;
}

static int done(struct admin *admin, int failed)
{
	return failed ? fail(admin->err.text) : EXIT_SUCCESS;
}

char *xn_vms_images(const char *state, char *path, size_t size)
{
	snprintf(path, size, "%s/images", state);
	return path;
}

/* --- images --------------------------------------------------------------------------------- */

/* What follows the name: keys and values. */
static int take_image(struct xn_image *image, const char *files[XN_IMAGE_PARTS], int argc,
		      char **argv, struct xn_err *err)
{
	const struct {
		const char *key;
		const char **file;
		char *to;
		size_t size;
	} keys[] = {
		{ "disk", &files[XN_IMAGE_DISK], NULL, 0 },
		{ "kernel", &files[XN_IMAGE_KERNEL], NULL, 0 },
		{ "initrd", &files[XN_IMAGE_INITRD], NULL, 0 },
		{ "os", NULL, image->os, sizeof(image->os) },
		{ "arch", NULL, image->arch, sizeof(image->arch) },
		{ "kernel-version", NULL, image->kernel_version, sizeof(image->kernel_version) },
		{ "format", NULL, image->format, sizeof(image->format) },
		{ "arguments", NULL, image->arguments, sizeof(image->arguments) },
	};
	const size_t n = sizeof(keys) / sizeof(keys[0]);
	size_t k;

	for (int i = 0; i + 1 < argc; i += 2) {
		for (k = 0; k < n && strcmp(keys[k].key, argv[i]); k++)
			;
		if (k == n || (keys[k].to && strlen(argv[i + 1]) >= keys[k].size)) {
			xn_err_set(err, "%s: %s", argv[i],
				   k == n ? "no such key: see xnetman-vms --help"
					  : "its value is too long");
			return -1;
		}
		if (keys[k].file)
			*keys[k].file = argv[i + 1];
		else
			strcpy(keys[k].to, argv[i + 1]);
	}
	if (argc % 2 == 0)
		return 0;
	xn_err_set(err, "%s: its value is missing", argv[argc - 1]);
	return -1;
}

static int image_add(struct admin *admin, int argc, char **argv)
{
	const char *files[XN_IMAGE_PARTS] = { NULL };
	struct xn_image image = { .format = "raw" };
	char folder[512];

	if (strlen(argv[0]) >= sizeof(image.name))
		return fail("the name is too long");
	XN_COPY(image.name, argv[0]);
	return done(admin, take_image(&image, files, argc - 1, argv + 1, &admin->err) ||
				   xn_images_add(admin->registry,
						 xn_vms_images(admin->options->state, folder,
							       sizeof(folder)),
						 &image, files, &admin->err));
}

static void print_image(const struct xn_image *image, void *arg)
{
	(void)arg;
	printf("%s\t%s\t%s\t%s\t%s\t%s\n", image->name, image->os, image->arch,
	       image->kernel_version, image->format, image->sha256[XN_IMAGE_DISK]);
}

static int image_list(struct admin *admin, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return done(admin, xn_registry_images(admin->registry, "", "", "", "", print_image, NULL,
					      &admin->err));
}

static int image_remove(struct admin *admin, int argc, char **argv)
{
	char folder[512];

	(void)argc;
	return done(admin,
		    xn_images_remove(admin->registry,
				     xn_vms_images(admin->options->state, folder, sizeof(folder)),
				     argv[0], &admin->err));
}

/* --- access --------------------------------------------------------------------------------- */

static const char *const roles[] = {
	[XN_ROLE_PROVIDER] = "provider",
	[XN_ROLE_OPERATOR] = "operator",
};

static int access_add(struct admin *admin, int argc, char **argv)
{
	struct xn_principal principal = { .role = XN_ROLE_OPERATOR };
	const char *wrong = xn_network_name_check(argv[0]);
	char token[XN_TOKEN_SIZE];

	(void)argc;
	if (!wrong && strchr(argv[0], '.'))
		wrong = "has a dot: names of volumes are divided by it";
	if (wrong || (strcmp(argv[1], roles[0]) && strcmp(argv[1], roles[1]))) {
		xn_err_set(&admin->err, "\"%s\" %s", wrong ? argv[0] : argv[1],
			   wrong ? wrong : "is no role: write provider or operator");
		return fail(admin->err.text);
	}
	if (!strcmp(argv[1], roles[XN_ROLE_PROVIDER]))
		principal.role = XN_ROLE_PROVIDER;
	XN_COPY(principal.name, argv[0]);
	if (xn_token_make(token))
		return fail("no random numbers");
	xn_token_hash(token, principal.token);
	if (xn_registry_add_principal(admin->registry, &principal, &admin->err))
		return fail(admin->err.text);
	puts(token);
	return EXIT_SUCCESS;
}

static void print_principal(const struct xn_principal *principal, void *arg)
{
	(void)arg;
	printf("%s\t%s\n", principal->name, roles[principal->role]);
}

static int access_list(struct admin *admin, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return done(admin, xn_registry_principals(admin->registry, "", "", print_principal, NULL,
						  &admin->err));
}

static int access_remove(struct admin *admin, int argc, char **argv)
{
	(void)argc;
	return done(admin, xn_registry_remove_principal(admin->registry, argv[0], &admin->err));
}

/* --- nodes, key ----------------------------------------------------------------------------- */

static void print_node(const struct xn_node *node, void *arg)
{
	(void)arg;
	printf("%s\t%s\t", node->name, node->hypervisor);
	for (size_t i = 0; i < node->n_addresses; i++)
		printf("%s%s", i ? "," : "", node->address[i]);
	puts("");
}

static int node_list(struct admin *admin, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return done(admin, xn_registry_nodes(admin->registry, print_node, NULL, &admin->err));
}

static int node_remove(struct admin *admin, int argc, char **argv)
{
	(void)argc;
	return done(admin, xn_registry_remove_node(admin->registry, argv[0], &admin->err));
}

int xn_vms_make_key(const char *state, struct xn_err *err)
{
	char path[512];
	char *argv[] = { "ssh-keygen", "-q",	      "-t", "ed25519", "-N", "",
			 "-C",	       "xnetman-vms", "-f", path,      NULL };
	int status = -1;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/id_ed25519", state);
	if (!access(path, F_OK))
		return 0;
	xn_make_parents(path, 0750);
	if (!posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) &&
	    waitpid(pid, &status, 0) == pid && !status)
		return 0;
	xn_err_set(err, "%s: ssh-keygen could not make it: install openssh-client", path);
	return -1;
}

static int key(struct admin *admin, int argc, char **argv)
{
	char path[512], *text;
	size_t size;

	(void)argc;
	(void)argv;
	if (xn_vms_make_key(admin->options->state, &admin->err))
		return fail(admin->err.text);
	snprintf(path, sizeof(path), "%s/id_ed25519.pub", admin->options->state);
	text = xn_file_read(path, &size, &admin->err);
	if (!text)
		return fail(admin->err.text);
	fputs(text, stdout);
	free(text);
	return EXIT_SUCCESS;
}

/* --- commands ------------------------------------------------------------------------------- */

static const struct {
	const char *what, *verb; /* verb "": it has none */
	int min, max;		 /* arguments */
	int (*run)(struct admin *admin, int argc, char **argv);
} commands[] = {
	{ "image", "add", 1, 32, image_add },
	{ "image", "list", 0, 0, image_list },
	{ "image", "remove", 1, 1, image_remove },
	{ "access", "add", 2, 2, access_add },
	{ "access", "list", 0, 0, access_list },
	{ "access", "remove", 1, 1, access_remove },
	{ "node", "list", 0, 0, node_list },
	{ "node", "remove", 1, 1, node_remove },
	{ "key", "", 0, 0, key },
};

int xn_vms_admin(const struct xn_vms_options *options, struct xn_registry *registry)
{
	struct admin admin = { .options = options, .registry = registry };
	const char *verb = options->argc > 1 ? options->argv[1] : "";

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		int words = 1 + !!*commands[i].verb, argc = options->argc - words;

		if (strcmp(commands[i].what, options->argv[0]) || strcmp(commands[i].verb, verb))
			continue;
		if (argc >= commands[i].min && argc <= commands[i].max)
			return commands[i].run(&admin, argc, options->argv + words);
	}
	fprintf(stderr,
		"xnetman-vms: %s %s: no such command, or not its arguments: "
		"see xnetman-vms --help\n",
		options->argv[0], verb);
	return EXIT_USAGE;
}
