// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From messages to show.h and edit.h and back. Anyone may read. Who may write is
 * decided by the bus's policy file and, should that be missing or wrong, here again.
 */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/busjson.h"
#include "daemon/admit.h"
#include "daemon/channel.h"
#include "daemon/contract_show.h"
#include "daemon/daemon.h"
#include "daemon/edit.h"
#include "daemon/methods.h"
#include "daemon/plan.h"
#include "daemon/planefile.h"
#include "daemon/planes.h"
#include "daemon/report.h"
#include "daemon/show.h"
#include "daemon/travel.h"
#include "daemon/tree.h"
#include "xnetman/bus.h"

#define WRITERS	    "xnetman" /* group */
#define HISTORY_MAX 100000    /* rows of one answer */

/* --- answers --- */

static int fail(sd_bus_error *error, int rc, const struct xn_err *err)
{
	static const struct {
		int rc;
		const char *name;
	} table[] = {
		{ -EINVAL, XN_BUS_ERROR_INVALID },   { -ENOENT, XN_BUS_ERROR_NOT_FOUND },
		{ -EEXIST, XN_BUS_ERROR_EXISTS },    { -ENODEV, XN_BUS_ERROR_MODULE },
		{ -ENOMEM, SD_BUS_ERROR_NO_MEMORY }, { -ENOSPC, XN_BUS_ERROR_INVALID },
	};
	const char *name = SD_BUS_ERROR_IO_ERROR;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].rc == rc)
			name = table[i].name;
	return sd_bus_error_set(error, name, err->text);
}

static int append_records(sd_bus_message *reply, const json_t *records)
{
	json_t *record;
	size_t i;
	int rc = sd_bus_message_open_container(reply, 'a', "a{sv}");

	json_array_foreach(records, i, record) {
		if (rc < 0)
			return rc;
		rc = xn_bus_append_json(reply, record);
	}
	return rc < 0 ? rc : sd_bus_message_close_container(reply);
}

/* A record or a list of records. */
static int answer(sd_bus_message *m, const json_t *json)
{
	sd_bus_message *reply = NULL;
	int rc = json ? sd_bus_message_new_method_return(m, &reply) : -ENOMEM;

	if (rc >= 0)
		rc = json_is_array(json) ? append_records(reply, json)
					 : xn_bus_append_json(reply, json);
	if (rc >= 0)
		rc = sd_bus_send(sd_bus_message_get_bus(m), reply, NULL);
	sd_bus_message_unref(reply);
	return rc < 0 ? rc : 1;
}

static int answer_new(sd_bus_message *m, json_t *json)
{
	int rc = answer(m, json);

	json_decref(json);
	return rc;
}

/* --- who may write --- */

static bool in_group(sd_bus_creds *creds)
{
	const struct group *group = getgrnam(WRITERS);
	const gid_t *gids;
	gid_t gid;
	int n;

	if (!group)
		return false;
	if (sd_bus_creds_get_egid(creds, &gid) >= 0 && gid == group->gr_gid)
		return true;
	n = sd_bus_creds_get_supplementary_gids(creds, &gids);
	for (int i = 0; i < n; i++)
		if (gids[i] == group->gr_gid)
			return true;
	return false;
}

/* Return: 0, or -errno with @error. */
static int may_write(sd_bus_message *m, sd_bus_error *error)
{
	sd_bus_creds *creds = NULL;
	uid_t uid = -1;
	bool may;

	if (sd_bus_query_sender_creds(m,
				      SD_BUS_CREDS_EUID | SD_BUS_CREDS_EGID |
					      SD_BUS_CREDS_SUPPLEMENTARY_GIDS |
					      SD_BUS_CREDS_AUGMENT,
				      &creds) < 0)
		return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED, "who are you?");
	may = (sd_bus_creds_get_euid(creds, &uid) >= 0 && uid == 0) || in_group(creds);
	sd_bus_creds_unref(creds);
	if (may)
		return 0;
	return sd_bus_error_set(error, SD_BUS_ERROR_ACCESS_DENIED,
				"only root and the group " WRITERS " may change this");
}

