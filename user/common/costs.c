// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading and writing the costs of packets. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/costs.h"

#define FORMAT 1

/* No machine takes as long, s: whoever wrote that meant another unit. */
#define PACKET_MAX 0.01
#define BYTE_MAX   1e-5

json_t *xn_costs_json(const struct xn_cost_model *model)
{
	json_t *paths = json_object();

	for (int path = 0; path < XN_COST_PATHS; path++)
		json_object_set_new(paths, xn_cost_path_name(path),
				    json_pack("{s:f, s:f}", "packet", model->path[path].packet,
					      "byte", model->path[path].byte));
	return paths;
}

char *xn_costs_text(const struct xn_cost_model *model, const char *kernel)
{
	json_t *json = json_pack("{s:i, s:s, s:o}", "format", FORMAT, "kernel", kernel, "paths",
				 xn_costs_json(model));
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6));

	json_decref(json);
	return text;
}

static int read_path(const json_t *paths, enum xn_cost_path path, struct xn_cost_model *model)
{
	json_t *entry = json_object_get(paths, xn_cost_path_name(path));
	double packet, byte;

	if (json_unpack(entry, "{s:F, s:F}", "packet", &packet, "byte", &byte) ||
	    !(packet >= 0 && packet <= PACKET_MAX) || !(byte >= 0 && byte <= BYTE_MAX))
		return -EINVAL;
	model->path[path].packet = packet;
	model->path[path].byte = byte;
	return 0;
}

static int read_all(const json_t *json, const char *path, struct xn_cost_model *model,
		    struct xn_err *err)
{
	const json_t *paths = json_object_get(json, "paths");

	if (json_integer_value(json_object_get(json, "format")) != FORMAT) {
		xn_err_set(err, "%s: is of another version: run xnetman-ctl calibrate", path);
		return -EINVAL;
	}
	for (int i = 0; i < XN_COST_PATHS; i++) {
		if (!read_path(paths, i, model))
			continue;
		xn_err_set(err,
			   "%s: paths.%s: is missing, or packet or byte is no number of seconds: "
			   "run xnetman-ctl calibrate, or remove the file",
			   path, xn_cost_path_name(i));
		return -EINVAL;
	}
	return 0;
}

int xn_costs_load(const char *path, struct xn_cost_model *model, struct xn_err *err)
{
	struct xn_cost_model read;
	json_error_t error;
	json_t *json;
	int ret;

	if (access(path, F_OK) && errno == ENOENT)
		return -ENOENT;
	json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!json) {
		xn_err_set(err, "%s: %s", path, error.text);
		return -EINVAL;
	}
	ret = read_all(json, path, &read, err);
	json_decref(json);
	if (!ret)
		*model = read;
	return ret;
}
