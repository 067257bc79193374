// SPDX-License-Identifier: GPL-2.0-or-later
/* Every change is: back up the file, write it, reload; if the reload fails, put the file back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/book.h"
#include "common/definition.h"
#include "daemon/admit.h"
#include "daemon/channel.h"
#include "daemon/daemon.h"
#include "daemon/edit.h"
#include "daemon/files.h"
#include "daemon/log.h"
#include "daemon/module.h"

static int begin(struct xn_daemon *d, struct xn_backup *backup, const char *folder,
		 const char *name, struct xn_err *err)
{
	char path[sizeof(backup->path)];
	struct xn_kernel_info info;
	int rc;

	if (!d->kernel || xn_module_gone(d, xn_kernel_info(d->kernel, &info, err))) {
		xn_err_set(err, "module xnetman is not loaded: modprobe xnetman");
		return -ENODEV;
	}
	snprintf(path, sizeof(path), "%s/%s%s.yaml", d->options.config, folder, name);
	rc = xn_backup_take(backup, path);
	if (rc == -EISNAM) {
		xn_err_set(err, "%s: is not a regular file: move it away", path);
		return -EINVAL;
	}
	if (rc)
		xn_err_set(err, "%s: %s", path, strerror(-rc));
	return rc;
}

/* A name that is none could lead to any file: it is checked before one is opened. */
static int begin_network(struct xn_daemon *d, struct xn_backup *backup, const char *name,
			 struct xn_err *err)
{
	const char *why = xn_network_name_check(name);

	if (!why)
		return begin(d, backup, "networks.d/", name, err);
	xn_err_set(err, "(request): name: \"%.80s\" %s", name, why);
	return -EINVAL;
}

/* @rc: of writing the file. */
static int commit(struct xn_daemon *d, struct xn_backup *backup, int rc, struct xn_err *err)
{
	if (!rc && xn_daemon_reload(d, err)) {
		rc = -EINVAL;
		if (xn_backup_restore(backup))
			xn_log(SD_ERR, "%s: could not be put back", backup->path);
	}
	xn_backup_exit(backup);
	return rc;
}

/* What is wrong by itself is told when it is to be written. */
static int admit(struct xn_daemon *d, const char *name, const char *text, bool create,
		 struct xn_err *err)
{
	struct xn_definition *def;
	int rc = 0;

	if (create == (xn_state_net(d->state, name) >= 0))
		return 0;
	def = xn_admit_parse(d, name, text, err);
	if (def && !strcmp(def->name, name))
		rc = xn_book_admits(d->state->config, def, time(NULL), NULL, NULL, err);
	xn_definition_free(def);
	return rc;
}

int xn_edit_network(struct xn_daemon *d, const char *name, const char *text, bool create,
		    struct xn_err *err)
{
	struct xn_backup backup;
	int rc = begin_network(d, &backup, name, err);

	if (rc)
		return rc;
	rc = admit(d, name, text, create, err);
	if (rc) {
		xn_backup_exit(&backup);
		return rc;
	}
	rc = xn_config_write_network(d->options.config, name, text, create, err);
	return commit(d, &backup, rc, err);
}

/* A network that is made under the same name later is not the old one's guest's. */
int xn_edit_delete_network(struct xn_daemon *d, const char *name, struct xn_err *err)
{
	struct xn_backup backup;
	struct xn_err none;
	int rc = begin_network(d, &backup, name, err);

	if (rc)
		return rc;
	rc = commit(d, &backup, xn_config_delete_network(d->options.config, name, err), err);
	if (!rc)
		xn_channel_revoke(d, name, &none);
	return rc;
}

int xn_edit_link(struct xn_daemon *d, enum xn_link_change change, const char *name,
		 const char *capacity, struct xn_err *err)
{
	struct xn_backup backup;
	int rc = begin(d, &backup, "", "xnetman", err);

	if (rc)
		return rc;
	rc = xn_config_change_link(d->options.config, change, name, capacity, err);
	return commit(d, &backup, rc, err);
}

int xn_edit_reload(struct xn_daemon *d, struct xn_err *err)
{
	return xn_daemon_reload(d, err) ? -EINVAL : 0;
}

/* --- ports are part of their network's definition --- */

static json_t *ports_with(const struct xn_definition *def, const char *device)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < def->n_ports; i++)
		json_array_append_new(ports, json_string(def->ports[i]));
	json_array_append_new(ports, json_string(device));
	return ports;
}

static json_t *ports_without(const struct xn_definition *def, const char *device)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < def->n_ports; i++)
		if (strcmp(def->ports[i], device))
			json_array_append_new(ports, json_string(def->ports[i]));
	return ports;
}

/* Takes @ports. */
static int set_ports(struct xn_daemon *d, const struct xn_definition *def, json_t *ports,
		     struct xn_err *err)
{
	json_t *json = xn_definition_json(def);
	char *name = strdup(def->name); /* the definition does not live through the reload */
	char *text;
	int rc = -ENOMEM;

	json_object_set_new(json, "ports", ports);
	text = json_dumps(json, JSON_INDENT(2));
	if (name && text)
		rc = xn_edit_network(d, name, text, false, err);
	else
		xn_err_set(err, "no memory");
	free(text);
	free(name);
	json_decref(json);
	return rc;
}

int xn_edit_add_port(struct xn_daemon *d, const char *network, const char *device,
		     struct xn_err *err)
{
	const struct xn_state *s = d->state;
	long net = xn_state_net(s, network);
	long port = xn_state_port(s, device);

	if (net < 0) {
		xn_err_set(err, "network %s: no such network", network);
		return -ENOENT;
	}
	if (port >= 0) {
		xn_err_set(err, "port %s: is a port of network %s already", device,
			   s->nets[s->ports[port].net].def->name);
		return -EEXIST;
	}
	return set_ports(d, s->nets[net].def, ports_with(s->nets[net].def, device), err);
}

int xn_edit_delete_port(struct xn_daemon *d, const char *device, struct xn_err *err)
{
	const struct xn_state *s = d->state;
	const struct xn_definition *def;
	long port = xn_state_port(s, device);

	if (port < 0) {
		xn_err_set(err, "port %s: no network has it", device);
		return -ENOENT;
	}
	def = s->nets[s->ports[port].net].def;
	if ((size_t)port >= s->n_listed && !s->ports[port].by_domain) {
		xn_err_set(err, "port %s: xnetmand made it, for network %s has data_path split",
			   device, def->name);
		return -EINVAL;
	}
	if ((size_t)port >= s->n_listed) {
		xn_err_set(err,
			   "port %s: is a port because network %s names its domain: change that",
			   device, def->name);
		return -EINVAL;
	}
	return set_ports(d, def, ports_without(def, device), err);
}