/* --- reading --- */

static int get_info(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return answer_new(m, xn_show_info(arg));
}

static int get_status(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return answer_new(m, xn_show_status(arg));
}

static int list_networks(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return answer_new(m, xn_show_networks(arg));
}

static int list_links(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return answer_new(m, xn_show_links(arg));
}

static int list_ports(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return answer_new(m, xn_show_ports(arg));
}

static int get_network(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const struct xn_daemon *d = arg;
	const char *name;
	long net;
	int rc = sd_bus_message_read(m, "s", &name);

	if (rc < 0)
		return rc;
	net = xn_state_net(d->state, name);
	if (net < 0)
		return sd_bus_error_setf(error, XN_BUS_ERROR_NOT_FOUND,
					 "network %s: no such network", name);
	return answer_new(m, xn_show_network(d, net));
}

/* NULL with @error. */
static struct xn_plane *plane_of(const struct xn_daemon *d, const char *name, sd_bus_error *error)
{
	struct xn_plane *plane = xn_plane_of(d, name);

	if (plane)
		return plane;
	if (xn_state_net(d->state, name) < 0)
		sd_bus_error_setf(error, XN_BUS_ERROR_NOT_FOUND, "network %s: no such network",
				  name);
	else
		sd_bus_error_setf(error, XN_BUS_ERROR_NOT_FOUND,
				  "network %s: its data path is vm: xnetman-ctl network set %s "
				  "data_path split",
				  name, name);
	return NULL;
}

static int get_plane(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_plane *plane;
	const char *name;
	int rc = sd_bus_message_read(m, "s", &name);

	if (rc < 0)
		return rc;
	plane = plane_of(arg, name, error);
	return plane ? answer_new(m, xn_plane_show(plane)) : -sd_bus_error_get_errno(error);
}

static void on_history(const json_t *rows, const char *err, void *arg)
{
	sd_bus_message *m = arg;

	if (rows)
		answer(m, rows);
	else
		sd_bus_reply_method_errorf(m, SD_BUS_ERROR_IO_ERROR, "%s", err);
	sd_bus_message_unref(m);
}

static json_t *query_report(struct xn_store *store, void *arg, struct xn_err *err)
{
	return xn_report_build(store, arg, err);
}

static int get_history(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_daemon *d = arg;
	const char *network, *link;
	int64_t count;
	int rc = sd_bus_message_read(m, "ssx", &network, &link, &count);

	if (rc < 0)
		return rc;
	if (!d->history)
		return sd_bus_error_set(error, XN_BUS_ERROR_NOT_FOUND,
					"no history is kept: see --history of xnetmand");
	if (count < 1 || count > HISTORY_MAX)
		return sd_bus_error_setf(error, XN_BUS_ERROR_INVALID, "count %lld: give 1 to %d",
					 (long long)count, HISTORY_MAX);
	rc = xn_history_read(d->history, network, link, count, on_history, sd_bus_message_ref(m));
	if (rc) {
		sd_bus_message_unref(m);
		return rc;
	}
	return 1;
}

static int get_report(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_report_request asked = { "" }, *request;
	struct xn_daemon *d = arg;
	const char *network;
	struct xn_err err;
	int rc = sd_bus_message_read(m, "sdd", &network, &asked.from, &asked.to);

	if (rc < 0)
		return rc;
	if (!d->history)
		return sd_bus_error_set(error, XN_BUS_ERROR_NOT_FOUND,
					"no history is kept: see --history of xnetmand");
	snprintf(asked.network, sizeof(asked.network), "%s", network);
	rc = xn_report_check(&asked, time(NULL) + 1, &err);
	if (rc)
		return fail(error, rc, &err);
	request = malloc(sizeof(*request));
	if (!request)
		return -ENOMEM;
	*request = asked;
	rc = xn_history_ask(d->history, query_report, request, on_history, sd_bus_message_ref(m));
	if (rc) {
		sd_bus_message_unref(m);
		free(request);
		return rc;
	}
	return 1;
}

/* --- contracts --- */

