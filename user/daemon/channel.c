// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between the guests' sessions and the rest of the daemon. A channel that cannot be opened is no reason to
 * leave networks without control: it is logged, and the rest works.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/channel.h"
#include "daemon/daemon.h"
#include "daemon/knock.h"
#include "daemon/listener.h"
#include "daemon/log.h"
#include "daemon/operator.h"
#include "daemon/plane.h"
#include "daemon/session.h"

struct xn_channel {
	struct xn_sessions *sessions;
	struct xn_listener *listener; /* NULL: no TCP */
	struct xn_knocker *knocker;
	json_t *judged;	 /* rows of the Il that is being closed, by network */
	json_t *periods; /* reports that wait for their guests, as text, by network */
};

/* --- sessions speak to planes --- */

static bool is_defined(const char *network, void *arg)
{
	const struct xn_daemon *d = arg;

	return xn_state_net(d->state, network) >= 0;
}

static bool is_split(const char *network, void *arg)
{
	return xn_plane_of(arg, network);
}

static void sync_begin(const char *network, void *arg)
{
	xn_plane_sync_begin(xn_plane_of(arg, network));
}

static void sync_end(const char *network, void *arg)
{
	xn_plane_sync_end(xn_plane_of(arg, network));
}

static int take_interfaces(const char *network, const struct xn_interfaces *all, struct xn_err *err,
			   void *arg)
{
	return xn_plane_interfaces(xn_plane_of(arg, network), all->list, all->n, err);
}

static int take_route(const char *network, const struct xn_route_change *change, struct xn_err *err,
		      void *arg)
{
	return xn_plane_route(xn_plane_of(arg, network), change->add, &change->route, err);
}

static int take_rules(const char *network, const char *json, size_t length, struct xn_err *err,
		      void *arg)
{
	return xn_plane_rules(xn_plane_of(arg, network), json, length, err);
}

static int take_qos(const char *network, const struct xn_qos *qos, struct xn_err *err, void *arg)
{
	return xn_plane_qos(xn_plane_of(arg, network), qos, err);
}

static const struct xn_session_calls session_calls = {
	.defined = is_defined,
	.split = is_split,
	.sync_begin = sync_begin,
	.sync_end = sync_end,
	.interfaces = take_interfaces,
	.route = take_route,
	.rules = take_rules,
	.qos = take_qos,
};

/* --- by vchan --- */

/* May a guest of @net be expected that is not here? */
static bool is_missing(const struct xn_daemon *d, size_t net)
{
	const char *name = d->state->nets[net].def->name;
	const struct xn_pins *pins = xn_sessions_pins(d->channel->sessions);

	return !xn_sessions_has(d->channel->sessions, name) &&
	       (xn_pins_key(pins, name) || xn_pins_offered(pins, name, xn_sessions_now()));
}

/* Of the first vif only, where a domain has several. */
static const struct xn_vif *first_vif(const struct xn_daemon *d, const struct xn_port *port)
{
	const struct xn_device *device = xn_devices_at(d->devices, port->ifindex);

	for (const struct xn_port *other = d->state->ports; device && other < port; other++) {
		const struct xn_device *before = xn_devices_at(d->devices, other->ifindex);

		if (other->by_domain && before && before->vif.domid == device->vif.domid)
			return NULL;
	}
	return device && device->kind == XN_DEVICE_VIF ? &device->vif : NULL;
}

static bool next_domain(size_t n, uint32_t *domid, void *arg)
{
	const struct xn_daemon *d = arg;
	const struct xn_state *s = d->state;

	for (size_t p = 0; p < s->n_ports; p++) {
		const struct xn_port *port = &s->ports[p];
		const struct xn_vif *vif;

		if (!port->by_domain || !port->ifindex || !is_missing(d, port->net))
			continue;
		vif = first_vif(d, port);
		if (!vif || n--)
			continue;
		*domid = vif->domid;
		return true;
	}
	return false;
}

/* --- by TCP --- */

static void listen_where_told(struct xn_daemon *d)
{
	struct xn_channel *channel = d->channel;
	const char *address = d->state->config->machine.channel_listen;
	struct xn_err err;

	if (channel->listener && address &&
	    !strcmp(xn_listener_address(channel->listener), address))
		return;
	xn_listener_close(channel->listener);
	channel->listener = NULL;
	if (!address)
		return;
	channel->listener = xn_listener_open(d->event, channel->sessions, address, &err);
	if (!channel->listener)
		xn_log(SD_ERR, "%s", err.text);
}

