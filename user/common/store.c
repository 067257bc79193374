// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of the definitions: checked with everything else first, then written atomically. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/atomic.h"
#include "common/definition.h"
#include "common/linkedit.h"
#include "common/machine.h"
#include "common/overlay.h"
#include "common/readfile.h"
#include "common/source.h"
#include "common/yamlwrite.h"
#include "core/units.h"

#define MACHINE_FILE "xnetman.yaml"

/* Where a network is kept. Names were checked: they cannot lead out of the directory. */
struct place {
	char *dir;     /* networks.d */
	char file[80]; /* in it */
};

static int place_init(struct place *place, const char *dir, const char *name, struct xn_err *err)
{
	const char *why = xn_network_name_check(name);

	if (why) {
		xn_err_set(err, "(request): name: \"%.80s\" %s", name, why);
		return -EINVAL;
	}
	if (asprintf(&place->dir, "%s/networks.d", dir) < 0) {
		xn_err_set(err, "%s: out of memory", dir);
		return -ENOMEM;
	}
	snprintf(place->file, sizeof(place->file), "%s.yaml", name);
	return 0;
}

static void place_exit(struct place *place)
{
	free(place->dir);
}

static bool exists(const struct place *place)
{
	char *path;
	bool there;

	if (asprintf(&path, "%s/%s", place->dir, place->file) < 0)
		return false;
	there = !access(path, F_OK);
	free(path);
	return there;
}

static int check_exists(const struct place *place, const char *name, bool create,
			struct xn_err *err)
{
	if (exists(place) != create)
		return 0;
	if (create)
		xn_err_set(err,
			   "(request): name: network %s exists already, in %s/%s: set it, "
			   "or choose another name",
			   name, place->dir, place->file);
	else
		xn_err_set(err, "(request): name: there is no network %s, no %s/%s: add it first",
			   name, place->dir, place->file);
	return create ? -EEXIST : -ENOENT;
}

/* What is to be written, read again: it must mean the same. */
static bool reads_back(const char *text, const struct xn_definition *def)
{
	struct xn_source *source = xn_source_text("(written)", text, strlen(text), NULL);
	struct xn_definition *again = NULL;
	json_t *a = xn_definition_json(def), *b = NULL;
	bool same;

	if (source)
		again = xn_definition_parse(source, def->name, true, NULL);
	if (again)
		b = xn_definition_json(again);
	same = a && b && json_equal(a, b);
	json_decref(a);
	json_decref(b);
	xn_definition_free(again);
	xn_source_free(source);
	return same;
}

static int write_definition(const struct place *place, const struct xn_definition *def, bool create,
			    struct xn_err *err)
{
	char *text = xn_yaml_definition(def);
	int ret = -EINVAL;

	if (text && reads_back(text, def))
		ret = xn_atomic_write(place->dir, place->file, text, create, err);
	else
		xn_err_set(err, "(request): %s cannot be written as YAML: use simpler names",
			   def->name);
	free(text);
	return ret;
}

int xn_config_write_network(const char *dir, const char *name, const char *text, bool create,
			    struct xn_err *err)
{
	struct xn_overlay overlay = { .network = name, .definition = text };
	struct xn_config *config;
	struct place place;
	int ret = place_init(&place, dir, name, err);

	if (ret)
		return ret;
	ret = check_exists(&place, name, create, err);
	if (ret)
		goto exit_place;
	ret = -EINVAL;
	config = xn_config_load_overlay(dir, &overlay, err);
	if (!config)
		goto exit_place;
	ret = write_definition(&place, xn_config_network(config, name), create, err);
	xn_config_free(config);
exit_place:
	place_exit(&place);
	return ret;
}

int xn_config_delete_network(const char *dir, const char *name, struct xn_err *err)
{
	struct place place;
	int ret = place_init(&place, dir, name, err);

	if (ret)
		return ret;
	ret = check_exists(&place, name, false, err);
	if (!ret)
		ret = xn_atomic_remove(place.dir, place.file, err);
	place_exit(&place);
	return ret;
}

/* --- links --------------------------------------------------------------------------------- */

/* xnetman.yaml as it is, and as it is to be. */
struct change {
	struct xn_source *source;
	struct xn_machine before, after;
};

static void change_exit(struct change *change)
{
	xn_source_free(change->source);
	xn_machine_free(&change->before);
	xn_machine_free(&change->after);
}

static int change_init(struct change *change, const char *dir, struct xn_err *err)
{
	char *path;

	memset(change, 0, sizeof(*change));
	if (asprintf(&path, "%s/" MACHINE_FILE, dir) < 0)
		goto no_memory;
	change->source = xn_source_read(path, err);
	if (!change->source && errno == ENOENT)
		change->source = xn_source_text(path, "", 0, err);
	free(path);
	if (!change->source || !xn_machine_parse(change->source, &change->before, err) ||
	    !xn_machine_parse(change->source, &change->after, err))
		goto exit_change;
	return 0;
exit_change:
	change_exit(change);
	return -EINVAL;
no_memory:
	xn_err_set(err, "%s: out of memory", dir);
	return -ENOMEM;
}

/* What is to become of a link. */
struct link_request {
	enum xn_link_change change;
	const char *name;
	double capacity;
	enum xn_link_qos qos;
	enum xn_link_guard guard;
	char text[XN_UNIT_TEXT]; /* the capacity, qos or guard as we write it */
};