/* Years that calendars know. */
static bool is_time(int64_t time)
{
	return time >= 0 && time < INT64_C(4102444800) * 2;
}

static int get_sla(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *network;
	struct xn_err err;
	int64_t time;
	json_t *list;
	int rc = sd_bus_message_read(m, "sx", &network, &time);

	if (rc < 0)
		return rc;
	if (!is_time(time))
		return sd_bus_error_set(error, XN_BUS_ERROR_INVALID,
					"time: give seconds since 1970 UTC");
	list = xn_contract_show(arg, network, time, &err);
	return list ? answer_new(m, list) : fail(error, -ENOENT, &err);
}

static int get_sla_plan(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *network;
	struct xn_err err;
	int64_t from, to;
	json_t *list;
	int rc = sd_bus_message_read(m, "sxx", &network, &from, &to);

	if (rc < 0)
		return rc;
	if (!is_time(from) || !is_time(to) || to <= from || to - from > XN_PLAN_MAX)
		return sd_bus_error_set(error, XN_BUS_ERROR_INVALID,
					"from, to: give seconds since 1970 UTC, at most 370 days");
	list = xn_contract_plan(arg, network, from, to, &err);
	return list ? answer_new(m, list) : fail(error, -ENOENT, &err);
}

static int admit(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *text;
	struct xn_err err;
	json_t *json;
	int rc = sd_bus_message_read(m, "ss", &name, &text);

	if (rc < 0)
		return rc;
	json = xn_admit_show(arg, name, text, &err);
	return json ? answer_new(m, json) : fail(error, -EINVAL, &err);
}

/* --- writing --- */

/* May the sender, and what does he say? One or two strings, and what may follow. */
static int read_write(sd_bus_message *m, sd_bus_error *error, const char **a, const char **b)
{
	int rc = may_write(m, error);

	if (rc < 0)
		return rc;
	return b ? sd_bus_message_read(m, "ss", a, b) : sd_bus_message_read(m, "s", a);
}

static int written(sd_bus_message *m, sd_bus_error *error, int rc, const struct xn_err *err)
{
	return rc ? fail(error, rc, err) : sd_bus_reply_method_return(m, NULL);
}

static int add_network(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *text;
	struct xn_err err;
	int rc = read_write(m, error, &name, &text);

	return rc < 0 ? rc : written(m, error, xn_edit_network(arg, name, text, true, &err), &err);
}

static int set_network(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *text;
	struct xn_err err;
	int rc = read_write(m, error, &name, &text);

	return rc < 0 ? rc : written(m, error, xn_edit_network(arg, name, text, false, &err), &err);
}

static int delete_network(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name;
	struct xn_err err;
	int rc = read_write(m, error, &name, NULL);

	return rc < 0 ? rc : written(m, error, xn_edit_delete_network(arg, name, &err), &err);
}

static int add_link(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *capacity;
	struct xn_err err;
	int rc = read_write(m, error, &name, &capacity);

	return rc < 0 ? rc
		      : written(m, error, xn_edit_link(arg, XN_LINK_ADD, name, capacity, &err),
				&err);
}

static int set_link(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *capacity;
	struct xn_err err;
	int rc = read_write(m, error, &name, &capacity);

	return rc < 0 ? rc
		      : written(m, error, xn_edit_link(arg, XN_LINK_SET, name, capacity, &err),
				&err);
}

static int set_link_qos(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *qos;
	struct xn_err err;
	int rc = read_write(m, error, &name, &qos);

	return rc < 0 ? rc
		      : written(m, error, xn_edit_link(arg, XN_LINK_SET_QOS, name, qos, &err),
				&err);
}

static int set_link_guard(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *guard;
	struct xn_err err;
	int rc = read_write(m, error, &name, &guard);

	return rc < 0 ? rc
		      : written(m, error, xn_edit_link(arg, XN_LINK_SET_GUARD, name, guard, &err),
				&err);
}

static int delete_link(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name;
	struct xn_err err;
	int rc = read_write(m, error, &name, NULL);

	return rc < 0 ? rc
		      : written(m, error, xn_edit_link(arg, XN_LINK_DELETE, name, NULL, &err),
				&err);
}

