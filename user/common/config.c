// SPDX-License-Identifier: GPL-2.0-or-later
/* A directory of definitions -> struct xn_config. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/xnetman.h>

#include "common/crosscheck.h"
#include "common/definition.h"
#include "common/machine.h"
#include "common/overlay.h"
#include "common/readfile.h"

#define SUFFIX ".yaml"

/* Names of the networks that are to be read, sorted. */
struct names {
	char **name;
	size_t n;
};

/* What is needed while loading only. */
struct loader {
	const struct xn_overlay *overlay;
	struct xn_err *err;
	char *networks_dir;
	struct names names;
	struct xn_source **sources; /* of config->networks */
	struct xn_config *config;
};

static bool out_of_memory(struct loader *loader)
{
	xn_err_set(loader->err, "%s: out of memory", loader->networks_dir);
	return false;
}

/* --- which networks there are -------------------------------------------------------------- */

static bool add_name(struct loader *loader, const char *name, size_t len)
{
	struct names *names = &loader->names;
	char **grown = names->name;

	if (names->n == XNETMAN_NETWORKS_MAX) {
		xn_err_set(loader->err,
			   "%s: holds more than %d networks: that is all one machine can have",
			   loader->networks_dir, XNETMAN_NETWORKS_MAX);
		return false;
	}
	if (!(names->n & (names->n + 1)) || !grown) /* 0, 1, 3, 7, ...: room for as many again */
		grown = realloc(names->name, (2 * names->n + 2) * sizeof(*grown));
	if (!grown)
		return out_of_memory(loader);
	names->name = grown;
	names->name[names->n] = strndup(name, len);
	return names->name[names->n++] ? true : out_of_memory(loader);
}

static bool is_overlaid(const struct loader *loader, const char *name, size_t len)
{
	const char *network = loader->overlay->network;

	return network && strlen(network) == len && !strncmp(network, name, len);
}