static int add_link(struct xn_machine *machine, const struct link_request *request)
{
	struct xn_link_def *links =
		realloc(machine->links, (machine->n_links + 1) * sizeof(*links));

	if (!links)
		return -ENOMEM;
	machine->links = links;
	links += machine->n_links;
	*links = (struct xn_link_def){ .name = strdup(request->name),
				       .capacity = request->capacity,
				       .overbooking = 1 };
	if (!links->name)
		return -ENOMEM;
	machine->n_links++;
	return 0;
}

static void delete_link(struct xn_machine *machine, struct xn_link_def *link)
{
	struct xn_link_def *end = machine->links + machine->n_links;

	free(link->name);
	memmove(link, link + 1, (end - link - 1) * sizeof(*link));
	machine->n_links--;
}

static int change_machine(struct xn_machine *machine, const struct link_request *request,
			  struct xn_err *err)
{
	struct xn_link_def *link = (struct xn_link_def *)xn_machine_link(machine, request->name);

	if (request->change == XN_LINK_ADD && link) {
		xn_err_set(err, "(request): name: %s is a link already: set it, or leave it",
			   request->name);
		return -EEXIST;
	}
	if (request->change != XN_LINK_ADD && !link) {
		xn_err_set(err, "(request): name: %.40s is not a link: add it first",
			   request->name);
		return -ENOENT;
	}
	if (request->change == XN_LINK_ADD) {
		xn_err_set(err, "(request): out of memory");
		return add_link(machine, request);
	}
	if (request->change == XN_LINK_SET)
		link->capacity = request->capacity;
	else if (request->change == XN_LINK_SET_QOS)
		link->qos = request->qos;
	else if (request->change == XN_LINK_SET_GUARD)
		link->guard = request->guard;
	else
		delete_link(machine, link);
	return 0;
}

static bool machine_reads_back(const char *text, const struct xn_machine *machine)
{
	struct xn_source *source = xn_source_text("(written)", text, strlen(text), NULL);
	struct xn_machine again = { 0 };
	json_t *a = xn_machine_json(machine), *b = NULL;
	bool same;

	if (source && xn_machine_parse(source, &again, NULL))
		b = xn_machine_json(&again);
	same = a && b && json_equal(a, b);
	json_decref(a);
	json_decref(b);
	xn_machine_free(&again);
	xn_source_free(source);
	return same;
}

/* The text edited if its style allows that, else all of it written anew. */
static char *new_text(const struct change *change, const struct link_request *request)
{
	char *text = xn_link_edit(change->source, request->change, request->name, request->text);

	if (text && machine_reads_back(text, &change->after))
		return text;
	free(text);
	text = xn_yaml_machine(&change->after);
	if (text && machine_reads_back(text, &change->after))
		return text;
	free(text);
	return NULL;
}

static int write_machine(const char *dir, const char *text, struct xn_err *err)
{
	struct xn_overlay overlay = { .machine = text };
	struct xn_config *config;

	if (!text) {
		xn_err_set(err, "%s/" MACHINE_FILE ": cannot be changed: edit it by hand", dir);
		return -EINVAL;
	}
	config = xn_config_load_overlay(dir, &overlay, err);
	if (!config)
		return -EINVAL;
	xn_config_free(config);
	return xn_atomic_write(dir, MACHINE_FILE, text, false, err);
}

static int check_capacity(struct link_request *request, const char *value, struct xn_err *err)
{
	const char *why = xn_capacity_parse(XN_BANDWIDTH, value, &request->capacity);

	if (why) {
		xn_err_set(err, "(request): capacity: %s", why);
		return -EINVAL;
	}
	xn_format_rate_exact(request->capacity, request->text, sizeof(request->text));
	return 0;
}

static int check_qos(struct link_request *request, const char *value, struct xn_err *err)
{
	if (!xn_link_qos_parse(value, &request->qos)) {
		xn_err_set(err, "(request): qos: \"%.40s\" is unknown: write auto, on or off",
			   value);
		return -EINVAL;
	}
	snprintf(request->text, sizeof(request->text), "%s", xn_link_qos_name(request->qos));
	return 0;
}

static int check_guard(struct link_request *request, const char *value, struct xn_err *err)
{
	if (!xn_link_guard_parse(value, &request->guard)) {
		xn_err_set(err, "(request): guard: \"%.40s\" is unknown: write on or off", value);
		return -EINVAL;
	}
	snprintf(request->text, sizeof(request->text), "%s", xn_link_guard_name(request->guard));
	return 0;
}

static int check_request(struct link_request *request, const char *value, struct xn_err *err)
{
	const char *why = xn_device_name_check(request->name);

	if (!why && !strcmp(request->name, "any"))
		why = "means every link in networks.d: write the name of a device";
	if (why) {
		xn_err_set(err, "(request): name: \"%.40s\" %s", request->name, why);
		return -EINVAL;
	}
	if (request->change == XN_LINK_DELETE)
		return 0;
	if (request->change == XN_LINK_SET_QOS)
		return check_qos(request, value, err);
	if (request->change == XN_LINK_SET_GUARD)
		return check_guard(request, value, err);
	return check_capacity(request, value, err);
}

int xn_config_change_link(const char *dir, enum xn_link_change change, const char *name,
			  const char *value, struct xn_err *err)
{
	struct link_request request = { .change = change, .name = name };
	struct change files;
	char *text;
	int ret = check_request(&request, value, err);

	if (ret)
		return ret;
	ret = change_init(&files, dir, err);
	if (ret)
		return ret;
	ret = change_machine(&files.after, &request, err);
	if (!ret) {
		text = new_text(&files, &request);
		ret = write_machine(dir, text, err);
		free(text);
	}
	change_exit(&files);
	return ret;
}