static int add_port(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *network, *device;
	struct xn_err err;
	int rc = read_write(m, error, &network, &device);

	return rc < 0 ? rc : written(m, error, xn_edit_add_port(arg, network, device, &err), &err);
}

static int delete_port(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *device;
	struct xn_err err;
	int rc = read_write(m, error, &device, NULL);

	return rc < 0 ? rc : written(m, error, xn_edit_delete_port(arg, device, &err), &err);
}

static int set_plane(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *name, *text;
	struct xn_plane *plane;
	struct xn_err err;
	int rc = read_write(m, error, &name, &text);

	if (rc < 0)
		return rc;
	plane = plane_of(arg, name, error);
	if (!plane)
		return -sd_bus_error_get_errno(error);
	return written(m, error, xn_plane_load(plane, text, &err), &err);
}

/* --- a vif, now --- */

/* Somebody waits for the answer. */
struct binding {
	struct xn_daemon *daemon;
	sd_bus_message *m;
	uint32_t ifindex;
};

static int answer_binding(const struct xn_daemon *d, sd_bus_message *m, uint32_t ifindex)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	const char *network;
	struct xn_err err;
	int rc = xn_plan_network(d, ifindex, &network, &err);

	if (!rc)
		return sd_bus_reply_method_return(m, "s", network);
	fail(&error, rc, &err);
	rc = sd_bus_reply_method_error(m, &error);
	sd_bus_error_free(&error);
	return rc;
}

static void on_domains_read(void *arg)
{
	struct binding *binding = arg;

	answer_binding(binding->daemon, binding->m, binding->ifindex);
	sd_bus_message_unref(binding->m);
	free(binding);
}

static int bind_port(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_daemon *d = arg;
	const struct xn_device *device;
	struct binding *binding;
	const char *name;
	int rc = read_write(m, error, &name, NULL);

	if (rc < 0)
		return rc;
	xn_devices_read(d->devices);
	device = xn_devices_find(d->devices, name);
	if (!device)
		return sd_bus_error_setf(error, XN_BUS_ERROR_NOT_FOUND, "%s: no such device", name);
	if (device->kind == XN_DEVICE_OTHER)
		return answer_binding(d, m, device->ifindex);
	binding = malloc(sizeof(*binding));
	if (!binding)
		return -ENOMEM;
	*binding = (struct binding){ d, sd_bus_message_ref(m), device->ifindex };
	rc = xn_domains_ask(d->domains, on_domains_read, binding);
	if (rc) {
		sd_bus_message_unref(m);
		free(binding);
		return rc;
	}
	return 1;
}

static int reload(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_err err;
	int rc = may_write(m, error);

	return rc < 0 ? rc : written(m, error, xn_edit_reload(arg, &err), &err);
}

/* --- QoS --- */

static int get_qos(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const struct xn_daemon *d = arg;
	const char *network, *link;
	struct xn_err err;
	json_t *qos;
	int rc = sd_bus_message_read(m, "ss", &network, &link);

	if (rc < 0)
		return rc;
	qos = xn_trees_show(d->trees, network, link, &err);
	return qos ? answer_new(m, qos) : fail(error, -ENOENT, &err);
}

/* --- the channel --- */

static int list_channels(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)error;
	return answer_new(m, xn_channel_list(arg));
}

static int enroll_channel(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *network, *address;
	char token[XN_TOKEN_MAX];
	struct xn_err err;
	int rc = read_write(m, error, &network, &address);

	if (rc < 0)
		return rc;
	rc = xn_channel_enroll(arg, network, address, token, &err);
	return rc ? fail(error, rc, &err) : sd_bus_reply_method_return(m, "s", token);
}

static int revoke_channel(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const char *network;
	struct xn_err err;
	int rc = read_write(m, error, &network, NULL);

	return rc < 0 ? rc : written(m, error, xn_channel_revoke(arg, network, &err), &err);
}

/* --- the account of a network that moves --- */