static bool scan(struct loader *loader, DIR *dir)
{
	const struct dirent *entry;

	while (errno = 0, (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (entry->d_name[0] == '.' || len <= strlen(SUFFIX))
			continue;
		len -= strlen(SUFFIX);
		if (strcmp(entry->d_name + len, SUFFIX) || is_overlaid(loader, entry->d_name, len))
			continue;
		if (!add_name(loader, entry->d_name, len))
			return false;
	}
	if (!errno)
		return true;
	xn_err_set(loader->err, "%s: cannot be read: %s", loader->networks_dir, strerror(errno));
	return false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A directory that is missing holds no networks. */
static bool list(struct loader *loader)
{
	DIR *dir = opendir(loader->networks_dir);
	bool ok = true;

	if (!dir && errno != ENOENT) {
		xn_err_set(loader->err, "%s: cannot be read: %s: check its owner and its mode",
			   loader->networks_dir, strerror(errno));
		return false;
	}
	if (dir) {
		ok = !xn_dir_check(loader->networks_dir, loader->err) && scan(loader, dir);
		closedir(dir);
	}
	if (ok && loader->overlay->network)
		ok = add_name(loader, loader->overlay->network, strlen(loader->overlay->network));
	if (ok && loader->names.n)
		qsort(loader->names.name, loader->names.n, sizeof(char *), compare_names);
	return ok;
}

/* --- reading ------------------------------------------------------------------------------- */

static bool is_listed(const struct loader *loader, const char *name)
{
	return loader->names.n &&
	       bsearch(&name, loader->names.name, loader->names.n, sizeof(name), compare_names);
}

/* Is it called what it is stored as? */
static bool check_stored_name(const struct loader *loader, const struct xn_source *source,
			      const char *stored, const char *name)
{
	if (!strcmp(stored, name))
		return true;
	if (is_overlaid(loader, stored, strlen(stored)))
		xn_source_err(
			source, loader->err, "name",
			"\"%s\" is not the network asked for: write name: %s, or leave it out",
			name, stored);
	else if (is_listed(loader, name))
		xn_source_err(source, loader->err, "name",
			      "\"%s\" is there twice, %s/%s" SUFFIX
			      " defines it too: write name: %s, or remove one file",
			      name, loader->networks_dir, name, stored);
	else
		xn_source_err(source, loader->err, "name",
			      "\"%s\" is not the name of its file: write name: %s, or rename the "
			      "file to %s" SUFFIX,
			      name, stored, name);
	return false;
}

static struct xn_source *network_source(struct loader *loader, const char *name)
{
	const struct xn_overlay *overlay = loader->overlay;
	struct xn_source *source;
	char *path;

	if (is_overlaid(loader, name, strlen(name)))
		return xn_source_text("(request)", overlay->definition, strlen(overlay->definition),
				      loader->err);
	if (asprintf(&path, "%s/%s" SUFFIX, loader->networks_dir, name) < 0) {
		out_of_memory(loader);
		return NULL;
	}
	source = xn_source_read(path, loader->err);
	free(path);
	return source;
}

static bool read_networks(struct loader *loader)
{
	struct xn_config *config = loader->config;

	config->networks = calloc(loader->names.n + 1, sizeof(*config->networks));
	loader->sources = calloc(loader->names.n + 1, sizeof(*loader->sources));
	if (!config->networks || !loader->sources)
		return out_of_memory(loader);
	for (size_t i = 0; i < loader->names.n; i++) {
		const char *name = loader->names.name[i];
		struct xn_source *source = network_source(loader, name);

		loader->sources[i] = source;
		if (!source)
			return false;
		config->networks[i] = xn_definition_parse(
			source, name, !is_overlaid(loader, name, strlen(name)), loader->err);
		if (!config->networks[i])
			return false;
		config->n_networks++;
		if (!check_stored_name(loader, source, name, config->networks[i]->name))
			return false;
	}
	return true;
}

static bool read_machine(struct loader *loader, const char *dir)
{
	const char *text = loader->overlay->machine;
	struct xn_source *source;
	char *path;
	bool ok;

	if (asprintf(&path, "%s/xnetman" SUFFIX, dir) < 0)
		return out_of_memory(loader);
	source = text ? xn_source_text(path, text, strlen(text), loader->err)
		      : xn_source_read(path, loader->err);
	ok = (source || (!text && errno == ENOENT)) &&
	     xn_machine_parse(source, &loader->config->machine, loader->err);
	xn_source_free(source);
	free(path);
	return ok;
}

static bool check_dir(struct loader *loader, const char *dir)
{
	int ret = xn_dir_check(dir, loader->err);

	return !ret || (ret == -ENOENT && (loader->overlay->network || loader->overlay->machine));
}

static bool load(struct loader *loader, const char *dir)
{
	if (asprintf(&loader->networks_dir, "%s/networks.d", dir) < 0) {
		loader->networks_dir = NULL;
		xn_err_set(loader->err, "%s: out of memory", dir);
		return false;
	}
	loader->config = calloc(1, sizeof(*loader->config));
	if (!loader->config)
		return out_of_memory(loader);
	return check_dir(loader, dir) && read_machine(loader, dir) && list(loader) &&
	       read_networks(loader) && xn_crosscheck(loader->config, loader->sources, loader->err);
}

struct xn_config *xn_config_load_overlay(const char *dir, const struct xn_overlay *overlay,
					 struct xn_err *err)
{
	struct loader loader = { .overlay = overlay, .err = err };

	if (!load(&loader, dir)) {
		xn_config_free(loader.config);
		loader.config = NULL;
	}
	for (size_t i = 0; i < loader.names.n; i++) {
		if (loader.sources)
			xn_source_free(loader.sources[i]);
		free(loader.names.name[i]);
	}
	free(loader.sources);
	free(loader.names.name);
	free(loader.networks_dir);
	return loader.config;
}

struct xn_config *xn_config_load(const char *dir, struct xn_err *err)
{
	static const struct xn_overlay none;

	return xn_config_load_overlay(dir, &none, err);
}

void xn_config_free(struct xn_config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n_networks; i++)
		xn_definition_free(config->networks[i]);
	free(config->networks);
	xn_machine_free(&config->machine);
	free(config);
}

static int compare_network(const void *name, const void *def)
{
	return strcmp(name, (*(struct xn_definition *const *)def)->name);
}

const struct xn_definition *xn_config_network(const struct xn_config *config, const char *name)
{
	struct xn_definition **found = bsearch(name, config->networks, config->n_networks,
					       sizeof(*config->networks), compare_network);

	return found ? *found : NULL;
}