/* --- life --- */

int xn_channel_open(struct xn_daemon *d, struct xn_err *err)
{
	struct xn_channel *channel = calloc(1, sizeof(*channel));
	char dir[4096];
	int rc;

	if (!channel) {
		xn_err_set(err, "no memory");
		return -ENOMEM;
	}
	snprintf(dir, sizeof(dir), "%s/keys", d->options.config);
	channel->sessions = xn_sessions_open(d->event, dir, &session_calls, d, err);
	if (!channel->sessions) {
		xn_log(SD_ERR, "no channel: %s", err->text);
		free(channel);
		return 0;
	}
	rc = xn_knocker_open(&channel->knocker, d->event, channel->sessions, next_domain, d);
	if (rc < 0)
		xn_log(SD_ERR, "no channel by vchan: %s", strerror(-rc));
	d->channel = channel;
	listen_where_told(d);
	return 0;
}

void xn_channel_close(struct xn_channel *channel)
{
	if (!channel)
		return;
	xn_knocker_close(channel->knocker);
	xn_listener_close(channel->listener);
	xn_sessions_close(channel->sessions);
	json_decref(channel->judged);
	json_decref(channel->periods);
	free(channel);
}

void xn_channel_follow(struct xn_daemon *d)
{
	if (!d->channel)
		return;
	listen_where_told(d);
	xn_sessions_follow(d->channel->sessions);
}

/* --- reports --- */

void xn_channel_judged(struct xn_daemon *d, const char *network, const char *resource,
		       const struct xn_figures *period)
{
	enum xn_resource_kind kind = xn_resource_of_row(resource);
	char demand[XN_RESOURCE_KEY], through[XN_RESOURCE_KEY];
	json_t *rows;

	if (!d->channel || !xn_sessions_has(d->channel->sessions, network))
		return;
	if (!d->channel->judged)
		d->channel->judged = json_object();
	rows = json_object_get(d->channel->judged, network);
	if (!rows) {
		rows = json_array();
		json_object_set_new(d->channel->judged, network, rows);
	}
	json_array_append_new(
		rows,
		json_pack("{ss sf sf sf sf sf sf sf sI sI}", "resource", resource,
			  xn_resource_key(kind, "demand", demand), xn_figures_demand(period),
			  xn_resource_key(kind, "throughput", through), xn_figures_through(period),
			  "ec_mean", xn_figures_ec(period), "el", xn_figures_el(period),
			  "conformity", xn_figures_c(period), "punished",
			  xn_figures_punished(period), "depth", xn_figures_depth(period),
			  "breaches_short", (json_int_t)period->breaches_short, "breaches_long",
			  (json_int_t)period->breaches_long));
}

static void send_report(const struct xn_daemon *d, const char *network, json_t *rows)
{
	struct timespec now;
	json_t *report;
	char *text;

	clock_gettime(CLOCK_REALTIME, &now);
	report = json_pack("{ss sf sf sO}", "network", network, "time",
			   now.tv_sec + now.tv_nsec / 1e9, "long_interval",
			   d->state->config->machine.il / 1e9, "resources", rows);
	text = report ? json_dumps(report, JSON_COMPACT) : NULL;
	if (text)
		xn_sessions_report(d->channel->sessions, network, text);
	free(text);
	json_decref(report);
}

static void send_periods(struct xn_channel *channel)
{
	const char *network;
	json_t *text;
	void *next;

	json_object_foreach_safe(channel->periods, next, network, text) {
		if (!xn_sessions_has(channel->sessions, network))
			continue;
		xn_sessions_report(channel->sessions, network, json_string_value(text));
		json_object_del(channel->periods, network);
	}
}

void xn_channel_report(struct xn_daemon *d)
{
	const char *network;
	json_t *rows;

	if (!d->channel)
		return;
	json_object_foreach(d->channel->judged, network, rows)
		send_report(d, network, rows);
	json_decref(d->channel->judged);
	d->channel->judged = NULL;
	send_periods(d->channel);
}

json_t *xn_channel_guests(const struct xn_daemon *d)
{
	json_t *guests = json_object();

	for (size_t n = 0; d->channel && n < d->state->n_nets; n++) {
		const char *name = d->state->nets[n].def->name;

		if (xn_pins_key(xn_sessions_pins(d->channel->sessions), name))
			json_object_set_new(guests, name, json_null());
	}
	return guests;
}