static int find_network(const struct xn_daemon *d, const char *name, size_t *n, sd_bus_error *error)
{
	long found = xn_state_net(d->state, name);
	struct xn_err err;

	if (found >= 0) {
		*n = found;
		return 0;
	}
	xn_err_set(&err, "there is no network \"%s\"", name);
	return fail(error, -ENOENT, &err);
}

static int get_account(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	const struct xn_daemon *d = arg;
	sd_bus_message *reply = NULL;
	const char *name;
	size_t n = 0;
	int rc = sd_bus_message_read(m, "s", &name);

	if (rc >= 0)
		rc = find_network(d, name, &n, error);
	if (rc >= 0)
		rc = sd_bus_message_new_method_return(m, &reply);
	if (rc >= 0)
		rc = sd_bus_message_open_container(reply, 'a', "(sd)");
	for (size_t r = 0; r < d->state->n_rows && rc >= 0; r++)
		rc = sd_bus_message_append(reply, "(sd)", d->state->rows[r].name,
					   xn_travel_average(d, r, n));
	if (rc >= 0)
		rc = sd_bus_message_close_container(reply);
	if (rc >= 0)
		rc = sd_bus_send(NULL, reply, NULL);
	sd_bus_message_unref(reply);
	return rc;
}

/* All of the message, for it to be judged (@take false) or taken. Links that are not here are passed over. */
static int read_account(sd_bus_message *m, struct xn_daemon *d, size_t n, bool take,
			struct xn_err *err)
{
	const char *name;
	double average;
	int rc = sd_bus_message_enter_container(m, 'a', "(sd)");

	while (rc >= 0 && (rc = sd_bus_message_read(m, "(sd)", &name, &average)) > 0) {
		long r = xn_state_row(d->state, name);

		if (r < 0)
			continue;
		if (!xn_travel_plausible(d, r, average)) {
			xn_err_set(err, "\"%s\": no network uses %g of it", name, average);
			return -EINVAL;
		}
		if (take)
			xn_travel_take(d, r, n, average);
	}
	return rc;
}

static int take_account(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_daemon *d = arg;
	struct xn_err err = { "" };
	const char *name;
	size_t n = 0;
	int rc = read_write(m, error, &name, NULL);

	if (rc >= 0)
		rc = find_network(d, name, &n, error);
	if (rc < 0)
		return rc;
	for (int take = 0; take < 2 && rc >= 0; take++) {
		sd_bus_message_rewind(m, true);
		rc = sd_bus_message_read(m, "s", &name);
		if (rc >= 0)
			rc = read_account(m, d, n, take, &err);
	}
	if (rc < 0)
		return err.text[0] ? fail(error, rc, &err) : rc;
	xn_daemon_keep(d);
	return sd_bus_reply_method_return(m, NULL);
}

#define IN(...) SD_BUS_ARGS(__VA_ARGS__)
#define ANYONE	SD_BUS_VTABLE_UNPRIVILEGED
/* read_write() asks; sd-bus itself would only know of capabilities */
#define WRITER SD_BUS_VTABLE_UNPRIVILEGED

const sd_bus_vtable xn_bus_methods[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("GetInfo", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", info), get_info,
				ANYONE),
	SD_BUS_METHOD_WITH_ARGS("GetStatus", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", status),
				get_status, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("ListNetworks", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", networks),
				list_networks, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("GetNetwork", IN("s", name), SD_BUS_RESULT("a{sv}", network),
				get_network, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("AddNetwork", IN("s", name, "s", definition), SD_BUS_NO_RESULT,
				add_network, WRITER),
	SD_BUS_METHOD_WITH_ARGS("SetNetwork", IN("s", name, "s", definition), SD_BUS_NO_RESULT,
				set_network, WRITER),
	SD_BUS_METHOD_WITH_ARGS("DeleteNetwork", IN("s", name), SD_BUS_NO_RESULT, delete_network,
				WRITER),
	SD_BUS_METHOD_WITH_ARGS("GetAccount", IN("s", network), SD_BUS_RESULT("a(sd)", account),
				get_account, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("TakeAccount", IN("s", network, "a(sd)", account), SD_BUS_NO_RESULT,
				take_account, WRITER),
	SD_BUS_METHOD_WITH_ARGS("ListLinks", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", links),
				list_links, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("AddLink", IN("s", name, "s", capacity), SD_BUS_NO_RESULT, add_link,
				WRITER),
	SD_BUS_METHOD_WITH_ARGS("SetLink", IN("s", name, "s", capacity), SD_BUS_NO_RESULT, set_link,
				WRITER),
	SD_BUS_METHOD_WITH_ARGS("SetLinkQos", IN("s", name, "s", qos), SD_BUS_NO_RESULT,
				set_link_qos, WRITER),
	SD_BUS_METHOD_WITH_ARGS("SetLinkGuard", IN("s", name, "s", guard), SD_BUS_NO_RESULT,
				set_link_guard, WRITER),
	SD_BUS_METHOD_WITH_ARGS("DeleteLink", IN("s", name), SD_BUS_NO_RESULT, delete_link, WRITER),
	SD_BUS_METHOD_WITH_ARGS("ListPorts", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", ports),
				list_ports, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("AddPort", IN("s", network, "s", device), SD_BUS_NO_RESULT,
				add_port, WRITER),
	SD_BUS_METHOD_WITH_ARGS("DeletePort", IN("s", device), SD_BUS_NO_RESULT, delete_port,
				WRITER),
	SD_BUS_METHOD_WITH_ARGS("BindPort", IN("s", device), SD_BUS_RESULT("s", network), bind_port,
				WRITER),
	SD_BUS_METHOD_WITH_ARGS("GetPlane", IN("s", network), SD_BUS_RESULT("a{sv}", plane),
				get_plane, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("SetPlane", IN("s", network, "s", plane), SD_BUS_NO_RESULT,
				set_plane, WRITER),
	SD_BUS_METHOD_WITH_ARGS("GetQos", IN("s", network, "s", link), SD_BUS_RESULT("a{sv}", qos),
				get_qos, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("ListChannels", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", channels),
				list_channels, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("EnrollChannel", IN("s", network, "s", address),
				SD_BUS_RESULT("s", token), enroll_channel, WRITER),
	SD_BUS_METHOD_WITH_ARGS("RevokeChannel", IN("s", network), SD_BUS_NO_RESULT, revoke_channel,
				WRITER),
	SD_BUS_METHOD_WITH_ARGS("GetHistory", IN("s", network, "s", link, "x", count),
				SD_BUS_RESULT("aa{sv}", intervals), get_history, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("GetReport", IN("s", network, "d", from, "d", to),
				SD_BUS_RESULT("a{sv}", report), get_report, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("GetSla", IN("s", network, "x", time),
				SD_BUS_RESULT("aa{sv}", slas), get_sla, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("GetSlaPlan", IN("s", network, "x", from, "x", to),
				SD_BUS_RESULT("aa{sv}", spans), get_sla_plan, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("Admit", IN("s", name, "s", definition),
				SD_BUS_RESULT("a{sv}", admission), admit, ANYONE),
	SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, reload, WRITER),
	SD_BUS_SIGNAL_WITH_ARGS("Tick", SD_BUS_ARGS("d", time), 0),
	SD_BUS_SIGNAL_WITH_ARGS("Punished", SD_BUS_ARGS("s", network, "s", link, "d", ratio), 0),
	SD_BUS_SIGNAL_WITH_ARGS(
		"Breach", SD_BUS_ARGS("s", network, "s", link, "s", kind, "d", error, "s", cause),
		0),
	SD_BUS_SIGNAL_WITH_ARGS("Oversold", SD_BUS_ARGS("s", link, "b", on), 0),
	SD_BUS_SIGNAL_WITH_ARGS("LeaseExpired", SD_BUS_NO_ARGS, 0),
	SD_BUS_SIGNAL_WITH_ARGS("Switched", SD_BUS_ARGS("s", network, "s", when), 0),
	SD_BUS_SIGNAL_WITH_ARGS("Changed", SD_BUS_NO_ARGS, 0),
	SD_BUS_VTABLE_END,
};