/* What does not fit into a message goes without its points. */
static char *fitting_text(const json_t *report)
{
	char *text = json_dumps(report, JSON_COMPACT);
	json_t *copy, *network, *resource;
	size_t i, k;

	if (!text || strlen(text) <= XN_REPORT_MAX)
		return text;
	free(text);
	copy = json_deep_copy(report);
	json_array_foreach(json_object_get(copy, "networks"), i, network)
		json_array_foreach(json_object_get(network, "resources"), k, resource)
			json_object_del(resource, "points");
	text = copy ? json_dumps(copy, JSON_COMPACT) : NULL;
	json_decref(copy);
	return text;
}

void xn_channel_period(struct xn_daemon *d, const char *network, const json_t *report)
{
	char *text = d->channel ? fitting_text(report) : NULL;

	if (text && !d->channel->periods)
		d->channel->periods = json_object();
	if (text)
		json_object_set_new(d->channel->periods, network, json_string(text));
	free(text);
}

/* --- for people --- */

/* Return: is there a vif of a domain of the network? */
static bool is_on_xen(const struct xn_daemon *d, size_t net)
{
	for (size_t p = 0; p < d->state->n_ports; p++)
		if (d->state->ports[p].net == net && d->state->ports[p].by_domain)
			return true;
	return false;
}

/* A wildcard is where Dom0 listens, not where a guest finds it. */
static bool is_reachable(const char *address)
{
	return strncmp(address, "0.0.0.0:", 8) && strncmp(address, "[::]:", 5);
}

static int choose_address(const struct xn_daemon *d, size_t net, const char *given,
			  char address[XN_ADDRESS_MAX], struct xn_err *err)
{
	const char *listen = d->state->config->machine.channel_listen;
	const char *why;

	if (!*given && is_on_xen(d, net))
		given = XN_VCHAN_WORD;
	else if (!*given && listen && is_reachable(listen))
		given = listen;
	if (!*given) {
		xn_err_set(err, "say how the guest reaches Dom0: address vchan, or address "
				"192.0.2.1:4790 with channel.listen in xnetman.yaml");
		return -EINVAL;
	}
	why = strlen(given) < XN_ADDRESS_MAX ? xn_dom0_address_check(given) : "is too long";
	if (why) {
		xn_err_set(err, "address \"%s\" %s", given, why);
		return -EINVAL;
	}
	strcpy(address, given);
	return 0;
}

static int find_network(const struct xn_daemon *d, const char *network, long *net,
			struct xn_err *err)
{
	*net = xn_state_net(d->state, network);
	if (!d->channel) {
		xn_err_set(err, "there is no channel: the daemon's log says why");
		return -EIO;
	}
	if (*net < 0) {
		xn_err_set(err, "network %s: no such network", network);
		return -ENOENT;
	}
	return 0;
}

int xn_channel_enroll(struct xn_daemon *d, const char *network, const char *address,
		      char text[XN_TOKEN_MAX], struct xn_err *err)
{
	struct xn_token token;
	long net;
	int rc = find_network(d, network, &net, err);

	if (!rc)
		rc = choose_address(d, net, address, token.address, err);
	if (rc)
		return rc;
	rc = xn_pins_offer(xn_sessions_pins(d->channel->sessions), network, xn_sessions_now(),
			   token.secret);
	if (rc) {
		xn_err_set(err, "network %s: %s", network,
			   rc == -ENOSPC ? "too many enrolments are open" : strerror(-rc));
		return rc;
	}
	token.dom0 = *xn_sessions_key(d->channel->sessions);
	xn_token_print(&token, text);
	xn_log(SD_NOTICE, "channel: network %s: a guest may enrol within an hour", network);
	return 0;
}

int xn_channel_revoke(struct xn_daemon *d, const char *network, struct xn_err *err)
{
	int rc;

	if (!d->channel) {
		xn_err_set(err, "there is no channel: the daemon's log says why");
		return -EIO;
	}
	rc = xn_pins_revoke(xn_sessions_pins(d->channel->sessions), network, err);
	if (rc)
		return rc;
	xn_sessions_end(d->channel->sessions, network, "its key was revoked");
	xn_log(SD_NOTICE, "channel: network %s: its key is revoked", network);
	return 0;
}

json_t *xn_channel_list(const struct xn_daemon *d)
{
	json_t *list = json_array();

	for (size_t n = 0; d->channel && n < d->state->n_nets; n++)
		json_array_append_new(
			list, xn_sessions_show(d->channel->sessions, d->state->nets[n].def->name));
	return list;
}
